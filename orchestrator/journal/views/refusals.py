"""The callbacks that receivers refused: one row of the settings, which no stranger can make grow."""

from orchestrator.journal.codec import event_data
from orchestrator.journal.database import Database
from orchestrator.model.refusal import Refusal, RefusedCallbacks

REFUSED_CALLBACKS = "refused_callbacks"


def refused_callbacks(db: Database) -> RefusedCallbacks:
    """Return what was refused since the journal was made."""
    row = db.execute("SELECT value FROM meta WHERE key = ?", (REFUSED_CALLBACKS,)).fetchone()
    noted = event_data(row[0]) if row else {}
    counts, at = noted.get("counts"), noted.get("last_at")
    if not isinstance(counts, dict):
        return RefusedCallbacks()
    known = {why: counts[why] for why in Refusal if isinstance(counts.get(why), int)}
    return RefusedCallbacks(known, at if isinstance(at, str) else None)
