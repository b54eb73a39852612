"""How long one thing is waited for at most, by one timer of the event loop: many wait, and nearly none for so long.

A timer for each exchange would cost more than reading its reply.
"""

import asyncio
import types
from collections.abc import Callable


class Wait:
    """One who waits: `end` is called unless the wait is over before its time."""

    __slots__ = ("at", "end")

    def __init__(self, at: float, end: Callable[[], None]) -> None:
        self.at, self.end = at, end


class Patience:
    """So many seconds, for any number of those who wait at the same time. Used in one event loop."""

    def __init__(self, seconds: float) -> None:
        self.seconds = seconds
        self._waits: dict[Wait, None] = {}  # in the order of their times
        self._timer: asyncio.TimerHandle | None = None

    def begin(self, end: Callable[[], None]) -> Wait:
        """Call `end` in so many seconds, unless the wait is `over` before."""
        loop = asyncio.get_running_loop()
        wait = Wait(loop.time() + self.seconds, end)
        self._waits[wait] = None
        if self._timer is None:
            self._timer = loop.call_at(wait.at, self._look, loop)
        return wait

    def over(self, wait: Wait) -> None:
        """Take note that what was waited for has come."""
        self._waits.pop(wait, None)

    def close(self) -> None:
        """Let nobody's wait end any more."""
        self._waits.clear()
        if self._timer is not None:
            self._timer.cancel()

    def limit(self) -> "Limit":
        """Return what raises TimeoutError in a `with` block that takes longer."""
        return Limit(self)

    def _look(self, loop: asyncio.AbstractEventLoop) -> None:
        self._timer, now = None, loop.time()
        for wait in list(self._waits):
            if wait.at > now:
                self._timer = loop.call_at(wait.at, self._look, loop)
                return
            del self._waits[wait]
            wait.end()


class Limit:
    """Does in a task what `asyncio.timeout` does: cancels what takes too long, and raises TimeoutError in its place."""

    def __init__(self, patience: Patience) -> None:
        self._patience, self._is_reached = patience, False

    def __enter__(self) -> None:
        task = asyncio.current_task()
        assert task is not None  # noqa: S101 - for the type: only a task can be cancelled
        self._task, self._cancelling = task, task.cancelling()
        self._wait = self._patience.begin(self._reach)

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, _: types.TracebackType | None
    ) -> None:
        self._patience.over(self._wait)
        if self._is_reached and self._task.uncancel() <= self._cancelling and kind is asyncio.CancelledError:
            raise TimeoutError from error

    def _reach(self) -> None:
        self._is_reached = True
        self._task.cancel()
