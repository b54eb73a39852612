"""Spares a run the reading of its rows where an earlier run has read the very same: a resume then dials at once."""

import contextlib
from pathlib import Path

from orchestrator.app.journal import default_journal
from orchestrator.app.options import RunOptions
from orchestrator.app.review import Reviewed, TargetLists, edition_of, inputs_of
from orchestrator.app.targets import account_known
from orchestrator.journal import real_path, taken_in_before
from orchestrator.journal.sqlite.file import opened
from orchestrator.model.diagnostic import note
from orchestrator.model.errors import CannotProceed
from orchestrator.model.target import Target
from orchestrator.plan import LoadedPlan


def unchanged(loaded: LoadedPlan, target: Target, options: RunOptions, rails: TargetLists) -> Reviewed | None:
    """Return the review of the edition's last run, where plan, data and what judges them are byte for byte the same.

    None where anything stands in the way: what it is, the ordinary way tells.
    """
    plan, edition = loaded.plan, edition_of(loaded, options.edition)
    journal = real_path(Path(options.journal)) if options.journal else default_journal()
    account = account_known(target, options.secrets_dir)
    if plan is None or account is None:
        return None
    listed, about_lists = rails
    if any(problem.is_error for problem in about_lists):
        return None
    inputs = inputs_of(loaded, target, listed, edition)
    with contextlib.suppress(CannotProceed), opened(journal) as db:
        before = taken_in_before(db, account, plan.name, edition, inputs, keep_suppressed=options.expect is not None)
        if before is not None:
            told = note("unchanged", "the plan and its data are those of the last run: its rows are not checked again")
            findings = (*loaded.diagnostics, told)
            return Reviewed(
                *(loaded, plan, target, edition, before.digest, before.calls, findings, inputs),
                unchanged=True,
                listed=listed,
            )
    return None
