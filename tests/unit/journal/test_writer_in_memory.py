"""The writer of a journal in memory keeps the promises of the one on disk, but for durability."""

import asyncio
from collections.abc import Awaitable, Callable
from contextlib import closing

from orchestrator.journal.queries import Reader
from orchestrator.journal.sqlite.connection import Connection, InlineWriter
from orchestrator.journal.sqlite.file import in_memory
from orchestrator.journal.transaction import Transaction
from orchestrator.model.call import Committed
from orchestrator.model.errors import JournalBroken
from orchestrator.model.events import Event, EventType

Scenario = Callable[[InlineWriter, Connection], Awaitable[None]]


def play(scenario: Scenario) -> list[Event]:
    """Play it against a new journal; return what was heard."""
    heard: list[Event] = []

    async def run() -> None:
        with closing(in_memory()) as db:
            writer = InlineWriter(db, heard.extend)
            await scenario(writer, db)
            await writer.close()

    asyncio.run(run())
    return heard


def waiting(n: int) -> Callable[[Transaction], None]:
    return lambda tx: tx.append(EventType.RUN_WAITING, str(n), "run")


def meta(db: Connection) -> dict[str, str]:
    return dict(db.execute("SELECT key, value FROM meta WHERE key <> 'id'"))


def test_what_is_written_in_one_turn_of_the_loop_shares_a_commit_and_what_comes_later_does_not() -> None:
    commits: list[Committed] = []

    async def scenario(writer: InlineWriter, db: Connection) -> None:
        writer.follow(commits.append)
        await asyncio.gather(*(writer.write(waiting(n)) for n in range(600)))
        assert [found.seq for found in commits] == [600]
        assert writer.is_own(Reader(db).newest())
        await writer.write(waiting(600))
        assert [found.seq for found in commits] == [600, 601]

    assert [event.at for event in play(scenario)] == [str(n) for n in range(601)]


def test_followers_know_before_whoever_waits_goes_on() -> None:
    order: list[str] = []

    async def scenario(writer: InlineWriter, _db: Connection) -> None:
        writer.follow(lambda _committed: order.append("follower"))
        await writer.write(waiting(1))
        order.append("caller")

    play(scenario)
    assert order == ["follower", "caller"]


def test_a_failing_write_undoes_its_own_part_only() -> None:
    def half(tx: Transaction) -> None:
        tx.set_meta("half", "done")
        tx.append(EventType.RUN_ENDED, "at", "run")
        raise RuntimeError("and no further")

    async def scenario(writer: InlineWriter, db: Connection) -> None:
        works = (lambda tx: tx.set_meta("a", "1"), half, lambda tx: tx.set_meta("b", "2"))
        results = await asyncio.gather(*map(writer.write, works), return_exceptions=True)
        assert isinstance(results[1], RuntimeError)
        assert meta(db) == {"a": "1", "b": "2"}

    assert play(scenario) == []


def test_a_cancelled_caller_does_not_cancel_its_commit_and_closing_commits_what_is_queued() -> None:
    async def scenario(writer: InlineWriter, db: Connection) -> None:
        task = asyncio.ensure_future(writer.write(lambda tx: tx.set_meta("kept", "yes")))
        await asyncio.sleep(0)
        task.cancel()
        await writer.close()
        assert meta(db) == {"kept": "yes"}

    play(scenario)


def test_a_journal_that_cannot_be_written_says_so_to_everybody_who_waits_and_keeps_nothing_of_the_commit() -> None:
    async def scenario(writer: InlineWriter, db: Connection) -> None:
        def broken(tx: Transaction) -> None:
            tx.db.execute("INSERT INTO no_such_table VALUES (1)")

        works = (lambda tx: tx.set_meta("a", "1"), broken)
        results = await asyncio.gather(*map(writer.write, works), return_exceptions=True)
        assert [type(result) for result in results] == [JournalBroken, JournalBroken]
        assert meta(db) == {}
        await writer.write(lambda tx: tx.set_meta("b", "2"))
        assert meta(db) == {"b": "2"}

    play(scenario)
