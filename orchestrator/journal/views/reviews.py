"""Whom the reviews of a plan's digest suppressed, compared with what one more review has found."""

import hashlib
from collections.abc import Iterable

from orchestrator.journal.codec import event_data
from orchestrator.journal.database import Database
from orchestrator.journal.sqlite.suppressed_ids import SuppressedIds
from orchestrator.model.events import EventType


def reviews_of(db: Database, digest: str) -> tuple[int, ...]:
    """Return the numbers of the events that tell of reviews of a digest."""
    rows = db.execute(
        f"SELECT seq, data FROM events {db.by('events_of_runs')} WHERE call IS NULL AND run = '' AND type = ?",  # noqa: S608
        (EventType.PLAN_REVIEWED,),
    )
    return tuple(seq for seq, data in rows if event_data(data).get("digest") == digest)


def reviewed(reviews: tuple[int, ...]) -> str:
    """Select the ids of the calls that these reviews suppressed, each once; it takes the reviews as its values."""
    among = f"review IN ({', '.join('?' * len(reviews))})" if reviews else "FALSE"
    return f"SELECT call FROM reviewed WHERE {among}"  # noqa: S608


def compare(db: Database, digest: str, suppressed: SuppressedIds) -> tuple[int, int]:
    """Count what no review of the digest suppressed before this one, and what only earlier ones did."""
    reviews = reviews_of(db, digest)
    new = find_new(db, reviews, suppressed)
    known = int(db.execute(f"SELECT count(*) FROM ({reviewed(reviews)}) known", reviews).fetchone()[0])  # noqa: S608
    return new, known + new - len(suppressed)


def find_new(db: Database, reviews: tuple[int, ...], suppressed: SuppressedIds) -> int:
    """Fill the temporary table `new` with what none of these reviews suppressed; return how many."""
    db.execute("CREATE TEMP TABLE IF NOT EXISTS new (call TEXT PRIMARY KEY)")
    db.execute("DELETE FROM new")
    db.executemany("INSERT INTO new VALUES (?)", ((call,) for call in suppressed))
    db.execute(f"DELETE FROM new WHERE call IN ({reviewed(reviews)})", reviews)  # noqa: S608
    return int(db.execute("SELECT count(*) FROM new").fetchone()[0])


def ids_hash(calls: Iterable[str]) -> str:
    """Return what a review's event carries of the ids that it added, in their order."""
    hashed = hashlib.sha256()
    for call in calls:
        hashed.update(f"{len(call)}:{call}".encode("utf-8", "surrogateescape"))
    return f"sha256:{hashed.hexdigest()}"
