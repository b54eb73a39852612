"""What `why`, `runs` and `status` ask the journal: one call's story, the runs, and where an edition stands."""

import json
import os
import sqlite3
from collections.abc import Iterator
from datetime import UTC, datetime
from pathlib import Path

from orchestrator.journal.codec import ATTEMPT_QUERY, attempt_with_call, fields_from_text
from orchestrator.journal.lock import STOPPED, holder_of, lock_file
from orchestrator.journal.reading import Reader
from orchestrator.journal.settling import Edition, editions_of_call
from orchestrator.model.events import Event, EventType
from orchestrator.model.outcome import Disposition
from orchestrator.model.record import RunRecord
from orchestrator.model.story import Dialer, RunLine, Standing, Story
from orchestrator.model.work import Attempt, Scope


def run_lines(db: sqlite3.Connection) -> Iterator[RunLine]:
    """Stream the journal's runs, the latest first."""
    reader, rows = Reader(db), db.execute("SELECT id, calls FROM runs ORDER BY key DESC")
    return (RunLine(reader.run(run), calls) for run, calls in rows)


def stories(db: sqlite3.Connection, call: str, run: str | None, now: float) -> Iterator[Story]:
    """Stream the story of every call of this id, the latest edition first; only what `run` did, where one is named."""
    return (_story(db, edition, call, run, now) for edition in editions_of_call(db, call, run))


def _story(db: sqlite3.Connection, edition: Edition, call: str, run: str | None, now: float) -> Story:
    key, last, state, disposition, reason, place, fields, carry, not_before = db.execute(
        "SELECT c.key, r.id, c.state, c.disposition, c.reason, c.place, c.fields, c.carry,"
        " c.not_before FROM calls c JOIN runs r ON r.key = c.run"
        " WHERE c.plan = ? AND c.edition = ? AND c.id = ?",
        (edition.plan, edition.edition, call),
    ).fetchone()
    held = state == "due" and not_before > now
    return Story(
        id=call,
        plan=edition.name,
        edition=edition.edition,
        run=last,
        state=state,
        disposition=Disposition(disposition),
        reason=reason,
        place=place,
        fields=fields_from_text(fields),
        carry=json.loads(carry),
        not_before=_moment(not_before) if held else None,
        attempts=_attempts(db, key, run),
        events=_events(db, edition, call, run, last, final=state == "closed"),
    )


def _attempts(db: sqlite3.Connection, call: int, run: str | None) -> tuple[Attempt, ...]:
    rows = db.execute(f"{ATTEMPT_QUERY} a.call = ? AND r.id = coalesce(?, r.id) ORDER BY a.n", (call, run))
    return tuple(map(attempt_with_call, rows))


def _events(
    db: sqlite3.Connection, edition: Edition, call: str, run: str | None, last: str, *, final: bool
) -> tuple[Event, ...]:
    """Return a call's own events with those of the runs that dealt with it, in order.

    A run dealt with it that made, heard of or waited with it: not one that came when it had its disposition. An
    attempt of an older edition may be followed by a run of a newer one, which its events then name beside their own.
    """
    rows = db.execute(
        "WITH mine AS (SELECT id FROM runs WHERE plan = ?1 AND edition = ?2)"
        " SELECT seq, type, at, run, call, attempt, data FROM events"
        " WHERE call = ?3 AND coalesce(json_extract(data, '$.begun'), run) IN mine"
        " UNION ALL SELECT seq, type, at, run, call, attempt, data FROM events INDEXED BY events_of_runs"
        " WHERE call IS NULL AND run IN mine ORDER BY seq",
        (edition.plan, edition.edition, call),
    ).fetchall()
    own = [row for row in rows if row[4] is not None]
    dealt = {row[3] for row in own}
    if not final:
        dealt |= {last}
    before = own[-1][0] if own and final else float("inf")
    dealt |= {row[3] for row in rows if row[1] == EventType.RUN_WAITING and row[0] < before}
    told = (_event(*row) for row in rows if row[3] in dealt)
    return tuple(event for event in told if run in (None, event.run, event.data.get("begun")))


