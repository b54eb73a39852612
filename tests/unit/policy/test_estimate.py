"""The estimate of the end: pace, concurrency, stages, redials and windows, by a table."""

from datetime import UTC, datetime

import pytest

from orchestrator.model.call import CallTimes
from orchestrator.model.policy import Policy, Window
from orchestrator.policy.estimate import LONGEST_ESTIMATE, Estimate, Work, estimate
from orchestrator.policy.may_start import NEVER, Rules

HOURS = Rules(Policy(windows=(Window(frozenset(range(7)), 9 * 60, 21 * 60, "Asia/Kolkata"),)))
LUNCH = Rules(
    Policy(
        windows=(
            Window(frozenset(range(7)), 9 * 60, 13 * 60, "Asia/Kolkata"),
            Window(frozenset(range(7)), 14 * 60, 21 * 60, "Asia/Kolkata"),
        )
    )
)


def at(text: str) -> float:
    """A moment of a Thursday in November, as Kolkata's clocks show it; `+1` is the day after."""
    day, _, clock = text.rpartition(" ")
    moment = datetime.fromisoformat(f"2026-11-{26 + int(day or 0)}T{clock}:00+05:30")
    return moment.astimezone(UTC).timestamp()


def always(moment: float) -> float:
    return moment


def open_hours(moment: float) -> float:
    return HOURS.opens(CallTimes(ring_seconds=60), moment)


def with_lunch(moment: float) -> float:
    return LUNCH.opens(CallTimes(ring_seconds=60), moment)


@pytest.mark.parametrize(
    ("work", "seconds"),
    [
        (Work(starts=61, gap=1, slots=20, length=10), 60 + 10),  # the pace binds
        (Work(starts=21, gap=1, slots=2, length=10), 20 * 5 + 10),  # the concurrency does
        (Work(starts=196, gap=0.2513, slots=12, length=3.05), 195 * 3.05 / 12 + 3.05),  # no round figures
        (Work(starts=1, gap=60, slots=1, length=10), 10),  # the first waits for nobody
        (Work(starts=61, gap=1, slots=20, length=10, breaks=2), 60 + 2 * 10 + 10),  # stages end twice
        (Work(starts=1, gap=1, slots=1, length=10, redial=at("10:30")), 1800 + 10),  # a redial comes later
        (Work(starts=61, gap=1, slots=20, length=10, tail=300), 60 + 300 + 10),  # and some will have to be dialed again
        (Work(starts=0, gap=1, slots=1, length=10, ends=at("10:00") + 7), 7),  # only what is in flight
        (Work(starts=0, gap=1, slots=1, length=10, ends=at("09:00")), 0),  # it should be over by now
        (Work(starts=1, gap=1, slots=1, length=5, ends=at("10:00") + 90), 90),  # a long call outlives the last start
    ],
)
def test_the_end_is_what_is_left_at_the_rate_that_binds(work: Work, seconds: float) -> None:
    found = estimate(at("10:00"), work, always)
    assert found is not None
    assert (found.at, found.held) == (pytest.approx(at("10:00") + seconds, abs=0.001), False)


@pytest.mark.parametrize(
    ("now", "work", "opens", "end"),
    [
        ("10:00", Work(starts=61, gap=60, slots=9, length=60), open_hours, ("11:01", False)),
        # closed now: it begins when the window opens
        ("22:00", Work(starts=61, gap=60, slots=9, length=60), open_hours, ("+1 10:01", True)),
        # one hour's work, of which 28 minutes are left today: a call must have rung by 21:00
        ("20:30", Work(starts=61, gap=60, slots=9, length=60), open_hours, ("+1 09:33", True)),
        ("12:30", Work(starts=61, gap=60, slots=9, length=60), with_lunch, ("14:33", True)),
        # the redial falls into the night
        ("20:00", Work(starts=1, gap=1, slots=1, length=60, redial=at("22:00")), open_hours, ("+1 09:01", True)),
        ("08:00", Work(starts=1, gap=1, slots=1, length=60, begins=at("10:00")), open_hours, ("10:01", True)),
        # 28 hours of work, 11 h 58 min a day
        ("09:00", Work(starts=1681, gap=60, slots=9, length=60), open_hours, ("+2 13:05", True)),
    ],
)
def test_closed_windows_make_it_later(now: str, work: Work, opens: object, end: tuple[str, bool]) -> None:
    found = estimate(at(now), work, opens)  # type: ignore[arg-type]
    assert found is not None
    assert found.at == pytest.approx(at(end[0]), abs=10)
    assert found.held is end[1]


def test_without_a_call_that_ended_only_a_closed_window_says_anything() -> None:
    work = Work(starts=10, gap=1, slots=1, length=None)
    assert estimate(at("10:00"), work, open_hours) is None
    assert estimate(at("22:00"), work, open_hours) == Estimate(at("+1 09:00") + 9, held=True)
    assert estimate(at("10:00"), Work(starts=0, gap=1, slots=1, length=None), always) is None


def test_beyond_the_horizon_there_is_no_guess() -> None:
    assert estimate(at("10:00"), Work(starts=10, gap=LONGEST_ESTIMATE, slots=1, length=1), always) == Estimate(NEVER)
    assert estimate(at("10:00"), Work(2, 1, 1, 1), lambda _: NEVER) == Estimate(NEVER, held=True)
