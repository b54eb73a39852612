"""What is known of all calls of a plan together: figures, samples of what changes, and the work that is ahead."""

from collections import Counter, defaultdict
from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field, replace
from heapq import merge
from itertools import islice, repeat, zip_longest
from math import ceil
from operator import itemgetter

from orchestrator.app.judge import Alike, Judge, Verdict
from orchestrator.app.planned import PlannedCalls
from orchestrator.app.review import Planned
from orchestrator.exotel.call_fields import AGENT, RING, call_times, parties
from orchestrator.exotel.values import unlisted
from orchestrator.journal.sqlite.suppressed_ids import SuppressedIds
from orchestrator.model.call import CallTimes, FieldColumn, ResolvedCall, SkippedRow, text_of
from orchestrator.model.frozen import frozen
from orchestrator.model.review import CallState, Change, ChangeGroup, Edit, FieldChange, PlannedCall
from orchestrator.phone.numbers import identity
from orchestrator.plan.call_block import CallBlock
from orchestrator.plan.shared_people import SharedPeople
from orchestrator.policy.assumptions import RING_UNSET
from orchestrator.policy.callee_zones import in_words

MOST_LISTED = 50
"""Calls of one group that are kept to be listed: up to so many a group is shown whole."""
MOST_OF_A_REASON = 10
"""Calls of one reason that are kept where the group is larger."""
MOST_REASONS = 20
"""Different reasons that are told apart."""
MOST_EDITS = 1_000
"""Different changes of parameters that are told apart: numbers and texts of rows may all differ."""
EDITS_SHOWN = 20
OTHER_REASONS = "other reasons"
MOST_KINDS = 2_000
"""Kinds of calls that are told apart."""
MOST_AGENTS = 10_000
"""Agents whose calls are counted apart."""


_Placed = tuple[int, PlannedCall]
"""A call with its place in the plan."""


@dataclass(slots=True)
class _Group:
    """The calls of one kind of change, as they are found; those of which all are listed with their places."""

    reasons: Counter[str] = field(default_factory=Counter)
    first: list[_Placed] = field(default_factory=list)
    of_reason: dict[str, list[PlannedCall]] = field(default_factory=dict)

    def add(self, why: str, count: int, calls: Iterator[_Placed]) -> None:
        """Take so many calls of one reason, in the plan's order; no more of them are made than are kept."""
        why = why if why in self.reasons or len(self.reasons) < MOST_REASONS else OTHER_REASONS
        self.reasons[why] += count
        kept = self.of_reason.setdefault(why, [])
        wanted = max(MOST_OF_A_REASON - len(kept), MOST_LISTED - len(self.first))
        if wanted > 0:
            more = list(islice(calls, wanted))
            kept += (call for _, call in more[: MOST_OF_A_REASON - len(kept)])
            self.first += more[: MOST_LISTED - len(self.first)]

    def seen(self, change: Change) -> ChangeGroup:
        """Return the group: all of its calls where they are few, else some of each reason in turn."""
        count = self.reasons.total()
        sample = [call for _, call in sorted(self.first, key=itemgetter(0))]
        if count > len(self.first):
            turns = zip_longest(*(self.of_reason[why] for why, _ in self.reasons.most_common()))
            sample = [call for turn in turns for call in turn if call is not None][:MOST_LISTED]
        return ChangeGroup(change, count, dict(self.reasons.most_common()), tuple(sample))


@frozen
class Kind:
    """Calls to be dialed that are alike for an estimate: how long they take, when they may start, how often they rang.

    `patience` is how many seconds a leg rings that nobody answers. `zones` are those that To may be in, where a window
    asks for them.
    """

    times: CallTimes
    patience: float
    at: float
    rung: int
    zones: tuple[str, ...] = ()


