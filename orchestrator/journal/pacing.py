"""Slots of the pace, in the journal: what one process takes, no other one has; a restart finds what was taken."""

import sqlite3
from collections.abc import Sequence

from orchestrator.policy.pace import INTENT_TO_FIRST_BYTE, Cap, CapKind, Kept, next_slot

SAVE = (
    "INSERT INTO pace (cap, last, hold) VALUES (?, ?, ?)"
    " ON CONFLICT (cap) DO UPDATE SET last = excluded.last, hold = excluded.hold"
)


def take(
    db: sqlite3.Connection, plan: int, caps: Sequence[Cap], now: float, lead: float, within: float
) -> tuple[float, bool]:
    """Take one slot under all `caps` at once, in the open transaction; return it and whether it was taken.

    Times are epoch seconds, `now` the wall's at this moment. The slot is not before `now + lead`; one that is more than
    `within` seconds away is only told: ask again `within` seconds before it. `plan` is the key of the plan that dials.
    """
    names = _names(db, plan, caps)
    found = {kind: _kept(db, name) for kind, name in names.items()}
    kept = {kind: row.rebased(now) for kind, row in found.items()}
    for kind, row in kept.items():
        if row != found[kind]:
            db.execute(SAVE, (names[kind], row.last, row.hold))
    at = next_slot(caps, kept, now, lead)
    if at > now + within:
        return at, False
    for kind, row in kept.items():
        db.execute(SAVE, (names[kind], at, row.hold))
    return at, True


def hold(db: sqlite3.Connection, plan: int, cap: Cap, until: float) -> None:
    """Give out no slot under a cap before an epoch second. A longer hold that stands already goes on."""
    (name,) = _names(db, plan, (cap,)).values()
    row = _kept(db, name)
    db.execute(SAVE, (name, row.last, max(row.hold, until)))


def _names(db: sqlite3.Connection, plan: int, caps: Sequence[Cap]) -> dict[CapKind, str]:
    account = db.execute("SELECT account FROM plans WHERE key = ?", (plan,)).fetchone()[0]
    return {cap.kind: f"plan:{plan}" if cap.kind == "plan" else f"{cap.kind}:{account}" for cap in caps}


def _kept(db: sqlite3.Connection, name: str) -> Kept:
    """Return a cap's row. Where it is missing the attempts tell when anybody's last request may have left."""
    row = db.execute("SELECT last, hold FROM pace WHERE cap = ?", (name,)).fetchone()
    if row is not None:
        return Kept(*row)
    started = db.execute("SELECT max(started) FROM attempts").fetchone()[0]
    return Kept(0.0 if started is None else started + INTENT_TO_FIRST_BYTE)
