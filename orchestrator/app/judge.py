"""Judges a plan's calls, as a run that starts now would: by history, lists and policy; many alike at once."""

from collections import defaultdict
from collections.abc import Iterator, Sequence
from dataclasses import replace
from typing import NamedTuple

from orchestrator.app.outlook import Outlook
from orchestrator.engine.dnd import CALLS_SHOWN, refusal
from orchestrator.exotel.call_fields import AGENT, RING, TALK, parties
from orchestrator.journal.known_calls import KnownCall, KnownCalls
from orchestrator.journal.load import numbers_changed
from orchestrator.model.call import CallSchedule, Field, FieldColumn, ResolvedCall, SkippedRow
from orchestrator.model.errors import Refused
from orchestrator.model.events import rfc3339
from orchestrator.model.frozen import frozen
from orchestrator.model.number import DndMark
from orchestrator.model.outcome import Disposition
from orchestrator.model.review import CallState, Change, FieldChange, change_of, why_of
from orchestrator.phone.numbers import identity
from orchestrator.plan.call_block import CallBlock
from orchestrator.plan.findings import BoundedFindings
from orchestrator.policy.may_start import NEVER, Admission, Closed, NotBefore, Stopped


class Preflight:
    """Gathers, over the calls of a review, those for which loading or the engine would refuse the plan."""

    def __init__(self, dnd: str) -> None:
        self._refuses_dnd = dnd == "refuse"
        self._changed = BoundedFindings()
        self._registered: list[tuple[str, str]] = []
        self._count = 0

    def see(self, call: ResolvedCall, known: KnownCall | None, *, is_due: bool, mark: DndMark | None) -> None:
        """Take one call; `is_due`: a run would dial it, by history and lists; `mark`: the carrier's, of its To."""
        if known is not None and known.rung and known.moved:
            self._changed.add(numbers_changed(call.id, call.span))
        if self._refuses_dnd and is_due and mark is DndMark.YES:
            self._count += 1
            if len(self._registered) < CALLS_SHOWN:
                self._registered.append((call.id, f"{call.span.file}:{call.span.line}"))

    def refuse(self) -> None:
        """Raise Refused for all of them, the numbers first: with those a run loads nobody, and asks nothing."""
        if self._changed.errors:
            raise Refused(self._changed.findings())
        if self._count:
            raise Refused(refusal(self._count, self._registered))


@frozen
class Verdict:
    """What a run that starts now would do with one call; the fields are those of a `PlannedCall`.

    `rung` counts its attempts that may have rung; `at` is `not_before` in epoch seconds, 0 for at once. `is_listed`: a
    list holds one of its numbers.
    """

    state: CallState
    reason: str | None = None
    at: float = 0.0
    earlier_run: str | None = None
    changes: tuple[FieldChange, ...] = ()
    rung: int = 0
    redials: bool = False
    is_listed: bool = False

    @property
    def not_before(self) -> str | None:
        """From when on it may start, None for at once."""
        return rfc3339(self.at) if self.at else None

    @property
    def change(self) -> Change:
        """What a run would change about it, as a reviewer sees it."""
        return change_of(self.state, self.changes, redials=self.redials)

    @property
    def why(self) -> str:
        """Why that is so, in a few words."""
        return why_of(self.state, self.reason, self.changes)

    @property
    def is_dialed(self) -> bool:
        """Whether a run would dial it, for the first time or again."""
        return self.redials or self.state is CallState.TO_DIAL


@frozen
class Alike:
    """Calls of one item of a plan of which the same is said, by their positions in it; `first` is the first of them."""

    item: CallBlock | ResolvedCall
    positions: Sequence[int]
    first: ResolvedCall
    verdict: Verdict

    def __len__(self) -> int:
        return len(self.positions)

    def calls(self) -> Iterator[ResolvedCall]:
        """Make them, each when it is asked for."""
        return iter((self.first,)) if isinstance(self.item, ResolvedCall) else map(self.item.call, self.positions)


class _Columns(NamedTuple):
    """What a `CallBlock` has of its calls, of one call that is none's."""

    ids: Sequence[str]
    fields: Sequence[Field | FieldColumn]
    people: Sequence[str]
    schedules: Sequence[CallSchedule]


