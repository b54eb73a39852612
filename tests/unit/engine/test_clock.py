"""Whoever sleeps is woken at the right time, however many sleep by the one timer."""

import asyncio

from hypothesis import given
from hypothesis import strategies as st

from orchestrator.engine.clock import Clock
from orchestrator.engine.virtual_time import run_in_virtual_time

SECONDS = st.integers(0, 20).map(float)


@given(st.lists(st.tuples(SECONDS, SECONDS, st.none() | SECONDS), max_size=12))
def test_each_sleeper_wakes_at_its_own_time_whoever_comes_or_is_cancelled_meanwhile(
    sleepers: list[tuple[float, float, float | None]],
) -> None:
    """Each begins at a time, sleeps so long, and is perhaps cancelled so long after it began."""

    async def sleeper(clock: Clock, begins: float, seconds: float) -> float:
        await asyncio.sleep(begins)
        await clock.sleep(seconds)
        return clock.now()

    async def main(clock: Clock) -> list[float | None]:
        tasks = [asyncio.create_task(sleeper(clock, begins, seconds)) for begins, seconds, _ in sleepers]
        for task, (begins, _, cancelled) in zip(tasks, sleepers, strict=True):
            if cancelled is not None:
                asyncio.get_running_loop().call_later(begins + cancelled, task.cancel)
        await asyncio.wait_for(asyncio.gather(*tasks, return_exceptions=True), 1000.0)
        return [None if task.cancelled() else task.result() for task in tasks]

    woken = run_in_virtual_time(0.0, main)
    for at, (begins, seconds, cancelled) in zip(woken, sleepers, strict=True):
        if cancelled is None or cancelled > seconds:
            assert at == begins + seconds
        elif cancelled < seconds:
            assert at is None
