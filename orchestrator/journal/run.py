"""Opens a run: its row, its fence, and what may not be dialed whatever the plan says."""

from dataclasses import dataclass
from datetime import datetime

from orchestrator.journal.chain import text_hash
from orchestrator.journal.codec import CALL_MAY_HAVE_RUNG, LAST_WORD
from orchestrator.journal.guard_queries import CANCELLED, UsageQueries, standing_holds
from orchestrator.journal.loss import apply_losses
from orchestrator.journal.transaction import Transaction
from orchestrator.journal.views.editions import newest_edition
from orchestrator.journal.views.plans import inputs_taken_in
from orchestrator.journal.views.reviews import reviewed, reviews_of
from orchestrator.model.approval import ApprovalRule
from orchestrator.model.call import Scope
from orchestrator.model.diagnostic import Diagnostic, error
from orchestrator.model.errors import Refused
from orchestrator.model.events import EventType
from orchestrator.model.frozen import frozen

WHEN_REVIEWED = "on a list when it was reviewed"
"""Why a call is suppressed that stands on no list any more."""


@frozen
class NewRun:
    """What a run is called and what it runs. `source` is the plan file's real path, `at` RFC 3339 in UTC.

    `source` of a plan without a file (stdin) is empty. `new_ids`: a pair that may have rung under an id that the
    plan no longer holds is dialed under its new one. `moved`: the name may belong to another file from now on.
    `retry_rejected`: what the carrier rejected is sent again, though unchanged. `keep_suppressed`: whom an earlier run
    of the edition found on a list, or a review of the digest, stays suppressed. `inputs` is the hash of the
    plan's file and data, empty where it is not known. `policy` is the resolved policy as JSON. `approval`: so many
    people must have approved the plan, by any of the digests in `reviewed_as`, without those by its `digest`.
    `rates` is what talk costs, empty where the target does not say so.
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
    keep_suppressed: bool = False
    inputs: str = ""
    policy: str = "{}"
    approval: ApprovalRule | None = None
    reviewed_as: tuple[str, ...] = ()
    rates: str = ""


@dataclass(slots=True)
class Loaded:
    """What loading found: calls of the plan, those still to be dialed, those under a changed id.

    `dropped`: the journal knows calls of the edition that the plan does not hold, or may do so.
    """

    scope: Scope
    calls: int = 0
    to_dial: int = 0
    id_changed: int = 0
    newest: str = ""
    dropped: bool = True


def open_run(tx: Transaction, run: NewRun) -> Scope:
    """Insert the run, over the calls that the edition's last run held.

    Raises Refused for another file, and CannotProceed where too few people have approved the digest.

    Its `inputs` stay empty until its calls are loaded: no run takes up what is loaded in part.
    """
    approvals = (
        () if run.approval is None else tx.view.approvals.check(run.reviewed_as or (run.digest,), run.approval, run.at)
    )
    found = tx.db.execute(
        "SELECT key, source FROM plans WHERE account = ? AND name = ?", (run.account, run.plan)
    ).fetchone()
    if found is None:
        (plan,) = tx.db.execute(
            "INSERT INTO plans (account, name, source) VALUES (?, ?, ?) RETURNING key",
            (run.account, run.plan, run.source),
        ).fetchone()
    else:
        plan = found[0]
        _check_source(tx, run, plan, found[1])
    before = tx.db.execute(
        "SELECT load FROM runs WHERE plan = ? AND edition = ? ORDER BY key DESC LIMIT 1", (plan, run.edition)
    ).fetchone()
    load = 0 if before is None else before[0]
    (key,) = tx.db.execute(
        "INSERT INTO runs (id, plan, edition, digest, target, policy, source, load, started_at)"
        " VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?) RETURNING key",
        (run.id, plan, run.edition, run.digest, run.target, run.policy, run.source, load, run.at),
    ).fetchone()
    # The fence: from now on no earlier run of the plan can commit an intent.
    tx.db.execute("UPDATE plans SET dialer = ? WHERE key = ?", (key, plan))
    data = {"plan": run.plan, "edition": run.edition, "target": run.target, "digest": run.digest}
    data |= {"policy": text_hash(run.policy), "source": run.source}
    if approvals:
        data["approved_by"] = ", ".join(approval.by for approval in approvals)
    if run.rates:
        data["rates"] = run.rates
    tx.append(EventType.RUN_STARTED, run.at, run.id, data=data)
    return Scope(plan=plan, edition=run.edition, run=key, run_id=run.id, load=load)


def ready(tx: Transaction, run: NewRun, loaded: Loaded) -> Loaded:
    """Close what may not be dialed after all, count the rest, and say so."""
    scope = loaded.scope
    loaded.newest = newest_edition(tx.db, scope.plan)
    if run.keep_suppressed:
        _keep_reviewed(tx, scope, run.digest)
    _supersede(tx, scope, loaded.newest)
    if loaded.dropped and not run.new_ids:
        loaded.id_changed = _hold_changed_ids(tx, scope, loaded.calls)
    _keep_cancelled(tx, scope)
    apply_losses(tx, run.account, run.plan, scope, datetime.fromisoformat(run.at).timestamp())
    loaded.to_dial, base = _base(tx, scope)
    inputs = inputs_taken_in(run.inputs, keep_suppressed=run.keep_suppressed)
    tx.db.execute(
        "UPDATE runs SET load = ?, calls = ?, base = ?, inputs = ? WHERE key = ?",
        (scope.load, loaded.calls, base, inputs, scope.run),
    )
    already = loaded.calls - loaded.to_dial
    counts = {"calls": loaded.calls, "to_dial": loaded.to_dial, "already": already}
    tx.append(EventType.CALLS_LOADED, run.at, run.id, data=counts)
    return loaded


def _base(tx: Transaction, scope: Scope) -> tuple[int, int]:
    """Return how many calls are due, and how many the stages of a run count over.

    Never less than before once somebody was dialed: a stage that became smaller than what was dialed of it would have
    ended without a judgement.
    """
    dialed, rejected, undialed = UsageQueries(tx.db, scope).dialed()
    edition = (scope.plan, scope.edition)
    (redials,) = tx.db.execute(
        f"SELECT count(*) FROM calls {tx.db.by('calls_rung')}"  # noqa: S608
        " WHERE plan = ? AND edition = ? AND state = 'due' AND rung > 0",
        edition,
    ).fetchone()
    before = tx.db.execute(
        "SELECT max(base) FROM runs WHERE plan = ? AND edition = ? AND key <> ?", (*edition, scope.run)
    ).fetchone()[0]
    return undialed + redials, max(dialed + rejected + undialed, before or 0 if dialed else 0)


def _check_source(tx: Transaction, run: NewRun, plan: int, known: str) -> None:
    """Refuse a name that the journal knows from another file: two plans of one name would close each other's calls."""
    problem = source_problem(run.plan, run.source, known, moved=run.moved)
    if problem is not None:
        raise Refused((problem,))
    if run.source in ("", known):
        return
    tx.db.execute("UPDATE plans SET source = ? WHERE key = ?", (run.source, plan))


