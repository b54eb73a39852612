"""`orchestrate validate`: every problem of every file at once, in four formats, with an exit code."""

import json
import re
from pathlib import Path

import pytest
from click.testing import CliRunner, Result

from orchestrator.cli.main import main

GOOD = """\
version: 1
name: good
purpose: transactional
defaults: {From: "+918123456789", CallerId: "07410410123"}
calls:
  - {id: a, To: "+919900000001"}
"""
BAD = """\
version: 1
name: bad
purpose: transactional
defaults: {From: "+918123456789", CallerId: "07410410123"}
calls:
  - id: a
    To: "+919900000001"
    CallType: promo
    TimeLimit: 20000
"""
WARNS = GOOD.replace("id: a,", "id: a, TimeOut: 90,")
TARGET = "kind: exotel\nbase_url: http://api.example.com\n"


@pytest.fixture
def here(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    for name, text in {"good": GOOD, "bad": BAD, "warns": WARNS, "target": TARGET}.items():
        (tmp_path / f"{name}.yaml").write_text(text)
    monkeypatch.chdir(tmp_path)
    return tmp_path


def validate(*args: str, stdin: str | bytes | None = None) -> Result:
    return CliRunner().invoke(main, ["validate", *args], input=stdin)


@pytest.mark.usefixtures("here")
class TestValidate:
    def test_a_good_plan_exits_0_and_says_so(self):
        found = validate("good.yaml")
        assert (found.exit_code, found.stdout) == (0, "1 file checked: 0 errors, 0 warnings\n")

    def test_all_problems_of_all_files_are_told_with_carets(self):
        found = validate("bad.yaml", "good.yaml", "target.yaml")
        assert found.exit_code == 3
        assert " 8 |     CallType: promo\n   |               ^^^^^\n" in found.stdout
        assert "bad.yaml:9:16: error[" in found.stdout
        assert "target.yaml:2:11: error[" in found.stdout
        assert found.stdout.endswith("3 files checked: 3 errors, 0 warnings\n")
        assert found.stderr == ""

    def test_a_target_file_is_told_by_its_kind_in_any_yaml_style(self):
        Path("flow.yaml").write_text('{"kind": "sandbox", "speed": 60}')
        assert validate("flow.yaml").exit_code == 0

    def test_stdin_is_a_plan(self):
        assert validate("-", stdin=GOOD).exit_code == 0
        found = validate("-", stdin=BAD)
        assert found.exit_code == 3
        assert found.stdout.startswith("-:8:15: error[")

    def test_stdin_that_is_no_text_is_a_finding(self):
        found = validate("-", stdin=b"version: 1\nname: caf\xe9\n")
        assert found.exit_code == 3
        assert found.stdout.startswith("-:2:10: error[not-utf-8]: ")

    def test_warnings_exit_0_and_with_strict_3(self):
        assert validate("warns.yaml").exit_code == 0
        assert "1 warning" in validate("warns.yaml").stdout
        assert validate("warns.yaml", "--strict").exit_code == 3

    def test_quiet_shows_errors_only(self):
        assert validate("warns.yaml", "--quiet").stdout == ""
        found = validate("bad.yaml", "-q")
        assert (found.exit_code, found.stdout.count("error[")) == (3, 2)
        assert "checked" not in found.stdout

    def test_quiet_shows_what_the_verdict_of_strict_is_for(self):
        shown = validate("warns.yaml", "--strict", "--quiet").stdout
        assert shown.startswith("warns.yaml:6:")
        assert "warning[" in shown

    def test_a_file_that_is_named_twice_is_checked_once(self):
        twice = validate("bad.yaml", "warns.yaml", "bad.yaml")
        assert twice.stdout == validate("bad.yaml", "warns.yaml").stdout

    @pytest.mark.parametrize("rows", [3, 250])
    def test_json_counts_what_text_counts(self, here: Path, rows: int):
        calls = "".join(f'  - {{id: a{n}, To: "99000{n:05d}", Record: true}}\n' for n in range(rows))
        head = GOOD.partition("calls:")[0]
        (here / "many.yaml").write_text(f"{head}calls:\n{calls}  - {{id: z, To: '12', TimeLimit: 0}}\n")
        document = json.loads(validate("many.yaml", "--format", "json").stdout)
        counts = [document[key] for key in ("errors", "warnings", "notes")]
        assert counts[1] >= rows
        last = validate("many.yaml").stdout.splitlines()[-1]
        assert list(map(int, re.findall("[0-9]+", last))) == [1, *counts]
        assert sum(each.get("count", 1) for each in document["findings"]) == sum(counts)

    def test_a_finding_of_many_calls_is_one(self, here: Path):
        calls = "".join(f'  - {{id: c{n}, To: "+9199000{n:05d}", TimeLimit: 60, Record: true}}\n' for n in range(7))
        (here / "many.yaml").write_text(f"{GOOD.partition('calls:')[0]}calls:\n{calls}")
        told = validate("many.yaml").stdout
        assert "note[record-without-notice]: 7 calls are recorded" in told
        assert told.endswith("1 file checked: 0 errors, 0 warnings, 1 note\n")

    def test_quiet_does_not_hide_the_verdict_of_strict(self):
        assert validate("warns.yaml", "--strict", "--quiet").exit_code == 3

    def test_verbose_names_every_file(self):
        assert "good.yaml: 0 errors, 0 warnings\n" in validate("good.yaml", "-v").stdout

    def test_json_is_one_document_for_all_files(self):
        found = validate("bad.yaml", "target.yaml", "--format", "json")
        document = json.loads(found.stdout)
        assert (found.exit_code, document["format"], document["errors"]) == (3, 1, 3)
        assert {finding["file"] for finding in document["findings"]} == {"bad.yaml", "target.yaml"}

    def test_sarif_is_one_run_for_all_files(self):
        document = json.loads(validate("bad.yaml", "target.yaml", "--format", "sarif").stdout)
        assert document["version"] == "2.1.0"
        assert len(document["runs"][0]["results"]) == 3

    def test_github_annotations_stand_one_a_line(self):
        lines = validate("bad.yaml", "--format", "github").stdout.splitlines()
        assert len(lines) == 2
        assert all(line.startswith("::error file=bad.yaml,line=") for line in lines)

    @pytest.mark.parametrize("format_", ["text", "json", "sarif", "github"])
    def test_numbers_are_masked_in_every_format_unless_asked_for(self, format_):
        Path("number.yaml").write_text(BAD.replace("promo", '"call +919900000001"'))
        assert "919900000001" not in validate("number.yaml", "--format", format_).stdout
        assert "919900000001" in validate("number.yaml", "--format", format_, "--unmask").stdout

    def test_a_file_that_is_missing_or_a_folder_is_a_finding(self, here):
        (here / "folder").mkdir()
        found = validate("missing.yaml", "folder")
        assert found.exit_code == 3
        assert "missing.yaml:1:1: error[no-such-file]" in found.stdout
        assert "folder:1:1: error[unreadable-file]" in found.stdout

    def test_of_many_problems_of_one_kind_the_first_are_shown_and_all_are_counted(self):
        rows = "".join(f'  - {{id: r-{n}, To: "nope"}}\n' for n in range(2000))
        Path("many.yaml").write_text(GOOD + rows)
        found = validate("many.yaml")
        assert found.exit_code == 3
        assert "1 file checked: 2,000 errors" in found.stdout
        assert len(found.stdout.splitlines()) < 1000

    def test_a_plan_is_judged_by_what_all_targets_beside_it_accept(self):
        Path("plan.yaml").write_text(GOOD.replace("id: a,", "id: a, CallType: other, New: x, Word: one,"))
        Path("one.yaml").write_text("kind: sandbox\naccept: {CallType: [other], Word: [two], New: [y]}\n")
        Path("two.yaml").write_text("kind: sandbox\naccept: {Word: [one], New: text}\n")
        assert validate("plan.yaml", "one.yaml", "two.yaml").exit_code == 0
        assert validate("plan.yaml", "one.yaml").stdout.count("error[") == 2
        assert validate("plan.yaml").stdout.count("error[") == 3

    def test_a_broken_target_accepts_nothing(self):
        Path("plan.yaml").write_text(GOOD.replace("id: a,", "id: a, New: x,"))
        Path("one.yaml").write_text("kind: sandbox\naccept: {New: text}\nlegs: 1\n")
        assert validate("plan.yaml", "one.yaml").stdout.count("error[") == 2
