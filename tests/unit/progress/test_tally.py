"""Progress counts committed events: where each call is, how fast they go, and what is left."""

from typing import Any

import pytest
from unit.progress.progress_events import ended, epoch, event, loaded, placed, redial, snapshot, stamp, started, tally

from orchestrator.model.events import Event, EventType
from orchestrator.model.policy import Limits, Policy, Rate, Stage
from orchestrator.policy.estimate import estimate
from orchestrator.progress.progress import Progress
from orchestrator.progress.tally import Tally


def test_calls_of_earlier_runs_count_as_done():
    counted = tally(loaded(10, already=3), started("a"), ended("a"))
    assert (counted.calls, counted.done, counted.open, counted.due) == (10, 4, 0, 6)


def test_a_call_that_an_earlier_run_left_open_is_counted_once():
    counted = tally(loaded(10, already=3))
    counted.left_open = 1
    assert (counted.done, counted.open, counted.due) == (2, 1, 7)
    counted.add(ended("a", begun="earlier"))
    assert (counted.done, counted.open, counted.due) == (3, 0, 7)


def test_attempts_are_in_flight_until_their_call_ends_or_their_request_proves_that_nothing_rang():
    counted = tally(loaded(), started("a"), started("b"), started("c"), placed("a"))
    assert (counted.open, counted.due, counted.dialed) == (3, 7, 3)
    for one in (placed("b", "throttled"), ended("a", "busy")):
        counted.add(one)
    assert (counted.open, counted.due, counted.dialed) == (1, 8, 2)
    counted.add(started("b", 2))
    assert (counted.open, counted.dialed, counted.to_resend) == (2, 3, {})


def test_a_redial_waits_and_is_no_new_call():
    counted = tally(loaded(), started("a"), redial("a", s=20, until=80))
    assert (counted.open, counted.waiting.redials, counted.due, counted.done) == (0, 1, 10, 0)
    assert counted.endings == {"busy": 1}
    counted.add(started("a", 2, s=80))
    assert (counted.open, counted.waiting.redials, counted.dialed, counted.waiting.first()) == (1, 0, 1, None)


def test_a_call_that_may_start_later_is_dialed_for_the_first_time_then():
    deferred = event(EventType.CALL_WAITING, "a", reason="per_person", until=stamp(60))
    counted = tally(loaded(), deferred)
    assert (counted.waiting.redials, counted.due) == (0, 10)
    counted.add(started("a", s=60))
    assert counted.dialed == 1


def test_the_rate_is_that_of_the_last_minute_and_never_seems_above_the_cap():
    counted = tally(loaded(200), *(started(f"c{n}", s=n) for n in range(90)))
    assert counted.speed.rate(epoch(89)) == 60
    early = tally(loaded(200), *(started(f"c{n}", s=3 * n) for n in range(4)))
    assert early.speed.rate(epoch(9)) == pytest.approx(20)
    assert early.speed.rate(epoch(60)) == pytest.approx(3)
    assert tally(loaded(), started("a")).speed.rate(epoch(0.5)) is None


@pytest.mark.parametrize(
    ("more", "events", "left"),
    [
        ({}, [], 10),
        ({"passed_over": 4}, [], 6),  # --only
        ({"limit": 3}, [started("a"), redial("a", 1, 60)], 3),  # two more, and a redial
        ({"undialed": 10, "policy": Policy(stages=(Stage(calls=2), Stage(share=0.5)))}, [started("a")], 4),
        ({"undialed": 10, "policy": Policy(limits=Limits(calls=4))}, [started("a"), ended("a")], 3),
        ({"dialed": 100, "policy": Policy(stages=(Stage(calls=1), Stage(calls=500)))}, [], 10),  # redials that are due
        ({"dialed": 100, "policy": Policy(stages=(Stage(calls=1), Stage(share=1.0)))}, [], 10),
    ],
)
def test_what_is_left_is_what_this_run_may_dial(more: dict[str, Any], events: list[Event], left: int):
    assert Progress(tally(loaded(), *events), snapshot(**more)).left == left


@pytest.mark.parametrize(
    ("stages", "began", "stage", "breaks"),  # breaks: how often all calls in flight must end before the next start
    [
        ((), 1, None, 0),
        ((Stage(calls=2), Stage(calls=5), Stage(share=1.0)), 1, "stage 1 of 3", 2),
        ((Stage(calls=2), Stage(calls=5), Stage(share=1.0)), 2, "stage 1 of 3", 2),  # dialed, and not over
        ((Stage(calls=2), Stage(calls=5), Stage(share=1.0)), 3, "stage 2 of 3", 1),
        ((Stage(calls=2), Stage(share=1.0)), 10, "stage 2 of 2", 0),
    ],
)
def test_the_end_is_estimated_with_a_break_after_each_stage_but_the_last(
    stages: tuple[Stage, ...], began: int, stage: str | None, breaks: int
):
    """Calls take a minute and start together: a break costs a minute, and the end one more."""
    events = [started("first"), *(started(f"c{n}", s=60) for n in range(began - 1)), ended("first", s=60)]
    policy = Policy(pace=Rate(1000, 1.0), stages=stages, concurrency=20)
    progress = Progress(tally(loaded(), *events), snapshot(policy, undialed=10))
    assert progress.stage == stage
    end = estimate(epoch(60), progress.work(epoch(60)), lambda moment: moment)
    assert end is not None
    assert end.at - epoch(60) == pytest.approx(60 * (breaks + 1), abs=3)


def test_the_cap_that_binds_is_the_slower_one():
    slow = Progress(Tally(), snapshot(Policy(pace=Rate(5, 3600.0))))
    assert (slow.binding, slow.span) == ((Rate(5, 3600.0), "plan"), 3600)
    fast = Progress(Tally(), snapshot(Policy(pace=Rate(50, 1.0))))
    assert fast.binding == (Rate(200, 60.0), "target")
    assert (Progress(Tally(), snapshot(legs=3)).slots, Progress(Tally(), snapshot(legs=20)).slots) == (1, 2)


def corrected(call: str, word: str, **data: Any) -> Event:
    """Late news gave the call another end."""
    return event(EventType.CALL_CORRECTED, call, 1, 90, disposition=word, ending=word, **data)


@pytest.mark.parametrize("before", ["unknown", "unseen", "rejected"])
def test_a_call_whose_end_is_corrected_is_counted_once(before: str):
    counted = tally(loaded(), started("a"), placed("a"), ended("a", before), corrected("a", "busy"))
    assert (counted.done, counted.open, +counted.ended) == (1, 0, {"busy": 1})


def test_an_end_that_an_earlier_run_told_is_corrected_among_those_that_were_over():
    counted = tally(loaded(10, already=3), corrected("a", "completed", begun="earlier"))
    assert (counted.done, counted.due, +counted.ended) == (3, 7, {"completed": 1})


def test_a_call_that_was_given_up_and_is_redialed_after_all_is_over_no_more():
    counted = tally(loaded(), started("a"), ended("a", "unknown"), redial("a", s=90, until=150))
    assert (counted.done, counted.waiting.redials, +counted.ended) == (0, 1, {})
