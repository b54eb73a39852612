"""Compares the rows of runs, holds, suppressed numbers and reviews with the events that report them."""

from collections import Counter
from collections.abc import Callable, Hashable, Iterable, Iterator, Mapping
from heapq import merge
from itertools import groupby
from operator import itemgetter
from typing import Any, NamedTuple, TypeVar

from orchestrator.journal.chain import text_hash
from orchestrator.journal.codec import event_data
from orchestrator.journal.database import Database
from orchestrator.journal.guard_queries import EVERY_PLAN
from orchestrator.journal.verify.finding import IntegrityFinding, differs
from orchestrator.journal.views.reviews import ids_hash
from orchestrator.model.events import EventType, rfc3339

Key = TypeVar("Key", bound=Hashable)

OF_NO_RUN = (
    *(EventType.PLAN_REVIEWED, EventType.TABLES_CHANGED, EventType.JOURNAL_LOSS_ACCEPTED),
    *(EventType.PLAN_APPROVED, EventType.APPROVAL_REVOKED, EventType.RUN_PAUSED, EventType.RUN_RESUMED),
    *(EventType.NUMBER_SUPPRESSED, EventType.NUMBER_RELEASED),
)
"""What a review leaves, what was noted without a word or is lost, and what a person may say before the first run."""

LOST_RUNS = (
    "SELECT e.run, min(e.seq) FROM events e WHERE NOT EXISTS (SELECT 1 FROM runs r WHERE r.id = e.run)"  # noqa: S608
    f" AND NOT (e.run = '' AND e.type IN ({', '.join('?' * len(OF_NO_RUN))})) GROUP BY e.run ORDER BY 2"
)

RUNS = (
    "SELECT r.id, p.name, r.edition, r.target, r.digest, r.policy, r.source, r.started_at, r.ended_at, r.exit_code"
    " FROM runs r JOIN plans p ON p.key = r.plan ORDER BY r.key"
)

HOLD_BEGINS: dict[str, str] = {
    EventType.RUN_HALTED: "halted",
    EventType.RUN_PAUSED: "paused",
    EventType.RUN_CANCELLED: "cancelled",
}
"""Which kind of hold begins with which event."""

HOLD_COLUMNS = ("reason", "by", "began", "began_at", "ended", "ended_at")
"""What is compared of a hold; its seconds by the moment that they are."""


class ReportedRow(NamedTuple):
    """What events say of one row; `seq` is the last event that speaks of it."""

    seq: int
    columns: dict[str, Any]


class HoldKey(NamedTuple):
    """The n-th hold of one kind on one edition, or on the whole journal."""

    plan: int
    edition: str
    kind: str
    n: int


def runs_against_events(db: Database) -> Iterator[IntegrityFinding]:
    """Yield runs that are missing, and those whose row is not what their events say."""
    for run, seq in db.execute(LOST_RUNS, OF_NO_RUN):
        yield IntegrityFinding(f"run {run}", seq, "events report it, and its row is missing")
    for run, plan, edition, target, digest, policy, source, started_at, ended_at, exit_code in db.execute(RUNS):
        began = {"plan": plan, "edition": edition, "target": target, "digest": digest}
        began |= {"policy": text_hash(policy), "source": source, "at": started_at}
        yield from _run_against_event(db, run, EventType.RUN_STARTED, began)
        ended = {"exit_code": exit_code, "at": ended_at}
        yield from _run_against_event(db, run, EventType.RUN_ENDED, ended, expected=ended_at is not None)


def _of_type(db: Database, kind: EventType) -> Iterator[Any]:
    """Stream number, time and data of the events of a kind that are no call's, in their order."""
    return iter(
        db.execute(
            f"SELECT seq, at, data FROM events {db.by('events_of_runs')} WHERE call IS NULL AND type = ? ORDER BY seq",  # noqa: S608
            (kind,),
        )
    )


def holds_against_events(db: Database) -> Iterator[IntegrityFinding]:
    """Yield holds that are missing, that no event reports, or that are not what their events say."""
    names = dict(db.execute("SELECT key, name FROM plans"))
    for key, seq, why in _differences(_holds(db), _reported_holds(db)):
        edition = f", edition {key.edition}" if key.edition else ""
        place = "the whole journal" if key.plan == EVERY_PLAN else f"plan {names.get(key.plan, key.plan)}{edition}"
        yield IntegrityFinding(f"{place}, {key.kind}", seq, why)


def suppressed_against_events(db: Database) -> Iterator[IntegrityFinding]:
    """Yield suppressed numbers that are missing, that no event reports, or that are not what their events say."""
    reported: dict[str, ReportedRow] = {}
    released = ((*event, True) for event in _of_type(db, EventType.NUMBER_RELEASED))
    suppressed = ((*event, False) for event in _of_type(db, EventType.NUMBER_SUPPRESSED))
    for seq, at, text, is_over in merge(suppressed, released):
        data = event_data(text)
        number = str(data.get("number"))
        if is_over:
            reported.pop(number, None)
        else:
            columns = {"because": data.get("because"), "by": data.get("by"), "at": at}
            reported.setdefault(number, ReportedRow(seq, columns))
    rows = db.execute("SELECT number, because, by, at FROM suppressed ORDER BY number")
    stand = ((number, {"because": because, "by": by, "at": at}) for number, because, by, at in rows)
    for number, seq, why in _differences(stand, reported):
        yield IntegrityFinding(f"suppressed number {number}", seq, why)


