"""The embedded scheduler: start, resume and re-run are this one loop over the journal."""

import asyncio
import contextlib
from typing import Any

from orchestrator.engine.admission import Evaluator
from orchestrator.engine.attempt import Attempts, hash_token
from orchestrator.engine.call_limit import CallLimit
from orchestrator.engine.clock import OnlyForward, Steady
from orchestrator.engine.completion import Completion, Patience
from orchestrator.engine.config import RunConfig
from orchestrator.engine.dnd import Dnd, NumberQuestions
from orchestrator.engine.lookups import LookUpClient, LookUps
from orchestrator.engine.ports import Carrier, Clock, Reader, Writer
from orchestrator.engine.rate_limiter import RateLimiter, Turn
from orchestrator.engine.selection import NextWake, Selector
from orchestrator.engine.steps import Steps
from orchestrator.exotel.placement import quiet
from orchestrator.model.diagnostic import Diagnostic
from orchestrator.model.errors import JournalBroken, TakenOver
from orchestrator.model.outcome import CallFacts, Exchange, Placement
from orchestrator.model.work import DueCall
from orchestrator.policy.verdict import Stop

THROTTLED_FOR = 600.0
"""Seconds of nothing but 429 after which the run stops (docs/guarantees.md)."""


class Circuit:
    """Counts placements of this run. `circuit`: unknown or unreached ones in a row that stop it."""

    def __init__(self, circuit: int) -> None:
        self._circuit = circuit
        self._bad = 0
        self._throttled_since: float | None = None

    def saw(self, placement: Placement, now: float) -> Stop | None:
        """Take note of one placement at `now`, in seconds; return why to stop, None to go on."""
        if placement is Placement.THROTTLED:
            self._throttled_since = now if self._throttled_since is None else self._throttled_since
            if now - self._throttled_since >= THROTTLED_FOR:
                return Stop(5, "the carrier has answered nothing but 429 (too many requests) for ten minutes")
            return None
        self._throttled_since = None
        self._bad = self._bad + 1 if placement in (Placement.UNKNOWN, Placement.UNREACHED) else 0
        if self._bad >= self._circuit:
            return Stop(5, f"{self._bad} requests in a row did not get through; the carrier or the line is down")
        return None


GLANCE = 0.25
"""Seconds between two looks for what others have committed."""


