"""Opening hours as minutes of a week, against the evaluator that decides whether a call may start."""

from datetime import UTC, datetime, timedelta

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from orchestrator.model.policy import CALLEE, Window
from orchestrator.policy.week import ALWAYS, WEEK, open_minutes, spans
from orchestrator.policy.windows import opening

MONDAY = datetime(2026, 1, 5, tzinfo=UTC)
ZONES = ("UTC", "Asia/Kolkata", "Asia/Kathmandu", "Pacific/Auckland", "America/St_Johns")
WINDOWS = st.lists(
    st.builds(
        Window,
        st.frozensets(st.integers(0, 6), min_size=1),
        st.integers(0, 1439),
        st.integers(1, 1440),
        st.sampled_from(ZONES),
    ),
    min_size=1,
    max_size=3,
)


@settings(deadline=None, max_examples=60)
@given(windows=WINDOWS, minutes=st.lists(st.integers(0, WEEK - 1), min_size=30, max_size=30))
def test_a_minute_is_open_where_a_call_may_start_in_it(windows, minutes):
    found = open_minutes(windows, "UTC")
    for minute in minutes:
        at = MONDAY + timedelta(minutes=minute)
        assert bool(found >> minute & 1) is (opening([windows], at, timedelta(minutes=1)) == at), at


@settings(deadline=None, max_examples=60)
@given(minutes=st.integers(0, ALWAYS))
def test_spans_are_the_minutes(minutes):
    again = 0
    for days, start, end in spans(minutes):
        assert 0 <= start < end <= 1440
        for day in days:
            again |= ((1 << end - start) - 1) << day * 1440 + start
    assert again == minutes


@pytest.mark.parametrize(
    ("windows", "told"),
    [
        ((), [(frozenset(range(7)), 0, 1440)]),
        ((Window(frozenset({6}), 1320, 120, "UTC"),), [(frozenset({0}), 0, 120), (frozenset({6}), 1320, 1440)]),
        ((Window(frozenset({0, 1}), 540, 1260, "UTC"),), [(frozenset({0, 1}), 540, 1260)]),
        ((Window(frozenset({0}), 540, 1260, "Asia/Kolkata"),), [(frozenset({0}), 210, 930)]),
    ],
)
def test_days_of_the_same_hours_stand_together(windows, told):
    assert list(spans(open_minutes(windows, "UTC"))) == told


def test_windows_by_the_callees_clock_are_compared_by_it_alone() -> None:
    day = Window(frozenset(range(5)), 9 * 60, 18 * 60, CALLEE)
    assert list(spans(open_minutes([day], CALLEE))) == [(frozenset(range(5)), 540, 1080)]
