"""Approvals of digests, as events of the chain: whoever adds, alters or removes one breaks it."""

from orchestrator.journal.transaction import Transaction
from orchestrator.model.events import EventType
from orchestrator.model.times import rfc3339


def record_approval(tx: Transaction, digest: str, by: str, now: float) -> None:
    """Write down that a person approves a digest at `now`; again, where it was approved before: the newest counts."""
    tx.append(EventType.PLAN_APPROVED, rfc3339(now), "", data={"digest": digest, "by": by})


def revoke_approval(tx: Transaction, digest: str, by: str, now: float) -> None:
    """Write down that a person takes back, at `now`, what approvals of a digest that person has given so far."""
    tx.append(EventType.APPROVAL_REVOKED, rfc3339(now), "", data={"digest": digest, "by": by})
