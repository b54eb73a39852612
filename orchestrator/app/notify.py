"""Tells others how a run ended: by a signed POST to an address, or through a service that people read.

Nothing of it touches the run: all is in the journal, reports are written and the plan is free for others before the
first byte leaves, and what is not taken changes no exit code. Who was killed tells nobody.
"""

import asyncio
import contextlib
import json
import queue
import threading
import time
from collections.abc import Callable, Iterator

from orchestrator.app.interruption import WATCH, HandingOver, Interrupted
from orchestrator.app.options import shown_address
from orchestrator.app.recipients import Recipients
from orchestrator.journal.port import Journal
from orchestrator.model.diagnostic import Diagnostic, error, note
from orchestrator.model.errors import CannotProceed, JournalBroken
from orchestrator.model.exit_codes import Exit
from orchestrator.model.record import RunRecord

PATIENCE = 20.0
"""Seconds at most in which all are told."""

SLOW = 2.0
"""Seconds after which people are told what is waited for."""

PATIENCE_INTERRUPTED = 4.0
"""The same where a signal ended the run: whoever sent it kills what does not end soon."""


class Notifier:
    """Tells the recipients of one run how it ended."""

    def __init__(
        self,
        recipients: Recipients,
        run_id: str,
        *,
        simulated: bool,
        warn: Callable[[tuple[Diagnostic, ...]], None],
        handing_over: HandingOver = WATCH.handing_over,
    ) -> None:
        self._recipients, self._run_id, self._simulated = recipients, run_id, simulated
        self._warn, self._handing_over = warn, handing_over
        self._ended: tuple[RunRecord, dict[str, int]] | None = None

    @contextlib.contextmanager
    def reading(self, journal: Journal) -> Iterator[None]:
        """Take from the journal how the run ended, when it has, whatever it ended with."""
        try:
            yield
        finally:
            if self._recipients.webhooks or self._recipients.services:
                with contextlib.suppress(CannotProceed, JournalBroken, LookupError), journal.view() as view:
                    run = view.runs.record(self._run_id)
                    if run.ended_at is not None:
                        self._ended = run, dict(view.results.totals(view.runs.scope_of(self._run_id)))

    @contextlib.contextmanager
    def telling(self) -> Iterator[None]:
        """Tell the recipients afterwards. A run that did not begin, or whose end is not in the journal, is not told."""
        patience = PATIENCE
        try:
            yield
        except Interrupted:
            patience = PATIENCE_INTERRUPTED
            raise
        finally:
            if self._ended is not None:
                if (self._ended[0].exit_code or 0) >= Exit.HUNG_UP:
                    patience = PATIENCE_INTERRUPTED
                self._tell(*self._ended, patience)

    def _tell(self, run: RunRecord, totals: dict[str, int], patience: float) -> None:
        """Tell all at once, in a thread of their own: what a library does not give back is left behind there."""
        over = queue.SimpleQueue[None]()  # what a signal, which comes between any two steps, may put into
        problems: dict[str, str | None] = dict.fromkeys(
            (*self._recipients.webhooks, *self._recipients.services), "there was no answer in time"
        )

        def tell() -> None:
            try:
                asyncio.run(self._tell_all(run, totals, patience, problems))
            finally:
                over.put(None)

        with self._handing_over(lambda _signum: over.put(None)):
            threading.Thread(target=tell, name="notify", daemon=True).start()
            if not _comes(over, SLOW):
                self._warn(tuple(_slow(url, patience) for url, why in problems.copy().items() if why is not None))
                _comes(over, patience + 1 - SLOW)
        failed = tuple(_failed(url, why) for url, why in problems.copy().items() if why is not None)
        if failed:
            self._warn(failed)

    async def _tell_all(
        self, run: RunRecord, totals: dict[str, int], patience: float, problems: dict[str, str | None]
    ) -> None:
        from orchestrator.carrier.webhook import Message, deliver
        from orchestrator.reports.notification import notification, notification_in_words

        facts = notification(run, totals, simulated=self._simulated)
        message = Message(run.id, json.dumps(facts).encode(), self._recipients.key)

        async def post(url: str) -> None:
            problems[url] = await deliver(url, message, patience)

        async def tell(url: str) -> None:
            from orchestrator.carrier.services import tell_service

            words = notification_in_words(run, totals, simulated=self._simulated)
            problems[url] = await asyncio.to_thread(tell_service, url, *words)

        await asyncio.gather(*map(post, self._recipients.webhooks), *map(tell, self._recipients.services))


def _comes(over: "queue.SimpleQueue[None]", within: float) -> bool:
    """Wait until something is put in, by looks of a tenth of a second: a signal right before a wait does not end it."""
    end = time.monotonic() + within
    while (left := end - time.monotonic()) > 0:
        with contextlib.suppress(queue.Empty):
            over.get(timeout=min(left, 0.1))
            return True
    return False


def _slow(url: str, patience: float) -> Diagnostic:
    message = f"{shown_address(url)} has not taken yet how the run ended: it is tried for {patience:g} s in all"
    return note("notify-slow", message, hint="the run is over, and a signal such as Ctrl-C gives this up")


def _failed(url: str, why: str) -> Diagnostic:
    """Tell of it as an error, since it is said even under --quiet; the exit code is the run's."""
    return error(
        "notify-failed",
        f"{shown_address(url)} was not told how the run ended: {why}",
        hint="the run itself is not touched by it: `orchestrate report` has what the message would have said",
    )