class _Background(NamedTuple):
    """What a verdict on a call rests on beside the call: what the journal knows of it, and the list that it is on.

    `elsewhere`: its pair may have rung under an id that the plan no longer holds.
    """

    known: KnownCall | None
    listed: str | None
    elsewhere: bool


@frozen
class Judge:
    """Judges calls by their history, which is None where there is no journal to ask, and then as if they were new."""

    history: KnownCalls | None
    outlook: Outlook
    preflight: Preflight

    def judged(self, item: CallBlock | ResolvedCall) -> Iterator[Alike]:
        """Yield the calls of an item by those of which the same is said; the preflight hears of the first of each.

        Whether a call may start depends on its times, and on what the journal and the lists say of it and its numbers:
        it is asked for all calls at once, and those of whose numbers anything is noted are judged each by itself.
        """
        calls = item if isinstance(item, CallBlock) else _in_columns(item)
        history, everyone = self.history, range(len(calls.ids))
        listed = self.outlook.never_rung.listed(item)
        known = [None] * len(everyone) if history is None else history.known(calls)
        to_dial = [position for position in everyone if position not in listed and _may_be_dialed(known[position])]
        elsewhere = set() if history is None else history.rang_under_other_ids(calls, to_dial)
        is_lossy = history is not None and bool(history.lost_since)
        alone = to_dial if is_lossy else self._noted(calls, to_dial)
        own: dict[int, object] = {
            **listed,
            **dict.fromkeys(elsewhere, ("elsewhere",)),
            **{each: each for each in alone},
        }
        times = [each.values for each in calls.fields if isinstance(each, FieldColumn) and each.name in (RING, TALK)]
        alike = defaultdict[object, list[int]](list)
        kinds = zip(map(id, known), map(id, calls.schedules), map(own.get, everyone), *times, strict=True)
        for position, kind in enumerate(kinds):
            alike[kind].append(position)
        for positions in alike.values():
            first = positions[0]
            call = item if isinstance(item, ResolvedCall) else item.call(first)
            background = _Background(known[first], listed.get(first), first in elsewhere)
            yield Alike(item, positions, call, self._verdict(call, background))

    def leave_out(self, row: SkippedRow) -> None:
        """Take it that the plan holds a row that makes no call."""
        if self.history is not None and row.id is not None:
            self.history.see((row.id,))

    def _noted(self, calls: CallBlock | _Columns, positions: Sequence[int]) -> list[int]:
        """Return at which of these positions the journal says something of one of the numbers."""
        if self.outlook.view is None or not positions:
            return []
        column = next((each for each in calls.fields if each.name == AGENT), None)
        same = str(column.value) if isinstance(column, Field) else ""
        agents = column.values if isinstance(column, FieldColumn) else [same] * len(calls.ids)
        read = {agent: identity(agent) for agent in {agents[position] for position in positions}}
        noted = self.outlook.noted(read.values(), [calls.people[position] for position in positions])
        if not noted:
            return []
        return [each for each in positions if calls.people[each] in noted or read[agents[each]] in noted]

    def _verdict(self, call: ResolvedCall, background: _Background) -> Verdict:
        """Judge one call, and tell the preflight of it."""
        found = self._of(call, background)
        return found if background.listed is None else replace(found, is_listed=True)

    def _of(self, call: ResolvedCall, background: _Background) -> Verdict:
        history, (known, listed, elsewhere) = self.history, background
        state, reason = _state(known)
        is_new = state is CallState.TO_DIAL and listed is None  # loading closes what is listed, whatever else it is
        if is_new and history is not None and history.is_superseded:
            state, reason = CallState.SUPERSEDED, "a newer edition of the plan was run since"
        elif is_new and elsewhere:
            state = CallState.ID_CHANGED
            reason = "it may have rung under an id that the plan no longer holds; `run --new-ids` dials it"
        elif state is CallState.TO_DIAL and history is not None and _is_lost(history, call):
            state = CallState.ALREADY_CALLED
            reason = "unknown: it may have been dialed in the part of the journal that is lost; `settle` decides"
        is_due = _is_due(state, known) and listed is None
        self.preflight.see(call, known, is_due=is_due, mark=self.outlook.mark(call))
        run, rung = (known.run, known.rung) if known else (None, 0)
        changes = _changes(known.fields, call.fields) if known is not None and known.changed else ()
        if state is CallState.TO_DIAL:
            return _when(self.outlook.of(call, listed), run, changes, rung)
        if known is not None and known.waits_for_redial and not known.moved:
            return self._redialed(call, known, listed)
        return Verdict(state, reason, 0.0, run, changes, rung)

    def _redialed(self, call: ResolvedCall, known: KnownCall, listed: str | None) -> Verdict:
        """Judge a call that rang and waits for its redial, as the engine will: perhaps it is closed after all."""
        match self.outlook.of_redial(call, known, listed):
            case Closed(disposition=word, reason=reason) if word is not Disposition.NOT_DIALED:
                why = f"{word}: {reason}" if reason else str(word)
                return Verdict(CallState.ALREADY_CALLED, why, 0.0, known.run, (), known.rung)
            case NotBefore(at=float(at), reason=reason) if at < NEVER:
                why = reason if reason == "redial" else f"redial, {reason}"
                return Verdict(CallState.OPEN, why, at, known.run, (), known.rung, redials=True)
            case Closed() | Stopped() | NotBefore():
                return Verdict(CallState.OPEN, WAITS_FOR_REDIAL, 0.0, known.run, (), known.rung)
            case _:
                return Verdict(CallState.OPEN, WAITS_FOR_REDIAL, 0.0, known.run, (), known.rung, redials=True)


