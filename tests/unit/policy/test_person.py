"""A person's verdict: what it makes of an attempt, and when it cannot be given."""

from dataclasses import replace

import pytest

from orchestrator.model.call import Attempt
from orchestrator.model.outcome import Ending, Evidence, Placement
from orchestrator.model.record import AttemptRecord
from orchestrator.policy.evidence import Settlement, judged, obstacle, stands

AT = "2026-11-22T10:00:00.000Z"
SID = "c5797dcb123456789678c5062a4a3ed2"
LOST = AttemptRecord(1, "at", Placement.UNKNOWN, http_status=500, placed_at="then", message="perhaps it rang")
NOT_PLACED, PLACED, WITH_SID = Settlement(False, "asha"), Settlement(True, "asha"), Settlement(True, "asha", SID)


def attempt(record: AttemptRecord, *, latest: bool = True) -> Attempt:
    return Attempt(1, 1, "a", "run-1", "closed", latest, 1.0, 2.0, record, 1, "")


@pytest.mark.parametrize(
    ("settlement", "placement", "sid", "ending"),
    [
        (NOT_PLACED, Placement.UNREACHED, None, None),
        (PLACED, Placement.ACCEPTED, None, Ending.UNSEEN),
        (WITH_SID, Placement.ACCEPTED, SID, None),
    ],
)
def test_a_verdict_decides_placement_sid_and_ending(settlement, placement, sid, ending) -> None:  # type: ignore[no-untyped-def]
    record = judged(LOST, settlement, AT)
    assert (record.placement, record.sid, record.ending, record.evidence) == (placement, sid, ending, Evidence.PERSON)
    assert record.ended_at == (AT if ending else None)
    assert (record.placed_at, record.http_status) == ("then", 500)


def test_who_said_so_when_and_why_is_added_to_what_is_known() -> None:
    record = judged(LOST, replace(NOT_PLACED, because="nobody heard it"), AT)
    assert record.message == f"perhaps it rang; settled as not-placed by asha at {AT} because nobody heard it"


def test_a_sid_that_an_answer_named_is_kept_and_followed() -> None:
    named = replace(LOST, sid=SID)
    assert judged(named, PLACED, AT).sid == SID
    assert judged(named, PLACED, AT).ending is None


@pytest.mark.parametrize("placement", [None, *(word for word in Placement if word is not Placement.UNKNOWN)])
def test_nothing_but_an_unknown_attempt_can_be_judged(placement: Placement | None) -> None:
    assert obstacle(attempt(replace(LOST, placement=placement))) is not None


def test_only_the_latest_attempt_of_a_call_can_be_judged() -> None:
    assert obstacle(attempt(LOST)) is None
    assert obstacle(attempt(LOST, latest=False)) is not None


def test_a_verdict_stands_until_other_evidence_outranks_it() -> None:
    every = (NOT_PLACED, PLACED, WITH_SID)
    assert [stands(judged(LOST, NOT_PLACED, AT), settlement) for settlement in every] == [True, False, False]
    assert [stands(judged(LOST, WITH_SID, AT), settlement) for settlement in every] == [False, True, True]
    assert not stands(judged(LOST, WITH_SID, AT), Settlement(True, "asha", SID[::-1]))
    heard = replace(judged(LOST, WITH_SID, AT), evidence=Evidence.CALLBACK)
    assert not stands(heard, WITH_SID)
    assert not stands(LOST, NOT_PLACED)
