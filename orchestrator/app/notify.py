"""Tells others how a run ended: by a signed POST to an address, or through a service that people read.

`Recipients` are who is told: which addresses, where they may stand, and the secret that signs what they get.
`Notifier` tells them.

Nothing of it touches the run: all is in the journal, reports are written and the plan is free for others before the
first byte leaves, and what is not taken changes no exit code. Who was killed tells nobody.
"""

import asyncio
import base64
import binascii
import contextlib
import json
import queue
import threading
import time
from collections.abc import Callable, Iterator
from dataclasses import field

from orchestrator.app.interruption import WATCH, HandingOver, Interrupted
from orchestrator.app.options import WEB, shown_address
from orchestrator.app.secret_setting import secret_setting
from orchestrator.journal.port import Journal
from orchestrator.model.diagnostic import Diagnostic, error, note, warning
from orchestrator.model.errors import CannotProceed, JournalBroken, WrongUsage
from orchestrator.model.exit_codes import Exit
from orchestrator.model.frozen import frozen
from orchestrator.model.record import RunRecord
from orchestrator.model.target import Target
from orchestrator.plan.addresses import Reach, traits
from orchestrator.plan.text_formats import ParseError, read_webhook

ADDRESSES = "ORCHESTRATE_NOTIFY"
"""The variable, or the file in the folder of secrets, with addresses that hold a secret; blanks stand between them."""

SECRET = "ORCHESTRATE_NOTIFY_SECRET"  # noqa: S105 - its name
"""The same with the secret that signs, in base64, as Standard Webhooks writes it."""

FEWEST_SECRET_BYTES = 24


@frozen
class Recipients:
    """Who is told: addresses of webhooks, and of services; `key` signs, None where there is no secret."""

    webhooks: tuple[str, ...] = ()
    services: tuple[str, ...] = ()
    key: bytes | None = field(default=None, repr=False)

    def findings(self) -> Iterator[Diagnostic]:
        """Warn of what a receiver cannot trust, and of what travels in the open."""
        if self.webhooks and self.key is None:
            yield warning(
                "notify-unsigned",
                f"the message at the end of the run is not signed, because {SECRET} is not set",
                hint="make a secret with `openssl rand -base64 32`, and give it to the receiver too",
            )
        for url in self.webhooks:
            seen = traits(url)
            if not seen.is_encrypted and seen.reach is not Reach.MACHINE:
                message = f"the message to {shown_address(url)} is not encrypted: totals travel in the open"
                yield warning("notify-unencrypted", message, hint="write https://")


def recipients(given: tuple[str, ...], target: Target, secrets_dir: str | None) -> Recipients:
    """Return who is told: the addresses that were given, the target's, and those that the environment names.

    Raises WrongUsage for an address that was given and cannot be used, CannotProceed for the environment's, for a
    secret that is none, and for a service where the library that knows it is not installed.
    """
    in_the_open = [_given(url) for url in (*given, *target.notify)]
    kept = [_kept(url) for url in _addresses(secrets_dir)]
    webhooks = tuple(dict.fromkeys(url for url in (*in_the_open, *kept) if _is_web(url)))
    services = tuple(dict.fromkeys(url for url in kept if not _is_web(url)))
    return Recipients(webhooks, services, _key(secrets_dir) if webhooks else None)


def _is_web(url: str) -> bool:
    return "://" not in url or url.partition("://")[0].lower() in WEB


def _given(url: str) -> str:
    """Check an address that was given in the open, where none may hold a secret."""
    if not _is_web(url):
        _check_library(url)
        raise WrongUsage(
            f"{shown_address(url)}: the address of a service holds a secret, and is given by {ADDRESSES} only, or by a"
            " file of that name in --secrets-dir"
        )
    found = read_webhook(url)
    if isinstance(found, ParseError):
        raise WrongUsage(f"the address {shown_address(url)} to notify {found.reason}; {found.hint}")
    return found


def _addresses(secrets_dir: str | None) -> list[str]:
    try:
        return secret_setting(ADDRESSES, secrets_dir).decode().split()
    except UnicodeDecodeError:
        raise CannotProceed(f"{ADDRESSES} is not text in UTF-8") from None


def _kept(url: str) -> str:
    """Check an address from where secrets are kept."""
    if _is_web(url):
        found = read_webhook(url, may_hold_secret=True)
        if isinstance(found, ParseError):
            raise CannotProceed(f"{ADDRESSES}: {shown_address(url)} {found.reason}", found.hint)
        return found
    _check_library(url)
    from orchestrator.carrier.services import is_service

    if not is_service(url):
        message = f"{ADDRESSES}: {shown_address(url)} is no address of a service that the library apprise knows"
        raise CannotProceed(message, "write it as apprise's own documentation of the service does")
    return url


def _check_library(url: str) -> None:
    from orchestrator.carrier.services import INSTALL, has_services

    if not has_services():
        message = f"{shown_address(url)} is of a service, and the library that knows it is not installed"
        raise CannotProceed(message, INSTALL)


def _key(secrets_dir: str | None) -> bytes | None:
    text = secret_setting(SECRET, secrets_dir).removeprefix(b"whsec_")
    if not text:
        return None
    hint = "make one with `openssl rand -base64 32`, and keep it where the pipeline keeps its secrets"
    try:
        key = base64.b64decode(text, validate=True)
    except binascii.Error:
        raise CannotProceed(f"{SECRET} is not base64", hint) from None
    if len(key) < FEWEST_SECRET_BYTES:
        raise CannotProceed(f"{SECRET} has fewer than {FEWEST_SECRET_BYTES} bytes: it can be guessed", hint)
    return key


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
