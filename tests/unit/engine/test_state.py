"""RunState: what a run has under way, from the beginning of an attempt's task to its end."""

import asyncio
from collections.abc import Awaitable, Callable

import pytest

from orchestrator.engine.config import RunConfig
from orchestrator.engine.state import RunState
from orchestrator.model.errors import JournalBroken, TakenOver
from orchestrator.model.outcome import Placement
from orchestrator.model.work import Scope
from orchestrator.policy.limits import Usage
from orchestrator.policy.verdict import Stop

CONFIG = RunConfig(Scope(1, "", 1, "run", 1), 10, None, None, limit=1, circuit=2)
NEED = Usage(calls=1, attempts=1, seconds=60.0)


def seen(what: Callable[[RunState], Awaitable[None]]) -> RunState:
    """A state after this happened to it."""

    async def run() -> RunState:
        state = RunState(CONFIG)
        await what(state)
        return state

    return asyncio.run(run())


async def attempt(state: RunState, *, is_committed: bool, result: bool | Exception) -> None:
    """One attempt of call 7, from its beginning to its end."""

    async def work() -> bool:
        if isinstance(result, Exception):
            raise result
        return result

    task = asyncio.create_task(work())
    state.begin(7, "pair", NEED, task, is_first=True)
    assert (state.intended, state.is_begun(7), state.is_sending) == (1, True, False)
    assert state.used_with_intended() == NEED
    state.settle_intent(7, is_committed=is_committed)
    assert (state.intended, state.is_begun(7), state.is_sending) == (0, True, is_committed)
    await asyncio.wait([task])
    state.end(task)
    assert (state.is_begun(7), state.is_sending, state.news.is_set()) == (False, False, True)


def test_a_committed_attempt_counts_until_the_journal_is_read_again() -> None:
    state = seen(lambda state: attempt(state, is_committed=True, result=False))
    assert (state.used, state.starts, state.follows.is_set(), state.limit.is_full()) == (NEED, 1, True, True)
    state.journal_was_read()
    assert state.used == Usage()


def test_an_attempt_whose_intent_is_not_committed_leaves_nothing_behind() -> None:
    state = seen(lambda state: attempt(state, is_committed=False, result=False))
    assert (state.used, state.starts, state.follows.is_set(), state.limit.is_full()) == (Usage(), 0, False, False)


def test_a_call_that_did_not_ring_keeps_its_place_under_the_limit() -> None:
    state = seen(lambda state: attempt(state, is_committed=True, result=True))
    assert (state.limit.again, state.limit.is_full()) == ({7}, True)


@pytest.mark.parametrize(("problem", "code"), [(JournalBroken("disk full"), 5), (TakenOver(), 4)])
def test_a_broken_journal_and_another_dialer_stop_the_run_and_a_bug_is_kept(problem: Exception, code: int) -> None:
    state = seen(lambda state: attempt(state, is_committed=True, result=problem))
    assert (state.is_broken, state.stopped and state.stopped.code, state.bug) == (True, code, None)
    bug = ValueError("ours")
    assert seen(lambda state: attempt(state, is_committed=True, result=bug)).bug is bug


def test_the_first_reason_to_stop_stays_but_a_signal_outranks_it() -> None:
    async def stop(state: RunState) -> None:
        for now in (1.0, 2.0, 3.0):
            state.record_placement(Placement.UNREACHED, now)
        assert state.stopped is not None
        assert "2 requests in a row" in state.stopped.message
        state.stop(Stop(130, "interrupted"))
        state.stop(Stop(5, "too late"))

    assert seen(stop).stopped == Stop(130, "interrupted")
