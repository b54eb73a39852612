"""Writes down what people decide: holds and suppressions, which running dialers obey, approvals, and calls that end.

Each function that writes is one step of a transaction, safe to run twice, and may be done beside a dialer: whoever
dials asks `journal/guard_queries.py` in the transaction that commits an intent. Approvals are events of the chain, and
nothing else: whoever adds, alters or removes one breaks it.
"""

from orchestrator.journal.codec import LAST_WORD, later
from orchestrator.journal.guard_queries import CANCELLED, EVERY_PLAN
from orchestrator.journal.transaction import Transaction
from orchestrator.model.call import Attempt
from orchestrator.model.events import EventType, rfc3339
from orchestrator.model.story import Edition


def pause(tx: Transaction, edition: Edition, because: str | None, by: str, now: float) -> bool:
    """Hold an edition, or every plan (`Editions.whole_journal`), until it is resumed; False where it was paused."""
    began = tx.hold("paused", edition.plan, edition.edition, because or "", by, now)
    if began:
        _append(tx, EventType.RUN_PAUSED, edition, because, by, now)
    return began


def cancel(tx: Transaction, edition: Edition, because: str | None, by: str, now: float) -> int | None:
    """Hold an edition and close what is still due in it, until it is resumed; return how many calls.

    A call that rang and waits for its redial keeps how that ended. None where the edition was cancelled already.
    """
    if not tx.hold("cancelled", edition.plan, edition.edition, because or "", by, now):
        return None
    calls = tx.close_due(edition.plan, edition.edition, CANCELLED)
    _append(tx, EventType.RUN_CANCELLED, edition, because, by, now, calls)
    return calls


def resume(tx: Transaction, edition: Edition, because: str | None, by: str, now: float) -> int | None:
    """End all that holds an edition, or the hold on every plan; return how many cancelled calls are due again.

    None where nothing stood. A hold on the whole journal is not the edition's to end, nor the other way round.
    """
    ended = tx.db.execute(
        "UPDATE holds SET ended = ?, ended_at = ? WHERE ended IS NULL AND plan = ? AND edition = ?",
        (now, rfc3339(now), edition.plan, edition.edition),
    ).rowcount
    if not ended:
        return None
    calls = 0 if edition.plan == EVERY_PLAN else _put_back_cancelled(tx, edition)
    _append(tx, EventType.RUN_RESUMED, edition, because, by, now, calls)
    return calls


def _put_back_cancelled(tx: Transaction, edition: Edition) -> int:
    """Make due what was cancelled: only what the plan still holds, and only in its newest edition."""
    if tx.view.editions.newest(edition.plan) != edition.edition:
        return 0
    key = (edition.plan, edition.edition)
    return tx.db.execute(
        "UPDATE calls SET state = 'due', disposition = 'waiting', reason = NULL,"  # noqa: S608 - constants only
        f" not_before = {later('earliest', 'not_before')}"
        " WHERE plan = ? AND edition = ? AND state = 'closed' AND reason = ? AND disposition <> 'rejected'"
        " AND loaded_by >= (SELECT load FROM runs WHERE plan = ? AND edition = ? ORDER BY key DESC LIMIT 1)",
        (*key, CANCELLED, *key),
    ).rowcount


def suppress(tx: Transaction, number: str, because: str, by: str, now: float) -> bool:
    """Never ring a number, named by its identity, again from this journal; False where it was suppressed already."""
    added = tx.db.execute(
        "INSERT INTO suppressed (number, because, by, at) VALUES (?, ?, ?, ?) ON CONFLICT DO NOTHING",
        (number, because, by, rfc3339(now)),
    ).rowcount
    if added:
        data = {"number": number, "because": because, "by": by}
        tx.append(EventType.NUMBER_SUPPRESSED, rfc3339(now), tx.view.editions.whole_journal().run, data=data)
    return bool(added)


def release(tx: Transaction, number: str, because: str, by: str, now: float) -> bool:
    """Let a number, named by its identity, be rung again as plans say; False where it was not suppressed here."""
    removed = tx.db.execute("DELETE FROM suppressed WHERE number = ?", (number,)).rowcount
    if removed:
        data = {"number": number, "because": because, "by": by}
        tx.append(EventType.NUMBER_RELEASED, rfc3339(now), tx.view.editions.whole_journal().run, data=data)
    return bool(removed)


def _append(
    tx: Transaction,
    kind: EventType,
    edition: Edition,
    because: str | None,
    by: str,
    now: float,
    calls: int | None = None,
) -> None:
    data: dict[str, str | int | None] = {"because": because, "by": by}
    data["scope"] = "journal" if edition.plan == EVERY_PLAN else "edition"
    if calls is not None:
        data["calls"] = calls
    tx.append(kind, rfc3339(now), edition.run, data=data)


def drop(tx: Transaction, attempt: Attempt, reason: str) -> None:
    """Close the due call of an attempt for good, as loading would: with its last ending, where it ever rang."""
    tx.db.execute(
        f"UPDATE calls SET state = 'closed', disposition = {LAST_WORD}, reason = ? WHERE key = ? AND state = 'due'",  # noqa: S608
        (reason, attempt.call),
    )


def record_approval(tx: Transaction, digest: str, by: str, now: float) -> None:
    """Write down that a person approves a digest at `now`; again, where it was approved before: the newest counts."""
    tx.append(EventType.PLAN_APPROVED, rfc3339(now), "", data={"digest": digest, "by": by})


def revoke_approval(tx: Transaction, digest: str, by: str, now: float) -> None:
    """Write down that a person takes back, at `now`, what approvals of a digest that person has given so far."""
    tx.append(EventType.APPROVAL_REVOKED, rfc3339(now), "", data={"digest": digest, "by": by})