WAITS_FOR_REDIAL = "it rang, and waits for its redial"


def _in_columns(call: ResolvedCall) -> _Columns:
    return _Columns((call.id,), call.fields, (identity(parties(call.fields).person),), (call.schedule,))


def _may_be_dialed(known: KnownCall | None) -> bool:
    """Whether a call may be dialed for the first time, by its own history."""
    return known is None or _state(known)[0] is CallState.TO_DIAL


def _is_lost(history: KnownCalls, call: ResolvedCall) -> bool:
    """Whether the next run makes a call unknown, because of what the journal lost."""
    return bool(history.lost_since) and not history.has_word_of_a_loss(call.id)


def _is_due(state: CallState, known: KnownCall | None) -> bool:
    """Whether loading makes a call due: one to be dialed, or dialed again."""
    return state is CallState.TO_DIAL or (known is not None and known.state == "due" and not known.moved)


def _changes(before: Sequence[Field], after: Sequence[Field]) -> tuple[FieldChange, ...]:
    """Say which parameters differ, in the order of the new request and then of the old one."""
    old, new = ({item.name: item.value for item in fields} for fields in (before, after))
    names = dict.fromkeys((*new, *old))
    return tuple(FieldChange(name, old.get(name), new.get(name)) for name in names if old.get(name) != new.get(name))


def _state(known: KnownCall | None) -> tuple[CallState, str | None]:
    """Say what a run would do with a call, as loading it would decide."""
    if known is None:
        return CallState.TO_DIAL, None
    if known.rung:
        if known.moved:
            return CallState.REFUSED, "its numbers changed after it may have been rung"
        if known.state == "due":
            return CallState.OPEN, WAITS_FOR_REDIAL
        return (CallState.OPEN, None) if known.state == "open" else (CallState.ALREADY_CALLED, known.disposition)
    if known.disposition == "rejected" and not known.changed:
        return CallState.REJECTED, "the carrier refused this very request before"
    return CallState.TO_DIAL, None


def _when(found: Admission, run: str | None, changes: tuple[FieldChange, ...], rung: int) -> Verdict:
    """Return what becomes of a call that may be dialed by its history, why it is so, and from when it may start."""
    match found:
        case Closed(disposition=Disposition.SUPPRESSED, reason=reason):
            return Verdict(CallState.SUPPRESSED, reason, 0.0, run, changes, rung)
        case Closed(reason=reason) | Stopped(reason=reason):
            return Verdict(CallState.TOO_LATE, reason, 0.0, run, changes, rung)
        case NotBefore(at=float(at), reason=reason) if at < NEVER:
            return Verdict(CallState.TO_DIAL, reason, at, run, changes, rung)
        case NotBefore(reason=reason):
            why = f"{reason}: no time is left at which the call may start"
            return Verdict(CallState.TOO_LATE, why, 0.0, run, changes, rung)
        case _:
            return Verdict(CallState.TO_DIAL, None, 0.0, run, changes, rung)
