"""One connection to a journal in SQLite, and the writers that commit over it, from BEGIN to COMMIT.

Beside the journal's file lie its companions: SQLite's log (`-wal`), and a file (`-head`) that says, before each commit,
to which event the journal grows (companions.py judges by them).

What has gathered at a writer is committed together, so that one fsync serves many callers.
"""

import asyncio
import contextlib
import functools
import math
import os
import sqlite3
import time
from abc import ABC, abstractmethod
from collections import deque
from collections.abc import Callable, Iterable, Iterator
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from operator import itemgetter
from pathlib import Path
from typing import Any, ParamSpec, Protocol, TypeVar

from orchestrator.journal.chain import COLUMNS, OF_TABLES, Changes, Head, Row, newest_event
from orchestrator.journal.database import DamagedRow, EventLines
from orchestrator.journal.sqlite.listening import changes_of, stored_columns
from orchestrator.journal.sqlite.mark import dialers_of
from orchestrator.journal.transaction import Transaction
from orchestrator.model.call import AttemptRow, CallRow, Committed
from orchestrator.model.errors import JournalBroken
from orchestrator.model.events import Event
from orchestrator.model.story import Dialer

FAILURES = (sqlite3.Error, DamagedRow)
"""What is raised where SQLite cannot read or write, or where it reads what cannot have been written."""

BUSY_PATIENCE = 60
"""Seconds for which another process may write: cancelling a million calls takes one transaction of several seconds."""


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


CHAIN = (
    "SELECT seq, hash, json_array(seq, type, at, run, attempt, seal), salt, call, data FROM events"
    " WHERE seq >= ? ORDER BY seq"
)

LEAST = -(2**63)
"""The least number that SQLite keeps."""

EVENT_LINES = (
    f"SELECT count(*), CAST(coalesce(group_concat(json_array({COLUMNS}, hash) || char(10), ''), '') AS BLOB),"  # noqa: S608
    f" max(CASE WHEN length(seal) > {OF_TABLES} THEN substr(seal, {OF_TABLES + 1}) END)"
    " FROM events WHERE seq > ? AND seq <= ?"
)


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
    lacks_indexes = False
    """Whether a statement may name no index: one that it names and that is not there makes it fail."""
    _before = Head(0, "")
    _changes: Changes | None = None

    def by(self, index: str) -> str:
        """Return what has a statement find the rows of a table by an index, to be written behind the table's name."""
        return "" if self.lacks_indexes else f"INDEXED BY {index}"

    def glob(self, text: str) -> str:
        """Return the condition that a text has the form of a pattern of *, ? and [...]: the value that it takes."""
        return f"{text} GLOB ?"

    def chain(self, first: int = LEAST) -> Iterator[tuple[int, str, str, str, str | None, str]]:
        """Yield of each event its number, its hash, the rest of what the chain covers, its salt, its call and its data.

        They are those numbered from `first` on. The rest is a JSON array: SQLite writes it in a third of the time in
        which Python reads the columns and does.
        """
        return iter(self.execute(CHAIN, (first,)))

    def events_after(self, seq: int, count: int) -> EventLines:
        """Return the events numbered behind `seq`, up to `count` further, as they are hashed together.

        SQLite writes them in a third of the time in which Python reads the columns.
        """
        return EventLines(*self.execute(EVENT_LINES, (seq, seq + count)).fetchone())

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


P = ParamSpec("P")
T = TypeVar("T")

SPELL = 0.005
"""Seconds after which no further work is taken into a transaction: the event loop has other things to do."""

QUIET_TURNS = 2
"""Turns of the event loop without further work after which no more is waited for: an answer that is read in one is
judged in the next."""


@dataclass
class _Write:
    """One function to be run, and who waits for it. `problem` is what it has raised."""

    work: Callable[[Transaction], Any]
    done: asyncio.Future[Any]
    is_long: bool
    result: Any = None
    problem: Exception | None = None


