"""The writer: durable before it answers, many writes a commit, a failing one alone."""

import asyncio
import functools
import sqlite3
import threading
import time
from collections.abc import Awaitable, Callable
from contextlib import closing
from pathlib import Path
from typing import Any

import pytest

from orchestrator.journal.sqlite import connection
from orchestrator.journal.sqlite.connection import Writer
from orchestrator.journal.sqlite.file import connect
from orchestrator.journal.transaction import Transaction
from orchestrator.model.errors import JournalBroken
from orchestrator.model.events import Event, EventType


def read(journal: Path, query: str) -> list[tuple[object, ...]]:
    db = connect(journal, read_only=True)
    try:
        return db.execute(query).fetchall()
    finally:
        db.close()


def test_a_write_is_on_disk_for_other_readers_when_it_answers(journal: Path) -> None:
    async def scenario() -> None:
        writer = Writer(connect(journal), journal, lambda _: None)
        await writer.write(lambda tx: tx.set_meta("colour", "blue"))
        assert read(journal, "SELECT value FROM meta WHERE key = 'colour'") == [("blue",)]
        await writer.close()

    asyncio.run(scenario())


def test_a_failing_write_undoes_its_own_part_only(journal: Path) -> None:
    def half(tx: Transaction) -> None:
        tx.set_meta("half", "done")
        tx.append(EventType.RUN_ENDED, "at", "run")
        raise RuntimeError("and no further")

    async def scenario() -> list[Event]:
        heard: list[Event] = []
        writer = Writer(connect(journal), journal, heard.extend)
        writes = [
            writer.write(lambda tx: tx.set_meta("a", "1")),
            writer.write(half),
            writer.write(lambda tx: tx.set_meta("b", "2")),
        ]
        results = await asyncio.gather(*writes, return_exceptions=True)
        assert isinstance(results[1], RuntimeError)
        await writer.close()
        return heard

    assert asyncio.run(scenario()) == []
    assert read(journal, "SELECT key FROM meta WHERE key IN ('a', 'b', 'half') ORDER BY key") == [("a",), ("b",)]
    assert read(journal, "SELECT * FROM events") == []


def test_events_are_heard_in_the_order_of_their_commits(journal: Path) -> None:
    async def scenario() -> list[Event]:
        heard: list[Event] = []
        writer = Writer(connect(journal), journal, heard.extend)
        await asyncio.gather(
            *(writer.write(lambda tx, n=n: tx.append(EventType.RUN_WAITING, str(n), "run")) for n in range(600))
        )
        await writer.close()
        return heard

    heard = asyncio.run(scenario())
    assert [int(event.at) for event in heard] == list(range(600))
    assert read(journal, "SELECT at FROM events ORDER BY seq") == [(event.at,) for event in heard]


