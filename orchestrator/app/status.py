"""`status`: where a run, or a plan's edition over all its runs, stands."""

import os
import sqlite3
import time
from dataclasses import dataclass, replace

from orchestrator.app.editions import superseded_by
from orchestrator.app.journal import existing_journal
from orchestrator.journal.refused import refused_callbacks
from orchestrator.journal.store import opened
from orchestrator.journal.stories import run_of, run_of_plan, standing
from orchestrator.model.errors import Refused, WrongUsage
from orchestrator.model.record import RunRecord
from orchestrator.model.story import Standing
from orchestrator.model.work import Scope

SUFFIXES = (".yaml", ".yml", ".json")


@dataclass(frozen=True, slots=True)
class Status:
    """Where an edition stands, and, in words, the newer one that closed it for good; None where it is the newest."""

    standing: Standing
    superseded_by: str | None


def status(journal: str | None, what: str | None, edition: str | None, root: str | None) -> Status:
    """Say where a run stands by its id, or a plan's edition by the plan's name or file; by default the latest run.

    `edition` is for a plan, whose latest it is without one: the file's own where a file is named. Raises WrongUsage
    where the journal knows no such run or plan, Refused for a file that is no plan, CannotProceed without a journal.
    """
    path = existing_journal(journal)
    with opened(path) as db:
        (scope, run), asked = _find(db, what, edition, root)
        return Status(
            replace(standing(db, path, scope, run, time.time(), asked=asked), refused=refused_callbacks(db)),
            superseded_by(db, scope.plan, scope.edition),
        )


def _find(
    db: sqlite3.Connection, what: str | None, edition: str | None, root: str | None
) -> tuple[tuple[Scope, RunRecord], bool]:
    run = run_of(db, what)
    if run is not None:
        if edition is not None:
            raise WrongUsage("--edition is for a plan; a run has its own")
        return run, what is not None
    if what is None:
        raise WrongUsage("there is no run in the journal yet")
    found = run_of_plan(db, what, edition)
    if found is None and _names_file(what):
        name, edition = _plan_in(what, root, edition)
        found = run_of_plan(db, name, edition)
        what = f"{name} ({what})"
    if found is None:
        of = f", edition {edition}" if edition else ""
        raise WrongUsage(f"the journal knows no run or plan {what}{of}; `orchestrate runs` lists what it knows")
    return found, False


def _names_file(what: str) -> bool:
    return "/" in what or what.endswith(SUFFIXES) or os.path.isfile(what)  # noqa: PTH113 - pathlib raises for a name that is too long


def _plan_in(path: str, root: str | None, edition: str | None) -> tuple[str, str]:
    """Return the name of the plan in a file, and the edition that is meant."""
    from orchestrator.plan import load_plan

    loaded = load_plan(path, root)
    if loaded.plan is None:
        raise Refused(loaded.diagnostics)
    return loaded.plan.name, edition if edition is not None else (loaded.plan.edition or "")
