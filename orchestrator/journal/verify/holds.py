"""What holds plans, and which numbers are never rung, against the events that tell who data so."""

import sqlite3
from collections import defaultdict
from collections.abc import Iterator, Mapping
from itertools import zip_longest
from typing import Any, NamedTuple

from orchestrator.journal.codec import event_data
from orchestrator.journal.holds import WHOLE
from orchestrator.journal.verify.finding import IntegrityFinding, differs
from orchestrator.model.events import EventType
from orchestrator.model.times import rfc3339

KINDS: dict[str, str] = {
    EventType.RUN_HALTED: "halted",
    EventType.RUN_PAUSED: "paused",
    EventType.RUN_CANCELLED: "cancelled",
}
"""Which hold begins with which event."""

REPORTED = (
    "SELECT e.seq, e.type, e.at, r.plan, r.edition, e.data FROM events e INDEXED BY events_of_runs"
    " LEFT JOIN runs r ON r.id = e.run WHERE e.call IS NULL AND e.type IN (?, ?, ?, ?) ORDER BY e.seq"
)

COLUMNS = ("reason", "by", "began", "began_at", "ended", "ended_at")
"""What is compared of a hold, in the order of HOLDS; the seconds by the moment that they are."""

HOLDS = f"SELECT plan, edition, kind, {', '.join(COLUMNS)} FROM holds ORDER BY key"  # noqa: S608 - constants only

SUPPRESSED = ("because", "by", "at")
"""What is compared of a suppressed number."""


class HoldPlace(NamedTuple):
    """Which holds follow each other: of one kind on one edition, or on the whole journal."""

    plan: int
    edition: str
    kind: str


class ReportedRow(NamedTuple):
    """One row by its events; `seq` is the last that speaks of it."""

    seq: int
    columns: dict[str, Any]


def holds_against_events(db: sqlite3.Connection) -> Iterator[IntegrityFinding]:
    """Yield holds that are missing, unheard of, or not what their events say."""
    reported, stand = _reported(db), _stand(db)
    for place in sorted(reported.keys() | stand.keys(), key=repr):
        name = _name(db, place)
        for event, row in zip_longest(reported[place], stand[place]):
            if event is None:
                yield IntegrityFinding(name, None, "no event speaks of it")
            elif row is None:
                yield IntegrityFinding(name, event.seq, "events speak of it, and it is missing")
            else:
                yield from _differences(name, event.seq, row, event.columns)


def suppressed_against_events(db: sqlite3.Connection) -> Iterator[IntegrityFinding]:
    """Yield suppressed numbers that are missing, unheard of, or not what their events say."""
    reported: dict[str, ReportedRow] = {}
    rows = db.execute(
        "SELECT seq, at, data FROM events INDEXED BY events_of_runs WHERE call IS NULL AND type = ? ORDER BY seq",
        (EventType.NUMBER_SUPPRESSED,),
    )
    for seq, at, text in rows:
        data = event_data(text)
        columns = {"because": data.get("because"), "by": data.get("by"), "at": at}
        reported.setdefault(str(data.get("number")), ReportedRow(seq, columns))
    for number, *row in db.execute("SELECT number, because, by, at FROM suppressed ORDER BY number"):
        name, event = f"suppressed number {number}", reported.pop(number, None)
        if event is None:
            yield IntegrityFinding(name, None, "no event speaks of it")
        else:
            yield from _differences(name, event.seq, dict(zip(SUPPRESSED, row, strict=True)), event.columns)
    for number, event in reported.items():
        yield IntegrityFinding(f"suppressed number {number}", event.seq, "an event speaks of it, and it is missing")


def _reported(db: sqlite3.Connection) -> dict[HoldPlace, list[ReportedRow]]:
    """Return what events say of holds, by their place and in their order; a resume ends all that stand there."""
    reported: dict[HoldPlace, list[ReportedRow]] = defaultdict(list)
    for seq, type_, at, plan, edition, text in db.execute(REPORTED, (*KINDS, EventType.RUN_RESUMED)):
        data = event_data(text)
        whole = data.get("scope") == "journal"
        key, name = (WHOLE, "") if whole else (plan, edition)
        if key is None:  # of a run that is missing, which is a finding of its own
            continue
        if type_ == EventType.RUN_RESUMED:
            for kind in KINDS.values():
                holds = reported[HoldPlace(key, name, kind)]
                if holds and holds[-1].columns["ended_at"] is None:
                    holds[-1] = ReportedRow(seq, holds[-1].columns | {"ended_at": at, "ended": at})
            continue
        reason = data.get("reason") if type_ == EventType.RUN_HALTED else data.get("because")
        columns = {"reason": reason or "", "by": data.get("by") or "", "began": at, "began_at": at}
        columns |= {"ended": None, "ended_at": None}
        reported[HoldPlace(key, name, KINDS[type_])].append(ReportedRow(seq, columns))
    return reported


def _stand(db: sqlite3.Connection) -> dict[HoldPlace, list[dict[str, Any]]]:
    stand: dict[HoldPlace, list[dict[str, Any]]] = defaultdict(list)
    for plan, edition, kind, *row in db.execute(HOLDS):
        columns = dict(zip(COLUMNS, row, strict=True))
        for name in ("began", "ended"):
            columns[name] = _moment(columns[name])
        stand[HoldPlace(plan, edition, kind)].append(columns)
    return stand


def _moment(epoch: float | None) -> str | None:
    """Return the moment that a column of seconds holds; one that no calendar has as a number."""
    try:
        return None if epoch is None else rfc3339(epoch)
    except (ValueError, OverflowError, OSError):
        return str(epoch)


def _differences(
    name: str, seq: int, row: Mapping[str, Any], reported: Mapping[str, Any]
) -> Iterator[IntegrityFinding]:
    for column, value in row.items():
        if value != reported[column]:
            yield IntegrityFinding(name, seq, differs(column, value, reported[column]))


def _name(db: sqlite3.Connection, place: HoldPlace) -> str:
    if place.plan == WHOLE:
        return f"the whole journal, {place.kind}"
    row = db.execute("SELECT name FROM plans WHERE key = ?", (place.plan,)).fetchone()
    edition = f", edition {place.edition}" if place.edition else ""
    return f"plan {row[0] if row else place.plan}{edition}, {place.kind}"
