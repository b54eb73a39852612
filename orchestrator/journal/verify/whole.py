"""Proves that nothing in a journal was altered: the chain of its events, the tables by what the chain holds, the file.

What the chain cannot show is a tail that was cut off together with what it did to the tables, or all of it written
anew: that takes a head that was noted outside of the journal, in a summary or report.
"""

import sqlite3
from collections.abc import Iterable, Iterator
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from itertools import chain, islice
from pathlib import Path
from typing import Any

from orchestrator.journal.chain import COLUMNS, PREFIX, before_all, follow
from orchestrator.journal.sqlite.file import journal_id, opened
from orchestrator.journal.verify.finding import IntegrityFinding
from orchestrator.journal.verify.stored import schema_as_made, structure
from orchestrator.journal.verify.tables import tables_against_events
from orchestrator.model.errors import CannotProceed

KEPT = 100
"""Findings that are kept; more are only counted."""


@dataclass(frozen=True, slots=True)
class Verified:
    """What was found: the journal's id, its events, the last one's hash, the first KEPT findings and their number."""

    journal: str
    events: int
    head: str
    altered: tuple[IntegrityFinding, ...]
    count: int


@dataclass(slots=True)
class _Seen:
    """What the walk along the chain has come to."""

    seq: int
    hash: str
    events: int = 0
    expected: bool = False


def verify(path: Path, expected: str | None = None) -> Verified:
    """Read the whole journal, as it stands at one moment, in bounded memory; a running dialer is not disturbed.

    `expected` is a head (64 hexadecimal digits) that the chain must hold. Raises CannotProceed where the journal
    cannot be read.
    """
    try:
        with opened(path) as db:
            try:
                return _verify(path, db, expected)
            except sqlite3.OperationalError:  # a text that is no UTF-8 any more? then once again, and slower
                db.text_factory = _any_text
                return _verify(path, db, expected)
    except sqlite3.Error as problem:
        raise CannotProceed(f"the journal {path} cannot be read: {problem}", "restore it from a copy") from None


def _verify(path: Path, db: sqlite3.Connection, expected: str | None) -> Verified:
    journal = journal_id(db)
    start = before_all(journal)
    seen = _Seen(start.seq, start.hash)
    with ThreadPoolExecutor(1) as beside:  # SQLite's own look at the pages leaves Python to the rest meanwhile
        pages = beside.submit(lambda: list(_structure(path)))
        found = chain(schema_as_made(db), _along(db, seen, expected), tables_against_events(db))
        altered = tuple(islice(found, KEPT))
        count = len(altered) + sum(1 for _ in found)
    altered, count = (*pages.result(), *altered)[:KEPT], count + len(pages.result())
    if expected is not None and not seen.expected:
        why = "no event has the head that was expected: events were cut off, or all written anew"
        altered, count = (IntegrityFinding("the chain", seen.seq, why), *altered), count + 1
    return Verified(journal, seen.events, PREFIX + seen.hash, altered, count)


def _structure(path: Path) -> Iterator[IntegrityFinding]:
    with opened(path) as db:
        db.text_factory = _any_text
        yield from structure(db)


def _along(db: sqlite3.Connection, seen: _Seen, expected: str | None) -> Iterator[IntegrityFinding]:
    """Walk the chain; each event is judged by the one before it as it stands, so that one change is found once."""
    rows: Iterable[Any] = db.execute(f"SELECT {COLUMNS}, hash FROM events ORDER BY seq")  # noqa: S608
    seen.expected = seen.hash == expected
    for *columns, stored in rows:
        seq = columns[0]
        if seq > seen.seq + 1:
            yield IntegrityFinding("the chain", seq, f"the events {seen.seq + 1} to {seq - 1} before it are missing")
        elif stored != follow(seen.hash, *columns):
            yield IntegrityFinding(
                "the chain", seq, "this event, or the one before it, is not what it was when it was written"
            )
        elif stored == expected:
            seen.expected = True
        seen.seq, seen.hash = seq, str(stored)
        seen.events += 1


def _any_text(raw: bytes) -> str:
    """Read a text whose bytes may be anything by now; no two texts become one."""
    return raw.decode("utf-8", "surrogateescape")
