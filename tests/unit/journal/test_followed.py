"""What a writer tells of its commits: the rows as they were and are, of what is committed only, or that some lack."""

import asyncio
import math
from collections.abc import Awaitable, Callable
from contextlib import closing as connected
from functools import partial
from pathlib import Path

import pytest
from unit.journal.story import RUN, START, Story, call

from orchestrator.journal import chain
from orchestrator.journal.sqlite.connection import Writer
from orchestrator.journal.sqlite.file import connect
from orchestrator.journal.sqlite.journal import FileJournal
from orchestrator.journal.transaction import Transaction
from orchestrator.model.call import CallRow, Committed, Scope
from orchestrator.model.policy import Rate
from orchestrator.policy.pace import Cap

CAP, PLAN_CAP = Cap("account", Rate(10, 1.0)), Cap("plan", Rate(5, 1.0))


def told(journal: Path, scenario: Callable[[Writer], Awaitable[None]]) -> list[Committed]:
    """All that a follower is told while a scenario runs."""

    async def run() -> list[Committed]:
        commits: list[Committed] = []
        writer = Writer(connect(journal), journal, lambda _events: None)
        writer._spell = math.inf  # what is queued together is one commit, however slow the machine is
        writer.follow(commits.append)
        try:
            await scenario(writer)
        finally:
            await writer.close()
        await asyncio.sleep(0)
        return commits

    return asyncio.run(run())


async def together(writer: Writer, *works: Callable[[Transaction], object]) -> list[object]:
    """Have several pieces of work in one commit: all are queued in one turn of the loop. Returns what they raised.

    However slow this machine is: a commit takes no further work once its spell is over.
    """
    writer._spell = math.inf
    first = writer.write(lambda _tx: True)
    return await asyncio.gather(first, *map(writer.write, works), return_exceptions=True)


def put_off(key: int, until: float) -> Callable[[Transaction], None]:
    return lambda tx: tx.put_back(key, until, "window")


def failing(work: Callable[[Transaction], object]) -> Callable[[Transaction], None]:
    def both(tx: Transaction) -> None:
        work(tx)
        raise RuntimeError("undone")

    return both


@pytest.fixture
def path(tmp_path: Path) -> Path:
    return tmp_path / "journal.db"


@pytest.fixture
def scope(path: Path) -> Scope:
    return Story(path).load(RUN, *(call(f"order-{n}", n) for n in range(1, 5))).scope


def rows(commits: list[Committed]) -> list[tuple[CallRow | None, CallRow | None]]:
    return [pair for committed in commits for pair in committed.calls]


def test_a_part_that_is_undone_tells_nothing_and_the_others_all_they_changed(path: Path, scope: Scope) -> None:
    async def scenario(writer: Writer) -> None:
        works = (put_off(1, 10.0), failing(put_off(2, 20.0)), put_off(3, 30.0), failing(put_off(3, 40.0)))
        found = await together(writer, *works)
        assert [type(one) for one in found] == [bool, type(None), RuntimeError, type(None), RuntimeError]

    commits = told(path, scenario)
    (changed,) = [committed for committed in commits if committed.calls]
    assert [before and (before.key, before.not_before) for before, _ in changed.calls] == [(1, 0.0), (3, 0.0)]
    assert [after and (after.key, after.not_before) for _, after in changed.calls] == [(1, 10.0), (3, 30.0)]
    with connected(connect(path, read_only=True)) as db:
        stored = db.execute(
            f"SELECT {', '.join(CallRow._fields)} FROM calls WHERE key IN (1, 3) ORDER BY key"  # noqa: S608
        ).fetchall()
    assert [after for _, after in changed.calls] == [CallRow(*row) for row in stored]


def test_a_row_that_changes_twice_in_a_commit_is_told_once(path: Path, scope: Scope) -> None:
    """As it was before the commit, and as it is: also where a part between them was undone."""

    async def scenario(writer: Writer) -> None:
        await together(writer, put_off(1, 10.0), failing(put_off(1, 20.0)), put_off(1, 30.0))

    ((before, after),) = rows(told(path, scenario))
    assert before is not None
    assert after is not None
    assert (before.not_before, after.not_before) == (0.0, 30.0)


