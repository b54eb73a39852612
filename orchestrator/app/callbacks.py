"""Where callbacks are received, beside a run or as a service: who has the address, and what becomes of refused ones."""

import asyncio
import contextlib
import errno
import time
from collections import Counter
from collections.abc import AsyncIterator, Callable

from orchestrator.journal.port import Writer
from orchestrator.model.errors import CannotProceed, JournalBroken
from orchestrator.model.events import rfc3339
from orchestrator.model.refusal import Refusal
from orchestrator.receiver.app import CommitCallback, Receiver, TellRefusal
from orchestrator.receiver.identity import ReceiverIdentity, ask_identity
from orchestrator.serving import serve


async def listening(
    stack: contextlib.AsyncExitStack,
    commit: CommitCallback,
    host: str,
    port: int,
    identity: ReceiverIdentity,
    refused: TellRefusal,
) -> int | None:
    """Serve a receiver on an address for as long as the stack is open; return the port (for 0, the one picked).

    None where a run finds the `serve` of its journal there, which receives callbacks for it. Raises CannotProceed where
    anybody else has the address, or nobody can have it.
    """
    try:
        return await stack.enter_async_context(
            serve(Receiver(commit, identity=identity, refused=refused).app, host, port)
        )
    except OSError as problem:
        there = await ask_identity(host, port) if problem.errno == errno.EADDRINUSE else None
        if identity.by == "run" and there == ReceiverIdentity(identity.journal, "serve"):
            return None
        raise _taken(host_and_port(host, port), there, identity, problem) from None


def host_and_port(host: str, port: int) -> str:
    """Return an address as a URL has it."""
    return f"[{host}]:{port}" if ":" in host else f"{host}:{port}"


def _taken(address: str, there: ReceiverIdentity | None, mine: ReceiverIdentity, problem: OSError) -> CannotProceed:
    """Say why no receiver can listen, and who does."""
    if there is None:
        hint = "another program listens there: end it, or choose another address"
        why = f"the callback receiver cannot listen on {address}: {problem.strerror}"
        return CannotProceed(why, hint if problem.errno == errno.EADDRINUSE else None)
    if there.journal != mine.journal:
        return CannotProceed(
            f"{address} is taken by the receiver of another journal, {there.journal}",
            f"a callback that arrives there is not written to {mine.journal}: choose another address",
        )
    if there.by == "serve":
        return CannotProceed(
            f"`serve` listens on {address} for this journal already",
            "one `serve` receives the callbacks of every plan on the journal",
        )
    if mine.by == "run":
        hint = "`orchestrate serve` receives callbacks for several runs: end that run, start `serve`, and then the runs"
    else:
        hint = "`serve` may start once that run has ended; a run that finds a `serve` there leaves the callbacks to it"
    return CannotProceed(f"a run on this journal listens on {address}, and receives the callbacks of every plan", hint)


WARN_EVERY = 60.0
"""Seconds between two warnings of one kind."""

KEEP_EVERY = 10.0
"""Seconds between two writes of the counts."""

REFUSAL_WORDS = {
    Refusal.WRONG_PATH: "came to another path than the receiver's: check the path of the target's public_url",
    Refusal.UNREADABLE_BODY: "had a body that is no status callback, or that did not arrive whole",
    Refusal.UNKNOWN_TOKEN: "had an address that no call of this journal was given: perhaps it is another journal's",
}


class Refusals:
    """Takes note of what a receiver refuses. `warn` gets the words, at most once a minute for each kind."""

    def __init__(self, warn: Callable[[str], None], clock: Callable[[], float] = time.monotonic) -> None:
        self._warn, self._clock = warn, clock
        self._unwritten: Counter[Refusal] = Counter()
        self._unsaid: Counter[Refusal] = Counter()
        self._again: dict[Refusal, float] = {}

    def note(self, why: Refusal) -> None:
        """Take note of one refused callback."""
        self._unwritten[why] += 1
        self._unsaid[why] += 1
        self._say_what_is_due()

    @contextlib.asynccontextmanager
    async def kept(self, writer: Writer) -> AsyncIterator[None]:
        """Write the counts to the journal every KEEP_EVERY seconds, and once more at the end with the last warnings."""
        keeping = asyncio.create_task(self._keep(writer))
        try:
            yield
        finally:
            keeping.cancel()
            await asyncio.gather(keeping, return_exceptions=True)
            for why in tuple(self._unsaid):
                self._say(why)
            await self._write(writer)

    async def _keep(self, writer: Writer) -> None:
        while True:
            await asyncio.sleep(KEEP_EVERY)
            self._say_what_is_due()
            await self._write(writer)

    def _say_what_is_due(self) -> None:
        now = self._clock()
        for why in tuple(self._unsaid):
            if now >= self._again.get(why, now):
                self._again[why] = now + WARN_EVERY
                self._say(why)

    def _say(self, why: Refusal) -> None:
        count = self._unsaid.pop(why)
        self._warn(f"{count:,} callback{'' if count == 1 else 's'} refused: {REFUSAL_WORDS[why]}")

    async def _write(self, writer: Writer) -> None:
        """Add what was refused since the last write; where the journal cannot be written, it is tried again."""
        counts, self._unwritten = self._unwritten, Counter()
        if not counts:
            return
        at = rfc3339(time.time())
        try:
            await writer.write(lambda tx: tx.add_refused(counts, at))
        except JournalBroken:
            self._unwritten += counts
