"""Takes a plan's resolved calls into the journal: new ones become due, known ones keep their history."""

import sqlite3
from collections.abc import Iterable
from dataclasses import dataclass, field

from orchestrator.exotel.numbers import identity
from orchestrator.journal.codec import dump, fields_from_text, fields_to_text
from orchestrator.journal.transaction import Transaction
from orchestrator.model.call import Field, ResolvedCall, SkippedRow
from orchestrator.model.diagnostic import Diagnostic, error
from orchestrator.model.errors import CannotProceed, Refused
from orchestrator.model.events import EventType
from orchestrator.model.work import Scope


@dataclass(frozen=True, slots=True)
class NewRun:
    """What a run is called and what it runs. `source` is the plan file's real path, `at` RFC 3339 in UTC.

    `source` of a plan without a file (stdin) is empty. `new_ids`: a pair that may have rung under an id that the
    plan no longer holds is dialed under its new one. `moved`: the name may belong to another file from now on.
    `retry_rejected`: what the carrier rejected is sent again, though unchanged.
    """

    id: str
    account: str
    plan: str
    source: str
    edition: str
    digest: str
    target: str
    at: str
    new_ids: bool = False
    moved: bool = False
    retry_rejected: bool = False


@dataclass(slots=True)
class Loaded:
    """What loading found: calls of the plan, those still to be dialed, those under a changed id, refusals."""

    scope: Scope
    calls: int = 0
    to_dial: int = 0
    id_changed: int = 0
    problems: list[Diagnostic] = field(default_factory=list)


def pair_of(account: str, call: ResolvedCall) -> str:
    """Return the identity of a call's (From, To) on one account, whatever the numbers' spelling."""
    return f"{account}:{identity(call.text('From') or '')}>{identity(call.text('To') or '')}"


def may_have_rung(db: sqlite3.Connection, call: int) -> bool:
    """Whether an attempt of this call may have rung; an intent without an outcome perhaps did."""
    row = db.execute(
        "SELECT 1 FROM attempts WHERE call = ? AND (placement IS NULL OR placement IN ('accepted', 'unknown')) LIMIT 1",
        (call,),
    )
    return row.fetchone() is not None


def load(tx: Transaction, run: NewRun, calls: Iterable[ResolvedCall | SkippedRow]) -> Loaded:
    """Open the run and take its calls in.

    Raises Refused where numbers changed under an attempt that may have rung: the caller's transaction is then
    rolled back, and nothing of the run stays.
    """
    loaded = Loaded(_open_run(tx, run))
    for position, item in enumerate(calls):
        if isinstance(item, SkippedRow):
            _skip(tx, loaded.scope, position, item)
        else:
            _take(tx, loaded, run, position, item)
        loaded.calls += 1
    if loaded.problems:
        raise Refused(tuple(loaded.problems))
    _supersede(tx, loaded.scope)
    _drop_removed(tx, loaded.scope)
    loaded.id_changed = 0 if run.new_ids else _hold_changed_ids(tx, loaded.scope)
    loaded.to_dial = tx.db.execute(
        "SELECT count(*) FROM calls WHERE plan = ? AND edition = ? AND state = 'due'",
        (loaded.scope.plan, run.edition),
    ).fetchone()[0]
    data = {"plan": run.plan, "edition": run.edition, "target": run.target, "digest": run.digest}
    tx.append(EventType.RUN_STARTED, run.at, run.id, data=data)
    already = loaded.calls - loaded.to_dial
    tx.append(
        EventType.CALLS_LOADED,
        run.at,
        run.id,
        data={"calls": loaded.calls, "to_dial": loaded.to_dial, "already": already},
    )
    return loaded


def _open_run(tx: Transaction, run: NewRun) -> Scope:
    found = tx.db.execute(
        "SELECT key, source FROM plans WHERE account = ? AND name = ?", (run.account, run.plan)
    ).fetchone()
    if found is None:
        plan = tx.db.execute(
            "INSERT INTO plans (account, name, source) VALUES (?, ?, ?)", (run.account, run.plan, run.source)
        ).lastrowid
    else:
        plan = found[0]
        _check_source(tx, run, plan, found[1])
    key = tx.db.execute(
        "INSERT INTO runs (id, plan, edition, digest, target, started_at) VALUES (?, ?, ?, ?, ?, ?)",
        (run.id, plan, run.edition, run.digest, run.target, run.at),
    ).lastrowid
    if plan is None or key is None:
        raise CannotProceed("the journal gave no key for a new row")
    tx.set_meta("dialer", str(key))  # the fence: from now on no earlier run can commit an intent
    return Scope(plan=plan, edition=run.edition, run=key, run_id=run.id)


