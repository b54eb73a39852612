"""`validate --fix`: plans and target files are mended in place, and nothing else is."""

import json
import re
import stat
from pathlib import Path

import pytest
from click.testing import CliRunner, Result

from orchestrator.cli.main import main

PLAN = """\
version: 1
name: mend     # the name
purpose: Transactional
defaults: {from: "+918123456789", CallerId: 07410410123, Record: yes}
calls:
  - id: row-${row.n}
    rows: rows.csv
    To: ${row.phone}
"""
MENDED = """\
version: 1
name: mend     # the name
purpose: transactional
defaults: {From: "+918123456789", CallerId: "07410410123", Record: true}
calls:
  - id: row-${row.n}
    rows: rows.csv
    To: ${row.phone}
"""
ROWS = "n,phone\n1,08012345678\n"


def validate(*args: str, stdin: str | None = None) -> Result:
    return CliRunner().invoke(main, ["validate", *args], input=stdin)


@pytest.fixture
def plan(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    monkeypatch.chdir(tmp_path)
    (tmp_path / "rows.csv").write_text(ROWS)
    path = tmp_path / "plan.yaml"
    path.write_text(PLAN)
    return path


def test_a_plan_is_mended_and_what_is_left_is_told(plan: Path):
    plan.write_text(PLAN.replace("Record", "Rekorder: x, Record"))
    done = validate("plan.yaml", "--fix")
    assert done.exit_code == 3
    assert "error[unknown-key]: `Rekorder`" in done.stdout
    told = re.search(r"^plan.yaml: fixed 4, (\d+) left\n1 file checked: (.*)\n\Z", done.stdout, re.MULTILINE)
    assert told is not None, done.stdout
    assert int(told[1]) == sum(map(int, re.findall(r"\d+", told[2]))) == done.stdout.count("hint: ")
    assert done.stdout.count("error[") == 1
    assert plan.read_text() == MENDED.replace("Record", "Rekorder: x, Record")
    assert (plan.parent / "rows.csv").read_text() == ROWS


def test_without_fix_nothing_is_written_and_the_screen_says_what_it_would_mend(plan: Path):
    done = validate("plan.yaml")
    assert done.exit_code == 3
    assert "--fix mends 4 of these\n1 file checked: 3 errors, 0 warnings, 1 note\n" in done.stdout
    assert plan.read_text() == PLAN


@pytest.mark.parametrize("mark", ["", "\ufeff"])
@pytest.mark.parametrize("end", ["\n", "\r\n"])
def test_marks_line_ends_and_mode_stay(plan: Path, mark: str, end: str):
    plan.chmod(0o640)
    plan.write_bytes((mark + PLAN.replace("\n", end)).encode())
    done = validate("plan.yaml", "--fix")
    assert done.exit_code == 0, done.stdout
    assert plan.read_bytes() == (mark + MENDED.replace("\n", end)).encode()
    assert stat.S_IMODE(plan.stat().st_mode) == 0o640


def test_a_file_without_mistakes_is_not_written(plan: Path):
    plan.write_text(MENDED)
    before = plan.stat()
    assert "fixed" not in validate("plan.yaml", "--fix").stdout
    assert plan.stat() == before


def test_what_a_fix_uncovers_is_mended_too(plan: Path):
    plan.write_text(PLAN.replace("Record: yes", "calltype: Trans, record: yes, caller: 1"))
    validate("plan.yaml", "--fix")
    assert "CallType: trans, Record: true, caller: 1" in plan.read_text()


def test_all_of_a_kind_are_mended_though_only_the_first_are_shown(plan: Path):
    calls = "".join(f"  - {{id: c-{n}, To: 0801234{n:04}}}\n" for n in range(300))
    plan.write_text(MENDED + calls)
    assert "plan.yaml: fixed 300, " in validate("plan.yaml", "--fix").stdout
    assert '{id: c-299, To: "08012340299"}' in plan.read_text()


def test_a_file_that_is_named_twice_is_mended_once(plan: Path):
    done = validate("plan.yaml", "./plan.yaml", "--fix", "--quiet")
    assert done.exit_code == 0, done.stdout
    assert plan.read_text() == MENDED


def test_a_target_file_is_mended_too(plan: Path):
    target = plan.with_name("target.yaml")
    target.write_text("kind: sandbox\nShared: no  # ours\n")
    assert validate("target.yaml", "--fix").exit_code == 0
    assert target.read_text() == "kind: sandbox\nshared: false  # ours\n"


def test_a_plan_that_cannot_be_read_stays(plan: Path):
    plan.write_text(PLAN + "calls: []\n")
    assert validate("plan.yaml", "--fix").exit_code == 3
    assert plan.read_text() == PLAN + "calls: []\n"


def test_a_data_file_is_never_changed(plan: Path):
    rows = plan.with_name("rows.csv")
    rows.write_text(ROWS.replace("08012345678", " 08012345678 "))
    done = validate("plan.yaml", "--fix")
    assert done.exit_code == 3
    assert "rows.csv:2:1: error[not-a-number]" in done.stdout
    assert rows.read_text() == ROWS.replace("08012345678", " 08012345678 ")


def test_stdin_cannot_be_mended():
    assert validate("-", "--fix", stdin=PLAN).exit_code == 2


def test_programs_are_told_the_edits_without_a_number(plan: Path):
    found = json.loads(validate("plan.yaml", "--format", "json").stdout)["findings"]
    fixes = {finding["id"]: finding["fix"] for finding in found if "fix" in finding}
    assert fixes["unknown-key"] == [{"file": "plan.yaml", "line": 4, "column": 12, "end_column": 16, "text": "From"}]
    assert [(edit["column"], edit["end_column"], edit["text"]) for edit in fixes["quote-the-number"]] == [
        (45, 45, '"'),
        (56, 56, '"'),
    ]
    (result,) = (
        each
        for each in json.loads(validate("plan.yaml", "--format", "sarif").stdout)["runs"][0]["results"]
        if each["ruleId"] == "quote-the-number"
    )
    (fix,) = result["fixes"]
    (change,) = fix["artifactChanges"]
    assert change["artifactLocation"] == {"uri": "plan.yaml"}
    assert change["replacements"][1] == {
        "deletedRegion": {"startLine": 4, "startColumn": 56, "endLine": 4, "endColumn": 56},
        "insertedContent": {"text": '"'},
    }