def test_a_row_that_came_was_not_there_and_one_that_went_is_there_no_more(path: Path, scope: Scope) -> None:
    copied = (
        "plan, edition, 'new', position, fields, pair, agent, person, carry, loaded_by, run, state, place, earliest,"
        " not_before"
    )
    columns = copied.replace("'new'", "id")

    def insert(tx: Transaction) -> None:
        tx.db.execute(f"INSERT INTO calls ({columns}) SELECT {copied} FROM calls WHERE key = 1")  # noqa: S608

    async def scenario(writer: Writer) -> None:
        await writer.write(insert)
        await writer.write(lambda tx: tx.db.execute("DELETE FROM calls WHERE id = 'new'"))

    (came, went) = rows(told(path, scenario))
    assert came[0] is None
    assert came[1] is not None
    assert came[1].id == "new"
    assert went == (came[1], None)


@pytest.mark.parametrize("parts", [1, 2])
@pytest.mark.parametrize("most", [3, 4])
def test_a_commit_of_too_many_rows_says_that_it_does_not_tell_all(
    path: Path, scope: Scope, most: int, parts: int, monkeypatch: pytest.MonkeyPatch
) -> None:
    """However many parts change them; the next commit is whole again."""
    monkeypatch.setattr(chain, "MOST_FOLLOWED", most)
    close = "UPDATE calls SET state = 'closed' WHERE plan = ? AND key % ? = ?"

    async def scenario(writer: Writer) -> None:
        works = [partial(closing, close, (scope.plan, parts, nth)) for nth in range(parts)]
        await together(writer, *works)
        await writer.write(put_off(1, 10.0))

    many, one = [committed for committed in told(path, scenario) if committed.calls]
    assert many.is_whole == (most == 4)
    assert not many.is_whole or len(many.calls) == 4
    assert one.is_whole


def closing(sql: str, values: tuple[int, ...], tx: Transaction) -> None:
    assert tx.db.execute(sql, values).rowcount


def test_it_tells_how_often_others_had_committed(path: Path, scope: Scope) -> None:
    """Whatever they committed but slots of the pace; its own commits are none of others."""

    async def scenario(writer: Writer) -> None:
        await writer.write(put_off(1, 10.0))
        await writer.write(put_off(2, 10.0))
        with FileJournal(path).committing() as tx:
            tx.take_slots(scope.plan, [CAP], START, 0.0, 1.0)
        await writer.write(put_off(3, 10.0))
        with FileJournal(path).committing() as tx:
            tx.put_back(4, 10.0, None)
        await writer.write(put_off(1, 20.0))
        await writer.write(put_off(2, 20.0))

    assert [committed.others for committed in told(path, scenario)] == [0, 0, 0, 1, 1]


def test_a_follower_that_fails_keeps_nobody_waiting(path: Path, scope: Scope) -> None:
    """Who waits for the commit hears of it: a memory that lacks a commit must not be gone on with."""

    def failing_follower(_committed: Committed) -> None:
        raise LookupError("a bug")

    async def scenario() -> None:
        writer = Writer(connect(path), path, lambda _events: None)
        writer.follow(failing_follower)
        try:
            with pytest.raises(LookupError, match="a bug"):
                await asyncio.wait_for(writer.write(put_off(1, 10.0)), 10)
        finally:
            await writer.close()

    asyncio.run(scenario())


def test_slots_taken_in_one_commit_are_a_gap_apart_and_one_that_is_undone_is_free_again(
    path: Path, scope: Scope
) -> None:
    slots: list[tuple[float, bool]] = []

    def take(tx: Transaction) -> tuple[float, bool]:
        slots, next_at = tx.take_slots(scope.plan, [CAP, PLAN_CAP], START, 0.0, 9.0)
        return (slots[0], True) if slots else (next_at, False)

    def taking_in_vain(tx: Transaction) -> None:
        slots.append(take(tx))
        raise RuntimeError("undone")

    async def scenario(writer: Writer) -> None:
        _, first, second, undone, third = await together(writer, take, take, taking_in_vain, take)
        assert isinstance(undone, RuntimeError)
        slots[:0] = [first, second]  # type: ignore[list-item]
        slots.extend([third, await writer.write(take)])  # type: ignore[list-item]

    told(path, scenario)
    assert [taken for _, taken in slots] == [True] * 5
    first = slots[0][0]
    assert [(at - first) / PLAN_CAP.gap for at, _ in slots] == pytest.approx([0, 1, 2, 2, 3])
    with connected(connect(path, read_only=True)) as db:
        kept = db.execute("SELECT DISTINCT last FROM pace").fetchall()
    assert kept == [(slots[-1][0],)]
