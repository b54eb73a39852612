"""Asks the carrier, beside the dialing, how calls ended and which unknown attempts became calls.

Look-ups go out one after another, inside a fifth of the account's pace.
"""

import math
from collections.abc import Awaitable, Callable, Sequence
from dataclasses import dataclass, field

from orchestrator.engine.admission import RateLimiter
from orchestrator.engine.attempt import Steps
from orchestrator.engine.clock import Clock
from orchestrator.engine.config import IDLE_PAUSE, RunConfig
from orchestrator.engine.ports import Carrier, Reader, Transaction, Writer
from orchestrator.engine.reconcile import (
    LOOK_BACK,
    PAGE_SIZE,
    CreationTimes,
    Group,
    Query,
    candidates,
    claims,
    groups,
    is_listed,
    is_other_pair,
)
from orchestrator.engine.state import LookTimes, RunState
from orchestrator.exotel.call_fields import TALK_SECONDS_UNSET
from orchestrator.exotel.facts import call_facts, ending
from orchestrator.exotel.replies import ListedCall, call_list, one_call
from orchestrator.model.call import Attempt, UnmatchedAttempt
from orchestrator.model.events import rfc3339
from orchestrator.model.outcome import CallFacts, Ending, Evidence, Exchange, Placement
from orchestrator.model.target import Lookups
from orchestrator.policy.pace import SHARE_OF_LOOK_UPS

Leave = Callable[[], Awaitable[None]]

SIDS_PER_QUERY = 20
"""Sids of one list query, as the carrier advises (docs/carrier.md, reading calls)."""

MOST_ASKED_ALONE = 10
"""Most calls that wait at one moment and are still asked for one by one: only details tell the legs."""

MOST_LOOKED_AT = 3 * SIDS_PER_QUERY
"""Most calls that are read in one look for what is to be asked."""

MISSES_UNTIL_ALONE = 3
"""Lists in a row that may leave a call out, as they do with ongoing ones, before its details are asked for once."""

MOST_PAGES = 20
"""Pages of one list that are read: 2,000 calls. A longer one proves nothing, since its end was not seen."""


class LookUpClient:
    """Asks the carrier, each question when its turn has come."""

    def __init__(self, config: RunConfig, carrier: Carrier, limiter: RateLimiter, state: RunState) -> None:
        self._carrier, self._limiter, self._state = carrier, limiter, state
        rate = config.account_pace
        self.interval = max(rate.interval * SHARE_OF_LOOK_UPS, 0.001) if rate else 0.001
        """Seconds between two questions."""
        self.trouble: str | None = None
        """Why no look-up was answered so far; None once one was."""
        self._is_answered = False

    async def details(self, sid: str) -> Exchange:
        """Ask for one call with its legs."""
        return await self._ask(lambda leave: self._carrier.details(sid, leave))

    async def calls(self, query: Query) -> list[ListedCall] | None:
        """Ask for a list, page by page; None where a page could not be had or read: who counts needs all of it."""
        found: list[ListedCall] = []
        following: Query | None = query
        for _ in range(MOST_PAGES):
            asked = following
            exchange = await self._ask(lambda leave, page=asked: self._carrier.listing(page, leave))  # type: ignore[misc]
            page = call_list(exchange.body) if exchange.status == 200 and exchange.complete else None
            if page is None:
                return None
            found += page.calls
            following = page.next_query
            if following is None:
                return found
        return None

    def note_answer(self, call: int) -> None:
        """Take note that a call need not be asked about again before it is given up."""
        self._state.memory.changed.add(call)

    async def _ask(self, question: Callable[[Leave], Awaitable[Exchange]]) -> Exchange:
        turn = await self._limiter.look_up()  # before a connection is opened: the wait may be long
        exchange = await question(turn.leave)
        self._note(exchange)
        self._limiter.heed(exchange)
        self._state.news.set()
        return exchange

    def _note(self, exchange: Exchange) -> None:
        if exchange.status in (200, 404):
            self._is_answered, self.trouble = True, None
        elif exchange.status != 429 and not self._is_answered:
            self.trouble = exchange.error if exchange.status is None else f"HTTP {exchange.status}"


@dataclass
class LookUpBase:
    """The journal to ask for, the carrier to ask, and the step that commits what a call's own look-up says."""

    config: RunConfig
    settings: Lookups
    writer: Writer
    reader: Reader
    client: LookUpClient
    clock: Clock
    steps: Steps = field(init=False)
    span: CreationTimes = field(init=False)

    def __post_init__(self) -> None:
        """Make what the run's settings decide."""
        self.steps, self.span = Steps(self.config), CreationTimes(self.config.timeout)

    async def _learn(self, said: Sequence[tuple[Attempt, CallFacts]]) -> None:
        """Commit together what one look-up says of these attempts' calls."""
        if not said:
            return
        at = self.clock.now()

        def learn(tx: Transaction) -> None:
            for attempt, facts in said:
                known = tx.attempt(attempt.call, attempt.record.n)
                self.steps.apply_evidence(tx, known, facts, Evidence.LOOK_UP, at)

        await self.writer.write(learn)


