"""Judges a plan's calls one by one, as a run that starts now would: by history, lists and policy."""

import contextlib
from collections import Counter
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, replace

from orchestrator.app.review import NeverRung, Outlook, rules_of
from orchestrator.engine.dnd import CALLS_SHOWN, refusal
from orchestrator.exotel.call_fields import RING, TALK, connect_request, parties
from orchestrator.exotel.values import unlisted
from orchestrator.journal.known_calls import KnownCall, KnownCalls, RemovedCall
from orchestrator.journal.load import numbers_changed
from orchestrator.journal.port import Journal
from orchestrator.model.call import Field, ResolvedCall, SkippedRow
from orchestrator.model.errors import Refused
from orchestrator.model.hold import lifted_by
from orchestrator.model.number import DndMark
from orchestrator.model.outcome import Disposition
from orchestrator.model.review import CallState, Change, FieldChange, PlannedCall, PlannedRequest, change_of, why_of
from orchestrator.model.target import Target
from orchestrator.model.times import rfc3339
from orchestrator.plan import LoadedPlan, Plan
from orchestrator.plan.call_block import CallBlock, FieldColumn
from orchestrator.plan.findings import BoundedFindings
from orchestrator.policy.may_start import NEVER, Admission, Closed, NotBefore, Stopped

SINGAPORE = "https://api.exotel.com"
"""The source's own host: what the built-in `exotel` speaks to unless the environment says otherwise."""


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


@dataclass(frozen=True, slots=True)
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


@dataclass(frozen=True, slots=True)
class Alike:
    """So many calls of which a judge says the same; each is made when it is asked for."""

    count: int
    calls: Callable[[], Iterator[ResolvedCall]]


@dataclass(frozen=True, slots=True)
class Judge:
    """Judges calls by their history, which is None where there is no journal to ask, and then as if they were new."""

    history: KnownCalls | None
    outlook: Outlook
    preflight: Preflight

    def of(self, call: ResolvedCall) -> Verdict:
        """Judge one call, and tell the preflight of it."""
        listed = self.outlook.never_rung.list_with(call)
        found = self._of(call, listed)
        return found if listed is None else replace(found, is_listed=True)

    def _of(self, call: ResolvedCall, listed: str | None) -> Verdict:
        history = self.history
        known = None if history is None else history.known(call)
        state, reason = _state(known)
        is_new = state is CallState.TO_DIAL and listed is None  # loading closes what is listed, whatever else it is
        if is_new and history is not None and history.is_superseded:
            state, reason = CallState.SUPERSEDED, "a newer edition of the plan was run since"
        elif is_new and history is not None and history.rang_under_another_id(call):
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
        if known is not None and rung and known.state == "due" and not known.moved:
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

    def alike(self, item: CallBlock | ResolvedCall) -> Iterator[Alike]:
        """Yield the calls of an item by those of which `of` says the same: without a journal, many.

        Whether a call may start then depends on its times and on the lists alone.
        """
        if isinstance(item, ResolvedCall):
            yield Alike(1, lambda: iter((item,)))
        elif self.history is not None or self.outlook.never_rung.may_hold(item):
            for call in item:
                yield Alike(1, lambda call=call: iter((call,)))  # type: ignore[misc]
        else:
            times = [each.values for each in item.fields if isinstance(each, FieldColumn) and each.name in (RING, TALK)]
            kinds = list(zip(map(id, item.schedules), *times, strict=True))
            for kind, count in Counter(kinds).items():
                yield Alike(count, lambda kind=kind: _calls_of(item, kinds, kind))  # type: ignore[misc]


def _calls_of(block: CallBlock, kinds: Sequence[object], kind: object) -> Iterator[ResolvedCall]:
    return (block.call(position) for position, each in enumerate(kinds) if each == kind)


WAITS_FOR_REDIAL = "it rang, and waits for its redial"


