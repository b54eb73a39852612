"""Whom the lists of reviews suppressed, under a plan's digest: a run that expects the digest rings none of them.

A digest fixes the numbers of each call, so that ids suffice and no number is stored. What is known of a digest only
grows: each review adds what is new, with one event, whose number its rows carry.
"""

import hashlib
import sqlite3
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from pathlib import Path

from orchestrator.journal.chain import head
from orchestrator.journal.settle import committing
from orchestrator.model.events import EventType

REVIEW_PATIENCE = 2.0
"""Seconds for which a review waits where another process writes: a person waits for its answer."""

REVIEWED = (
    "SELECT call FROM reviewed WHERE review IN (SELECT seq FROM events INDEXED BY events_of_runs"  # noqa: S608
    f" WHERE call IS NULL AND run = '' AND type = '{EventType.PLAN_REVIEWED}' AND json_extract(data, '$.digest') = ?)"
)
"""Selects the ids of the calls that reviews of a digest suppressed, each once."""


@dataclass(frozen=True, slots=True)
class Review:
    """What was reviewed, and when (RFC 3339 in UTC)."""

    plan: str
    edition: str
    digest: str
    at: str


class SuppressedIds:
    """The ids of the calls that one review suppresses, in a file of SQLite's own: half a million take no memory.

    Iterates in the order of the ids.
    """

    def __init__(self) -> None:
        self._db = sqlite3.connect("", isolation_level=None)
        self._db.execute("CREATE TABLE gathered (call TEXT PRIMARY KEY) WITHOUT ROWID")
        self._db.execute("BEGIN")

    def add(self, call: str) -> None:
        """Take one id; one that comes again is the same."""
        self._db.execute("INSERT OR IGNORE INTO gathered VALUES (?)", (call,))

    def __len__(self) -> int:
        return int(self._db.execute("SELECT count(*) FROM gathered").fetchone()[0])

    def __iter__(self) -> Iterator[str]:
        return (row[0] for row in self._db.execute("SELECT call FROM gathered ORDER BY call"))

    def close(self) -> None:
        """Let the file go."""
        self._db.close()


def compare(db: sqlite3.Connection, digest: str, suppressed: SuppressedIds) -> tuple[int, int]:
    """Count what no review of the digest suppressed before this one, and what only earlier ones did.

    To be asked once of a connection, which may be read-only.
    """
    new = _find_new(db, digest, suppressed)
    known = int(db.execute(f"SELECT count(*) FROM ({REVIEWED})", (digest,)).fetchone()[0])  # noqa: S608
    return new, known + new - len(suppressed)


def remember(journal: Path, review: Review, suppressed: SuppressedIds) -> None:
    """Commit what no review of the digest suppressed before, with an event; nothing where there is nothing new.

    Raises CannotProceed where the journal cannot be written, or another process writes for longer than REVIEW_PATIENCE.
    """
    with committing(journal, REVIEW_PATIENCE) as tx:
        new = _find_new(tx.db, review.digest, suppressed)
        if not new:
            return
        ids = ids_hash(row[0] for row in tx.db.execute("SELECT call FROM new ORDER BY call"))
        data: dict[str, str | int] = {"plan": review.plan, "edition": review.edition, "digest": review.digest}
        data |= {"calls": new, "ids": ids}
        tx.append(EventType.PLAN_REVIEWED, review.at, "", data=data)
        tx.db.execute("INSERT INTO reviewed SELECT ?, call FROM new ORDER BY call", (head(tx.db).seq,))


def ids_hash(calls: Iterable[str]) -> str:
    """Return what a review's event carries of the ids that it added, in their order."""
    hashed = hashlib.sha256()
    for call in calls:
        hashed.update(f"{len(call)}:{call}".encode("utf-8", "surrogateescape"))
    return f"sha256:{hashed.hexdigest()}"


def _find_new(db: sqlite3.Connection, digest: str, suppressed: SuppressedIds) -> int:
    """Fill the temporary table `new` with what no review of the digest knew; return how many."""
    db.execute("CREATE TEMP TABLE new (call TEXT PRIMARY KEY) WITHOUT ROWID")
    db.executemany("INSERT INTO new VALUES (?)", ((call,) for call in suppressed))
    db.execute(f"DELETE FROM new WHERE call IN ({REVIEWED})", (digest,))  # noqa: S608
    return int(db.execute("SELECT count(*) FROM new").fetchone()[0])
