"""Somebody with a copy of the journal and sqlite3 at hand."""

import sqlite3
import tempfile
from contextlib import closing
from pathlib import Path

from orchestrator.journal import Verified, verify
from orchestrator.journal.backup import back_up

TRIGGERS = ("events_are_never_changed", "events_are_never_deleted", "events_are_only_appended")


def tampered(journal: Path, *statements: str | tuple[str, tuple[object, ...]], expected: str | None = None) -> Verified:
    """Run statements on a copy of the journal from which the triggers were taken away; verify the copy."""
    with tempfile.TemporaryDirectory() as folder:
        copy = Path(folder) / "copy.db"
        back_up(journal, copy)
        with closing(sqlite3.connect(copy, isolation_level=None)) as db:
            db.execute("PRAGMA synchronous = OFF")  # the disk is not what is judged here
            for name in TRIGGERS:
                db.execute(f"DROP TRIGGER {name}")
            for statement in statements:
                sql, values = statement if isinstance(statement, tuple) else (statement, ())
                db.execute(sql, values)
        return verify(copy, expected)
