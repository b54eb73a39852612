"""What is waited for at most: one timer for all, and the same behaviour as a timer for each."""

import asyncio
from collections.abc import Awaitable, Callable
from contextlib import AbstractAsyncContextManager, AbstractContextManager
from typing import TypeVar

import pytest

from orchestrator.carrier.client import Patience
from orchestrator.engine.virtual_time import run_in_virtual_time

T = TypeVar("T")


def played(work: Callable[[], Awaitable[T]]) -> T:
    """Do the work in time that nobody waits for."""

    async def main(_: object) -> T:
        return await work()

    return run_in_virtual_time(0.0, main)


def test_each_wait_ends_at_its_own_time_unless_it_was_over_before() -> None:
    async def work() -> list[tuple[str, float]]:
        ended: list[tuple[str, float]] = []
        loop, patience = asyncio.get_running_loop(), Patience(10.0)

        def begin(name: str) -> object:
            return patience.begin(lambda: ended.append((name, loop.time())))

        first = patience.begin(lambda: ended.append(("first", loop.time())))
        begin("second")
        await asyncio.sleep(4.0)
        begin("third")
        patience.over(first)
        patience.over(first)  # twice, as where it ends while somebody is told that it is over
        await asyncio.sleep(60.0)
        begin("fourth")  # after a time in which nobody waited
        await asyncio.sleep(60.0)
        return ended

    assert played(work) == [("second", 10.0), ("third", 14.0), ("fourth", 74.0)]


def test_nobody_is_told_after_it_was_closed() -> None:
    async def work() -> list[str]:
        ended: list[str] = []
        patience = Patience(1.0)
        patience.begin(lambda: ended.append("late"))
        patience.close()
        await asyncio.sleep(5.0)
        return ended

    assert played(work) == []


Limits = Callable[[float], AbstractContextManager[None] | AbstractAsyncContextManager[object]]


async def outcome(limit: AbstractContextManager[None] | AbstractAsyncContextManager[object], seconds: float) -> str:
    """What becomes of a block that takes so long."""
    try:
        if isinstance(limit, AbstractContextManager):
            with limit:
                await asyncio.sleep(seconds)
        else:
            async with limit:
                await asyncio.sleep(seconds)
    except TimeoutError:
        return "timed out"
    except asyncio.CancelledError:
        return "cancelled"
    return "done"


@pytest.mark.parametrize(
    "limited", [lambda: Patience(3.0).limit(), lambda: asyncio.timeout(3.0)], ids=["ours", "model"]
)
@pytest.mark.parametrize(
    ("seconds", "cancelled_at", "becomes"),
    [
        (1.0, None, "done"),
        (5.0, None, "timed out"),
        (5.0, 1.0, "cancelled"),
        (5.0, 2.999, "cancelled"),
        (5.0, 3.0, "timed out"),
        (1.0, 2.0, "done"),
    ],
)
def test_a_limit_is_like_a_timeout_of_the_library(
    limited: Callable[[], AbstractContextManager[None] | AbstractAsyncContextManager[object]],
    seconds: float,
    cancelled_at: float | None,
    becomes: str,
) -> None:
    async def work() -> tuple[str, int]:
        task = asyncio.create_task(outcome(limited(), seconds))
        if cancelled_at is not None:
            await asyncio.sleep(0)
            await asyncio.sleep(cancelled_at)
            task.cancel()
        await asyncio.wait([task])
        return ("cancelled", 0) if task.cancelled() else (task.result(), task.cancelling())

    assert played(work)[0] == becomes
