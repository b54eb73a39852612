"""Selects the call to start next: the first due one that the evaluator admits, or what the run waits for instead."""

import math
from collections.abc import Collection, Mapping
from dataclasses import replace

from orchestrator.engine.admission import Evaluator
from orchestrator.engine.attempt import Steps
from orchestrator.engine.clock import Clock
from orchestrator.engine.config import RunConfig
from orchestrator.engine.dnd import DndTask
from orchestrator.engine.ports import Reader, Writer
from orchestrator.engine.state import RunState
from orchestrator.model.call import DueCall
from orchestrator.model.events import EventType, rfc3339
from orchestrator.model.frozen import frozen
from orchestrator.model.hold import Hold, resume_commands
from orchestrator.model.outcome import Disposition
from orchestrator.policy.may_start import NEVER, START, UNANSWERED, Admission, Closed, NotBefore, Start, Stopped
from orchestrator.policy.verdict import Stop

ANSWERED_WITHIN = 60.0
"""Seconds after which the loop looks for an answer that should have woken it."""

CLOCK_TOLERANCE = 0.05
"""Seconds by which two clocks that agree may seem to differ, since one is read after the other."""

OTHERS = "agents and number pairs that other calls use"
"""What due calls wait for that nobody of this plan keeps back: calls of other plans, or unknown ones."""

LONGEST_DEFERRAL = 366 * 86400.0
"""Seconds. A call that may not start for longer is looked at again then."""


@frozen
class NextWake:
    """When to look again, in epoch seconds by the clock's `now`: infinity where only news helps, such as an ending.

    `is_bounded`: it waits for something that `--wait` is for, a window or a retry; then infinity is "never". It has
    waited `since` then, also where what it waits for moved away meanwhile.
    `gives_up`: at that time the run has waited long enough for what nobody can date, in words that may follow a colon.
    """

    at: float = math.inf
    is_bounded: bool = False
    since: float | None = None
    gives_up: str | None = None

    def again_at(self, now: float) -> float:
        """Return when to look again; what was waited for long enough by `now` is no reason any more."""
        return math.inf if self.gives_up is not None and self.at <= now else self.at


class Waits:
    """Tells what one run waits for, once, and since when nothing of its own has been under way."""

    def __init__(self, config: RunConfig, journal: tuple[Writer, Reader], clock: Clock, state: RunState) -> None:
        self._config, self._clock, self._state = config, clock, state
        self._writer, self._reader = journal
        self._reported: tuple[str, str | None] | None = None
        self._idle_since: float | None = None
        self._starts = state.starts

    async def until(self, reason: str, moment: float, behind: float = 0.0) -> NextWake:
        """Wait for a moment - NEVER: none will come -, by a clock that is so many seconds `behind` ours."""
        await self._report(reason, "never" if moment == NEVER else rfc3339(moment))
        return NextWake(moment - behind, is_bounded=True, since=self._idle())

    def quiet(self, moment: float, own: float = 0.0) -> NextWake:
        """Wait for a moment of our own clock, and say nothing of it; `own`: seconds that the plan itself asks for.

        While calls are under way their endings are waited for anyway.
        """
        since = self._idle()
        return NextWake(moment) if since is None else NextWake(moment, is_bounded=True, since=since + own)

    async def for_news(self, reason: str, words: str | None = None) -> NextWake:
        """Wait for an ending, or for a person: not longer than for a window where no call of our own is under way."""
        await self._report(reason, None)
        since = self._idle()
        return NextWake() if since is None else NextWake(since + self._config.wait, gives_up=words or reason)

    def _idle(self) -> float | None:
        """Return since when nothing of our own has been under way; None where something is."""
        self._begin_anew()
        if self.is_calling():
            self._idle_since = None
        elif self._idle_since is None:
            self._idle_since = self._clock.now()
        return self._idle_since

    def is_calling(self) -> bool:
        """Whether a call is under way. One that is only about to start may be refused again and again: no progress."""
        if self._state.is_sending:
            return True
        return not self._config.until_placed and self._state.memory.in_flight > 0

    def _begin_anew(self) -> None:
        """Forget what was waited for where a call has started since: the next wait is another one."""
        if self._starts != self._state.starts:
            self._starts = self._state.starts
            self._reported = self._idle_since = None

    async def _report(self, reason: str, until: str | None) -> None:
        self._begin_anew()
        if self._reported == (reason, until):
            return
        self._reported = (reason, until)
        at, run = rfc3339(self._clock.now()), self._config.scope.run_id
        data = {"reason": reason, "until": until}
        await self._writer.write(lambda tx: tx.append(EventType.RUN_WAITING, at, run, data=data))


