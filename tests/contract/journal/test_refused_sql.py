"""The third kind of journal refuses what the two databases do not share: else its contract would prove nothing."""

import sqlite3
from collections.abc import Callable

import pytest
from contract.journal.shared_sql import SharedSql, problems_of

from orchestrator.journal.sqlite.file import in_memory
from orchestrator.journal.views.refusals import refused_callbacks
from orchestrator.journal.views.view import View


@pytest.mark.parametrize(
    "statement",
    [
        "SELECT 1 FROM calls WHERE id GLOB ?",
        "SELECT 1 FROM calls INDEXED BY calls_due",
        "SELECT 1 FROM calls WHERE reason IS NOT 'bad row'",
        "SELECT julianday(ended_at) FROM attempts",
        "SELECT json_extract(data, '$.digest') FROM events",
        "UPDATE calls SET not_before = max(earliest, ?)",
        "UPDATE calls SET rung = rung + (placement IS NULL)",
        "UPDATE calls SET rung = rung - (placement = 'accepted' OR placement = 'unknown')",
        "INSERT OR IGNORE INTO held VALUES (?)",
        "SELECT 1 FROM runs WHERE plan = ?1",
        "SELECT 1 FROM runs WHERE id IN ()",
        "PRAGMA table_info(calls)",
    ],
)
def test_what_one_database_alone_understands_is_refused(statement: str) -> None:
    assert problems_of(statement)


@pytest.mark.parametrize(
    "statement",
    [
        "SELECT max(n), count(*) FROM attempts a WHERE a.call = ? AND (a.n, a.key) > (?, ?) GROUP BY a.call",
        "INSERT INTO seals VALUES (?, ?) ON CONFLICT (name) DO UPDATE SET sum = excluded.sum",
        "SELECT id FROM calls WHERE fields LIKE ? ESCAPE '!' AND pair_free_at + 0 > ? ORDER BY position LIMIT ?",
        "INSERT INTO plans (account, name, source) VALUES (?, ?, ?) RETURNING key",
    ],
)
def test_what_both_understand_is_not(statement: str) -> None:
    assert problems_of(statement) == ()


@pytest.mark.parametrize("ask", [lambda db: View(db).head, refused_callbacks, lambda db: View(db).runs.latest()])
def test_every_statement_of_the_room_is_looked_at(ask: Callable[[SharedSql], object]) -> None:
    seen: list[str] = []

    class Seen(SharedSql):
        def _look_at(self, sql: str) -> None:
            seen.append(sql)

    db = in_memory(Seen)
    ask(db)
    db.execute("SELECT 1")
    db.close()
    assert seen
    assert "SELECT 1" not in seen, "a test's own statements are not the room's"
    assert isinstance(db, sqlite3.Connection)
