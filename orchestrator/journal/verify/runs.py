"""The table of runs against the events that begin and end them."""

import sqlite3
from collections.abc import Iterator, Mapping
from typing import Any

from orchestrator.journal.chain import fingerprint
from orchestrator.journal.codec import event_data
from orchestrator.journal.verify.finding import IntegrityFinding, differs
from orchestrator.model.events import EventType

RUNS = (
    "SELECT r.id, p.name, r.edition, r.target, r.digest, r.policy, r.source, r.started_at, r.ended_at, r.exit_code"
    " FROM runs r JOIN plans p ON p.key = r.plan ORDER BY r.key"
)

OF_NO_RUN = (
    *(EventType.PLAN_REVIEWED, EventType.TABLES_CHANGED, EventType.JOURNAL_LOSS_ACCEPTED),
    *(EventType.RUN_PAUSED, EventType.RUN_RESUMED, EventType.NUMBER_SUPPRESSED),
)
"""What a review leaves, what was noted without a word or is lost, and what a person may say before the first run."""

LOST = (
    "SELECT e.run, min(e.seq) FROM events e WHERE NOT EXISTS (SELECT 1 FROM runs r WHERE r.id = e.run)"
    " AND NOT (e.run = '' AND e.type IN (?, ?, ?, ?, ?, ?)) GROUP BY e.run ORDER BY 2"
)


def runs_against_events(db: sqlite3.Connection) -> Iterator[IntegrityFinding]:
    """Yield runs that are missing, and those whose row is not what their events say."""
    for run, seq in db.execute(LOST, OF_NO_RUN):
        yield IntegrityFinding(f"run {run}", seq, "events speak of it, and it is missing")
    for run, plan, edition, target, digest, policy, source, started_at, ended_at, exit_code in db.execute(RUNS):
        began = {"plan": plan, "edition": edition, "target": target, "digest": digest}
        began |= {"policy": fingerprint(policy), "source": source, "at": started_at}
        yield from _compare(db, run, EventType.RUN_STARTED, began)
        ended = {"exit_code": exit_code, "at": ended_at}
        yield from _compare(db, run, EventType.RUN_ENDED, ended, expected=ended_at is not None)


def _compare(
    db: sqlite3.Connection, run: str, kind: EventType, stands: Mapping[str, Any], *, expected: bool = True
) -> Iterator[IntegrityFinding]:
    """Compare a run's row with its one event of this kind, which must be there where it is `expected`."""
    found = db.execute(
        "SELECT seq, at, data FROM events WHERE call IS NULL AND run = ? AND type = ? ORDER BY seq", (run, kind.value)
    ).fetchone()
    if found is None:
        if expected:
            yield IntegrityFinding(f"run {run}", None, f"no event `{kind}` speaks of it")
        return
    seq, at, data = found
    reported = event_data(data) | {"at": at}
    for name, value in stands.items():
        if value != reported.get(name):
            column = "time" if name == "at" else name
            yield IntegrityFinding(f"run {run}", seq, differs(column, value, reported.get(name)))
