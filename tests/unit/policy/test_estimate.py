"""The estimate of the end and of what is used up: pace, places, stages, redials, windows and limits, by a table."""

from dataclasses import replace
from datetime import UTC, datetime
from decimal import Decimal
from statistics import fmean

import pytest

from orchestrator.model.call import CallTimes
from orchestrator.model.policy import Limits, Policy, Redial, Stage, Window
from orchestrator.policy.estimate import (
    LONGEST_ESTIMATE,
    LONGEST_FORECAST,
    Batch,
    Estimate,
    Opens,
    Outcome,
    Work,
    estimate,
    play,
    plays,
)
from orchestrator.policy.limits import Usage
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


def done(length: float | None) -> tuple[Outcome, ...]:
    """Every call goes well and takes so long; None: nobody knows yet."""
    return () if length is None else (Outcome("completed", 1.0, length),)


def left(starts: int, gap: float, slots: int, length: float | None, **more: object) -> Work:
    """So many calls to be dialed for the first time."""
    batches = more.pop("batches", [Batch(starts)] if starts else [])
    return Work(batches=batches, gap=gap, slots=slots, outcomes=more.pop("outcomes", done(length)), **more)  # type: ignore[arg-type]


STAGES = Policy(stages=(Stage(calls=1), Stage(calls=30), Stage(share=1.0)))
TEN_BUSY = (Outcome("completed", 51 / 61, 10), Outcome("busy", 10 / 61, 10))
REDIALS = Policy(redial=(("busy", Redial(2, 300)),))


@pytest.mark.parametrize(
    ("work", "seconds"),
    [
        (left(61, 1, 20, 10), 60 + 10),  # the pace binds
        (left(21, 1, 2, 10), 20 * 5 + 10),  # the concurrency does
        (left(20, 1, 20, 600), 19 + 600),  # there is a place for each
        (left(196, 0.2513, 12, 3.05), 16 * 3.05 + 3 * 0.2513 + 3.05),  # no round figures: 16 dozens before the last
        (left(1, 60, 1, 10), 10),  # the first waits for nobody
        (left(61, 1, 20, 10, policy=STAGES), 58 + 2 * 10 + 10),  # stages end twice
        (left(1, 1, 1, 10, batches=[Batch(1, at("10:30"), rung=1)]), 1800 + 10),  # a redial comes later
        # the last of ten that are busy starts at 57 s, and is dialed again
        (left(61, 1, 20, 10, policy=REDIALS, outcomes=TEN_BUSY), 57 + 10 + 300 + 10),
        (left(0, 1, 1, 10, in_flight={1: 1}, ends=at("10:00") + 7), 7),  # only what is in flight
        (left(0, 1, 1, 10, in_flight={1: 1}, ends=at("09:00")), 0),  # it should be over by now
        (left(1, 1, 2, 5, in_flight={1: 1}, ends=at("10:00") + 90), 90),  # a long call outlives the last start
        (left(1, 1, 1, 5, in_flight={1: 1}, ends=at("10:00") + 90), 90 + 5),  # and keeps the only place
        # an agent who has half of the calls takes one at a time
        (left(60, 1, 20, 10, policy=Policy(per_agent=1), busiest=0.5), 59 * 5 + 10),
    ],
)
def test_the_end_is_what_is_left_at_the_rate_that_binds(work: Work, seconds: float) -> None:
    found = estimate(at("10:00"), work, always)
    assert found is not None
    assert (found.at, found.held) == (pytest.approx(at("10:00") + seconds, abs=0.001), False)


@pytest.mark.parametrize(
    ("now", "work", "opens", "end"),
    [
        ("10:00", left(61, 60, 9, 60), open_hours, ("11:01", False)),
        # closed now: it begins when the window opens
        ("22:00", left(61, 60, 9, 60), open_hours, ("+1 10:01", True)),
        # one hour's work, of which 28 minutes are left today: a call must have rung by 21:00. 29 calls start until
        # then, and 32 from 09:00 on
        ("20:30", left(61, 60, 9, 60), open_hours, ("+1 09:32", True)),
        ("12:30", left(61, 60, 9, 60), with_lunch, ("14:32", True)),
        # the redial falls into the night
        ("20:00", left(1, 1, 1, 60, batches=[Batch(1, at("22:00"), rung=1)]), open_hours, ("+1 09:01", True)),
        (
            "08:00",
            left(1, 1, 1, 60, policy=Policy(limits=Limits(begins=at("10:00")))),
            open_hours,
            ("10:01", True),
        ),
        # 28 hours of work, 11 h 58 min a day: 719 starts each, and 243 on the third
        ("09:00", left(1681, 60, 9, 60), open_hours, ("+2 13:03", True)),
    ],
)
def test_closed_windows_make_it_later(now: str, work: Work, opens: Opens, end: tuple[str, bool]) -> None:
    found = estimate(at(now), work, opens)
    assert found is not None
    assert found.at == pytest.approx(at(end[0]), abs=10)
    assert found.held is end[1]


