"""The due calls of one run in the order of dialing: read from the journal in batches, kept up to date by its commits.

A call is passed over while its agent has all the calls that `per_agent` allows, or while another call keeps its pair:
then it is set aside until that changes, so that no pass looks at it again.
"""

import heapq
import math
from collections import Counter, defaultdict
from collections.abc import Callable, Collection, Iterable
from dataclasses import dataclass, field

from orchestrator.engine.ports import Reader
from orchestrator.model.call import CallRow, DueCall, Scope

BATCH = 256
"""Due calls that are read at a time."""

BATCH_OF_ONE_AGENT = 32
"""Due calls of one agent that are read at a time, where calls of that agent were passed over unread."""

MOST_PASSED_OVER = 500
"""Agents whose calls are left unread at a time."""

RESCAN_PAUSE = 0.25
"""Seconds after which calls that have become due by their time are looked for again, while others may start."""

Order = tuple[int, int, int]
"""Where a call stands in the order of dialing: its priority, negative, its position, its key."""

FIRST: Order = (-(2**62), -1, -1)
"""Before every call."""


@dataclass(slots=True)
class _Entry:
    """A due call; `asks_pair`: another call may keep its pair."""

    call: DueCall
    order: Order
    asks_pair: bool


def order_of(call: DueCall) -> Order:
    """Return where a call stands in the order of dialing."""
    return -call.priority, call.position, call.key


@dataclass
class _Lane:
    """Due calls that were dialed before, or such as never were: in their order, each agent's in a queue of its own.

    Where agents have no limit of their own there is one queue, without a name.
    """

    is_redials: bool
    queues: dict[str, list[tuple[Order, int]]] = field(default_factory=dict)
    places: dict[str, Order] = field(default_factory=dict)
    """Where each agent stands that is not passed over: not behind its first call."""
    heads: list[tuple[Order, str]] = field(default_factory=list)
    """These places in their order, and outdated ones; `_heads` has the same, to be there once."""
    _heads: set[tuple[Order, str]] = field(default_factory=set)
    asleep: set[str] = field(default_factory=set)
    unread: dict[str, Order] = field(default_factory=dict)
    """Agents whose calls after some place were left unread."""
    read_to: Order = FIRST
    is_all_read: bool = False

    def add(self, name: str, order: Order) -> None:
        queue = self.queues.setdefault(name, [])
        heapq.heappush(queue, (order, order[2]))
        if queue[0][0] == order and name not in self.asleep:
            self.stand(name, order)

    def stand(self, name: str, order: Order) -> None:
        """Have an agent looked at in its turn, which is not after `order`."""
        if name not in self.places or order < self.places[name]:
            self.places[name] = order
            if (order, name) not in self._heads:
                self._heads.add((order, name))
                heapq.heappush(self.heads, (order, name))

    def leave(self) -> str:
        """Take the first place away, which may be outdated; return whose it was."""
        order, name = head = heapq.heappop(self.heads)
        self._heads.discard(head)
        if self.places.get(name) == order:
            del self.places[name]
        return name

    def wake(self, name: str) -> None:
        """Look at an agent's calls again."""
        if name in self.asleep:
            self.asleep.discard(name)
            queue = self.queues.get(name)
            places = [*([queue[0][0]] if queue else []), *([self.unread[name]] if name in self.unread else [])]
            if places:
                self.stand(name, min(places))

    def begin_anew(self) -> None:
        """Read from the first call on, beside what is known."""
        self.read_to, self.is_all_read = FIRST, False
        self.unread.clear()


