"""Approvals of digests, as events of the chain: whoever adds, alters or removes one breaks it."""

import sqlite3
from dataclasses import dataclass
from datetime import datetime
from operator import attrgetter

from orchestrator.journal.codec import event_data
from orchestrator.journal.transaction import Transaction
from orchestrator.model.approval import Approval, ApprovalRule
from orchestrator.model.errors import CannotProceed
from orchestrator.model.events import EventType
from orchestrator.model.times import rfc3339
from orchestrator.policy.approval import counted, shortfall


def record_approval(tx: Transaction, digest: str, by: str, now: float) -> None:
    """Write down that a person approves a digest at `now`; again, where it was approved before: the newest counts."""
    tx.append(EventType.PLAN_APPROVED, rfc3339(now), "", data={"digest": digest, "by": by})


def approvals_of(db: sqlite3.Connection, digest: str) -> tuple[Approval, ...]:
    """Return all approvals of a digest, in the order in which they were given."""
    rows = db.execute(
        "SELECT at, data FROM events WHERE call IS NULL AND run = '' AND type = ? ORDER BY seq",
        (EventType.PLAN_APPROVED.value,),
    )
    found = ((at, event_data(data)) for at, data in rows)
    return tuple(Approval(str(data.get("by")), str(at)) for at, data in found if data.get("digest") == digest)


def check_approved(db: sqlite3.Connection, digest: str, rule: ApprovalRule, at: str) -> tuple[Approval, ...]:
    """Return the approvals that let a digest run at a moment (RFC 3339). Raises CannotProceed for too few."""
    given, now = approvals_of(db, digest), datetime.fromisoformat(at).timestamp()
    missing = shortfall(given, rule, now)
    if missing is not None:
        raise not_approved(digest, missing)
    return counted(given, rule, now)


def not_approved(digest: str, missing: str) -> CannotProceed:
    """Return what stops a run of a digest that too few people approved."""
    hint = f"`orchestrate approve {digest} --by NAME` records an approval, in the journal of the run"
    return CannotProceed(f"the plan is not approved: {missing}; its digest is {digest}", hint)


@dataclass(frozen=True, slots=True)
class SeenDigest:
    """What the journal knows a digest from: the plan and edition of a review or a run, and when that was."""

    plan: str
    edition: str
    at: str


def seen_digest(db: sqlite3.Connection, digest: str) -> SeenDigest | None:
    """Return what the journal heard of a digest last: of a run, or of a review that suppressed somebody."""
    runs = db.execute(
        "SELECT p.name, r.edition, r.started_at FROM runs r JOIN plans p ON p.key = r.plan WHERE r.digest = ?",
        (digest,),
    )
    reviews = db.execute(
        "SELECT at, data FROM events WHERE call IS NULL AND run = '' AND type = ?", (EventType.PLAN_REVIEWED.value,)
    )
    found = [SeenDigest(*row) for row in runs]
    for at, text in reviews:
        data = event_data(text)
        if data.get("digest") == digest:
            found.append(SeenDigest(str(data.get("plan")), str(data.get("edition")), str(at)))
    return max(found, key=attrgetter("at"), default=None)
