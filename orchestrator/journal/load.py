"""Takes a plan's resolved calls into the journal: new ones become due, known ones keep their history."""

import sqlite3
from collections.abc import Callable, Iterable
from dataclasses import dataclass
from typing import Any

from orchestrator.exotel.call_fields import call_times, parties
from orchestrator.journal.codec import CALL_MAY_HAVE_RUNG, LAST_WORD, dump, fields_from_text, fields_to_text
from orchestrator.journal.run import Loaded, NewRun, inputs_taken_in, open_run, ready
from orchestrator.journal.transaction import Transaction
from orchestrator.model.call import CallTimes, Field, ResolvedCall, SkippedRow
from orchestrator.model.diagnostic import Diagnostic, error
from orchestrator.model.errors import Refused
from orchestrator.model.work import Scope
from orchestrator.phone.numbers import identity


def pair_of(account: str, call: ResolvedCall) -> str:
    """Return the identity of a call's (From, To) on one account, whatever the numbers' spelling."""
    numbers = parties(call.fields)
    return f"{account}:{identity(numbers.agent or '')}>{identity(numbers.person)}"


Suppressed = Callable[[ResolvedCall], str | None]
"""Says on which list a number of a call stands; None where on none."""


def nobody(_call: ResolvedCall) -> str | None:
    """Say that no number of a call stands on a list."""
    return None


def load(
    tx: Transaction, run: NewRun, calls: Iterable[ResolvedCall | SkippedRow], suppressed: Suppressed = nobody
) -> Loaded:
    """Open the run and take its calls in.

    Raises Refused where numbers changed under an attempt that may have rung: the caller's transaction is then
    rolled back, and nothing of the run stays.
    """
    loaded = Loaded(open_run(tx, run))
    shortest: CallTimes | None = None
    nothing_known = not _knows_any(tx, loaded.scope)
    for position, item in enumerate(calls):
        if isinstance(item, SkippedRow):
            nothing_known = False  # a row may come under the id of a call
            _skip(tx, loaded.scope, position, item)
        else:
            shortest = call_times(item.fields).shortest(shortest)
            _take(tx, loaded, run, position, item, suppressed(item), new=nothing_known)
    if loaded.problems:
        raise Refused(tuple(loaded.problems))
    _drop_removed(tx, loaded.scope)
    loaded.calls = tx.db.execute("SELECT count(*) FROM calls WHERE loaded_by = ?", (loaded.scope.run,)).fetchone()[0]
    if shortest is not None:
        tx.db.execute(
            "UPDATE runs SET time_out = ?, time_limit = ? WHERE key = ?",
            (shortest.ring_seconds, shortest.talk_seconds, loaded.scope.run),
        )
    return ready(tx, run, loaded)


def _knows_any(tx: Transaction, scope: Scope) -> bool:
    """Whether the journal holds any call of the edition: else none of a million has to be looked for."""
    edition = (scope.plan, scope.edition)
    return tx.db.execute("SELECT 1 FROM calls WHERE plan = ? AND edition = ? LIMIT 1", edition).fetchone() is not None


def _take(
    tx: Transaction,
    loaded: Loaded,
    run: NewRun,
    position: int,
    call: ResolvedCall,
    listed: str | None,
    *,
    new: bool,
) -> None:
    """Take one call in, which may be known unless it is `new`; `listed` names the list on which a number stands."""
    scope = loaded.scope
    known = None if new else _known(tx, scope, call.id)
    fields, pair, carry = fields_to_text(call.fields), pair_of(run.account, call), dump(dict(call.carry))
    place = f"{call.span.file}:{call.span.line}"
    earliest = call.schedule.not_before or 0.0
    kept = None if listed is None else f"on {listed}"
    terms = (call.schedule.priority, earliest, call.schedule.not_after)
    if known is None:
        added = tx.db.execute(
            "INSERT INTO calls (plan, edition, id, position, place, fields, pair, carry, priority, earliest, latest,"
            " not_before, listed, loaded_by, run, state) VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, 'due')",
            (
                *(scope.plan, scope.edition, call.id, position, place, fields, pair, carry),
                *(*terms, earliest, kept, scope.run, scope.run),
            ),
        )
        _suppress(tx, scope, added.lastrowid or 0, kept)
        return
    key, old_pair, old_fields, state, disposition, rung = known
    tx.db.execute(
        "UPDATE calls SET loaded_by = ?, position = ?, place = ?, priority = ?, earliest = ?, latest = ?,"
        " not_before = max(not_before, ?), listed = ? WHERE key = ?",
        (scope.run, position, place, *terms, earliest, kept, key),
    )
    if rung:
        if old_pair != pair:
            loaded.problems.append(numbers_changed(call))
        _suppress(tx, scope, key, kept)
        return
    changed = wire(call.fields) != wire(fields_from_text(old_fields))
    again = state != "closed" or disposition == "not-dialed" or changed
    again = again or (disposition == "rejected" and run.retry_rejected)
    again = again or (disposition == "suppressed" and not run.keep_suppressed)
    if changed:  # earlier attempts keep the request that they made
        tx.db.execute("UPDATE attempts SET fields = ? WHERE call = ? AND fields IS NULL", (old_fields, key))
    tx.db.execute("UPDATE calls SET fields = ?, pair = ?, carry = ? WHERE key = ?", (fields, pair, carry, key))
    if again:
        tx.put_back(key, earliest, None)
        tx.db.execute("UPDATE calls SET run = ? WHERE key = ?", (scope.run, key))
    _suppress(tx, scope, key, kept)


def _known(tx: Transaction, scope: Scope, call: str) -> tuple[Any, ...] | None:
    """Return what the journal holds of a call of the edition."""
    row: tuple[Any, ...] | None = tx.db.execute(
        "SELECT key, pair, fields, state, disposition, rung FROM calls WHERE plan = ? AND edition = ? AND id = ?",
        (scope.plan, scope.edition, call),
    ).fetchone()
    return row


