"""What a receiver beside the dialers asks of the journal: which plans are dialed now, and how a run of one decides."""

import sqlite3
from collections.abc import Iterable
from dataclasses import dataclass
from pathlib import Path

from orchestrator.journal.codec import ATTEMPT_QUERY, LAST, attempt_with_call, dump
from orchestrator.journal.lock import dialers
from orchestrator.model.policy import Policy
from orchestrator.model.policy_json import policy_from_json
from orchestrator.model.work import Attempt, Scope

EVERY = 0
"""Every plan, where the key of one could stand."""


@dataclass(frozen=True, slots=True)
class LastRun:
    """A plan's latest run, and the policy that it was started with."""

    scope: Scope
    policy: Policy


def dialed_now(db: sqlite3.Connection, journal: Path, plan: int = EVERY) -> frozenset[int]:
    """Return the keys of the plans, or only `plan`'s, whose latest run goes on in a process that lives."""
    rows = db.execute(
        "SELECT p.key FROM plans p JOIN runs r ON r.key = p.dialer WHERE r.ended_at IS NULL AND ?1 IN (0, p.key)",
        (plan,),
    ).fetchall()
    return frozenset(key for (key,) in rows if any(dialer.alive for dialer in dialers(db, journal, key)))


def last_run(db: sqlite3.Connection, plan: int) -> LastRun | None:
    """Return a plan's latest run; None where its policy cannot be read, which only an altered journal shows."""
    row = db.execute(
        "SELECT edition, key, id, load, policy FROM runs WHERE plan = ? ORDER BY key DESC LIMIT 1", (plan,)
    ).fetchone()
    if row is None:
        return None
    *of, policy = row
    try:
        return LastRun(Scope(plan, *of), policy_from_json(policy))
    except ValueError:
        return None


def left_open(db: sqlite3.Connection, but: Iterable[int], limit: int) -> list[Attempt]:
    """Return the attempts of open calls whose ending is written down, of every plan `but` these."""
    rows = db.execute(
        f"{ATTEMPT_QUERY} a.call IN (SELECT key FROM calls WHERE state = 'open') AND a.ending IS NOT NULL"  # noqa: S608
        f" AND c.plan NOT IN (SELECT value FROM json_each(?)) AND a.n = {LAST} ORDER BY a.key LIMIT ?",
        (dump(list(but)), limit),
    )
    return [attempt_with_call(row) for row in rows]
