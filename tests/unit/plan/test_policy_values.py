"""A plan's policy: values with their units, and what is refused because it would be ignored."""

import pytest

from orchestrator.model.diagnostic import Diagnostic, Severity
from orchestrator.model.policy import Policy, Rate, Window
from orchestrator.plan.check import check
from orchestrator.plan.document import read_document
from orchestrator.plan.policy_values import UNOBEYED, read_policy
from orchestrator.plan.schema import plan_schema

WEEK = frozenset(range(7))


def read(policy: str, calls: str = "[{id: a}]") -> tuple[Policy | None, tuple[Diagnostic, ...]]:
    text = f"version: 1\nname: x\ncalls: {calls}\n" + (f"policy: {policy}\n" if policy else "")
    root, found = read_document(text, "plan.yaml")
    assert root is not None
    assert not found
    assert not check(root, plan_schema()), "these tests are about values that the schema lets through"
    return read_policy(root)


def windows(days: str, hours: str = "09:00-21:00", zone: str = "Asia/Kolkata") -> tuple[Window, ...]:
    policy, found = read(f'{{window: [{{days: "{days}", hours: "{hours}", timezone: {zone}}}]}}')
    assert policy is not None
    assert not found
    return policy.windows


def test_without_a_policy_the_defaults_hold() -> None:
    assert read("") == (Policy(None, 20, (), ()), ())


def test_pace_and_concurrency() -> None:
    assert read("{pace: 150/minute, concurrency: 7}")[0] == Policy(pace=Rate(150, 60), concurrency=7)
    assert read("{pace: 10/6s}")[0] == Policy(pace=Rate(10, 6))


@pytest.mark.parametrize(
    ("typed", "days"),
    [
        ("mon", {0}),
        ("mon-sat", {0, 1, 2, 3, 4, 5}),
        ("mon,wed,fri", {0, 2, 4}),
        ("mon, wed", {0, 2}),
        ("sat-sun", {5, 6}),
        ("fri-mon", {4, 5, 6, 0}),
        ("mon-sun", WEEK),
        ("sun-sat", WEEK),
        ("tue-mon", WEEK),
        ("mon-tue,tue-wed", {0, 1, 2}),
    ],
)
def test_days_are_ranges_and_lists_and_go_over_the_weekend(typed: str, days: set[int]) -> None:
    assert windows(typed)[0].days == days


@pytest.mark.parametrize(
    ("typed", "start", "end"),
    [("09:00-21:00", 540, 1260), ("22:00-02:00", 1320, 120), ("00:00-24:00", 0, 1440), ("00:00-00:01", 0, 1)],
)
def test_hours_are_minutes_after_midnight(typed: str, start: int, end: int) -> None:
    assert (windows("mon", typed)[0].start, windows("mon", typed)[0].end) == (start, end)


def test_several_windows_keep_their_order() -> None:
    policy, _ = read(
        '{window: [{days: mon-fri, hours: "09:00-12:00", timezone: UTC},'
        ' {days: sat, hours: "10:00-11:00", timezone: Asia/Kolkata}]}'
    )
    assert policy is not None
    assert policy.windows == (
        Window(frozenset(range(5)), 540, 720, "UTC"),
        Window(frozenset({5}), 600, 660, "Asia/Kolkata"),
    )


def test_success_is_shares_by_disposition() -> None:
    policy, _ = read("{success: {completed: 60%, busy: 2.5%}}")
    assert policy is not None
    assert policy.success == (("completed", 0.6), ("busy", 0.025))


def test_more_than_all_calls_cannot_be_asked_for() -> None:
    policy, found = read("{success: {completed: 60%, busy: 41%}}")
    assert policy is None
    assert [(each.id, each.spans[0].line) for each in found] == [("success-impossible", 4)]


SHAPES = {
    "per_agent": "4",
    "per_person": "{attempts: 3, within: 24h}",
    "holidays": "h.csv",
    "redial": "{busy: {attempts: 3, after: 15m}}",
    "suppress": "[a.csv]",
    "dnd": "ignore",
    "stages": "[1, 5%]",
    "halt": "[{failed: 20%, of: 50}]",
    "limits": "{calls: 5}",
    "waive": "[{rule: a, owner: b, reason: c, until: 2027-03-31}]",
}


@pytest.mark.parametrize("key", UNOBEYED)
def test_a_guard_that_would_be_ignored_is_refused_at_its_key(key: str) -> None:
    policy, found = read(f"{{{key}: {SHAPES[key]}}}")
    assert policy is None
    assert [(each.id, each.severity) for each in found] == [("policy-not-obeyed", Severity.ERROR)]
    assert f"`policy.{key}`" in found[0].message
    assert (found[0].spans[0].line, found[0].spans[0].column) == (4, 10)
    assert found[0].hint == "remove it"


@pytest.mark.parametrize(
    "key", ["priority: 1", 'not_before: "2026-11-22T09:30:00Z"', 'not_after: "2026-11-22T09:30:00+05:30"']
)
def test_so_is_one_of_a_single_call(key: str) -> None:
    policy, found = read("", f"[{{id: a, {key}}}, {{id: b}}]")
    assert policy is None
    assert [(each.id, each.spans[0].line, each.spans[0].column) for each in found] == [("policy-not-obeyed", 3, 17)]


def test_every_key_of_the_schema_is_either_obeyed_or_refused() -> None:
    keys = set(plan_schema()["properties"]["policy"]["properties"])
    assert keys == {"pace", "concurrency", "window", "success"} | set(UNOBEYED)


@pytest.mark.parametrize(
    "policy",
    ["{pace: fast}", "{pace: [1]}", "{concurrency: 0}", "{concurrency: x}", "{window: []}", "{window: x}",
     "{window: [x]}", "{window: [{days: mon, hours: x, timezone: UTC}]}",
     "{window: [{days: mon, hours: '09:00-10:00'}]}",
     "{success: {completed: most}}", "{success: {}}", "[]", "x"],
)  # fmt: skip
def test_a_value_that_cannot_be_read_leaves_no_policy_and_is_told_by_the_check(policy: str) -> None:
    root, _ = read_document(f"version: 1\nname: x\ncalls: [{{id: a}}]\npolicy: {policy}\n", "plan.yaml")
    assert root is not None
    assert read_policy(root)[0] is None
    assert any(each.is_error and each.spans[0].line == 4 for each in check(root, plan_schema()))
