"""Pace: the cap holds in every sliding window, whatever the requests' own delays."""

from hypothesis import given
from hypothesis import strategies as st

from orchestrator.model.policy import Rate
from orchestrator.policy.pace import SLOT_TOLERANCE, SLOTS_AHEAD, Cap, Kept, Recent, next_slot

RATES = st.builds(Rate, st.integers(1, 20), st.floats(0.5, 60))


def cap(count: int, seconds: float) -> Cap:
    return Cap("account", Rate(count, seconds))


def most_in_a_window(moments: list[float], seconds: float) -> int:
    return max(sum(at <= other < at + seconds for other in moments) for at in moments)


@given(RATES, st.lists(st.tuples(st.floats(0, 5), st.floats(0, 1)), min_size=1, max_size=80))
def test_no_window_of_its_length_sees_more_than_the_cap(rate: Rate, requests: list[tuple[float, float]]) -> None:
    """Each request is asked for after a pause of its own, and comes up to the slack after its slot."""
    one, now, kept, arrived = Cap("account", rate), 1000.0, {}, []
    for pause, jitter in requests:
        now += pause
        at = next_slot((one,), kept, now)
        kept = {one.kind: Kept(at)}
        arrived.append(at + jitter * (one.span - rate.seconds))
    assert most_in_a_window(arrived, rate.seconds * (1 - 1e-9)) <= rate.count


@given(RATES)
def test_at_most_a_hundredth_of_the_rate_is_given_away_in_windows_of_six_seconds_and_more(rate: Rate) -> None:
    assert Cap("account", rate).gap <= rate.interval * (1.01 if rate.seconds >= 6 else 1.11)


def test_a_stall_is_not_made_up_for() -> None:
    assert next_slot((cap(10, 10.0),), {"account": Kept(100.0)}, 150.0) == 150.0
    assert next_slot((cap(10, 10.0),), {"account": Kept(150.0)}, 150.0) == 150.0 + cap(10, 10.0).gap


def test_all_caps_must_allow_a_slot() -> None:
    both = (cap(10, 10.0), Cap("plan", Rate(1, 10.0)))
    at = next_slot(both, {"account": Kept(100.0), "plan": Kept(98.0)}, 100.0)
    assert at == 98.0 + both[1].gap


def test_nothing_leaves_while_the_carrier_asks_for_quiet() -> None:
    assert next_slot((cap(10, 1.0),), {"account": Kept(10.0, hold=40.0)}, 10.5) == 40.0
    assert next_slot((cap(10, 1.0),), {"account": Kept(10.0, hold=40.0)}, 41.0) == 41.0


@given(st.floats(1, 86400), st.floats(0, 5))
def test_a_clock_that_was_set_back_stalls_nobody(back: float, idle: float) -> None:
    """What seems an hour away was given out before; spacing from as late as it can have been keeps the cap."""
    one = cap(10, 10.0)
    now = 100_000.0 + idle - back  # the slot at 100,000 is `idle` in the past, in truth
    row = Kept(100_000.0, hold=100_002.0).rebased(now)
    at = next_slot((one,), {"account": row}, now)
    assert at <= now + max(SLOTS_AHEAD + one.gap, SLOTS_AHEAD + 2.0) + 1e-6
    assert at - now >= min(one.gap, 2.0) - idle - 1e-6


def test_what_really_left_is_a_second_guard_that_keeps_to_the_cap() -> None:
    one = cap(3, 10.0)
    recent = Recent((one,))
    for at in (1.0, 2.0, 3.0):
        assert recent.ready_at() <= at
        recent.took(at)
    assert recent.ready_at() == 1.0 + one.span - SLOT_TOLERANCE > 1.0 + 10.0
    assert Recent(()).ready_at() == 0.0
