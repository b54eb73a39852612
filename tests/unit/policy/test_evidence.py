"""Folding evidence into an attempt: what is known is never overwritten by less, in whatever order it comes."""

from dataclasses import replace
from itertools import permutations

import pytest

from orchestrator.exotel.facts import ending
from orchestrator.model.outcome import CallFacts, Ending, Evidence, Leg, Placement
from orchestrator.model.record import AttemptRecord
from orchestrator.policy.evidence import fold

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


ANSWERED = replace(TERMINAL, legs=(Leg("completed", 50), Leg("completed", 41, "Machine")))


def test_who_answered_a_leg_is_kept_in_whatever_order_it_comes() -> None:
    """A look-up, and the `answered` event, do not tell it."""
    for order in permutations([FIRST_LEG, BOTH_LEGS, TERMINAL, ANSWERED]):
        assert learn(AttemptRecord(1, AT), *order).legs == ANSWERED.legs
    early = replace(BOTH_LEGS, legs=(Leg("in-progress"), Leg("in-progress", None, "Machine")))
    assert learn(AttemptRecord(1, AT), early, TERMINAL).legs == ANSWERED.legs


def test_the_first_ending_stays() -> None:
    after = learn(AttemptRecord(1, AT), TERMINAL, CallFacts(sid="sid1", status="failed", event="terminal"))
    assert after.ending is Ending.COMPLETED


def test_a_late_price_is_taken_and_an_empty_one_takes_nothing_away() -> None:
    after = learn(AttemptRecord(1, AT), TERMINAL, CallFacts(sid="sid1", price="1.200"), CallFacts(sid="sid1"))
    assert (after.price, after.currency) == ("1.200", "INR")


def test_the_carriers_total_outranks_the_talk_time_of_a_callback_in_whatever_order_they_come() -> None:
    heard, looked_up = CallFacts(sid="sid1", status="completed", talked=30), CallFacts(sid="sid1", duration=41)
    first = learn(AttemptRecord(1, AT), heard)
    assert first.duration == 30, "all that is known so far"
    assert learn(first, looked_up).duration == 41
    assert learn(first, looked_up, heard).duration == 41
    assert learn(first, looked_up, CallFacts(sid="sid1", duration=42)).duration == 42, "it may change for some minutes"


def test_a_call_that_goes_on_has_no_duration_yet() -> None:
    going_on = CallFacts(sid="sid1", status="in-progress", duration=7, talked=5)
    assert learn(AttemptRecord(1, AT), going_on).duration is None


def test_a_reply_keeps_being_the_evidence_of_what_it_already_proved() -> None:
    accepted = AttemptRecord(1, AT, placement=Placement.ACCEPTED, evidence=Evidence.REPLY, sid="sid1")
    assert learn(accepted, TERMINAL).evidence is Evidence.REPLY
    assert learn(AttemptRecord(1, AT, placement=Placement.UNKNOWN), TERMINAL).evidence is Evidence.CALLBACK
