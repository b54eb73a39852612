"""The journal's writers: what has gathered is committed together, so that one fsync serves many callers."""

import asyncio
import contextlib
import functools
import math
import sqlite3
import time
from abc import ABC, abstractmethod
from collections import deque
from collections.abc import Callable, Iterable, Iterator
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from operator import itemgetter
from pathlib import Path
from typing import Any, ParamSpec, TypeVar

from orchestrator.journal.chain import Head, Row, newest_event
from orchestrator.journal.sqlite.connection import FAILURES, Connection, identity
from orchestrator.journal.sqlite.file import BUSY_PATIENCE, connect
from orchestrator.journal.sqlite.listening import stored_columns
from orchestrator.journal.transaction import Transaction
from orchestrator.model.call import AttemptRow, CallRow, Committed
from orchestrator.model.errors import JournalBroken
from orchestrator.model.events import Event

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

    def __init__(self, path: Path, heard: Callable[[list[Event]], None]) -> None:
        super().__init__(connect(path), str(path), heard)
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
    """Return what picks these columns out of a whole row of a table."""
    columns = stored_columns(db, table)
    return itemgetter(*map(columns.index, names))
