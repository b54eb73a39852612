"""Events are sealed by whole blocks as well: `journal verify` reads these first, and each event only where it must."""
# ruff: noqa: S608 - the statements are all written here

import json
import sqlite3
from contextlib import closing
from hashlib import sha256
from itertools import count, islice
from pathlib import Path

import pytest
from unit.journal.tampering import tampered, without_triggers

from orchestrator.journal.chain import BLOCK, COLUMNS, OF_TABLES, before_all, journal_id
from orchestrator.journal.sqlite.backup import back_up
from orchestrator.journal.sqlite.file import connect, create, opened
from orchestrator.journal.sqlite.journal import FileJournal
from orchestrator.journal.verify.events import Seen, proved_by_blocks
from orchestrator.journal.verify.finding import Verified
from orchestrator.journal.verify.whole import verify
from orchestrator.model.events import EventType

TRANSACTIONS = (1, 254, 1, 1, 255, 3, 700, 1, 40, 300, 2)
"""Events of each: up to a block's end, right behind it, over several blocks at once, and few in between."""

EVENTS = sum(TRANSACTIONS)
PROVED = EVENTS // BLOCK * BLOCK
SEALING = (257, 515, 1215, 1556)
"""The last event of each transaction that went on behind a block, by hand from TRANSACTIONS."""

TEXTS = ("order-1", "ruf mich an, größer", 'a "quoted" \\ name', "line\nbreak\tand\x01more", "\x7f", "नमस्ते", "")


@pytest.fixture(scope="module")
def long(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A journal of many events, whose texts have all that is escaped; they speak of no run that it has."""
    path = tmp_path_factory.mktemp("long") / "journal.db"
    create(path)
    journal, numbers = FileJournal(path), count(1)
    for size in TRANSACTIONS:
        with journal.committing() as tx:
            for n in islice(numbers, size):
                text = TEXTS[n % len(TEXTS)]
                call, attempt = (text, n) if n % 3 else (None, None)
                tx.append(EventType.RUN_WAITING, text + str(n), text, call, attempt, {"until": text})
    return path


def rows(journal: Path) -> list[tuple[object, ...]]:
    with closing(connect(journal, read_only=True)) as db:
        return db.execute(f"SELECT {COLUMNS}, hash FROM events ORDER BY seq").fetchall()


def line(row: tuple[object, ...]) -> str:
    """An event as it is hashed with others, by hand."""
    return json.dumps(row, ensure_ascii=False, separators=(",", ":")) + "\n"


def places(found: Verified) -> list[int | None]:
    return [item.seq for item in found.altered if item.what == "the chain"]


def by_blocks(journal: Path) -> Seen | None:
    with opened(journal) as db:
        return proved_by_blocks(db, Seen(0, before_all(journal_id(db)).hash), None)


def test_a_seal_has_the_hash_of_the_blocks_that_its_transaction_left(long: Path) -> None:
    """By hand, from the docstring of chain.py: another program can verify too."""
    seals = {row[0]: str(row[8])[OF_TABLES:] for row in rows(long) if row[8] is not None}
    assert len(seals) == len(TRANSACTIONS)
    assert tuple(seq for seq, blocks in seals.items() if blocks) == SEALING
    lines = [*map(line, rows(long))]
    for seq, (start, end) in zip(SEALING, ((0, 256), (256, 512), (512, 1024), (1024, 1536)), strict=True):
        assert seals[seq] == sha256("".join(lines[start:end]).encode()).hexdigest()


def test_blocks_prove_all_events_but_those_behind_the_last_block(long: Path) -> None:
    proved = by_blocks(long)
    assert proved is not None
    assert (proved.seq, proved.events, proved.hash) == (PROVED, PROVED, rows(long)[PROVED - 1][-1])
    found = verify(long)
    assert (found.events, found.head, places(found)) == (EVENTS, f"sha256:{rows(long)[-1][-1]}", [])


@pytest.mark.parametrize("seq", [1, 2, 255, 256, 257, 258, 600, 1215, 1536, 1537, EVENTS])
def test_one_changed_column_of_any_event_is_found_at_its_place(long: Path, seq: int) -> None:
    for name in f"{COLUMNS}, hash".split(", ")[1:]:
        new = 70_000 if name == "attempt" else "x"
        found = tampered(long, (f"UPDATE events SET {name} = ? WHERE seq = ?", (new, seq)))
        assert places(found)[:1] == [seq], name
        assert found.events == EVENTS


@pytest.mark.parametrize("seq", [1, 2, 256, 600, 1537])
def test_a_missing_event_is_found_behind_its_place(long: Path, seq: int) -> None:
    found = tampered(long, f"DELETE FROM events WHERE seq = {seq}")
    assert places(found) == [seq + 1]
    assert found.events == EVENTS - 1


def forged(journal: Path, copy: Path, seq: int, start: int, end: int, sealing: int) -> None:
    """Change an event in a copy, and have the seal that tells of its blocks tell of them as they are then."""
    back_up(journal, copy)
    with closing(sqlite3.connect(copy, isolation_level=None)) as db, without_triggers(db):
        db.execute("UPDATE events SET at = 'x' WHERE seq = ?", (seq,))
        digest = sha256("".join(map(line, rows(copy)[start:end])).encode()).hexdigest()
        seal = f"substr(seal, 1, {OF_TABLES}) || ?"
        db.execute(f"UPDATE events SET seal = {seal} WHERE seq = ?", (digest, sealing))


@pytest.mark.parametrize(("seq", "start", "end", "sealing"), [(1, 0, 256, 257), (300, 256, 512, 515)])
def test_who_alters_an_event_and_what_is_told_of_its_block_is_found_at_both(
    long: Path, tmp_path: Path, seq: int, start: int, end: int, sealing: int
) -> None:
    """The seal is in a later block."""
    forged(long, tmp_path / "copy.db", seq, start, end, sealing)
    assert by_blocks(tmp_path / "copy.db") is None
    assert {seq, sealing} <= set(places(verify(tmp_path / "copy.db")))


def test_who_alters_what_the_last_seal_tells_of_is_found_by_the_chain_behind_the_blocks(
    long: Path, tmp_path: Path
) -> None:
    """All blocks are then as they are told, and only the event that tells it is not what it was."""
    forged(long, tmp_path / "copy.db", 1100, 1024, 1536, 1556)
    assert by_blocks(tmp_path / "copy.db") is not None
    assert {1100, 1556} <= set(places(verify(tmp_path / "copy.db")))


def test_a_block_of_another_journal_is_found(long: Path) -> None:
    assert places(tampered(long, "UPDATE meta SET value = 'jr_00000000' WHERE key = 'id'")) == [1]


def test_a_head_is_found_in_a_block_and_behind_the_last_one(long: Path) -> None:
    for seq in (1, 257, 700, PROVED, PROVED + 1, EVENTS):
        assert "the chain" not in {item.what for item in verify(long, str(rows(long)[seq - 1][-1])).altered}
    assert verify(long, "0" * 64).altered[0].why.startswith("no event has the head")
