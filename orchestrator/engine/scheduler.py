"""The embedded scheduler: start, resume and re-run are this one loop over the journal."""

import asyncio
import math
from collections.abc import Mapping, Sequence
from functools import cached_property

from orchestrator.engine.admission import Evaluator, RateLimiter
from orchestrator.engine.attempt import Attempts, Steps, hash_token
from orchestrator.engine.clock import Clock
from orchestrator.engine.config import IDLE_PAUSE, POLL_INTERVAL, RunConfig
from orchestrator.engine.dnd import DndTask, NumberQuestions
from orchestrator.engine.lookups import LookUpClient, LookUps
from orchestrator.engine.memory import Memory
from orchestrator.engine.ports import Carrier, Reader, Writer
from orchestrator.engine.reconcile import LOOK_BACK
from orchestrator.engine.selection import NextWake, Selector
from orchestrator.engine.state import LookTimes, RunState
from orchestrator.model.call import Attempt
from orchestrator.model.diagnostic import Diagnostic
from orchestrator.model.errors import JournalBroken, TakenOver
from orchestrator.model.events import rfc3339
from orchestrator.model.frozen import frozen
from orchestrator.model.outcome import CallFacts, Placement
from orchestrator.model.target import Lookups
from orchestrator.policy.may_start import NEVER
from orchestrator.policy.verdict import Stop

LONGEST_REST = 60.0
"""Seconds after which the loop looks again whatever it waits for, in case the clock jumps."""


@frozen
class Completion:
    """Decides when a run ends: calls of which nobody will hear any more are closed, what may still come is awaited.

    Asked by the scheduler, pass after pass. `began`: when the run did, by the clock's `now`.
    """

    config: RunConfig
    writer: Writer
    reader: Reader
    selector: Selector
    clock: Clock
    state: RunState
    began: float

    async def give_up_what_expired(self, attempts: Sequence[Attempt], lookups: LookUps | None) -> Mapping[int, float]:
        """Close calls of these open attempts of which nothing more can be learnt; return when the others expire."""
        steps, expiries = Steps(self.config), {}
        for attempt in attempts:
            deadline, now = self.awaited_until(attempt, lookups), self.clock.now()
            if attempt.record.ending is not None:  # somebody else heard of it
                await self.writer.write(lambda tx, old=attempt, at=now: steps.conclude(tx, old, at))  # type: ignore[misc]
            elif deadline <= now:
                await self.writer.write(lambda tx, old=attempt, at=now: steps.give_up(tx, old, at))  # type: ignore[misc]
            else:
                expiries[attempt.call] = deadline
        return expiries

    def is_over(self, look: NextWake) -> bool:
        """Whether nothing is left to do here: all ended or not waited for. Stops the run where some are left.

        Asked while no request is under way; `look` is what the next call waits for.
        """
        stopped = self.state.stopped
        if stopped is not None and stopped.is_interruption:
            return True
        if not self.config.until_placed and self.state.memory.in_flight:
            return False
        if self.owed_until() < float("inf"):
            return False
        if stopped is not None:
            return True
        if not self.reader.count(self.config.scope, "due", self.config.only):
            self.selector.say_reached()
            return True
        return self._gives_up(look)

    def owed_until(self) -> float:
        """Return until when to wait for word on what earlier runs gave up; infinity where nothing is, or no longer."""
        until = self.began + self.config.settle_for
        return until if self.state.owes_answers and until > self.clock.now() else float("inf")

    def awaited_until(self, attempt: Attempt, lookups: LookUps | None) -> float:
        """Return until when an open attempt may still be heard of.

        With neither receiver nor look-ups nobody will ever tell, and waiting would be a pretence. One that can be
        asked about is asked about once before it is given up, as long as the carrier answers at all.
        """
        if attempt.record.placement is Placement.ACCEPTED:
            return self._ending_until(attempt, lookups)
        return self._placement_until(attempt, lookups)

    def _ending_until(self, attempt: Attempt, lookups: LookUps | None) -> float:
        if self.config.until_placed:
            return float("inf")
        free_at = attempt.free_at_last(attempt.started if self._is_ours(attempt) else self.began)
        if lookups is None:
            return free_at if self._hears else 0.0
        if attempt.record.sid is None:
            return free_at  # nobody can be asked
        return max(free_at, lookups.patience(attempt))

    def _placement_until(self, attempt: Attempt, lookups: LookUps | None) -> float:
        if self.config.until_placed or not (self._hears or lookups):
            return 0.0
        # An earlier run's that seems to start later than this run did: somebody set the clock back.
        started = attempt.started if self._is_ours(attempt) else min(attempt.started, self.began)
        settled = started + self.config.settle_for
        asked = 0.0 if lookups is None else lookups.patience(attempt)
        return max(settled if self._hears else min(settled, attempt.pair_free_at), asked)

    def _is_ours(self, attempt: Attempt) -> bool:
        return attempt.run_id == self.config.scope.run_id

    @property
    def _hears(self) -> bool:
        return self.config.callback_base is not None

    def _gives_up(self, look: NextWake) -> bool:
        """Whether what calls are left for was waited for long enough; with `--until placed` no ending is waited for."""
        if look.is_bounded:
            never = look.at == NEVER
            since = self.clock.now() if look.since is None else look.since
            if never or look.at > since + self.config.wait:
                if never:
                    words = (
                        "not within the next forty days: no window of plan and target is open together long enough"
                        " for a call; widen one of them"
                    )
                else:
                    words = f"at {rfc3339(look.at)}: run the same command again then, or with a longer --wait"
                self.state.stop(Stop(5, f"the next call may start {words}"))
        elif look.gives_up is not None and look.at <= self.clock.now():
            words = f"the run waited as long as --wait allows ({look.gives_up}): run the same command again to go on"
            self.state.stop(Stop(5, words))
        elif self.config.until_placed and look == NextWake():
            self.state.stop(Stop(5, "the calls left wait for others to end; a later run dials them"))
        return self.state.stopped is not None


