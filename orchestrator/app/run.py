"""`run`: check, load, dial, report. Start, resume and re-run are this one function."""

import asyncio
import secrets
import string
import time
from collections.abc import Callable, Mapping, Sequence
from datetime import UTC, datetime

from orchestrator.app.inputs import files_read
from orchestrator.app.interruption import WATCH, HandingOver
from orchestrator.app.journal import locate_journal
from orchestrator.app.known_heads import older_copy, remember
from orchestrator.app.notify import Notifier, recipients
from orchestrator.app.options import RunOptions, check_pattern
from orchestrator.app.outcome import Conclusion
from orchestrator.app.report import report_of, write
from orchestrator.app.review import (
    Reviewed,
    digest_required,
    read_plan,
    review,
    sample_unbounded,
    target_lists,
    unchanged,
)
from orchestrator.app.session import Begun, Session
from orchestrator.app.targets import access_to, check_pinned, resolve_target
from orchestrator.exotel.parameters import TABLE_VERSION
from orchestrator.journal.port import Journal
from orchestrator.journal.spool import CallSpool
from orchestrator.model.diagnostic import Diagnostic
from orchestrator.model.errors import CannotProceed, Refused, WrongUsage
from orchestrator.model.events import Event, rfc3339
from orchestrator.model.frozen import frozen
from orchestrator.model.record import RunRecord
from orchestrator.plan.digest import PARTS, differing_parts
from orchestrator.reports.report_file import check_destination

Confirm = Callable[[str], bool]


@frozen
class RunOutcome:
    """How a run went. `messages` say why it stopped early and how to go on; `unknown` are the ids left unknown.

    `unmet` says, where the calls are not as wished, what was wished and what it is; `own` is how many of all attempts
    this run made itself.
    """

    exit_code: int
    run: RunRecord
    totals: Mapping[str, int]
    journal: str
    sandbox: bool
    messages: tuple[str, ...]
    unknown: tuple[str, ...]
    unmet: tuple[str, ...] = ()
    own: int | None = None


def run_plan(
    options: RunOptions,
    observer: Callable[[Sequence[Event]], None],
    confirm: Confirm | None,
    warn: Callable[[tuple[Diagnostic, ...]], None],
    begun: Begun | None = None,
    ended: Callable[[RunOutcome], None] = lambda _outcome: None,
    handing_over: HandingOver = WATCH.handing_over,
) -> RunOutcome:
    """Run a plan to its end and return the verdict on its calls.

    Raises Refused (nothing was dialed) and CannotProceed. `observer` follows committed events, in order, those of
    one commit at once. `confirm` asks the person at a terminal; None where there is none. `warn` gets the plan's
    warnings and notes before anything else happens, `begun` the run's snapshot once its calls are loaded, and `ended`
    the verdict before others are notified of it. `handing_over` is how the run learns of signals: of this process,
    unless it is given.
    """
    check_pattern(options.only, "to dial the whole plan")
    target = resolve_target(options.target, options.plan, options.root)
    loaded = read_plan(options.plan, target, options.root, options.secrets_dir)
    rails = target_lists(target, options.root, options.secrets_dir)
    reviewed = unchanged(loaded, target, options, rails) or review(loaded, target, options.edition, rails, CallSpool())
    _check_expected(reviewed, options.expect)
    if options.until_placed and (reviewed.plan.policy.stages or reviewed.plan.policy.halt):
        raise WrongUsage(
            "--until placed does not wait for endings, and `stages` and `halt` are judged by endings: leave one out"
        )
    for path in options.reports:
        check_destination(path, files_read(loaded, target, options.target, options.root, options.journal))
    told = recipients(options.notify, target, options.secrets_dir)
    access = access_to(target, options.secrets_dir)
    journal = locate_journal(options.journal, target)
    about_journal = _check_journal(journal, reviewed, options)
    warn((*reviewed.findings, *about_journal, *told.findings()))
    if target.is_live and not options.yes:
        _ask(reviewed, confirm)
    run_id, attended = new_run_id(), confirm is not None
    dialing = journal.dialing(access.account, reviewed.plan.name, reviewed.edition, run_id)
    notifier = Notifier(told, run_id, simulated=not target.is_live, warn=warn, handing_over=handing_over)
    with notifier.telling():
        with dialing as beat, journal.readable(), notifier.reading(journal):
            session = Session(options, reviewed, access, journal, beat, run_id, observer, attended, begun, handing_over)
            outcome = _conclude(options, session, asyncio.run(session.run()))
        ended(outcome)
    return outcome


