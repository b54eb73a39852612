"""What `why`, `runs`, `status` and `serve` ask the journal: a call's story, the runs, and where an edition stands."""

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import NamedTuple, get_args

from orchestrator.exotel.call_fields import parties
from orchestrator.journal.codec import (
    ATTEMPT_QUERY,
    LAST_THAT_MAY_HAVE_RUNG,
    attempt_with_call,
    carry_from_text,
    disposition_from_text,
    dump,
    event_from_row,
    fields_from_text,
)
from orchestrator.journal.guard_queries import CANCELLED, EVERY_PLAN, standing_holds
from orchestrator.journal.queries import Reader
from orchestrator.journal.settle import Edition, editions_of_call
from orchestrator.journal.sqlite.connection import Connection
from orchestrator.journal.sqlite.lock import dialers
from orchestrator.model.call import Field
from orchestrator.model.events import Event, EventType
from orchestrator.model.hold import Hold, HoldKind
from orchestrator.model.policy import Policy
from orchestrator.model.policy_json import policy_from_json
from orchestrator.model.record import RunRecord
from orchestrator.model.story import RunLine, Standing, Story
from orchestrator.model.times import rfc3339
from orchestrator.model.work import Attempt, Scope
from orchestrator.phone.numbers import identity


def run_lines(db: Connection) -> Iterator[RunLine]:
    """Stream the journal's runs, the latest first."""
    reader, rows = Reader(db), db.execute("SELECT id, calls FROM runs ORDER BY key DESC")
    return (RunLine(reader.run(run), calls) for run, calls in rows)


def stories(db: Connection, call: str, run: str | None, now: float, *, only: str | None = None) -> Iterator[Story]:
    """Stream the story of every call of this id, the latest edition first: of the edition of `run` where one is named.

    `only`: what only that run did.
    """
    return (_story(db, edition, call, only, now) for edition in editions_of_call(db, call, run))


def _story(db: Connection, edition: Edition, call: str, run: str | None, now: float) -> Story:
    key, last, state, disposition, reason, place, fields, carry, not_before = db.execute(
        "SELECT c.key, r.id, c.state, c.disposition, c.reason, c.place, c.fields, c.carry,"
        " c.not_before FROM calls c JOIN runs r ON r.key = c.run"
        " WHERE c.plan = ? AND c.edition = ? AND c.id = ?",
        (edition.plan, edition.edition, call),
    ).fetchone()
    due, asked_for = state == "due", fields_from_text(fields)
    return Story(
        id=call,
        plan=edition.name,
        edition=edition.edition,
        run=last,
        state=state,
        disposition=disposition_from_text(disposition),
        reason=reason,
        place=place,
        fields=asked_for,
        carry=carry_from_text(carry),
        not_before=rfc3339(not_before) if due and not_before > now else None,
        holds=standing_holds(db, edition.plan, edition.edition) if due else (),
        attempts=_attempts(db, key, run),
        requests=_requests(db, key),
        events=_events(db, edition, call, run, _End(last, reason, state == "closed"), asked_for),
    )


def _requests(db: Connection, call: int) -> dict[int, tuple[Field, ...]]:
    """Return the requests of attempts that were made before the call's was corrected, by their numbers."""
    rows = db.execute("SELECT n, fields FROM attempts WHERE call = ? AND fields IS NOT NULL ORDER BY n", (call,))
    return {n: fields_from_text(fields) for n, fields in rows}


def _attempts(db: Connection, call: int, run: str | None) -> tuple[Attempt, ...]:
    rows = db.execute(f"{ATTEMPT_QUERY} a.call = ? AND r.id = coalesce(?, r.id) ORDER BY a.n", (call, run))
    return tuple(map(attempt_with_call, rows))


class _End(NamedTuple):
    """How a call stands: the last run that touched it, why it is closed, and whether it is."""

    run: str
    reason: str | None
    final: bool


