"""The embedded scheduler: start, resume and re-run are this one loop over the journal."""

import asyncio
import contextlib
from dataclasses import dataclass

from orchestrator.engine.clocks import OnlyForward, Steady
from orchestrator.engine.conduct import Conduct, rfc3339
from orchestrator.engine.followup import FollowUp
from orchestrator.engine.gate import Gate
from orchestrator.engine.lookups import LookUps
from orchestrator.engine.patience import Patience
from orchestrator.engine.placing import FRESH, Placing
from orchestrator.engine.ports import Carrier, Clock, Reader, Writer
from orchestrator.engine.request import hash_token
from orchestrator.engine.steps import Steps
from orchestrator.engine.watch import Watch
from orchestrator.exotel.placement import verdict
from orchestrator.model.errors import JournalBroken, TakenOver
from orchestrator.model.events import EventType
from orchestrator.model.outcome import CallFacts, Exchange, Placement
from orchestrator.model.work import DueCall
from orchestrator.policy.pace import Pacer
from orchestrator.policy.verdict import Stop


@dataclass(frozen=True, slots=True)
class Look:
    """When to look again, in epoch seconds: infinity where only news helps.

    `is_bounded`: it waits for something that `--wait` is for, a window or a retry; then infinity is "never".
    """

    at: float = float("inf")
    is_bounded: bool = False


