"""What one run remembers of the journal, so that no call has to ask it; its own commits keep that up to date.

While nobody else has committed, this is the truth. Once somebody has, it is read again before the next call is chosen,
and until then the intent's transaction, and the look right before a request leaves, ask the journal itself.
"""

import bisect
import math
from collections import defaultdict
from collections.abc import Sequence
from dataclasses import dataclass

from orchestrator.engine.clock import Clock
from orchestrator.engine.config import RunConfig
from orchestrator.engine.due_calls import DueCalls
from orchestrator.engine.ports import Reader, UsageQueries, Writer
from orchestrator.model.call import CallRow, Committed, DueCall, account_of, agent_of
from orchestrator.model.frozen import frozen
from orchestrator.model.hold import Hold
from orchestrator.model.number import DndMark
from orchestrator.model.outcome import Placement
from orchestrator.policy.limits import NO_USAGE, Usage

FOR_EVERYBODY = frozenset({"holds", "suppressed", "plans"})
"""Tables that concern more than the calls whose rows were changed."""

FORGOTTEN_AFTER = 86_400.0
"""Seconds after which a call that cannot be live any more is not counted even if the wall's clock is set back."""


@dataclass(slots=True)
class EditionCounts:
    """How far an edition is: calls that may have rung, that were rejected, to be dialed first, begun and not over.

    `attempts` are those that may have rung. `endings` is another number whenever a call of it has ended, or not after
    all.
    """

    dialed: int = 0
    rejected: int = 0
    undialed: int = 0
    under_way: int = 0
    attempts: int = 0
    endings: int = 0

    def add(self, row: CallRow, sign: int) -> None:
        """Count a row as it is, or with `sign` -1 no longer as it was."""
        rang = row.rung > 0
        self.dialed += sign * rang
        self.attempts += sign * row.rung
        self.rejected += sign * (row.disposition == "rejected" and row.finished is not None)
        self.undialed += sign * (row.state == "due" and not rang)
        self.under_way += sign * (row.state == "open" or (row.state == "due" and rang))


class Ends:
    """When calls end at the latest, in order: epoch seconds of the wall's clock, each with its call's key."""

    def __init__(self) -> None:
        self.ordered: list[tuple[float, int]] = []

    def add(self, free_at: float, key: int) -> None:
        """Take a call in."""
        bisect.insort(self.ordered, (free_at, key))

    def drop(self, free_at: float, key: int) -> None:
        """Leave a call out that is in."""
        del self.ordered[bisect.bisect_left(self.ordered, (free_at, key))]

    def after(self, now: float) -> int:
        """Count those that end later: thousands of calls may be live, and each that is judged asks."""
        return len(self.ordered) - bisect.bisect_right(self.ordered, (now, 2**63))


class LiveCalls:
    """The calls of one account that may be live, counted as a whole and for each agent.

    A call is live until it ends, and not after `free_at`: epoch seconds of the wall's clock.
    """

    def __init__(self, account: str) -> None:
        self._account = account
        self.forget()

    def forget(self) -> None:
        """Forget them all."""
        self._known: dict[int, tuple[float, str]] = {}
        self._all = Ends()
        self._of_agent: dict[str, Ends] = defaultdict(Ends)

    def set(self, key: int, pair: str, free_at: float) -> None:
        """Count a call of the account, with its new end where it is counted already."""
        self.drop(key)
        if account_of(pair) == self._account:
            agent = agent_of(pair)
            self._known[key] = free_at, agent
            for ends in (self._all, self._of_agent[agent]):
                ends.add(free_at, key)

    def begin(self, call: DueCall) -> None:
        """Count a call whose intent is about to be committed, unless it is counted already."""
        if call.key not in self._known:
            self.set(call.key, call.pair, math.inf)

    def drop(self, key: int) -> None:
        """Count a call no more."""
        known = self._known.pop(key, None)
        if known is not None:
            free_at, agent = known
            for ends in (self._all, self._of_agent[agent]):
                ends.drop(free_at, key)
            if not self._of_agent[agent].ordered:
                del self._of_agent[agent]

    def count(self, now: float, but: int) -> int:
        """Count those that may be live, without one."""
        first = self._all.ordered
        while first and first[0][0] < now - FORGOTTEN_AFTER:
            self.drop(first[0][1])
        return self._all.after(now) - (but in self._known and self._known[but][0] > now)

    def count_of(self, agent: str, now: float, but: int = 0) -> int:
        """Count those of one agent that may be live, without one."""
        ends = self._of_agent.get(agent)
        if ends is None:
            return 0
        free_at, whose = self._known.get(but, (now, ""))
        return ends.after(now) - (whose == agent and free_at > now)

    def full_until(self, agent: str, most: int, now: float) -> float:
        """Return until when an agent has so many calls at the latest; `now` where it has fewer."""
        ends = self._of_agent.get(agent)
        return now if ends is None or ends.after(now) < most else ends.ordered[-most][0]


