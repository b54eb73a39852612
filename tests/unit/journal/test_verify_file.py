"""`verify` looks at the file too: guards ask indexes, and triggers count, so what is missing there is found."""

import sqlite3
from contextlib import closing
from pathlib import Path

import pytest
from unit.journal.tampering import tampered

from orchestrator.journal.sqlite.backup import back_up
from orchestrator.journal.verify.whole import verify
from orchestrator.model.errors import CannotProceed


def made(journal: Path, kind: str) -> list[str]:
    """The names of what the journal's own scripts made of a kind."""
    with closing(sqlite3.connect(journal)) as db:
        rows = db.execute("SELECT name FROM sqlite_schema WHERE type = ? AND sql IS NOT NULL ORDER BY name", (kind,))
        return [name for (name,) in rows]


def test_every_index_and_trigger_that_is_missing_is_found(told: Path) -> None:
    dropped = [(kind, name) for kind in ("index", "trigger") for name in made(told, kind)]
    assert len(dropped) > 10
    for kind, name in dropped:
        if name.startswith("events_are"):  # these are put back by `tampered`
            continue
        found = tampered(told, f"DROP {kind} {name}").altered
        assert [(item.what, item.why) for item in found] == [(f"the {kind} `{name}`", "it is missing")]


@pytest.mark.parametrize(
    ("statement", "what"),
    [
        ("CREATE TRIGGER extra AFTER INSERT ON attempts BEGIN DELETE FROM suppressed; END", "the trigger `extra`"),
        ("CREATE INDEX extra ON attempts (person)", "the index `extra`"),
        ("CREATE VIEW extra AS SELECT 1", "the view `extra`"),
        ("ALTER TABLE calls ADD COLUMN extra TEXT", "the table `calls`"),
    ],
)
def test_what_no_version_of_the_program_makes_is_found(told: Path, statement: str, what: str) -> None:
    assert what in {item.what for item in tampered(told, statement).altered}


def test_an_index_of_another_meaning_under_the_same_name_is_found(told: Path) -> None:
    found = tampered(
        told, "DROP INDEX attempts_by_person", "CREATE INDEX attempts_by_person ON attempts (sid, started)"
    )
    assert [(item.what, item.why) for item in found.altered] == [
        ("the index `attempts_by_person`", "it is not as this program makes it")
    ]


def test_an_index_without_its_entries_is_found(told: Path, tmp_path: Path) -> None:
    """Each page of an index is made one without entries: by it a guard would find nobody."""
    copy = tmp_path / "emptied.db"
    back_up(told, copy)
    with closing(sqlite3.connect(copy)) as db:
        (size,) = db.execute("PRAGMA page_size").fetchone()
        indexes = db.execute("SELECT name, rootpage, tbl_name FROM sqlite_schema WHERE type = 'index'").fetchall()
        rows = {table: db.execute(f"SELECT count(*) FROM {table}").fetchone()[0] for *_, table in indexes}  # noqa: S608
    whole = copy.read_bytes()
    empty = bytes([10, 0, 0, 0, 0, *size.to_bytes(2, "big"), 0]).ljust(size, b"\0")
    judged = 0
    for name, page, table in indexes:
        altered = whole[: (page - 1) * size] + empty + whole[page * size :]
        copy.write_bytes(altered)
        try:
            count = verify(copy).count
        except CannotProceed:
            count = 1  # it cannot even be read
        held_something = rows[table] and whole[(page - 1) * size + 3 : (page - 1) * size + 5] != b"\0\0"
        assert count or not held_something, f"{name} lost its entries"
        judged += bool(held_something)
    assert judged > 8


def test_a_journal_without_its_id_is_refused_with_a_reason(told: Path) -> None:
    with pytest.raises(CannotProceed, match="has lost its id"):
        tampered(told, "DELETE FROM meta")