def _event(_seq: int, kind: str, at: str, run: str, call: str | None, attempt: int | None, data: str) -> Event:
    return Event(EventType(kind), at, run, call, attempt, json.loads(data))


def run_of(db: sqlite3.Connection, run: str | None = None) -> tuple[Scope, RunRecord] | None:
    """Return a run, by default the latest; None where there is none."""
    return _scope(db, "r.id = coalesce(?, r.id)", run)


def run_of_plan(db: sqlite3.Connection, plan: str, edition: str | None = None) -> tuple[Scope, RunRecord] | None:
    """Return the latest run of a plan by its name, and of one edition where it is given; None where there is none."""
    return _scope(db, "p.name = ? AND r.edition = coalesce(?, r.edition)", plan, edition)


def _scope(db: sqlite3.Connection, where: str, *values: str | None) -> tuple[Scope, RunRecord] | None:
    row = db.execute(
        "SELECT r.plan, r.edition, r.key, r.id, r.load FROM runs r JOIN plans p ON p.key = r.plan"  # noqa: S608
        f" WHERE {where} ORDER BY r.key DESC LIMIT 1",
        values,
    ).fetchone()
    if row is None:
        return None
    plan, edition, key, run, load = row
    return Scope(plan=plan, edition=edition, run=key, run_id=run, load=load), Reader(db).run(run)


def standing(
    db: sqlite3.Connection, journal: Path, scope: Scope, run: RunRecord, now: float, *, asked: bool
) -> Standing:
    """Return where a plan's edition stands at an epoch second, with its run that was asked for, or the latest."""
    reader = Reader(db)
    due = reader.count(scope, "due")
    edition = (scope.plan, scope.edition)
    runs = db.execute("SELECT count(*) FROM runs WHERE plan = ? AND edition = ?", edition).fetchone()[0]
    attempts = db.execute("SELECT count(*) FROM attempts WHERE run = ?", (scope.run,)).fetchone()[0]
    dialer = dialer_of(journal)
    fence = reader.meta("dialer") == str(scope.run)  # the run that the journal takes intents from
    next_at, why = _next(db, reader, scope, now) if due else (None, None)
    return Standing(
        run=run,
        asked=asked,
        runs=runs,
        totals=reader.totals(scope),
        due=due,
        open=reader.count(scope, "open"),
        attempts_of_run=attempts,
        alive=dialer is not None and dialer.alive and fence and run.ended_at is None,
        dialer=dialer,
        next_at=next_at,
        next_why=why,
    )


def _next(db: sqlite3.Connection, reader: Reader, scope: Scope, now: float) -> tuple[str | None, str | None]:
    """Return when the next due call may start, and why not before: what the journal holds, or the window last told."""
    held = max(reader.next_due(scope) or 0.0, now)
    row = db.execute(
        "SELECT json_extract(data, '$.until'), json_extract(data, '$.reason') FROM events INDEXED BY events_of_runs"
        " WHERE call IS NULL AND type = ? AND run IN"
        "   (SELECT id FROM runs WHERE plan = ? AND edition = ? ORDER BY key DESC LIMIT 1) ORDER BY seq DESC LIMIT 1",
        (EventType.RUN_WAITING, scope.plan, scope.edition),
    ).fetchone()
    if row is not None and row[0] == "never":
        return None, str(row[1])
    if row is not None and str(row[0]) > _moment(held):
        return str(row[0]), str(row[1])
    return _moment(held), "a retry, or a pair that is held" if held > now else None


def dialer_of(journal: Path) -> Dialer | None:
    """Return the process that took the dialer's lock last, only looking; None where none ever did.

    The lock itself is not tried: a `run` that starts at this very moment must find it free.
    """
    path = lock_file(journal)
    pid, silent = holder_of(path)
    if not pid.isdigit():
        return None
    return Dialer(pid, silent, alive=silent < STOPPED and _exists(int(pid)))


def _exists(pid: int) -> bool:
    try:
        os.kill(pid, 0)
    except (ProcessLookupError, OverflowError):
        return False
    except PermissionError:
        return True  # another user's
    return True


def _moment(epoch: float) -> str:
    return datetime.fromtimestamp(epoch, UTC).isoformat(timespec="milliseconds").replace("+00:00", "Z")
