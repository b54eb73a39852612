"""`plan`: what `run` would do now, call by call, without credentials and without dialing.

What `run` would refuse, or stop at, is found by the functions that `run` asks, and said in the same words.
"""

import contextlib
import time
from collections import Counter
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from pathlib import Path

from orchestrator.app.journal import default_journal, is_there, locate_journal, named_journal
from orchestrator.app.options import PlanOptions
from orchestrator.app.review import (
    NeverRung,
    Outlook,
    Planned,
    Reviewed,
    digest_required,
    edition_of,
    read_plan,
    record_review,
    review,
    rules_of,
    target_lists,
)
from orchestrator.app.targets import access_to, account_known, check_pinned, resolve_target
from orchestrator.engine.dnd import CALLS_SHOWN, refusal
from orchestrator.exotel.call_fields import RING, TALK, connect_request, parties
from orchestrator.exotel.values import unlisted
from orchestrator.journal.approvals import check_approved, not_approved
from orchestrator.journal.chain import journal_id
from orchestrator.journal.guard_queries import holds_on
from orchestrator.journal.known_calls import KnownCall, KnownCalls, known_source
from orchestrator.journal.load import numbers_changed
from orchestrator.journal.named import runs_that_dial
from orchestrator.journal.reviews import SuppressedIds
from orchestrator.journal.run import source_problem
from orchestrator.journal.sqlite.file import check_is_file, is_blank, opened
from orchestrator.model.approval import ApprovalRule
from orchestrator.model.call import ResolvedCall, SkippedRow
from orchestrator.model.diagnostic import Diagnostic, note
from orchestrator.model.errors import CannotProceed, Refused
from orchestrator.model.hold import lifted_by
from orchestrator.model.number import DndMark
from orchestrator.model.outcome import Disposition
from orchestrator.model.review import CallState, PlannedCall, PlannedRequest, PlanView
from orchestrator.model.target import Target
from orchestrator.model.times import rfc3339
from orchestrator.plan import LoadedPlan, Plan, plan_source
from orchestrator.plan.call_block import CallBlock, FieldColumn
from orchestrator.plan.findings import BoundedFindings
from orchestrator.plan.lists.suppression import SuppressionLists
from orchestrator.policy.approval import shortfall
from orchestrator.policy.may_start import NEVER, Admission, Closed, NotBefore, Stopped

SINGAPORE = "https://api.exotel.com"
"""The source's own host: what the built-in `exotel` speaks to unless the environment says otherwise."""


def plan_now(options: PlanOptions) -> PlanView:
    """Review a plan against a target and what its journal knows. Raises Refused with every problem."""
    target = resolve_target(options.target, options.plan, options.root)
    loaded = read_plan(options.plan, target, options.root, options.secrets_dir, use_sample=True)
    rails = target_lists(target, options.root, options.secrets_dir)

    def reviewed_with(watch: Callable[[Planned], None] | None = None) -> Reviewed:
        return review(loaded, target, options.edition, rails, watch=watch)

    plan = loaded.plan or reviewed_with().plan  # without a plan it raises Refused
    preflight = Preflight(plan.policy.dnd)
    with contextlib.closing(SuppressedIds()) as suppressed:
        with contextlib.ExitStack() as stack:
            try:
                calls = _calls(loaded, plan, target, rails[0], options)
                judge = stack.enter_context(calls.judge(preflight))
            except (CannotProceed, Refused):
                reviewed_with()  # what is wrong with the plan itself comes first
                raise
            survey = _Survey(judge, suppressed)
            reviewed = reviewed_with(survey.take)
        preflight.refuse()
        journal, about_memory = record_review(reviewed, suppressed, calls.journal, options)
    held, ways_on = calls.held()
    pace = min((rate for rate in (reviewed.plan.policy.pace, target.pace) if rate), key=lambda rate: 1 / rate.interval)
    return PlanView(
        name=reviewed.plan.name,
        edition=reviewed.edition,
        digest=reviewed.digest,
        target=target.name,
        sandbox=not target.is_live,
        totals=survey.totals,
        calls=calls,
        findings=(*reviewed.findings, *_about_dnd(reviewed), *about_memory, *_obstacles(reviewed, options, journal)),
        journal=str(journal) if journal else None,
        unlisted=tuple(survey.unlisted),
        least_seconds=max(0, survey.counted[CallState.TO_DIAL] - 1) * pace.interval,
        opens_at=None if survey.first is None else survey.first.not_before,
        opens_why=None if survey.first is None else survey.first.reason,
        at=None if options.at is None else rfc3339(options.at),
        held=held,
        lifted_by=ways_on,
    )


