"""A report appears whole or not at all, and only its owner can read it."""

import os
import stat
import subprocess
import sys
from pathlib import Path

import pytest

from orchestrator.model.errors import CannotProceed
from orchestrator.reports.report_file import check_destination, write_report


def test_the_file_has_mode_0600_under_any_umask(tmp_path):
    before = os.umask(0)
    try:
        write_report(str(tmp_path / "r.json"), ["{", "}\n"])
    finally:
        os.umask(before)
    assert stat.S_IMODE((tmp_path / "r.json").stat().st_mode) == 0o600
    assert (tmp_path / "r.json").read_bytes() == b"{}\n"


def test_an_existing_report_is_replaced_also_where_it_was_readable_by_all(tmp_path):
    path = tmp_path / "r.json"
    path.write_text("old")
    path.chmod(0o644)
    write_report(str(path), ["new"])
    assert path.read_text() == "new"
    assert stat.S_IMODE(path.stat().st_mode) == 0o600


def test_a_report_that_breaks_off_leaves_the_old_one_and_no_litter(tmp_path):
    path = tmp_path / "r.json"
    path.write_text("old")

    def chunks():
        yield "half"
        raise RuntimeError("the journal broke")

    with pytest.raises(RuntimeError):
        write_report(str(path), chunks())
    assert path.read_text() == "old"
    assert [file.name for file in tmp_path.iterdir()] == ["r.json"]


def test_a_destination_that_cannot_be_is_told_before_anything_is_dialed(tmp_path):
    (tmp_path / "file").write_text("")
    for path in (tmp_path / "missing" / "r.json", tmp_path, tmp_path / "file" / "r.json"):
        with pytest.raises(CannotProceed):
            check_destination(str(path))
    check_destination(str(tmp_path / "r.json"))
    check_destination("-")


def test_a_disk_that_refuses_is_cannot_proceed_and_says_that_the_journal_has_everything(tmp_path):
    with pytest.raises(CannotProceed) as told:
        write_report(str(tmp_path / "missing" / "r.json"), ["x"])
    assert "journal" in str(told.value.hint)


def test_a_dash_is_stdout(capsys):
    write_report("-", ["a", "b\n"])
    assert capsys.readouterr().out == "ab\n"


def test_a_reader_that_has_gone_is_no_error():
    code = "from orchestrator.reports.report_file import write_report as w; w('-', ('x' * 100 for _ in range(10**5)))"
    root = Path(__file__).parents[3]
    process = subprocess.Popen(
        [sys.executable, "-c", code], stdout=subprocess.PIPE, stderr=subprocess.PIPE, cwd=root, text=True
    )
    assert process.stdout is not None
    process.stdout.close()
    assert process.stderr is not None
    with process.stderr:
        assert process.stderr.read() == ""
    assert process.wait(30) == 0


def test_what_a_program_reads_from_stdout_is_utf_8_whatever_the_terminal_speaks():
    code = "from orchestrator.reports.report_file import write_report as w; w('-', ['\\ufeff\u5ba2\\n'])"
    root = Path(__file__).parents[3]
    environment = {**os.environ, "PYTHONIOENCODING": "latin-1:backslashreplace"}
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, cwd=root, env=environment)
    assert (done.stdout, done.stderr) == ("\ufeff\u5ba2\n".encode(), b"")
