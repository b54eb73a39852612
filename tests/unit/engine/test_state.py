"""RunState: what a run has under way, from the beginning of an attempt's task to its end."""

import asyncio
import time
from collections.abc import Awaitable, Callable
from contextlib import closing
from pathlib import Path

import pytest
from unit.journal.loading import load

from orchestrator.engine.clock import Clock
from orchestrator.engine.config import RunConfig
from orchestrator.engine.memory import Memory
from orchestrator.engine.state import RunState
from orchestrator.journal.queries import Reader
from orchestrator.journal.run import NewRun
from orchestrator.journal.sqlite.connection import Writer
from orchestrator.journal.sqlite.file import connect
from orchestrator.model.call import DueCall, Scope
from orchestrator.model.errors import JournalBroken, TakenOver
from orchestrator.model.outcome import Placement
from orchestrator.policy.limits import Usage
from orchestrator.policy.verdict import Stop

CONFIG = RunConfig(Scope(1, "", 1, "run", 1), 10, None, None, limit=1, circuit=2)
CALL = DueCall(7, "a", (), "acme1:+911>+912", 0)
NEED = Usage(calls=1, attempts=1, seconds=60.0)


def seen(journal: Path, what: Callable[[RunState], Awaitable[None]]) -> RunState:
    """A state after this happened to it, over a journal that holds the plan and none of its calls."""

    async def run() -> RunState:
        writer, new = (
            Writer(connect(journal), journal, lambda _: None),
            NewRun("run", "acme1", "p", "/p", "", "", "test", "2026-11-22T10:00:00Z"),
        )
        with closing(connect(journal, read_only=True)) as db:
            await writer.write(lambda tx: load(tx, new, []))
            state = RunState(CONFIG, Memory(CONFIG, writer, Reader(db), Clock(time.time)))
            await what(state)
            await writer.close()
        return state

    return asyncio.run(run())


async def attempt(state: RunState, *, is_committed: bool, result: bool | Exception) -> None:
    """One attempt of call 7, from its beginning to its end."""

    async def work() -> bool:
        if isinstance(result, Exception):
            raise result
        return result

    state.begin(CALL, NEED)
    assert (state.intended, 7 in state.begun, state.is_sending) == (1, True, False)
    assert state.memory.intended_use == NEED
    state.settle_intent(CALL, is_committed=is_committed)
    assert (state.intended, 7 in state.begun, state.is_sending) == (0, is_committed, is_committed)
    if is_committed:
        task = asyncio.create_task(work())
        state.follow(task, CALL.key)
        assert state.tasks == [task]
        await asyncio.wait([task])
        await asyncio.sleep(0)  # the loop calls back who follows it
        assert state.tasks == []
    assert (7 in state.begun, state.is_sending, state.news.is_set()) == (False, False, True)


def test_a_committed_attempt_counts_until_the_journal_is_read_again(journal: Path) -> None:
    state = seen(journal, lambda state: attempt(state, is_committed=True, result=False))
    found = state.memory
    assert (found.used, state.starts, state.follows.is_set(), state.limit.is_full()) == (NEED, 1, True, True)
    assert found.intended_use == Usage()


def test_an_attempt_whose_intent_is_not_committed_leaves_nothing_behind(journal: Path) -> None:
    state = seen(journal, lambda state: attempt(state, is_committed=False, result=False))
    assert (state.memory.used, state.starts, state.follows.is_set(), state.limit.is_full()) == (
        Usage(),
        0,
        False,
        False,
    )


def test_a_call_that_did_not_ring_keeps_its_place_under_the_limit(journal: Path) -> None:
    state = seen(journal, lambda state: attempt(state, is_committed=True, result=True))
    assert (state.limit.again, state.limit.is_full()) == ({7}, True)


@pytest.mark.parametrize(("problem", "code"), [(JournalBroken("disk full"), 5), (TakenOver(), 4)])
def test_a_broken_journal_and_another_dialer_stop_the_run_and_a_bug_is_kept(
    journal: Path, problem: Exception, code: int
) -> None:
    async def two(state: RunState) -> None:
        await attempt(state, is_committed=True, result=problem)
        assert (state.is_broken, state.stopped and state.stopped.code, state.bug) == (True, code, None)
        await attempt(state, is_committed=True, result=bug)

    bug = ValueError("ours")
    assert seen(journal, two).bug is bug


def test_the_first_reason_to_stop_stays_but_a_signal_outranks_it(journal: Path) -> None:
    async def stop(state: RunState) -> None:
        for now in (1.0, 2.0, 3.0):
            state.record_placement(Placement.UNREACHED, now)
        assert state.stopped is not None
        assert "2 requests in a row" in state.stopped.message
        state.stop(Stop(130, "interrupted"))
        state.stop(Stop(5, "too late"))

    assert seen(journal, stop).stopped == Stop(130, "interrupted")