@dataclass(slots=True)
class _Question:
    """What was asked about the latest attempt of an open call, and since when it is known here."""

    attempt: int
    since: float
    asked: float | None = None
    misses: int = 0
    is_alone: bool = False
    is_answered: bool = False


@dataclass
class EndingLookUps(LookUpBase):
    """Asks how calls ended, the oldest question first; many at once where many wait.

    A call is read from the journal only once its question may be due: hundreds may be in flight.
    """

    state: RunState
    pause: float
    _questions: dict[int, _Question] = field(default_factory=dict)
    _looks: LookTimes = field(default_factory=LookTimes)

    def patience(self, attempt: Attempt) -> float:
        """Return until when to wait for the first word on an attempt, in epoch seconds; 0 where it has come.

        The end does not depend on being asked: it stands from the first time on that somebody wants to know.
        """
        question = self._question(attempt)
        if question.is_answered:
            return 0.0
        return max(question.since, attempt.free_at_last(question.since)) + self.config.settle_for

    async def ask(self) -> bool:
        """Ask what is due; return whether anything was."""
        due = self._due()
        crowd = [attempt for attempt in due if not self._is_asked_alone(attempt)]
        in_time = self.settings.every / self.client.interval  # so many have their turn
        if len(crowd) > max(1, min(MOST_ASKED_ALONE, in_time)):
            await self._ask_for_many(crowd[:SIDS_PER_QUERY])
            due = [attempt for attempt in due if self._is_asked_alone(attempt)]
        if due:
            await self._ask_for_one(due[0])
        return bool(due or crowd)

    def _due(self) -> list[Attempt]:
        """Return the oldest of the attempts whose time to ask has come."""
        now, memory = self.clock.now(), self.state.memory
        self._follow(now)
        found: list[tuple[float, Attempt]] = []
        for attempt in self.reader.latest_attempts(self._looks.until(now, memory.awaited, MOST_LOOKED_AT)):
            due = self._first_asked(attempt)
            if attempt.record.sid is None or attempt.record.placement not in (Placement.ACCEPTED, Placement.UNKNOWN):
                due = now + self.pause  # nothing to ask by, for now
            elif due <= now:
                found.append((due, attempt))
            self._looks.put({attempt.call: due})
        return [attempt for _, attempt in sorted(found, key=lambda pair: pair[0])]

    def _follow(self, now: float) -> None:
        """Take note of calls that are open now, and forget those that have ended."""
        awaited = self.state.memory.awaited
        for ended in self._questions.keys() - awaited.keys():
            del self._questions[ended]
        new = awaited.keys() - self._looks.keys()
        running = {call for call in new if self.state.memory.is_running(call)}  # it has just begun
        self._looks.put(dict.fromkeys(running, now + self.settings.after))
        self._looks.put({each.call: self._first_asked(each) for each in self.reader.latest_attempts(new - running)})

    def _first_asked(self, attempt: Attempt) -> float:
        """Return when an attempt is to be asked about next.

        An earlier run's clock may have been ahead: nobody waits for it to come true.
        """
        question = self._question(attempt)
        if question.asked is not None:
            return question.asked + self.settings.every
        return min(attempt.started, question.since) + self.settings.after

    def _question(self, attempt: Attempt) -> _Question:
        question = self._questions.get(attempt.call)
        if question is None or question.attempt != attempt.key:
            question = self._questions[attempt.call] = _Question(attempt.key, self.clock.now())
        return question

    def _is_asked_alone(self, attempt: Attempt) -> bool:
        """Whether the list is not enough: it lacks legs, and calls that go on or are not indexed yet."""
        question = self._question(attempt)
        unproven = attempt.record.placement is not Placement.ACCEPTED
        left_out = question.is_alone or question.misses >= MISSES_UNTIL_ALONE
        return unproven or left_out or attempt.pair_free_at <= self.clock.now()

    async def _ask_for_many(self, attempts: list[Attempt]) -> None:
        listed = await self.client.calls(sid_query(attempts))
        if listed is None:  # perhaps this account has no lists
            for attempt in attempts:
                self._question(attempt).is_alone = True
            return
        reported = {call.sid: call for call in listed}
        for attempt in attempts:
            question, call = self._question(attempt), reported.get(attempt.record.sid or "")
            ended = None if call is None else ending(call.facts)
            if call is not None and ended is Ending.COMPLETED:
                await self._learn_of_its_call(attempt, call.facts, call)
            elif ended is not None:
                question.is_alone = True
                continue  # due still: whether To was rung at all stands in the legs
            question.misses += call is None
            self._note_asked(attempt)

    async def _ask_for_one(self, attempt: Attempt) -> None:
        sid, question = attempt.record.sid or "", self._question(attempt)
        exchange = await self.client.details(sid)
        question.is_alone, question.misses = False, 0
        self._note_asked(attempt)
        facts = call_facts(exchange.body) if exchange.status == 200 and exchange.complete else None
        call = one_call(exchange.body)
        if facts is not None and call is not None and facts.sid == sid:  # an empty or foreign look-up proves nothing
            await self._learn_of_its_call(attempt, facts, call)
        if _is_an_answer(exchange):
            question.is_answered = True
            self.client.note_answer(attempt.call)

    def _note_asked(self, attempt: Attempt) -> None:
        self._question(attempt).asked = now = self.clock.now()
        self._looks.put({attempt.call: now + self.settings.every})

    async def _learn_of_its_call(self, attempt: Attempt, facts: CallFacts, call: ListedCall) -> None:
        """Commit what a look-up of the attempt's own Sid says."""
        described, at = self.reader.described(attempt), self.clock.now()
        if is_other_pair(described, call):
            await self.writer.write(lambda tx: self.steps.other_pair(tx, attempt, at))
        if attempt.record.placement is not Placement.ACCEPTED:
            # The Sid came with a refusal: the call must fit the attempt like any that a list shows.
            if claims([described], [call], frozenset(), self.span, self.config.timezone):
                await self.writer.write(lambda tx: self.steps.claim(tx, attempt, call.sid, at))
            return
        await self._learn([(attempt, facts)])


