"""Pace: the cap holds in every sliding window, whatever the requests' own delays."""

from hypothesis import given
from hypothesis import strategies as st

from orchestrator.model.policy import Rate
from orchestrator.policy.pace import Pacer


@given(
    count=st.integers(1, 20),
    seconds=st.floats(0.5, 60),
    delays=st.lists(st.floats(0, 5), min_size=1, max_size=80),
)
def test_no_window_of_its_length_holds_more_than_the_cap(count: int, seconds: float, delays: list[float]) -> None:
    pacer, now, sent = Pacer(Rate(count, seconds)), 1000.0, []
    for delay in delays:
        now = pacer.ready_at(now + delay)
        pacer.took(now)
        sent.append(now)
    for index, first in enumerate(sent[:-count] if len(sent) > count else []):
        assert sent[index + count] - first >= seconds * (1 - 1e-9)


def test_a_stall_is_not_made_up_for() -> None:
    pacer = Pacer(Rate(10, 10.0))
    pacer.took(100.0)
    pacer.took(150.0)
    assert 151.0 <= pacer.ready_at(150.0) <= 151.01


def test_nothing_leaves_while_the_carrier_asks_for_quiet() -> None:
    pacer = Pacer(Rate(10, 1.0))
    pacer.took(10.0)
    pacer.hold(40.0)
    assert pacer.ready_at(10.5) == 40.0
    assert pacer.ready_at(41.0) == 41.0


def test_without_a_rate_requests_leave_at_once() -> None:
    pacer = Pacer(None)
    pacer.took(5.0)
    assert pacer.ready_at(5.0) == 5.0
