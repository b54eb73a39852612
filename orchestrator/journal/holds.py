"""What holds an edition, or every plan of the journal, now; and which numbers are never rung again."""

import sqlite3
from collections.abc import Sequence

from orchestrator.model.hold import Hold, Suppression

WHOLE = 0
"""The `plan` of a hold on every plan of the journal, also on runs that start later."""

CANCELLED = "cancelled"
"""Why a call is closed that becomes due again on `resume`."""

STANDING = (
    "SELECT kind, reason, by, began_at, plan = 0 FROM holds WHERE ended IS NULL"
    " AND (plan, edition) IN (VALUES (?, ?), (0, ''))"
    " ORDER BY plan = 0, CASE kind WHEN 'halted' THEN 0 WHEN 'cancelled' THEN 1 ELSE 2 END"
)
"""What holds an edition now, the strongest first."""


def standing_holds(db: sqlite3.Connection, plan: int, edition: str) -> tuple[Hold, ...]:
    """Return what holds an edition now, the strongest first: a halt, a cancellation, its pause, the journal's."""
    rows = db.execute(STANDING, (plan, edition))
    return tuple(Hold(kind, reason, by, began_at, bool(whole)) for kind, reason, by, began_at, whole in rows)


def standing_hold(db: sqlite3.Connection, plan: int, edition: str) -> Hold | None:
    """Return the strongest of what holds an edition now; None where nothing does."""
    return next(iter(standing_holds(db, plan, edition)), None)


def holds_on(db: sqlite3.Connection, account: str, plan: str, edition: str) -> tuple[tuple[Hold, ...], str]:
    """Return what holds a plan's edition, or the journal, the strongest first, and the id of the edition's latest run.

    The id is empty where it has none.
    """
    row = db.execute(
        "SELECT key, (SELECT id FROM runs WHERE plan = plans.key AND edition = ? ORDER BY key DESC LIMIT 1)"
        " FROM plans WHERE account = ? AND name = ?",
        (edition, account, plan),
    ).fetchone()
    key, run = row or (WHOLE, None)
    return standing_holds(db, key, edition), run or ""


def last_resumed(db: sqlite3.Connection, plan: int, edition: str) -> float:
    """Return the epoch second at which the edition's last halt was lifted, 0 if none was.

    A halt is judged only on what ended after it: else it would come again at once.
    """
    row = db.execute(
        "SELECT coalesce(max(ended), 0.0) FROM holds WHERE kind = 'halted' AND plan = ? AND edition = ?",
        (plan, edition),
    )
    return float(row.fetchone()[0])


def suppression(db: sqlite3.Connection, number: str) -> Suppression | None:
    """Return why a number, named by its identity, is not rung; None where it may be."""
    row = db.execute("SELECT because, by, at FROM suppressed WHERE number = ?", (number,)).fetchone()
    return None if row is None else Suppression(*row)


def suppressed_because(db: sqlite3.Connection, numbers: Sequence[str]) -> str | None:
    """Return why the first of these identities that is suppressed may not be rung; None where all may."""
    found = (suppression(db, number) for number in numbers)
    return next((item.because for item in found if item is not None), None)