def _calls(loaded: LoadedPlan, plan: Plan, target: Target, listed: SuppressionLists, options: PlanOptions) -> "_Calls":
    """Return the planned calls. Raises CannotProceed, and Refused where the journal knows the plan's name otherwise."""
    journal, account = _journal(options.journal, target), account_known(target, options.secrets_dir)
    at = time.time() if options.at is None else options.at
    if journal is not None and account:
        _check_name(journal, account, plan.name, options)
    edition = edition_of(loaded, options.edition)
    return _Calls(loaded, plan, edition, target, NeverRung(loaded.lists, listed), journal, account, at)


def _check_name(journal: Path, account: str, name: str, options: PlanOptions) -> None:
    """Raise Refused where the journal knows the plan's name from another file."""
    with opened(journal) as db:
        known = known_source(db, account, name)
    source = plan_source(options.plan, options.root)
    problem = None if known is None else source_problem(name, source, known, moved=options.moved)
    if problem is not None:
        raise Refused((problem,))


def _about_dnd(reviewed: Reviewed) -> Iterator[Diagnostic]:
    if reviewed.plan.policy.dnd != "ignore":
        only_then = "because only the carrier knows which numbers are do-not-disturb"
        yield note("dnd-when-run", f"`policy.dnd` is judged when the plan is run, {only_then}")


def _obstacles(reviewed: Reviewed, options: PlanOptions, journal: Path | None) -> Iterator[Diagnostic]:
    """Tell what is missing where `run` would stop with 4, or with 3 for want of an option that `plan` has not."""
    target, account = reviewed.target, account_known(reviewed.target, options.secrets_dir)
    if target.guardrails.expect_required:
        missing = digest_required(reviewed)
        yield note(
            missing.id, f"`run` needs --expect: {missing.message}", hint=f"run it with --expect {reviewed.digest}"
        )
    if target.guardrails.approval is not None:
        yield _about_approval(reviewed.digest, target.guardrails.approval, options, journal)
    for problem in (
        _obstacle(access_to, target, options.secrets_dir),
        _obstacle(_check_journal, target, options.journal),
    ):
        if problem is not None:
            yield _would_stop(problem)
    if journal is not None and account is None:
        message = (
            "who was called before is not shown: the journal keeps that by account, and the account is not known here"
        )
        hint = "set EXOTEL_ACCOUNT_SID and the credentials, or give the target file its `account`"
        yield note("account-unknown", message, hint=hint)
    dialing = [] if journal is None else _dialing(journal, account, reviewed.plan.name)
    for run in dialing:
        yield note(
            "run-cannot-proceed",
            f"`run` would stop here (4): a run of the plan dials now, {run}",
            hint="wait until it has ended",
        )


def _about_approval(digest: str, rule: ApprovalRule, options: PlanOptions, journal: Path | None) -> Diagnostic:
    """Tell who approved the digest, or what is missing for the run to begin."""
    at = rfc3339(time.time() if options.at is None else options.at)
    try:
        if journal is None:
            raise not_approved(digest, shortfall((), rule, 0) or "")
        with opened(journal) as db:
            approvals = check_approved(db, digest, rule, at)
    except CannotProceed as problem:
        return _would_stop(problem)
    people = ", ".join(f"{approval.by} at {approval.at}" for approval in approvals)
    return note("approved", f"the digest is approved, as the target asks: by {people}")


def _dialing(journal: Path, account: str | None, plan: str) -> list[str]:
    with opened(journal) as db:
        return [run.run for run in runs_that_dial(db, journal) if (run.account, run.name) == (account, plan)]


def _would_stop(problem: CannotProceed) -> Diagnostic:
    return note("run-cannot-proceed", f"`run` would stop here (4): {problem.message}", hint=problem.hint)


def _check_journal(target: Target, journal: str | None) -> None:
    if target.is_live:
        locate_journal(journal, target)


def _obstacle(check: Callable[..., object], *arguments: object) -> CannotProceed | None:
    """Return what a check of `run` stops at; None where it passes."""
    try:
        check(*arguments)
    except CannotProceed as problem:
        return problem
    return None


def _journal(path: str | None, target: Target) -> Path | None:
    """Return the journal to ask, None where there is none yet: then nothing was called."""
    if path is None and target.is_live:
        return None
    journal = default_journal() if path is None else named_journal(path)
    if not is_there(journal):
        if target.is_live:
            raise CannotProceed(f"there is no journal at {path}", "leave --journal out to review without history")
        return None
    check_is_file(journal)
    if not target.is_live and is_blank(journal):
        return None  # making it was broken off: `run` makes it
    with opened(journal) as db:
        check_pinned(journal_id(db), journal, target)
    return journal


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
class _Verdict:
    """What a run that starts now would do with one call; the fields are those of a `PlannedCall`."""

    state: CallState
    reason: str | None = None
    not_before: str | None = None
    earlier_run: str | None = None


