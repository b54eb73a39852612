"""The tables against their seals: no row may be another than when it was written, whether an event names it or not."""

import sqlite3
from collections.abc import Callable, Iterator

from orchestrator.journal import seals
from orchestrator.journal.verify.calls import calls_against_events
from orchestrator.journal.verify.finding import IntegrityFinding
from orchestrator.journal.verify.holds import holds_against_events, suppressed_against_events
from orchestrator.journal.verify.reviews import reviews_against_events
from orchestrator.journal.verify.runs import runs_against_events

Check = Callable[[sqlite3.Connection], Iterator[IntegrityFinding]]

REPORTED: tuple[tuple[frozenset[str], Check], ...] = (
    (frozenset({"plans", "runs"}), runs_against_events),
    (frozenset({"holds"}), holds_against_events),
    (frozenset({"suppressed"}), suppressed_against_events),
    (frozenset({"reviewed"}), reviews_against_events),
    (frozenset({"calls", "attempts"}), calls_against_events),
)
"""What compares tables with the events that report of their rows: it names the row and the column."""


def tables_against_events(db: sqlite3.Connection) -> Iterator[IntegrityFinding]:
    """Yield what is not as events report it; where they name nothing, the table whose rows are not as sealed."""
    found: set[str] = set()
    for tables, check in REPORTED:
        for finding in check(db):
            found |= tables
            yield finding
    yield from _sums_against_rows(db, found)
    yield from _seal_against_sums(db)


def _sums_against_rows(db: sqlite3.Connection, found: set[str]) -> Iterator[IntegrityFinding]:
    """Compare the sum of each table's rows with what is known, but of tables where something was `found` already."""
    known, seq = seals.known_sums(db), _last_event(db)[0]
    empty = seals.written(0)
    tables = {table: columns for table, columns in seals.sealed_tables(db) if table not in found}
    for table, columns in tables.items():
        if seals.table_sum(db, table, columns) != known.get(table, empty):
            why = "a row of it is not what it was when it was written, or one is missing or one too many"
            yield IntegrityFinding(f"the table `{table}`", None if table in seals.UNCHAINED else seq, why)


def _seal_against_sums(db: sqlite3.Connection) -> Iterator[IntegrityFinding]:
    """Compare what is known of the tables with what the last event says."""
    seq, sealed = _last_event(db)
    found = seals.seal(db)
    if sealed is None and found == seals.NOTHING:
        return
    if sealed != found:
        why = "the tables are not as this event left them: their sums were altered, or later events cut off"
        yield IntegrityFinding("the tables' sums", seq, why)


def _last_event(db: sqlite3.Connection) -> tuple[int | None, str | None]:
    row = db.execute("SELECT seq, seal FROM events ORDER BY seq DESC LIMIT 1").fetchone()
    return (None, None) if row is None else row
