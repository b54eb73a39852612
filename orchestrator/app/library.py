"""A run as a program asks for it: beside its event loop, or without one; the process's signals are its own."""

import asyncio
import contextlib
import logging
import signal
from collections.abc import Callable, Iterator, Sequence
from typing import TypeVar

from orchestrator.app.interruption import Interrupted
from orchestrator.app.options import RunOptions
from orchestrator.app.run import RunOutcome, run_plan
from orchestrator.model.diagnostic import Diagnostic
from orchestrator.model.events import Event

# Where a program sets up no logging, Python would write our warnings to stderr.
logging.getLogger("orchestrator").addHandler(logging.NullHandler())

OnEvent = Callable[[Event], object]
OnFinding = Callable[[Diagnostic], object]
Told = TypeVar("Told")


def run(options: RunOptions, on_event: OnEvent | None = None, on_finding: OnFinding | None = None) -> RunOutcome:
    """Run a plan to its end, as `run_async` does, where no event loop is running. Ctrl-C ends it as a cancellation."""
    try:
        asyncio.get_running_loop()
    except RuntimeError:
        return asyncio.run(run_async(options, on_event, on_finding))
    raise RuntimeError("an event loop is running here: say `await run_async(...)`")


async def run_async(
    options: RunOptions, on_event: OnEvent | None = None, on_finding: OnFinding | None = None
) -> RunOutcome:
    """Run a plan to its end and return the verdict on its calls: start, resume and re-run are this one function.

    The run has a thread and an event loop of its own, so that nothing here delays a request that is to leave. In the
    loop that awaits it, `on_event` is called with each event that is in the journal, in order, and `on_finding` with
    warnings and notes. A cancellation ends the run as Ctrl-C ends the command: no further call starts, those that were
    asked for are followed to the journal, and CancelledError is raised when all has ended; a second one does not wait
    for them. Raises OrchestrateError: Refused where nothing was dialed, CannotProceed, WrongUsage, JournalBroken.
    """
    stops, loop, cancelled = _Stops(), asyncio.get_running_loop(), False

    def told(callback: Callable[[Told], object] | None, what: Told) -> None:
        if callback is not None:
            with contextlib.suppress(RuntimeError):  # the loop was closed: the run goes on to its end
                loop.call_soon_threadsafe(callback, what)

    def heard(events: Sequence[Event]) -> None:
        for event in events:
            told(on_event, event)

    def warn(findings: tuple[Diagnostic, ...]) -> None:
        for finding in findings:
            told(on_finding, finding)

    def work() -> RunOutcome:
        try:
            return run_plan(options, heard, None, warn, handing_over=stops.handing_over)
        except Interrupted:  # it was stopped before it began
            raise asyncio.CancelledError from None

    working = asyncio.ensure_future(asyncio.to_thread(work))
    while not working.done():
        try:
            await asyncio.wait([working])
        except asyncio.CancelledError:
            cancelled = True
            stops.stop()
    if cancelled:
        working.cancelled() or working.exception()  # looked at: nobody is told of it but by the cancellation
        raise asyncio.CancelledError
    return working.result()


class _Stops:
    """Asks a run in another thread to end, by what would be the signal of Ctrl-C."""

    def __init__(self) -> None:
        self._take: Callable[[int], None] | None = None
        self._asked = False

    def stop(self) -> None:
        """Ask for the end, now or as soon as the run can take it."""
        self._asked, take = True, self._take
        if take is not None:
            with contextlib.suppress(RuntimeError):  # its loop has just ended
                take(signal.SIGINT)

    @contextlib.contextmanager
    def handing_over(self, take: Callable[[int], None]) -> Iterator[None]:
        self._take = take
        if self._asked:
            take(signal.SIGINT)
        try:
            yield
        finally:
            self._take = None
