"""Closes a call for good that a person judged, and that no run may dial any more."""

from orchestrator.journal.codec import LAST_WORD
from orchestrator.journal.transaction import Transaction
from orchestrator.model.work import Attempt


def drop(tx: Transaction, attempt: Attempt, reason: str) -> None:
    """Close the due call of an attempt for good, as loading would: with its last ending, where it ever rang."""
    tx.db.execute(
        f"UPDATE calls SET state = 'closed', disposition = {LAST_WORD}, reason = ? WHERE key = ? AND state = 'due'",  # noqa: S608
        (reason, attempt.call),
    )
