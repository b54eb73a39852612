"""Folding evidence into an attempt: what is known is never overwritten by less, in whatever order it comes."""

from itertools import permutations

import pytest

from orchestrator.exotel.endings import ending
from orchestrator.model.outcome import CallFacts, Ending, Evidence, Leg, Placement
from orchestrator.model.record import AttemptRecord
from orchestrator.policy.settle import fold

AT = "2026-11-22T10:00:00Z"
TERMINAL = CallFacts(
    sid="sid1",
    status="completed",
    event="terminal",
    legs=(Leg("completed", 50), Leg("completed", 41)),
    duration=41,
    recording_url="https://recordings.example/sid1.mp3",
)
FIRST_LEG = CallFacts(sid="sid1", status="in-progress", event="answered", legs=(Leg("in-progress"), Leg()))
BOTH_LEGS = CallFacts(sid="sid1", status="in-progress", event="answered", legs=(Leg("in-progress"), Leg("in-progress")))


def learn(known: AttemptRecord, *told: CallFacts) -> AttemptRecord:
    for facts in told:
        known = fold(known, facts, ending(facts), Evidence.CALLBACK, AT, "INR")
    return known


@pytest.mark.parametrize("placement", [None, *Placement])
def test_a_callback_makes_an_attempt_accepted_whatever_the_reply_said(placement: Placement | None) -> None:
    after = learn(AttemptRecord(1, AT, placement=placement), FIRST_LEG)
    assert (after.placement, after.sid, after.ending) == (Placement.ACCEPTED, "sid1", None)


def test_the_order_of_callbacks_does_not_change_how_the_call_ended() -> None:
    for order in permutations([FIRST_LEG, BOTH_LEGS, TERMINAL, TERMINAL]):
        after = learn(AttemptRecord(1, AT, placement=Placement.UNKNOWN), *order)
        assert after.ending is Ending.COMPLETED
        assert after.legs == TERMINAL.legs
        assert (after.duration, after.recording_url) == (41, TERMINAL.recording_url)


def test_the_first_ending_stays() -> None:
    after = learn(AttemptRecord(1, AT), TERMINAL, CallFacts(sid="sid1", status="failed", event="terminal"))
    assert after.ending is Ending.COMPLETED


def test_a_late_price_is_taken_and_an_empty_one_takes_nothing_away() -> None:
    after = learn(AttemptRecord(1, AT), TERMINAL, CallFacts(sid="sid1", price="1.200"), CallFacts(sid="sid1"))
    assert (after.price, after.currency) == ("1.200", "INR")


def test_a_reply_keeps_being_the_evidence_of_what_it_already_proved() -> None:
    accepted = AttemptRecord(1, AT, placement=Placement.ACCEPTED, evidence=Evidence.REPLY, sid="sid1")
    assert learn(accepted, TERMINAL).evidence is Evidence.REPLY
    assert learn(AttemptRecord(1, AT, placement=Placement.UNKNOWN), TERMINAL).evidence is Evidence.CALLBACK