@dataclass(frozen=True, slots=True)
class _Judge:
    """Judges calls by their history, which is None where there is no journal to ask, and then as if they were new."""

    history: KnownCalls | None
    outlook: Outlook
    preflight: Preflight

    def of(self, call: ResolvedCall) -> _Verdict:
        """Judge one call, and tell the preflight of it."""
        history = self.history
        known = None if history is None else history.known(call)
        state, reason = _state(known)
        if state is CallState.TO_DIAL and history is not None and history.is_superseded:
            state, reason = CallState.SUPERSEDED, "a newer edition of the plan was run since"
        elif state is CallState.TO_DIAL and history is not None and history.rang_under_another_id(call):
            state = CallState.ID_CHANGED
            reason = "it may have rung under an id that the plan no longer holds; `run --new-ids` dials it"
        elif state is CallState.TO_DIAL and history is not None and _is_lost(history, call):
            state = CallState.ALREADY_CALLED
            reason = "unknown: it may have been dialed in the part of the journal that is lost; `settle` decides"
        is_due = _is_due(state, known) and self.outlook.never_rung.list_with(call) is None
        self.preflight.see(call, known, is_due=is_due, mark=self.outlook.mark(call))
        not_before = None
        if state is CallState.TO_DIAL:
            state, reason, not_before = _when(self.outlook.of(call))
        return _Verdict(state, reason, not_before, known.run if known else None)

    def alike(self, item: CallBlock | ResolvedCall) -> Iterator[tuple[ResolvedCall, int]]:
        """Yield calls of an item, each with the number of those of which `of` says the same: without a journal, many.

        Whether a call may start then depends on its times and on the lists alone.
        """
        if isinstance(item, ResolvedCall):
            yield item, 1
        elif self.history is not None or self.outlook.never_rung.may_hold(item):
            yield from ((call, 1) for call in item)
        else:
            times = [each.values for each in item.fields if isinstance(each, FieldColumn) and each.name in (RING, TALK)]
            kinds = list(zip(map(id, item.schedules), *times, strict=True))
            yield from ((item.call(kinds.index(kind)), count) for kind, count in Counter(kinds).items())


class _Survey:
    """What is known of all calls together. `first`: of the one that may start first among those to be dialed.

    `suppressed` takes the ids of those that the lists suppress, dialed before or not: whom the journal suppresses no
    run rings anyway. `unlisted`: what only the target's `accept` admits, each once.
    """

    def __init__(self, judge: _Judge, suppressed: SuppressedIds) -> None:
        self._judge = judge
        self._suppressed = suppressed
        self.counted: Counter[CallState] = Counter()
        self.first: _Verdict | None = None
        self.unlisted: dict[str, None] = {}

    @property
    def totals(self) -> dict[str, int]:
        """How many calls there are, and how many in each state."""
        return {"calls": self.counted.total(), **{state.value: self.counted[state] for state in CallState}}

    def take(self, item: Planned) -> None:
        """Judge what comes next in the plan."""
        if isinstance(item, SkippedRow):
            self.counted[CallState.BAD_ROW] += 1
            return
        self._note_unlisted(item)
        for call, count in self._judge.alike(item):
            verdict = self._judge.of(call)
            self.counted[verdict.state] += count
            starts = verdict.not_before or ""  # sorts by time
            if verdict.state is CallState.TO_DIAL and (self.first is None or starts < (self.first.not_before or "")):
                self.first = verdict
            if self._judge.outlook.never_rung.list_with(call) is not None:
                self._suppressed.add(call.id)

    def _note_unlisted(self, item: CallBlock | ResolvedCall) -> None:
        if isinstance(item, ResolvedCall):
            self.unlisted.update(dict.fromkeys(unlisted(item.fields)))
        elif not self.unlisted.keys() >= set(unlisted(item.summary())):
            for call in item:
                self._note_unlisted(call)


