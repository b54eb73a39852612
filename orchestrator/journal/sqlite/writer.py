"""The journal's writers: what has gathered is committed together, so that one fsync serves many callers."""

import asyncio
import contextlib
import queue
import sqlite3
import threading
from abc import ABC, abstractmethod
from collections.abc import Callable
from dataclasses import dataclass
from operator import itemgetter
from pathlib import Path
from typing import Any, TypeVar

from orchestrator.journal.chain import Head, Row, newest_event, stored_columns
from orchestrator.journal.sqlite.connection import Connection, identity
from orchestrator.journal.sqlite.file import connect
from orchestrator.journal.transaction import Transaction
from orchestrator.model.errors import JournalBroken
from orchestrator.model.events import Event
from orchestrator.model.work import AttemptRow, CallRow, Committed

T = TypeVar("T")

WRITES_IN_A_COMMIT = 256
"""Most writes in one commit: bounds how long the first of them waits."""


@dataclass
class _Write:
    work: Callable[[Transaction], Any]
    done: asyncio.Future[Any]


@dataclass
class _Outcome:
    """What a commit did: the result or the problem of each function, and what was committed, if anything was."""

    results: list[tuple[_Write, Any, BaseException | None]]
    events: list[Event]
    committed: Committed | None


class GroupWriter(ABC):
    """Runs functions over a `Transaction`, several in one commit, each in a part of its own.

    `await write(work)` returns the function's result once it is committed, raises what the function raised
    (its part rolled back), or JournalBroken. `heard` gets the committed events, in the event loop's thread.
    `is_alone`: nobody else can commit to the journal.
    """

    is_alone = False

    def __init__(self, db: Connection, name: str, heard: Callable[[list[Event]], None]) -> None:
        self._db, self._name, self._heard = db, name, heard
        self._loop = asyncio.get_running_loop()
        self._call_columns = _picked(db, "calls", CallRow._fields)
        self._attempt_columns = _picked(db, "attempts", AttemptRow._fields)
        self._followers: list[Callable[[Committed], None]] = []
        self._committed = self._announced = newest_event(db)
        self._others = 0

    async def write(self, work: Callable[[Transaction], T]) -> T:
        """Run `work` and return its result when it is committed."""
        write = _Write(work, self._loop.create_future())
        self._enqueue(write)
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
        return Head(*newest) in (self._committed, self._announced)

    @abstractmethod
    async def close(self) -> None:
        """Commit what is queued, and close."""

    @abstractmethod
    def _enqueue(self, write: _Write) -> None:
        """Have a function run in the next commit."""

    @abstractmethod
    def _check_place(self) -> None:
        """Raise sqlite3.OperationalError where a commit would not be where it is looked for."""

    def _commit(self, group: list[_Write]) -> _Outcome:
        results: list[tuple[_Write, Any, BaseException | None]] = []
        try:
            transaction = self._begun()
            results.extend((write, *_part(transaction, write)) for write in group)
            transaction.seal()
            self._check_place()
            self._announced = self._db.announce_commit()
            self._db.execute("COMMIT")
            self._committed = self._announced
            return _Outcome(results, transaction.events, self._changed(transaction))
        except sqlite3.Error as problem:
            with contextlib.suppress(sqlite3.Error):  # on a broken disk it may fail as well: whoever waits must hear
                if self._db.in_transaction:
                    self._db.execute("ROLLBACK")
            broken = JournalBroken(f"the journal {self._name} cannot be written: {problem}")
            return _Outcome([(write, None, broken) for write in group], [], None)

    def _begun(self) -> Transaction:
        """Begin a transaction, which knows whether others have committed since this writer did."""
        if self._db.begin_writing() != self._committed:
            self._others += 1
        return Transaction(self._db, self._others)

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

    def _tell(self, outcome: _Outcome) -> None:
        results = outcome.results
        try:
            if outcome.committed is not None:
                for follower in self._followers:
                    follower(outcome.committed)
        except Exception as bug:  # noqa: BLE001 - it must not leave those waiting who wait for the commit
            results = [(write, None, bug) for write, _, _ in results]
        for write, result, problem in results:
            if write.done.cancelled():
                continue
            if problem is not None:
                write.done.set_exception(problem)
            else:
                write.done.set_result(result)
        if outcome.events:
            self._heard(outcome.events)


class Writer(GroupWriter):
    """Commits to a file in a thread of its own; who waits for a commit goes on once it is on disk."""

    def __init__(self, path: Path, heard: Callable[[list[Event]], None]) -> None:
        super().__init__(connect(path), str(path), heard)
        self._path = path
        self._queue: queue.SimpleQueue[_Write | None] = queue.SimpleQueue()
        self._file = identity(path)
        self._thread = threading.Thread(target=self._serve, name="journal-writer", daemon=True)
        self._thread.start()

    async def close(self) -> None:
        """Commit what is queued and stop the thread."""
        self._queue.put(None)
        await asyncio.to_thread(self._thread.join)
        self._db.close()

    def _enqueue(self, write: _Write) -> None:
        self._queue.put(write)

    def _check_place(self) -> None:
        if identity(self._path) != self._file:
            raise sqlite3.OperationalError("its file was removed or replaced while it was open")

    def _serve(self) -> None:
        while (first := self._queue.get()) is not None:
            group, last = [first], False
            while len(group) < WRITES_IN_A_COMMIT:
                try:
                    following = self._queue.get_nowait()
                except queue.Empty:
                    break
                if following is None:
                    last = True
                    break
                group.append(following)
            self._loop.call_soon_threadsafe(self._tell, self._commit(group))
            if last:
                return


class InlineWriter(GroupWriter):
    """Commits in the event loop's own thread, what has gathered in one turn of the loop: to a journal in memory."""

    is_alone = True

    def __init__(self, db: Connection, heard: Callable[[list[Event]], None]) -> None:
        super().__init__(db, "in memory", heard)
        self._gathered: list[_Write] = []

    async def close(self) -> None:
        """Commit what is queued; the connection stays open, for whoever reads over it too."""
        self._flush()

    def _enqueue(self, write: _Write) -> None:
        if not self._gathered:
            self._loop.call_soon(self._flush)
        self._gathered.append(write)

    def _check_place(self) -> None:
        """Nobody can take memory away."""

    def _flush(self) -> None:
        group, self._gathered = self._gathered, []
        if group:
            self._tell(self._commit(group))


def _picked(db: sqlite3.Connection, table: str, names: tuple[str, ...]) -> Callable[[Row], tuple[Any, ...]]:
    """Return what picks these columns out of a whole row of a table."""
    columns = stored_columns(db, table)
    return itemgetter(*map(columns.index, names))


def _part(transaction: Transaction, write: _Write) -> tuple[Any, BaseException | None]:
    """Run one function inside the open transaction; its failure undoes its own part only."""
    transaction.begin_part()
    try:
        result = write.work(transaction)
    except sqlite3.Error:
        raise
    except Exception as problem:  # noqa: BLE001 - handed to the caller, who awaits it
        transaction.undo_part()
        return None, problem
    transaction.keep_part()
    return result, None