class Memory:
    """Remembers for one run. Used in the event loop's thread only."""

    def __init__(self, config: RunConfig, writer: Writer, reader: Reader, clock: Clock) -> None:
        self._config, self._scope = config, config.scope
        self._writer, self._reader, self._clock = writer, reader, clock
        rules, policy = config.rules, config.rules.policy
        self._counts_persons = policy.per_person is not None
        self._counts_live = policy.per_agent is not None or rules.legs is not None
        self._live = LiveCalls(reader.account(config.scope))
        self._begun: dict[int, tuple[DueCall, Usage | None]] = {}
        self._running: dict[int, int] = {}  # keys of calls that have begun, with how often all had been read by then
        self._persons: dict[str, set[int]] = defaultdict(set)  # begun calls by the person that they ring
        self.due = DueCalls(
            reader, config.scope, config.only, None if policy.per_agent is None else self._full_until, self.is_running
        )
        self.counts = EditionCounts()
        self.are_counts_known = False
        """Whether `counts` were read, and nobody else has changed anything since."""
        self.awaited: dict[int, int] = {}
        """Open calls of the plan to be looked after, with the number of their latest attempt where that is known.

        With `--until placed` not those that are known to be placed.
        """
        self.changed: set[int] = set()
        """Calls among them of which something has changed since somebody took them out of here."""
        self.in_flight = 0
        """How many calls of the plan are open, of whatever edition."""
        self.used = self.intended_use = NO_USAGE
        """The most that may be used up by the intents committed since the journal was asked; by those on the way."""
        self.hold: Hold | None = None
        self.last_resumed = 0.0
        self.is_dialer = True
        self._seq, self._counted_to, self._newest, self._others, self._is_stale = -1, -1, (-1, ""), 0, True
        self._readings = 0  # how often all was read
        writer.follow(self.take_in)
        self.refresh()

    # -- whether it is the truth -------------------------------------------------------------------------

    @property
    def seq(self) -> int:
        """The number of the newest event that is known here."""
        return self._seq

    @property
    def others(self) -> int:
        """The number of the writer's that tells whether others have committed since this was read."""
        return -1 if self._is_stale else self._others

    def is_current(self) -> bool:
        """Whether nobody else has committed since this was read."""
        if self._is_stale:
            return False
        if self._writer.is_alone:
            return True
        newest = self._reader.newest()  # before `others`: of an own event that follows another's the writer knows
        if self._writer.others != self._others:
            return False
        if newest != self._newest:
            if not self._writer.is_own(newest):
                return False
            self._newest = newest
        return True

    def refresh(self) -> None:
        """Read again what others may have changed; all of it, or where that is enough the calls that events name."""
        self._others = self._writer.others
        scope = self._scope
        with self._reader.snapshot() as newest:
            named = None if self._is_stale else self._reader.calls_named_after(self._seq)
            if named is None:
                self._readings += 1
                self.due.forget()
                opened = self._reader.open_calls(scope, but_placed=self._config.until_placed)
                self.awaited = dict.fromkeys(opened, 0)
                self.changed = set(self.awaited)
                self.hold, self.last_resumed = self._reader.hold(scope), self._reader.last_resumed(scope)
                self.is_dialer = self._reader.dials(scope)
            else:
                for row in self._reader.call_rows(scope, named):
                    self._set(row, opens=True)
                self.due.look_again()
            self.in_flight = self._reader.in_flight(scope)
            if self._counts_live:
                self._live.forget()
                for row in self._reader.live():
                    self._live.set(row.key, row.pair, row.pair_free_at)
                for call, _ in self._begun.values():
                    self._live.begin(call)
        self.are_counts_known = False
        self._seq, self._newest, self._is_stale = newest[0], newest, False

    def take_in(self, committed: Committed) -> None:
        """Take note of what this run's own writer has committed."""
        for _, after in committed.calls:
            if after is not None and after.state == "open" and after.key in self._begun:
                self._end_intent(self._begun[after.key][0], is_committed=True)
        if committed.seq > self._counted_to:
            self._counted_to = committed.seq
            for before, after in committed.calls:
                self._count(before, after)
        if committed.seq <= self._seq:
            return  # read already
        if committed.others == self._others:
            self._seq = committed.seq  # else there are events of others before it, to be read yet
        self._is_stale = self._is_stale or not committed.is_whole or bool(committed.tables & FOR_EVERYBODY)
        for before, after in committed.calls:
            self._follow(before, after)
        for attempt in committed.attempts:
            if self._config.until_placed:
                self._await(attempt.call, attempt.n, attempt.placement)
            self.changed.add(attempt.call)

    def _await(self, call: int, n: int, placement: str | None) -> None:
        """Take note of an attempt: with `--until placed` an accepted one is not awaited."""
        if call not in self.awaited or n < self.awaited[call]:
            return
        if placement == Placement.ACCEPTED:
            self.awaited.pop(call, None)
        else:
            self.awaited[call] = n

    def _follow(self, before: CallRow | None, after: CallRow | None) -> None:
        scope, row = self._scope, after or before
        if row is None:
            return
        if row.plan == scope.plan:
            self.in_flight += (after is not None and after.state == "open") - (
                before is not None and before.state == "open"
            )
        if after is None:
            self._is_stale = True
            return
        self._set(after, opens=before is None or before.state != "open")
        if self._counts_live:
            if after.may_be_live:
                self._live.set(after.key, after.pair, after.pair_free_at)
            else:
                self._live.drop(after.key)
        if before is not None and before.may_be_live and not (after.may_be_live and after.state == before.state):
            self.due.free_pair(after.pair)
            self.due.free_agent(agent_of(after.pair))

    def read_counts(self, usage: UsageQueries, seq: int) -> None:
        """Count anew, as of the event with this number."""
        counts = self.counts
        counts.dialed, counts.rejected, counts.undialed = usage.dialed()
        counts.attempts, counts.under_way = usage.attempts(), usage.under_way()
        counts.endings += 1
        self.used = NO_USAGE
        self._counted_to, self.are_counts_known = seq, True

    def _count(self, before: CallRow | None, after: CallRow | None) -> None:
        row = after or before
        if row is None or (row.plan, row.edition) != (self._scope.plan, self._scope.edition):
            return
        if before is not None:
            self.counts.add(before, -1)
        if after is not None:
            self.counts.add(after, 1)
        if before is None or after is None or _end(before) != _end(after):
            self.counts.endings += 1

    def _set(self, row: CallRow, *, opens: bool) -> None:
        """Take note of how a call stands; `opens`: if it is open, it may have been anything else before."""
        if row.plan != self._scope.plan:
            return
        if row.state != "open":
            self.awaited.pop(row.key, None)
        elif opens or not self._config.until_placed:
            self.awaited.setdefault(row.key, 0)
            self.changed.add(row.key)
        if row.edition == self._scope.edition:
            if row.state == "due":
                self.due.came(row)
            else:
                self.due.went(row.key)

    # -- calls that begin --------------------------------------------------------------------------------

    @property
    def intended(self) -> int:
        """How many calls have an intent that is about to be committed."""
        return len(self._begun)

    def is_running(self, key: int) -> bool:
        """Whether an attempt of a call has begun, and its task has not ended."""
        return key in self._running

    def begin(self, call: DueCall, need: Usage | None) -> None:
        """Count a call as live whose intent is about to be committed; `need` is the most that it may use up."""
        self._running[call.key] = self._readings
        self._begun[call.key] = call, need
        self.intended_use = self.intended_use if need is None else self.intended_use + need
        if self._counts_persons:
            self._persons[call.person].add(call.key)
        self.due.begin(call)
        if self._counts_live:
            self._live.begin(call)

    def settle(self, call: DueCall, *, is_committed: bool) -> None:
        """Take note whether a begun call's intent was committed; the commit itself has told already where it was."""
        if call.key in self._begun:
            self._end_intent(call, is_committed=is_committed)

    def end(self, key: int) -> None:
        """Take note that the task of an attempt has ended."""
        self._running.pop(key, None)
        self.due.end(key)

    def _end_intent(self, call: DueCall, *, is_committed: bool) -> None:
        _, need = self._begun.pop(call.key)
        if need is not None:
            self.intended_use -= need
            self.used = self.used + need if is_committed else self.used
        if self._counts_persons:
            self._persons[call.person].discard(call.key)
            if not self._persons[call.person]:
                del self._persons[call.person]
        if self._counts_live and not is_committed:
            self._live.drop(call.key)
        self.due.settle(call, is_committed=is_committed)
        if self._counts_live:
            self.due.free_agent(call.agent)  # a committed one is live until a time that is known by now

    def _full_until(self, agent: str, now: float) -> float:
        most = self._config.rules.policy.per_agent
        return now if most is None else self._live.full_until(agent, most, now)

    # -- what the guards ask -----------------------------------------------------------------------------

    def facts(self, call: DueCall) -> "RememberedFacts":
        """Return the answers about a call that guards ask for."""
        return RememberedFacts(self, call)

    def suppressed(self, call: DueCall) -> str | None:
        """Return why one of a call's numbers is never rung again: as it was read, or later where lists changed since.

        What is due is read again then; a call that has begun is as it was.
        """
        if self._running.get(call.key, self._readings) == self._readings:
            return call.suppressed
        return self._reader.facts(call).suppressed()

    def person(self, call: DueCall, since: float) -> Sequence[float]:
        """Return when attempts for a call's To started that may have rung, with those about to begin."""
        found = self._reader.person_starts(call.person, since)
        committed = {key for key, _, placement in found if placement is None}
        begun = self._persons[call.person] - committed - {call.key} if call.person in self._persons else ()
        starts = [started for key, started, placement in found if key != call.key or placement is not None]
        return starts + [self._clock.wall()] * len(begun)

    def dnd(self, call: DueCall, now: float) -> DndMark | None:
        """Return what the carrier said of a call's To."""
        return self._reader.facts(call).dnd(now)

    def agent(self, call: DueCall, now: float) -> int:
        """Count the other calls of a call's From that may be live."""
        return self._live.count_of(call.agent, now, call.key)

    def others_in_flight(self, call: DueCall, now: float) -> int:
        """Count the other calls of the account that may be live."""
        return self._live.count(now, call.key)


@frozen
class RememberedFacts:
    """Answers about one call, from memory; the same as the journal's own where nobody else has committed."""

    memory: Memory
    call: DueCall

    def hold(self) -> str | None:
        """Return what keeps its edition from dialing."""
        hold = self.memory.hold
        return None if hold is None else hold.in_words

    def suppressed(self) -> str | None:
        """Return why one of its numbers is never rung again."""
        return self.memory.suppressed(self.call)

    def person(self, since: float) -> Sequence[float]:
        """Return when attempts for its To started that may have rung, ascending."""
        return self.memory.person(self.call, since)

    def dnd(self, now: float) -> DndMark | None:
        """Return what the carrier said of its To, None where it did not lately."""
        return self.memory.dnd(self.call, now)

    def agent(self, now: float) -> int:
        """Count the other calls in flight for its From."""
        return self.memory.agent(self.call, now)

    def others_in_flight(self, now: float) -> int:
        """Count the other calls in flight on its account."""
        return self.memory.others_in_flight(self.call, now)


def _end(row: CallRow) -> tuple[str, float | None]:
    return row.disposition, row.finished
