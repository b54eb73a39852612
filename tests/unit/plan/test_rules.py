"""The rules that judge plans: each tells what it should and no more, and those of calls do so in any number of them."""

from collections import Counter
from pathlib import Path

import pytest
from unit.plan.desk import plan

from orchestrator.model.diagnostic import Diagnostic, Severity
from orchestrator.plan.rules.registry import RULES


def told(folder: Path, text: str, rows: str = "") -> list[Diagnostic]:
    """What the rules tell of a plan whose rows are these, and nothing else."""
    (folder / "rows.csv").write_text(rows)
    ids = {rule.id for rule in RULES}
    return [each for each in plan(folder, text).told if each.id in ids]


def ids(found: list[Diagnostic]) -> list[str]:
    return sorted(each.id for each in found)


def test_the_id_of_a_rule_is_its_own_and_none_is_an_error() -> None:
    assert [name for name, count in Counter(rule.id for rule in RULES).items() if count > 1] == []
    assert {rule.severity for rule in RULES} <= {Severity.WARNING, Severity.NOTE}


def test_each_rule_judges_in_one_way() -> None:
    for rule in RULES:
        ways = [way for way in (rule.of_parameters, rule.of_plan, rule.of_calls) if way is not None]
        assert len(ways) == 1, rule.id
        assert bool(rule.about) == (rule.of_parameters is not None), rule.id


@pytest.mark.parametrize(
    ("parameters", "expected"),
    [
        ("StatusCallbackEvents: [answered]", ["custom-field-lost"]),
        ("StatusCallbackEvents: [answered, terminal]", []),
        ("StatusCallback: https://hooks.acme.example/", ["custom-field-lost"]),
        ("StatusCallback: https://hooks.acme.example/\n    StatusCallbackEvents: [terminal]", []),
        ("TimeOut: 30", []),
    ],
)
def test_a_custom_field_wants_the_terminal_event(tmp_path: Path, parameters: str, expected: list[str]) -> None:
    call = f'calls:\n  - id: a\n    To: "+919900000001"\n    CustomField: x\n    {parameters}\n'
    assert ids(told(tmp_path, call)) == expected


def test_what_is_told_of_parameters_is_told_once_for_the_place_that_decides_them(tmp_path: Path) -> None:
    rows = "".join(f"{n},+9199{n:08},{'mp3-hq' if n % 2 else 'mp3'}\n" for n in range(3_000))
    text = (
        "calls:\n  - id: o-${row.n}\n    rows: rows.csv\n    To: ${row.phone}\n    Record: true\n"
        "    RecordingFormat: ${row.format}\n"
    )
    found = told(tmp_path, text, f"n,phone,format\n{rows}")
    assert [(each.id, each.spans[0].line) for each in found] == [("on-demand-feature", 11)]


ONE_PER_ROW = "calls:\n  - id: o-${row.id}\n    rows: rows.csv\n    To: ${row.phone}\n"


@pytest.mark.parametrize("agent", ["+918069171234", "08069171234"])
def test_ids_that_hold_a_number_are_counted_together_and_the_first_of_them_shown(tmp_path: Path, agent: str) -> None:
    rows = "".join(f"99{n:08},+9199{n:08}\n" for n in range(2_500)) + f"{agent[-10:]},+919876543210\nx,09876543211\n"
    (found,) = told(tmp_path, ONE_PER_ROW, f"id,phone\n{rows}")
    assert (found.id, found.count) == ("number-in-id", 2_501)
    assert [span.line for span in found.spans] == [2, 3, 4, 5, 6]


@pytest.mark.parametrize(
    ("call_id", "number", "is_told"),
    [
        ("+91 98765 43210", "+919876543210", False),  # not the digits in one piece
        ("o-9876543210", "098765-43210", True),
        ("o-9876543210", "+919876543211", False),
        ("o-876543210", "+919876543210", True),
        ("o-76543210", "+919876543210", False),
    ],
)
def test_an_id_holds_a_number_where_its_last_digits_stand_in_it(
    tmp_path: Path, call_id: str, number: str, is_told: bool
) -> None:
    found = told(tmp_path, f'calls:\n  - {{id: "{call_id}", To: "{number}"}}\n')
    assert ids(found) == ["number-in-id"] * is_told


OPEN = '[{days: mon-sat, hours: "09:00-21:00", timezone: Asia/Kolkata}]'


@pytest.mark.parametrize(
    ("window", "redial", "is_told"),
    [
        (OPEN, "{busy: {attempts: 3, after: 6h}}", False),  # twelve hours, and as long is open
        (OPEN, "{busy: {attempts: 3, after: 6h1m}}", True),
        (OPEN, "{busy: {attempts: 2, after: 1m}, failed: {attempts: 2, after: 13h}}", True),
        ('[{days: mon-sun, hours: "00:00-24:00", timezone: Asia/Kolkata}]', "{busy: {attempts: 9, after: 9d}}", False),
    ],
)
def test_a_stage_should_not_wait_longer_than_the_plan_is_open(
    tmp_path: Path, window: str, redial: str, is_told: bool
) -> None:
    text = f'calls: [{{id: a, To: "+919900000001"}}]\npolicy:\n  window: {window}\n  redial: {redial}\n'
    assert ids(told(tmp_path, f"{text}  stages: [1, 100%]\n")) == ["stage-outlasts-window"] * is_told
    assert told(tmp_path, text) == []
