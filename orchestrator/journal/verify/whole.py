"""Proves that nothing in a journal was altered: the chain of its events, the tables by what the chain holds, the file.

What the chain cannot show is a tail that was cut off together with what it did to the tables, or that was written anew
with it: that takes a head that was noted outside of the journal, in a summary or report.
"""

import sqlite3
from collections.abc import Callable, Iterator
from concurrent.futures import Future, ThreadPoolExecutor
from itertools import chain, islice
from pathlib import Path

from orchestrator.journal.chain import (
    OF_TABLES,
    PREFIX,
    SEAL_OF_NOTHING,
    UNCHAINED,
    before_all,
    journal_id,
    known_sums,
    seal_of_tables,
    sum_text,
    table_sum,
)
from orchestrator.journal.sqlite.companions import any_text
from orchestrator.journal.sqlite.connection import FAILURES, Connection
from orchestrator.journal.sqlite.file import opened, schema_as_made, structure
from orchestrator.journal.sqlite.listening import sealed_tables
from orchestrator.journal.verify.calls import calls_against_events
from orchestrator.journal.verify.events import Seen, events_by_chain
from orchestrator.journal.verify.finding import (
    FINDINGS_KEPT,
    IntegrityFinding,
    Tell,
    Verified,
    not_the_head,
    untold,
)
from orchestrator.journal.verify.rows import (
    holds_against_events,
    reviews_against_events,
    runs_against_events,
    suppressed_against_events,
)
from orchestrator.model.errors import CannotProceed


def verify(path: Path, expected: str | None = None, tell: Tell = untold) -> Verified:
    """Read the whole journal, in bounded memory; a running dialer is not disturbed.

    All rows are of one moment; the pages are looked at beside them, by a connection of their own.

    `expected` is a head (64 hexadecimal digits) that the chain must hold; `tell` hears how far it has come. Raises
    CannotProceed where the journal cannot be read.
    """
    try:
        with opened(path) as db, ThreadPoolExecutor(1) as beside:
            pages = beside.submit(_structure, path)  # SQLite's own work, which leaves Python to the rest meanwhile
            try:
                return _verify(db, expected, pages, tell)
            except sqlite3.OperationalError:
                # A text that is no UTF-8 any more, an index that is gone? Then once more, and slower.
                db.text_factory, db.lacks_indexes = any_text, True
                return _verify(db, expected, pages, tell)
    except FAILURES as problem:
        raise CannotProceed(f"the journal {path} cannot be read: {problem}", "restore it from a copy") from None


def _verify(db: Connection, expected: str | None, pages: Future[list[IntegrityFinding]], tell: Tell) -> Verified:
    journal = journal_id(db)
    seen = Seen(0, before_all(journal).hash)
    found = _all(db, seen, expected, tell)
    altered = tuple(islice(found, FINDINGS_KEPT))
    count = len(altered) + sum(1 for _ in found)
    tell("the pages of the file", None)
    altered, count = (*pages.result(), *altered)[:FINDINGS_KEPT], count + len(pages.result())
    if expected is not None and not seen.expected:
        altered, count = (not_the_head(seen.seq), *altered), count + 1
    return Verified(journal, seen.events, PREFIX + seen.hash, altered, count)


def _all(db: Connection, seen: Seen, expected: str | None, tell: Tell) -> Iterator[IntegrityFinding]:
    """Yield what is found in the schema, in the events, and in the tables."""
    yield from schema_as_made(db)
    is_whole = True
    for finding in events_by_chain(db, seen, expected, tell):
        is_whole = False
        yield finding
    is_sure = is_whole and seen.events > COMPARED and (expected is None or seen.expected)
    yield from tables_against_events(db, tell, is_sure=is_sure)


def _structure(path: Path) -> list[IntegrityFinding]:
    with opened(path) as db:
        db.text_factory = any_text
        return list(structure(db))


Check = Callable[[Connection], Iterator[IntegrityFinding]]

REPORTED: tuple[tuple[frozenset[str], Check], ...] = (
    (frozenset({"plans", "runs"}), runs_against_events),
    (frozenset({"holds"}), holds_against_events),
    (frozenset({"suppressed"}), suppressed_against_events),
    (frozenset({"reviewed"}), reviews_against_events),
    (frozenset({"calls", "attempts"}), calls_against_events),
)
"""What compares tables with the events that report of their rows: it names the row and the column."""

COMPARED = 200_000
"""Events up to which tables are compared with them in any case, which takes a second. Where there are more, and the
chain and the sums show that nothing was altered, that would take as long as all else, to show it once more."""


def tables_against_events(db: Connection, tell: Tell = untold, *, is_sure: bool = False) -> Iterator[IntegrityFinding]:
    """Yield what is not as events report it; where they name nothing, the table whose rows are not as sealed.

    `is_sure`: the events are as they were written, so they are asked only if the tables are not as sealed.
    """
    if is_sure:
        tell("the sums of the tables", None)
        if not any(chain(_sums_against_rows(db, set()), _seal_against_sums(db))):
            return
    found: set[str] = set()
    tell("what the events report", None)
    for tables, check in REPORTED:
        for finding in check(db):
            found |= tables
            yield finding
    tell("the sums of the tables", None)
    yield from _sums_against_rows(db, found)
    yield from _seal_against_sums(db)


def _sums_against_rows(db: Connection, found: set[str]) -> Iterator[IntegrityFinding]:
    """Compare the sum of each table's rows with what is known, but of tables where something was `found` already."""
    known, seq = known_sums(db), _last_event(db)[0]
    empty = sum_text(0)
    tables = {table: columns for table, columns in sealed_tables(db) if table not in found}
    for table, columns in tables.items():
        if table_sum(db, table, columns) != known.get(table, empty):
            why = "a row of it is not what it was when it was written, or one is missing or one too many"
            yield IntegrityFinding(f"the table `{table}`", None if table in UNCHAINED else seq, why)


def _seal_against_sums(db: Connection) -> Iterator[IntegrityFinding]:
    """Compare what is known of the tables with what the last event says."""
    seq, sealed = _last_event(db)
    if (sealed or SEAL_OF_NOTHING)[:OF_TABLES] != seal_of_tables(db):
        why = "the tables are not as this event left them: their sums were altered, or later events cut off"
        yield IntegrityFinding("the tables' sums", seq, why)


def _last_event(db: Connection) -> tuple[int | None, str | None]:
    row = db.execute("SELECT seq, seal FROM events ORDER BY seq DESC LIMIT 1").fetchone()
    return (None, None) if row is None else row
