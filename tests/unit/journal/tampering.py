"""Somebody with a copy of the journal and sqlite3 at hand."""

import sqlite3
import tempfile
from collections.abc import Iterator
from contextlib import closing, contextmanager
from pathlib import Path

from orchestrator.journal.sqlite.backup import back_up
from orchestrator.journal.verify.finding import Verified
from orchestrator.journal.verify.whole import verify


@contextmanager
def without_triggers(db: sqlite3.Connection) -> Iterator[None]:
    """Take the triggers that keep events away, and put them back: that they were away is not what is judged."""
    guards = "SELECT name, sql FROM sqlite_schema WHERE type = 'trigger' AND tbl_name = 'events'"
    made = db.execute(guards).fetchall()
    for name, _ in made:
        db.execute(f"DROP TRIGGER {name}")
    yield
    for _, sql in made:
        db.execute(sql)


def tampered(journal: Path, *statements: str | tuple[str, tuple[object, ...]], expected: str | None = None) -> Verified:
    """Run statements on a copy of the journal without the triggers in their way; verify the copy."""
    with tempfile.TemporaryDirectory() as folder:
        copy = Path(folder) / "copy.db"
        back_up(journal, copy)
        with closing(sqlite3.connect(copy, isolation_level=None)) as db:
            db.execute("PRAGMA synchronous = OFF")  # the disk is not what is judged here
            with without_triggers(db):
                for statement in statements:
                    sql, values = statement if isinstance(statement, tuple) else (statement, ())
                    db.execute(sql, values)
        return verify(copy, expected)