def _events(
    db: Connection, edition: Edition, call: str, run: str | None, end: _End, asked_for: Sequence[Field]
) -> tuple[Event, ...]:
    """Return a call's own events with those of the runs that dealt with it, in order.

    A run dealt with it that made, heard of or waited with it: not one that came when it had its disposition. An
    attempt of an older edition may be followed by a run of a newer one, which its events then name beside their own.
    What was said to all plans, or of the call's numbers, stands under whichever run was the latest then.
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
    if not end.final:
        dealt |= {end.run}
    elif end.reason == CANCELLED:
        dealt |= {row[3] for row in rows if row[1] == EventType.RUN_CANCELLED}
    ended = own and end.final and own[-1][1] != EventType.CALL_WAITING  # else it waited, and was closed with others
    before = own[-1][0] if ended else float("inf")
    dealt |= {row[3] for row in rows if row[1] == EventType.RUN_WAITING and row[0] < before}
    told = {
        row[0]: event_from_row(*row[1:]) for row in rows if row[3] in dealt and row[1] != EventType.NUMBER_SUPPRESSED
    }
    told |= _to_all(db, {identity(number) for number in parties(asked_for).rung}, before)
    return tuple(event for _, event in sorted(told.items()) if run in (None, event.run, event.data.get("begun")))


def _to_all(db: Connection, numbers: set[str], before: float) -> dict[int, Event]:
    """Return what was said to every plan on the journal, or of these numbers, by its place in the journal."""
    rows = db.execute(
        "SELECT seq, type, at, run, call, attempt, data FROM events INDEXED BY events_of_runs"
        " WHERE call IS NULL AND type IN (?, ?, ?) AND seq < ?",
        (EventType.RUN_PAUSED, EventType.RUN_RESUMED, EventType.NUMBER_SUPPRESSED, before),
    )
    said = {row[0]: event_from_row(*row[1:]) for row in rows}
    return {
        seq: event
        for seq, event in said.items()
        if event.data.get("scope") == "journal" or event.data.get("number") in numbers
    }


def run_of(db: Connection, run: str | None = None) -> tuple[Scope, RunRecord] | None:
    """Return a run, by default the latest; None where there is none."""
    row = db.execute(
        "SELECT plan, edition, key, id, load FROM runs WHERE id = coalesce(?, id) ORDER BY key DESC LIMIT 1", (run,)
    ).fetchone()
    return None if row is None else (Scope(*row), Reader(db).run(row[3]))


def standing(db: Connection, journal: Path, scope: Scope, run: RunRecord, now: float, *, asked: bool) -> Standing:
    """Return where a plan's edition stands at an epoch second, with its run that was asked for, or the latest."""
    reader = Reader(db)
    due = reader.count(scope, "due")
    edition = (scope.plan, scope.edition)
    runs = db.execute("SELECT count(*) FROM runs WHERE plan = ? AND edition = ?", edition).fetchone()[0]
    attempts = db.execute("SELECT count(*) FROM attempts WHERE run = ?", (scope.run,)).fetchone()[0]
    dialer = next(dialers(db, journal, scope.plan), None)
    fence = db.execute("SELECT dialer = ? FROM plans WHERE key = ?", (scope.run, scope.plan)).fetchone()[0]
    holds = standing_holds(db, *edition)
    next_at, why = _next(db, reader, scope, now, holds) if due else (None, None)
    return Standing(
        run=run,
        asked=asked,
        runs=runs,
        totals=reader.totals(scope),
        due=due,
        open=reader.count(scope, "open"),
        attempts_of_run=attempts,
        alive=dialer is not None and dialer.alive and bool(fence) and run.ended_at is None,
        dialer=dialer,
        holds=holds,
        next_at=next_at,
        next_why=why,
    )


