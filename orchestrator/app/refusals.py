"""Callbacks that were refused leave a trace: a warning a minute, and counts in the journal which `status` shows.

Whoever finds the receiver's address can send anything to it. So a kind of refusal is warned of once a minute, with
how many there were, and the journal keeps three numbers and a time, which are written at most every ten seconds.
"""

import asyncio
import contextlib
import time
from collections import Counter
from collections.abc import AsyncIterator, Callable

from orchestrator.journal import Writer
from orchestrator.journal.refused import add_refused
from orchestrator.model.errors import JournalBroken
from orchestrator.model.refusal import Refusal
from orchestrator.model.times import rfc3339

WARN_EVERY = 60.0
"""Seconds between two warnings of one kind."""

KEEP_EVERY = 10.0
"""Seconds between two writes of the counts."""

WORDS = {
    Refusal.WRONG_PATH: "came to a path where none are heard: does the target's public_url lead here, path and all?",
    Refusal.UNREADABLE_BODY: "had a body that is no status callback, or that did not arrive whole",
    Refusal.UNKNOWN_TOKEN: "had an address that was given to no call of this journal: was it another journal's?",
}


class Refusals:
    """Takes note of what a receiver refuses. `warn` is told in words, at most once a minute for each kind."""

    def __init__(self, warn: Callable[[str], None], clock: Callable[[], float] = time.monotonic) -> None:
        self._warn, self._clock = warn, clock
        self._unkept: Counter[Refusal] = Counter()
        self._unsaid: Counter[Refusal] = Counter()
        self._again: dict[Refusal, float] = {}

    def note(self, why: Refusal) -> None:
        """Take note of one refused callback."""
        self._unkept[why] += 1
        self._unsaid[why] += 1
        self._say_what_is_due()

    @contextlib.asynccontextmanager
    async def kept(self, writer: Writer) -> AsyncIterator[None]:
        """Write the counts to the journal from time to time, and at the end, when the rest is told too."""
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
        self._warn(f"{count:,} callback{'' if count == 1 else 's'} refused: {WORDS[why]}")

    async def _write(self, writer: Writer) -> None:
        """Add what was refused since the last write; where the journal cannot be written, it is tried again."""
        counts, self._unkept = self._unkept, Counter()
        if not counts:
            return
        at = rfc3339(time.time())
        try:
            await writer.write(lambda tx: add_refused(tx, counts, at))
        except JournalBroken:
            self._unkept += counts
