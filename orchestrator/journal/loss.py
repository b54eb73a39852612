"""Going on without what a journal lost: a person accepts it, and whoever may have been rung meanwhile is `unknown`.

It is known which dialers used the journal since (sqlite/mark.py). What they committed may be lost, dials among
them. So every call of theirs that could be dialed gets an attempt that may have rung, and nobody dials it until a
person settles it. Calls that the lost part had taken in, and this journal does not know, get theirs when the next run
of the edition takes them in: the event of the acceptance says so.
"""

import secrets
from dataclasses import replace

from orchestrator.exotel.call_fields import call_times, parties
from orchestrator.journal.codec import LOSS_TOKEN, MADE_BY_LOSS, fields_from_text, later
from orchestrator.journal.transaction import Transaction
from orchestrator.journal.views.losses import lost_since
from orchestrator.model.call import CARRIER_SETTLES_WITHIN, Attempt, Scope
from orchestrator.model.events import EventType, rfc3339
from orchestrator.model.outcome import Disposition, Placement

UNTOUCHED = f"state = 'due' AND NOT EXISTS (SELECT 1 FROM attempts a WHERE a.call = calls.key AND {MADE_BY_LOSS})"  # noqa: S608
"""Whether a row of `calls` may be dialed and no loss has given it an attempt."""


def make_unknown(tx: Transaction, account: str, plan: str, edition: str, since: str, now: float) -> int:
    """Make unknown whom a dialer of an edition may have dialed since; return how many calls."""
    row = tx.db.execute(
        "SELECT p.key, r.key, r.id FROM plans p JOIN runs r ON r.plan = p.key"
        " WHERE p.account = ? AND p.name = ? AND r.edition = ? ORDER BY r.key DESC LIMIT 1",
        (account, plan, edition),
    ).fetchone()
    if row is None:
        return 0  # all that was taken in is lost: the next run finds the event
    key, run, run_id = row
    scope = Scope(plan=key, edition=edition, run=run, run_id=run_id, load=run)
    return _make_unknown(tx, scope, since, now, "state IN ('due', 'open')")


def apply_losses(tx: Transaction, account: str, plan: str, scope: Scope, now: float) -> int:
    """Make unknown what the first run after a loss took in and could dial; return how many calls.

    Calls that were known when the loss was accepted have their attempt already: what a person settled since stays.
    """
    return sum(
        _make_unknown(tx, scope, since, now, UNTOUCHED) for since in lost_since(tx.db, account, plan, scope.edition)
    )


def _make_unknown(tx: Transaction, scope: Scope, since: str, now: float, which: str) -> int:
    """Give each call that may have been dialed an attempt whose outcome is not known; return how many calls."""
    rows = tx.db.execute(
        f"SELECT key, id, fields, (SELECT coalesce(max(n), 0) FROM attempts WHERE call = calls.key) FROM calls"  # noqa: S608
        f" WHERE plan = ? AND edition = ? AND fields <> '[]' AND {which} ORDER BY position",
        (scope.plan, scope.edition),
    ).fetchall()
    at = rfc3339(now)
    words = f"may have been dialed between {since} and {at}: what the journal held of that time is lost"
    for key, call, fields, last in rows:
        _without_outcome(tx, key, words, at)
        n, asked = last + 1, fields_from_text(fields)
        numbers = parties(asked)
        tx.db.execute(
            "INSERT INTO attempts (call, n, run, person, token, started_at, started)"
            " SELECT key, ?, ?, person, ?, ?, ? FROM calls WHERE key = ?",
            (n, scope.run, LOSS_TOKEN + secrets.token_hex(16), at, now, key),
        )
        rung = {"from": numbers.agent, "to": numbers.person or None}
        tx.append(EventType.ATTEMPT_STARTED, at, scope.run_id, call, n, rung)
        _perhaps_rung(tx, tx.attempt(key, n), words, at)
        free_at = now + call_times(asked).horizon(CARRIER_SETTLES_WITHIN)
        tx.db.execute(
            f"UPDATE calls SET pair_free_at = {later('pair_free_at', '?')}, rung = rung + 1 WHERE key = ?",  # noqa: S608
            (free_at, free_at, key),
        )
        tx.close_call(key, Disposition.UNKNOWN, now)
        ended = {"disposition": Disposition.UNKNOWN, "reason": None, "duration": None, "ending": None}
        tx.append(EventType.CALL_ENDED, at, scope.run_id, call, n, ended)
    return len(rows)


def _without_outcome(tx: Transaction, key: int, words: str, at: str) -> None:
    """Make the call's intents without an outcome unknown: nobody waits for them any more."""
    rows = tx.db.execute("SELECT n FROM attempts WHERE call = ? AND placement IS NULL", (key,)).fetchall()
    for (n,) in rows:
        _perhaps_rung(tx, tx.attempt(key, n), words, at)


def _perhaps_rung(tx: Transaction, attempt: Attempt, words: str, at: str) -> None:
    """Write down that nobody knows what became of an attempt."""
    tx.save(attempt, replace(attempt.record, placement=Placement.UNKNOWN, message=words, placed_at=at))
    data = {"placement": Placement.UNKNOWN, "evidence": None, "http_status": None, "sid": None, "message": words}
    tx.append(EventType.ATTEMPT_PLACED, at, attempt.run_id, attempt.call_id, attempt.record.n, data)
