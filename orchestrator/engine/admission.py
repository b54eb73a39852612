"""Whether a call may start: by the one evaluator, and by the pace.

`Evaluator` is asked when a call is chosen, in its intent's transaction, and right before its request leaves.
`RateLimiter` lets requests leave no faster than the pace: each takes a slot in the journal, waits for it, and does not
miss it.
"""

import asyncio
import math
from collections.abc import Callable, Sequence
from dataclasses import replace
from itertools import zip_longest

from orchestrator.engine.clock import Clock
from orchestrator.engine.config import REREAD_BACKOFF, RunConfig
from orchestrator.engine.memory import Memory
from orchestrator.engine.ports import Reader, Transaction, Writer
from orchestrator.exotel.placement import quiet
from orchestrator.model.call import DueCall
from orchestrator.model.errors import JournalBroken, NotLeaving, TakenOver
from orchestrator.model.frozen import frozen
from orchestrator.model.outcome import Exchange
from orchestrator.model.policy import Rate
from orchestrator.policy.limits import NO_USAGE, Usage, need, spent
from orchestrator.policy.may_start import (
    START,
    Admission,
    CallQueries,
    CallUnderReview,
    NotBefore,
    Start,
    Stopped,
    all_start_until,
    gather,
    may_start,
)
from orchestrator.policy.pace import SHARE_OF_LOOK_UPS, SLOT_TOLERANCE, SLOTS_AHEAD, Cap, CapKind, Recent
from orchestrator.policy.stages import NO_STAGES, EditionProgress, Room, is_full, room


@frozen
class Guard:
    """Judges a chosen call in its intent's transaction, once others have committed since it was chosen.

    It was judged by what is remembered when the writer's `others` was this.
    """

    others: int
    judge: Callable[[Transaction], bool]

    def is_current(self, tx: Transaction) -> bool:
        """Whether nobody else has committed since."""
        return tx.others == self.others

    def holds(self, tx: Transaction) -> bool:
        """Whether the call may start still."""
        return self.is_current(tx) or self.judge(tx)


