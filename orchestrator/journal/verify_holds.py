"""What holds plans, and which numbers are never rung, against the events that tell who said so."""

import sqlite3
from collections import defaultdict
from collections.abc import Iterator, Mapping
from itertools import zip_longest
from typing import Any, NamedTuple

from orchestrator.journal.altered import Altered, differs
from orchestrator.journal.codec import event_data
from orchestrator.journal.holds import WHOLE
from orchestrator.model.events import EventType
from orchestrator.model.times import rfc3339

KINDS: dict[str, str] = {
    EventType.RUN_HALTED: "halted",
    EventType.RUN_PAUSED: "paused",
    EventType.RUN_CANCELLED: "cancelled",
}
"""Which hold begins with which event."""

SAID = (
    "SELECT e.seq, e.type, e.at, r.plan, r.edition, e.data FROM events e INDEXED BY events_of_runs"
    " LEFT JOIN runs r ON r.id = e.run WHERE e.call IS NULL AND e.type IN (?, ?, ?, ?) ORDER BY e.seq"
)

COLUMNS = ("reason", "by", "began", "began_at", "ended", "ended_at")
"""What is compared of a hold, in the order of HOLDS; the seconds by the moment that they are."""

HOLDS = f"SELECT plan, edition, kind, {', '.join(COLUMNS)} FROM holds ORDER BY key"  # noqa: S608 - constants only

SUPPRESSED = ("because", "by", "at")
"""What is compared of a suppressed number."""


class Place(NamedTuple):
    """Which holds follow each other: of one kind on one edition, or on the whole journal."""

    plan: int
    edition: str
    kind: str


class Told(NamedTuple):
    """One hold by its events; `seq` is the last that speaks of it."""

    seq: int
    columns: dict[str, Any]


def holds_against_events(db: sqlite3.Connection) -> Iterator[Altered]:
    """Yield holds that are missing, unheard of, or not what their events say."""
    told, stand = _told(db), _stand(db)
    for place in sorted(told.keys() | stand.keys(), key=repr):
        name = _name(db, place)
        for event, row in zip_longest(told[place], stand[place]):
            if event is None:
                yield Altered(name, None, "no event speaks of it")
            elif row is None:
                yield Altered(name, event.seq, "events speak of it, and it is missing")
            else:
                yield from _differences(name, event.seq, row, event.columns)


def suppressed_against_events(db: sqlite3.Connection) -> Iterator[Altered]:
    """Yield suppressed numbers that are missing, unheard of, or not what their events say."""
    told: dict[str, Told] = {}
    rows = db.execute(
        "SELECT seq, at, data FROM events INDEXED BY events_of_runs WHERE call IS NULL AND type = ? ORDER BY seq",
        (EventType.NUMBER_SUPPRESSED,),
    )
    for seq, at, data in rows:
        said = event_data(data)
        told.setdefault(
            str(said.get("number")), Told(seq, {"because": said.get("because"), "by": said.get("by"), "at": at})
        )
    for number, *row in db.execute("SELECT number, because, by, at FROM suppressed ORDER BY number"):
        name, event = f"suppressed number {number}", told.pop(number, None)
        if event is None:
            yield Altered(name, None, "no event speaks of it")
        else:
            yield from _differences(name, event.seq, dict(zip(SUPPRESSED, row, strict=True)), event.columns)
    for number, event in told.items():
        yield Altered(f"suppressed number {number}", event.seq, "an event speaks of it, and it is missing")


def _told(db: sqlite3.Connection) -> dict[Place, list[Told]]:
    """Return what events say of holds, by their place and in their order; a resume ends all that stand there."""
    told: dict[Place, list[Told]] = defaultdict(list)
    for seq, type_, at, plan, edition, text in db.execute(SAID, (*KINDS, EventType.RUN_RESUMED)):
        data = event_data(text)
        whole = data.get("scope") == "journal"
        key, name = (WHOLE, "") if whole else (plan, edition)
        if key is None:  # of a run that is missing, which is a finding of its own
            continue
        if type_ == EventType.RUN_RESUMED:
            for kind in KINDS.values():
                holds = told[Place(key, name, kind)]
                if holds and holds[-1].columns["ended_at"] is None:
                    holds[-1] = Told(seq, holds[-1].columns | {"ended_at": at, "ended": at})
            continue
        reason = data.get("reason") if type_ == EventType.RUN_HALTED else data.get("because")
        columns = {"reason": reason or "", "by": data.get("by") or "", "began": at, "began_at": at}
        told[Place(key, name, KINDS[type_])].append(Told(seq, columns | {"ended": None, "ended_at": None}))
    return told


def _stand(db: sqlite3.Connection) -> dict[Place, list[dict[str, Any]]]:
    stand: dict[Place, list[dict[str, Any]]] = defaultdict(list)
    for plan, edition, kind, *row in db.execute(HOLDS):
        columns = dict(zip(COLUMNS, row, strict=True))
        for name in ("began", "ended"):
            columns[name] = _moment(columns[name])
        stand[Place(plan, edition, kind)].append(columns)
    return stand


def _moment(epoch: float | None) -> str | None:
    """Return the moment that a column of seconds holds; one that no calendar has as a number."""
    try:
        return None if epoch is None else rfc3339(epoch)
    except (ValueError, OverflowError, OSError):
        return str(epoch)


def _differences(name: str, seq: int, row: Mapping[str, Any], told: Mapping[str, Any]) -> Iterator[Altered]:
    for column, value in row.items():
        if value != told[column]:
            yield Altered(name, seq, differs(column, value, told[column]))


def _name(db: sqlite3.Connection, place: Place) -> str:
    if place.plan == WHOLE:
        return f"the whole journal, {place.kind}"
    row = db.execute("SELECT name FROM plans WHERE key = ?", (place.plan,)).fetchone()
    edition = f", edition {place.edition}" if place.edition else ""
    return f"plan {row[0] if row else place.plan}{edition}, {place.kind}"
