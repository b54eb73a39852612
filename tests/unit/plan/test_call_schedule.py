"""`priority`, `not_before` and `not_after` of a call: literal, from variables, from rows."""

from pathlib import Path

import pytest
from unit.plan.desk import Read, plan

from orchestrator.model.call import CallSchedule, SkippedRow

MORNING, EVENING = '"2026-11-22T09:30:00+05:30"', '"2026-11-22T15:00:00Z"'
AT_MORNING, AT_EVENING = 1795320000.0, 1795359600.0


def call(folder: Path, keys: str, more: str = "") -> Read:
    return plan(folder, f'{more}calls:\n  - {{id: a, To: "+919900000001", {keys}}}\n')


def rows(folder: Path, data: str, keys: str, spec: str = "d.csv") -> Read:
    (folder / "d.csv").write_text(data)
    text = f'calls:\n  - id: "c-${{row.n}}"\n    rows: {spec}\n    To: "+91990000000${{row.n}}"\n{keys}'
    return plan(folder, text)


@pytest.mark.parametrize(
    ("keys", "terms"),
    [
        ("x-note: none", CallSchedule()),
        ("priority: 10", CallSchedule(10)),
        ('priority: "-3"', CallSchedule(-3)),
        (f"not_before: {MORNING}", CallSchedule(0, AT_MORNING)),
        (f"not_after: {EVENING}, not_before: {MORNING}, priority: 0", CallSchedule(0, AT_MORNING, AT_EVENING)),
        (f"not_after: {MORNING}, not_before: {MORNING}", CallSchedule(0, AT_MORNING, AT_MORNING)),
        ("timezone: America/New_York", CallSchedule(timezone="America/New_York")),
    ],
)
def test_literal_terms_of_one_call(tmp_path: Path, keys: str, terms: CallSchedule) -> None:
    read = call(tmp_path, keys)
    assert read.told == []
    assert [each.schedule for each in read.calls] == [terms]


def test_terms_from_variables(tmp_path: Path) -> None:
    more = f"vars: {{p: '7', t: {MORNING}, none: ''}}\n"
    read = call(tmp_path, "priority: '${var.p}', not_before: '${var.t}', not_after: '${var.none}'", more)
    assert read.told == []
    assert read.calls[0].schedule == CallSchedule(7, AT_MORNING)


@pytest.mark.parametrize(
    ("keys", "problem", "column"),
    [
        ("priority: high", "wrong-form", 44),
        ("priority: 1.5", "wrong-form", 44),
        ("priority: 1000001", "too-large", 44),
        ("priority: -1000001", "too-small", 44),
        ("priority: [1]", "wrong-type", 34),
        ("not_before: today", "wrong-form", 46),
        ("not_after: 2026-11-22", "wrong-form", 45),
        ("not_after: '0001-01-01T00:00:00Z'", "wrong-form", 45),
        ("not_after: ''", "wrong-form", 45),
        ("not_before: {a: b}", "wrong-type", 34),
        ("priority: '${var.p}'", "not-an-integer", 44),
        ("priority: '${var.q}'", "not-an-integer", 44),
        ("not_before: '${var.p}'", "wrong-form", 46),
        ("not_before: '${var.nothing}'", "unknown-variable", 47),
        ("not_before: '${row.start}'", "row-without-rows", 47),
        (f"not_before: {EVENING}, not_after: {MORNING}", "times-impossible", 46),
        ("timezone: callee", "wrong-form", 44),
        ("timezone: localtime", "wrong-form", 44),
        ("timezone: '${var.p}'", "wrong-form", 44),
    ],
)
def test_what_is_wrong_is_told_once_at_its_place(tmp_path: Path, keys: str, problem: str, column: int) -> None:
    read = call(tmp_path, keys, "vars: {p: high, q: '1000001'}\n")
    assert [(each.id, each.spans[0].line, each.spans[0].column) for each in read.errors] == [(problem, 8, column)]
    assert read.errors[0].hint
    assert read.loaded.plan is None or read.calls == []


KEYS = '    priority: "${row.p}"\n    not_before: "${row.start}"\n    not_after: "${row.end}"\n'


def test_terms_from_rows_where_empty_is_not_set(tmp_path: Path) -> None:
    data = f"n,p,start,end\n1,5,{MORNING},{EVENING}\n2,,,\n3, -5 ,,2026-11-22T15:00Z\n"
    read = rows(tmp_path, data, KEYS)
    assert read.told == []
    assert [each.schedule for each in read.calls] == [
        CallSchedule(5, AT_MORNING, AT_EVENING),
        CallSchedule(),
        CallSchedule(-5, None, AT_EVENING),
    ]


def test_part_of_a_value_may_come_from_a_row(tmp_path: Path) -> None:
    read = rows(tmp_path, "n,day\n1,22\n", '    not_before: "2026-11-${row.day}T09:30:00+05:30"\n    priority: 4\n')
    assert [each.schedule for each in read.calls] == [CallSchedule(4, AT_MORNING)]


BAD = f"n,p,start,end\n1,high,,\n2,,today,\n3,1,{EVENING},{MORNING}\n4,1,,\n"


def test_a_bad_term_is_told_at_the_row_and_at_the_plans_place(tmp_path: Path) -> None:
    read = rows(tmp_path, BAD, KEYS)
    plan_, data = str(tmp_path / "plan.yaml"), str(tmp_path / "d.csv")
    assert [(each.id, [(span.file, span.line) for span in each.spans]) for each in read.errors] == [
        ("not-an-integer", [(data, 2), (plan_, 10)]),
        ("wrong-form", [(data, 3), (plan_, 11)]),
        ("times-impossible", [(data, 4), (plan_, 11), (plan_, 12)]),
    ]
    assert read.errors[0].message == "`priority` is `high`, which is not a whole number from -1000000 to 1000000"
    assert read.errors[1].message == "`not_before` is `today`, which is not a date and time with its offset"
    assert [each.id for each in read.calls] == ["c-4"]


def test_rows_with_bad_terms_are_skipped_where_bad_rows_are(tmp_path: Path) -> None:
    read = rows(tmp_path, BAD, KEYS, "{file: d.csv, bad: skip}")
    assert read.errors == []
    assert [each.message.split(":")[0] for each in read.told] == ["row skipped"] * 3
    skipped = [each for each in read.loaded.calls() if isinstance(each, SkippedRow)]
    assert [each.id for each in skipped] == ["c-1", "c-2", "c-3"]


def test_a_column_that_the_data_does_not_have_is_told(tmp_path: Path) -> None:
    read = rows(tmp_path, "n,p,start\n1,1,\n", KEYS)
    assert [(each.id, each.spans[0].line) for each in read.errors] == [("unknown-column", 12)]


def test_a_fixed_term_is_judged_once_and_not_for_every_row(tmp_path: Path) -> None:
    keys = f'    priority: high\n    not_before: {EVENING}\n    not_after: {MORNING}\n    TimeLimit: "${{row.n}}"\n'
    read = rows(tmp_path, "n\n60\n70\n", keys)
    assert [(each.id, each.spans[0].line) for each in read.errors] == [("wrong-form", 10), ("times-impossible", 11)]
    assert read.loaded.plan is None or read.calls == []