@dataclass
class LateFactLookUps(LookUpBase):
    """Asks for duration and price of calls that have ended, for `lookups.settle` seconds; nobody waits for them."""

    again: float
    is_done: bool = False
    """Whether the journal has just said that nothing is missing."""
    _queue: list[Attempt] = field(default_factory=list)

    async def ask(self) -> bool:
        """Ask about a batch; return whether there was one."""
        now, self.is_done = self.clock.now(), False
        if not self._queue and self.again <= now:
            self.again = now + self.settings.every
            ended = now - self.settings.settle
            self._queue = self.reader.incomplete(self.config.scope, ended - TALK_SECONDS_UNSET, rfc3339(ended))
            self.is_done = not self._queue
        batch, self._queue = self._queue[:SIDS_PER_QUERY], self._queue[SIDS_PER_QUERY:]
        found = (await self.client.calls(sid_query(batch)) or ()) if batch else ()
        await self._learn([(each, call.facts) for call in found for each in batch if each.record.sid == call.sid])
        return bool(batch)


def sid_query(attempts: list[Attempt]) -> Query:
    """Return the query for these attempts' calls, by their Sids."""
    return (("Sid", ",".join(attempt.record.sid or "" for attempt in attempts)), ("PageSize", str(PAGE_SIZE)))


def _is_an_answer(exchange: Exchange) -> bool:
    return exchange.complete and exchange.status in (200, 404)


