"""Learns endings by look-up, where no callback came: a background task beside the dialing."""

import asyncio
from collections.abc import Callable

from orchestrator.engine.conduct import Conduct
from orchestrator.engine.gate import Gate
from orchestrator.engine.ports import Carrier, Clock, Reader, Writer
from orchestrator.engine.steps import Steps
from orchestrator.exotel.replies import call_facts
from orchestrator.model.outcome import Evidence, Exchange, Placement
from orchestrator.model.policy import Rate
from orchestrator.model.target import Lookups
from orchestrator.model.work import Attempt
from orchestrator.policy.pace import Pacer

SHARE = 5
"""Look-ups take at most a fifth of the account's pace (product.md section 4, `lookups`)."""

TICK = 0.2
"""Seconds between two looks for somebody to ask about."""


class FollowUp:
    """Asks for the details of accepted calls without an ending, oldest question first."""

    def __init__(
        self,
        conduct: Conduct,
        lookups: Lookups,
        journal: tuple[Writer, Reader],
        carrier: Carrier,
        clock: Clock,
        account: Pacer,
        gate: Gate,
        heard: Callable[[Exchange], None],
    ) -> None:
        self._conduct, self._lookups, self._steps = conduct, lookups, Steps(conduct)
        self._writer, self._reader = journal
        self._carrier, self._clock = carrier, clock
        self._account, self._gate, self._heard = account, gate, heard
        rate = conduct.account_pace
        self._own = Pacer(Rate(rate.count, rate.seconds * SHARE) if rate else None)
        self._asked: dict[int, float] = {}
        self._answered: set[int] = set()

    async def run(self) -> None:
        """Look up for ever; cancelled by the engine."""
        while True:
            waiting = self._who()
            for attempt in waiting:
                await self._ask(attempt)
            await asyncio.sleep(TICK)

    def has_answered(self, attempt: Attempt) -> bool:
        """Whether the carrier has said something of this attempt since this process began to ask."""
        return attempt.key in self._answered

    def _who(self) -> list[Attempt]:
        """Return accepted attempts whose time to ask has come; forget those that have ended."""
        now, found, still = self._clock(), [], {}
        for attempt in self._reader.open_attempts(self._conduct.scope):
            if attempt.record.placement is not Placement.ACCEPTED or attempt.record.sid is None:
                continue
            asked = self._asked.get(attempt.key)
            if asked is not None:
                still[attempt.key] = asked
            due = attempt.started + self._lookups.after if asked is None else asked + self._lookups.every
            if due <= now:
                found.append((due, attempt))
        self._asked = still
        self._answered &= still.keys()
        return [attempt for _, attempt in sorted(found, key=lambda pair: pair[0])]

    async def _ask(self, attempt: Attempt) -> None:
        now = self._clock()
        await asyncio.sleep(max(self._own.ready_at(now), self._account.ready_at(now)) - now)
        now = self._clock()
        self._own.took(now)
        self._account.took(now)
        self._asked[attempt.key] = now
        sid = attempt.record.sid or ""
        exchange = await self._carrier.details(sid, self._gate.look_up)
        facts = call_facts(exchange.body) if exchange.status == 200 and exchange.complete else None
        if facts is not None and facts.sid == sid:  # an empty or foreign look-up proves nothing
            call, n, at = attempt.call, attempt.record.n, self._clock()
            await self._writer.write(lambda tx: self._steps.learn(tx, tx.attempt(call, n), facts, Evidence.LOOK_UP, at))
        if exchange.complete and exchange.status is not None and (exchange.status == 200 or exchange.status == 404):
            self._answered.add(attempt.key)
        self._heard(exchange)