def _suppress(tx: Transaction, scope: Scope, key: int, kept: str | None) -> None:
    """Close a due call with a number on a list; one that rang before keeps how it ended as its last word."""
    if kept is None:
        return
    tx.db.execute(
        f"UPDATE calls SET state = 'closed', disposition = replace({LAST_WORD}, 'not-dialed', 'suppressed'),"  # noqa: S608
        " reason = ?, run = ? WHERE key = ? AND state = 'due'",
        (kept, scope.run, key),
    )


def _skip(tx: Transaction, scope: Scope, position: int, row: SkippedRow) -> None:
    """Account for a row that makes no call, under the id of that call where it has one and no other call took it.

    What is known of a call that this row made before stays: only what is still due is closed.
    """
    taken = tx.db.execute(
        "SELECT 1 FROM calls WHERE plan = ? AND edition = ? AND id = ? AND loaded_by = ?",
        (scope.plan, scope.edition, row.id, scope.run),
    ).fetchone()
    call = row.place if row.id is None or taken else row.id
    tx.db.execute(
        "INSERT INTO calls (plan, edition, id, position, place, fields, pair, carry, loaded_by, run, state)"
        " VALUES (?, ?, ?, ?, ?, '[]', '', '{}', ?, ?, 'due') ON CONFLICT (plan, edition, id) DO UPDATE"
        " SET loaded_by = excluded.loaded_by, position = excluded.position, place = excluded.place, listed = 'bad row'",
        (scope.plan, scope.edition, call, position, row.place, scope.run, scope.run),
    )
    tx.db.execute(
        f"UPDATE calls SET state = 'closed', disposition = {LAST_WORD}, reason = 'bad row', run = ?"  # noqa: S608
        " WHERE plan = ? AND edition = ? AND id = ? AND reason IS NOT 'bad row'"
        " AND (state = 'due' OR disposition = 'not-dialed')",
        (scope.run, scope.plan, scope.edition, call),
    )


def wire(fields: Iterable[Field]) -> list[tuple[str, str | tuple[str, ...]]]:
    """Return what goes on the wire: where a value comes from is not part of the request."""
    return [(item.name, item.value) for item in fields]


def numbers_changed(call: ResolvedCall) -> Diagnostic:
    """Refuse a call whose numbers are not those that may have been rung under its id."""
    return error(
        "numbers-changed",
        f"the numbers of call `{call.id}` differ from those that may already have been rung under this id",
        call.span,
        hint="give the corrected call a new id, or raise the plan's `edition` to dial everybody again on purpose",
    )


def _drop_removed(tx: Transaction, scope: Scope) -> None:
    """Close what the plan no longer holds: it is never dialed. A bad row that is gone was never a call."""
    held_no_more = (scope.plan, scope.edition, scope.run)
    tx.db.execute(
        "DELETE FROM calls WHERE plan = ? AND edition = ? AND loaded_by <> ? AND fields = '[]'"
        " AND NOT EXISTS (SELECT 1 FROM attempts WHERE call = calls.key)",
        held_no_more,
    )
    tx.db.execute(
        f"UPDATE calls SET state = 'closed', disposition = {LAST_WORD}, reason = 'removed', run = ?"  # noqa: S608
        " WHERE plan = ? AND edition = ? AND loaded_by <> ? AND state = 'due'",
        (scope.run, *held_no_more),
    )


@dataclass(frozen=True, slots=True)
class TakenIn:
    """What a run may take up without reading its plan's rows: who took the calls in, their digest and number."""

    load: int
    digest: str
    calls: int


def taken_in_before(
    db: sqlite3.Connection, account: str, plan: str, edition: str, inputs: str, *, keep_suppressed: bool
) -> TakenIn | None:
    """Return what the last run of a plan's edition took in; None where its rows must be read again."""
    row = db.execute(
        "SELECT r.load, r.digest, r.calls, r.inputs FROM runs r JOIN plans p ON p.key = r.plan"
        " WHERE p.account = ? AND p.name = ? AND r.edition = ? ORDER BY r.key DESC LIMIT 1",
        (account, plan, edition),
    ).fetchone()
    wanted = inputs_taken_in(inputs, keep_suppressed=keep_suppressed)
    return TakenIn(*row[:3]) if row is not None and wanted and row[3] == wanted else None


def reload(tx: Transaction, run: NewRun) -> Loaded | None:
    """Open the run over the calls as they were taken in before; None where they have to be read.

    Does for a million calls in one statement what `load` does call by call, and gives the same result.
    """
    before = taken_in_before(tx.db, run.account, run.plan, run.edition, run.inputs, keep_suppressed=run.keep_suppressed)
    if before is None:
        return None
    scope = open_run(tx, run, before.load)
    edition = (scope.plan, scope.edition)
    tx.db.execute(
        "UPDATE calls SET state = 'due', disposition = 'waiting', reason = NULL, finished = NULL,"  # noqa: S608
        " not_before = earliest, run = ?"
        " WHERE key IN (SELECT key FROM calls WHERE plan = ? AND edition = ? AND state = 'due' UNION ALL"
        "   SELECT key FROM calls WHERE plan = ? AND edition = ? AND disposition IN ('not-dialed', 'rejected'))"
        " AND loaded_by = ? AND reason IS NOT 'bad row' AND (disposition <> 'rejected' OR ?)"
        f" AND NOT {CALL_MAY_HAVE_RUNG}",
        (scope.run, *edition, *edition, scope.load, run.retry_rejected),
    )
    return ready(tx, run, Loaded(scope, calls=before.calls))
