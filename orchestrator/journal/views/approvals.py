"""Approvals of digests, and what the journal knows of a digest."""

from datetime import datetime
from operator import attrgetter

from orchestrator.journal.codec import event_data
from orchestrator.journal.database import Database
from orchestrator.model.approval import Approval, ApprovalRule, SeenDigest
from orchestrator.model.errors import CannotProceed
from orchestrator.model.events import EventType
from orchestrator.policy.approval import approver, counted, shortfall


class Approvals:
    """Who approved which digest."""

    def __init__(self, db: Database) -> None:
        self._db = db

    def of(self, *digests: str) -> tuple[Approval, ...]:
        """Return all approvals of these digests that were not revoked, in the order in which they were given."""
        given: list[tuple[str, Approval]] = []
        for kind, at, text in self._said(EventType.PLAN_APPROVED, EventType.APPROVAL_REVOKED):
            data = event_data(text)
            digest, by = str(data.get("digest")), str(data.get("by"))
            if digest in digests and kind == EventType.PLAN_APPROVED:
                given.append((digest, Approval(by, at)))
            elif digest in digests:
                given = [each for each in given if each[0] != digest or approver(each[1].by) != approver(by)]
        return tuple(approval for _, approval in given)

    def check(self, digests: tuple[str, ...], rule: ApprovalRule, at: str) -> tuple[Approval, ...]:
        """Return the approvals that let a plan run at a moment (RFC 3339). Raises CannotProceed for too few.

        It may be known by several digests, of which the first is its own: who approved any of them approved it.
        """
        given, now = self.of(*digests), datetime.fromisoformat(at).timestamp()
        missing = shortfall(given, rule, now)
        if missing is not None:
            raise not_approved(digests[0], missing)
        return counted(given, rule, now)

    def seen(self, digest: str) -> SeenDigest | None:
        """Return what the journal heard of a digest last: of a run, or of a review that suppressed somebody."""
        runs = self._db.execute(
            "SELECT p.name, r.edition, r.started_at FROM runs r JOIN plans p ON p.key = r.plan WHERE r.digest = ?",
            (digest,),
        )
        found = [SeenDigest(*row) for row in runs]
        for _, at, text in self._said(EventType.PLAN_REVIEWED):
            data = event_data(text)
            if data.get("digest") == digest:
                found.append(SeenDigest(str(data.get("plan")), str(data.get("edition")), str(at)))
        return max(found, key=attrgetter("at"), default=None)

    def _said(self, kind: EventType, other: EventType | None = None) -> list[tuple[str, str, str]]:
        """Return of which kind, when, and with which data events of these that belong to no run were committed."""
        return self._db.execute(
            "SELECT type, at, data FROM events WHERE call IS NULL AND run = '' AND type IN (?, ?) ORDER BY seq",
            (kind.value, (other or kind).value),
        ).fetchall()


def not_approved(digest: str, missing: str) -> CannotProceed:
    """Return what stops a run of a digest that too few people approved."""
    hint = f"`orchestrate approve {digest} --by NAME` records an approval, in the journal of the run"
    return CannotProceed(f"the plan is not approved: {missing}; its digest is {digest}", hint)