class GroupWriter(ABC):
    """Runs functions over a `Transaction`, several in one commit.

    `await write(work)` returns the function's result once it is committed, raises what the function raised
    (nothing of it is committed then), or JournalBroken. Where one fails, those that were run with it are run again
    without it: only the last time counts. `heard` gets the committed events. All is done and told in the event loop's
    thread. `is_alone`: nobody else can commit to the journal.
    """

    is_alone = False
    _spell = SPELL

    def __init__(self, db: Connection, name: str, heard: Callable[[list[Event]], None]) -> None:
        self._db, self._name, self._heard = db, name, heard
        self._loop = asyncio.get_running_loop()
        self._queued: deque[_Write] = deque()
        self._call_columns = _picked(db, "calls", CallRow._fields)
        self._attempt_columns = _picked(db, "attempts", AttemptRow._fields)
        self._followers: list[Callable[[Committed], None]] = []
        self._committed = self._announced = newest_event(db)
        self._others = 0

    async def write(self, work: Callable[[Transaction], T], *, is_long: bool = False) -> T:
        """Run `work` and return its result when it is committed; `is_long`: it may take more than some milliseconds.

        What is long is committed alone, and the event loop goes on meanwhile: it shares nothing with `work`.
        """
        write = _Write(work, self._loop.create_future(), is_long)
        self._queued.append(write)
        self._wake()
        result: T = await write.done  # a caller that is cancelled hears no more of it: what is queued is written
        return result

    def follow(self, follower: Callable[[Committed], None]) -> None:
        """Let somebody know, in the event loop's thread, what each commit from now on has changed.

        It is told before those who wait for the commit go on.
        """
        self._followers.append(follower)

    @property
    def others(self) -> int:
        """How often this writer found, when it began a commit, that others had committed since its last one."""
        return self._others

    def is_own(self, newest: tuple[int, str]) -> bool:
        """Whether an event is the last one of this writer's last commit, or of the one that is under way."""
        return newest in (self._committed, self._announced)

    @abstractmethod
    async def close(self) -> None:
        """Commit what is queued, and close."""

    @abstractmethod
    def _wake(self) -> None:
        """Have what is queued run soon."""

    @abstractmethod
    def _check_place(self) -> None:
        """Raise sqlite3.OperationalError where a commit would not be where it is looked for."""

    def _begin(self) -> Transaction:
        """Begin a transaction, which knows whether others have committed since this writer did."""
        newest = self._db.begin_writing()
        if newest != self._committed:
            self._others += 1
        return Transaction(self._db, self._others, newest)

    @contextlib.contextmanager
    def _group(self) -> Iterator[list[_Write]]:
        """Gather the functions of one commit; where it fails, undo it and tell all who wait."""
        group: list[_Write] = []
        try:
            yield group
        except Exception as problem:  # noqa: BLE001 - handed to those who wait
            self._undo()
            if not group:  # it could not even begin
                group.extend(self._queued)
                self._queued.clear()
            _end(group, self._broken(problem))

    def _run(self, transaction: Transaction, group: list[_Write]) -> bool:
        """Run what is queued, and move it to `group`, until its time is over; return whether that can be committed.

        Where a function fails all is undone and queued again, with what that function raised.
        """
        ends = time.monotonic() + self._spell
        while self._queued and (not group or (not self._queued[0].is_long and time.monotonic() < ends)):
            write = self._queued.popleft()
            group.append(write)
            if write.problem is None and not _succeeds(write, transaction):
                self._undo()
                self._queued.extendleft(reversed(group))
                return False
            if write.is_long:
                break
        transaction.seal()
        return True

    def _commit(self, newest: Head | None) -> None:
        """Make the transaction durable, which has led to this event."""
        self._check_place()
        self._announced = self._db.announce_commit(newest)
        self._db.execute("COMMIT")
        self._committed = self._announced

    def _undo(self) -> None:
        with contextlib.suppress(sqlite3.Error):  # on a broken disk it may fail as well: whoever waits must hear
            if self._db.in_transaction:
                self._db.execute("ROLLBACK")

    def _broken(self, problem: Exception) -> Exception:
        """Return what those hear whose transaction could not be committed."""
        if not isinstance(problem, FAILURES):
            return problem
        return JournalBroken(f"the journal {self._name} cannot be written: {problem}")

    def _changed(self, transaction: Transaction) -> Committed:
        followed = transaction.followed
        calls: list[tuple[CallRow | None, CallRow | None]] = []
        attempts: list[AttemptRow] = []
        for row, after in followed.after.items():
            if row[0] == "calls":
                calls.append((self._call(followed.before[row]), self._call(after)))
            elif after is not None:
                attempts.append(AttemptRow._make(self._attempt_columns(after)))
        seq, others = self._committed.seq, transaction.others
        return Committed(seq, others, followed.tables, calls, attempts, followed.is_whole)

    def _call(self, row: Row | None) -> CallRow | None:
        return None if row is None else CallRow._make(self._call_columns(row))

    def _tell(self, group: list[_Write], transaction: Transaction) -> None:
        """Let everybody know of a commit."""
        bug: Exception | None = None
        try:
            if self._followers:  # nobody follows yet while a plan's calls are taken in
                committed = self._changed(transaction)
                for follower in self._followers:
                    follower(committed)
        except Exception as found:  # noqa: BLE001 - it must not leave those waiting who wait for the commit
            bug = found
        _end(group, bug)
        if transaction.events:
            self._loop.call_soon(self._heard, transaction.events)