class Engine:
    """Runs one plan's edition to its end. Not reusable.

    The pace's slots are in the journal, where a restart and other processes find them.
    A journal that cannot be written stops the run (5); any other exception is a bug, and is raised by `run`.
    """

    def __init__(
        self,
        config: RunConfig,
        writer: Writer,
        reader: Reader,
        carrier: Carrier,
        clock: Clock,
    ) -> None:
        self._config, self._writer, self._reader, self._carrier = config, writer, reader, carrier
        self._steps, self._clock = Steps(config), clock
        self._memory = Memory(config, writer, reader, self._clock)
        self._state = RunState(config, self._memory)
        self._began, self._expiries = self._clock.now(), LookTimes()
        self._limiter = RateLimiter(config, writer, self._clock)
        evaluator = Evaluator(config, reader, self._clock, self._memory)
        self._attempts = Attempts(config, writer, carrier, self._clock, evaluator, self._limiter, self._state)
        self._dnd: DndTask | None = None
        if config.rules.policy.dnd != "ignore":
            questions = NumberQuestions(carrier, self._limiter, self._state)
            self._dnd = DndTask(config, (writer, reader), questions, self._clock, self._state)
        self._selector = Selector(config, (writer, reader), self._clock, evaluator, self._dnd, self._state)
        self._completion = Completion(config, writer, reader, self._selector, self._clock, self._state, self._began)

    # -- what the outside tells the engine, and asks it -------------------------------------------------

    def stop(self, why: Stop) -> None:
        """Start no further calls. The first reason stays, but a signal outranks others."""
        self._state.stop(why)

    def stop_now(self) -> None:
        """Do not even wait for requests under way: their intents stand, and the next run finds them unknown."""
        for task in self._state.tasks:
            task.cancel()

    def notice(self) -> None:
        """Look again: something was committed."""
        self._state.news.set()

    async def receive_callback(self, token: str, facts: CallFacts) -> bool:
        """Commit a callback; False where its token is nobody's."""
        hashed, now = hash_token(token), self._clock.now()
        return await self._writer.write(lambda tx: self._steps.receive_callback(tx, hashed, facts, now))

    @property
    def stopped(self) -> Stop | None:
        """Why the run starts no further calls; None while it does."""
        return self._state.stopped

    @property
    def unrecorded(self) -> list[str]:
        """Answers that the journal could not take: people must hear of them."""
        return self._state.unrecorded

    @property
    def quiet_until(self) -> float:
        """Until when the carrier wants no request, in epoch seconds; past where it does not."""
        return self._clock.wall() + self._limiter.hold_until - self._clock.steady()

    @property
    def look_up_trouble(self) -> str | None:
        """Why no look-up was answered in this run; None where one was, or none was asked."""
        return None if self._lookups is None else self._lookups.client.trouble

    @property
    def dnd_trouble(self) -> str | None:
        """Why the carrier's word on the numbers of some calls is missing; None where none is."""
        return None if self._dnd is None else self._dnd.trouble

    @property
    def refused(self) -> tuple[Diagnostic, ...]:
        """Why the run dialed nobody, where it stopped with 3."""
        return () if self._dnd is None else self._dnd.refused

    # -- the loop ---------------------------------------------------------------------------------------

    async def run(self) -> Stop | None:
        """Dial what may be dialed, follow what was; return why it stopped early, None where it did not."""
        beside = self._begin_beside()
        try:
            await self._find_lost()
            await self._loop()
        except JournalBroken as problem:
            self._state.break_off(problem)
            await asyncio.gather(*self._state.tasks, return_exceptions=True)
        finally:
            tasks = [*beside, *self._state.tasks]
            for task in tasks:
                task.cancel()
            await asyncio.gather(*tasks, return_exceptions=True)
        return self.stopped

    async def _loop(self) -> None:
        state = self._state
        while True:
            state.news.clear()
            look = await self._start_what_may()
            expires_at = await self._give_up_what_expired()
            if state.bug is not None:
                raise state.bug
            if state.news.is_set():
                continue  # something changed since this pass began
            look_again_at = look.again_at(self._clock.now())
            if not state.is_placing:
                if state.is_broken or self._completion.is_over(look):
                    return
                look_again_at = min(look_again_at, self._completion.owed_until())
            await self._rest(min(look_again_at, expires_at))

    def _begin_beside(self) -> list[asyncio.Task[None]]:
        """Begin the tasks that ask the carrier beside the dialing: about calls, about numbers."""
        tasks = []
        if self._config.lookups is not None and not self._config.until_placed:
            since, plan = self._clock.now() - LOOK_BACK, self._config.scope.plan
            left = any(self._reader.open_attempts(self._config.scope))
            self._state.owes_answers = left or any(item.plan == plan for item in self._reader.unmatched(since))
            tasks.append(asyncio.create_task(self._look_up(self._config.lookups)))
        if self._dnd is not None:
            tasks.append(asyncio.create_task(self._dnd.run()))
        for task in tasks:
            task.add_done_callback(self._state.end)
        return tasks

    @cached_property
    def _lookups(self) -> LookUps | None:
        """What asks the carrier about calls; made when there may be one to ask about."""
        if self._config.lookups is None or self._config.until_placed:
            return None
        client = LookUpClient(self._config, self._carrier, self._limiter, self._state)
        journal = (self._writer, self._reader)
        return LookUps(self._config, self._config.lookups, journal, client, self._clock, self._state, self._began)

    async def _look_up(self, lookups: Lookups) -> None:
        """Ask about calls for ever: at once where earlier runs left any, else from when the first may be due."""
        if not self._state.owes_answers:
            await self._state.follows.wait()
            if self._state.starts:  # else somebody reopened a call of an earlier run, which may be due already
                await self._clock.sleep(max(IDLE_PAUSE, min(lookups.after, lookups.every)))
        if self._lookups is not None:
            await self._lookups.run()

    async def _find_lost(self) -> None:
        """Find intents without an outcome, left by a process that died, and name them unknown."""
        for attempt in list(self._reader.open_attempts(self._config.scope)):
            if attempt.record.placement is None:
                now = self._clock.now()
                await self._writer.write(lambda tx, lost=attempt, at=now: self._steps.find_lost(tx, lost, at))  # type: ignore[misc]

    async def _start_what_may(self) -> NextWake:
        """Start calls until something says wait, and commit their intents together."""
        try:
            return await self._choose()
        finally:
            self._attempts.claim()

    async def _choose(self) -> NextWake:
        if not self._memory.is_current():
            self._memory.refresh()
        while self.stopped is None:
            if not self._memory.is_dialer:
                self._state.break_off(TakenOver())
                break
            now, steady = self._clock.now(), self._clock.steady()
            free = self._free_slots()
            if free <= 0:
                return NextWake()
            if now < self._state.refused_until:
                return self._selector.waits.quiet(self._state.refused_until)
            paced = self._limiter.ready_at(steady) - steady
            if paced > 0:
                return self._selector.waits.quiet(now + paced, self._limiter.gap)
            found = await self._selector.next(now)
            if isinstance(found, NextWake):
                return found
            if found is not None:
                self._attempts.begin(found, now, steady)
            elif not self._memory.is_current():
                self._memory.refresh()
        return NextWake()

    def _free_slots(self) -> int:
        """Return how many more calls may be in flight; one whose intent is not committed yet is not `open` yet."""
        if self._config.until_placed:
            return self._config.slots - len(self._state.begun)
        return self._config.slots - self._memory.in_flight - self._state.intended

    async def _give_up_what_expired(self) -> float:
        """Close open calls of which nothing more can be learnt; return when the next one expires.

        Not those whose requests are under way. Of the others each is judged once, and again when something of it has
        changed or its time has come: of each start there are two passes, and hundreds may be in flight.
        """
        memory = self._memory
        memory.changed.update(self._expiries.until(self._clock.now(), memory.awaited))
        memory.changed &= memory.awaited.keys()
        wanted = memory.changed - self._state.begun
        memory.changed.difference_update(wanted)
        left = self._reader.latest_attempts(wanted) if wanted else []
        if left:
            self._state.follows.set()  # also where a callback or a person has just reopened a call
            self._expiries.put(await self._completion.give_up_what_expired(left, self._lookups))
        return self._expiries.first(memory.awaited)

    async def _rest(self, until: float) -> None:
        """Sleep until something happens or its time comes; at most a minute, where the clock may jump.

        Others work at least once, also where that time has come: a pass that finds nothing to do may not hold them up.
        What others commit - a person who pauses or settles, a receiver beside us - is looked for.
        """
        news, clock = self._state.news, self._clock
        await clock.sleep(0)
        ends = clock.now() + LONGEST_REST if clock.is_settable else math.inf
        while not news.is_set() and (left := min(until, ends) - clock.now()) > 0:
            await clock.sleep_unless(news, left if self._writer.is_alone else min(left, POLL_INTERVAL))
            if not news.is_set() and not self._memory.is_current():  # else the next pass looks anyway
                news.set()
        await clock.sleep(0)  # what has woken us may have ended tasks, whose calls are looked at then
