"""Whom reviews suppressed, against the events that tell how many they were, and of which ids."""

import sqlite3
from collections.abc import Iterator
from itertools import groupby

from orchestrator.journal.codec import event_data
from orchestrator.journal.reviews import fingerprint
from orchestrator.journal.verify.finding import IntegrityFinding
from orchestrator.model.events import EventType

REPORTED = (
    "SELECT seq, data FROM events INDEXED BY events_of_runs WHERE call IS NULL AND run = '' AND type = ? ORDER BY seq"
)


def reviews_against_events(db: sqlite3.Connection) -> Iterator[IntegrityFinding]:
    """Yield reviews that are missing, unheard of, or whose calls are not those that their event tells of."""
    reported = {seq: event_data(data).get("ids") for seq, data in db.execute(REPORTED, (EventType.PLAN_REVIEWED,))}
    rows = db.execute("SELECT review, call FROM reviewed ORDER BY review, call")
    for review, group in groupby(rows, key=lambda row: row[0]):
        found = fingerprint(call for _, call in group)
        if review not in reported:
            yield IntegrityFinding(f"review {review}", None, "no event speaks of it")
        elif found != reported.pop(review):
            yield IntegrityFinding(
                f"review {review}", review, "the calls that it suppressed are not those of its event"
            )
    for review in reported:
        yield IntegrityFinding(f"review {review}", review, "an event speaks of it, and it is missing")
