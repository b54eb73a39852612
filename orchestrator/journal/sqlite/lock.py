"""One process dials a plan at a time: an operating-system lock on the journal's own file, freed by kill -9.

A process that was stopped (SIGSTOP, a frozen machine) keeps its lock and may wake at any time. It shows no sign of
life - the file's time of change -, so another may take the plan over; the fence in the intent's transaction then keeps
the one that wakes from dialing. While another plan's dialer on the same journal shows one, nobody takes over.
"""

import contextlib
import functools
import os
import secrets
import sqlite3
import time
from collections.abc import Callable, Iterator
from pathlib import Path

from orchestrator.journal.sqlite.connection import Connection
from orchestrator.journal.sqlite.file import connect
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
from orchestrator.journal.sqlite.use import carry_over, own_descriptor
from orchestrator.model.errors import CannotProceed
from orchestrator.model.story import PULSE

DIALER_MARK_PATIENCE = 60.0
"""Seconds for which a dialer waits until its mark stands in the file itself: it never dials before."""


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
