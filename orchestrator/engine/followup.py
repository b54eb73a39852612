"""The task beside the dialing that asks the carrier: how calls ended, and which unknown attempts became calls."""

import asyncio
from collections.abc import Callable

from orchestrator.engine.conduct import Conduct
from orchestrator.engine.known_calls import Endings, LateFacts
from orchestrator.engine.lookups import LookUps
from orchestrator.engine.ports import Clock, Reader, Writer
from orchestrator.engine.unknowns import Unknowns
from orchestrator.model.outcome import Placement
from orchestrator.model.target import Lookups
from orchestrator.model.work import Attempt

TICK = 0.2
"""Seconds between two looks for somebody to ask about."""


class FollowUp:
    """Takes turns: an ending, some unknown attempts; late facts only while nothing else is to be asked."""

    def __init__(
        self,
        conduct: Conduct,
        lookups: Lookups,
        journal: tuple[Writer, Reader],
        asker: LookUps,
        clock: Clock,
        changed: Callable[[], None],
    ) -> None:
        self._endings = Endings(conduct, lookups, journal, asker, clock)
        self._unknowns = Unknowns(conduct, lookups, journal, asker, clock)
        self._late = LateFacts(conduct, lookups, journal, asker, clock)
        self._changed = changed

    async def run(self) -> None:
        """Ask for ever; cancelled by the engine."""
        while True:
            owed = self._unknowns.owes
            asked = [await self._endings.ask(), await self._unknowns.ask()]
            if owed and not self._unknowns.owes:
                self._changed()
            if not any(asked) and not await self._late.ask():
                await asyncio.sleep(TICK)

    @property
    def owes(self) -> bool:
        """Whether attempts that an earlier run gave up have not been asked about yet."""
        return self._unknowns.owes

    def patience(self, attempt: Attempt) -> float:
        """Return until when to wait for the carrier's first word on an attempt, in epoch seconds; 0 where it came."""
        known = attempt.record.placement is Placement.ACCEPTED or attempt.record.sid is not None
        return self._endings.patience(attempt) if known else self._unknowns.patience(attempt)
