"""Calls that nothing tells apart are judged together: what tells one apart is seen all the same, by every look."""

from collections.abc import Iterator
from dataclasses import replace
from datetime import UTC, datetime
from typing import Any

import pytest
from unit.engine.remembered import START, Remembered, call

from orchestrator.engine.admission import Evaluator
from orchestrator.engine.clock import Clock
from orchestrator.journal import control
from orchestrator.model.call import DueCall, Scope
from orchestrator.model.errors import TakenOver
from orchestrator.model.outcome import Disposition, Ending
from orchestrator.model.policy import Policy, Redial, Window
from orchestrator.policy.may_start import Closed, NotBefore, Rules, Start, Stopped

BEGAN = datetime.fromtimestamp(START, UTC)
OPEN = Window(frozenset(range(7)), BEGAN.hour * 60, BEGAN.hour * 60 + 120, "UTC")
RULES = Rules(Policy(redial=(("busy", Redial(3, 600.0)),), windows=(OPEN,)))


@pytest.fixture
def run() -> Iterator[Remembered]:
    found = Remembered([call("a", 1, 1), call("b", 2, 2), call("c", 3, 3)], rules=RULES)
    yield found
    found.close()


def judging(run: Remembered) -> tuple[Evaluator, DueCall]:
    """The evaluator, which has judged one call already, and another call."""
    evaluator = Evaluator(run.config, run.reader, Clock(lambda: run.now), run.memory)
    first, other, *_ = run.reader.due(run.scope, run.now, 3)
    assert RULES.is_alike
    assert evaluator.judge(first) == evaluator.judge_again(first) == evaluator.judge(other) == Start()
    return evaluator, other


@pytest.mark.parametrize(
    ("changes", "expected"),
    [
        ({"rung": 3, "last": Ending.BUSY}, Closed(Disposition.BUSY, None)),
        ({"rung": 1, "last": Ending.FAILED}, Closed(Disposition.FAILED, None)),
        ({"rung": 1, "last": Ending.BUSY, "ended": START}, NotBefore(START + 600.0, "redial")),
        ({"suppressed": "on the list"}, Closed(Disposition.SUPPRESSED, "on the list")),
        ({"not_after": START - 1.0}, Closed(Disposition.NOT_DIALED, "its not_after has passed")),
    ],
    ids=["redialed enough", "no redial", "spacing", "suppressed", "not after"],
)
def test_what_tells_a_call_apart_is_seen_at_each_look(run: Remembered, changes: Any, expected: object) -> None:
    evaluator, other = judging(run)
    apart = replace(other, **changes)
    assert evaluator.judge(apart) == evaluator.judge_again(apart) == expected


def test_the_end_of_the_window_is_seen_at_each_look(run: Remembered) -> None:
    evaluator, other = judging(run)
    closes = START - START % 3600.0 + 7200.0
    run.now = closes - other.times.ring_span - 1.0
    assert evaluator.judge(other) == evaluator.judge_again(other) == Start()
    run.now += 2.0
    assert evaluator.judge(other) == evaluator.judge_again(other) == NotBefore(closes + 22 * 3600.0, "window", True)
    run.now = START - 3600.0  # somebody set the clock back
    assert isinstance(evaluator.judge(other), NotBefore)


def test_a_pause_by_another_process_is_seen_right_before_the_first_byte(run: Remembered) -> None:
    evaluator, other = judging(run)
    run.other(lambda tx: control.pause(tx, tx.view.editions.whole_journal(), None, "asha", run.now))
    assert isinstance(evaluator.judge_again(other), Stopped)
    run.look()
    assert isinstance(evaluator.judge(other), Stopped)


def test_another_run_that_takes_the_plan_over_is_seen_right_before_the_first_byte(run: Remembered) -> None:
    evaluator, other = judging(run)
    taken: Scope = run.loaded("acme1", "one", [call("a", 1, 1), call("b", 2, 2), call("c", 3, 3)], "run-later")
    assert taken.run != run.scope.run
    assert evaluator.judge_again(other) == Stopped(str(TakenOver()))
