"""The state of one run while it goes on: which calls are begun and under way, and whether more are started.

Scheduler, selection, admission, attempts, look-ups and completion read it and change it through its methods; nobody
else remembers any of it, and what is committed stands in the journal.
"""

import asyncio
import heapq
import math
from collections.abc import Container, Iterable, Mapping, Set
from typing import Any

from orchestrator.engine.config import RunConfig
from orchestrator.engine.memory import Memory
from orchestrator.model.call import DueCall
from orchestrator.model.errors import JournalBroken, TakenOver
from orchestrator.model.outcome import Placement
from orchestrator.policy.limits import Usage
from orchestrator.policy.verdict import Stop

THROTTLED_FOR = 600.0
"""Seconds of nothing but 429 after which the run stops."""


class RunState:
    """Remembers what one run has under way; used in the event loop's thread only.

    A call is *begun* when its attempt is, *intended* while its intent is being committed - the journal does not show it
    as open yet -, and *sent* from then on until the task ends that sends it.
    """

    def __init__(self, config: RunConfig, memory: Memory) -> None:
        self.memory = memory
        self.stopped: Stop | None = None
        """Why no further call is started; None while calls are."""
        self.is_broken = False
        """Whether nothing is waited for any more: the journal takes nothing in, or another process dials."""
        self.bug: BaseException | None = None
        self.unrecorded: list[str] = []
        """Answers that the journal could not take: people must hear of them."""
        self.news = asyncio.Event()
        """Set where something happened that the scheduler must look at."""
        self.limit = CallLimit(config.limit)
        self.starts = 0
        """How many intents were committed."""
        self.unknown = 0
        """How many requests of this run had no answer that tells what became of them."""
        self.follows = asyncio.Event()
        """Set once a call is under way whose ending will be asked for."""
        self.refused_until = 0.0
        """Until when no intent is tried again: a transaction has just refused one. By the clock's `now`."""
        self.owes_answers = False
        """Whether attempts that an earlier run left open or unknown have not been asked about yet."""
        self._begun: dict[int, DueCall] = {}
        self._tasks: dict[asyncio.Task[bool], int | None] = {}
        self._sent: set[int] = set()
        self._circuit = Circuit(config.circuit)

    # -- whether calls are started --------------------------------------------------------------------

    def stop(self, why: Stop) -> None:
        """Start no further calls. The first reason stays, but a signal outranks others."""
        if self.stopped is None or why.is_interruption:
            self.stopped = why
        self.news.set()

    def break_off(self, problem: JournalBroken | TakenOver, unrecorded: str | None = None) -> None:
        """Stop, and wait for nothing: what can no longer be written down, or what another process dials now."""
        self.unrecorded += [unrecorded] if unrecorded else []
        self.is_broken = True
        self.stop(Stop(4 if isinstance(problem, TakenOver) else 5, str(problem)))

    def record_placement(self, placement: Placement, now: float) -> None:
        """Take note of how a request went, at `now` in seconds; many bad ones in a row stop the run."""
        self.unknown += placement is Placement.UNKNOWN
        why = self._circuit.stops_at(placement, now)
        if why is not None:
            self.stop(why)

    def set_owed(self, *, owes: bool) -> None:
        """Set `owes_answers`; that they have all come is news."""
        if self.owes_answers and not owes:
            self.news.set()
        self.owes_answers = owes

    # -- calls under way --------------------------------------------------------------------------------

    @property
    def pairs_begun(self) -> Mapping[int, str]:
        """The calls whose tasks run, by key, with their pairs."""
        return {key: call.pair for key, call in self._begun.items()}

    @property
    def tasks(self) -> list[asyncio.Task[bool]]:
        """The tasks of the calls that are begun."""
        return list(self._tasks)

    @property
    def is_placing(self) -> bool:
        """Whether the task of any call runs."""
        return bool(self._begun)

    @property
    def intended(self) -> int:
        """How many calls have an intent that is being committed."""
        return self.memory.intended

    @property
    def is_sending(self) -> bool:
        """Whether a request whose intent is committed is under way."""
        return bool(self._sent)

    @property
    def begun(self) -> Set[int]:
        """The calls whose tasks run, by key."""
        return self._begun.keys()

    def begin(self, call: DueCall, need: Usage | None) -> None:
        """Count a call whose attempt begins. `need` is the most that it may take, None where nobody counts that."""
        if call.rung == 0:
            self.limit.begin(call.key)
        self._begun[call.key] = call
        self.memory.begin(call, need)

    def follow(self, task: asyncio.Task[bool], sent: int | None = None) -> None:
        """Keep a task until it ends; `sent` is the call that it sends."""
        self._tasks[task] = sent
        task.add_done_callback(self.end)

    def settle_intent(self, call: DueCall, *, is_committed: bool) -> None:
        """Take note that the journal shows a call as open now, or that its intent was not committed."""
        self.memory.settle(call, is_committed=is_committed)
        key = call.key
        if is_committed:
            self.starts += 1
            self.follows.set()
            self._sent.add(key)
        else:
            self.limit.never_began(key)
            self._end_call(key)
        self.news.set()

    def end(self, task: asyncio.Task[Any]) -> None:
        """Forget an ended task; one that failed means that the journal is broken, or that we are."""
        problem = None if task.cancelled() else task.exception()
        key = self._tasks.pop(task, None)
        if key is not None:
            self._end_call(key)
            if problem is None and not task.cancelled() and task.result():
                self.limit.did_not_ring(key)
        if isinstance(problem, JournalBroken | TakenOver):
            self.break_off(problem)
        elif problem is not None:
            self.bug = problem
        self.news.set()

    def _end_call(self, key: int) -> None:
        del self._begun[key]
        self._sent.discard(key)
        self.memory.end(key)


