"""What the carrier said of numbers, remembered over all runs: nobody is asked about twice a day."""

import sqlite3
from collections.abc import Iterable

from orchestrator.journal.codec import PAIR_FREE
from orchestrator.model.number import DndMark
from orchestrator.model.work import DueCall, Scope
from orchestrator.policy.may_start import known_span

KNOWN = "SELECT 1 FROM numbers n WHERE n.person = due.person AND n.asked BETWEEN ? AND ?"
"""Selects the usable answer about the To of a row of `due`."""

DUE = "SELECT * FROM calls WHERE plan = ? AND edition = ? AND state = 'due' AND not_before <= ? AND id GLOB ?"

FREE = f"{DUE} AND {PAIR_FREE}"
"""Selects due calls whose pair no other call holds."""


def note_numbers(db: sqlite3.Connection, marks: Iterable[tuple[str, DndMark]], now: float, at: str) -> None:
    """Remember what was said at `now` (epoch seconds; `at` the same as text) of these: account and identity."""
    db.executemany(
        "INSERT INTO numbers (person, dnd, asked, asked_at) VALUES (?, ?, ?, ?) ON CONFLICT (person) DO UPDATE"
        " SET dnd = excluded.dnd, asked = excluded.asked, asked_at = excluded.asked_at",
        [(person, mark.value, now, at) for person, mark in marks],
    )


def mark_of(db: sqlite3.Connection, person: str, now: float) -> DndMark | None:
    """Return what the carrier says of a number; None where nobody knows, or not recently enough."""
    row = db.execute(
        "SELECT dnd FROM numbers WHERE person = ? AND asked BETWEEN ? AND ?", (person, *known_span(now))
    ).fetchone()
    return None if row is None else DndMark(row[0])


def unasked(
    db: sqlite3.Connection, scope: Scope, until: float, now: float, ahead: int | None, most: int, only: str
) -> list[DueCall]:
    """Return at most `most` calls due `until` then whose To is not known at `now`, in the order of dialing.

    Only the next `ahead` due ones whose pair is free are looked at; None: all. The calls have no fields.
    """
    due, looked_at = (DUE, (-1,)) if ahead is None else (FREE, (now, ahead))
    rows = db.execute(
        f"SELECT key, id, pair FROM ({due} ORDER BY priority DESC, position LIMIT ?) due"  # noqa: S608 - constants only
        f" WHERE NOT EXISTS ({KNOWN}) LIMIT ?",
        (scope.plan, scope.edition, until, only, *looked_at, *known_span(now), most),
    )
    return [DueCall(key, id_, (), pair, 0) for key, id_, pair in rows]


def registered(
    db: sqlite3.Connection, scope: Scope, now: float, most: int, only: str
) -> tuple[int, list[tuple[str, str | None]]]:
    """Count the due calls to numbers that the carrier marks; return the ids and places of the first `most` as well."""
    rows = db.execute(
        f"SELECT id, place, count(*) OVER () FROM ({DUE}) due WHERE EXISTS ({KNOWN} AND n.dnd = 'yes')"  # noqa: S608
        " ORDER BY position LIMIT ?",
        (scope.plan, scope.edition, float("inf"), only, *known_span(now), most),
    ).fetchall()
    return (rows[0][2] if rows else 0), [(row[0], row[1]) for row in rows]