class Selector:
    """Chooses among one run's due calls. `dnd` is None where the plan does not mind do-not-disturb marks."""

    def __init__(
        self,
        config: RunConfig,
        journal: tuple[Writer, Reader],
        clock: Clock,
        evaluator: Evaluator,
        dnd: DndTask | None,
        state: RunState,
    ) -> None:
        self._config, self._steps, self._scope = config, Steps(config), config.scope
        self._writer, self._reader = journal
        self._clock, self._evaluator, self._dnd, self._state = clock, evaluator, dnd, state
        self._due = state.memory.due
        self.waits = Waits(config, journal, clock, state)
        self._reached: str | None = None  # the limit that new calls are kept back by

    async def next(self, now: float) -> DueCall | NextWake | None:
        """Return a call that may start, or what is waited for; None where something has changed: choose again.

        `now` is the clock's, just read.
        """
        among = self._kept_by_limit()
        if among is not None and not among:
            return self._limit_reached()
        call = self._first_due(now) if among is None else self._first_among(now, among)
        if call is None:
            return await (self._until_due(now) if among is None else self._until_sent_again(now, among))
        look = None if self._state.memory.hold is None else await self._paused(self._state.memory.hold)
        if look is not None:
            return look
        if self._dnd is not None and not self._dnd.is_cleared:
            return await self._until_answered(self._dnd)
        was_busy, found = self._is_busy(), self._evaluator.judge(call)
        if found is START:
            return call
        if isinstance(found, NotBefore | Stopped) and found.new_only:
            redial = self._first_due(now, redials=True)
            if redial is not None:
                call, found = redial, self._evaluator.judge(redial)
        return await self._judged(call, found, now, was_busy=was_busy)

    def say_reached(self) -> None:
        """Stop the run where a limit keeps the rest back."""
        if self._reached is not None:
            self._state.stop(Stop(5, f"{self._reached}; the calls left are not dialed until the plan allows more"))

    async def _judged(
        self, call: DueCall, found: Admission, now: float, *, was_busy: bool
    ) -> DueCall | NextWake | None:
        """Do what the evaluator said; `was_busy`: calls were under way when it was asked."""
        match found:
            case Start():
                return call
            case Closed(disposition=word, reason=reason):
                self._state.limit.release(call.key)
                await self._writer.write(lambda tx: self._steps.close(tx, call, word, reason, now))
                return None
            case NotBefore(at=float(at), reason=why, whole=False):
                until = min(at + self._ahead(), now + LONGEST_DEFERRAL)
                self._state.limit.release(call.key)
                await self._writer.write(lambda tx: self._steps.defer(tx, call, until, why, now))
                return None
            case NotBefore(at=float(at), reason=why):
                return await self.waits.until(why, at, -self._ahead())
            case NotBefore(reason=why, new_only=True):
                return None if was_busy and not self._is_busy() else await self._until_due(now, why)
            case NotBefore(reason=why):
                return await (
                    self._until_answered(self._dnd) if self._dnd and why == UNANSWERED else self._for_endings(why)
                )
            case Stopped() as stopped:
                return await self._stopped_by(call, stopped, now, was_busy=was_busy)

    def _ahead(self) -> float:
        """Return how many seconds our clock is ahead of the wall's, as it is once somebody set that one back."""
        ahead = self._clock.now() - self._clock.wall()
        return ahead if ahead > CLOCK_TOLERANCE else 0.0

    def _kept_by_limit(self) -> Mapping[int, float] | None:
        """Return which calls may still start under --limit, with when; None where it keeps nobody back.

        Those that it has started and that did not ring: their places are kept for them.
        """
        limit = self._state.limit
        if not limit.is_full():
            return None
        due, rang = self._reader.to_be_sent_again(limit.again)
        limit.keep(due, rang)
        if not limit.is_full():
            return None
        but = {*due, *self._state.pairs_begun}
        is_kept = self._reader.has_due(self._scope, self._config.only, but, first=not limit.admits_nothing)
        return due if is_kept else None

    def _limit_reached(self) -> NextWake:
        """Stop the run, unless a request is under way: it may turn out not to have rung, and gives its place back."""
        if not self._state.is_placing:
            self._state.stop(Stop(0, f"the limit of {self._config.limit} calls is reached"))
        return NextWake()

    async def _until_sent_again(self, now: float, due: Mapping[int, float]) -> NextWake:
        """Wait for the first of the calls that --limit keeps a place for."""
        first = min(due.values())
        return self.waits.quiet(first) if first > now else await self._for_endings(OTHERS)

    def _first_due(self, now: float, *, redials: bool = False) -> DueCall | None:
        """Return the first due call that nothing under way keeps back; `redials`: of those that rang.

        Where nothing is under way, one of a full agent: the evaluator says so, after what weighs more.
        """
        call = self._due.next(now, self._clock.wall(), redials=redials)
        return call if call is not None or self._is_busy() else self._due.first_of_full_agents(redials=redials)

    def _first_among(self, now: float, keys: Collection[int]) -> DueCall | None:
        """Return the first due call of those with these keys that is not being placed, and whose pair is not."""
        placing = self._state.pairs_begun
        due = self._reader.due(self._scope, now, len(keys), self._config.only, among=keys)
        pairs = set(placing.values())
        return next((call for call in due if call.key not in placing and call.pair not in pairs), None)

    async def _until_due(self, now: float, stage: str | None = None) -> NextWake:
        """Wait for the next call that is due, or for others to end.

        `stage`: why only calls may start that rang before, in words.
        """
        only, is_stage = self._config.only, stage is not None
        if self._is_busy():  # the end of a call that holds the agent or the pair wakes the loop
            look = NextWake() if stage is None else await self.waits.for_news(stage)
            return replace(look, at=min(look.at, self._due.later_than(now)))
        first = self._reader.next_due(self._scope, only, redials=is_stage, but=self._due.passed_over)
        if first is None:
            return self._nothing_left(stage)
        if first <= now:
            return await self._for_endings(stage or OTHERS)
        return self.waits.quiet(first) if stage is None else await self.waits.until(stage, first)

    def _nothing_left(self, stage: str | None) -> NextWake:
        if self._due.passed_over:
            self.say_reached()
        elif stage is not None:
            self._state.stop(Stop(5, f"{stage}: calls that --only leaves out wait for their redial; run without it"))
        return NextWake()

    async def _for_endings(self, reason: str) -> NextWake:
        """Wait for calls to end: with `--until placed` not at all.

        Where none is under way, of any plan, those that were given up as unknown give their lines free at a time.
        """
        if self._config.until_placed:
            return NextWake()
        free_at = None if self._is_busy() else self._reader.lines_free_at(self._clock.wall())
        if free_at is not None:
            return await self.waits.until(reason, free_at, -self._ahead())
        return await self.waits.for_news(reason)

    async def _until_answered(self, dnd: DndTask) -> NextWake:
        """Wait for what the carrier says of a number: while it is asked, then as for anything else that may come."""
        again, why, now = dnd.again_at, dnd.trouble, self._clock.now()
        reason = f"{UNANSWERED}: {why}" if why else UNANSWERED
        if again is None or again <= now:
            look = await self.waits.for_news(reason)
            return replace(look, at=min(look.at, now + ANSWERED_WITHIN))
        return await self.waits.until(reason, again)

    async def _paused(self, hold: Hold) -> NextWake | None:
        """Keep the process while somebody holds its calls back: at most as long as for anything else that may come."""
        if hold.kind != "paused":
            return None
        what = "every plan of the journal is" if hold.whole else "the run is"
        by = f" by {hold.by}" if hold.by else ""
        by += f", because {hold.reason}" if hold.reason else ""
        return await self.waits.for_news("paused", f"{resume_commands([hold], self._scope.run_id)}: {what} paused{by}")

    async def _stopped_by(self, call: DueCall, found: Stopped, now: float, *, was_busy: bool) -> NextWake | None:
        """Stop for a guard that only a person moves, once no ending can give room any more."""
        hold = self._reader.hold(self._scope)
        if hold is not None and hold.kind == "cancelled":
            await self._writer.write(self._steps.cancel, is_long=True)
            return None
        if found.is_held and hold is None:
            return None  # somebody has just resumed it
        halt = found.halt or (hold is not None and hold.kind == "halted")
        if not halt and hold is not None:
            return await self.waits.for_news(found.reason)
        if not halt and was_busy:
            if not self._is_busy():
                return None  # the last call ended after it was judged
            return await (self._until_due(now, found.reason) if found.new_only else self.waits.for_news(found.reason))
        if found.is_alone:
            self._reached = found.reason
            if call.rung:
                self._due.pass_over(call)
            else:
                self._state.limit.release(call.key)
                await self._writer.write(lambda tx: self._steps.close(tx, call, Disposition.NOT_DIALED, "limit", now))
            return None
        await self._writer.write(lambda tx: self._steps.stop(tx, found.reason, now, halt=halt), is_long=True)
        if halt:
            self._say_halted(found.reason)
            return NextWake()
        self._reached = found.reason
        if found.new_only and self._reader.count(self._scope, "due", self._config.only):
            return None  # what rang may be redialed
        self.say_reached()
        return NextWake()

    def _say_halted(self, reason: str) -> None:
        hold = self._reader.hold(self._scope)
        if hold is None:  # somebody has just resumed it
            self._state.stop(Stop(5, f"halted: {reason}; run the same command again"))
            return
        resume = resume_commands([hold], self._scope.run_id)
        words = f"to go on, give the reason with {resume}, then the same `run` again"
        self._state.stop(Stop(5, f"halted: {hold.reason}; {words}"))

    def _is_busy(self) -> bool:
        """Whether a call of the plan is under way, as far as this run waits for it."""
        if self._state.is_placing:
            return True
        return not self._config.until_placed and self._state.memory.in_flight > 0