@dataclass
class UnknownLookUps(LookUpBase):
    """Asks about open unknown attempts again and again, and once about each that an earlier run gave up."""

    state: RunState
    are_left: bool = False
    """Whether any attempt of the account's was unknown at the last look."""
    _looked: tuple[int, int] | None = None
    _since: dict[int, float] = field(default_factory=dict)
    _asked: dict[int, float] = field(default_factory=dict)
    _answered: set[int] = field(default_factory=set)

    def patience(self, attempt: Attempt) -> float:
        """Return until when to wait for the first answer about an attempt, in epoch seconds.

        0 where it has come, or where nobody asks. The end does not depend on being asked: it stands from the first
        time on that somebody wants to know.
        """
        now = self.clock.now()
        if attempt.key in self._answered or attempt.started < now - LOOK_BACK:
            return 0.0
        return self._since.setdefault(attempt.key, now) + self.config.settle_for

    async def ask(self) -> bool:
        """Ask about the oldest group whose time has come; return whether there was one."""
        group = next(iter(groups(self._due())), None) if self._may_be_any() else None
        if group is None:
            return False
        listed = await self.client.calls(group.query(self.span, self.config.timezone))
        now = self.clock.now()
        keys = {member.attempt.key for member in group.members}
        self._asked |= dict.fromkeys(keys, now)
        if listed is not None:
            await self._conclude(group, listed, now)
            self._answered |= keys
            for member in group.members:
                self.client.note_answer(member.attempt.call)
        return True

    def _may_be_any(self) -> bool:
        """Whether to look at all: there were some at the last look, or since then one came, or others committed."""
        looked = self.state.unknown, self.state.memory.others
        is_new, self._looked = looked != self._looked, looked
        return is_new or self.are_left

    def _due(self) -> list[UnmatchedAttempt]:
        """Return this plan's unknown attempts whose time to ask has come."""
        now, owes = self.clock.now(), False
        found: list[UnmatchedAttempt] = []
        everybody = self.reader.unmatched(now - LOOK_BACK)
        self.are_left = bool(everybody)
        for unmatched in everybody:
            attempt = unmatched.attempt
            if unmatched.plan != self.config.scope.plan or attempt.record.placement is not Placement.UNKNOWN:
                continue
            self._since.setdefault(attempt.key, now)
            given_up = attempt.state == "closed"
            if given_up and attempt.key in self._answered:
                continue
            owes = owes or (given_up and attempt.run_id != self.config.scope.run_id)
            asked = self._asked.get(attempt.key)
            first = min(attempt.started, self._since[attempt.key]) + self.settings.after
            if (first if asked is None else asked + self.settings.every) <= now:
                found.append(unmatched)
        self.state.set_owed(owes=owes)
        return found

    async def _conclude(self, group: Group, listed: list[ListedCall], now: float) -> None:
        """Commit what the list proves of the group, and which calls it should have shown and did not."""
        zone, span = self.config.timezone, self.span
        everybody = self.reader.unmatched(now - LOOK_BACK - self.config.timeout)
        taken = {call.sid for call in listed if self.reader.has_sid(call.sid)}
        ours = {member.attempt.key for member in group.members}
        for claim in claims(everybody, listed, taken, span, zone):
            attempt, sid = claim.unmatched.attempt, claim.call.sid
            if attempt.key in ours:
                await self.writer.write(lambda tx, one=attempt, sid=sid: self.steps.claim(tx, one, sid, now))  # type: ignore[misc]
        await self._propose(group, listed, taken, now)
        free = [call for call in listed if call.sid not in taken]
        absent = [
            member.attempt.key
            for member in group.members
            if member.attempt.pair_free_at <= now and not is_listed(member, free, span, zone)
        ]
        if absent:
            await self.writer.write(lambda tx: tx.not_found(absent, rfc3339(now)))

    async def _propose(self, group: Group, listed: list[ListedCall], taken: set[str], now: float) -> None:
        """Name the calls between which a look-up cannot decide."""
        for member in group.members:
            sids = candidates(member, listed, taken, self.span, self.config.timezone)
            if sids:
                await self.writer.write(
                    lambda tx, one=member.attempt, sids=sids: self.steps.undecided(tx, one, sids, now)  # type: ignore[misc]
                )


class LookUps:
    """Takes turns: an ending, some unknown attempts; late facts only while nothing else is to be asked.

    `began` is when the run did, by the clock's `now`.
    """

    def __init__(
        self,
        config: RunConfig,
        lookups: Lookups,
        journal: tuple[Writer, Reader],
        client: LookUpClient,
        clock: Clock,
        state: RunState,
        began: float,
    ) -> None:
        self._clock, self._state, self.client = clock, state, client
        # In virtual time a look costs more than the wait: there it looks as often as it asks about one call.
        self._pause = IDLE_PAUSE if clock.is_settable else max(IDLE_PAUSE, min(lookups.after, lookups.every))
        parts = (config, lookups, *journal, client, clock)
        self._endings, self._unknowns = EndingLookUps(*parts, state, self._pause), UnknownLookUps(*parts, state)
        self._late = LateFactLookUps(*parts, began + lookups.every)

    async def run(self) -> None:
        """Ask for ever; cancelled by the engine."""
        while True:
            asked = [await self._endings.ask(), await self._unknowns.ask()]
            if not any(asked) and not await self._late.ask():
                await self._rest()

    async def _rest(self) -> None:
        """Wait until the next look; in virtual time as many looks longer as nobody has a call to be asked about."""
        clock, begins = self._clock, self._state.follows
        if clock.is_settable or self._state.memory.awaited or self._unknowns.are_left or not self._late.is_done:
            await clock.sleep(self._pause)
            return
        since = clock.steady()
        begins.clear()
        await begins.wait()
        await clock.sleep(math.ceil((clock.steady() - since) / self._pause) * self._pause - (clock.steady() - since))

    def patience(self, attempt: Attempt) -> float:
        """Return until when to wait for the carrier's first word on an attempt, in epoch seconds; 0 where it came."""
        known = attempt.record.placement is Placement.ACCEPTED or attempt.record.sid is not None
        return self._endings.patience(attempt) if known else self._unknowns.patience(attempt)
