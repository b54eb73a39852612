"""The seal of the tables follows every change, and nothing but what was committed."""

import asyncio
import hashlib
import sqlite3
from contextlib import closing
from pathlib import Path

import pytest
from unit.journal.story import RUN, START, Story, call

from orchestrator.journal import chain
from orchestrator.journal.sqlite.connection import Writer
from orchestrator.journal.sqlite.file import connect
from orchestrator.journal.sqlite.journal import FileJournal
from orchestrator.journal.transaction import Transaction
from orchestrator.journal.verify.whole import verify
from orchestrator.model.number import DndMark
from orchestrator.policy.pace import Cap, Rate


def events(journal: Path) -> list[str]:
    with closing(connect(journal, read_only=True)) as db:
        return [row[0] for row in db.execute("SELECT type FROM events ORDER BY seq")]


@pytest.fixture
def loaded(journal: Path) -> Path:
    """A journal with three calls."""
    Story(journal).load(RUN, call("a", 1), call("b", 2), call("c", 3))
    return journal


def closing_all(tx: Transaction) -> int:
    return tx.close_due(1, "", "cancelled")


def test_what_is_changed_without_an_event_gets_one_that_no_follower_hears_of(loaded: Path) -> None:
    with FileJournal(loaded).committing() as tx:
        assert closing_all(tx) == 3
        tx.note_numbers([("acme1:+918123400001", DndMark.YES)], START, "at")
    assert events(loaded) == ["run.started", "calls.loaded", "tables.changed"]
    assert tx.events == []
    assert verify(loaded).altered == ()
    with FileJournal(loaded).committing() as tx:
        assert closing_all(tx) == 0
    assert len(events(loaded)) == 3, "nothing was changed"


def test_a_slot_of_the_pace_needs_no_event_and_is_proved_all_the_same(loaded: Path) -> None:
    with FileJournal(loaded).committing() as tx:
        assert tx.take_slots(1, [Cap("account", Rate(1.0, 1.0))], START, 0.0, 1.0)[0]
    assert events(loaded) == ["run.started", "calls.loaded"]
    assert verify(loaded).altered == ()
    with closing(connect(loaded)) as db:
        db.execute("UPDATE pace SET last = last - 60")
    assert [item.what for item in verify(loaded).altered] == ["the table `pace`"]


def test_what_is_rolled_back_is_in_no_seal(loaded: Path) -> None:
    """The first work of the connection, in whose part it begins to be listened to, and one between two others."""

    def failing(tx: Transaction) -> None:
        closing_all(tx)
        raise RuntimeError("and no further")

    async def scenario() -> None:
        writer = Writer(connect(loaded), loaded, lambda _: None)
        works = (failing, lambda tx: tx.put_back(1, START, None), failing, closing_all)
        await asyncio.gather(*(writer.write(work) for work in works), return_exceptions=True)
        await writer.close()

    asyncio.run(scenario())
    assert verify(loaded).altered == ()
    with closing(connect(loaded, read_only=True)) as db:
        assert db.execute("SELECT count(*) FROM calls WHERE state = 'closed'").fetchone() == (3,)


def test_another_program_with_the_file_open_is_found_out(loaded: Path) -> None:
    """What listens is the connection's own: it is not in the file, and cannot be made use of from outside."""
    with closing(sqlite3.connect(loaded, isolation_level=None)) as db:
        assert db.execute("SELECT count(*) FROM sqlite_schema WHERE name LIKE 'sealing%'").fetchone() == (0,)
        db.execute("UPDATE calls SET carry = '{\"hub\":\"x\"}' WHERE id = 'b'")
        with FileJournal(loaded).committing() as tx:
            closing_all(tx)
    found = verify(loaded).altered
    assert [(item.what, item.seq) for item in found] == [("the table `calls`", 3)]


def test_a_sum_does_not_depend_on_the_order_of_rows_and_tells_values_apart() -> None:
    rows = [("t", 1, "a"), ("t", 2, None), ("t", 3, "None")]
    assert len({chain.row_hash(row) for row in (*rows, ("u", 1, "a"), ("t", 1.0, "a"), ("t", "1", "a"))}) == 6
    with closing(sqlite3.connect(":memory:")) as db:
        db.execute("CREATE TABLE t (n INTEGER, text TEXT)")
        sums = []
        for order in (rows, rows[::-1]):
            db.execute("DELETE FROM t")
            db.executemany("INSERT INTO t VALUES (?, ?)", [row[1:] for row in order])
            sums.append(chain.table_sum(db, "t", ["n", "text"]))
        assert sums[0] == sums[1] == chain.sum_text(sum(map(chain.row_hash, rows)))


def test_a_row_is_hashed_as_an_array_of_messagepack() -> None:
    """Written here by hand from its specification, so that anybody can write it again, in any language."""
    text = "order-1042 waits for Asha, who rings back" * 8
    row = ("calls", 7, 128, 70_000, -1, -200, 2**62, 1.5, None, "é", text)
    written = b"".join(
        [
            bytes([0x90 + len(row)]),
            b"\xa5calls",
            b"\x07",
            b"\xcc\x80",
            b"\xce\x00\x01\x11\x70",
            b"\xff",
            b"\xd1\xff\x38",
            b"\xcf\x40" + bytes(7),
            b"\xcb\x3f\xf8" + bytes(6),
            b"\xc0",
            b"\xa2\xc3\xa9",
            b"\xda" + len(text).to_bytes(2, "big") + text.encode(),
        ]
    )
    assert chain.row_hash(row) == int(hashlib.sha256(written).hexdigest(), 16)


def test_a_text_that_is_no_utf_8_is_another_row(loaded: Path) -> None:
    strange = [("t", text) for text in ("a", "\udcff", "a\udcff", "\udcffa")]
    assert len(set(map(chain.row_hash, strange))) == 4
    with closing(sqlite3.connect(loaded, isolation_level=None)) as db:
        db.execute("UPDATE calls SET place = CAST(x'ff' AS TEXT) WHERE id = 'b'")
    assert [item.what for item in verify(loaded).altered] == ["the table `calls`"]


def test_an_event_takes_its_seal_once(loaded: Path) -> None:
    with closing(connect(loaded)) as db:
        for statement in ("SET seal = 'x'", "SET seal = NULL", "SET seal = 'x', at = 'never'"):
            with pytest.raises(sqlite3.IntegrityError, match="append-only"):
                db.execute(f"UPDATE events {statement} WHERE seq = 2")
        with pytest.raises(sqlite3.IntegrityError, match="append-only"):
            db.execute("UPDATE events SET seal = 'x' WHERE seq = 1")