class DueCalls:
    """Used in the event loop's thread only. Times are epoch seconds.

    `full_until` says until when an agent has as many calls as it may have, from a moment of the wall's clock on: that
    moment where it has fewer. None where agents have no limit. `is_running` tells the calls whose attempts have begun
    and whose tasks have not ended: a call that is put back meanwhile is looked at once its task has.
    """

    def __init__(
        self,
        reader: Reader,
        scope: Scope,
        only: str,
        full_until: Callable[[str, float], float] | None,
        is_running: Callable[[int], bool],
    ) -> None:
        self._reader, self._scope, self._only = reader, scope, only
        self._full_until, self._is_running = full_until, is_running
        self.passed_over: set[int] = set()
        self._begun_pairs: Counter[str] = Counter()
        self._ending: set[int] = set()  # keys of calls that are due, and whose last attempt's task has not ended
        self.forget()

    def forget(self) -> None:
        """Forget all that was read: somebody else has changed it."""
        self._entries: dict[int, _Entry] = {}
        self._of_pair: dict[str, set[int]] = defaultdict(set)
        self._held: dict[str, list[_Entry]] = defaultdict(list)  # by the pair that another call keeps
        self._wakes: list[tuple[float, str]] = []  # when a pair or an agent is free for certain, by the wall's clock
        self._sleepers: dict[str, float] = {}  # the same, each once
        self._returning: list[tuple[float, int]] = []  # keys of calls that were put back, by when they are due
        self._lanes = (_Lane(is_redials=False), _Lane(is_redials=True))
        self._scanned_at, self._next_scan = -math.inf, -math.inf

    # -- what becomes of calls ---------------------------------------------------------------------------

    def came(self, row: CallRow) -> None:
        """Take note that a call is due, perhaps later."""
        self.went(row.key)
        if self._only == "*" or self._reader.matches(row.id, self._only):
            heapq.heappush(self._returning, (row.not_before, row.key))

    def went(self, key: int) -> None:
        """Take note that a call is not due, or not as it was known."""
        entry = self._entries.pop(key, None)
        if entry is not None:
            self._of_pair[entry.call.pair].discard(key)
            if not self._of_pair[entry.call.pair]:
                del self._of_pair[entry.call.pair]

    def begin(self, call: DueCall) -> None:
        """Take a call out whose attempt begins; others between the same numbers wait for it."""
        self.went(call.key)
        self._begun_pairs[call.pair] += 1
        for key in self._of_pair.get(call.pair, ()):
            self._entries[key].asks_pair = True

    def pass_over(self, call: DueCall) -> None:
        """Take out a call that rang, and whose redial takes more than the plan's limits leave."""
        self.passed_over.add(call.key)
        self.went(call.key)

    def settle(self, call: DueCall, *, is_committed: bool) -> None:
        """Take note whether a begun call's intent was committed; one that was not is due as it was."""
        self._begun_pairs[call.pair] -= 1
        if not self._begun_pairs[call.pair]:
            del self._begun_pairs[call.pair]
        if not is_committed:
            heapq.heappush(self._returning, (-math.inf, call.key))
            self.free_pair(call.pair)

    def end(self, key: int) -> None:
        """Take note that the task of a call's attempt has ended."""
        if key in self._ending:
            self._ending.discard(key)
            heapq.heappush(self._returning, (-math.inf, key))

    def free_pair(self, pair: str) -> None:
        """Look again at calls whose pair another call kept."""
        for entry in self._held.pop(pair, ()):
            if self._entries.get(entry.call.key) is entry:
                self._line_up(entry)

    def free_agent(self, agent: str) -> None:
        """Look again at the calls of an agent that has fewer calls in flight."""
        for lane in self._lanes:
            lane.wake(agent)

    def look_again(self) -> None:
        """Look again at what keeps calls back: others may have begun calls between their numbers, or ended some."""
        for entry in self._entries.values():
            entry.asks_pair = True
        for pair in list(self._held):
            self.free_pair(pair)
        for lane in self._lanes:
            for agent in list(lane.asleep):
                lane.wake(agent)

    # -- which call is next ------------------------------------------------------------------------------

    def next(self, now: float, wall: float, *, redials: bool = False) -> DueCall | None:
        """Return the first call that may be looked at: none that is begun, none of a full agent or of a held pair.

        `redials`: of those that rang before.
        """
        self._bring_back(now)
        if now >= self._scans_at():
            self._scan(now)
        while self._wakes and self._wakes[0][0] <= wall:
            _, freed = heapq.heappop(self._wakes)
            self._sleepers.pop(freed, None)
            self.free_pair(freed)
            self.free_agent(freed)
        found = None if redials else self._first_of(self._lanes[0], wall)
        redial = self._first_of(self._lanes[1], wall)
        if redial is not None and (found is None or redial.order < found.order):
            found = redial
        return None if found is None else found.call

    def first_of_full_agents(self, *, redials: bool = False) -> DueCall | None:
        """Return the first call that only a full agent keeps back."""
        lanes = [lane for lane in self._lanes if lane.is_redials or not redials]
        queues = [self._queue(lane, name) for lane in lanes for name in lane.asleep]
        return _first(self._entries[queue[0][1]] for queue in queues if queue)

    def later_than(self, now: float) -> float:
        """Return when the next call is due that is not due at `now`; infinity where none is."""
        while self._returning and self._returning[0][0] <= now:
            self._bring_back(now)
        return min(self._scans_at(), self._returning[0][0] if self._returning else math.inf)

    def _scans_at(self) -> float:
        """Return when the next scan is made."""
        return self._next_scan if self._is_empty() else max(self._next_scan, self._scanned_at + RESCAN_PAUSE)

    def _is_empty(self) -> bool:
        firsts, redials = self._lanes
        return not firsts.heads and firsts.is_all_read and not redials.heads and redials.is_all_read

    def _scan(self, now: float) -> None:
        """Read from the first call on: what was due later may be due by now."""
        known = {key for _, key in self._returning}
        self._scanned_at = now
        self._next_scan = self._reader.due_after(self._scope, now, self._only, known)
        for lane in self._lanes:
            lane.begin_anew()

    def _bring_back(self, now: float) -> None:
        """Read the calls that were put back and are due by now."""
        keys = []
        while self._returning and self._returning[0][0] <= now:
            keys.append(heapq.heappop(self._returning)[1])
        if keys:
            self._take(self._reader.due_among(self._scope, now, keys))

    def _take(self, calls: Collection[DueCall]) -> None:
        for call in calls:
            if self._is_running(call.key):
                self._ending.add(call.key)
            elif call.key not in self._entries and call.key not in self.passed_over:
                entry = _Entry(call, order_of(call), call.is_held or call.pair in self._begun_pairs)
                self._entries[call.key] = entry
                self._of_pair[call.pair].add(call.key)
                self._line_up(entry)

    def _line_up(self, entry: _Entry) -> None:
        call = entry.call
        self._lanes[call.rung > 0].add(call.agent if self._full_until is not None else "", entry.order)

    def _first_of(self, lane: _Lane, wall: float) -> _Entry | None:
        while True:
            if not lane.is_all_read and (not lane.heads or lane.heads[0][0] > lane.read_to):
                self._read(lane)
                continue
            if not lane.heads:
                return None
            order, name = lane.heads[0]
            if lane.places.get(name) != order:
                lane.leave()
                continue
            queue, unread = self._queue(lane, name), lane.unread.get(name)
            if self._sleeps(lane, name, wall):
                lane.leave()
            elif unread is not None and (not queue or queue[0][0] > unread):
                self._read_agent(lane, name, unread)
            elif not queue:
                lane.queues.pop(lane.leave(), None)
            elif queue[0][0] != order:
                lane.stand(lane.leave(), queue[0][0])
            else:
                entry = self._entries[queue[0][1]]
                if not entry.asks_pair or not self._waits_for_pair(entry, wall):
                    return entry
                heapq.heappop(queue)

    def _queue(self, lane: _Lane, name: str) -> list[tuple[Order, int]]:
        """Return an agent's queue, which begins with a call that is due still."""
        queue = lane.queues.get(name, [])
        while queue and not self._is_entry(queue[0]):
            heapq.heappop(queue)
        return queue

    def _sleeps(self, lane: _Lane, name: str, wall: float) -> bool:
        """Whether an agent has all the calls that it may have; then its calls are passed over until one ends."""
        until = wall if self._full_until is None else self._full_until(name, wall)
        if until <= wall:
            return False
        lane.asleep.add(name)
        self._wake_at(until, name)
        return True

    def _is_entry(self, item: tuple[Order, int]) -> bool:
        entry = self._entries.get(item[1])
        return entry is not None and entry.order == item[0]

    def _waits_for_pair(self, entry: _Entry, wall: float) -> bool:
        """Whether another call keeps its pair; then it is set aside until that may have ended."""
        call = entry.call
        until = math.inf if call.pair in self._begun_pairs else self._reader.pair_kept_until(self._scope, call, wall)
        if until <= wall:
            entry.asks_pair = False
            return False
        self._held[call.pair].append(entry)
        self._wake_at(until, call.pair)
        return True

    def _wake_at(self, until: float, name: str) -> None:
        """Look again at a pair's or an agent's calls at a moment, unless that is done sooner, and infinity is never."""
        if until < self._sleepers.get(name, math.inf):
            self._sleepers[name] = until
            heapq.heappush(self._wakes, (until, name))

    def _read(self, lane: _Lane) -> None:
        """Read a lane's next calls, but those of agents that are full."""
        asleep = sorted(lane.asleep)[:MOST_PASSED_OVER]
        for name in asleep:
            lane.unread.setdefault(name, lane.read_to)
        calls = self._reader.due_batch(
            self._scope, self._scanned_at, BATCH, self._only, lane.read_to, redials=lane.is_redials, but_agents=asleep
        )
        lane.is_all_read = len(calls) < BATCH
        if calls:
            lane.read_to = order_of(calls[-1])
        self._take(calls)

    def _read_agent(self, lane: _Lane, name: str, after: Order) -> None:
        """Read the next calls of an agent whose calls were left unread."""
        calls = self._reader.due_batch(
            self._scope, self._scanned_at, BATCH_OF_ONE_AGENT, self._only, after, redials=lane.is_redials, agent=name
        )
        del lane.unread[name]
        if len(calls) == BATCH_OF_ONE_AGENT:
            lane.unread[name] = order_of(calls[-1])
        self._take(calls)


def _first(entries: Iterable[_Entry]) -> DueCall | None:
    """Return the call of the first of these in the order of dialing; None of none."""
    first = min(entries, key=lambda entry: entry.order, default=None)
    return None if first is None else first.call
