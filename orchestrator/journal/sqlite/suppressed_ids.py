"""The ids that one review of a plan suppresses, kept beside the journal until they are compared with it."""

import sqlite3
from collections.abc import Iterator


class SuppressedIds:
    """The ids of the calls that one review suppresses, in a file of SQLite's own: half a million take no memory.

    Iterates in the order of the ids.
    """

    def __init__(self) -> None:
        self._db = sqlite3.connect("", isolation_level=None)
        self._db.execute("CREATE TABLE gathered (call TEXT PRIMARY KEY) WITHOUT ROWID")
        self._db.execute("BEGIN")

    def add(self, call: str) -> None:
        """Take one id; one that comes again is the same."""
        self._db.execute("INSERT OR IGNORE INTO gathered VALUES (?)", (call,))

    def __len__(self) -> int:
        return int(self._db.execute("SELECT count(*) FROM gathered").fetchone()[0])

    def __iter__(self) -> Iterator[str]:
        return (row[0] for row in self._db.execute("SELECT call FROM gathered ORDER BY call"))

    def close(self) -> None:
        """Let the file go."""
        self._db.close()