@dataclass(frozen=True, slots=True)
class _Calls:
    """The planned calls, streamed anew each time they are asked for."""

    loaded: LoadedPlan
    plan: Plan
    edition: str
    target: Target
    never_rung: NeverRung
    journal: Path | None
    account: str | None
    at: float

    def __iter__(self) -> Iterator[PlannedCall]:
        with self.judge(Preflight("ignore")) as judge:
            for item in self.loaded.calls():
                if isinstance(item, SkippedRow):
                    yield self._left_out(item)
                elif isinstance(item, ResolvedCall):
                    yield self._planned(item, judge.of(item))

    @contextlib.contextmanager
    def judge(self, preflight: Preflight) -> Iterator[_Judge]:
        """Open the journal, where there is one to ask, for a judge of the calls; `preflight` hears of each."""
        with contextlib.ExitStack() as stack:
            db, history = None, None
            if self.journal is not None and self.account:
                db = stack.enter_context(opened(self.journal))
                calls = self.loaded.calls(reported_before=True)
                held = (call.id for call in calls if isinstance(call, ResolvedCall))
                history = KnownCalls(db, self.account, self.plan.name, self.edition, held)
            outlook = Outlook(self.never_rung, rules_of(self.plan.policy, self.target), self.account, self.at, db)
            yield _Judge(history, outlook, preflight)

    def held(self) -> tuple[str | None, tuple[str, ...]]:
        """Say what keeps the edition from dialing, and which commands lift that; None where nothing does."""
        if self.journal is None or not self.account:
            return None, ()
        with opened(self.journal) as db:
            holds, run = holds_on(db, self.account, self.plan.name, self.edition)
        if not holds:
            return None, ()
        by, why = holds[0].by, holds[0].reason
        held = f"{holds[0].kind}{f' by {by}' if by else ''}{f' because {why}' if why else ''}"
        return held, lifted_by(holds, run)

    def _left_out(self, row: SkippedRow) -> PlannedCall:
        """Account for a row that `bad: skip` leaves out, as a run does."""
        request = PlannedRequest(url="", encoding=self.target.encoding, pairs=())
        return PlannedCall(row.id or row.place, CallState.BAD_ROW, "", "", request, reason="bad row")

    def _planned(self, call: ResolvedCall, verdict: _Verdict) -> PlannedCall:
        base = self.target.base_url or (SINGAPORE if self.target.is_live else "http://127.0.0.1:<port>")
        suffix = ".json" if self.target.response == "json" else ""
        numbers = parties(call.fields)
        return PlannedCall(
            id=call.id,
            state=verdict.state,
            from_number=numbers.agent or "",
            to_number=numbers.person,
            request=PlannedRequest(
                url=f"{base}/v1/Accounts/{self.target.account or '<account>'}/Calls/connect{suffix}",
                encoding=self.target.encoding,
                pairs=connect_request(call.fields, self.target.spelling).pairs,
                origins={item.name: item.origin for item in call.fields},
                unlisted=tuple(unlisted(call.fields)),
            ),
            reason=verdict.reason,
            earlier_run=verdict.earlier_run,
            not_before=verdict.not_before,
        )


def _is_lost(history: KnownCalls, call: ResolvedCall) -> bool:
    """Whether the next run makes a call unknown, because of what the journal lost."""
    return bool(history.lost_since) and not history.has_word_of_a_loss(call)


def _is_due(state: CallState, known: KnownCall | None) -> bool:
    """Whether loading makes a call due: one to be dialed, or dialed again."""
    return state is CallState.TO_DIAL or (known is not None and known.state == "due" and not known.moved)


def _state(known: KnownCall | None) -> tuple[CallState, str | None]:
    """Say what a run would do with a call, as loading it would decide."""
    if known is None:
        return CallState.TO_DIAL, None
    if known.rung:
        if known.moved:
            return CallState.REFUSED, "its numbers changed after it may have been rung"
        if known.state == "due":
            return CallState.OPEN, "it rang, and waits for its redial"
        return (CallState.OPEN, None) if known.state == "open" else (CallState.ALREADY_CALLED, known.disposition)
    if known.disposition == "rejected" and not known.changed:
        return CallState.REJECTED, "the carrier refused this very request before"
    return CallState.TO_DIAL, None


def _when(found: Admission) -> tuple[CallState, str | None, str | None]:
    """Return the state of a call that may be dialed by its history, why it is so, and from when it may start."""
    match found:
        case Closed(disposition=Disposition.SUPPRESSED, reason=reason):
            return CallState.SUPPRESSED, reason, None
        case Closed(reason=reason) | Stopped(reason=reason):
            return CallState.TOO_LATE, reason, None
        case NotBefore(at=float(at), reason=reason) if at < NEVER:
            return CallState.TO_DIAL, reason, rfc3339(at)
        case NotBefore(reason=reason):
            return CallState.TOO_LATE, f"{reason}: no time is left at which the call may start", None
        case _:
            return CallState.TO_DIAL, None, None
