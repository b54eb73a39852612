"""A plan's policy: values with their units, and what is refused because it would be ignored."""

from dataclasses import fields
from datetime import date
from decimal import Decimal

import pytest

from orchestrator.model.diagnostic import Diagnostic, Severity
from orchestrator.model.policy import HaltRule, Limits, PersonCap, Policy, Rate, Redial, Stage, Window
from orchestrator.plan.policy.key import PolicyKey
from orchestrator.plan.policy.registry import POLICY_KEYS, read_policy
from orchestrator.plan.schema.check import check
from orchestrator.plan.schema.plan import plan_schema
from orchestrator.plan.yaml.document import read_document

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
    assert read("") == (Policy(), ())


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
    [("09:00-21:00", 540, 1260), ("22:00-02:00", 1320, 120), ("00:00-24:00", 0, 1440), ("00:00-00:02", 0, 2)],
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


def value(policy: str) -> Policy:
    read_, found = read(policy)
    assert read_ is not None, found
    assert found == ()
    return read_


def test_caps_of_agents_and_persons() -> None:
    assert value("{per_agent: 4}") == Policy(per_agent=4)
    assert value("{per_person: {attempts: 3, within: 1d}}") == Policy(per_person=PersonCap(3, 86400.0))


def test_redial_is_a_rule_by_ending() -> None:
    policy = value("{redial: {busy: {attempts: 3, after: 15m}, agent-no-answer: {attempts: 5, after: 2m}}}")
    assert policy.redial == (("busy", Redial(3, 900.0)), ("agent-no-answer", Redial(5, 120.0)))


def test_lists_are_kept_by_their_names() -> None:
    assert value("{suppress: [../a.csv, b.csv]}").suppress == ("../a.csv", "b.csv")


def test_stages_are_numbers_and_shares() -> None:
    assert value("{stages: [1, 5%, 100%]}").stages == (Stage(calls=1), Stage(share=0.05), Stage(share=1.0))


def test_halt_rules_have_shares_by_ending() -> None:
    policy = value("{halt: [{failed: 20%, of: 50}, {of: 10, busy: 100%, no-answer: 2.5%}]}")
    assert policy.halt == (
        HaltRule((("failed", 0.2),), 50),
        HaltRule((("busy", 1.0), ("no-answer", 0.025)), 10),
    )


def test_limits_have_their_units() -> None:
    policy = value(
        "{limits: {calls: 5, attempts: 9, minutes: 20, cost: 15000.50 INR,"
        ' from: "1971-01-01T05:30:00+05:30", until: "2026-11-22T15:00:00Z"}}'
    )
    assert policy.limits == Limits(5, 9, 20, Decimal("15000.50"), "INR", 31536000.0, 1795359600.0)
    assert value("{limits: {calls: 5}}").limits == Limits(calls=5)


def test_dates_of_the_file_stand_in_the_policy() -> None:
    root, _ = read_document("version: 1\npolicy: {holidays: h.csv}\n", "plan.yaml")
    assert root is not None
    dates = frozenset({date(2026, 1, 26)})
    assert read_policy(root, dates) == (Policy(holidays=dates), ())


JUDGED = [
    ("{stages: [5%, 5%]}", "stages-not-ascending", 23, "the stage 5% admits no more calls than 5%"),
    ("{stages: [20%, 5%, 100%]}", "stages-not-ascending", 24, "the stage 5% admits no more calls than 20%"),
    ("{stages: [9, 5%, 2, 100%]}", "stages-not-ascending", 26, "the stage 2 admits no more calls than 9"),
    ("{stages: [0%, 100%]}", "stages-not-ascending", 19, "the stage 0% admits no more calls than 0%"),
    ("{stages: [100%, 9]}", "stages-not-ascending", 25, "the stage 9 admits no more calls than 100%"),
    ("{halt: [{failed: 0%, of: 5}]}", "halt-always", 26, "`policy.halt` stops at 0% failed"),
    (
        '{limits: {until: "2026-11-22T09:30:00Z", from: "2026-11-22T15:00:01+05:30"}}',
        "limits-impossible",
        56,
        "`policy.limits.from` is later",
    ),
    ("{success: {completed: 60%, busy: 41%}}", "success-impossible", 10, "`policy.success` asks for more than 100%"),
]


@pytest.mark.parametrize(("policy", "problem", "column", "message"), JUDGED)
def test_what_only_the_values_together_show_is_told(policy: str, problem: str, column: int, message: str) -> None:
    made, found = read(policy)
    assert made is None
    errors = [each for each in found if each.is_error]
    assert [(each.id, each.spans[0].line, each.spans[0].column) for each in errors] == [(problem, 4, column)]
    assert errors[0].message.startswith(message)
    assert errors[0].hint


