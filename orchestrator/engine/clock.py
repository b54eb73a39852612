"""The engine's only source of time and of waiting."""

import asyncio
import heapq
import itertools
import math
import time
from collections.abc import Callable
from contextlib import suppress


class Alarms:
    """Wakes those who sleep, by one timer of the event loop: where the pace is high, hundreds wait for their slots."""

    def __init__(self) -> None:
        self._asleep: list[tuple[float, int, asyncio.Future[None]]] = []
        self._numbers = itertools.count()
        self._timer: asyncio.TimerHandle | None = None

    async def after(self, seconds: float) -> None:
        """Sleep for so many seconds, more than none."""
        loop = asyncio.get_running_loop()
        at, woken = loop.time() + seconds, loop.create_future()
        heapq.heappush(self._asleep, (at, next(self._numbers), woken))
        if self._timer is None or at < self._timer.when():
            self._ring_at(at, loop)
        await woken

    def _ring_at(self, at: float, loop: asyncio.AbstractEventLoop) -> None:
        if self._timer is not None:
            self._timer.cancel()
        self._timer = loop.call_at(at, self._ring, loop)

    def _ring(self, loop: asyncio.AbstractEventLoop) -> None:
        self._timer, now = None, loop.time()
        while self._asleep and (self._asleep[0][0] <= now or self._asleep[0][2].done()):  # done: nobody sleeps any more
            woken = heapq.heappop(self._asleep)[2]
            if not woken.done():
                woken.set_result(None)
        if self._asleep:
            self._ring_at(self._asleep[0][0], loop)


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
        self._alarms = Alarms()
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
        if seconds > 0:
            await self._alarms.after(seconds)
        else:
            await asyncio.sleep(0)

    async def sleep_unless(self, event: asyncio.Event, seconds: float) -> None:
        """Wait until the event is set, at most so many seconds, which may be infinite."""
        most = None if seconds == math.inf else seconds
        with suppress(TimeoutError):
            async with asyncio.timeout(most):  # wait_for of 3.11 may swallow a cancellation
                await event.wait()
