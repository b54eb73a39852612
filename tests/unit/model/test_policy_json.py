"""A policy is written to the journal and read from there as the same policy."""

import json
from dataclasses import fields
from datetime import date
from decimal import Decimal

import pytest

from orchestrator.model.diagnostic import Waiver
from orchestrator.model.policy import HaltRule, Limits, PersonCap, Policy, Rate, Redial, Stage, Window
from orchestrator.model.policy_json import policy_from_json, policy_to_json

FULL = Policy(
    pace=Rate(150, 60.0),
    concurrency=7,
    per_agent=4,
    per_person=PersonCap(3, 86400.0),
    windows=(Window(frozenset({0, 5}), 540, 1260, "Asia/Kolkata"),),
    holidays=frozenset({date(2026, 1, 26), date(2026, 8, 15)}),
    redial=(("busy", Redial(3, 900.0)), ("no-answer", Redial(2, 7200.0))),
    suppress=("../data/do-not-call.csv",),
    dnd="skip",
    stages=(Stage(calls=1), Stage(share=0.05), Stage(share=1.0)),
    halt=(HaltRule((("failed", 0.2),), 50),),
    limits=Limits(5000, 9000, 20_000, Decimal("15000.5"), "INR", 1.5, 2.5),
    success=(("completed", 0.6),),
    waive=(Waiver("same-person", "sales@acme.example", "two orders", "2027-03-31"),),
)


def test_every_field_is_read_as_it_was_written() -> None:
    assert all(getattr(FULL, item.name) != getattr(Policy(), item.name) for item in fields(Policy))
    assert policy_from_json(policy_to_json(FULL)) == FULL
    assert policy_from_json(policy_to_json(Policy())) == Policy()


def test_what_another_version_has_written_is_read_as_far_as_it_is_known() -> None:
    assert policy_from_json('{"redial": {}, "later": ["x"]}') == Policy()


@pytest.mark.parametrize("text", ["", "[]", "1", json.dumps({"redial": {"busy": {}}}), json.dumps({"pace": 3})])
def test_a_text_that_is_no_policy_is_refused(text: str) -> None:
    with pytest.raises(ValueError, match="no policy"):
        policy_from_json(text)
