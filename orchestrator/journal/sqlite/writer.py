"""The journal's one writer: a thread that commits what has gathered, so that an fsync serves many callers."""

import asyncio
import contextlib
import queue
import sqlite3
import threading
from collections.abc import Callable
from dataclasses import dataclass
from operator import itemgetter
from pathlib import Path
from typing import Any, TypeVar

from orchestrator.journal.chain import Head, Row, newest_event, stored_columns
from orchestrator.journal.sqlite.connection import identity
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


class Writer:
    """Runs functions over a `Transaction`, several in one commit, each in a part of its own.

    `await write(work)` returns the function's result once it is durable, raises what the function raised
    (its part rolled back), or JournalBroken. `heard` gets the committed events, in the event loop's thread.
    """

    def __init__(self, path: Path, heard: Callable[[list[Event]], None]) -> None:
        self._path = path
        self._heard = heard
        self._loop = asyncio.get_running_loop()
        self._queue: queue.SimpleQueue[_Write | None] = queue.SimpleQueue()
        self._db = connect(path)
        self._file = identity(path)
        self._call_columns = _picked(self._db, "calls", CallRow._fields)
        self._attempt_columns = _picked(self._db, "attempts", AttemptRow._fields)
        self._followers: list[Callable[[Committed], None]] = []
        self._committed = self._announced = newest_event(self._db)
        self._others = 0
        self._thread = threading.Thread(target=self._serve, name="journal-writer", daemon=True)
        self._thread.start()

    async def write(self, work: Callable[[Transaction], T]) -> T:
        """Run `work` and return its result when the commit is on disk."""
        write = _Write(work, self._loop.create_future())
        self._queue.put(write)
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

    async def close(self) -> None:
        """Commit what is queued and stop the thread."""
        self._queue.put(None)
        await asyncio.to_thread(self._thread.join)
        self._db.close()

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
            self._commit(group)
            if last:
                return

    def _commit(self, group: list[_Write]) -> None:
        results: list[tuple[_Write, Any, BaseException | None]] = []
        events: list[Event] = []
        committed: Committed | None = None
        try:
            self._db.begin_writing()
            transaction = self._begun()
            results.extend((write, *_part(transaction, write)) for write in group)
            transaction.seal()
            if identity(self._path) != self._file:
                raise sqlite3.OperationalError("its file was removed or replaced while it was open")
            self._announced = self._db.announce_commit()
            self._db.execute("COMMIT")
            self._committed = self._announced
            events, committed = transaction.events, self._changed(transaction)
        except sqlite3.Error as problem:
            with contextlib.suppress(sqlite3.Error):  # on a broken disk it may fail as well: whoever waits must hear
                if self._db.in_transaction:
                    self._db.execute("ROLLBACK")
            broken = JournalBroken(f"the journal {self._path} cannot be written: {problem}")
            results = [(write, None, broken) for write in group]
        self._loop.call_soon_threadsafe(self._tell, results, events, committed)

    def _begun(self) -> Transaction:
        """Return the open transaction, which knows whether others have committed since this writer did."""
        if newest_event(self._db) != self._committed:
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

    def _tell(
        self,
        results: list[tuple[_Write, Any, BaseException | None]],
        events: list[Event],
        committed: Committed | None,
    ) -> None:
        try:
            if committed is not None:
                for follower in self._followers:
                    follower(committed)
        except Exception as bug:  # noqa: BLE001 - it must not leave those waiting who wait for the commit
            results = [(write, None, bug) for write, _, _ in results]
        for write, result, problem in results:
            if write.done.cancelled():
                continue
            if problem is not None:
                write.done.set_exception(problem)
            else:
                write.done.set_result(result)
        if events:
            self._heard(events)


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
