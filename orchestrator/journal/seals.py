"""The seals of the tables: what the chain of events says of every column of every row, also of those no event names.

A row's hash is SHA-256 over its table's name and its columns in their order, written as a Python tuple in ASCII. A
table's sum is the sum of its rows' hashes modulo 2**256: the order of rows does not matter, and whoever changes a row
takes its old hash away and adds the new one, so that no other row is read. The table `seals` keeps the sums, and the
last event of each transaction carries their hash (`events.seal`), which the chain covers like all else in an event.

The changes of a connection are heard of by temporary triggers, which no other program that opens the file has: what it
changes is in no sum.
"""

import sqlite3
from collections.abc import Iterable, Iterator
from hashlib import sha256
from weakref import WeakValueDictionary

from orchestrator.journal.chain import combined

UNSEALED = {
    "events": "the chain itself covers them",
    "seals": "the last event's seal is their hash",
    "meta": "the chain begins with `id`; the other settings tell of the file and of who uses it, and of no call",
}
"""Tables that have no sum, and why."""

UNCHAINED = {
    "pace": "each request takes a slot of the pace, and an event for each would be too dear: its sum is in no event",
}
"""Tables that have a sum, which no event carries, and why."""

MODULUS = 2**256


class Changes:
    """What one connection has changed since its last seal: by table what came to its sum, less what went."""

    def __init__(self) -> None:
        self._sums: dict[str, int] = {}

    def came(self, table: str, *columns: object) -> None:
        """Take note of a row that is there now."""
        self._sums[table] = self._sums.get(table, 0) + row_hash((table, *columns))

    def went(self, table: str, *columns: object) -> None:
        """Take note of a row that is not there any more, or not as it was."""
        self._sums[table] = self._sums.get(table, 0) - row_hash((table, *columns))

    def forget(self) -> None:
        """Begin anew: what was changed before was sealed, or was rolled back."""
        self._sums.clear()

    def take(self) -> dict[str, int]:
        """Return by how much each table's sum has changed, and begin anew."""
        changed = {table: change % MODULUS for table, change in self._sums.items() if change % MODULUS}
        self.forget()
        return changed


_listening: WeakValueDictionary[int, Changes] = WeakValueDictionary()
"""The changes of each connection, which holds them by its functions for as long as it is open."""


def changes_of(db: sqlite3.Connection) -> Changes:
    """Return what a connection changes, which is listened to from the first call on."""
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
    db.create_function("listening", 0, lambda: number)
    for table, columns in sealed_tables(db):
        came = f"row_came('{table}', {', '.join(f'NEW.{name}' for name in columns)})"
        went = f"row_went('{table}', {', '.join(f'OLD.{name}' for name in columns)})"
        for when, what in (("INSERT", came), ("DELETE", went), ("UPDATE", f"{went}, {came}")):
            name = f"sealing_{table}_{when.lower()}"
            db.execute(f"CREATE TEMP TRIGGER {name} AFTER {when} ON main.{table} BEGIN SELECT {what}; END")
    return changes


def sealed_tables(db: sqlite3.Connection) -> Iterator[tuple[str, list[str]]]:
    """Yield each table that has a sum, with its columns: all that are stored, whatever the format of the journal."""
    for (table,) in db.execute("SELECT name FROM main.sqlite_schema WHERE type = 'table' ORDER BY name").fetchall():
        if table not in UNSEALED and not table.startswith("sqlite_"):
            yield table, [row[1] for row in db.execute(f"PRAGMA main.table_info({table})")]


def row_hash(row: tuple[object, ...]) -> int:
    """Return the hash of a row: its table's name, and its columns."""
    return int.from_bytes(sha256(ascii(row).encode("ascii")).digest(), "big")


def table_sum(db: sqlite3.Connection, table: str, columns: Iterable[str]) -> str:
    """Return the sum of a table's rows as they stand now."""
    rows = db.execute(f"SELECT '{table}', {', '.join(columns)} FROM main.{table}")  # noqa: S608 - names from the schema
    return written(sum(map(row_hash, rows)))


def written(number: int) -> str:
    """Return a sum as the table `seals` has it."""
    return f"{number % MODULUS:064x}"


def known_sums(db: sqlite3.Connection) -> dict[str, str]:
    """Return the sums that the table `seals` has."""
    return dict(db.execute("SELECT name, sum FROM seals ORDER BY name"))


def add(db: sqlite3.Connection, changed: dict[str, int]) -> None:
    """Bring changes into the table `seals`."""
    if not changed:
        return
    known = known_sums(db)
    db.executemany(
        "INSERT INTO seals VALUES (?, ?) ON CONFLICT (name) DO UPDATE SET sum = excluded.sum",
        [(table, written(int(known.get(table, "0"), 16) + change)) for table, change in changed.items()],
    )


def seal(db: sqlite3.Connection) -> str:
    """Return what an event carries of the tables: the hash of the sums that the table `seals` has."""
    return combined(*(text for item in known_sums(db).items() if item[0] not in UNCHAINED for text in item))


NOTHING = combined()
"""The seal of a journal in which nothing was written yet."""