def _next(
    db: Connection, reader: Reader, scope: Scope, now: float, holds: tuple[Hold, ...]
) -> tuple[str | None, str | None]:
    """Return when the next due call may start, and why not before.

    What holds them all, what the journal says of the first that may start, or what the latest run was last told.
    """
    if holds:
        return None, holds[0].kind
    held = max(reader.next_due(scope) or 0.0, now)
    until, reason = _last_told(db, scope)
    if until == "never" or (until is None and reason is not None):
        return None, reason
    if until is not None and until > rfc3339(held):
        return until, reason
    return rfc3339(held), _why_later(db, scope, held) if held > now else None


def _last_told(db: Connection, scope: Scope) -> tuple[str | None, str | None]:
    """Return until when, and for what, the edition's latest run last said that its calls wait; None for nothing.

    Without a time it waits for calls that end: that is over where it has started one since, or a person held it then.
    """
    row = db.execute(
        "SELECT json_extract(data, '$.until'), json_extract(data, '$.reason'), at >= coalesce("
        "   (SELECT max(a.started_at) FROM attempts a JOIN runs r ON r.key = a.run WHERE r.id = events.run), '')"
        " FROM events INDEXED BY events_of_runs WHERE call IS NULL AND type = ? AND run IN"
        "   (SELECT id FROM runs WHERE plan = ? AND edition = ? ORDER BY key DESC LIMIT 1) ORDER BY seq DESC LIMIT 1",
        (EventType.RUN_WAITING, scope.plan, scope.edition),
    ).fetchone()
    if row is None or (row[0] is None and (not row[2] or str(row[1]).startswith(get_args(HoldKind)))):
        return None, None
    return row[0], str(row[1])


def _why_later(db: Connection, scope: Scope, held: float) -> str:
    """Return why no due call may start before `held`: what the first of them says, or another call with its numbers."""
    first, reason = db.execute(
        "SELECT min(not_before), reason FROM calls WHERE plan = ? AND edition = ? AND state = 'due'",
        (scope.plan, scope.edition),
    ).fetchone()
    if first < held:
        return "a pair that is held"
    return str(reason or "not_before")


@dataclass(frozen=True, slots=True)
class LatestRun:
    """A plan's latest run, and the rules of redialing that it was started with: of its policy nothing else is read."""

    scope: Scope
    policy: Policy


def dialed_now(db: Connection, journal: Path, plan: int = EVERY_PLAN) -> frozenset[int]:
    """Return the keys of the plans, or only `plan`'s, whose latest run goes on in a process that lives."""
    rows = db.execute(
        "SELECT p.key FROM plans p JOIN runs r ON r.key = p.dialer WHERE r.ended_at IS NULL AND ?1 IN (0, p.key)",
        (plan,),
    ).fetchall()
    return frozenset(key for (key,) in rows if any(dialer.alive for dialer in dialers(db, journal, key)))


def latest_run_of_plan(db: Connection, plan: int) -> LatestRun | None:
    """Return a plan's latest run; None where its rules of redialing cannot be read, as in an altered journal."""
    row = db.execute(
        "SELECT edition, key, id, load, policy FROM runs WHERE plan = ? ORDER BY key DESC LIMIT 1", (plan,)
    ).fetchone()
    if row is None:
        return None
    *of, policy = row
    try:
        return LatestRun(Scope(plan, *of), policy_from_json(policy, only=("redial",)))
    except ValueError:
        return None


def left_open(db: Connection, but: Iterable[int], limit: int) -> list[Attempt]:
    """Return the attempts of open calls whose ending is written down, of every plan `but` these."""
    rows = db.execute(
        f"{ATTEMPT_QUERY} a.call IN (SELECT key FROM calls WHERE state = 'open') AND a.ending IS NOT NULL"  # noqa: S608
        f" AND c.plan NOT IN (SELECT value FROM json_each(?)) AND a.n = {LAST_THAT_MAY_HAVE_RUNG}"
        " ORDER BY a.key LIMIT ?",
        (dump(list(but)), limit),
    )
    return [attempt_with_call(row) for row in rows]
