"""`orchestrate fmt`: files are replaced whole, and only where they differ; --check and --diff write nothing."""

import json
import os
import stat
import subprocess
import sys
from pathlib import Path

import pytest
from click.testing import CliRunner, Result

from orchestrator.cli.main import main
from orchestrator.model.errors import CannotProceed
from orchestrator.plan.source_file import SourceFile, read_source

UGLY = """\
version: 1
name:   ugly
purpose: transactional


defaults: { From: +918123456789,CallerId: "07410410123" }   # both
calls:
- id: 7
  To: "+919900000001"
"""
CANONICAL = """\
version: 1
name: ugly
purpose: transactional

defaults: {From: "+918123456789", CallerId: "07410410123"}  # both
calls:
  - id: "7"
    To: "+919900000001"
"""


def fmt(*args: str, stdin: str | bytes | None = None) -> Result:
    return CliRunner().invoke(main, ["fmt", *args], input=stdin)


@pytest.fixture
def ugly(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    monkeypatch.chdir(tmp_path)
    path = tmp_path / "ugly.yaml"
    path.write_text(UGLY)
    return path


def names_beside(path: Path) -> list[str]:
    return sorted(each.name for each in path.parent.iterdir())


def test_a_file_is_brought_into_its_form_once(ugly: Path):
    done = fmt("ugly.yaml")
    assert (done.exit_code, done.stdout) == (0, "changed: ugly.yaml\n1 file: 1 changed\n")
    assert ugly.read_text() == CANONICAL
    before = ugly.stat()
    again = fmt("ugly.yaml", "-v")
    assert (again.exit_code, again.stdout) == (0, "unchanged: ugly.yaml\n1 file: 0 changed, 1 unchanged\n")
    assert ugly.stat() == before, "a file in its form is not written"


def test_the_calls_stay_what_they_were(ugly: Path):
    def review() -> dict[str, object]:
        done = CliRunner().invoke(main, ["plan", "ugly.yaml", "--format", "json", "--at", "2026-11-22T12:00:00+05:30"])
        return json.loads(done.stdout)

    before = review()
    fmt("ugly.yaml")
    assert ugly.read_text() == CANONICAL
    assert review()["digest"] == before["digest"]


def test_check_writes_nothing_and_exits_1(ugly: Path):
    done = fmt("--check", "ugly.yaml")
    assert (done.exit_code, done.stdout) == (1, "would change: ugly.yaml\n1 file: 1 would change\n")
    assert ugly.read_text() == UGLY
    assert fmt("--check", "--quiet", "ugly.yaml").stdout == ""
    ugly.write_text(CANONICAL)
    assert fmt("--check", "ugly.yaml").exit_code == 0


def test_diff_shows_masked_what_would_change(ugly: Path):
    done = fmt("--diff", "ugly.yaml")
    assert done.exit_code == 0
    assert done.stdout.startswith("--- ugly.yaml\n+++ ugly.yaml\n@@ ")
    assert '+defaults: {From: "+9181******89", CallerId: "07*******23"}  # both\n' in done.stdout
    assert "8123456789" not in done.stdout
    assert ugly.read_text() == UGLY
    assert fmt("--diff", "--check", "ugly.yaml").exit_code == 1


@pytest.mark.parametrize("text", [UGLY, UGLY.rstrip("\n"), UGLY.replace("\n", "\r\n")])
def test_an_unmasked_diff_is_what_patch_takes(ugly: Path, text: str):
    ugly.write_bytes(text.encode())
    shown = fmt("--diff", "--unmask", "ugly.yaml").stdout
    if "\r" in text:
        assert "\\r\n" in shown, "what moves a terminal's cursor is written out"
        return
    subprocess.run(["patch", "-s", "ugly.yaml"], input=shown, text=True, check=True, cwd=ugly.parent)
    assert ugly.read_text() == CANONICAL


def test_a_diff_cannot_command_a_pipeline(ugly: Path):
    ugly.write_text(UGLY + "x-note: 1\n\n\n  # ::error::forged ##vso[task]\n")
    shown = fmt("--diff", "ugly.yaml").stdout
    assert "##vso[" not in shown
    assert not any(line[1:].strip().startswith("::") for line in shown.splitlines())


def test_stdin_goes_to_stdout_byte_for_byte():
    done = fmt("-", stdin=b"\xef\xbb\xbfname:   caf\xc3\xa9\r\nx-note: '##vso[a]'\r\n")
    assert done.exit_code == 0
    assert done.stdout_bytes == b"name: caf\xc3\xa9\r\nx-note: '##vso[a]'\r\n"
    assert fmt("--check", "-", stdin="a:  1\n").exit_code == 1
    assert fmt("-", "ugly.yaml", stdin="a: 1\n").exit_code == 2


def test_a_byte_order_mark_goes(ugly: Path):
    ugly.write_bytes(b"\xef\xbb\xbf" + CANONICAL.encode())
    assert "\\ufeff" in fmt("--diff", "ugly.yaml").stdout
    fmt("ugly.yaml")
    assert ugly.read_text() == CANONICAL


def test_what_cannot_be_read_stays_and_the_others_are_changed(ugly: Path):
    broken = ugly.with_name("broken.yaml")
    broken.write_text("a: [\n")
    done = fmt("broken.yaml", "missing.yaml", "ugly.yaml")
    assert done.exit_code == 3
    assert "broken.yaml:1:4: error[yaml-syntax]" in done.stderr
    assert "missing.yaml:1:1: error[no-such-file]" in done.stderr
    assert done.stdout.endswith("3 files: 1 changed, 2 not readable\n")
    assert broken.read_text() == "a: [\n"
    assert ugly.read_text() == CANONICAL


def test_mode_and_links_stay(ugly: Path):
    ugly.chmod(0o640)
    link = ugly.with_name("link.yaml")
    link.symlink_to("ugly.yaml")
    assert fmt("link.yaml").exit_code == 0
    assert link.is_symlink()
    assert ugly.read_text() == CANONICAL
    assert stat.S_IMODE(ugly.stat().st_mode) == 0o640
    assert names_beside(ugly) == ["link.yaml", "ugly.yaml"], "nothing is left behind"


def test_a_link_out_of_the_root_is_refused(ugly: Path):
    inside = ugly.parent / "inside"
    inside.mkdir()
    (inside / "orchestrate.toml").touch()
    (inside / "link.yaml").symlink_to("../ugly.yaml")
    assert fmt("inside/link.yaml").exit_code == 3
    assert ugly.read_text() == UGLY


def test_a_file_with_a_second_name_is_not_parted_from_it(ugly: Path):
    os.link(ugly, ugly.with_name("other.yaml"))
    done = fmt("ugly.yaml")
    assert done.exit_code == 4
    assert "second name" in done.stderr
    assert ugly.read_text() == UGLY


def test_a_read_only_file_is_not_replaced(ugly: Path):
    ugly.chmod(0o444)
    plain = ["setpriv", "--bounding-set", "-dac_override"] if os.geteuid() == 0 else []  # root may write everywhere
    command = [*plain, sys.executable, "-m", "orchestrator", "fmt", "ugly.yaml"]
    assert subprocess.run(command, cwd=ugly.parent, capture_output=True).returncode == 4
    assert ugly.read_text() == UGLY


def test_what_somebody_has_changed_meanwhile_is_not_overwritten(ugly: Path):
    source = read_source(str(ugly))
    assert isinstance(source, SourceFile)
    ugly.write_text("mine: 1\n")
    with pytest.raises(CannotProceed, match="meanwhile"):
        source.replace(CANONICAL)
    assert ugly.read_text() == "mine: 1\n"
    assert names_beside(ugly) == ["ugly.yaml"]
