"""Events are chained: no column, row or order of theirs can change without `journal verify` finding it."""
# ruff: noqa: S608 - the statements are all written here

import asyncio
import hashlib
import sqlite3
from contextlib import closing
from pathlib import Path

import pytest
from hypothesis import assume, example, given, settings
from hypothesis import strategies as st
from unit.journal.tampering import tampered

from orchestrator.journal.chain import COLUMNS, Head, before_all, head, text_hash
from orchestrator.journal.sqlite.connection import Writer
from orchestrator.journal.sqlite.file import connect
from orchestrator.journal.transaction import Transaction
from orchestrator.journal.verify.whole import verify
from orchestrator.model.events import EventType

EVENTS = 43
NUMBERS = ("seq", "attempt")
NAMES = (*COLUMNS.split(", "), "hash")
SEQS = st.integers(1, EVENTS)
TEXTS = st.none() | st.text()
SALT = "5a170000000000015a17000000000002"
SALTS = st.binary(min_size=16, max_size=16).map(bytes.hex)
WHOLE = st.none() | st.integers()
ROWS = st.tuples(st.integers(), st.text(), st.text(), st.text(), TEXTS, WHOLE, st.text(), SALTS, TEXTS)


def column(journal: Path, seq: int, name: str) -> object:
    with closing(connect(journal, read_only=True)) as db:
        return db.execute(f"SELECT {name} FROM events WHERE seq = ?", (seq,)).fetchone()[0]


def flipped(value: object, at: int, mask: int) -> object:
    """The value with one byte changed; what was empty is filled."""
    if value is None:
        return mask
    if isinstance(value, int):
        return value ^ (mask << 8 * (at % 4))
    raw = bytearray(str(value).encode())
    raw[at % len(raw)] ^= mask
    return bytes(raw)


def test_the_told_journal_is_whole(told: Path) -> None:
    found = verify(told)
    assert (found.count, found.altered, found.events) == (0, (), EVENTS)


def test_a_hash_is_what_the_document_says_it_is() -> None:
    """By hand, from the docstring of chain.py: another program can verify too."""
    before = before_all("jr_1")
    assert before == Head(0, hashlib.sha256(b'["orchestrate journal 1","jr_1"]').hexdigest())
    call = hashlib.sha256("5a17000000000001\ncé".encode()).hexdigest()
    data = hashlib.sha256(b'5a17000000000002\n{"a":1}').hexdigest()
    plain = (
        f'["orchestrate event 1","{before.hash}",1,"call.ended","at","r\\u00fbn\\u007f",null,"5ea1","{call}","{data}"]'
    )
    assert (
        before.then(1, "call.ended", "at", "rûn\x7f", "cé", None, '{"a":1}', SALT, "5ea1")
        == hashlib.sha256(plain.encode("ascii")).hexdigest()
    )
    nothing = hashlib.sha256(b"5a17000000000001").hexdigest()
    of_a_run = f'["orchestrate event 1","{before.hash}",1,"run.ended","at","run",7,null,"{nothing}","{data}"]'
    assert (
        before.then(1, "run.ended", "at", "run", None, 7, '{"a":1}', SALT, None)
        == hashlib.sha256(of_a_run.encode("ascii")).hexdigest()
    )
    assert text_hash("{}") == "sha256:" + hashlib.sha256(b"{}").hexdigest()


@given(ROWS, ROWS)
def test_two_events_have_one_hash_only_if_they_are_the_same(one: tuple, other: tuple) -> None:  # type: ignore[type-arg]
    before = before_all("jr_1")
    assert (before.then(*one) == before.then(*other)) == (one == other)
    assert before.then(*one) != before_all("jr_2").then(*one)


LIKE = (1, "type", "at", "run", "call", 1, "data", SALT, "seal")
"""An event, of which the next test changes one or two columns."""


@pytest.mark.parametrize(
    ("one", "other"),
    [
        ({4: None}, {4: ""}),
        ({5: 1}, {5: "1"}),
        ({8: None}, {8: "null"}),
        ({1: 'a","b', 2: "c"}, {1: "a", 2: 'b","c'}),
        ({4: "a\nb"}, {4: "a", 7: SALT.replace("1", "1\n", 1)}),
        ({4: "0a"}, {4: "a", 7: SALT[:16] + "0" + SALT[16:]}),
    ],
)
def test_what_looks_alike_is_told_apart(one: dict[int, object], other: dict[int, object]) -> None:
    before = before_all("jr_1")
    first, second = ([each.get(n, value) for n, value in enumerate(LIKE)] for each in (one, other))
    assert before.then(*first) != before.then(*second)  # type: ignore[arg-type]


def test_the_same_text_has_another_hash_in_each_event_and_each_column(told: Path) -> None:
    """Else somebody who is given hashes in the place of numbers could tell which are the same, or try all numbers."""
    with closing(connect(told, read_only=True)) as db:
        salts = [row[0] for row in db.execute("SELECT salt FROM events")]
    assert {len(salt) for salt in salts} == {32}
    assert len({half for salt in salts for half in (salt[:16], salt[16:])}) == 2 * EVENTS


@example(seq=EVENTS, name="hash", at=0, mask=128)  # of the last event, which is read before anything is opened
@example(seq=26, name="data", at=83, mask=128)  # the run that began an attempt, which is then no UTF-8
@settings(max_examples=150, deadline=None)
@given(seq=SEQS, name=st.sampled_from(NAMES), at=st.integers(0, 400), mask=st.integers(1, 255))
def test_one_changed_byte_of_any_column_of_any_event_is_found(
    told: Path, seq: int, name: str, at: int, mask: int
) -> None:
    value = flipped(column(told, seq, name), at, mask)
    assume(name != "seq" or not 1 <= int(str(value)) <= EVENTS)  # that would be a swap, below
    place = "?" if name in NUMBERS else "CAST(? AS TEXT)"
    found = tampered(told, (f"UPDATE events SET {name} = {place} WHERE seq = ?", (value, seq)))
    places = {item.seq for item in found.altered if item.what == "the chain"}
    assert places, (seq, name)
    if name != "seq":
        assert seq in places


