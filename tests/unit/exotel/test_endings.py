"""How a call ended, by the carrier's words."""

import pytest

from orchestrator.exotel.facts import ending
from orchestrator.model.outcome import CallFacts, Ending, Leg


@pytest.mark.parametrize("status", [None, "queued", "ringing", "in-progress", "call-parked", "initiated"])
@pytest.mark.parametrize("event", [None, "answered"])
def test_a_call_that_goes_on_has_no_ending(status: str | None, event: str | None) -> None:
    assert ending(CallFacts("a", status, event)) is None


@pytest.mark.parametrize("event", [None, "terminal", "TERMINAL"])
@pytest.mark.parametrize("word", ["completed", "busy", "no-answer", "failed", "canceled"])
def test_the_carriers_five_words_are_endings(word: str, event: str | None) -> None:
    assert ending(CallFacts("a", word, event)) is Ending(word)
    assert ending(CallFacts("a", word.upper(), event)) is Ending(word)


@pytest.mark.parametrize("word", ["completed", "busy", "no-answer", "failed", "canceled"])
def test_an_answered_event_never_ends_a_call(word: str) -> None:
    assert ending(CallFacts("a", word, "answered")) is None


@pytest.mark.parametrize("word", [None, "in-progress", "call-parked", "null"])
def test_a_terminal_event_with_no_word_that_we_know_counts_as_failed(word: str | None) -> None:
    facts = CallFacts("a", word, "terminal")
    assert ending(facts) is Ending.FAILED
    assert facts.status == word


@pytest.mark.parametrize("call", ["busy", "no-answer", "failed", "canceled"])
@pytest.mark.parametrize("leg_1", ["busy", "no-answer", "failed", "canceled", "NO-ANSWER"])
@pytest.mark.parametrize("leg_2", [(), (Leg(),), (Leg(None, 0),)])
def test_where_leg_1_was_not_reached_the_agent_did_not_answer(call: str, leg_1: str, leg_2: tuple[Leg, ...]) -> None:
    assert ending(CallFacts("a", call, legs=(Leg(leg_1), *leg_2))) is Ending.AGENT_NO_ANSWER


@pytest.mark.parametrize(
    ("call", "legs", "expected"),
    [
        ("no-answer", (Leg("completed"), Leg("no-answer")), Ending.NO_ANSWER),
        ("busy", (Leg("completed"), Leg("busy")), Ending.BUSY),
        ("failed", (Leg("completed"), Leg("canceled")), Ending.FAILED),  # the agent hung up while To rang
        ("no-answer", (Leg("no-answer"), Leg("canceled")), Ending.NO_ANSWER),  # To was rung, whatever leg 1 says
        ("no-answer", (Leg(), Leg()), Ending.NO_ANSWER),
        ("no-answer", (), Ending.NO_ANSWER),
        ("no-answer", (Leg("ringing"), Leg()), Ending.NO_ANSWER),
        ("completed", (Leg("no-answer"), Leg()), Ending.COMPLETED),
        ("completed", (Leg("completed"), Leg("completed")), Ending.COMPLETED),
    ],
)
def test_otherwise_the_calls_own_word_stands(call: str, legs: tuple[Leg, ...], expected: Ending) -> None:
    assert ending(CallFacts("a", call, legs=legs)) is expected
