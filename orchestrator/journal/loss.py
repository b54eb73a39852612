"""Going on without what a journal lost: a person accepts it, and whoever may have been rung meanwhile is `unknown`.

The mark in the file (companions.py) names the dialers that used it. What they committed after it may be lost, dials
among them. So every call of theirs that could be dialed gets an attempt that may have rung, and nobody dials it until a
person settles it. Calls that the lost part had taken in, and this journal does not know, get theirs when the next run
of the edition takes them in: the event of the acceptance says so.
"""

import contextlib
import secrets
import time
from dataclasses import dataclass, replace
from pathlib import Path

from orchestrator.exotel.call_fields import call_times, parties
from orchestrator.journal.codec import LOSS_TOKEN, MADE_BY_LOSS, fields_from_text, later
from orchestrator.journal.sqlite import companions
from orchestrator.journal.sqlite.companions import DialerEntry, Mark
from orchestrator.journal.sqlite.connection import Connection, what_is_missing
from orchestrator.journal.sqlite.file import connect, real_path
from orchestrator.journal.transaction import Transaction
from orchestrator.journal.views.losses import lost_since
from orchestrator.model.call import CARRIER_SETTLES_WITHIN
from orchestrator.model.errors import CannotProceed
from orchestrator.model.events import EventType
from orchestrator.model.outcome import Disposition, Placement
from orchestrator.model.times import rfc3339
from orchestrator.model.work import Attempt, Scope

UNTOUCHED = f"state = 'due' AND NOT EXISTS (SELECT 1 FROM attempts a WHERE a.call = calls.key AND {MADE_BY_LOSS})"  # noqa: S608
"""Whether a row of `calls` may be dialed and no loss has given it an attempt."""


@dataclass(frozen=True, slots=True)
class Lost:
    """What a person accepted: the dialers whose commits may be lost since `since`, and how many calls are unknown now.

    `missing` is False where nothing was lost, and nothing was changed.
    """

    missing: bool
    since: str = ""
    dialers: tuple[DialerEntry, ...] = ()
    calls: int = 0
    aside: str | None = None


def accept_loss(path: Path, by: str, because: str) -> Lost:
    """Take a journal that was parted from its companions as it is. Raises CannotProceed."""
    path = real_path(path)
    if what_is_missing(path) is None:
        connect(path, read_only=True).close()  # what cannot be read proves nothing
        return Lost(missing=False)
    found: list[Lost] = []

    def accept(db: Connection, mark: Mark) -> None:
        found.append(_accepted(db, mark, by, because))

    log, aside = companions.wal_of(path), _put_aside(path)
    try:
        connect(path, accept=accept).close()
    except CannotProceed:
        if aside is not None:  # nothing was accepted: a person may still want it where it was
            with contextlib.suppress(OSError):
                aside.replace(log)
        raise
    lost = found[0] if found else Lost(missing=True)
    return Lost(True, lost.since, lost.dialers, lost.calls, str(aside) if aside else None)


def _put_aside(path: Path) -> Path | None:
    """Rename a log that does not belong to the journal; return its new name, None where there is none.

    Raises CannotProceed where that cannot be done.
    """
    log = companions.wal_of(path)
    if not companions.wal_holds_something(path):
        return None
    aside = log.with_name(f"{log.name}.of-another-journal-{secrets.token_hex(4)}")
    try:
        log.rename(aside)  # nothing is replaced: the name is new
    except OSError as problem:
        raise CannotProceed(
            f"nothing was changed: {log} cannot be put aside: {problem.strerror}", "check the folder and the disk"
        ) from None
    return aside


def _accepted(db: Connection, mark: Mark, by: str, because: str) -> Lost:
    now = time.time()
    tx, calls = Transaction(db), 0
    for dialer in mark.dialers or (None,):
        data: dict[str, str | int | float | None] = {"since": mark.since, "by": by, "because": because}
        if dialer is not None:
            data |= {"account": dialer.account, "plan": dialer.plan, "edition": dialer.edition}
        tx.append(EventType.JOURNAL_LOSS_ACCEPTED, rfc3339(now), "", data=data)
        if dialer is not None:
            calls += _of_dialer(tx, dialer, mark.since, now)
    tx.seal()
    return Lost(True, mark.since, mark.dialers, calls)


def _of_dialer(tx: Transaction, dialer: DialerEntry, since: str, now: float) -> int:
    row = tx.db.execute(
        "SELECT p.key, r.key, r.id FROM plans p JOIN runs r ON r.plan = p.key"
        " WHERE p.account = ? AND p.name = ? AND r.edition = ? ORDER BY r.key DESC LIMIT 1",
        (dialer.account, dialer.plan, dialer.edition),
    ).fetchone()
    if row is None:
        return 0  # all that was taken in is lost: the next run finds the event
    plan, run, run_id = row
    scope = Scope(plan=plan, edition=dialer.edition, run=run, run_id=run_id, load=run)
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
