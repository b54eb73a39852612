"""`plan`: what `run` would do now, call by call, without credentials and without dialing.

What `run` would refuse, or stop at, is found by the functions that `run` asks, and said in the same words.
"""

import contextlib
import time
from collections.abc import Callable, Iterator
from dataclasses import replace

from orchestrator.app.forecast import forecast
from orchestrator.app.inputs import files_read
from orchestrator.app.journal import default_journal, is_there, locate_journal, named_journal
from orchestrator.app.judge import Preflight
from orchestrator.app.notify import recipients
from orchestrator.app.options import PlanOptions
from orchestrator.app.planned import PlannedCalls, RemovedCalls
from orchestrator.app.review import (
    NeverRung,
    Planned,
    Reviewed,
    digest_required,
    edition_of,
    read_plan,
    record_review,
    review,
    rules_of,
    sample_unbounded,
    target_lists,
)
from orchestrator.app.survey import Survey
from orchestrator.app.targets import access_to, account_known, check_pinned, resolve_target
from orchestrator.journal.port import Journal
from orchestrator.journal.run import source_problem
from orchestrator.journal.sqlite.file import check_is_file, is_blank
from orchestrator.journal.sqlite.suppressed_ids import SuppressedIds
from orchestrator.journal.views.approvals import not_approved
from orchestrator.model.approval import ApprovalRule
from orchestrator.model.diagnostic import Diagnostic, note
from orchestrator.model.errors import CannotProceed, Refused
from orchestrator.model.events import rfc3339
from orchestrator.model.review import CallState, PlanView
from orchestrator.model.target import Target
from orchestrator.plan.duplicates import Again
from orchestrator.plan.lists.suppression import SuppressionLists
from orchestrator.plan.load import LoadedPlan, Plan
from orchestrator.plan.paths import plan_source
from orchestrator.plan.shared_people import SharedPeople
from orchestrator.policy.approval import shortfall
from orchestrator.progress.times import zone_of


def plan_now(options: PlanOptions) -> PlanView:
    """Review a plan against a target and what its journal knows. Raises Refused with every problem."""
    target = resolve_target(options.target, options.plan, options.root)
    loaded = read_plan(options.plan, target, options.root, options.secrets_dir, use_sample=True, at=options.at)
    rails = target_lists(target, options.root, options.secrets_dir)

    def reviewed_with(watch: Callable[[Planned], None] | None = None, again: Again | None = None) -> Reviewed:
        return review(loaded, target, options.edition, rails, watch=watch, again=again)

    plan = loaded.plan or reviewed_with().plan  # without a plan it raises Refused
    preflight = Preflight(plan.policy.dnd)
    with contextlib.closing(SuppressedIds()) as suppressed, contextlib.closing(SharedPeople()) as people:
        with contextlib.ExitStack() as stack:
            try:
                calls = _calls(loaded, plan, target, rails[0], options)
                judge = stack.enter_context(calls.judge(preflight))
            except (CannotProceed, Refused):
                reviewed_with()  # what is wrong with the plan itself comes first
                raise
            survey = Survey(calls, judge, suppressed, people)
            reviewed = reviewed_with(survey.take, people.rung_again)
            history = judge.history
            if history is not None:
                history.saw_all()
                survey.take_removed(map(calls.removed, history.removed()))
            expected = forecast(calls, survey, judge.outlook.view, options.assume)
        preflight.refuse()
        journal, about_memory = record_review(reviewed, suppressed, calls.journal, options)
        shared, more_repeats = people.people(), people.more_repeats
    findings = (*reviewed.findings, *_about_dnd(reviewed), *about_memory, *_obstacles(reviewed, options, journal))
    view = _view(reviewed, calls, survey, findings)
    return replace(
        view,
        journal=journal.name if journal else None,
        known_runs=history.runs if history is not None else None if calls.journal is not None else 0,
        at=None if options.at is None else rfc3339(options.at),
        people=shared,
        more_repeats=more_repeats,
        estimate=expected,
        read=tuple(files_read(loaded, target, options.target, options.root, journal.name if journal else None)),
    )