def reviews_against_events(db: Database) -> Iterator[IntegrityFinding]:
    """Yield reviews that are missing, that no event reports, or whose calls are not those that their event tells of."""
    events = _of_type(db, EventType.PLAN_REVIEWED)
    reported = {seq: ReportedRow(seq, {"ids": event_data(text).get("ids")}) for seq, _, text in events}
    rows = groupby(db.execute("SELECT review, call FROM reviewed ORDER BY review, call"), key=itemgetter(0))
    stand = ((review, {"ids": ids_hash(call for _, call in group)}) for review, group in rows)
    others = "the calls that it suppressed are not those of its event"
    for review, seq, why in _differences(stand, reported, lambda *_: others):
        yield IntegrityFinding(f"review {review}", seq, why)


def _differences(
    rows: Iterable[tuple[Key, Mapping[str, Any]]],
    reported: dict[Key, ReportedRow],
    worded: Callable[[str, object, object], str] = differs,
) -> Iterator[tuple[Key, int | None, str]]:
    """Yield the key, the event's number and what is wrong, of rows that are not as reported, and of missing ones."""
    for key, columns in rows:
        event = reported.pop(key, None)
        if event is None:
            yield key, None, "no event reports it"
            continue
        for column, value in columns.items():
            if value != event.columns[column]:
                yield key, event.seq, worded(column, value, event.columns[column])
    for key, event in reported.items():
        yield key, event.seq, "an event reports it, and its row is missing"


def _run_against_event(
    db: Database, run: str, kind: EventType, stands: Mapping[str, Any], *, expected: bool = True
) -> Iterator[IntegrityFinding]:
    """Compare a run's row with its one event of this kind, which must be there where it is `expected`."""
    found = db.execute(
        "SELECT seq, at, data FROM events WHERE call IS NULL AND run = ? AND type = ? ORDER BY seq", (run, kind.value)
    ).fetchone()
    if found is None:
        if expected:
            yield IntegrityFinding(f"run {run}", None, f"no event `{kind}` reports it")
        return
    seq, at, data = found
    reported = event_data(data) | {"at": at}
    for name, value in stands.items():
        if value != reported.get(name):
            column = "time" if name == "at" else name
            yield IntegrityFinding(f"run {run}", seq, differs(column, value, reported.get(name)))


def _reported_holds(db: Database) -> dict[HoldKey, ReportedRow]:
    """Return what events say of holds; a resume ends all that stand on its edition, or on the whole journal."""
    reported: dict[HoldKey, ReportedRow] = {}
    count = Counter[tuple[int, str, str]]()
    events = db.execute(
        f"SELECT e.seq, e.type, e.at, r.plan, r.edition, e.data FROM events e {db.by('events_of_runs')}"  # noqa: S608
        " LEFT JOIN runs r ON r.id = e.run WHERE e.call IS NULL AND e.type IN (?, ?, ?, ?) ORDER BY e.seq",
        (*HOLD_BEGINS, EventType.RUN_RESUMED),
    )
    for seq, type_, at, plan, edition, text in events:
        data = event_data(text)
        on, name = (EVERY_PLAN, "") if data.get("scope") == "journal" else (plan, edition)
        if on is None:  # of a run that is missing, which is a finding of its own
            continue
        if type_ == EventType.RUN_RESUMED:
            for kind in HOLD_BEGINS.values():
                key = HoldKey(on, name, kind, count[on, name, kind])
                if key in reported and reported[key].columns["ended_at"] is None:
                    reported[key] = ReportedRow(seq, reported[key].columns | {"ended_at": at, "ended": at})
            continue
        kind = HOLD_BEGINS[type_]
        count[on, name, kind] += 1
        reason = data.get("reason") if type_ == EventType.RUN_HALTED else data.get("because")
        columns = {"reason": reason or "", "by": data.get("by") or "", "began": at, "began_at": at}
        reported[HoldKey(on, name, kind, count[on, name, kind])] = ReportedRow(
            seq, columns | {"ended": None, "ended_at": None}
        )
    return reported


def _holds(db: Database) -> Iterator[tuple[HoldKey, dict[str, Any]]]:
    count = Counter[tuple[int, str, str]]()
    rows = db.execute(f"SELECT plan, edition, kind, {', '.join(HOLD_COLUMNS)} FROM holds ORDER BY key")  # noqa: S608
    for plan, edition, kind, *row in rows:
        count[plan, edition, kind] += 1
        columns = dict(zip(HOLD_COLUMNS, row, strict=True))
        moments = {name: _moment(columns[name]) for name in ("began", "ended")}
        yield HoldKey(plan, edition, kind, count[plan, edition, kind]), columns | moments


def _moment(epoch: float | None) -> str | None:
    """Return the moment that a column of seconds holds; one that no calendar has as a number."""
    try:
        return None if epoch is None else rfc3339(epoch)
    except (ValueError, OverflowError, OSError):
        return str(epoch)
