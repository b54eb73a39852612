"""What a run waits for, told once, and until when."""

import math
from collections.abc import Callable
from dataclasses import dataclass

from orchestrator.engine.conduct import Conduct
from orchestrator.engine.ports import Clock, Writer
from orchestrator.model.events import EventType
from orchestrator.model.times import rfc3339
from orchestrator.policy.rules import NEVER


@dataclass(frozen=True, slots=True)
class Look:
    """When to look again, in epoch seconds: infinity where only news helps, such as an ending.

    `is_bounded`: it waits for something that `--wait` is for, a window or a retry; then infinity is "never". It has
    waited `since` then, also where what it waits for moved away meanwhile.
    `gives_up`: at that time the run has waited long enough for what nobody can date, in words that may follow a colon.
    """

    at: float = math.inf
    is_bounded: bool = False
    since: float | None = None
    gives_up: str | None = None


class Waits:
    """One run's. `is_busy` tells whether calls of its own are under way: their endings are news enough."""

    def __init__(self, conduct: Conduct, writer: Writer, clock: Clock, is_busy: Callable[[], bool]) -> None:
        self._conduct, self._writer, self._clock, self._is_busy = conduct, writer, clock, is_busy
        self._told: tuple[str, str | None] | None = None
        self._idle_since: float | None = None

    def over(self) -> None:
        """Take note that a call starts: the next wait is another one."""
        self._told = self._idle_since = None

    async def until(self, reason: str, moment: float, behind: float = 0.0) -> Look:
        """Wait for a moment - NEVER: none will come -, by a clock that is so many seconds `behind` ours."""
        await self._tell(reason, "never" if moment == NEVER else rfc3339(moment))
        return Look(moment - behind, is_bounded=True, since=self._idle())

    def quiet(self, moment: float, own: float = 0.0) -> Look:
        """Wait for a moment of our own clock, and say nothing of it; `own`: seconds that the plan itself asks for.

        While calls are under way their endings are waited for anyway.
        """
        since = self._idle()
        return Look(moment) if since is None else Look(moment, is_bounded=True, since=since + own)

    async def for_news(self, reason: str, words: str | None = None) -> Look:
        """Wait for an ending, or for a person: not longer than for a window where no call of our own is under way."""
        await self._tell(reason, None)
        since = self._idle()
        return Look() if since is None else Look(since + self._conduct.wait, gives_up=words or reason)

    def _idle(self) -> float | None:
        """Return since when nothing of our own has been under way; None where something is."""
        if self._is_busy():
            self._idle_since = None
        elif self._idle_since is None:
            self._idle_since = self._clock()
        return self._idle_since

    async def _tell(self, reason: str, until: str | None) -> None:
        if self._told == (reason, until):
            return
        self._told = (reason, until)
        at, run = rfc3339(self._clock()), self._conduct.scope.run_id
        data = {"reason": reason, "until": until}
        await self._writer.write(lambda tx: tx.append(EventType.RUN_WAITING, at, run, data=data))
