"""Hears of every row that a connection to SQLite changes, by temporary triggers, which nobody else has."""

import sqlite3
from collections.abc import Iterator
from weakref import WeakValueDictionary

from orchestrator.journal.chain import UNSEALED, Changes

_listening: WeakValueDictionary[int, Changes] = WeakValueDictionary()
"""The changes of each connection, which holds them by its functions for as long as it is open."""


def changes_of(db: sqlite3.Connection) -> Changes:
    """Return what a connection changes; it is listened to from the first call of this on."""
    try:
        found = db.execute("SELECT listening() FROM temp.sqlite_schema WHERE type = 'trigger' LIMIT 1").fetchone()
    except sqlite3.OperationalError:  # no such function: nobody listens yet
        found = None
    return _listen(db) if found is None else _listening[found[0]]  # the triggers go where they were made: in a rollback


def _listen(db: sqlite3.Connection) -> Changes:
    changes = Changes()
    _listening[id(changes)] = changes
    number = id(changes)
    db.create_function("row_came", -1, changes.came)
    db.create_function("row_went", -1, changes.went)
    db.create_function("row_changed", -1, changes.changed)
    db.create_function("listening", 0, lambda: number)
    for table, columns in sealed_tables(db):
        old, new = (", ".join([f"'{table}'", *(f"{which}.{name}" for name in columns)]) for which in ("OLD", "NEW"))
        for when, what in (
            ("INSERT", f"row_came({new})"),
            ("DELETE", f"row_went({old})"),
            ("UPDATE", f"row_changed({old}, {new})"),
        ):
            name = f"sealing_{table}_{when.lower()}"
            db.execute(f"CREATE TEMP TRIGGER {name} AFTER {when} ON main.{table} BEGIN SELECT {what}; END")
    return changes


def sealed_tables(db: sqlite3.Connection) -> Iterator[tuple[str, list[str]]]:
    """Yield each table that has a sum, with its columns: all that are stored, whatever the format of the journal."""
    for (table,) in db.execute("SELECT name FROM main.sqlite_schema WHERE type = 'table' ORDER BY name").fetchall():
        if table not in UNSEALED and not table.startswith("sqlite_"):
            yield table, stored_columns(db, table)


def stored_columns(db: sqlite3.Connection, table: str) -> list[str]:
    """Return the columns of a table that are stored, in their order."""
    return [row[1] for row in db.execute(f"PRAGMA main.table_info({table})")]
