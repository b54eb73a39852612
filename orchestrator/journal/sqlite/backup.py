"""A whole copy of a journal, also while it is in use: one file that needs no companions and is in use by nobody."""

import contextlib
import os
import sqlite3
from pathlib import Path

from orchestrator.journal.chain import head, journal_id
from orchestrator.journal.sqlite.file import check_free, opened, real_path
from orchestrator.journal.sqlite.mark import write_mark
from orchestrator.model.errors import CannotProceed
from orchestrator.model.frozen import frozen


@frozen
class Copied:
    """The copy's journal id, and the number and hash of its newest event."""

    journal: str
    events: int
    head: str


def back_up(journal: Path, copy: Path) -> Copied:
    """Copy the journal as it stands at one moment into a new file of mode 0600; a running dialer is not disturbed.

    Raises CannotProceed where the copy's name is taken or it cannot be made; nothing of it is left then.
    """
    copy = real_path(copy)
    check_free(copy)
    try:
        os.close(os.open(copy, os.O_CREAT | os.O_EXCL | os.O_RDWR | os.O_CLOEXEC, 0o600))
    except FileExistsError:
        raise CannotProceed(f"{copy} exists", "a copy never replaces a file: name a new one") from None
    except (OSError, ValueError) as problem:
        why = problem.strerror if isinstance(problem, OSError) else problem
        raise CannotProceed(f"no copy can be made at {copy}: {why}", "check the folder and the disk") from None
    try:
        with opened(journal) as source, contextlib.closing(sqlite3.connect(copy, isolation_level=None)) as target:
            return _copied(source, target, copy)
    except BaseException:
        copy.unlink(missing_ok=True)
        raise


def _copied(source: sqlite3.Connection, target: sqlite3.Connection, copy: Path) -> Copied:
    try:
        source.backup(target)
        target.execute("PRAGMA journal_mode = DELETE")  # all in the one file
        write_mark(target, None)
        newest = head(target)
        return Copied(journal_id(target), newest.seq, newest.hash)
    except sqlite3.Error as problem:
        raise CannotProceed(f"no copy can be made at {copy}: {problem}", "check both files and the disk") from None
