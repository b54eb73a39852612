"""Whether a phone may have rung is decided once, in `model/outcome.py`: the journal's SQL and its triggers agree."""

import sqlite3
from collections.abc import Iterator
from contextlib import closing

import pytest

from orchestrator.journal.codec import MAY_HAVE_RUNG
from orchestrator.journal.sqlite.file import migrations, schema_of_format
from orchestrator.model.outcome import Placement, may_have_rung

PLACEMENTS = (None, *Placement)

BEGIN = (
    "INSERT INTO attempts (call, n, run, person, token, started_at, started, placement)"
    " VALUES (1, 1, 1, 'p', 't', 'at', 0, ?)"
)


@pytest.fixture
def db() -> Iterator[sqlite3.Connection]:
    """The tables with one call, and nothing that they refer to."""
    with closing(sqlite3.connect(":memory:", isolation_level=None)) as db:
        schema_of_format(db, len(migrations()))
        db.execute(
            "INSERT INTO calls (plan, edition, id, position, fields, pair, carry, loaded_by, run, state)"
            " VALUES (1, '', 'a', 0, '[]', '', '{}', 1, 1, 'open')"
        )
        yield db


def counted(db: sqlite3.Connection) -> int:
    return int(db.execute("SELECT rung FROM calls").fetchone()[0])


@pytest.mark.parametrize("placement", PLACEMENTS)
def test_an_attempt_is_counted_as_it_begins(db: sqlite3.Connection, placement: Placement | None) -> None:
    db.execute(BEGIN, (placement,))
    assert counted(db) == may_have_rung(placement)


@pytest.mark.parametrize("before", PLACEMENTS)
@pytest.mark.parametrize("after", PLACEMENTS)
def test_an_attempt_is_counted_as_it_turns_out(
    db: sqlite3.Connection, before: Placement | None, after: Placement | None
) -> None:
    db.execute(BEGIN, (before,))
    db.execute("UPDATE attempts SET placement = ?", (after,))
    assert counted(db) == may_have_rung(after)


@pytest.mark.parametrize("placement", PLACEMENTS)
def test_the_questions_to_the_journal_ask_the_same(db: sqlite3.Connection, placement: Placement | None) -> None:
    db.execute(BEGIN, (placement,))
    (found,) = db.execute(f"SELECT {MAY_HAVE_RUNG} FROM attempts a").fetchone()  # noqa: S608 - a constant
    assert found == may_have_rung(placement)


def test_only_what_proves_silence_is_silence() -> None:
    assert [item for item in PLACEMENTS if not may_have_rung(item)] == ["rejected", "throttled", "unreached"]
