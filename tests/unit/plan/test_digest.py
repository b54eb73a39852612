"""The digest of what was reviewed."""

import re
from dataclasses import replace
from datetime import date
from decimal import Decimal
from pathlib import Path

import pytest
from unit.plan.desk import plan

from orchestrator.model.call import CallSchedule, Field, ResolvedCall
from orchestrator.model.diagnostic import Span
from orchestrator.model.policy import HaltRule, Limits, PersonCap, Policy, Rate, Redial, Stage, Window
from orchestrator.plan.digest import MARK, PARTS, Digest, differing_parts, sample_digest
from orchestrator.plan.load import Plan

PLAN = Plan("plan.yaml", "demo", Policy())


def call(call_id: str, *fields: tuple[str, str | tuple[str, ...]], origin: str = "call", line: int = 1) -> ResolvedCall:
    return ResolvedCall(call_id, tuple(Field(name, value, origin) for name, value in fields), Span("p.yaml", line))


def digest(*calls: ResolvedCall, of: Plan = PLAN, edition: str = "") -> str:
    made = Digest(of, edition)
    for item in calls:
        made.add(item)
    return made.hexdigest()


def test_it_is_a_sha256_and_the_same_in_every_process() -> None:
    """The value stands here so that a change of the encoding is noticed: it changes everybody's digests."""
    value = digest(call("a", ("From", "+911"), ("Events", ("x", "y"))), edition="1")
    assert re.fullmatch("sha256:[0-9a-f]{64}", value)
    assert value == "sha256:619ea217ae2e913b28b9122ba7cf8461fb6e32b815203a99e391742391501a5b"


def test_whatever_would_be_dialed_differently_has_another_digest() -> None:
    one, other = call("a", ("From", "1"), ("To", "2")), call("b", ("From", "1"), ("To", "3"))
    digests = [
        digest(),
        digest(one),
        digest(one, other),
        digest(other, one),
        digest(one, one),
        digest(call("a", ("To", "2"), ("From", "1"))),
        digest(call("a", ("From", "1"), ("To", "02"))),
        digest(call("a", ("From", '1","To":"2'))),
        digest(call("a", ("From", ("1",)), ("To", "2"))),
        digest(call("a\nb", ("From", "1"), ("To", "2"))),
        digest(one, edition="1"),
        digest(one, of=replace(PLAN, name="other")),
        digest(one, of=replace(PLAN, purpose="survey")),
        digest(one, of=replace(PLAN, purpose="")),
        digest(one, of=replace(PLAN, policy=Policy(concurrency=3))),
        digest(one, of=replace(PLAN, policy=Policy(pace=Rate(1, 60.0)))),
        digest(one, of=replace(PLAN, policy=Policy(success=(("completed", 0.5),)))),
        digest(one, of=replace(PLAN, policy=Policy(windows=(Window(frozenset({0, 1}), 0, 600, "UTC"),)))),
        digest(one, of=replace(PLAN, policy=Policy(per_agent=4))),
        digest(one, of=replace(PLAN, policy=Policy(per_person=PersonCap(1, 60.0)))),
        digest(one, of=replace(PLAN, policy=Policy(holidays=frozenset({date(2026, 1, 26)})))),
        digest(one, of=replace(PLAN, policy=Policy(redial=(("busy", Redial(2, 60.0)),)))),
        digest(one, of=replace(PLAN, policy=Policy(suppress=("a.csv",)))),
        digest(one, of=replace(PLAN, policy=Policy(dnd="skip"))),
        digest(one, of=replace(PLAN, policy=Policy(stages=(Stage(calls=1),)))),
        digest(one, of=replace(PLAN, policy=Policy(stages=(Stage(share=1.0),)))),
        digest(one, of=replace(PLAN, policy=Policy(halt=(HaltRule((("failed", 0.2),), 5),)))),
        digest(one, of=replace(PLAN, policy=Policy(limits=Limits(cost=Decimal(5), currency="INR")))),
        digest(replace(one, schedule=CallSchedule(priority=1))),
        digest(replace(one, schedule=CallSchedule(not_before=1.0))),
        digest(replace(one, schedule=CallSchedule(not_after=1.0))),
    ]
    assert len(set(digests)) == len(digests)


def test_origins_places_path_and_description_are_not_part_of_it() -> None:
    one = call("a", ("From", "1"))
    assert digest(one) == digest(call("a", ("From", "1"), origin="defaults", line=9))
    assert digest(one) == digest(one, of=replace(PLAN, path="other.yaml", description="d"))
    carrying = ResolvedCall("a", (Field("From", "1", "call"),), Span("p", 1), {"hub": "x"})
    assert digest(one) == digest(carrying)


ONE = call("a", ("From", "1"), ("To", "2"))


@pytest.mark.parametrize(
    ("other", "part"),
    [
        (digest(ONE, of=replace(PLAN, name="other")), "name"),
        (digest(ONE, edition="2"), "edition"),
        (digest(ONE, of=replace(PLAN, purpose="survey")), "purpose"),
        (digest(ONE, of=replace(PLAN, policy=Policy(concurrency=3))), "policy"),
        (digest(call("a", ("From", "1"), ("To", "3"))), "calls"),
        (digest(replace(ONE, schedule=CallSchedule(priority=1))), "calls"),
        (digest(), "calls"),
    ],
)
def test_two_digests_alone_tell_which_part_differs(other: str, part: str) -> None:
    assert differing_parts(digest(ONE), other) == (part,)
    assert differing_parts(other, digest(ONE)) == (part,)


