"""What SQLite can tell of a journal's file: tables that are not as this program makes them, and damaged pages."""

import re
import sqlite3
from collections.abc import Iterator
from contextlib import closing

from orchestrator.journal.sqlite.connection import Connection
from orchestrator.journal.sqlite.file import schema_of_format
from orchestrator.journal.verify.finding import IntegrityFinding

COMMENT = re.compile("--.*")
"""A comment in a script: it may be worded anew, and the tables stay the same."""

Made = dict[tuple[str, str], str]
"""What was made, by its kind and name, in the words that made it."""


def schema_as_made(db: Connection) -> Iterator[IntegrityFinding]:
    """Yield the tables, indexes, triggers and views that are missing, foreign, or not as this program makes them."""
    with closing(sqlite3.connect(":memory:")) as fresh:
        schema_of_format(fresh, db.execute("PRAGMA user_version").fetchone()[0])
        wanted = _made(fresh)
    found = _made(db)
    for key in sorted(wanted.keys() | found.keys()):
        kind, name = key
        if key not in found:
            yield IntegrityFinding(f"the {kind} `{name}`", None, "it is missing")
        elif key not in wanted:
            yield IntegrityFinding(f"the {kind} `{name}`", None, "no version of this program makes it")
        elif found[key] != wanted[key]:
            yield IntegrityFinding(f"the {kind} `{name}`", None, "it is not as this program makes it")


def structure(db: Connection) -> Iterator[IntegrityFinding]:
    """Yield what SQLite finds wrong with the file's pages, and rows that an index lacks."""
    for (said,) in db.execute("PRAGMA integrity_check"):
        if said != "ok":
            yield IntegrityFinding("the file", None, f"SQLite says: {' '.join(str(said).split())}")


def _made(db: sqlite3.Connection) -> Made:
    """Return what the schema holds, but for what SQLite makes by itself."""
    rows = db.execute(
        "SELECT type, name, coalesce(sql, '') FROM main.sqlite_schema WHERE name NOT LIKE 'sqlite\\_%' ESCAPE '\\'"
    )
    return {(kind, name): " ".join(COMMENT.sub("", sql).split()) for kind, name, sql in rows}
