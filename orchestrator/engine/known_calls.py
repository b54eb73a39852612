"""Follows calls whose Sid is known: to their endings, and then for the duration and price that come late."""

from collections import Counter

from orchestrator.engine.asking import Asking
from orchestrator.engine.conduct import Conduct
from orchestrator.engine.lookups import LookUps
from orchestrator.engine.ports import Clock, Reader, Writer
from orchestrator.engine.reconcile import PAGE_SIZE, Query, claims, is_other_pair
from orchestrator.exotel.call_fields import TALK_SECONDS_UNSET
from orchestrator.exotel.facts import ending
from orchestrator.exotel.replies import ListedCall, call_facts, one_call
from orchestrator.model.outcome import CallFacts, Ending, Exchange, Placement
from orchestrator.model.target import Lookups
from orchestrator.model.times import rfc3339
from orchestrator.model.work import Attempt

SIDS = 20
"""Sids of one list query, as the carrier advises (docs/carrier.md, reading calls)."""

HANDFUL = 10
"""Most calls that wait at one moment and are still asked for one by one: only details tell the legs."""


MISSES = 3
"""Lists in a row that may leave a call out, as they do with ongoing ones, before its details are asked for once."""


class Endings(Asking):
    """Asks how calls ended, the oldest question first; many at once where many wait."""

    def __init__(
        self, conduct: Conduct, lookups: Lookups, journal: tuple[Writer, Reader], asker: LookUps, clock: Clock
    ) -> None:
        super().__init__(conduct, lookups, journal, asker, clock)
        self._since: dict[int, float] = {}
        self._asked: dict[int, float] = {}
        self._alone: set[int] = set()
        self._missed: Counter[int] = Counter()
        self._answered: set[int] = set()

    def patience(self, attempt: Attempt) -> float:
        """Return until when to wait for the first word on an attempt, in epoch seconds; 0 where it has come.

        The end does not depend on being asked: it stands from the first time on that somebody wants to know.
        """
        if attempt.key in self._answered:
            return 0.0
        since = self._since.setdefault(attempt.key, self._clock())
        return max(since, attempt.free_at_last(since)) + self._conduct.settle_for

    async def ask(self) -> bool:
        """Ask what is due; return whether anything was."""
        due = self._due()
        crowd = [attempt for attempt in due if not self._is_asked_alone(attempt)]
        one_by_one = min(HANDFUL, self._lookups.every / self._asker.interval)  # as many as have their turn in time
        if len(crowd) > max(1, one_by_one):
            await self._ask_for_many(crowd[:SIDS])
            due = [attempt for attempt in due if self._is_asked_alone(attempt)]
        if due:
            await self._ask_for_one(due[0])
        return bool(due or crowd)

    def _due(self) -> list[Attempt]:
        """Return attempts whose time to ask has come; forget those that have ended."""
        now, found = self._clock(), []
        since: dict[int, float] = {}
        for attempt in self._reader.open_attempts(self._conduct.scope):
            since[attempt.key] = self._since.get(attempt.key, now)
            if attempt.record.sid is None or attempt.record.placement not in (Placement.ACCEPTED, Placement.UNKNOWN):
                continue
            asked = self._asked.get(attempt.key)
            # An earlier run's clock may have been ahead: nobody waits for it to come true.
            first = min(attempt.started, since[attempt.key]) + self._lookups.after
            due = first if asked is None else asked + self._lookups.every
            if due <= now:
                found.append((due, attempt))
        self._since = since
        self._asked = {key: at for key, at in self._asked.items() if key in since}
        self._answered &= since.keys()
        self._alone &= since.keys()
        self._missed = Counter({key: times for key, times in self._missed.items() if key in since})
        return [attempt for _, attempt in sorted(found, key=lambda pair: pair[0])]

    def _is_asked_alone(self, attempt: Attempt) -> bool:
        """Whether the list is not enough: it lacks legs, and calls that go on or are not indexed yet."""
        unproven = attempt.record.placement is not Placement.ACCEPTED
        left_out = attempt.key in self._alone or self._missed[attempt.key] >= MISSES
        return unproven or left_out or attempt.pair_free_at <= self._clock()

    async def _ask_for_many(self, attempts: list[Attempt]) -> None:
        listed = await self._asker.calls(sid_query(attempts))
        if listed is None:  # perhaps this account has no lists
            self._alone |= {attempt.key for attempt in attempts}
            return
        told = {call.sid: call for call in listed}
        for attempt in attempts:
            call = told.get(attempt.record.sid or "")
            ended = None if call is None else ending(call.facts)
            if call is not None and ended is Ending.COMPLETED:
                await self._learn_of_its_call(attempt, call.facts, call)
            elif ended is not None:
                self._alone.add(attempt.key)
                continue  # due still: whether To was rung at all stands in the legs
            self._missed[attempt.key] += call is None
            self._asked[attempt.key] = self._clock()

    async def _ask_for_one(self, attempt: Attempt) -> None:
        sid = attempt.record.sid or ""
        exchange = await self._asker.details(sid)
        self._asked[attempt.key] = self._clock()
        self._alone.discard(attempt.key)
        del self._missed[attempt.key]
        facts = call_facts(exchange.body) if exchange.status == 200 and exchange.complete else None
        call = one_call(exchange.body)
        if facts is not None and call is not None and facts.sid == sid:  # an empty or foreign look-up proves nothing
            await self._learn_of_its_call(attempt, facts, call)
        if _is_an_answer(exchange):
            self._answered.add(attempt.key)

    async def _learn_of_its_call(self, attempt: Attempt, facts: CallFacts, call: ListedCall) -> None:
        """Commit what a look-up of the attempt's own Sid says."""
        described, at = self._reader.described(attempt), self._clock()
        if is_other_pair(described, call):
            await self._writer.write(lambda tx: self._steps.other_pair(tx, attempt, at))
        if attempt.record.placement is not Placement.ACCEPTED:
            # The Sid came with a refusal: the call must fit the attempt like any that a list shows.
            if claims([described], [call], frozenset(), self._span, self._conduct.timezone):
                await self._writer.write(lambda tx: self._steps.claim(tx, attempt, call.sid, at))
            return
        await self._learn(attempt, facts)


class LateFacts(Asking):
    """Asks for duration and price of calls that have ended, for `lookups.settle` seconds; nobody waits for them."""

    def __init__(
        self, conduct: Conduct, lookups: Lookups, journal: tuple[Writer, Reader], asker: LookUps, clock: Clock
    ) -> None:
        super().__init__(conduct, lookups, journal, asker, clock)
        self._queue: list[Attempt] = []
        self._again = clock() + lookups.every

    async def ask(self) -> bool:
        """Ask about a batch; return whether there was one."""
        now = self._clock()
        if not self._queue and self._again <= now:
            self._again = now + self._lookups.every
            ended = now - self._lookups.settle
            self._queue = self._reader.incomplete(self._conduct.scope, ended - TALK_SECONDS_UNSET, rfc3339(ended))
        batch, self._queue = self._queue[:SIDS], self._queue[SIDS:]
        for call in (await self._asker.calls(sid_query(batch)) or ()) if batch else ():
            for attempt in batch:
                if attempt.record.sid == call.sid:
                    await self._learn(attempt, call.facts)
        return bool(batch)


def sid_query(attempts: list[Attempt]) -> Query:
    """Return the query for these attempts' calls, by their Sids."""
    return (("Sid", ",".join(attempt.record.sid or "" for attempt in attempts)), ("PageSize", str(PAGE_SIZE)))


def _is_an_answer(exchange: Exchange) -> bool:
    return exchange.complete and exchange.status in (200, 404)