class LookTimes:
    """When calls in flight are to be looked at next, by their keys. What is no longer `awaited` is forgotten."""

    def __init__(self) -> None:
        self._at: dict[int, float] = {}
        self._first: list[tuple[float, int]] = []

    def put(self, times: Mapping[int, float]) -> None:
        """Note when these calls are to be looked at, instead of before."""
        for call, at in times.items():
            if self._at.get(call) != at:
                self._at[call] = at
                heapq.heappush(self._first, (at, call))

    def keys(self) -> Set[int]:
        """Return the calls of which a time is noted."""
        return self._at.keys()

    def first(self, awaited: Container[int]) -> float:
        """Return when the first one is to be looked at; infinity where none is."""
        while self._first:
            at, call = self._first[0]
            if call in awaited and self._at.get(call) == at:
                return at
            self._drop_first()
        return math.inf

    def until(self, now: float, awaited: Container[int], most: float = math.inf) -> list[int]:
        """Take out those whose time has come, the oldest first; `most` of them."""
        found: list[int] = []
        while len(found) < most and self.first(awaited) <= now:
            found.append(self._drop_first())
        return found

    def _drop_first(self) -> int:
        at, call = heapq.heappop(self._first)
        if self._at.get(call) == at:
            del self._at[call]
        return call


class Circuit:
    """Notices when the carrier or the line is down; `most` unknown or unreached placements in a row are too many."""

    def __init__(self, most: int) -> None:
        self._most, self._bad = most, 0
        self._throttled_since: float | None = None

    def stops_at(self, placement: Placement, now: float) -> Stop | None:
        """Count one placement of this run at `now`, in seconds; return why to stop, None to go on."""
        if placement is Placement.THROTTLED:
            self._throttled_since = now if self._throttled_since is None else self._throttled_since
            if now - self._throttled_since >= THROTTLED_FOR:
                return Stop(5, "the carrier has answered nothing but 429 (too many requests) for ten minutes")
            return None
        self._throttled_since = None
        self._bad = self._bad + 1 if placement in (Placement.UNKNOWN, Placement.UNREACHED) else 0
        if self._bad >= self._most:
            return Stop(5, f"{self._bad} requests in a row did not get through; the carrier or the line is down")
        return None


class CallLimit:
    """Counts the calls that one run has dialed for the first time, by their keys.

    A redial is no start. A call that did not ring - throttled, unreached, its intent taken back - is started still, as
    long as it is to be sent again: its place is kept for it. Once it is closed or put off, another takes that place.
    """

    def __init__(self, most: int | None) -> None:
        self._most = most
        self._dialed: set[int] = set()  # they may have rung, were rejected, or are being placed
        self.again: set[int] = set()  # they did not ring, and are to be sent again
        self._sent_again: set[int] = set()  # of those in `_dialed`, they were in `again` before

    def is_full(self) -> bool:
        """Whether so many calls are started."""
        return self._most is not None and len(self._dialed) + len(self.again) >= self._most

    @property
    def admits_nothing(self) -> bool:
        """Whether no call may start at all: not even a redial."""
        return self._most == 0

    def begin(self, key: int) -> None:
        """Count a call that is dialed for the first time."""
        if key in self.again:
            self.again.discard(key)
            self._sent_again.add(key)
        self._dialed.add(key)

    def did_not_ring(self, key: int) -> None:
        """Take note that a call is to be sent again; nothing where it was not counted: a redial."""
        if key in self._dialed:
            self._dialed.discard(key)
            self.again.add(key)

    def release(self, key: int) -> None:
        """Give the place of a call that is not sent again, or not for now, to another."""
        self.again.discard(key)

    def never_began(self, key: int) -> None:
        """Count a call no more whose intent was not committed; one that was sent before waits for its turn again."""
        self._dialed.discard(key)
        if key in self._sent_again:
            self.again.add(key)

    def keep(self, due: Iterable[int], rang: Iterable[int]) -> None:
        """Of the calls to be sent again keep those that are `due`; those that `rang` after all were dialed."""
        self._dialed.update(rang)
        self.again &= set(due)