class Engine:
    """Runs one plan's edition to its end. Not reusable.

    `clock` is the wall's: windows and records go by it, and it may be set at any time. The pace's
    slots are in the journal, where a restart and other processes find them; waiting goes by a clock that nobody sets.
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
        self._config, self._writer, self._reader = config, writer, reader
        self._carrier, self._steps = carrier, Steps(config)
        self._wall, self._clock, self._steady = clock, OnlyForward(clock), Steady(clock())
        self._limiter = RateLimiter(config, writer, clock, self._steady)
        self._judge = Evaluator(config, reader, clock)
        self._placer = Attempts(config, writer, carrier, self._clock, self._judge, self)
        self._watch = Circuit(config.circuit)
        self._patience = Patience(config, self._clock)
        self._wake = asyncio.Event()
        self._placing: dict[int, tuple[str, asyncio.Task[bool]]] = {}
        self._intending: set[int] = set()
        self._sending: set[int] = set()
        self._limit = CallLimit(config.limit)
        self._refused_until = 0.0
        self._bug: BaseException | None = None
        self._broken = False
        self._lookups: LookUpClient | None = None
        questions = NumberQuestions(carrier, self._limiter, self._looked_up)
        self._dnd = Dnd(config, (writer, reader), questions, (self._clock, clock), self)
        clocks = (self._clock, clock)
        self._chooser = Selector(
            config, (writer, reader), clocks, self._judge, self._dnd, self._pairs_placing, self._limit, self
        )
        self._finish = Completion(config, (writer, reader), self._patience, self._chooser, self._clock, self)
        self.stopped: Stop | None = None
        self.untold: list[str] = []  # answers that the journal could not take: people must hear of them

    # -- what the outside tells the engine ------------------------------------------------------------

    def stop(self, why: Stop) -> None:
        """Start no further calls. The first reason stays, but a signal outranks others."""
        if self.stopped is None or why.is_interruption:
            self.stopped = why
        self._wake.set()

    def hold(self, seconds: float) -> None:
        """Let no request leave for so long: the carrier said so."""
        self._limiter.hold(seconds)

    def saw(self, placement: Placement, now: float) -> None:
        """Take note of how a request went; many bad ones in a row stop the run."""
        trip = self._watch.saw(placement, now)
        if trip is not None:
            self.stop(trip)

    @property
    def quiet_until(self) -> float:
        """Until when the carrier wants no request, in epoch seconds; past where it does not."""
        return self._wall() + self._limiter.hold_until - self._steady()

    @property
    def look_up_trouble(self) -> str | None:
        """Why no look-up was answered in this run; None where one was, or none was asked."""
        return None if self._lookups is None else self._lookups.trouble

    @property
    def dnd_trouble(self) -> str | None:
        """Why the carrier's word on the numbers of some calls is missing; None where none is."""
        return self._dnd.trouble

    @property
    def refused(self) -> tuple[Diagnostic, ...]:
        """Why the run dialed nobody, where it stopped with 3."""
        return self._dnd.refused

    def stop_now(self) -> None:
        """Do not even wait for requests under way: their intents stand, and the next run finds them unknown."""
        for _, task in self._placing.values():
            task.cancel()

    def notice(self) -> None:
        """NextWake again: something was committed."""
        self._wake.set()

    async def hear(self, token: str, facts: CallFacts) -> bool:
        """Commit a callback; False where its token is nobody's."""
        hashed, now = hash_token(token), self._clock()
        return await self._writer.write(lambda tx: self._steps.hear(tx, hashed, facts, now))

    # -- the loop ---------------------------------------------------------------------------------------

    async def run(self) -> Stop | None:
        """Dial what may be dialed, follow what was; return why it stopped early, None where it did not."""
        follow = [*self._follow_up(), *self._ask_first()]
        try:
            await self._find_lost()
            await self._loop()
        except JournalBroken as problem:
            self.broke(problem)
            await asyncio.gather(*(task for _, task in self._placing.values()), return_exceptions=True)
        finally:
            tasks = [*follow, *(task for _, task in self._placing.values())]
            for task in tasks:
                task.cancel()
            await asyncio.gather(*tasks, return_exceptions=True)
        return self.stopped

    async def _loop(self) -> None:
        while True:
            self._wake.clear()
            look = await self._start_what_may()
            expires_at = await self._finish.give_up_what_expired(self._placing)
            if self._bug is not None:
                raise self._bug
            if self._wake.is_set():
                continue  # something changed since this pass began
            if not self._placing and (self._broken or self._finish.is_over(look)):
                return
            await self._rest(min(self._finish.look_again_at(look), expires_at))

    def _follow_up(self) -> list[asyncio.Task[None]]:
        if self._config.lookups is None or self._config.until_placed:
            return []
        lookups = LookUpClient(self._config, self._carrier, self._limiter, self._looked_up)
        self._lookups = lookups
        journal = (self._writer, self._reader)
        asker = LookUps(self._config, self._config.lookups, journal, lookups, self._clock, self.notice)
        self._patience.asker = asker
        task = asyncio.create_task(asker.run())
        task.add_done_callback(self._ended)
        return [task]

    def _ask_first(self) -> list[asyncio.Task[None]]:
        """Ask about numbers ahead of the dialing, where the plan minds do-not-disturb."""
        if not self._dnd.is_wanted:
            return []
        task = asyncio.create_task(self._dnd.run())
        task.add_done_callback(self._ended)
        return [task]

    def _looked_up(self, exchange: Exchange) -> None:
        wait = quiet(exchange)
        if wait is not None:
            self.hold(wait)
        self._wake.set()

    async def _find_lost(self) -> None:
        """Find intents without an outcome, left by a process that died, and name them unknown."""
        for attempt in list(self._reader.open_attempts(self._config.scope)):
            if attempt.record.placement is None:
                now = self._clock()
                await self._writer.write(lambda tx, lost=attempt, at=now: self._steps.find_lost(tx, lost, at))  # type: ignore[misc]

    async def _start_what_may(self) -> NextWake:
        """Start calls until something says wait."""
        while self.stopped is None:
            if not self._reader.dials(self._config.scope):
                self._taken_over(TakenOver())
                break
            now, steady = self._clock(), self._steady()
            free = self._free_slots()
            if free <= 0:
                return NextWake()
            if now < self._refused_until:
                return self._chooser.waits.quiet(self._refused_until)
            paced = self._limiter.ready_at() - steady
            if paced > 0:
                return self._chooser.waits.quiet(now + paced, self._limiter.gap)
            found = await self._chooser.next(free)
            if isinstance(found, NextWake):
                return found
            if found is not None:
                self._begin(found)
        return NextWake()

    def _begin(self, call: DueCall) -> None:
        self._judge.begin(call)
        if call.rung == 0:
            self._limit.begin(call.key)
        turn = self._limiter.connect()
        intended = lambda is_committed: self._intended(call.key, turn, is_committed=is_committed)  # noqa: E731
        task = asyncio.create_task(self._placer.attempt(call, turn, intended))
        self._placing[call.key] = (call.pair, task)
        self._intending.add(call.key)
        task.add_done_callback(self._ended)

    def _free_slots(self) -> int:
        """Return how many more calls may be in flight; one whose intent is not committed yet is not `open` yet."""
        if self._config.until_placed:
            return self._config.slots - len(self._placing)
        return self._config.slots - self._reader.in_flight(self._config.scope) - len(self._intending)

    def _ended(self, task: asyncio.Task[Any]) -> None:
        """Forget an ended task; one that failed means that the journal is broken, or that we are."""
        problem = None if task.cancelled() else task.exception()
        for key in [key for key, (_, placing) in self._placing.items() if placing is task]:
            del self._placing[key]
            self._sending.discard(key)
            if problem is None and not task.cancelled() and task.result():
                self._limit.did_not_ring(key)
        if isinstance(problem, JournalBroken):
            self.broke(problem)
        elif isinstance(problem, TakenOver):
            self._taken_over(problem)
        elif problem is not None:
            self._bug = problem
        self._wake.set()

    def _intended(self, key: int, turn: Turn, *, is_committed: bool) -> None:
        """Take note that a call is `open` now: a pass between its commit and this counted it twice."""
        self._intending.discard(key)
        if not is_committed:
            self._limit.never_began(key)
        self._judge.settle(key, is_committed=is_committed)
        if is_committed:
            self._sending.add(key)
            self._chooser.waits.over()
        if turn.taken and not is_committed:
            self._refused_until = self._clock() + GLANCE  # the transaction knew better: do not ask in a hurry
        self._limiter.settled(turn)
        self._wake.set()

    def broke(self, problem: JournalBroken, untold: str | None = None) -> None:
        """Stop at once: what can no longer be written down is not waited for either."""
        self.untold += [untold] if untold else []
        self._broken = True
        self.stop(Stop(5, str(problem)))

    def _taken_over(self, fence: TakenOver) -> None:
        """Leave everything to the process that dials now, and wait for nothing."""
        self._broken = True
        self.stop(Stop(4, str(fence)))

    def is_sending(self) -> bool:
        """Whether a request whose intent is committed is under way."""
        return bool(self._sending)

    def _pairs_placing(self) -> dict[int, str]:
        return {key: pair for key, (pair, _) in self._placing.items()}

    async def _rest(self, until: float) -> None:
        """Sleep until something happens or its time comes; at most a minute, in case the clock jumps.

        Others work at least once, also where that time has come: a pass that finds nothing to do may not hold them up.
        What others commit - a person who pauses or settles, a receiver beside us - is looked for.
        """
        await asyncio.sleep(0)
        known, ends = self._reader.changes(), self._clock() + 60.0
        while not self._wake.is_set() and (left := min(until, ends) - self._clock()) > 0:
            with contextlib.suppress(TimeoutError):
                async with asyncio.timeout(min(left, GLANCE)):  # wait_for of 3.11 may swallow a cancellation
                    await self._wake.wait()
            if self._reader.changes() != known:
                self.notice()