class Evaluator:
    """Judges the calls of one run by what is remembered, or by the journal where others have changed it.

    How many calls and attempts were made is counted along. What they last and cost is read once, and again where it
    stands in the way: between two readings each attempt that was begun counts with the most that it may take.
    """

    def __init__(self, config: RunConfig, reader: Reader, clock: Clock, memory: Memory) -> None:
        self._config, self._rules, self._reader = config, config.rules, reader
        self._clock, self._memory = clock, memory
        self._usage = reader.usage(config.scope)
        policy, limits = config.rules.policy, config.rules.policy.limits
        self._has_stages = bool(policy.stages or policy.halt)
        self._has_spent = limits.minutes is not None or limits.cost is not None
        self._counts = self._has_stages or self._has_spent or limits.calls is not None or limits.attempts is not None
        self._most_endings = max((rule.of for rule in policy.halt), default=1)  # any shows that not all were rejected
        self._shortest = self._usage.shortest()
        self._spent, self._calls = NO_USAGE, self._usage.base()
        self._endings: tuple[tuple[int, float], list[str]] | None = None
        self._read_to = -1  # the newest event when what was spent was read
        self._read_again_at = 0.0  # by the steady clock
        self._all_start: dict[int, tuple[float, float]] = {}  # by ring span: between which moments all alike may start

    def need(self, call: DueCall) -> Usage | None:
        """Return the most that one attempt of a call may use up; None where neither stage nor limit counts it."""
        return need(call.times, self._rules.rates, is_first=call.rung == 0) if self._counts else None

    def judge(self, call: DueCall) -> Admission:
        """Judge a call that is to be begun."""
        if self._starts_like_all(call):
            return START
        if self._is_unread():
            self._read()
        found = self._answer(call, self._memory.facts(call), self._used(), self._room())
        if self._is_outdated(found):
            self._read()
            found = self._answer(call, self._memory.facts(call), self._used(), self._room())
        return found

    def judge_again(self, call: DueCall) -> Admission:
        """Judge a call whose attempt is committed, right before its request leaves."""
        is_current = self._memory.is_current()
        if not (self._memory.is_dialer if is_current else self._reader.dials(self._config.scope)):
            return Stopped(str(TakenOver()))
        if is_current and self._starts_like_all(call):
            return START
        known = self._memory.facts(call) if is_current else self._reader.facts(call)
        return self._answer(call, known, self._used_by_others(call), self._room(call))

    def guard(self, call: DueCall) -> Guard:
        """Return what judges a chosen call in its intent's transaction."""
        used, room = self._used_by_others(call), self._room(call)

        def judge(tx: Transaction) -> bool:
            return isinstance(self._answer(call, tx.facts(call), used, room), Start)

        return Guard(self._memory.others, judge)

    def _starts_like_all(self, call: DueCall) -> bool:
        """Whether a call may start because all that are alike may, by what is remembered.

        These are judged together, and again when the clock leaves the time for which that was said.
        """
        memory = self._memory
        if not self._rules.is_alike or call.rung or call.last or call.not_after is not None or memory.hold is not None:
            return False
        now, span = self._clock.wall(), call.times.ring_span
        since, until = self._all_start.get(span, (math.inf, -math.inf))
        if not since <= now < until:
            since, until = self._all_start[span] = now, all_start_until(call.times, now, self._rules)
        return now < until and memory.suppressed(call) is None

    def _is_unread(self) -> bool:
        """Whether others have changed what is counted, and it is time to count again."""
        is_unknown = self._counts and not self._memory.are_counts_known and not self._memory.intended
        return is_unknown and self._clock.steady() >= self._read_again_at

    def _is_outdated(self, found: Admission) -> bool:
        """Whether the answer rests on what was spent, and that may be less by now.

        Never while an intent is being committed: whether the journal counts it already cannot be told. While calls are
        in flight a reading that takes long is not repeated at every commit.
        """
        if not self._counts or self._memory.intended or self._is_exact():
            return False
        match found:
            case Start():
                return not self._memory.are_counts_known and is_full(self._rules.policy.stages, *self._dialed())
            case Stopped(is_held=False) | NotBefore(new_only=True):
                return self._clock.steady() >= self._read_again_at or not self._memory.in_flight
        return False

    def _is_exact(self) -> bool:
        """Whether nothing has changed what is used up since it was read, but for what was counted along."""
        return self._memory.are_counts_known and (not self._has_spent or self._memory.seq == self._read_to)

    def _answer(self, call: DueCall, known: CallQueries, used: Usage, room: Room) -> Admission:
        now = self._clock.wall()
        facts = gather(known, self._rules, now, used, room, self._shortest)
        return may_start(self._under_review(call), now, self._rules, facts)

    def _under_review(self, call: DueCall) -> CallUnderReview:
        """Return the call without its not_before: the journal makes it due no earlier."""
        zones = self._config.zones.zones(call.position, call.callee) if self._rules.follows_callee else ()
        return CallUnderReview(call.times, None, call.not_after, call.rung, call.last, call.ended, zones)

    def _dialed(self) -> tuple[int, int]:
        """Return how many calls the stages count as dialed, with those that are just beginning, and of how many."""
        counts = self._memory.counts
        # A stage that shrinks would have ended without a judgement.
        self._calls = max(self._calls, counts.dialed + counts.rejected + counts.undialed)
        return counts.dialed + counts.rejected + self._memory.intended_use.calls, self._calls

    def _room(self, begun: DueCall | None = None) -> Room:
        """Judge stages and halts as they stand for a call, which may be begun."""
        if not self._has_stages:
            return NO_STAGES
        own = 0 if begun is None else _own(begun)
        rules, (dialed, calls) = self._rules.policy, self._dialed()
        resumed, under_way, unknown, rejected = self._memory.last_resumed, 0, 0, 0
        if is_full(rules.stages, dialed - own, calls):  # first what is under way: what ends meanwhile is an ending too
            under_way = self._memory.counts.under_way + self._memory.intended - own
            unknown, rejected = self._usage.unknown(resumed), self._usage.rejected(resumed)
        endings = self._last_endings(resumed)
        return room(
            rules.stages, rules.halt, EditionProgress(dialed - own, calls, endings, under_way, unknown, rejected)
        )

    def _last_endings(self, resumed: float) -> list[str]:
        """Return how the last calls ended, the latest first; read again once one more has."""
        known_for = self._memory.counts.endings, resumed
        if self._endings is None or self._endings[0] != known_for or not self._memory.are_counts_known:
            self._endings = known_for, list(self._usage.endings(resumed, self._most_endings))
        return self._endings[1]

    def _used(self) -> Usage:
        if not self._counts:
            return NO_USAGE
        counts, intended = self._memory.counts, self._memory.intended_use
        calls, attempts = counts.dialed + intended.calls, counts.attempts + intended.attempts
        if not self._has_spent:
            return Usage(calls, attempts)
        return replace(self._spent + self._memory.used + intended, calls=calls, attempts=attempts)

    def _used_by_others(self, call: DueCall) -> Usage:
        """Return what all calls use up but this one, which is begun."""
        own = self.need(call)
        return NO_USAGE if own is None else self._used() - own

    def _read(self) -> None:
        """Ask the journal how far the edition is, and what it has used up."""
        began = self._clock.steady()
        with self._reader.snapshot() as newest:
            self._memory.read_counts(self._usage, newest[0])
            if self._has_spent:
                self._spent, self._read_to = spent(self._usage.spent(), self._rules.rates), newest[0]
        ended = self._clock.steady()
        self._read_again_at = ended + REREAD_BACKOFF * (ended - began)