WARNED = [
    ("{stages: [1, 50%]}", "stages-end-early", 22, "the calls beyond the last stage are not dialed: 50% of all"),
    ("{stages: [1, 99.95%]}", "stages-end-early", 22, "the calls beyond the last stage are not dialed: 0.05% of all"),
    ("{stages: [1, 7]}", "stages-end-early", 22, "the calls beyond the last stage are not dialed: all but the first 7"),
    (
        "{redial: {busy: {after: 5m, attempts: 1}}}",
        "redial-never",
        47,
        "`policy.redial.busy` never dials again: the first attempt is included",
    ),
    (
        "{success: {completed: 60%, failed: 0%}}",
        "success-always-met",
        44,
        "`policy.success.failed` asks for at least 0%, which every run reaches",
    ),
    (
        "{success: {completed: 0.0%}}",
        "success-always-met",
        31,
        "`policy.success.completed` asks for at least 0%, which every run reaches",
    ),
]


@pytest.mark.parametrize(("policy", "problem", "column", "message"), WARNED)
def test_what_is_probably_not_meant_is_a_warning(policy: str, problem: str, column: int, message: str) -> None:
    made, found = read(policy)
    assert made is not None
    assert [(each.id, each.severity) for each in found] == [(problem, Severity.WARNING)]
    assert (found[0].message, found[0].spans[0].line, found[0].spans[0].column) == (message, 4, column)
    assert found[0].hint


def test_limits_that_meet_leave_one_moment() -> None:
    both = "2026-11-22T09:30:00Z"
    assert value(f'{{limits: {{from: "{both}", until: "{both}"}}}}').limits.until


def test_a_guard_that_would_be_ignored_is_refused_at_its_key() -> None:
    later = PolicyKey("later", "", "1", "x", "wrong-form", {}, "Not obeyed yet.", obeyed=False)
    root, _ = read_document("version: 1\nname: x\ncalls: []\npolicy: {later: 1}\n", "plan.yaml")
    assert root is not None
    policy, found = read_policy(root, keys=(*POLICY_KEYS, later))
    assert policy is None
    assert [(each.id, each.severity) for each in found] == [("policy-not-obeyed", Severity.ERROR)]
    assert "`policy.later`" in found[0].message
    assert (found[0].spans[0].line, found[0].spans[0].column) == (4, 10)
    assert found[0].hint == "remove it"


def test_numbers_that_may_be_disturbed_are_the_default() -> None:
    assert value("{dnd: ignore}") == Policy()
    assert [value(f"{{dnd: {word}}}").dnd for word in ("skip", "refuse")] == ["skip", "refuse"]


def test_every_key_of_the_schema_is_either_obeyed_or_refused() -> None:
    keys = set(plan_schema()["properties"]["policy"]["properties"])
    assert keys == {key.name for key in POLICY_KEYS}
    assert all(key.obeyed for key in POLICY_KEYS)
    assert {key.field for key in POLICY_KEYS} == {item.name for item in fields(Policy)}
    assert [key.name for key in POLICY_KEYS if key.obeyed and key.read is None] == ["holidays"], (
        "its file is read with the plan"
    )


@pytest.mark.parametrize("key", POLICY_KEYS, ids=lambda key: key.name)
def test_the_example_of_each_key_is_right_and_says_something(key: PolicyKey) -> None:
    policy, found = read(f"{{{key.name}: {key.example}}}")
    assert not found
    assert key.read is None or policy != Policy() or key.schema["default"] == int(key.example)


@pytest.mark.parametrize(
    "policy",
    ["{pace: fast}", "{pace: [1]}", "{concurrency: 0}", "{concurrency: x}", "{window: []}", "{window: x}",
     "{window: [x]}", "{window: [{days: mon, hours: x, timezone: UTC}]}",
     "{window: [{days: mon, hours: '09:00-10:00'}]}",
     "{success: {completed: most}}", "{success: {}}", "[]", "x",
     "{per_agent: 0}", "{per_agent: many}", "{per_person: 3}", "{per_person: {attempts: 3}}",
     "{per_person: {attempts: 0, within: 1d}}", "{per_person: {attempts: 1, within: 0s}}",
     "{redial: {}}", "{redial: busy}", "{redial: {busy: 3}}", "{redial: {busy: {attempts: 3}}}",
     "{redial: {busy: {attempts: x, after: 1m}}}", "{suppress: a.csv}", "{suppress: []}", "{suppress: [[a]]}",
     "{dnd: perhaps}", "{stages: []}", "{stages: 5%}", "{stages: [0]}", "{stages: [half]}", "{stages: [101%]}",
     "{halt: []}", "{halt: x}", "{halt: [x]}", "{halt: [{of: 5}]}", "{halt: [{failed: 5%}]}",
     "{halt: [{failed: 5, of: 5}]}", "{halt: [{failed: 5%, of: 0}]}", "{limits: {}}", "{limits: 5}",
     "{limits: {calls: 0}}", "{limits: {cost: 15000}}", "{limits: {cost: many INR}}", "{limits: {from: today}}",
     "{limits: {until: '2026-11-22'}}"],
)  # fmt: skip
def test_a_value_that_cannot_be_read_leaves_no_policy_and_is_told_by_the_check(policy: str) -> None:
    root, _ = read_document(f"version: 1\nname: x\ncalls: [{{id: a}}]\npolicy: {policy}\n", "plan.yaml")
    assert root is not None
    assert read_policy(root)[0] is None
    assert any(each.is_error and each.spans[0].line == 4 for each in check(root, plan_schema()))
