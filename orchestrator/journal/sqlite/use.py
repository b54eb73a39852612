"""One process's use of one journal file: its descriptors, the locks that they carry, the mark and the companions.

Every connection to a journal is opened and closed through here, and the first and the last that may commit set the mark
and take it away (companions.py). Closing any descriptor of a file frees all locks that SQLite holds on it in the
process, so descriptors of a journal are kept until the process has no connection to it any more.
"""

import contextlib
import functools
import os
import secrets
import socket
import sqlite3
import threading
import time
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from pathlib import Path

from orchestrator.journal.chain import newest_event
from orchestrator.journal.sqlite.companions import Problem, announced, check_links, connected, problem_of, read_alone
from orchestrator.journal.sqlite.connection import (
    FAILURES,
    Companions,
    Connection,
    head_file_of,
    identity,
    status_key,
    wal_inode,
)
from orchestrator.journal.sqlite.file_locks import (
    IN_USE,
    NETWORK,
    OPENING,
    file_system,
    held_alone,
    is_locked,
    try_lock,
    unlock,
)
from orchestrator.journal.sqlite.mark import Mark, read_mark, write_mark
from orchestrator.model.errors import CannotProceed, JournalBroken
from orchestrator.model.events import rfc3339

OPENING_PATIENCE = 60.0
"""Seconds for which another process may begin or end its use of the journal."""

MARK_PATIENCE = 5.0
"""Seconds for which whoever only commits a word waits until the mark stands in the file; a reader can hold that up."""

CLEARING_BUSY = 2_000
"""Milliseconds for which the last one out waits for readers, twice at most: nobody else may commit then."""

SETTLING_TRIES = 20
"""Looks at a journal that another process may begin or end to use at this very moment, before it counts as parted."""

SETTLING_PAUSE = 0.05
"""Seconds between two of these looks."""


_processwide = threading.RLock()
_uses: dict[tuple[int, int], "JournalUse"] = {}


@dataclass
class JournalUse:
    """What this process has open of one journal file. `path` is its real path."""

    path: Path
    readers: int = 0
    writers: int = 0
    handles: list[int] = field(default_factory=list)
    writing: int = -1
    companions: Companions | None = None
    kept: list[Callable[[], None]] = field(default_factory=list)

    def leave(self, db: Connection, close: Callable[[], None]) -> None:
        """Close a connection; with the process's last one let everything go."""
        with contextlib.suppress(sqlite3.Error):
            # Before the turn of this process is waited for: who has it may wait for what this connection reads.
            if db.in_transaction:
                db.execute("ROLLBACK")
        with _processwide:
            try:
                if not db.may_commit:
                    self.readers -= 1
                    close()
                elif self.writers > 1:
                    self.writers -= 1
                    close()
                else:
                    self.writers -= 1
                    self._end(db, close)
            finally:
                if self.readers + self.writers == 0:
                    self._let_go()

    def keep(self, close: Callable[[], None]) -> None:
        """Call `close` only once this process has no connection to the journal any more, now if it has none."""
        with _processwide:
            if self.readers + self.writers == 0:
                close()
            else:
                self.kept.append(close)

    def begin(self, db: Connection, lock: int, accept: "AcceptLoss | None", *, alone: bool) -> None:
        """Set the mark where this process is the first that may commit, and take up the companions."""
        if alone:
            db.execute("BEGIN IMMEDIATE")
            before = read_mark(db)
            if accept is not None and before is not None:
                accept(db, before)
            mark = Mark(
                token=secrets.token_hex(8),
                since=rfc3339(time.time()),
                host=socket.gethostname(),
                path=str(self.path),
                wal=wal_inode(self.path),
            )
            write_mark(db, mark)
            newest = newest_event(db)
            db.execute("COMMIT")
            self.companions = Companions(self.path, mark.token, mark.wal)
            self.companions.announce(newest, newest)
            carry_over(db, MARK_PATIENCE)
            try_lock(lock, IN_USE, shared=True)
        else:
            found = read_mark(db)
            if found is None:
                raise CannotProceed(f"the journal {self.path} is used by a process that did not mark it", None)
            self.companions = Companions(self.path, found.token, wal_inode(self.path))

    def _end(self, db: Connection, close: Callable[[], None]) -> None:
        """Close the last connection of this process that may commit."""
        with contextlib.ExitStack() as stack:
            with contextlib.suppress(CannotProceed):
                stack.enter_context(held_alone(self.writing, OPENING, OPENING_PATIENCE, "it is being opened"))
            alone = try_lock(self.writing, IN_USE)
            cleared = alone and self._clear(db)
            if alone and not cleared:
                # What closes last removes the log once it is carried over; one that only reads does not.
                with contextlib.suppress(sqlite3.Error):  # a file that was moved away cannot be opened by its name
                    stack.callback(self._holding_the_log().close)
            try:
                close()
            finally:
                self._drop_companions()
                if cleared and identity(self.path) == status_key(os.fstat(self.writing)):
                    # What it says is in the file by now; of another file that was put in its place it tells on.
                    with contextlib.suppress(OSError):
                        head_file_of(self.path).unlink()
                unlock(self.writing, IN_USE)

    def _clear(self, db: sqlite3.Connection) -> bool:
        """Carry over all that is committed, and only then take the mark away; say whether the file alone is whole."""
        with contextlib.suppress(sqlite3.Error):
            if db.in_transaction:
                db.execute("ROLLBACK")
            db.execute(f"PRAGMA busy_timeout = {CLEARING_BUSY}")
            if not _carried_over(db, "FULL"):
                return False
            db.execute("BEGIN IMMEDIATE")
            write_mark(db, None)
            db.execute("COMMIT")
            return _carried_over(db, "TRUNCATE")
        return False

    def _holding_the_log(self) -> sqlite3.Connection:
        db = connected(self.path, "mode=ro")
        with contextlib.suppress(sqlite3.Error):
            db.execute("SELECT 1 FROM meta").fetchone()
        return db

    def _drop_companions(self) -> None:
        if self.companions is not None:
            self.companions.close()
            self.companions = None

    def _let_go(self) -> None:
        self._drop_companions()
        self.kept += [functools.partial(os.close, handle) for handle in self.handles]
        for close in self.kept:
            with contextlib.suppress(OSError, sqlite3.Error):
                close()
        self.kept.clear()
        self.handles.clear()
        for key in [key for key, use in _uses.items() if use is self]:
            del _uses[key]