def test_without_a_call_that_ended_only_a_closed_window_says_anything() -> None:
    work = left(10, 1, 1, None)
    assert estimate(at("10:00"), work, open_hours) is None
    assert estimate(at("22:00"), work, open_hours) == Estimate(at("+1 09:00") + 9, held=True)
    assert estimate(at("10:00"), left(0, 1, 1, None), always) is None


def test_beyond_the_horizon_there_is_no_guess() -> None:
    assert estimate(at("10:00"), left(10, LONGEST_ESTIMATE, 1, 1), always) == Estimate(NEVER)
    assert estimate(at("10:00"), left(2, 1, 1, 1), lambda _: NEVER) == Estimate(NEVER, held=True)


@pytest.mark.parametrize("calls", [999, 1_000, 1_001, 5_000, 1_000_000])
def test_many_calls_take_as_long_as_so_many_few(calls: int) -> None:
    """In steps of several calls nothing else comes out than one by one."""
    found = play(0, left(calls, 0.5, 50, 20, outcomes=TEN_BUSY), always)
    assert (found.starts, found.left) == (calls, 0)
    assert found.last == pytest.approx((calls - 1) * 0.5, rel=0.001)
    bound = play(0, left(calls, 0.001, 50, 20), always)  # here the places in flight bind: few calls go by fifties
    assert bound.last == pytest.approx((calls - 1) * 20 / 50, abs=20, rel=0.001)


def test_redials_of_redials_are_as_many_as_the_shares_say() -> None:
    policy = Policy(redial=(("busy", Redial(3, 60)), ("no-answer", Redial(2, 60))))
    outcomes = [Outcome("completed", 0.5, 30, 20, 2), Outcome("busy", 0.3, 5, 0, 1), Outcome("no-answer", 0.2, 30)]
    found = play(0, left(1000, 0.1, 100, None, policy=policy, outcomes=outcomes), always)
    starts = 1000 + 1000 * 0.5 + 1000 * 0.5 * 0.3
    assert found.starts == pytest.approx(starts, abs=2)
    assert found.duration == pytest.approx(starts * 0.5 * 20, rel=0.01)
    assert found.cost == pytest.approx(starts * (0.5 * 2 + 0.3), rel=0.01)


def test_a_stage_waits_for_its_redials_and_the_time_is_told_apart() -> None:
    """The stage of five has one that is busy: half an hour passes before the others are dialed."""
    policy = Policy(redial=(("busy", Redial(2, 1800)),), stages=(Stage(calls=5), Stage(share=1.0)))
    outcomes = [Outcome("completed", 0.8, 10), Outcome("busy", 0.2, 10)]
    found = play(0, left(200, 1, 20, None, policy=policy, outcomes=outcomes), always)
    assert 1800 < found.waits["stage"] < 1830
    assert found.last > 1800 + 195
    without = play(0, left(200, 1, 20, None, policy=Policy(stages=policy.stages), outcomes=outcomes), always)
    assert without.waits["stage"] < 15
    assert found.finish - without.finish > 1800


@pytest.mark.parametrize(
    ("limits", "used", "starts", "stopped_by"),
    [
        (Limits(calls=30), Usage(), 30, "limits.calls of 30 is reached"),
        (Limits(calls=30), Usage(calls=25), 5, "limits.calls of 30 is reached"),
        (Limits(attempts=40), Usage(attempts=1), 39, "limits.attempts of 40 is reached"),
        (Limits(until=30.5), Usage(), 31, "limits.until"),
        # of 100 minutes the last talks of 10 s are kept free to their limit of 600 s, twenty at a time
        (Limits(minutes=15), Usage(), 31, "limits.minutes of 15 does not cover one more call to its TimeLimit"),
        (Limits(cost=Decimal(20), currency="INR"), Usage(), 19, "limits.cost of 20 INR does not cover one more call"),
    ],
)
def test_limits_end_a_run_and_what_is_left_is_told(limits: Limits, used: Usage, starts: int, stopped_by: str) -> None:
    outcomes = [Outcome("completed", 1.0, 10, 10, 1)]
    most = Usage(1, 1, 600, Decimal(2))
    work = left(100, 1, 1, None, policy=Policy(limits=limits), used=used, most=most, outcomes=outcomes)
    if limits.until is not None:
        work = replace(work, slots=100)
    found = play(0, work, always)
    assert (found.starts, found.left) == (starts, 100 - starts)
    assert str(found.stopped_by).startswith(stopped_by)
    assert found.finish < NEVER