@settings(max_examples=40, deadline=None)
@given(seq=st.integers(1, EVENTS - 1))
def test_a_deleted_event_is_found_right_after_its_place(told: Path, seq: int) -> None:
    found = tampered(told, f"DELETE FROM events WHERE seq = {seq}")
    (why,) = (item.why for item in found.altered if item.what == "the chain" and item.seq == seq + 1)
    assert why == f"the events {seq} to {seq} before it are missing"


@settings(max_examples=40, deadline=None)
@given(seq=st.integers(1, EVENTS - 1))
def test_a_deleted_event_is_found_even_if_the_rest_is_numbered_anew(told: Path, seq: int) -> None:
    renumbered = (f"UPDATE events SET seq = {n - 1} WHERE seq = {n}" for n in range(seq + 1, EVENTS + 1))
    found = tampered(told, f"DELETE FROM events WHERE seq = {seq}", *renumbered)
    assert any(item.what == "the chain" and item.seq == seq for item in found.altered)


@settings(max_examples=60, deadline=None)
@given(one=SEQS, other=SEQS)
def test_two_swapped_events_are_found(told: Path, one: int, other: int) -> None:
    assume(one != other)
    moves = [(one, -1), (other, one), (-1, other)]
    found = tampered(told, *(f"UPDATE events SET seq = {new} WHERE seq = {old}" for old, new in moves))
    assert {one, other} <= {item.seq for item in found.altered if item.what == "the chain"}


@settings(max_examples=40, deadline=None)
@given(seq=st.integers(0, EVENTS), copied=SEQS)
def test_an_inserted_event_is_found(told: Path, seq: int, copied: int) -> None:
    """After event `seq`, a copy of another one, with all that follows numbered anew."""
    moved = (f"UPDATE events SET seq = {n + 1} WHERE seq = {n}" for n in range(EVENTS, seq, -1))
    source = copied + (copied > seq)
    insert = f"INSERT INTO events SELECT {seq + 1}, type, at, run, call, attempt, data, salt, seal, hash FROM events"
    found = tampered(told, *moved, f"{insert} WHERE seq = {source}")
    place = seq + 2 if copied == seq + 1 else seq + 1  # of two that are the same, the second is the one too many
    assert any(item.what == "the chain" and item.seq == place for item in found.altered)


def test_a_cut_tail_is_found_by_the_head_that_was_noted(told: Path) -> None:
    noted, cut = str(column(told, EVENTS, "hash")), f"DELETE FROM events WHERE seq >= {EVENTS - 3}"
    assert tampered(told, cut, expected=noted).altered[0].what == "the chain"
    assert verify(told, noted).count == 0
    assert verify(told, str(column(told, 21, "hash"))).count == 0, "the head of an earlier run stays in the chain"
    assert verify(told, "0" * 64).count == 1


def test_a_chain_of_another_journal_is_found(told: Path) -> None:
    found = tampered(told, "UPDATE meta SET value = 'jr_00000000' WHERE key = 'id'")
    assert [(item.what, item.seq) for item in found.altered] == [("the chain", 1)]


def test_many_findings_are_counted_and_only_some_are_kept(told: Path) -> None:
    found = tampered(told, "UPDATE events SET hash = 'x', data = '{}', run = 'nobody'")
    assert found.count >= EVENTS
    assert len(found.altered) <= 100


@pytest.mark.parametrize(
    "statement",
    [
        "UPDATE events SET at = 'never' WHERE seq = 2",
        "DELETE FROM events WHERE seq = 2",
        "INSERT OR REPLACE INTO events SELECT seq, type, at, run, call, attempt, '', salt, seal, hash FROM events",
        "INSERT INTO events SELECT 99, type, at, run, call, attempt, data, salt, seal, hash FROM events WHERE seq = 2",
    ],
)
def test_events_can_only_be_appended(journal: Path, statement: str) -> None:
    with closing(connect(journal)) as db:
        for n in range(3):
            tx = Transaction(db)
            tx.append(EventType.RUN_WAITING, str(n), "run")
            tx.seal()
        with pytest.raises(sqlite3.IntegrityError, match="append-only"):
            db.execute(statement)
        assert head(db).seq == 3
    assert verify(journal).altered[0].what == "run run", "no run of that name: but the chain is whole"


def test_a_part_that_is_rolled_back_leaves_the_chain_whole(journal: Path) -> None:
    """In one commit: a write of two events, one that fails after two of its own, and another of two."""

    def two(tx: Transaction) -> None:
        tx.append(EventType.RUN_WAITING, "1", "run")
        tx.append(EventType.RUN_WAITING, "2", "run")

    def failing(tx: Transaction) -> None:
        two(tx)
        raise RuntimeError("and no further")

    async def scenario() -> None:
        writer = Writer(connect(journal), journal, lambda _: None)
        results = await asyncio.gather(
            *(writer.write(work) for work in (two, failing, two, failing, two)), return_exceptions=True
        )
        assert [type(result) for result in results].count(RuntimeError) == 2
        await writer.close()

    asyncio.run(scenario())
    found = verify(journal)
    assert found.events == 6
    assert "the chain" not in {item.what for item in found.altered}