def carry_over(db: sqlite3.Connection, patience: float) -> bool:
    """Wait until all that is committed by now stands in the file itself; False where readers held that up too long."""
    deadline, target = time.monotonic() + patience, -1
    while True:
        _, log, done = db.execute("PRAGMA wal_checkpoint(PASSIVE)").fetchone()
        if done == log or 0 <= target <= done or (target >= 0 and log < target):
            return True
        target = log if target < 0 else target
        if time.monotonic() > deadline:
            return False
        time.sleep(SETTLING_PAUSE)


def _carried_over(db: sqlite3.Connection, how: str) -> bool:
    busy, log, done = db.execute(f"PRAGMA wal_checkpoint({how})").fetchone()
    return not busy and bool(log == done)


AcceptLoss = Callable[[Connection, Mark], None]
"""Writes down, in the transaction that renews the mark, that a person goes on without what was lost."""


def join(
    path: Path, open_it: Callable[[], Connection], *, may_commit: bool, accept: AcceptLoss | None = None
) -> Connection:
    """Open a connection to the journal at a real path as part of this process's use of it.

    With `accept` a journal that was parted from its companions is taken as it is. Raises CannotProceed where the file
    has a second link, is in use under another name, or was parted, and what `open_it` raises.
    """
    with _processwide:
        handle = _opened(path, may_commit=may_commit)
        try:
            status = os.fstat(handle)
            key = status_key(status)
            use = _uses.get(key) or JournalUse(path)
        except BaseException:
            os.close(handle)
            raise
        use.handles.append(handle)
        _uses[key] = use
        try:
            check_links(path, status)
            if not may_commit:
                return _read(use, handle, open_it)
            if use.writers:
                return _entered(use, open_it(), may_commit=True)
            return _write(use, handle, open_it, accept)
        finally:
            if use.readers + use.writers == 0:
                use._let_go()


@contextlib.contextmanager
def reading(path: Path) -> Iterator[None]:
    """Raise JournalBroken where SQLite cannot read the open journal any more."""
    try:
        yield
    except FAILURES as problem:
        raise JournalBroken(f"the journal {path} cannot be read: {problem}") from None


@contextlib.contextmanager
def own_descriptor(path: Path) -> Iterator[int]:
    """Open the journal's file once more, for locks of one's own. Raises CannotProceed.

    It is closed when the process has no connection to the journal any more; what it locked is free before that.
    """
    handle = _opened(path, may_commit=True)
    try:
        yield handle
    finally:
        unlock(handle, 0, 0)
        use = _use_of(path)
        if use is None:
            os.close(handle)
        else:
            use.keep(functools.partial(os.close, handle))


