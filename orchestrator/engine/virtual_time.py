"""Time that nobody waits for: it stands still while there is work, and then jumps to when something is due next."""

import asyncio
import math
import selectors
from collections.abc import Callable, Coroutine
from typing import Any, TypeVar

from orchestrator.engine.clock import Clock

T = TypeVar("T")

TICK = 1 / 64
"""Seconds by which time goes on at least: what is due within one is done at its end, together.

Less than a slot of the pace may be late by (`SLOT_TOLERANCE`), and a power of two: sums of it are exact.
"""


class _Jump(selectors.DefaultSelector):
    """Waits for no timer of its event loop; `seconds` have passed so far."""

    seconds = 0.0

    def select(self, timeout: float | None = None) -> Any:
        """Return what is ready. Where nothing is, time goes on to the end of the tick in which a timer is due.

        Where the loop has work and would not wait, nobody is asked: nothing comes from outside but a signal.
        """
        if timeout == 0:
            return []
        ready = super().select(0)
        if timeout is None and not ready:
            raise RuntimeError("virtual time stands still: everybody waits, and nothing is due any more")
        if timeout is not None and not ready:
            self.seconds = math.ceil((self.seconds + timeout) / TICK) * TICK
        return ready


class _Loop(asyncio.SelectorEventLoop):
    """An event loop whose timers go by a jump's time: sleeps and timeouts of all that runs in it."""

    def __init__(self, jump: _Jump) -> None:
        super().__init__(jump)
        self._jump = jump

    def time(self) -> float:
        """Return the seconds that have passed."""
        return self._jump.seconds


def run_in_virtual_time(begins: float, main: Callable[[Clock], Coroutine[Any, Any, T]]) -> T:
    """Run `main` in an event loop whose time is virtual, from an epoch second on, and return its result.

    It must leave all work to that loop: time goes on while a thread or another process is waited for. Raises
    RuntimeError where everybody waits for what will never come.
    """
    jump = _Jump()
    with asyncio.Runner(loop_factory=lambda: _Loop(jump)) as runner:
        return runner.run(main(Clock(lambda: begins + jump.seconds, lambda: jump.seconds, is_settable=False)))
