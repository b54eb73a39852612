"""A journal in one SQLite file, and one in memory, as others see them (journal/port.py); who dials over the file.

One process dials a plan at a time: an operating-system lock on the journal's own file, freed by kill -9. A process that
was stopped (SIGSTOP, a frozen machine) keeps its lock and may wake at any time. It shows no sign of life - the file's
time of change -, so another may take the plan over; the fence in the intent's transaction then keeps the one that wakes
from dialing. While another plan's dialer on the same journal shows one, nobody takes over.
"""

import contextlib
import functools
import os
import secrets
import sqlite3
import time
from collections.abc import Callable, Iterator
from pathlib import Path

from orchestrator.journal.port import Beat
from orchestrator.journal.queries import Reader
from orchestrator.journal.sqlite.connection import BUSY_PATIENCE, FAILURES, Connection, InlineWriter, Writer
from orchestrator.journal.sqlite.file import connect, in_memory, opened
from orchestrator.journal.sqlite.file_locks import is_locked, try_lock
from orchestrator.journal.sqlite.mark import (
    BYTES_OF_A_PLAN,
    STOPPED_AFTER,
    DialerEntry,
    Mark,
    first_byte,
    read_mark,
    silent_for,
    write_mark,
)
from orchestrator.journal.sqlite.use import carry_over, own_descriptor, reading
from orchestrator.journal.transaction import Transaction
from orchestrator.journal.views.view import View
from orchestrator.model.errors import CannotProceed
from orchestrator.model.events import Event
from orchestrator.model.story import PULSE

DIALER_MARK_PATIENCE = 60.0
"""Seconds for which a dialer waits until its mark stands in the file itself: it never dials before."""

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


@contextlib.contextmanager
def dialer_lock(journal: Path, dialer: DialerEntry) -> Iterator[Callable[[], None]]:
    """Hold the lock of a plan's dialer on this journal, and have the journal's mark name it, before anything is dialed.

    Yields what shows that the dialer is alive, due every PULSE seconds.
    Raises CannotProceed where a process that is alive holds it, or the journal cannot be marked.
    """
    with own_descriptor(journal) as handle:
        _lock(handle, journal, dialer)
        beat = functools.partial(os.utime, handle)
        beat()
        with contextlib.closing(connect(journal)) as db, contextlib.ExitStack() as stack:
            try:
                stack.enter_context(named_dialer(db, dialer))
            except sqlite3.Error as problem:
                raise CannotProceed(
                    f"nothing was dialed: the journal {journal} cannot be written: {problem}",
                    "check the disk and the permissions",
                ) from None
            yield beat


@contextlib.contextmanager
def named_dialer(db: Connection, dialer: DialerEntry) -> Iterator[None]:
    """Name a dialer in the journal's mark for as long as it dials; its intents may be committed only inside.

    Raises CannotProceed where the mark cannot be brought into the file itself.
    """
    _rewrite(db, lambda mark: mark.with_dialer(dialer))
    if not carry_over(db, DIALER_MARK_PATIENCE):
        raise CannotProceed(
            "the journal's file cannot be marked as in use: another process has been reading it for a minute",
            "wait until that has ended (a `journal verify`, a `journal backup`), then run the same command again",
        )
    try:
        yield
    finally:
        with contextlib.suppress(sqlite3.Error):  # a name that stays is one of a process that is gone
            _rewrite(db, lambda mark: mark.without_dialer(dialer.run))


def _rewrite(db: Connection, change: Callable[[Mark], Mark]) -> None:
    db.begin_writing()
    try:
        mark = read_mark(db)
        if mark is not None:
            write_mark(db, change(mark))
        db.announce_commit()
        db.execute("COMMIT")
    except BaseException:
        with contextlib.suppress(sqlite3.Error):
            if db.in_transaction:
                db.execute("ROLLBACK")
        raise


def _lock(handle: int, journal: Path, dialer: DialerEntry) -> None:
    """Take the first byte of the plan's range, or, where its holders do not move, another one."""
    first = first_byte(dialer.account, dialer.plan)
    silent = silent_for(handle)
    if try_lock(handle, first) and not is_locked(handle, first + 1, BYTES_OF_A_PLAN - 1):
        return
    if silent >= STOPPED_AFTER:
        time.sleep(2 * PULSE)  # one that took the lock at this moment has shown itself by then
        silent = silent_for(handle)
    if silent < STOPPED_AFTER:
        raise CannotProceed(
            f"another run is dialing the plan {dialer.plan} from the journal {journal}"
            f" (process {_pid(journal, dialer.account, dialer.plan)})",
            "wait until it has ended: the same command then goes on where it stopped",
        )
    try_lock(handle, first + 1 + secrets.randbelow(BYTES_OF_A_PLAN - 1))


def _pid(journal: Path, account: str, plan: str) -> str:
    with contextlib.suppress(CannotProceed, sqlite3.Error), contextlib.closing(connect(journal, read_only=True)) as db:
        mark = read_mark(db)
        for entry in mark.dialers if mark is not None else ():
            if (entry.account, entry.plan) == (account, plan):
                return str(entry.pid)
    return "unknown"