@contextlib.contextmanager
def any_descriptor(path: Path) -> Iterator[int]:
    """Lend a descriptor of the journal's file that is only asked for what others have locked. Raises CannotProceed."""
    with _processwide:
        use = _use_of(path)
        if use is not None and use.handles:
            yield use.handles[0]
            return
        handle = _opened(path, may_commit=False)
        try:
            yield handle
        finally:
            os.close(handle)


def _use_of(path: Path) -> JournalUse | None:
    found = identity(path)
    return None if found is None else _uses.get(found)


def _read(use: JournalUse, handle: int, open_it: Callable[[], Connection]) -> Connection:
    if not use.readers and not use.writers:
        _check_whole(use, lambda: is_locked(handle, IN_USE))
    return _entered(use, open_it(), may_commit=False)


def _write(use: JournalUse, handle: int, open_it: Callable[[], Connection], accept: AcceptLoss | None) -> Connection:
    opening = f"another process has been beginning or ending its use of the journal {use.path} for a minute"
    with held_alone(handle, OPENING, OPENING_PATIENCE, opening):
        alone = try_lock(handle, IN_USE)
        if not alone and not try_lock(handle, IN_USE, shared=True):
            raise CannotProceed(f"the journal {use.path} is locked by another program")
        try:
            if accept is None or not alone:
                _check_whole(use, lambda: not alone)
            _check_locks(use)
            db = open_it()
            try:
                use.begin(db, handle, accept, alone=alone)
            except BaseException:
                db.close()
                raise
        except BaseException:
            unlock(handle, IN_USE)
            raise
    use.writing = handle
    return _entered(use, db, may_commit=True)


def _entered(use: JournalUse, db: Connection, *, may_commit: bool) -> Connection:
    db.use, db.may_commit = use, may_commit
    if may_commit:
        db.companions = use.companions
        use.writers += 1
    else:
        use.readers += 1
    return db


def _opened(path: Path, *, may_commit: bool) -> int:
    flags = (os.O_RDWR if may_commit else os.O_RDONLY) | os.O_CLOEXEC | os.O_NOFOLLOW | os.O_NONBLOCK
    try:
        return os.open(path, flags)
    except OSError as problem:
        hint = "check the permissions of the file and of its folder"
        raise CannotProceed(f"the journal {path} cannot be opened: {problem.strerror}", hint) from None


def _check_locks(use: JournalUse) -> None:
    """Refuse a file system on which locks keep nobody out, as some network file systems: two would dial at once."""
    other = _opened(use.path, may_commit=True)
    use.handles.append(other)
    kind = file_system(use.path)
    if kind in NETWORK or not is_locked(other, OPENING):
        raise CannotProceed(
            f"the journal {use.path} lies on a file system ({kind or 'unknown'}) whose locks or shared memory do not"
            " keep other processes and machines out",
            "keep the journal on a local disk; carry it elsewhere with `orchestrate journal backup`",
        )


def _check_whole(use: JournalUse, is_live: Callable[[], bool]) -> None:
    """Refuse a journal without the companions that belong to it. Looks again where a process just begins or ends."""
    for left in reversed(range(SETTLING_TRIES)):
        problem = _problem_of(use, live=is_live())
        if problem is None:
            return
        if left == 0 or problem.is_final:
            raise CannotProceed(problem.message, problem.hint)
        time.sleep(SETTLING_PAUSE)


def what_is_missing(path: Path) -> str | None:
    """Say what a journal at a real path was parted from, as a person may accept it; None where it is whole.

    Raises CannotProceed where it is in use, or damaged.
    """
    with any_descriptor(path) as handle:
        if is_locked(handle, IN_USE):
            raise CannotProceed(f"the journal {path} is in use", "wait until that has ended, or end it")
        problem = _problem_of(JournalUse(path), live=False)
        if problem is not None and not problem.is_loss:
            raise CannotProceed(problem.message, problem.hint)
    return None if problem is None else problem.message


def _problem_of(use: JournalUse, *, live: bool) -> Problem | None:
    """Ask why the journal must be refused; the connection to the file alone is kept like a descriptor (see above)."""
    said = announced(use.path)
    db = connected(use.path, "mode=ro&immutable=1")
    try:
        alone = read_alone(db, said)
    finally:
        use.keep(db.close)
    return problem_of(use.path, alone, said, live=live)
