"""What the receivers of a journal have refused: one row of its settings, which no stranger can make grow."""

import sqlite3
from collections.abc import Mapping

from orchestrator.journal.codec import dump, event_data
from orchestrator.journal.transaction import Transaction
from orchestrator.model.refusal import Refusal, RefusedCallbacks

SETTING = "refused_callbacks"


def refused_callbacks(db: sqlite3.Connection) -> RefusedCallbacks:
    """Return what was refused since the journal was made."""
    row = db.execute("SELECT value FROM meta WHERE key = ?", (SETTING,)).fetchone()
    told = event_data(row[0]) if row else {}
    counts, at = told.get("counts"), told.get("last_at")
    if not isinstance(counts, dict):
        return RefusedCallbacks()
    known = {why: counts[why] for why in Refusal if isinstance(counts.get(why), int)}
    return RefusedCallbacks(known, at if isinstance(at, str) else None)


def add_refused(tx: Transaction, counts: Mapping[Refusal, int], at: str) -> None:
    """Add to what was refused; `at` is RFC 3339 in UTC."""
    known = refused_callbacks(tx.db).counts
    sums = {why: known.get(why, 0) + counts.get(why, 0) for why in Refusal}
    tx.set_meta(SETTING, dump({"counts": sums, "last_at": at}))