@dataclass(frozen=True, slots=True)
class PlannedCalls:
    """The planned calls, streamed anew each time they are asked for.

    `journal` is None where there is none to ask, `account` where it is not known.
    """

    loaded: LoadedPlan
    plan: Plan
    edition: str
    target: Target
    never_rung: NeverRung
    journal: Journal | None
    account: str | None
    at: float

    def __iter__(self) -> Iterator[PlannedCall]:
        with self.judge(Preflight("ignore")) as judge:
            for item in self.loaded.calls():
                if isinstance(item, SkippedRow):
                    yield self.left_out(item)
                elif isinstance(item, ResolvedCall):
                    yield self.planned(item, judge.of(item))

    @contextlib.contextmanager
    def judge(self, preflight: Preflight) -> Iterator[Judge]:
        """Open the journal, where there is one to ask, for a judge of the calls; `preflight` hears of each."""
        with contextlib.ExitStack() as stack:
            view, history = None, None
            if self.journal is not None and self.account:
                view = stack.enter_context(self.journal.view())
                calls = self.loaded.calls(reported_before=True)
                held = (call.id for call in calls if isinstance(call, ResolvedCall))
                history = view.plans.known_calls(self.account, self.plan.name, self.edition, held)
            outlook = Outlook(self.never_rung, rules_of(self.plan.policy, self.target), self.account, self.at, view)
            yield Judge(history, outlook, preflight)

    def held(self) -> tuple[str | None, tuple[str, ...]]:
        """Say what keeps the edition from dialing, and which commands lift that; None where nothing does."""
        if self.journal is None or not self.account:
            return None, ()
        with self.journal.view() as view:
            holds, run = view.holds.on_plan_named(self.account, self.plan.name, self.edition)
        if not holds:
            return None, ()
        by, why = holds[0].by, holds[0].reason
        held = f"{holds[0].kind}{f' by {by}' if by else ''}{f' because {why}' if why else ''}"
        return held, lifted_by(holds, run)

    def left_out(self, row: SkippedRow) -> PlannedCall:
        """Account for a row that `bad: skip` leaves out, as a run does."""
        request = PlannedRequest(url="", encoding=self.target.encoding, pairs=())
        return PlannedCall(row.id or row.place, CallState.BAD_ROW, "", "", request, reason="bad row")

    def planned(self, call: ResolvedCall, verdict: Verdict) -> PlannedCall:
        """Return a call with what is said of it, as it would leave."""
        numbers = parties(call.fields)
        return PlannedCall(
            id=call.id,
            state=verdict.state,
            from_number=numbers.agent or "",
            to_number=numbers.person,
            request=self._request(call.fields),
            reason=verdict.reason,
            earlier_run=verdict.earlier_run,
            not_before=verdict.not_before,
            changes=verdict.changes,
            redials=verdict.redials,
        )

    def removed(self, call: RemovedCall) -> PlannedCall:
        """Return a call that the plan no longer holds, as the journal has it."""
        numbers = parties(call.fields)
        reason = "was still to be dialed" if call.waited else f"{call.disposition} before"
        request = self._request(call.fields)
        ends = numbers.agent or "", numbers.person
        return PlannedCall(call.id, CallState.REMOVED, *ends, request, reason, earlier_run=call.run)

    def _request(self, fields: tuple[Field, ...]) -> PlannedRequest:
        base = self.target.base_url or (SINGAPORE if self.target.is_live else "http://127.0.0.1:<port>")
        suffix = ".json" if self.target.response == "json" else ""
        return PlannedRequest(
            url=f"{base}/v1/Accounts/{self.target.account or '<account>'}/Calls/connect{suffix}",
            encoding=self.target.encoding,
            pairs=connect_request(fields, self.target.spelling).pairs,
            origins={item.name: item.origin for item in fields},
            unlisted=tuple(unlisted(fields)),
        )


@dataclass(frozen=True, slots=True)
class RemovedCalls:
    """The calls that the plan no longer holds, streamed anew each time they are asked for."""

    calls: PlannedCalls

    def __iter__(self) -> Iterator[PlannedCall]:
        with self.calls.judge(Preflight("ignore")) as judge:
            for each in () if judge.history is None else judge.history.removed():
                yield self.calls.removed(each)


def _is_lost(history: KnownCalls, call: ResolvedCall) -> bool:
    """Whether the next run makes a call unknown, because of what the journal lost."""
    return bool(history.lost_since) and not history.has_word_of_a_loss(call)


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
