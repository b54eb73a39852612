"""A journal in one SQLite file, and one in memory, as others see them (journal/port.py)."""

import contextlib
import os
import sqlite3
from collections.abc import Callable, Iterator
from pathlib import Path

from orchestrator.journal.port import Beat
from orchestrator.journal.queries import Reader
from orchestrator.journal.sqlite.connection import BUSY_PATIENCE, FAILURES, Connection, InlineWriter, Writer
from orchestrator.journal.sqlite.file import connect, in_memory, opened
from orchestrator.journal.sqlite.lock import dialer_lock
from orchestrator.journal.sqlite.mark import DialerEntry
from orchestrator.journal.sqlite.use import reading
from orchestrator.journal.transaction import Transaction
from orchestrator.journal.views.view import View
from orchestrator.model.errors import CannotProceed
from orchestrator.model.events import Event

Heard = Callable[[list[Event]], None]
"""Gets the events of a commit."""


def nothing(_view: View) -> None:
    """Look at nothing."""


class FileJournal:
    """The journal in the file at a real path, which other processes may use at the same time."""

    def __init__(self, path: Path) -> None:
        self.path = path

    @property
    def name(self) -> str:
        """Its path."""
        return str(self.path)

    @contextlib.contextmanager
    def view(self) -> Iterator[View]:
        """Ask for what is committed as of one moment, also where the folder cannot be written."""
        with opened(self.path) as db:
            yield View(db)

    @contextlib.contextmanager
    def committing(
        self, patience: float = BUSY_PATIENCE, then: Callable[[View], None] = nothing
    ) -> Iterator[Transaction]:
        """Commit what is done to the transaction, or nothing of it.

        `then` looks over the same connection: one that only reads, and is closed last, would leave the log behind.
        """
        with contextlib.closing(connect(self.path)) as db:
            db.execute(f"PRAGMA busy_timeout = {round(patience * 1000)}")
            with committed(db, self.name) as tx:
                yield tx
            then(View(db))

    @contextlib.contextmanager
    def reader(self) -> Iterator[Reader]:
        """Ask over a connection of its own."""
        with contextlib.closing(connect(self.path, read_only=True)) as db:
            yield Reader(db)

    def writer(self, heard: Heard) -> Writer:
        """Commit in a thread of its own."""
        return Writer(connect(self.path), self.path, heard)

    @contextlib.contextmanager
    def dialing(self, account: str, plan: str, edition: str, run: str) -> Iterator[Beat]:
        """Hold the lock of the plan's dialer, and have the journal's mark name it."""
        with dialer_lock(self.path, DialerEntry(account, plan, edition, run, os.getpid())) as beat:
            yield beat

    def readable(self) -> contextlib.AbstractContextManager[None]:
        """Raise JournalBroken where SQLite cannot read the open journal any more."""
        return reading(self.path)


class MemoryJournal:
    """A journal that no other process sees, and that is gone with its last user; of one thread."""

    name = "in memory"

    def __init__(self, db: Connection | None = None) -> None:
        self.db = db or in_memory()

    @contextlib.contextmanager
    def view(self) -> Iterator[View]:
        """Ask for what is committed as of one moment: nobody can commit meanwhile."""
        yield View(self.db)

    @contextlib.contextmanager
    def committing(
        self,
        patience: float = 0.0,
        then: Callable[[View], None] = nothing,
    ) -> Iterator[Transaction]:
        """Commit what is done to the transaction, or nothing of it."""
        with committed(self.db, self.name) as tx:
            yield tx
        then(View(self.db))

    @contextlib.contextmanager
    def reader(self) -> Iterator[Reader]:
        """Ask over the one connection."""
        yield Reader(self.db)

    def writer(self, heard: Heard) -> InlineWriter:
        """Commit in the event loop's own thread."""
        return InlineWriter(self.db, heard)

    @contextlib.contextmanager
    def dialing(self, account: str, plan: str, edition: str, run: str) -> Iterator[Beat]:
        """Nobody else can dial."""
        yield lambda: None

    def readable(self) -> contextlib.AbstractContextManager[None]:
        """Memory can always be read."""
        return contextlib.nullcontext()


@contextlib.contextmanager
def committed(db: Connection, journal: str) -> Iterator[Transaction]:
    """Commit what is done to a transaction over this connection, or nothing of it. Raises CannotProceed."""
    try:
        db.begin_writing()
        tx = Transaction(db)
        yield tx
        tx.seal()
        db.announce_commit()
        db.execute("COMMIT")
    except FAILURES as problem:
        hint = "nothing was changed; try again, and if that fails too check the disk and the permissions"
        raise CannotProceed(f"the journal {journal} cannot be written: {problem}", hint) from None
    finally:
        if db.in_transaction:
            with contextlib.suppress(sqlite3.Error):  # closing takes back what this could not
                db.execute("ROLLBACK")