def _own(call: DueCall) -> int:
    """Return 1 for a call that is under way by what is judged now; a redial has been under way before."""
    return int(call.rung == 0)


SECOND_SLOT_TOLERANCE = 0.25
"""Seconds by which a request may come after its second slot."""

WEIGHT_OF_LATEST = 0.2
"""Share of a new measurement in what is believed of the seconds from a slot's transaction to its request's turn."""


ROUNDING = 1e-6
"""Seconds added to the time of a slot that is too far away: who asks again then does not ask a rounding error early."""


class Turn:
    """One request's turn: its slot, in seconds of the steady clock, and whether it has one."""

    def __init__(self, limiter: "RateLimiter", caps: Sequence[Cap], recent: Sequence[Recent]) -> None:
        self._limiter, self._caps, self._recent = limiter, caps, recent
        self._gap = max([cap.gap for cap in caps], default=0.0)
        self._asked = 0.0
        self.at, self.taken = 0.0, not caps

    @property
    def next_at(self) -> float:
        """When the slot after this one is at the earliest; this one's, where it was not taken."""
        return self.at + self._gap if self.taken else self.at

    def take(self, tx: Transaction) -> bool:
        """Take a slot inside a transaction; False where none is near enough."""
        if self._caps:
            self._limiter.take(tx, self._caps, [self])
        return self.taken

    def give(self, at: float, asked: float, *, taken: bool) -> None:
        """Take note of its slot, or of when there will be one, by the transaction that `asked` at that moment."""
        self.at, self._asked, self.taken = at, asked, taken

    def held(self) -> str | None:
        """Return why a connect request does not wait for its turn any more: its intent would grow old."""
        until, clock = self._limiter.hold_until, self._limiter.clock
        return "the carrier asks for quiet" if until > 0.0 and until > clock.steady() + SLOTS_AHEAD else None

    async def leave(self, guard: Callable[[], str | None] | None = None) -> None:
        """Wait for the slot. Raises NotLeaving with the reason where the request may not leave.

        What comes too late for its slot - the process was stopped, a commit took long - takes another. On a machine
        that is too busy to come in time twice it may come later to that one: what this process really sent still
        keeps the cap, and taking slot after slot would end in nothing sent at all. Where slots lie far apart the
        second one is another turn's.
        """
        limiter = self._limiter
        late = SECOND_SLOT_TOLERANCE if limiter.gave_up else SLOT_TOLERANCE
        while True:
            held = None if guard is None else self.held()
            if held is not None:
                raise NotLeaving(held)
            came = now = limiter.clock.steady()
            at = max(limiter.hold_until, self.at)
            for recent in self._recent:
                at = max(at, recent.ready_at())
            if at > came:
                await limiter.clock.sleep(at - came)
                now = limiter.clock.steady()
            missed = now > self.at + late and bool(self._caps)
            limiter.measured(came - self._asked, missed=missed)
            if not missed:
                break
            _raise(guard)
            if guard is not None and not await limiter.write(self.take):
                limiter.gave_up = True
                raise NotLeaving("it was too late for its slot of the pace, and the next slot is too far away")
            if guard is None:
                await self.retake()
            late = SECOND_SLOT_TOLERANCE
        _raise(guard)
        limiter.gave_up, now = False, limiter.clock.steady()
        for recent in self._recent:
            recent.took(now)

    async def retake(self) -> None:
        """Take a slot, as long as that takes."""
        self.taken = False
        while not await self._limiter.write(self.take):
            await self._limiter.until(self.at - SLOTS_AHEAD)


