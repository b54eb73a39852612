"""What others know of this process: how it takes their signals, that it is alive, and whose it is."""

import asyncio
import contextlib
import gc
import getpass
import os
import signal
from collections.abc import Callable, Iterator

from orchestrator.app.interruption import CODES, WATCH, HandingOver, Interrupted
from orchestrator.journal.port import Beat
from orchestrator.model.story import PULSE
from orchestrator.policy.verdict import Stop


@contextlib.contextmanager
def signals(
    take: Callable[[Stop], None], message: str, handing_over: HandingOver = WATCH.handing_over
) -> Iterator[None]:
    """Hand the signals that end a process over as reasons to stop, inside the running event loop."""
    loop = asyncio.get_running_loop()
    sent: list[int] = []
    taken_by_loop: list[int] = []

    def taken(signum: int) -> None:
        taken_by_loop.append(signum)
        take(Stop(CODES[signal.Signals(signum)], message, signal.Signals(signum)))

    def forward(signum: int) -> None:
        sent.append(signum)
        loop.call_soon_threadsafe(taken, signum)

    with handing_over(forward):
        yield
    if len(sent) > len(taken_by_loop):
        raise Interrupted(sent[-1])  # it came when the loop was about to end


@contextlib.contextmanager
def awaited_signal(message: str) -> Iterator[asyncio.Future[Stop]]:
    """Yield what the first signal that ends a process resolves, as a reason to stop."""
    stopped: asyncio.Future[Stop] = asyncio.get_running_loop().create_future()

    def stop(why: Stop) -> None:
        if not stopped.done():
            stopped.set_result(why)

    with signals(stop, message):
        yield stopped


@contextlib.contextmanager
def pulse(beat: Beat) -> Iterator[None]:
    """Show again and again that the event loop runs, for as long as the context is open."""

    async def keep_on() -> None:
        while True:
            beat()
            await asyncio.sleep(PULSE)

    task = asyncio.get_running_loop().create_task(keep_on())
    try:
        yield
    finally:
        task.cancel()


RARELY = 50_000
"""Objects that come and stay before the interpreter looks for such as only refer to one another: a few megabytes."""


@contextlib.contextmanager
def rare_collections() -> Iterator[None]:
    """Look for garbage rarely: a call leaves next to none, and looking takes a quarter of a run's time.

    What is there when this begins is not looked through again.
    """
    usual = gc.get_threshold()
    gc.freeze()
    gc.set_threshold(RARELY, *usual[1:])
    try:
        yield
    finally:
        gc.set_threshold(*usual)
        gc.unfreeze()


def user() -> str:
    """Return the user's name, which the journal keeps beside what they did."""
    try:
        name = getpass.getuser()
    except (KeyError, OSError, ImportError):  # a container's user may have no name
        name = f"user {os.getuid()}"
    return name.encode("utf-8", "replace").decode()
