"""`approve`: a person lets a reviewed digest run, on targets that ask for so many people's approval; or no longer."""

import time

from orchestrator.app.journal import existing_journal
from orchestrator.app.known_heads import committing_and_noted
from orchestrator.journal.control import record_approval, revoke_approval
from orchestrator.model.approval import Approval, SeenDigest
from orchestrator.model.frozen import frozen
from orchestrator.policy.approval import approver, latest


@frozen
class Approved:
    """What an approval stands among.

    `approvals` has each person's newest, in the order in which people approved first; `before` is this one's earlier
    one, if there was any. `seen` is what the journal knows of the digest, None where it has heard of it for the first
    time.
    """

    approvals: tuple[Approval, ...]
    before: Approval | None
    seen: SeenDigest | None


def approve(journal: str | None, digest: str, by: str) -> Approved:
    """Record an approval in the journal's chain. Raises CannotProceed where there is none, or it cannot be written."""
    with committing_and_noted(existing_journal(journal)) as tx:
        earlier = latest(tx.view.approvals.of(digest))
        record_approval(tx, digest, by, time.time())
        before = next((approval for approval in earlier if approver(approval.by) == approver(by)), None)
        return Approved(latest(tx.view.approvals.of(digest)), before, tx.view.approvals.seen(digest))


def revoke(journal: str | None, digest: str, by: str) -> Approved | None:
    """Take a person's approval of a digest back, in the journal's chain; None where there is none.

    Raises CannotProceed as `approve` does.
    """
    with committing_and_noted(existing_journal(journal)) as tx:
        given = latest(tx.view.approvals.of(digest))
        before = next((approval for approval in given if approver(approval.by) == approver(by)), None)
        if before is None:
            return None
        revoke_approval(tx, digest, by, time.time())
        return Approved(latest(tx.view.approvals.of(digest)), before, tx.view.approvals.seen(digest))