class RateLimiter:
    """Lets one run's requests out, under the plan's cap and the account's, which all processes share.

    Processes agree on slots by the wall's clock; all waiting goes by the steady one, which nobody can set. Where the
    wall's is set forward, the journal's last slot seems to be long over: then this process still knows its own.
    """

    def __init__(self, config: RunConfig, writer: Writer, clock: Clock) -> None:
        self.plan, self.clock = config.scope.plan, clock
        self._writer = writer
        account = _caps("account", config.account_pace)
        self._account = account
        self._connects = (*account, *_caps("plan", config.pace))
        self._look_ups = (*account, *_caps("look-ups", _a_fifth(config.account_pace)))
        self._recent_of_account = (Recent(account),) if account else ()
        self._recent = (*self._recent_of_account, *((Recent(_caps("plan", config.pace)),) if config.pace else ()))
        self._free: dict[CapKind, float] = {}  # when this process's last slot allows one more
        self.gap = max((cap.gap for cap in self._connects), default=0.0)
        """Seconds between two connect requests, by the pace alone."""
        self._next, self._pending = clock.steady(), 0
        self._holding: set[asyncio.Task[None]] = set()
        self.hold_until = 0.0
        self.gave_up = False
        """Whether a request came too late for its slot, found no other near, and none has left since."""
        self.lead = SLOTS_AHEAD / 2
        """Seconds that a request needs from its slot's transaction to its turn; at first as for a new connection."""

    def ready_at(self, now: float) -> float:
        """Return from when on another attempt will find a slot near enough, as far as is known here."""
        gap = self.gap
        first = max(self._next, now) if gap else 0.0
        return max(first + self._pending * gap, self.hold_until) - SLOTS_AHEAD

    def connect(self) -> Turn:
        """Return the turn of a connect request, whose slot its intent's transaction takes; to be `settled` then."""
        self._pending += 1
        return Turn(self, self._connects, self._recent)

    def take_for_connects(self, tx: Transaction, turns: Sequence[Turn]) -> None:
        """Take slots for connect requests inside a transaction, which each turn knows of then."""
        if self._connects and turns:
            self.take(tx, self._connects, turns)

    def take(self, tx: Transaction, caps: Sequence[Cap], turns: Sequence[Turn]) -> None:
        """Take slots under some caps, as many as are near enough, for the first of some turns; tell the others when."""
        asked, now = self.clock.steady(), self.clock.wall()
        lead = max(self.lead, self.free_at(caps) - asked)
        slots, next_at = tx.take_slots(self.plan, caps, now, lead, SLOTS_AHEAD, len(turns))
        for turn, slot in zip_longest(turns, slots):
            if slot is None:
                turn.give(asked + next_at - now + ROUNDING, asked, taken=False)
            else:
                turn.give(asked + slot - now, asked, taken=True)
        if slots:
            self.took(caps, asked + slots[-1] - now)

    def settled(self, turn: Turn) -> None:
        """Take note that a turn's transaction is over."""
        self._pending -= 1
        self._next = max(self._next, turn.next_at)

    def free_at(self, caps: Sequence[Cap]) -> float:
        """Return when this process's own last slots allow one more under the caps, in steady seconds."""
        found = -math.inf
        for cap in caps:
            found = max(found, self._free.get(cap.kind, found))
        return found

    def took(self, caps: Sequence[Cap], at: float) -> None:
        """Take note of this process's last slot under the caps, in steady seconds."""
        for cap in caps:
            self._free[cap.kind] = at + cap.gap

    async def look_up(self) -> Turn:
        """Return a look-up's turn when its slot is near."""
        turn = Turn(self, self._look_ups, self._recent_of_account)
        if self._look_ups:
            await turn.retake()
        return turn

    async def question(self) -> Turn:
        """Return the turn of a question about a number, under the account's cap alone, when its slot is near."""
        turn = Turn(self, self._account, self._recent_of_account)
        if self._account:
            await turn.retake()
        return turn

    def heed(self, exchange: Exchange) -> None:
        """Let no request leave for as long as an answer of the carrier asks for."""
        seconds = quiet(exchange)
        if seconds is not None:
            self.hold(seconds)

    def hold(self, seconds: float) -> None:
        """Let no request of the account leave for so long, in no process."""
        self.hold_until = max(self.hold_until, self.clock.steady() + seconds)
        if self._account:
            task = asyncio.create_task(self._tell(self.clock.wall() + seconds))
            self._holding.add(task)
            task.add_done_callback(self._holding.discard)

    async def _tell(self, until: float) -> None:
        try:
            await self._writer.write(lambda tx: tx.hold_slots(self.plan, self._account[0], until))
        except JournalBroken:
            return  # whoever commits next stops the run

    async def write(self, work: Callable[[Transaction], bool]) -> bool:
        """Commit one piece of work, and return what it says."""
        return await self._writer.write(work)

    async def until(self, moment: float) -> None:
        """Wait for a moment of the steady clock."""
        left = moment - self.clock.steady()
        if left > 0:
            await self.clock.sleep(left)

    def measured(self, seconds: float, *, missed: bool) -> None:
        """Learn how long a request takes to come here: at once from a missed slot, and nothing from a stall."""
        if seconds > SLOTS_AHEAD:
            return
        seconds = min(seconds, SLOTS_AHEAD / 2)
        self.lead = max(self.lead, seconds) if missed else self.lead + (seconds - self.lead) * WEIGHT_OF_LATEST


def _raise(guard: Callable[[], str | None] | None) -> None:
    reason = None if guard is None else guard()
    if reason is not None:
        raise NotLeaving(reason)


def _caps(kind: CapKind, rate: Rate | None) -> tuple[Cap, ...]:
    return () if rate is None else (Cap(kind, rate),)


def _a_fifth(rate: Rate | None) -> Rate | None:
    return rate and Rate(rate.count, rate.seconds * SHARE_OF_LOOK_UPS)
