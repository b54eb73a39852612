"""`why`: everything about one call, from the journal alone."""

import time

from orchestrator.app.journal import existing_journal
from orchestrator.app.named_run import find_run, read_run_argument
from orchestrator.journal.history import stories
from orchestrator.journal.named import calls_known_by
from orchestrator.journal.sqlite.connection import Connection
from orchestrator.journal.sqlite.file import opened
from orchestrator.model.errors import WrongUsage
from orchestrator.model.story import Story


def call_stories(journal: str | None, call: str, run: str | None) -> tuple[Story, ...]:
    """Return the stories of the calls of this id, one a plan's edition, the latest first.

    Where there is none of this id, those of the calls that have this phone number, in any spelling, Sid or CustomField.
    `run` names one edition, and what only that run did; named by its plan, the edition over all its runs. Raises
    WrongUsage where there is no such call or run, and CannotProceed without a journal.
    """
    path, what = existing_journal(journal), read_run_argument(run)
    with opened(path) as db:
        named = None if run is None else find_run(db, path, what)
        of, only = (None, None) if named is None else (named.run, named.run if named.itself else None)
        found = tuple(stories(db, call, of, time.time(), only=only)) or _known_by(db, call, of, only)
        if not found:
            raise WrongUsage(f"there is no call {call} in the journal" + (f" under run {run}" if run else ""))
        return found


def _known_by(db: Connection, name: str, of: str | None, only: str | None) -> tuple[Story, ...]:
    known = calls_known_by(db, name)
    ids = dict.fromkeys(call.id for call in known)
    found = (story for id_ in ids for story in stories(db, id_, of, time.time(), only=only))
    return tuple(story for story in found if (story.plan, story.edition, story.id) in known)
