"""`why`: everything about one call, from the journal alone."""

import time

from orchestrator.app.journal import existing_journal
from orchestrator.journal.settling import edition_of_run
from orchestrator.journal.store import opened
from orchestrator.journal.stories import stories
from orchestrator.model.errors import WrongUsage
from orchestrator.model.story import Story


def call_stories(journal: str | None, call: str, run: str | None) -> tuple[Story, ...]:
    """Return the stories of the calls of this id, one a plan's edition, the latest first.

    `run` names one edition, and what only that run did. Raises WrongUsage where there is no such call or run, and
    CannotProceed without a journal.
    """
    with opened(existing_journal(journal)) as db:
        if run is not None and edition_of_run(db, run) is None:
            raise WrongUsage(f"there is no run {run}; `orchestrate runs` lists them")
        found = tuple(stories(db, call, run, time.time()))
        if not found:
            raise WrongUsage(f"there is no call {call} in the journal" + (f" under run {run}" if run else ""))
        return found
