"""The process itself, as others see it: signals that it takes, and its signs of life."""

import asyncio
import contextlib
import signal
from collections.abc import Callable, Iterator

from orchestrator.journal import PULSE, DialerLock
from orchestrator.policy.verdict import Stop


@contextlib.contextmanager
def pulse(lock: DialerLock) -> Iterator[None]:
    """Show that the loop turns, for as long as it does."""

    async def beat() -> None:
        while True:
            lock.beat()
            await asyncio.sleep(PULSE)

    task = asyncio.get_running_loop().create_task(beat())
    try:
        yield
    finally:
        task.cancel()


@contextlib.contextmanager
def signals(heard: Callable[[Stop], None], message: str) -> Iterator[None]:
    """Hand SIGINT and SIGTERM over as reasons to stop, for as long as the loop lives."""
    loop = asyncio.get_running_loop()
    codes = {signal.SIGINT: 130, signal.SIGTERM: 143}
    for signum, code in codes.items():
        loop.add_signal_handler(signum, heard, Stop(code, message))
    try:
        yield
    finally:
        for signum in codes:
            loop.remove_signal_handler(signum)