class Writer(GroupWriter):
    """Commits to a file: a thread waits for the disk, and for other processes, while the event loop goes on.

    All else is done in the loop's own thread: handing the interpreter over at each statement would cost more than the
    statements.
    """

    def __init__(self, db: Connection, path: Path, heard: Callable[[list[Event]], None]) -> None:
        super().__init__(db, str(path), heard)
        self._path = path
        self._file = identity(path)
        self._be_patient(0)
        self._thread = ThreadPoolExecutor(1, "journal-writer")
        self._serving: asyncio.Task[None] | None = None

    async def close(self) -> None:
        """Commit what is queued and stop the thread."""
        if self._serving is not None:
            await self._serving
        self._thread.shutdown()
        self._db.close()

    def _wake(self) -> None:
        if self._serving is None:
            self._serving = self._loop.create_task(self._serve())

    def _check_place(self) -> None:
        if identity(self._path) != self._file:
            raise sqlite3.OperationalError("its file was removed or replaced while it was open")

    async def _serve(self) -> None:
        try:
            while self._queued:
                await self._gathered()
                with self._group() as group:
                    await self._serve_group(group)
        finally:
            self._serving = None

    async def _gathered(self) -> None:
        """Wait for as long as the event loop's turns bring further work, and not longer than for a spell.

        What a commit costs by itself is that of several pieces of work, and many come at once: answers of the carrier,
        for one, which the loop reads one after the other.
        """
        ends, known, quiet = time.monotonic() + SPELL, 0, 0
        while quiet < QUIET_TURNS and not self._queued[0].is_long and time.monotonic() < ends:
            known, before = len(self._queued), known
            quiet = 0 if known > before else quiet + 1
            await asyncio.sleep(0)

    async def _serve_group(self, group: list[_Write]) -> None:
        transaction = await self._begun()
        if self._queued[0].is_long:
            is_well = await self._in_thread(self._run, transaction, group)
        else:
            is_well = self._run(transaction, group)
        if is_well:
            await self._in_thread(self._commit, transaction.newest)
            self._tell(group, transaction)

    async def _begun(self) -> Transaction:
        """Begin at once where no other process is writing, else when it has done so."""
        try:
            return self._begin()
        except sqlite3.OperationalError as problem:
            if problem.sqlite_errorcode & 0xFF != sqlite3.SQLITE_BUSY:
                raise
        return await self._in_thread(self._begin_after_others)

    def _begin_after_others(self) -> Transaction:
        self._be_patient(BUSY_PATIENCE)
        try:
            return self._begin()
        finally:
            self._be_patient(0)

    def _be_patient(self, seconds: int) -> None:
        self._db.execute(f"PRAGMA busy_timeout = {seconds * 1000}")

    async def _in_thread(self, work: Callable[P, T], *values: P.args, **more: P.kwargs) -> T:
        return await self._loop.run_in_executor(self._thread, functools.partial(work, *values, **more))


class InlineWriter(GroupWriter):
    """Commits in the event loop's own thread, what has gathered in one turn of the loop: to a journal in memory."""

    is_alone = True
    _spell = math.inf

    def __init__(self, db: Connection, heard: Callable[[list[Event]], None]) -> None:
        super().__init__(db, "in memory", heard)
        self._is_woken = False

    async def close(self) -> None:
        """Commit what is queued; the connection stays open, for whoever reads over it too."""
        self._flush()

    def _wake(self) -> None:
        if not self._is_woken:
            self._is_woken = True
            self._loop.call_soon(self._flush)

    def _check_place(self) -> None:
        """Nobody can take memory away."""

    def _flush(self) -> None:
        self._is_woken = False
        while self._queued:
            with self._group() as group:
                transaction = self._begin()
                if self._run(transaction, group):
                    self._commit(transaction.newest)
                    self._tell(group, transaction)


def _succeeds(write: _Write, transaction: Transaction) -> bool:
    """Run one function; keep what it returned, or what it raised. Raises what is in FAILURES."""
    try:
        write.result = write.work(transaction)
    except FAILURES:
        raise
    except Exception as problem:  # noqa: BLE001 - handed to the caller, who awaits it
        write.problem = problem
    return write.problem is None


def _end(group: Iterable[_Write], problem: Exception | None = None) -> None:
    """Let those who wait go on; `problem`: what all of them hear, whatever their functions did."""
    for write in group:
        if write.done.done():  # cancelled
            continue
        found = problem or write.problem
        if found is not None:
            write.done.set_exception(found)
        else:
            write.done.set_result(write.result)


def _picked(db: sqlite3.Connection, table: str, names: tuple[str, ...]) -> Callable[[Row], tuple[Any, ...]]:
    """Return what picks these columns out of a whole row of a table, behind its name."""
    columns = ["", *stored_columns(db, table)]
    return itemgetter(*map(columns.index, names))