def test_where_new_calls_are_kept_back_by_a_limit_redials_go_on() -> None:
    policy = Policy(redial=(("busy", Redial(2, 600)),), limits=Limits(calls=10))
    outcomes = [Outcome("completed", 0.5, 10), Outcome("busy", 0.5, 10)]
    found = play(0, left(20, 1, 20, None, policy=policy, outcomes=outcomes), always)
    assert (found.starts, found.left) == (15, 10)
    assert found.finish > 600


def test_a_last_stage_that_admits_not_all_leaves_the_rest() -> None:
    found = play(0, left(20, 1, 20, 10, policy=Policy(stages=(Stage(calls=5),))), always)
    assert (found.starts, found.left) == (5, 15)
    assert "the last stage" in str(found.stopped_by)


def test_a_step_of_many_calls_does_not_reach_beyond_the_window() -> None:
    """100,000 calls at one a second take 2.3 days of twelve hours; a step has 100 of them."""
    found = play(at("09:00"), left(100_000, 1, 500, 60), open_hours)
    assert found.finish == pytest.approx(at("+2 12:50"), abs=900)
    assert found.waits["window"] == pytest.approx(2 * (12 * 3600 + 120), abs=300)


def test_what_begins_beyond_the_horizon_starts_nothing_within_it() -> None:
    """One of three calls was started two years later, and the other two were left."""
    begins = at("10:00") + LONGEST_FORECAST + 86_400
    played = play(at("10:00"), left(3, 1, 20, 10, policy=Policy(limits=Limits(begins=begins))), always)
    assert (played.starts, played.left, played.first, played.finish) == (0, 3, NEVER, NEVER)
    assert played.waits == {"limits.from": LONGEST_FORECAST}
    played = play(at("10:00"), left(3, 1, 20, 10, policy=Policy(limits=Limits(begins=begins - 172_800))), always)
    assert (played.starts, played.left, played.first) == (3, 0, begins - 172_800)


def test_few_calls_are_played_by_chance_as_often_as_their_shares_say() -> None:
    """Of 40 calls 24 are answered on average, and in nine of ten runs 19 to 29: a binomial distribution says so."""
    outcomes = [Outcome("completed", 0.6, 60, 60), Outcome("failed", 0.4, 2)]
    found = plays(0, left(40, 1, 20, None, outcomes=outcomes), always)
    answered = sorted(round(each.duration / 60) for each in found)
    assert len(found) == 100
    assert fmean(answered) == pytest.approx(24, abs=1)
    assert answered[5] == pytest.approx(19, abs=1)
    assert answered[-6] == pytest.approx(29, abs=1)
    assert found == plays(0, left(40, 1, 20, None, outcomes=outcomes), always), "the same plan is always told the same"


@pytest.mark.parametrize(("calls", "share"), [(1, 0.1), (5, 0.1), (10, 0.1), (20, 0.1)])
def test_a_stage_waits_as_often_as_one_of_its_calls_is_dialed_again(calls: int, share: float) -> None:
    """Which is what no average of its calls tells: of ten, one in ten of them busy, in 65 of 100 runs."""
    policy = Policy(redial=(("busy", Redial(2, 1800)),), stages=(Stage(calls=calls), Stage(share=1.0)))
    outcomes = [Outcome("completed", 1 - share, 10), Outcome("busy", share, 10)]
    found = plays(0, left(100, 1, 50, None, policy=policy, outcomes=outcomes), always)
    waited = sum(each.waits["stage"] > 1700 for each in found)
    assert waited / len(found) == pytest.approx(1 - (1 - share) ** calls, abs=0.12)


def test_what_ends_last_is_the_longest_of_all_and_not_one_of_their_mean() -> None:
    """The longest of twenty talks between 30 s and 90 s lasts 87.1 s on average."""
    outcomes = [Outcome("completed", 1.0, 60, 60, swing=30)]
    found = plays(0, left(20, 0.001, 20, None, outcomes=outcomes), always)
    assert fmean(each.finish for each in found) == pytest.approx(30 + 60 * 20 / 21, rel=0.02)
    assert fmean(each.duration for each in found) == pytest.approx(20 * 60, rel=0.02)


def test_what_is_certain_or_many_is_played_once() -> None:
    assert len(plays(0, left(40, 1, 20, 10), always)) == 1
    assert len(plays(0, left(0, 1, 20, None, outcomes=TEN_BUSY), always)) == 1
    assert len(plays(0, left(600, 1, 20, None, outcomes=TEN_BUSY), always)) == 10
    many = left(601, 1, 20, None, outcomes=TEN_BUSY)
    assert plays(0, many, always) == (play(0, many, always),)
