"""Writes the holds and suppressions that running dialers obey, and takes holds away again.

Each function that writes is one step of a transaction, safe to run twice, and may be done beside a dialer: whoever
dials asks `journal/guard_queries.py` in the transaction that commits an intent.
"""

import sqlite3

from orchestrator.journal.guard_queries import CANCELLED, EVERY_PLAN
from orchestrator.journal.run import newest_edition
from orchestrator.journal.settle import Edition
from orchestrator.journal.transaction import Transaction
from orchestrator.model.events import EventType
from orchestrator.model.times import rfc3339


def whole_journal(db: sqlite3.Connection) -> Edition:
    """Return what stands for every plan of the journal; its `run` is the latest of all, empty where there is none."""
    row = db.execute("SELECT id FROM runs ORDER BY key DESC LIMIT 1").fetchone()
    return Edition(EVERY_PLAN, "", "", "" if row is None else row[0])


def pause(tx: Transaction, edition: Edition, because: str | None, by: str, now: float) -> bool:
    """Hold an edition, or every plan (`whole_journal`), until it is resumed; False where it was paused already."""
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
    if newest_edition(tx.db, edition.plan) != edition.edition:
        return 0
    return tx.db.execute(
        "UPDATE calls SET state = 'due', disposition = 'waiting', reason = NULL, not_before = max(earliest, not_before)"
        " WHERE plan = ?1 AND edition = ?2 AND state = 'closed' AND reason = ?3 AND disposition <> 'rejected'"
        " AND loaded_by >= (SELECT load FROM runs WHERE plan = ?1 AND edition = ?2 ORDER BY key DESC LIMIT 1)",
        (edition.plan, edition.edition, CANCELLED),
    ).rowcount


def is_over(db: sqlite3.Connection, edition: Edition) -> bool:
    """Whether nothing is left of what the edition's plan held last: no call waits, is under way, or was kept back."""
    row = db.execute(
        "SELECT 1 FROM calls WHERE plan = ?1 AND edition = ?2"
        " AND (state <> 'closed' OR reason = ?3 OR (disposition = 'not-dialed' AND reason IS NOT 'bad row'))"
        " AND loaded_by >= (SELECT load FROM runs WHERE plan = ?1 AND edition = ?2 ORDER BY key DESC LIMIT 1) LIMIT 1",
        (edition.plan, edition.edition, CANCELLED),
    )
    return row.fetchone() is None


def plans_held(db: sqlite3.Connection) -> int:
    """Return how many plans are held by themselves, in the edition that is still dialed."""
    rows = db.execute(
        "SELECT DISTINCT plan, edition FROM holds WHERE ended IS NULL AND plan <> ?", (EVERY_PLAN,)
    ).fetchall()
    return sum(newest_edition(db, plan) == edition for plan, edition in rows)


def suppress(tx: Transaction, number: str, because: str, by: str, now: float) -> bool:
    """Never ring a number, named by its identity, again from this journal; False where it was suppressed already."""
    added = tx.db.execute(
        "INSERT INTO suppressed (number, because, by, at) VALUES (?, ?, ?, ?) ON CONFLICT DO NOTHING",
        (number, because, by, rfc3339(now)),
    ).rowcount
    if added:
        data = {"number": number, "because": because, "by": by}
        tx.append(EventType.NUMBER_SUPPRESSED, rfc3339(now), whole_journal(tx.db).run, data=data)
    return bool(added)


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
