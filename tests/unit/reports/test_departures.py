"""The pace that a report shows is one that the run can have had: a run that kept its cap is never shown above it."""

from collections import Counter
from random import Random

import pytest
from hypothesis import given
from hypothesis import strategies as st

from orchestrator.model.policy import Rate
from orchestrator.policy.pace import INTENT_TO_FIRST_BYTE, SLOTS_AHEAD, Cap, Kept, next_slot
from orchestrator.reports.figures import MOST_SPANS, Departures

START = 1_000_000.0


def told(most: int | None, *requests: tuple[float, float | None], width: int = 1) -> dict[int, int]:
    departures = Departures(width)
    for intent, answer in requests:
        departures.add(intent, answer)
    return +departures.by_span(most)


@pytest.mark.parametrize("count", [1, 3, 20, 200])
@pytest.mark.parametrize("seed", range(5))
def test_a_run_at_its_cap_is_never_shown_above_it(count: int, seed: int) -> None:
    """As the limiter gives slots out: intents are written down as early as it lets them, many of them at once."""
    chance, cap, kept, now = Random(seed), Cap("plan", Rate(count, 1.0)), Kept(0.0), START  # noqa: S311 - no secret
    departures, intents, left = Departures(), Counter[int](), Counter[int]()
    for _ in range(count * 30):
        slot = next_slot((cap,), {"plan": kept}, now)
        while slot > now + SLOTS_AHEAD:
            now = slot - SLOTS_AHEAD * chance.random()
        kept = Kept(slot)
        departures.add(now, slot + chance.choice((0.003, 0.4, 9.0)))
        intents[int(now)] += 1
        left[int(slot)] += 1
    assert max(left.values()) <= count < max(intents.values()), "counted by its intents the run would seem too fast"
    shown = departures.by_span(count)
    assert max(shown.values()) <= count
    assert shown.total() == 30 * count
    assert abs(max(shown) - max(left)) <= 1


@given(
    st.lists(st.tuples(st.floats(0, 40), st.floats(0, INTENT_TO_FIRST_BYTE - 0.01), st.none() | st.floats(0, 5))),
    st.integers(1, 5),
)
def test_whenever_requests_can_have_kept_a_cap_they_are_shown_below_it(
    requests: list[tuple[float, float, float | None]], width: int
) -> None:
    """Of any intents, departures and answers: the most that really left in one span is never exceeded."""
    moments = [
        (START + intent, START + intent + wait, None if answer is None else START + intent + wait + answer)
        for intent, wait, answer in requests
    ]
    left = Counter(int(moment // width) for _, moment, _ in moments)
    most = max(left.values(), default=1)
    found = told(most, *[(intent, answer) for intent, _, answer in moments], width=width)
    assert sum(found.values()) == len(requests)
    assert max(found.values(), default=0) <= most


def test_what_the_journal_proves_to_be_too_fast_is_shown() -> None:
    """Five were answered within the second in which their intents were written: no cap of two can have held."""
    assert told(2, *[(START + 0.1 * n, START + 0.1 * n + 0.05) for n in range(5)]) == {1_000_000: 5}
    bounded = told(1, *[(START, None)] * 9)
    assert bounded == {1_000_000: 1, 1_000_001: 1, 1_000_002: 7}, "two seconds after its intent none may leave"


def test_without_a_cap_each_stands_where_its_intent_does() -> None:
    assert told(None, (START, None), (START, START + 1.5), (START + 3.0, START + 9)) == {1_000_000: 2, 1_000_003: 1}


def test_an_answer_before_its_intent_is_no_bound() -> None:
    assert told(1, (START, START), (START + 0.5, START - 7)) == {1_000_000: 1, 1_000_001: 1}


def test_a_very_long_time_is_counted_in_bounded_memory() -> None:
    departures = Departures()
    for n in range(3 * MOST_SPANS):
        departures.add(START + 7 * n, None)
    assert len(departures.counts) <= MOST_SPANS
    found, width = departures.by_span(None), departures.width
    assert found.total() == 3 * MOST_SPANS
    assert min(found) == START // width
    assert max(found) == (START + 7 * (3 * MOST_SPANS - 1)) // width
