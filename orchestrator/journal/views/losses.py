"""Losses that a person accepted and that no run of an edition has made good for yet."""

from orchestrator.journal.codec import event_data
from orchestrator.journal.database import Database
from orchestrator.model.events import EventType


def lost_since(db: Database, account: str, plan: str, edition: str) -> list[str]:
    """Return from when on each accepted loss is that no run of a plan's edition was loaded after; RFC 3339 in UTC."""
    losses = db.execute(
        f"SELECT seq, data FROM events {db.by('events_of_runs')} WHERE call IS NULL AND run = '' AND type = ?",  # noqa: S608
        (EventType.JOURNAL_LOSS_ACCEPTED,),
    )
    found = []
    for seq, text in losses.fetchall():
        data = event_data(text)
        if [data.get(name) for name in ("account", "plan", "edition")] == [account, plan, edition]:
            ran = db.execute(
                "SELECT 1 FROM plans p JOIN runs r ON r.plan = p.key"  # noqa: S608
                f" JOIN events e {db.by('events_of_runs')} ON e.call IS NULL AND e.run = r.id AND e.type = ?"
                " WHERE p.account = ? AND p.name = ? AND r.edition = ? AND e.seq > ? LIMIT 1",
                (EventType.CALLS_LOADED, account, plan, edition, seq),
            ).fetchone()
            if ran is None:
                found.append(str(data.get("since")))
    return found