class Engine:
    """Runs one plan's edition to its end. Not reusable.

    `clock` is the wall's: windows and records go by it, and it may be set at any time. The pace goes by one that runs
    on. `last_start` is when the account's last request left, in epoch seconds: a restart must not break the pace.
    A journal that cannot be written stops the run (5); any other exception is a bug, and is raised by `run`.
    """

    def __init__(
        self,
        conduct: Conduct,
        writer: Writer,
        reader: Reader,
        carrier: Carrier,
        clock: Clock,
        last_start: float | None,
    ) -> None:
        self._conduct, self._writer, self._reader = conduct, writer, reader
        self._carrier, self._steps = carrier, Steps(conduct)
        self._wall, self._clock, self._steady = clock, OnlyForward(clock), Steady(clock())
        self._pace, self._account = Pacer(conduct.pace), Pacer(conduct.account_pace)
        # An intent's time: its request may have left up to FRESH later.
        last = None if last_start is None else min(self._steady(), last_start + FRESH)
        self._gate = Gate(self._steady, conduct.pace, conduct.account_pace, last)
        if last is not None:
            self._pace.took(last)
            self._account.took(last)
        self._placer = Placing(conduct, writer, carrier, (clock, self._clock), self._gate, self)
        self._watch = Watch(conduct.circuit)
        self._patience = Patience(conduct, self._clock)
        self._wake = asyncio.Event()
        self._placing: dict[int, tuple[str, asyncio.Task[None]]] = {}
        self._intending: set[int] = set()
        self._started: set[int] = set()
        self._told: tuple[str, str] | None = None
        self._bug: BaseException | None = None
        self._broken = False
        self._lookups: LookUps | None = None
        self.stopped: Stop | None = None
        self.untold: list[str] = []  # answers that the journal could not take: people must hear of them

    # -- what the outside tells the engine ------------------------------------------------------------

    def stop(self, why: Stop) -> None:
        """Start no further calls. The first reason stays, but a signal outranks others."""
        if self.stopped is None or why.code in (130, 143):
            self.stopped = why
        self._wake.set()

    def hold(self, seconds: float) -> None:
        """Let no request leave for so long: the carrier said so."""
        self._account.hold(self._steady() + seconds)

    def saw(self, placement: Placement, now: float) -> None:
        """Take note of how a request went; many bad ones in a row stop the run."""
        trip = self._watch.saw(placement, now)
        if trip is not None:
            self.stop(trip)

    @property
    def look_up_trouble(self) -> str | None:
        """Why no look-up was answered in this run; None where one was, or none was asked."""
        return None if self._lookups is None else self._lookups.trouble

    def stop_now(self) -> None:
        """Do not even wait for requests under way: their intents stand, and the next run finds them unknown."""
        for _, task in self._placing.values():
            task.cancel()

    def notice(self) -> None:
        """Look again: something was committed."""
        self._wake.set()

    async def hear(self, token: str, facts: CallFacts) -> bool:
        """Commit a callback; False where its token is nobody's."""
        hashed, now = hash_token(token), self._clock()
        return await self._writer.write(lambda tx: self._steps.hear(tx, hashed, facts, now))

    # -- the loop ---------------------------------------------------------------------------------------

    async def run(self) -> Stop | None:
        """Dial what may be dialed, follow what was; return why it stopped early, None where it did not."""
        follow = self._follow_up()
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
            expires_at = await self._give_up_what_expired()
            if self._bug is not None:
                raise self._bug
            if self._wake.is_set():
                continue  # something changed since this pass began
            if self._over(look):
                return
            await self._rest(min(look.at, expires_at, self._patience.owed_until()))

    def _follow_up(self) -> list[asyncio.Task[None]]:
        if self._conduct.lookups is None or self._conduct.until_placed:
            return []
        lookups = LookUps(self._conduct, self._carrier, self._steady, self._account, self._gate, self._looked_up)
        self._lookups = lookups
        journal = (self._writer, self._reader)
        asker = FollowUp(self._conduct, self._conduct.lookups, journal, lookups, self._clock, self.notice)
        self._patience.asker = asker
        task = asyncio.create_task(asker.run())
        task.add_done_callback(self._ended)
        return [task]

    def _looked_up(self, exchange: Exchange) -> None:
        proved = verdict(exchange)
        if proved.placement is Placement.THROTTLED:
            self.hold(proved.retry_after or 1.0)
        self._wake.set()

    async def _find_lost(self) -> None:
        """Find intents without an outcome, left by a process that died, and name them unknown."""
        for attempt in list(self._reader.open_attempts(self._conduct.scope)):
            if attempt.record.placement is None:
                now = self._clock()
                await self._writer.write(lambda tx, lost=attempt, at=now: self._steps.find_lost(tx, lost, at))  # type: ignore[misc]

    async def _start_what_may(self) -> Look:
        """Start calls until something says wait."""
        while self.stopped is None:
            now, steady = self._clock(), self._steady()
            free = self._free_slots()
            if free <= 0:
                return Look()
            paced = max(self._pace.ready_at(steady), self._account.ready_at(steady)) - steady
            if paced > 0:
                return Look(now + paced)
            call = self._next_call(now, free)
            if call is None:
                return await self._until_due(now)
            wall = self._wall()
            opens = self._conduct.opening(call, wall)
            if opens is None or opens > wall:
                return await self._tell_waiting("window", opens, wall - now)
            if self._beyond_limit(call):
                self.stop(Stop(0, f"the limit of {self._conduct.limit} calls is reached"))
                break
            self._pace.took(steady)
            self._account.took(steady)
            task = asyncio.create_task(self._placer.attempt(call, lambda key=call.key: self._intended(key)))  # type: ignore[misc]
            self._placing[call.key] = (call.pair, task)
            self._intending.add(call.key)
            task.add_done_callback(self._ended)
        return Look()

    def _beyond_limit(self, call: DueCall) -> bool:
        """Whether this call is one more than the user's limit; another attempt of a started one is not."""
        limit = self._conduct.limit
        if limit is None or call.key in self._started:
            return False
        if len(self._started) >= limit:
            return True
        self._started.add(call.key)
        return False

    def _free_slots(self) -> int:
        """Return how many more calls may be in flight; one whose intent is not committed yet is not `open` yet."""
        if self._conduct.until_placed:
            return self._conduct.slots - len(self._placing)
        return self._conduct.slots - self._reader.in_flight(self._conduct.scope) - len(self._intending)

    def _next_call(self, now: float, free: int) -> DueCall | None:
        """Return the first due call that is not being placed, and whose pair is not."""
        pairs = {pair for pair, _ in self._placing.values()}
        due = self._reader.due(self._conduct.scope, now, len(self._placing) + free, self._conduct.only)
        return next((call for call in due if call.key not in self._placing and call.pair not in pairs), None)

    async def _until_due(self, now: float) -> Look:
        due = self._reader.next_due(self._conduct.scope, self._conduct.only)
        if due is None or due <= now:
            return Look()  # nothing, or held by a call in flight: its end wakes the loop
        return await self._tell_waiting("retry", due)

    async def _tell_waiting(self, reason: str, until: float | None, behind: float = 0.0) -> Look:
        """Say once what is waited for; `until` is by a clock that is so many seconds `behind` ours."""
        at = "never" if until is None else rfc3339(until)
        if reason == "window" and self._told != (reason, at):
            self._told = (reason, at)
            scope, now = self._conduct.scope, rfc3339(self._clock())
            data = {"reason": reason, "until": at}
            await self._writer.write(lambda tx: tx.append(EventType.RUN_WAITING, now, scope.run_id, data=data))
        return Look(float("inf") if until is None else until - behind, is_bounded=True)

    def _ended(self, task: asyncio.Task[None]) -> None:
        """Forget an ended task; one that failed means that the journal is broken, or that we are."""
        for key in [key for key, (_, placing) in self._placing.items() if placing is task]:
            del self._placing[key]
        problem = None if task.cancelled() else task.exception()
        if isinstance(problem, JournalBroken):
            self.broke(problem)
        elif isinstance(problem, TakenOver):
            self._taken_over(problem)
        elif problem is not None:
            self._bug = problem
        self._wake.set()

    def _intended(self, key: int) -> None:
        """Take note that a call is `open` now: a pass between its commit and this counted it twice."""
        self._intending.discard(key)
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

    # -- endings ----------------------------------------------------------------------------------------

    async def _give_up_what_expired(self) -> float:
        """Close open calls of which nothing more can be learnt; return when the next one expires."""
        next_expiry = float("inf")
        for attempt in list(self._reader.open_attempts(self._conduct.scope)):
            if attempt.call in self._placing:
                continue
            deadline, now = self._patience.until(attempt), self._clock()
            if deadline <= now:
                await self._writer.write(lambda tx, old=attempt, at=now: self._steps.give_up(tx, old, at))  # type: ignore[misc]
            else:
                next_expiry = min(next_expiry, deadline)
        return next_expiry

    def _over(self, look: Look) -> bool:
        """Whether nothing is left to do here: all placed, and all ended or not waited for."""
        if self._placing:
            return False
        interrupted = self.stopped is not None and self.stopped.code in (130, 143)
        if interrupted or self._broken:
            return True
        if not self._conduct.until_placed and self._reader.in_flight(self._conduct.scope):
            return False
        if self._patience.owed_until() < float("inf"):
            return False
        if self.stopped is not None:
            return True
        if not self._reader.count(self._conduct.scope, "due", self._conduct.only):
            return True
        if not look.is_bounded:
            return self._conduct.until_placed and look.at == float("inf") and self._holds_everything()
        never = look.at == float("inf")
        if never or look.at > self._clock() + self._conduct.wait:
            when = "at no time within the next two weeks" if never else f"at {rfc3339(look.at)}"
            self.stopped = Stop(5, f"the next call may start {when}; a run of the same plan then goes on")
        return self.stopped is not None

    def _holds_everything(self) -> bool:
        """Whether every due call waits for the ending of another one to its numbers; then say so."""
        if self._next_call(self._clock(), 1) is None:
            self.stopped = Stop(5, "the calls left wait for others to the same numbers; a later run dials them")
        return self.stopped is not None

    async def _rest(self, until: float) -> None:
        """Sleep until something happens or its time comes; at most a minute, in case the clock jumps."""
        pause = max(0.0, min(until - self._clock(), 60.0))
        with contextlib.suppress(TimeoutError):
            await asyncio.wait_for(self._wake.wait(), pause)
