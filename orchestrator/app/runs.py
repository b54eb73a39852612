"""`runs`: the journal's runs."""

import contextlib
from collections.abc import Iterator

from orchestrator.app.journal import existing_journal
from orchestrator.journal.store import opened
from orchestrator.journal.stories import run_lines
from orchestrator.model.story import RunLine


@contextlib.contextmanager
def journal_runs(journal: str | None) -> Iterator[Iterator[RunLine]]:
    """Hold the stream of the runs, the latest first. Raises CannotProceed without a journal, before any of them."""
    with opened(existing_journal(journal)) as db:
        yield run_lines(db)