def test_what_comes_in_further_turns_of_the_loop_shares_a_commit_within_bounds(
    journal: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Answers that are read one after the other are committed together, what comes after a pause alone."""
    notes = "SELECT at, seal IS NOT NULL FROM events ORDER BY seq"

    async def scenario(pause: int) -> list[int]:
        """Write three notes with so many turns between them; return which of them ended a commit."""
        writer = Writer(connect(journal), journal, lambda _: None)
        waiting = []
        for n in range(3):
            work = functools.partial(Transaction.append, kind=EventType.RUN_WAITING, at=f"{pause} {n}", run="run")
            waiting.append(asyncio.create_task(writer.write(work)))
            for _ in range(pause):
                await asyncio.sleep(0)
        await asyncio.gather(*waiting)
        await writer.close()
        return [int(is_last) for at, is_last in read(journal, notes) if str(at).startswith(f"{pause} ")]

    assert asyncio.run(scenario(1)) == [0, 0, 1]
    assert asyncio.run(scenario(9))[0] == 1
    monkeypatch.setattr(connection, "SPELL", 0.0)
    assert asyncio.run(scenario(1))[-3] == 1, "not longer than for a spell"


def test_a_cancelled_caller_does_not_cancel_its_commit(journal: Path) -> None:
    async def scenario() -> None:
        writer = Writer(connect(journal), journal, lambda _: None)
        task = asyncio.create_task(writer.write(lambda tx: tx.set_meta("kept", "yes")))
        await asyncio.sleep(0)
        task.cancel()
        await asyncio.gather(task, return_exceptions=True)
        await writer.close()

    asyncio.run(scenario())
    assert read(journal, "SELECT value FROM meta WHERE key = 'kept'") == [("yes",)]


def test_a_journal_that_cannot_be_written_says_so_to_everybody_who_waits(journal: Path) -> None:
    async def scenario() -> None:
        writer = Writer(connect(journal), journal, lambda _: None)
        other = sqlite3.connect(journal, isolation_level=None)
        other.execute("DROP TABLE meta")
        other.close()
        results = await asyncio.gather(
            *(writer.write(lambda tx: tx.set_meta("a", "1")) for _ in range(3)), return_exceptions=True
        )
        assert all(isinstance(result, JournalBroken) for result in results)
        with pytest.raises(JournalBroken):
            await writer.write(lambda tx: tx.set_meta("a", "1"))
        await writer.close()

    asyncio.run(scenario())


def test_where_even_the_rollback_fails_whoever_waits_hears_of_it(journal: Path) -> None:
    class BrokenDisk:
        def __init__(self, db: sqlite3.Connection) -> None:
            self.db = db

        def __getattr__(self, name: str) -> Any:
            return getattr(self.db, name)

        def execute(self, sql: str, *values: Any) -> Any:
            if sql in ("COMMIT", "ROLLBACK"):
                raise sqlite3.OperationalError("disk I/O error")
            return self.db.execute(sql, *values)

    async def write() -> None:
        writer = Writer(connect(journal), journal, lambda _events: None)
        writer._db = BrokenDisk(writer._db)  # type: ignore[assignment]
        with pytest.raises(JournalBroken, match="disk I/O error"):
            await asyncio.wait_for(writer.write(lambda _tx: 1), 10)
        with pytest.raises(JournalBroken):
            await asyncio.wait_for(writer.write(lambda _tx: 1), 10)
        await writer.close()

    asyncio.run(write())


def test_a_journal_that_was_removed_or_replaced_takes_no_more_writes(journal: Path) -> None:
    """What is committed into a file without a name is lost with the process, and the next run would dial it again."""

    kept = journal.read_bytes()

    async def write() -> None:
        writer = Writer(connect(journal), journal, lambda _events: None)
        await writer.write(lambda tx: tx.set_meta("a", "b"))
        for change in (journal.unlink, lambda: journal.write_bytes(kept)):
            change()
            with pytest.raises(JournalBroken, match="removed or replaced"):
                await asyncio.wait_for(writer.write(lambda tx: tx.set_meta("a", "c")), 10)
        await writer.close()

    asyncio.run(write())


async def ticks_while(work: Awaitable[object]) -> float:
    """Return the longest time for which the event loop stood still while something was waited for."""
    longest, waiting = 0.0, asyncio.ensure_future(work)
    while not waiting.done():
        began = time.monotonic()
        await asyncio.sleep(0.001)
        longest = max(longest, time.monotonic() - began)
    await waiting
    return longest


STALL = 1.0
"""Seconds for which something else holds the journal up; the loop must not stand still for half of that."""


def test_neither_another_process_nor_the_disk_nor_long_work_stops_the_loop(journal: Path) -> None:
    class SlowDisk:
        def __init__(self, db: sqlite3.Connection) -> None:
            self.db = db

        def __getattr__(self, name: str) -> Any:
            return getattr(self.db, name)

        def execute(self, sql: str, *values: Any) -> Any:
            if sql == "COMMIT":
                time.sleep(STALL)
            return self.db.execute(sql, *values)

    def long(tx: Transaction) -> None:
        time.sleep(STALL)
        tx.set_meta("long", "done")

    async def scenario() -> None:
        writer = Writer(connect(journal), journal, lambda _: None)
        with closing(sqlite3.connect(journal, isolation_level=None, check_same_thread=False)) as other:
            other.execute("BEGIN IMMEDIATE")
            asyncio.get_running_loop().call_later(STALL, other.execute, "ROLLBACK")
            assert await ticks_while(writer.write(lambda tx: tx.set_meta("after", "another"))) < STALL / 2
        assert await ticks_while(writer.write(long, is_long=True)) < STALL / 2
        writer._db = SlowDisk(writer._db)  # type: ignore[assignment]
        assert await ticks_while(writer.write(lambda tx: tx.set_meta("slow", "disk"))) < STALL / 2
        await writer.close()

    asyncio.run(scenario())
    assert read(journal, "SELECT key FROM meta WHERE key IN ('after', 'long', 'slow') ORDER BY key") == [
        ("after",), ("long",), ("slow",),
    ]  # fmt: skip


def test_the_loop_has_its_turn_however_much_is_queued(journal: Path) -> None:
    """And what is short never shares a commit with what is long, nor a thread."""
    threads: list[tuple[int, str]] = []

    def work(n: int) -> Callable[[Transaction], None]:
        def step(_tx: Transaction) -> None:
            threads.append((n, threading.current_thread().name.partition("_")[0]))
            time.sleep(connection.SPELL / 2)

        return step

    async def scenario() -> int:
        writer, commits = Writer(connect(journal), journal, lambda _: None), []
        writer.follow(commits.append)
        await asyncio.gather(*(writer.write(work(n), is_long=n == 4) for n in range(10)))
        await writer.close()
        return len(commits)

    assert asyncio.run(scenario()) >= 5
    assert threads == [(n, "journal-writer" if n == 4 else "MainThread") for n in range(10)]