def test_two_digests_tell_of_several_parts_and_of_another_table() -> None:
    before = digest(ONE)
    assert differing_parts(before, digest(edition="2", of=replace(PLAN, purpose="survey"))) == (
        *("edition", "purpose"),
        "calls",
    )
    at = len(before) - 2 * MARK  # the marks of the policy and of the calls come after it
    other = "fff" if before[at - MARK : at] != "fff" else "000"
    assert differing_parts(before, f"{before[: at - MARK]}{other}{before[at:]}") == ("table version",)
    assert differing_parts(before, before) == ()


def test_every_two_purposes_have_marks_of_their_own() -> None:
    words = (None, "transactional", "service", "promotional", "recovery", "survey")
    told = {word: digest(of=replace(PLAN, purpose=word)) for word in words}
    for word, other in [(word, other) for word in words for other in words if word != other]:
        assert differing_parts(told[word], told[other]) == ("purpose",)


def test_what_the_marks_do_not_tell_the_other_digits_do() -> None:
    """A thousand plans of other calls: their digests differ before the marks, whatever their marks say."""
    marks = MARK * len(PARTS)
    told = {digest(call("a", ("To", str(index))))[:-marks] for index in range(1000)}
    assert len(told) == 1000


def test_the_order_of_success_is_not_part_of_it() -> None:
    one = replace(PLAN, policy=Policy(success=(("completed", 0.5), ("busy", 0.1))))
    assert digest(of=one) == digest(of=replace(PLAN, policy=Policy(success=(("busy", 0.1), ("completed", 0.5)))))


def test_the_order_of_redial_and_the_dress_of_an_amount_are_not_part_of_it() -> None:
    rules = (("busy", Redial(2, 60.0)), ("failed", Redial(3, 60.0)))
    one = replace(PLAN, policy=Policy(redial=rules, limits=Limits(cost=Decimal(5), currency="INR")))
    other = replace(PLAN, policy=Policy(redial=rules[::-1], limits=Limits(cost=Decimal("5.00"), currency="INR")))
    assert digest(of=one) == digest(of=other)


COMPACT = """version: 1
name: demo
defaults: {From: "+918069171234", CallerId: "08047112233"}
calls:
  - {id: a, To: "+919900000001"}
policy: {pace: 60/minute, concurrency: 3, success: {completed: 60%, busy: 5%}}
"""
AIRY = """# reviewed by nobody
version: 1
name: demo
description: The same calls, written otherwise
policy:
  success:
    busy: 5%        # as last year
    completed: 60%
  concurrency: 3
  pace: 60/minute
x-note: ignored
calls:

  - To: '+919900000001'
    id: a
defaults:
  From: '+918069171234'
  CallerId: 08047112233
"""


@pytest.mark.parametrize("text", [COMPACT, AIRY])
def test_comments_formatting_and_the_order_of_policy_keys_are_not_part_of_it(tmp_path: Path, text: str) -> None:
    read, compact = plan(tmp_path, text), plan(tmp_path, COMPACT)
    assert read.loaded.plan is not None
    assert compact.loaded.plan is not None
    assert digest(*read.calls, of=read.loaded.plan) == digest(*compact.calls, of=compact.loaded.plan)


SAMPLED = """version: 1
name: demo
numbers: as-typed
vars: {hub: BLR, other: PNQ}
defaults: {From: "+918069171234", CallerId: "08047112233"}
calls:
  - id: ${row.id}
    rows: {file: gone.csv, sample: sample.csv, where: {a: b}, carry: [c]}
    To: ${row.phone}
"""


def of_sample(tmp_path: Path, text: str) -> str:
    loaded = plan(tmp_path, text).loaded
    assert loaded.plan is not None
    return sample_digest(loaded, loaded.plan, "")


@pytest.mark.parametrize(
    ("before", "after"),
    [
        ("sample: sample.csv", "sample: another.csv"),
        ("carry: [c]", "carry: [d]"),
        ("version: 1", "# a comment\nversion: 1"),
        ("{hub: BLR, other: PNQ}", "{other: PNQ, hub: BLR}"),
        ("    To: ${row.phone}", '    To: "${row.phone}"'),
        ("where: {a: b}, carry: [c]", "carry: [c], where: {a: b}"),
    ],
)
def test_what_decides_nothing_is_no_part_of_the_digest_of_a_sample(tmp_path: Path, before: str, after: str) -> None:
    assert before in SAMPLED
    assert of_sample(tmp_path, SAMPLED) == of_sample(tmp_path, SAMPLED.replace(before, after))


@pytest.mark.parametrize(
    ("before", "after"),
    [
        ("file: gone.csv", "file: other.csv"),
        ("where: {a: b}", "where: {a: c}"),
        ("To: ${row.phone}", "To: ${row.mobile}"),
        ("id: ${row.id}", "id: o-${row.id}"),
        ("hub: BLR", "hub: HYD"),
        ("numbers: as-typed", "numbers: e164"),
        ('From: "+918069171234", CallerId: "08047112233"', 'CallerId: "08047112233", From: "+918069171234"'),
        ("+918069171234", "+918069171235"),
    ],
)
def test_what_decides_the_calls_is_part_of_the_digest_of_a_sample(tmp_path: Path, before: str, after: str) -> None:
    assert before in SAMPLED
    changed = of_sample(tmp_path, SAMPLED.replace(before, after))
    assert differing_parts(of_sample(tmp_path, SAMPLED), changed) == ("calls",)
