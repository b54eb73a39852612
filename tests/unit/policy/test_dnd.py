"""What the evaluator makes of the carrier's word on a number."""

import pytest

from orchestrator.exotel.call_fields import call_times
from orchestrator.model.number import DndMark
from orchestrator.model.outcome import Disposition, Ending
from orchestrator.model.policy import Limits, Policy, Redial
from orchestrator.policy.limits import Usage
from orchestrator.policy.may_start import (
    DND_KNOWN_FOR,
    REGISTERED,
    CallUnderReview,
    Closed,
    Facts,
    NotBefore,
    Rules,
    Start,
    known_span,
    may_start,
)

NOW = 1_800_000_000.0
CALL = CallUnderReview(call_times(()))


@pytest.mark.parametrize("mark", [None, *DndMark])
def test_ignore_minds_nothing(mark: DndMark | None) -> None:
    assert may_start(CALL, NOW, Rules(), Facts(dnd=mark)) == Start()


@pytest.mark.parametrize("word", ["skip", "refuse"])
def test_who_is_registered_is_never_rung_and_who_is_not_known_waits(word: str) -> None:
    rules = Rules(Policy(dnd=word))  # type: ignore[arg-type]
    assert may_start(CALL, NOW, rules, Facts(dnd=DndMark.YES)) == Closed(Disposition.SUPPRESSED, REGISTERED)
    assert may_start(CALL, NOW, rules, Facts(dnd=DndMark.NO)) == Start()
    assert may_start(CALL, NOW, rules, Facts(dnd=DndMark.UNAVAILABLE)) == Start()
    assert may_start(CALL, NOW, rules, Facts()) == NotBefore(None, "dnd")


def test_a_call_that_rang_keeps_how_that_ended() -> None:
    rules = Rules(Policy(dnd="skip", redial=(("busy", Redial(3, 60.0)),)))
    rang = CallUnderReview(call_times(()), rung=1, last=Ending.BUSY, ended=NOW - 600)
    assert may_start(rang, NOW, rules, Facts(dnd=DndMark.YES)) == Closed(Disposition.BUSY, REGISTERED)


def test_a_registration_weighs_more_than_a_limit_that_is_reached() -> None:
    rules = Rules(Policy(dnd="skip", limits=Limits(calls=1)))
    assert isinstance(may_start(CALL, NOW, rules, Facts(dnd=DndMark.YES, used=Usage(calls=1))), Closed)


def test_an_answer_is_good_for_a_day_also_after_the_clock_was_set_back() -> None:
    first, last = known_span(NOW)
    assert (NOW - first, last - NOW) == (DND_KNOWN_FOR, DND_KNOWN_FOR) == (86400.0, 86400.0)