def _take(tx: Transaction, loaded: Loaded, run: NewRun, position: int, call: ResolvedCall) -> None:
    scope = loaded.scope
    known = tx.db.execute(
        "SELECT key, pair, fields, state, disposition FROM calls WHERE plan = ? AND edition = ? AND id = ?",
        (scope.plan, scope.edition, call.id),
    ).fetchone()
    fields, pair, carry = fields_to_text(call.fields), pair_of(run.account, call), dump(dict(call.carry))
    if known is None:
        tx.db.execute(
            "INSERT INTO calls (plan, edition, id, position, fields, pair, carry, loaded_by, run, state)"
            " VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, 'due')",
            (scope.plan, scope.edition, call.id, position, fields, pair, carry, scope.run, scope.run),
        )
        return
    key, old_pair, old_fields, state, disposition = known
    rung = may_have_rung(tx.db, key)
    if rung:
        tx.db.execute("UPDATE calls SET loaded_by = ?, position = ? WHERE key = ?", (scope.run, position, key))
        if old_pair != pair:
            loaded.problems.append(_changed(call))
        return
    changed = wire(call.fields) != wire(fields_from_text(old_fields))
    again = state != "closed" or disposition == "not-dialed" or changed
    again = again or (disposition == "rejected" and run.retry_rejected)
    tx.db.execute(
        "UPDATE calls SET loaded_by = ?, position = ?, fields = ?, pair = ?, carry = ? WHERE key = ?",
        (scope.run, position, fields, pair, carry, key),
    )
    if again:
        tx.put_back(key, 0, None)
        tx.db.execute("UPDATE calls SET run = ? WHERE key = ?", (scope.run, key))


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
        "INSERT INTO calls (plan, edition, id, position, fields, pair, carry, loaded_by, run, state)"
        " VALUES (?, ?, ?, ?, '[]', '', '{}', ?, ?, 'due') ON CONFLICT (plan, edition, id) DO UPDATE"
        " SET loaded_by = excluded.loaded_by, position = excluded.position",
        (scope.plan, scope.edition, call, position, scope.run, scope.run),
    )
    tx.db.execute(
        "UPDATE calls SET state = 'closed', disposition = 'not-dialed', reason = 'bad row', run = ?"
        " WHERE plan = ? AND edition = ? AND id = ? AND (state = 'due' OR disposition = 'not-dialed')",
        (scope.run, scope.plan, scope.edition, call),
    )


def wire(fields: Iterable[Field]) -> list[tuple[str, str | tuple[str, ...]]]:
    """Return what goes on the wire: where a value comes from is not part of the request."""
    return [(item.name, item.value) for item in fields]


def _changed(call: ResolvedCall) -> Diagnostic:
    return error(
        "numbers-changed",
        f"the numbers of call `{call.id}` differ from those that may already have been rung under this id",
        call.span,
        hint="give the corrected call a new id, or raise the plan's `edition` to dial everybody again on purpose",
    )


def _check_source(tx: Transaction, run: NewRun, plan: int, known: str) -> None:
    """Refuse a name that the journal knows from another file: two plans of one name would close each other's calls."""
    if run.source in ("", known):
        return
    if known and not run.moved:
        raise Refused((other_file(run.plan, known),))
    tx.db.execute("UPDATE plans SET source = ? WHERE key = ?", (run.source, plan))


def other_file(plan: str, known: str) -> Diagnostic:
    """Say that a plan's name belongs to another file."""
    return error(
        "name-taken",
        f"the journal knows the plan `{plan}` from another file, {known}",
        hint="give this plan a name of its own; if that file was moved or renamed, say --moved once",
    )


def _supersede(tx: Transaction, scope: Scope) -> None:
    """Close what other editions of the plan have not dialed: one edition runs at a time."""
    tx.db.execute(
        "UPDATE calls SET state = 'closed', disposition = 'not-dialed', reason = 'superseded', run = ?"
        " WHERE plan = ? AND edition <> ? AND state = 'due'",
        (scope.run, scope.plan, scope.edition),
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
        "UPDATE calls SET state = 'closed', disposition = 'not-dialed', reason = 'removed', run = ?"
        " WHERE plan = ? AND edition = ? AND loaded_by <> ? AND state = 'due'",
        (scope.run, *held_no_more),
    )


def _hold_changed_ids(tx: Transaction, scope: Scope) -> int:
    """Close what is due to a pair that may have rung under an id that the plan no longer holds; return how many."""
    edition = (scope.plan, scope.edition)
    return tx.db.execute(
        "UPDATE calls SET state = 'closed', disposition = 'not-dialed', reason = 'id changed'"
        " WHERE plan = ? AND edition = ? AND state = 'due' AND pair IN ("
        "   SELECT gone.pair FROM calls gone JOIN attempts a ON a.call = gone.key"
        "   WHERE gone.plan = ? AND gone.edition = ? AND gone.loaded_by <> ?"
        "   AND (a.placement IS NULL OR a.placement IN ('accepted', 'unknown')))"
        " AND NOT EXISTS (SELECT 1 FROM attempts a WHERE a.call = calls.key"
        "   AND (a.placement IS NULL OR a.placement IN ('accepted', 'unknown')))",
        (*edition, *edition, scope.run),
    ).rowcount