def source_problem(plan: str, source: str, known: str, *, moved: bool) -> Diagnostic | None:
    """Say that a plan's name belongs to another file than `source`; None where it does not, or may from now on."""
    if source in ("", known) or not known or moved:
        return None
    return error(
        "name-taken",
        f"the journal knows the plan `{plan}` from another file, {known}",
        hint="give this plan a name of its own; if that file was moved or renamed, say --moved once",
    )


def _keep_reviewed(tx: Transaction, scope: Scope, digest: str) -> None:
    """Close what a review of the digest suppressed; a call that rang before keeps how it ended as its last word.

    One that is in flight is not redialed, nor one that turns out not to have rung.
    """
    reviews = reviews_of(tx.db, digest)
    tx.db.execute(
        f"UPDATE calls SET listed = ? WHERE plan = ? AND edition = ? AND rung > 0 AND id IN ({reviewed(reviews)})",  # noqa: S608
        (WHEN_REVIEWED, scope.plan, scope.edition, *reviews),
    )
    tx.db.execute(
        f"UPDATE calls SET state = 'closed', disposition = replace({LAST_WORD}, 'not-dialed', 'suppressed'),"  # noqa: S608
        " reason = ?, run = ? WHERE state = 'due' AND key IN"  # found by their ids: a million others may be due
        f" (SELECT key FROM calls WHERE plan = ? AND edition = ? AND id IN ({reviewed(reviews)}))",
        (WHEN_REVIEWED, scope.run, scope.plan, scope.edition, *reviews),
    )


def _supersede(tx: Transaction, scope: Scope, newest: str) -> None:
    """Close what the plan's older editions have not dialed, also where one of them is run again."""
    tx.db.execute(
        f"UPDATE calls SET state = 'closed', disposition = {LAST_WORD}, reason = 'superseded', run = ?"  # noqa: S608
        " WHERE plan = ? AND edition IN (SELECT edition FROM runs WHERE plan = ? AND edition <> ?) AND state = 'due'",
        (scope.run, scope.plan, scope.plan, newest),
    )


def _keep_cancelled(tx: Transaction, scope: Scope) -> None:
    """Close what loading made due again in an edition that somebody cancelled: only `resume` takes that back."""
    if any(hold.kind == "cancelled" for hold in standing_holds(tx.db, scope.plan, scope.edition)):
        tx.close_due(scope.plan, scope.edition, CANCELLED)


def _hold_changed_ids(tx: Transaction, scope: Scope, calls: int) -> int:
    """Close what is due to a pair that may have rung under an id that the plan no longer holds; return how many."""
    edition = (scope.plan, scope.edition)
    known = tx.db.execute("SELECT count(*) FROM calls WHERE plan = ? AND edition = ?", edition).fetchone()[0]
    if known == calls:
        return 0  # the plan holds every call that the journal knows: the usual case, told by an index alone
    gone = "SELECT pair FROM calls WHERE plan = ? AND edition = ? AND rung > 0 AND loaded_by <> ?"
    if tx.db.execute(f"{gone} LIMIT 1", (*edition, scope.load)).fetchone() is None:
        return 0  # no due call need be looked at
    return tx.db.execute(
        "UPDATE calls SET state = 'closed', disposition = 'not-dialed', reason = 'id changed'"  # noqa: S608
        f" WHERE plan = ? AND edition = ? AND state = 'due' AND pair IN ({gone}) AND NOT {CALL_MAY_HAVE_RUNG}",
        (*edition, *edition, scope.load),
    ).rowcount
