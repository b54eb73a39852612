"""Whom the lists of reviews suppressed, under a plan's digest: a run that expects the digest rings none of them.

A digest fixes the numbers of each call, so that ids suffice and no number is stored. What is known of a digest only
grows: each review adds what is new, with one event, whose number its rows carry.
"""

from orchestrator.journal.chain import head
from orchestrator.journal.sqlite.suppressed_ids import SuppressedIds
from orchestrator.journal.transaction import Transaction
from orchestrator.journal.views.reviews import find_new, ids_hash, reviews_of
from orchestrator.model.events import EventType
from orchestrator.model.frozen import frozen

REVIEW_PATIENCE = 2.0
"""Seconds for which a review waits where another process writes: a person waits for its answer."""


@frozen
class Review:
    """What was reviewed, and when (RFC 3339 in UTC)."""

    plan: str
    edition: str
    digest: str
    at: str


def remember(tx: Transaction, review: Review, suppressed: SuppressedIds) -> None:
    """Write down what no review of the digest suppressed before, with an event; nothing where there is nothing new."""
    new = find_new(tx.db, reviews_of(tx.db, review.digest), suppressed)
    if not new:
        return
    ids = ids_hash(row[0] for row in tx.db.execute("SELECT call FROM new ORDER BY call"))
    data: dict[str, str | int] = {"plan": review.plan, "edition": review.edition, "digest": review.digest}
    data |= {"calls": new, "ids": ids}
    tx.append(EventType.PLAN_REVIEWED, review.at, "", data=data)
    tx.db.execute("INSERT INTO reviewed SELECT ?, call FROM new ORDER BY call", (head(tx.db).seq,))
