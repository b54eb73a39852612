"""One connection to a journal in SQLite: what it says in its own way, and what it does right before each commit.

Beside the journal's file lie its companions: SQLite's log (`-wal`), and a file (`-head`) that says, before each commit,
to which event the journal grows (companions.py judges by them).
"""

import contextlib
import os
import sqlite3
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Protocol

from orchestrator.journal.chain import Changes, Head, newest_event
from orchestrator.journal.database import DamagedRow
from orchestrator.journal.sqlite.listening import changes_of
from orchestrator.journal.sqlite.mark import dialers_of
from orchestrator.model.story import Dialer

FAILURES = (sqlite3.Error, DamagedRow)
"""What is raised where SQLite cannot read or write, or where it reads what cannot have been written."""


def wal_of(path: Path) -> Path:
    """Return the write-ahead log of the journal at the real path `path`."""
    return path.with_name(f"{path.name}-wal")


def head_file_of(path: Path) -> Path:
    """Return the companion that says to which event the journal at the real path `path` grows."""
    return path.with_name(f"{path.name}-head")


def wal_inode(path: Path) -> int:
    """Return the inode of the journal's log; 0 where there is none."""
    try:
        return wal_of(path).stat().st_ino
    except OSError:
        return 0


def identity(path: Path) -> tuple[int, int] | None:
    """Return what tells a file from another one of the same name; None where there is none."""
    try:
        return status_key(path.stat())
    except OSError:
        return None


def status_key(status: os.stat_result) -> tuple[int, int]:
    """Return the same of a file that is open."""
    return status.st_dev, status.st_ino


class HeadFile:
    """The `-head` companion: one line with the use's token, the newest event, and the one that a commit leads to."""

    LENGTH = 256
    """Bytes of the line, padded: it is always written over as a whole."""

    def __init__(self, path: Path, token: str) -> None:
        self._token = token
        self._written: Head | None = None
        self._handle: int | None = None
        with contextlib.suppress(OSError):  # without it a lost log is still noticed; only its harmless loss is not
            flags = os.O_CREAT | os.O_RDWR | os.O_CLOEXEC | os.O_NOFOLLOW
            self._handle = os.open(head_file_of(path), flags, 0o600)

    def announce(self, before: Head, after: Head) -> None:
        """Say, inside the open transaction, to which event its commit leads."""
        if self._handle is None or after == self._written:
            return
        line = f"{self._token} {before.seq}:{before.hash} {after.seq}:{after.hash}".ljust(self.LENGTH - 1) + "\n"
        with contextlib.suppress(OSError):
            os.pwrite(self._handle, line.encode(), 0)
            self._written = after

    def close(self) -> None:
        """Let the file go; it stays where it is."""
        if self._handle is not None:
            os.close(self._handle)
            self._handle = None


class Companions:
    """The companions of a journal that is in use: those that a connection which may commit asks and tells."""

    def __init__(self, path: Path, token: str, wal: int) -> None:
        self._path, self._wal = path, wal
        self._head_file = HeadFile(path, token)

    def check_log(self) -> None:
        """Raise sqlite3.OperationalError where the log beside the file is not the one that this use writes."""
        if wal_inode(self._path) != self._wal:
            raise sqlite3.OperationalError("its write-ahead log (-wal) was removed or replaced while it was open")

    def announce(self, before: Head, after: Head) -> None:
        """Say in the `-head` companion to which event the open transaction leads."""
        self._head_file.announce(before, after)

    def close(self) -> None:
        """Let the `-head` companion go."""
        self._head_file.close()


class Use(Protocol):
    """What a process has open of the journal's file, which each connection to it is part of (use.py)."""

    path: Path
    handles: list[int]

    def leave(self, db: "Connection", close: Callable[[], None]) -> None:
        """Close a connection; with the process's last one let everything go."""


class Connection(sqlite3.Connection):
    """A connection to a journal that leaves its use of the file when it is closed."""

    use: "Use | None" = None
    companions: Companions | None = None
    may_commit = False
    _before = Head(0, "")
    _changes: Changes | None = None

    def by(self, index: str) -> str:
        """Return what has a statement find the rows of a table by an index, to be written behind the table's name."""
        return f"INDEXED BY {index}"

    def glob(self, text: str) -> str:
        """Return the condition that a text has the form of a pattern of *, ? and [...]: the value that it takes."""
        return f"{text} GLOB ?"

    def chain(self) -> Iterator[tuple[int, str, str, str, str | None, str]]:
        """Yield of each event its number, its hash, the rest of what the chain covers, its salt, its call and its data.

        The rest is a JSON array: SQLite writes it in a third of the time in which Python reads the columns and does.
        """
        rest = "json_array(seq, type, at, run, attempt, seal)"
        return iter(self.execute(f"SELECT seq, hash, {rest}, salt, call, data FROM events ORDER BY seq"))  # noqa: S608

    def begin_reading(self) -> None:
        """Begin a transaction whose questions are all answered as of one moment."""
        self.execute("BEGIN")

    def dialers(self, plan: int) -> Iterator[Dialer]:
        """Yield the dialer of a plan that the journal's mark names, of every plan where `plan` is 0; only looking."""
        return iter(()) if self.use is None else dialers_of(self, self.use.handles[0], plan)

    def changes(self) -> Changes:
        """Return what this connection changes; it is listened to from the first call of this on."""
        if self._changes is not None:
            return self._changes
        found = changes_of(self)
        if not self.in_transaction:  # else a rollback takes back what listens
            self._changes = found
        return found

    def begin_writing(self) -> Head:
        """Begin a transaction that may commit, and return the newest event before it."""
        self.changes()
        self.execute("BEGIN IMMEDIATE")
        self._before = newest_event(self)
        return self._before

    def announce_commit(self, newest: Head | None = None) -> Head:
        """Let the companions know, right before COMMIT, and return the newest event, which is asked for if not given.

        Raises sqlite3.Error where the log is not the one it is in.
        """
        after = newest or newest_event(self)
        if self.companions is not None:
            self.companions.check_log()
            self.companions.announce(self._before, after)
        return after

    def close(self) -> None:
        """Close; the last connection of all processes that may commit takes the mark away."""
        use, self.use = self.use, None
        if use is None:
            super().close()
        else:
            use.leave(self, super().close)

    def __del__(self) -> None:
        """Leave also where nobody closed it: a mark that stays would have the journal refused."""
        if self.use is not None:
            self.close()