def new_run_id() -> str:
    """Return an id that sorts by time; no nine digits stand in a row in it, so that it is never masked."""
    now = datetime.fromtimestamp(time.time(), UTC)
    tail = "".join(secrets.choice(string.ascii_lowercase) for _ in range(4))
    return f"{now:%Y%m%dT%H%M%S}m{now.microsecond // 1000:03d}-{tail}"


def _conclude(options: RunOptions, session: Session, concluded: Conclusion) -> RunOutcome:
    """Derive the reports and the outcome from the journal, not from memory."""
    with session.journal.view() as view:
        remember(view, is_live=session.is_live)
        results = view.results
        run, totals = view.runs.record(session.scope.run_id), results.totals(session.scope)
        for path in options.reports:
            write(report_of(view, session.scope), path, options.unmask)
        unknown, own = tuple(results.unknown_ids(session.scope)), results.own_figures(session.scope).attempts
    journal, sandbox = session.journal.name, not session.is_live
    return RunOutcome(concluded.code, run, totals, journal, sandbox, concluded.messages, unknown, concluded.unmet, own)


def _check_expected(reviewed: Reviewed, expect: str | None) -> None:
    if expect is None and reviewed.target.guardrails.expect_required:
        raise Refused((digest_required(reviewed),))
    if expect is None or expect in reviewed.digests:
        return
    if expect == reviewed.sample_digest:
        raise sample_unbounded()
    nearest = min(reviewed.digest, reviewed.sample_digest, key=lambda digest: len(differing_parts(digest, expect)))
    raise CannotProceed(
        f"the plan is not the one that was reviewed: {_difference(nearest, expect)};"
        f" its digest is {reviewed.digest}, expected was {expect}",
        "run `orchestrate plan` again and have the change reviewed",
    )


def _difference(digest: str, expect: str) -> str:
    """Say in words what of the plan is not as it was reviewed."""
    parts = differing_parts(digest, expect)
    if len(parts) == len(PARTS):
        return "nothing in it is as it was, so that digest is of quite another plan"
    if not parts:
        return "the digests do not tell which part of it differs"
    *others, last = [_PART_WORDS.get(part, f"its {part}") for part in parts]
    listed = f"{', '.join(others)} and {last}" if others else last
    return f"{listed} {'differ' if others or parts == ('calls',) else 'differs'}"


_PART_WORDS = {"table version": f"the version of the table of parameters, which is {TABLE_VERSION} here,"}


def _check_journal(journal: Journal, reviewed: Reviewed, options: RunOptions) -> tuple[Diagnostic, ...]:
    """Refuse a journal that is not the one that is meant, or an older copy of it; say what else can be noticed.

    Approvals are asked for here, before anybody is asked to confirm, and again in the transaction that begins the run.
    """
    target = reviewed.target
    with journal.view() as view:
        check_pinned(view.id, journal.name, target)
        if target.guardrails.approval is not None:
            view.approvals.check(reviewed.digests, target.guardrails.approval, rfc3339(time.time()))
        if options.expect_head is not None:
            if not view.holds_event(options.expect_head):
                raise CannotProceed(
                    f"the journal {journal.name} does not hold the event that was expected (--expect-head"
                    f" sha256:{options.expect_head}): it is an older copy, or another journal",
                    "whoever was rung since would be rung again: bring the newest journal back",
                )
            return ()
        older = older_copy(view, is_live=target.is_live)
        return () if older is None else (older,)


def _ask(reviewed: Reviewed, confirm: Confirm | None) -> None:
    question = f"Dial {reviewed.calls} call(s) of plan {reviewed.plan.name} for real, on target {reviewed.target.name}?"
    if confirm is None:
        raise CannotProceed(f"target {reviewed.target.name} rings real phones", "confirm with --yes")
    if not confirm(question):
        raise CannotProceed("not confirmed; nothing was dialed")


__all__ = ["RunOptions", "RunOutcome", "run_plan"]
