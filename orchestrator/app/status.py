"""`status`: where a run, or a plan's edition, stands; `runs`: the journal's runs."""

import contextlib
import time
from collections.abc import Callable, Iterator
from dataclasses import replace
from itertools import islice

from orchestrator.app.journal import existing_journal
from orchestrator.app.named_run import find_run, read_run_argument, unknown_run
from orchestrator.model.errors import WrongUsage
from orchestrator.model.frozen import frozen
from orchestrator.model.record import CallRecord, Part
from orchestrator.model.story import RunLine, Standing
from orchestrator.policy.approval import latest


@frozen
class Status:
    """Where an edition stands, and, in words, the newer one that closed it for good; None where it is the newest.

    `calls` streams those of its calls that are meant.
    """

    standing: Standing
    superseded_by: str | None
    calls: Callable[[Part], Iterator[CallRecord]]


@contextlib.contextmanager
def status(journal: str | None, what: str | None, edition: str | None, root: str | None) -> Iterator[Status]:
    """Say where a run stands by its id, or a plan's edition by the plan's name or file; by default the latest run.

    All is as of one moment, for as long as it is held. `edition` is for a plan, whose latest it is without one: the
    file's own where a file is named. Raises WrongUsage where the journal knows no such run or plan, Refused for a file
    that is no plan, CannotProceed without a journal.
    """
    known, named = existing_journal(journal), read_run_argument(what, root)
    with known.view() as view:
        found = find_run(view, named, edition=edition)
        scope, run = view.runs.scope_of(found.run), view.runs.record(found.run)
        stands = view.editions.standing(scope, run, time.time(), asked=found.itself)
        approvals = latest(view.approvals.of(run.digest))
        stands = replace(stands, refused=view.refused_callbacks(), approvals=approvals)
        superseded_by = view.editions.superseded_by(scope.plan, scope.edition)
        yield Status(stands, superseded_by, lambda part: view.results.calls(scope, part))


@contextlib.contextmanager
def journal_runs(
    journal: str | None, what: str | None = None, edition: str | None = None, limit: int | None = None
) -> Iterator[Iterator[RunLine]]:
    """Hold the stream of the runs, the latest first; only those of a plan, by its name or file, where one is named.

    Raises WrongUsage where the journal knows no such plan, Refused for a file that is no plan, and CannotProceed
    without a journal, before any of them.
    """
    known, named = existing_journal(journal), read_run_argument(what)
    plan = named.plan.name if named.plan else named.text
    if plan is None and edition is not None:
        raise WrongUsage("--edition is for a plan; name a plan with it")
    with known.view() as view:
        if plan is not None and not view.runs.latest_of(plan, edition):
            raise WrongUsage(unknown_run(named, edition))
        lines = (
            line for line in view.runs.lines() if plan in (None, line.run.plan) and edition in (None, line.run.edition)
        )
        yield islice(lines, limit)