class Survey:
    """Takes the calls of one plan in order.

    `first`: the verdict on the one that may start first among those to be dialed. `suppressed` takes the ids of those
    that the lists suppress, dialed before or not: whom the journal suppresses no run rings anyway. `unlisted`: what
    only the target's `accept` admits, each once. `work` counts the calls to be dialed, `agents` those of each agent.
    """

    def __init__(self, calls: PlannedCalls, judge: Judge, suppressed: SuppressedIds, people: SharedPeople) -> None:
        self._calls, self._judge = calls, judge
        self._suppressed, self._people = suppressed, people
        self._groups = {change: _Group() for change in Change}
        self._counts_agents = calls.plan.policy.per_agent is not None
        self._at = 0  # the place of the next call or row
        self.counted: Counter[CallState] = Counter()
        self.first: Verdict | None = None
        self.unlisted: dict[str, None] = {}
        self._edits: dict[FieldChange, Counter[CallState]] = {}
        self.work: Counter[Kind] = Counter()
        self.agents: Counter[str] = Counter()

    @property
    def totals(self) -> dict[str, int]:
        """How many calls there are and how many in each state; beside them what changed and what was removed."""
        states = {state.value: self.counted[state] for state in CallState if state is not CallState.REMOVED}
        changed, removed = (self._groups[change].reasons.total() for change in (Change.CHANGED, Change.REMOVED))
        return {"calls": self.counted.total(), **states, "changed": changed, "removed": removed}

    def groups(self) -> tuple[ChangeGroup, ...]:
        """Return the calls in the order of interest, without groups that have none."""
        return tuple(group.seen(change) for change, group in self._groups.items() if group.reasons)

    def edits(self) -> tuple[Edit, ...]:
        """Return the changes of parameters that several calls have, the widest first."""
        found = sorted(self._edits.items(), key=lambda item: -item[1].total())
        several = [(change, counts) for change, counts in found if counts.total() > 1]
        states = CallState.TO_DIAL, CallState.ALREADY_CALLED
        return tuple(Edit(change, *(counts[state] for state in states)) for change, counts in several[:EDITS_SHOWN])

    def zones(self) -> dict[str, int]:
        """Count the calls to be dialed by the zones that To may be in, where a window asks for them."""
        found: Counter[str] = Counter()
        for kind, count in self.work.items():
            if kind.zones:
                found[in_words(kind.zones)] += count
        return dict(found.most_common())

    def take(self, item: Planned) -> None:
        """Judge what comes next in the plan."""
        if isinstance(item, SkippedRow):
            self.counted[CallState.BAD_ROW] += 1
            self._judge.leave_out(item)
            self._add_to_group(self._calls.left_out(item))
            return
        self._note_unlisted(item)
        self._people.add(item)
        found = list(self._judge.judged(item))
        for alike in found:
            self._count(alike)
        self._list(item, found)
        self._at += sum(map(len, found))

    def take_removed(self, removed: Iterable[PlannedCall]) -> None:
        """Take the calls that the plan no longer holds."""
        for call in removed:
            self._add_to_group(call)

    def _count(self, alike: Alike) -> None:
        verdict = alike.verdict
        self.counted[verdict.state] += len(alike)
        for change in verdict.changes:
            self._note_edit(change, verdict.state)
        if verdict.is_dialed:
            self._note_work(alike)
            if self._counts_agents:
                self._note_agents(alike)
        if verdict.state is CallState.TO_DIAL and (self.first is None or verdict.at < self.first.at):
            self.first = verdict
        if verdict.is_listed:
            for call in alike.calls():
                self._suppressed.add(call.id)

    def _list(self, item: CallBlock | ResolvedCall, found: Iterable[Alike]) -> None:
        """Add an item's calls to their groups, in the plan's order: the same may be said of them for various causes."""
        groups = defaultdict[tuple[Change, str], list[Alike]](list)
        for alike in found:
            groups[alike.verdict.change, alike.verdict.why].append(alike)
        for (change, why), several in groups.items():
            each = (zip(alike.positions, alike.calls(), repeat(alike.verdict)) for alike in several)
            in_order = merge(*each, key=itemgetter(0))
            calls = ((self._at + place, self._calls.planned(call, verdict)) for place, call, verdict in in_order)
            self._groups[change].add(why, sum(map(len, several)), calls)

    def _add_to_group(self, call: PlannedCall) -> None:
        self._groups[call.change].add(call.why, 1, iter(((self._at, call),)))
        self._at += 1

    def _note_edit(self, change: FieldChange, state: CallState) -> None:
        is_known = change in self._edits or len(self._edits) < MOST_EDITS
        if is_known and state in (CallState.TO_DIAL, CallState.ALREADY_CALLED):
            self._edits.setdefault(change, Counter())[state] += 1

    def _note_work(self, alike: Alike) -> None:
        call, verdict = alike.first, alike.verdict
        patience = float(text_of(call.fields, RING) or RING_UNSET)
        is_its_own = verdict.redials or verdict.reason == "per_person"  # windows are played through
        at = verdict.at if is_its_own else call.schedule.not_before or 0.0
        kind = Kind(call_times(call.fields), patience, at, verdict.rung, self._judge.outlook.zones(call))
        if len(self.work) >= MOST_KINDS and kind not in self.work:  # each row has times of its own
            kind = replace(next(iter(self.work)), at=ceil(at / 3600) * 3600.0, rung=verdict.rung)
        self.work[kind] += len(alike)

    def _note_agents(self, alike: Alike) -> None:
        """Count the calls of each agent; of very many agents none is likely to be the bottleneck."""
        item = alike.item
        if isinstance(item, CallBlock) and len(alike) == len(item):
            column = next((each for each in item.fields if isinstance(each, FieldColumn) and each.name == AGENT), None)
            same = {next(iter(item.different(AGENT)), ""): len(item)}
            found = Counter(same) if column is None else Counter(column.values)
        else:
            found = Counter(parties(call.fields).agent or "" for call in alike.calls())
        for agent, count in found.items():
            who = identity(agent)
            if who in self.agents or len(self.agents) < MOST_AGENTS:
                self.agents[who] += count

    def _note_unlisted(self, item: CallBlock | ResolvedCall) -> None:
        if isinstance(item, ResolvedCall):
            self.unlisted.update(dict.fromkeys(unlisted(item.fields)))
        elif not self.unlisted.keys() >= set(unlisted(item.summary())):
            for call in item:
                self._note_unlisted(call)
