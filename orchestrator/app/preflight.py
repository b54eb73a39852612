"""What `run` would refuse, or stop at, as `plan` foresees it: by the functions that `run` asks, in the same words."""

from collections.abc import Callable, Iterator
from pathlib import Path

from orchestrator.app.journal import locate_journal
from orchestrator.app.options import PlanOptions
from orchestrator.app.review import Reviewed, digest_required
from orchestrator.app.targets import access_to, account_known
from orchestrator.engine.dnd import CALLS_SHOWN, refusal
from orchestrator.journal import Connection
from orchestrator.journal.known_calls import KnownCall, known_source
from orchestrator.journal.load import numbers_changed
from orchestrator.journal.named import runs_that_dial
from orchestrator.journal.run import source_problem
from orchestrator.journal.sqlite.file import opened
from orchestrator.model.call import ResolvedCall
from orchestrator.model.diagnostic import Diagnostic, note
from orchestrator.model.errors import CannotProceed, Refused
from orchestrator.model.number import DndMark
from orchestrator.model.target import Target
from orchestrator.plan import plan_source
from orchestrator.plan.findings import BoundedFindings


def check_name(db: Connection, account: str, reviewed: Reviewed, options: PlanOptions) -> None:
    """Raise Refused where the journal knows the plan's name from another file."""
    name, source = reviewed.plan.name, plan_source(options.plan, options.root)
    known = known_source(db, account, name)
    problem = None if known is None else source_problem(name, source, known, moved=options.moved)
    if problem is not None:
        raise Refused((problem,))


def obstacles(reviewed: Reviewed, options: PlanOptions, journal: Path | None) -> Iterator[Diagnostic]:
    """Tell what is missing where `run` would stop with 4, or with 3 for want of an option that `plan` has not."""
    target, account = reviewed.target, account_known(reviewed.target, options.secrets_dir)
    if target.guardrails.expect_required:
        missing = digest_required(reviewed)
        yield note(
            missing.id, f"`run` needs --expect: {missing.message}", hint=f"run it with --expect {reviewed.digest}"
        )
    for problem in (
        _obstacle(access_to, target, options.secrets_dir),
        _obstacle(_check_journal, target, options.journal),
    ):
        if problem is not None:
            yield note("run-cannot-proceed", f"`run` would stop here (4): {problem.message}", hint=problem.hint)
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


def _dialing(journal: Path, account: str | None, plan: str) -> list[str]:
    with opened(journal) as db:
        return [run.run for run in runs_that_dial(db, journal) if (run.account, run.name) == (account, plan)]


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
