"""What an estimate assumes: as the user writes it, as a range where it is a guess, and what a call then costs."""

from decimal import Decimal

import pytest

from orchestrator.model.forecast import Range
from orchestrator.model.outcome import Ending
from orchestrator.model.target import Rates
from orchestrator.policy.assumptions import (
    Assumed,
    NoAssumption,
    Variant,
    guessed,
    read_assumptions,
    with_answer,
    with_given,
)

RATES = Rates("INR", Decimal("0.60"), 60.0)


@pytest.mark.parametrize(
    ("text", "found"),
    [
        ("", {}),
        ("answer=45%,talk=60s", {"answer": 0.45, "talk": 60.0}),
        (" answer = 45 % , talk=1m30s ", {"answer": 0.45, "talk": 90.0}),
        ("ring=8s,busy=12.5%,agent-no-answer=0%", {"ring": 8.0, "busy": 0.125, "agent-no-answer": 0.0}),
        ("answer=100%", {"answer": 1.0}),
    ],
)
def test_assumptions_are_read_as_people_write_them(text: str, found: dict[str, float]) -> None:
    assert read_assumptions(text) == found


@pytest.mark.parametrize(
    ("text", "words"),
    [
        ("answer", "is no assumption"),
        ("answers=45%", "one of answer"),
        ("answer=45", "written as 45%"),
        ("answer=101%", "from 0% to 100%"),
        ("answer=-1%", "from 0% to 100%"),
        ("talk=60", "a duration is written as 60s"),
        ("talk=45%", "a duration is written as 60s"),
        ("answer=60%,busy=50%", "come to 110%"),
        ("talk=1m,talk=2m", "assumed twice"),
        ("answer=४५%", "written as 45%"),
        ("=45%", "is no assumption"),
    ],
)
def test_what_is_no_assumption_is_refused_in_words(text: str, words: str) -> None:
    with pytest.raises(NoAssumption, match=words):
        read_assumptions(text)


@pytest.mark.parametrize(
    "given",
    [
        {},
        {"answer": 0.45},
        {"answer": 0.0},
        {"answer": 1.0},
        {"busy": 0.5, "failed": 0.5},
        dict.fromkeys(("answer", "busy", "no-answer", "failed", "canceled", "agent-no-answer"), 0.1),
    ],
)
@pytest.mark.parametrize("base", [guessed(), Assumed({Ending.COMPLETED: 1.0}, *[Range(1.0, 1.0)] * 3)])
def test_shares_always_come_to_all_attempts(base: Assumed, given: dict[str, float]) -> None:
    found = with_given(base, given)
    for variant in found.variants():
        assert sum(variant.shares.values()) == pytest.approx(1)
        assert all(share >= 0 for share in variant.shares.values())


def test_what_is_given_is_no_range_any_more_and_says_who_said_it() -> None:
    base = guessed()
    assert len(base.variants()) == 4
    found = with_given(base, {"answer": 0.45, "talk": 60.0, "ring": 8.0})
    (variant,) = found.variants()
    assert (variant.shares[Ending.COMPLETED], variant.talk, variant.ring, variant.spread) == (0.45, 60.0, 8.0, False)
    others = [share for ending, share in variant.shares.items() if ending is not Ending.COMPLETED]
    assert others == pytest.approx(
        [0.18 / 0.45 * 0.55, 0.1 / 0.45 * 0.55, 0.11, 0.06 / 0.45 * 0.55, 0.02 / 0.45 * 0.55]
    )
    assert {each.name: each.source for each in found.listed()}["talk"] == "--assume"
    assert {each.source for each in base.listed()} == {"a guess"}


def test_another_share_of_answers_leaves_the_others_in_proportion() -> None:
    shares = with_answer({Ending.COMPLETED: 0.5, Ending.BUSY: 0.3, Ending.FAILED: 0.2}, 0.75)
    assert shares == pytest.approx({Ending.COMPLETED: 0.75, Ending.BUSY: 0.15, Ending.FAILED: 0.1})
    assert sum(with_answer({Ending.COMPLETED: 1.0}, 0.5).values()) == pytest.approx(1)


def test_each_leg_is_charged_by_started_pulses_as_limits_count_them() -> None:
    variant = Variant(dict.fromkeys(Ending, 1.0), talk=61, ring=8)
    found = {outcome.ending: outcome for outcome in variant.outcomes(30, 600, RATES, None)}
    assert (found["completed"].cost, found["completed"].duration) == (pytest.approx(4 * 0.60), 8 + 61)
    assert found["no-answer"].cost == pytest.approx(0.60), "the agent waits while the other phone rings"
    assert found["agent-no-answer"].cost == 0
    assert found["completed"].lasts == 8 + 8 + 61
    assert found["no-answer"].lasts == 8 + 30


def test_a_talk_lasts_no_longer_than_its_limit_and_a_leg_rings_no_longer_than_its_timeout() -> None:
    found = Variant({Ending.COMPLETED: 1.0}, talk=900, ring=40).outcomes(15, 600, RATES, None)
    assert (found[0].duration, found[0].lasts) == (615, 630)


def test_conversations_of_many_lengths_have_more_started_pulses_than_their_mean() -> None:
    even, spread = (
        Variant({Ending.COMPLETED: 1.0}, 60, 0, spread).outcomes(30, 600, RATES, None)[0] for spread in (False, True)
    )
    assert even.cost == pytest.approx(2 * 0.60)
    assert spread.cost == pytest.approx(2 * 0.60 * 1.582, rel=0.001)


def test_without_rates_the_prices_of_earlier_calls_count() -> None:
    found = Variant({Ending.COMPLETED: 0.5, Ending.BUSY: 0.5}, 60, 8).outcomes(30, 600, None, {Ending.COMPLETED: 1.4})
    assert [outcome.cost for outcome in found] == [1.4, 0.0]
