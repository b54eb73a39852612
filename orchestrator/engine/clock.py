"""The engine's only source of time and of waiting."""

import asyncio
import math
import time
from collections.abc import Callable
from contextlib import suppress


class Clock:
    """Three readings of the time, all in epoch seconds, and waiting by the one that nobody can set.

    `wall` may be set at any time, by an hour in the middle of a run: windows and dates are judged by it, and processes
    agree by it on slots of the pace. `now` is the wall's as long as that does not go back, from then on its last word,
    running on: what is due, asked again or given up goes by it, and so do the times of records, which therefore never
    go back within a run. `steady` runs on evenly whatever becomes of the wall's: ages and pauses are measured by it.
    `ticks` are the seconds that it counts; they must be those of the event loop, by which all waiting goes.
    `is_settable`: somebody may set the wall's clock; else nobody has to look whether it jumped.
    """

    def __init__(
        self,
        wall: Callable[[], float],
        ticks: Callable[[], float] = time.monotonic,
        *,
        is_settable: bool = True,
    ) -> None:
        self.wall, self._ticking, self.is_settable = wall, ticks, is_settable
        self._now, self._ticks = wall(), ticks()
        self._offset = self._now - self._ticks

    def now(self) -> float:
        """Return the time that never goes back."""
        ticks = self._ticking()
        self._now = max(self._now + ticks - self._ticks, self.wall())
        self._ticks = ticks
        return self._now

    def steady(self) -> float:
        """Return the time that runs evenly."""
        return self._offset + self._ticking()

    async def sleep(self, seconds: float) -> None:
        """Wait so many seconds; 0 lets others work."""
        await asyncio.sleep(max(0.0, seconds))

    async def sleep_unless(self, event: asyncio.Event, seconds: float) -> None:
        """Wait until the event is set, at most so many seconds, which may be infinite."""
        most = None if seconds == math.inf else seconds
        with suppress(TimeoutError):
            async with asyncio.timeout(most):  # wait_for of 3.11 may swallow a cancellation
                await event.wait()
