"""Loads calls as `run` does, in one transaction."""

from collections.abc import Iterable

from orchestrator.journal.load import Load, Loading, Reload
from orchestrator.journal.queries import Reader
from orchestrator.journal.run import Loaded, NewRun
from orchestrator.journal.spool import CALLS_IN_A_BATCH, CallSpool, Suppressed
from orchestrator.journal.transaction import Transaction
from orchestrator.journal.views.view import View
from orchestrator.model.call import DueCall, NewAttempt, ResolvedCall, Scope, SkippedRow
from orchestrator.model.story import Edition


def nobody(_call: ResolvedCall) -> str | None:
    """Say that no number of a call stands on a list."""
    return None


def spooled(
    calls: Iterable[ResolvedCall | SkippedRow], suppressed: Suppressed = nobody, batch: int = CALLS_IN_A_BATCH
) -> CallSpool:
    """Keep calls as a review does."""
    spool = CallSpool(batch)
    for item in calls:
        spool.add(item, suppressed)
    return spool


def load(
    tx: Transaction, run: NewRun, calls: Iterable[ResolvedCall | SkippedRow], suppressed: Suppressed = nobody
) -> Loaded:
    """Load a plan that was read."""
    return loaded(tx, Load(run, spooled(calls, suppressed)))


def reload(tx: Transaction, run: NewRun) -> Loaded:
    """Load a plan that has not changed since the last run."""
    return loaded(tx, Reload(run))


def loaded(tx: Transaction, loading: Loading) -> Loaded:
    """Take every step in one transaction."""
    loading.prepare(Reader(tx.db))
    while True:
        loading.read_ahead()
        found = loading.step(tx)
        if found is not None:
            return found


def latest_edition(view: View) -> Edition:
    """Return the edition of the journal's latest run."""
    run = view.runs.latest()
    assert run is not None
    return view.editions.of_run(run.run)


def claimed(
    tx: Transaction, scope: Scope, call: DueCall, token_hash: str, at: str, now: float, pair_free_at: float
) -> int | None:
    """Commit one intent, as a run does; return the attempt's number, None where the call may not start."""
    (n,) = tx.begin_attempts(scope, [NewAttempt(call, token_hash, at, now, pair_free_at)])
    return n
