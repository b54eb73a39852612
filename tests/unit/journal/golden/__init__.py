"""The journals that every released format left behind, as text."""

import sqlite3
from contextlib import closing
from pathlib import Path

from orchestrator.journal.sqlite.file import connect, migrations

NEWEST = len(migrations())


def golden(format_: int) -> Path:
    """The dump of a format's journal."""
    return Path(__file__).parent / f"format-{format_}.sql"


def golden_proof(format_: int) -> Path:
    """The proof of that story in a format of proofs; it is never made again."""
    return Path(__file__).parent / f"format-{format_}.proof.jsonl"


def restored(format_: int, path: Path) -> Path:
    """Make the journal as a program of that format left it."""
    with closing(sqlite3.connect(path)) as db:
        db.executescript(golden(format_).read_text("utf-8"))
    return path


def restored_today(path: Path) -> Path:
    """Make the newest format's journal."""
    with closing(connect(restored(NEWEST, path))):
        return path