def _view(reviewed: Reviewed, calls: PlannedCalls, survey: Survey, findings: tuple[Diagnostic, ...]) -> PlanView:
    plan, target = reviewed.plan, reviewed.target
    held, ways_on = calls.held()
    pace = min((rate for rate in (plan.policy.pace, target.pace) if rate), key=lambda rate: 1 / rate.interval)
    return PlanView(
        name=plan.name,
        edition=reviewed.edition,
        digest=reviewed.digest,
        target=target.name,
        sandbox=not target.is_live,
        totals=survey.totals,
        calls=calls,
        findings=findings,
        unlisted=tuple(survey.unlisted),
        least_seconds=max(0, survey.counted[CallState.TO_DIAL] - 1) * pace.interval,
        opens_at=None if survey.first is None else survey.first.not_before,
        opens_why=None if survey.first is None else survey.first.reason,
        held=held,
        lifted_by=ways_on,
        groups=survey.groups(),
        removed=RemovedCalls(calls),
        edits=survey.edits(),
        policy=plan.policy,
        asked=target,
        purpose=plan.purpose,
        moment=calls.at,
        zone=zone_of(rules_of(plan.policy, target)),
        zones=survey.zones(),
    )


def _calls(
    loaded: LoadedPlan, plan: Plan, target: Target, listed: SuppressionLists, options: PlanOptions
) -> PlannedCalls:
    """Return the planned calls. Raises CannotProceed, and Refused where the journal knows the plan's name otherwise."""
    journal, account = _journal(options.journal, target), account_known(target, options.secrets_dir)
    at = time.time() if options.at is None else options.at
    if journal is not None and account:
        _check_name(journal, account, plan.name, options)
    edition = edition_of(loaded, options.edition)
    return PlannedCalls(loaded, plan, edition, target, NeverRung(loaded.lists, listed), journal, account, at)


def _check_name(journal: Journal, account: str, name: str, options: PlanOptions) -> None:
    """Raise Refused where the journal knows the plan's name from another file."""
    with journal.view() as view:
        known = view.plans.source(account, name)
    source = plan_source(options.plan, options.root)
    problem = None if known is None else source_problem(name, source, known, moved=options.moved)
    if problem is not None:
        raise Refused((problem,))


def _about_dnd(reviewed: Reviewed) -> Iterator[Diagnostic]:
    if reviewed.plan.policy.dnd != "ignore":
        only_then = "because only the carrier knows which numbers are do-not-disturb"
        yield note("dnd-when-run", f"`policy.dnd` is judged when the plan is run, {only_then}")


def _obstacles(reviewed: Reviewed, options: PlanOptions, journal: Journal | None) -> Iterator[Diagnostic]:
    """Tell what is missing where `run` would stop with 4, or with 3 for want of an option that `plan` has not."""
    target, account = reviewed.target, account_known(reviewed.target, options.secrets_dir)
    if target.guardrails.expect_required:
        missing = digest_required(reviewed)
        yield note(
            missing.id, f"`run` needs --expect: {missing.message}", hint=f"run it with --expect {reviewed.digest}"
        )
    if reviewed.digest == reviewed.sample_digest and len(reviewed.digests) == 1:
        yield _would_stop(sample_unbounded(), "run --expect")
    if target.guardrails.approval is not None:
        yield _about_approval(reviewed.digests, target.guardrails.approval, options, journal)
    for problem in (
        _obstacle(access_to, target, options.secrets_dir),
        _obstacle(_check_journal, target, options.journal),
        _obstacle(recipients, (), target, options.secrets_dir),
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


def _about_approval(
    digests: tuple[str, ...], rule: ApprovalRule, options: PlanOptions, journal: Journal | None
) -> Diagnostic:
    """Tell who approved the digest, or what is missing for the run to begin."""
    at = rfc3339(time.time() if options.at is None else options.at)
    try:
        if journal is None:
            raise not_approved(digests[0], shortfall((), rule, 0) or "")
        with journal.view() as view:
            approvals = view.approvals.check(digests, rule, at)
    except CannotProceed as problem:
        return _would_stop(problem)
    people = ", ".join(f"{approval.by} at {approval.at}" for approval in approvals)
    return note("approved", f"the digest is approved, as the target asks: by {people}")


def _dialing(journal: Journal, account: str | None, plan: str) -> list[str]:
    with journal.view() as view:
        return [run.run for run in view.runs.that_dial() if (run.account, run.name) == (account, plan)]


def _would_stop(problem: CannotProceed, command: str = "run") -> Diagnostic:
    return note("run-cannot-proceed", f"`{command}` would stop here (4): {problem.message}", hint=problem.hint)


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


def _journal(path: str | None, target: Target) -> Journal | None:
    """Return the journal to ask, None where there is none yet: then nothing was called."""
    if path is None and target.is_live:
        return None
    journal = default_journal() if path is None else named_journal(path)
    if not is_there(journal):
        if target.is_live:
            raise CannotProceed(f"there is no journal at {path}", "leave --journal out to review without history")
        return None
    check_is_file(journal.path)
    if not target.is_live and is_blank(journal.path):
        return None  # making it was broken off: `run` makes it
    with journal.view() as view:
        check_pinned(view.id, journal.name, target)
    return journal
