"""The engine's only source of time and of waiting."""

import asyncio
import time
from collections.abc import Callable
from contextlib import suppress


class Clock:
    """Three readings of the time, all in epoch seconds, and waiting by the one that nobody can set.

    `wall` may be set at any time, by an hour in the middle of a run: windows and dates are judged by it, and processes
    agree by it on slots of the pace. `now` is the wall's as long as that does not go back, from then on its last word,
    running on: what is due, asked again or given up goes by it, and so do the times of records, which therefore never
    go back within a run. `steady` runs on evenly whatever becomes of the wall's: ages and pauses are measured by it.
    """

    def __init__(self, wall: Callable[[], float]) -> None:
        self.wall = wall
        self._now, self._ticks = wall(), time.monotonic()
        self._offset = self._now - self._ticks

    def now(self) -> float:
        """Return the time that never goes back."""
        ticks = time.monotonic()
        self._now = max(self._now + ticks - self._ticks, self.wall())
        self._ticks = ticks
        return self._now

    def steady(self) -> float:
        """Return the time that runs evenly."""
        return self._offset + time.monotonic()

    async def sleep(self, seconds: float) -> None:
        """Wait so many seconds; 0 lets others work."""
        await asyncio.sleep(max(0.0, seconds))

    async def sleep_unless(self, event: asyncio.Event, seconds: float) -> None:
        """Wait until the event is set, at most so many seconds."""
        with suppress(TimeoutError):
            async with asyncio.timeout(seconds):  # wait_for of 3.11 may swallow a cancellation
                await event.wait()
