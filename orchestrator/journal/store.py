"""Opens and creates the journal file: settings, format, identity."""

import contextlib
import os
import secrets
import sqlite3
from collections.abc import Iterator
from importlib import resources
from pathlib import Path

from orchestrator.journal.chain import Head, before_all
from orchestrator.model.errors import CannotProceed

APPLICATION_ID = 0x6F726368
"""`orch`, in the file's header: tells a journal from any other SQLite file."""

BUSY = 60
"""Seconds for which another process may write: cancelling a million calls takes one transaction of several seconds."""

CREATE = "make one with `orchestrate journal create --journal FILE`"


def migrations() -> list[str]:
    """Return the SQL scripts in order; a journal of format n has run the first n."""
    folder = resources.files("orchestrator.journal") / "migrations"
    return [item.read_text("utf-8") for item in sorted(folder.iterdir(), key=lambda item: item.name)]


def connect(path: Path, *, read_only: bool = False, immutable: bool = False) -> sqlite3.Connection:
    """Open an existing journal with the settings that its promises rest on.

    FULL: a committed intent survives power loss (NORMAL may lose the last commits, and so dial twice).
    `immutable`: nobody writes, and nothing can be made beside the file (with `read_only` only).
    Raises CannotProceed where the file is missing, is no journal, or is of a newer format.
    """
    if not path.is_file():
        raise CannotProceed(f"there is no journal at {path}", CREATE)
    try:
        db = sqlite3.connect(
            f"{path.absolute().as_uri()}?mode={'ro' if read_only else 'rw'}{'&immutable=1' if immutable else ''}",
            uri=True,
            isolation_level=None,
            check_same_thread=False,
            timeout=BUSY,
        )
        try:
            _check_format(db, path)
            if not read_only:
                db.execute("PRAGMA journal_mode = WAL")
                db.execute("PRAGMA synchronous = FULL")
                db.execute("PRAGMA foreign_keys = ON")
                _migrate(db)
        except BaseException:
            db.close()
            raise
    except sqlite3.Error as problem:
        raise CannotProceed(f"the journal {path} cannot be used: {problem}", _hint(problem)) from None
    return db


def _hint(problem: sqlite3.Error) -> str:
    """Say what to look at; a full disk shows itself as an I/O error where the shared memory cannot grow."""
    code = problem.sqlite_errorcode & 0xFF if isinstance(getattr(problem, "sqlite_errorcode", None), int) else None
    if code in (sqlite3.SQLITE_FULL, sqlite3.SQLITE_IOERR):
        return "is the disk full, or broken? nothing was dialed"
    return "is it a journal, and writable?"


def _check_format(db: sqlite3.Connection, path: Path) -> None:
    if db.execute("PRAGMA application_id").fetchone()[0] != APPLICATION_ID:
        raise CannotProceed(f"{path} is not a journal", CREATE)
    found = db.execute("PRAGMA user_version").fetchone()[0]
    if found > len(migrations()):
        raise CannotProceed(f"the journal {path} has format {found}, newer than this program", "upgrade orchestrate")


def _migrate(db: sqlite3.Connection) -> None:
    """Run the missing scripts, all or nothing."""
    scripts = migrations()
    done = db.execute("PRAGMA user_version").fetchone()[0]
    if done == len(scripts):
        return
    db.execute("BEGIN IMMEDIATE")
    try:
        for script in scripts[done:]:
            for statement in _statements(script):
                db.execute(statement)
        db.execute(f"PRAGMA user_version = {len(scripts)}")
        db.execute("COMMIT")
    except BaseException:
        db.execute("ROLLBACK")
        raise


def _statements(script: str) -> list[str]:
    """Split a script: `executescript` would commit behind our back."""
    statements, gathered = [], ""
    for line in script.splitlines():
        gathered += line + "\n"
        if sqlite3.complete_statement(gathered):
            statements.append(gathered)
            gathered = ""
    return statements


def create(path: Path) -> str:
    """Make the journal at `path` where it is missing and return its id; an existing one is fine.

    The file is built aside and linked into place, so that a crash leaves a whole journal or none, and
    two creators cannot overwrite each other. Mode 0600: it holds phone numbers.
    """
    if not path.exists():
        try:
            path.parent.mkdir(parents=True, exist_ok=True, mode=0o700)
            aside = path.with_name(f".{path.name}.{secrets.token_hex(4)}")
            _build(aside)
            try:
                os.link(aside, path)
            except FileExistsError:
                pass
            finally:
                aside.unlink()
        except OSError as problem:
            raise CannotProceed(f"no journal can be made at {path}: {problem.strerror}") from None
    db = connect(path)
    try:
        return journal_id(db)
    finally:
        db.close()


@contextlib.contextmanager
def opened(path: Path) -> Iterator[sqlite3.Connection]:
    """Open a journal that is only read, also where its folder cannot be written. Raises CannotProceed.

    All that is read while it is open is of one moment. A journal in WAL mode asks for two files beside it; where they
    are missing and cannot be made, nobody writes, and the file itself is all there is.
    """
    with contextlib.ExitStack() as stack:
        try:
            db = stack.enter_context(contextlib.closing(connect(path, read_only=True)))
        except CannotProceed:
            if _may_be_written(path):
                raise
            db = stack.enter_context(contextlib.closing(connect(path, read_only=True, immutable=True)))
        db.execute("BEGIN")
        yield db


def _may_be_written(path: Path) -> bool:
    """Whether something is, or may come, beside the journal's file that has to be read too."""
    wal = path.with_name(f"{path.name}-wal")
    return not path.is_file() or wal.exists() or os.access(path.parent, os.W_OK)


def checkpoint(path: Path) -> None:
    """Bring all that is committed into the file itself, so that a copy of it alone forgets nobody.

    Where that cannot be done - a full disk, a reader in the middle - the write-ahead log beside it stays, whole.
    """
    with contextlib.suppress(sqlite3.Error, CannotProceed), contextlib.closing(connect(path)) as db:
        db.execute("PRAGMA busy_timeout = 200")  # it waits with the write lock held: other plans' runs must commit
        db.execute("PRAGMA wal_checkpoint(TRUNCATE)")


def _build(path: Path) -> None:
    os.close(os.open(path, os.O_CREAT | os.O_EXCL | os.O_RDWR, 0o600))
    db = sqlite3.connect(path, isolation_level=None)
    try:
        db.execute(f"PRAGMA application_id = {APPLICATION_ID}")
        _migrate(db)
        db.execute("INSERT INTO meta VALUES ('id', ?)", (f"jr_{secrets.token_hex(4)}",))
    finally:
        db.close()


def head(db: sqlite3.Connection) -> Head:
    """Return the last event's number and hash."""
    last = db.execute("SELECT seq, hash FROM events ORDER BY seq DESC LIMIT 1").fetchone()
    return before_all(journal_id(db)) if last is None else Head(*last)


def journal_id(db: sqlite3.Connection) -> str:
    """Return the journal's id, which a target file can pin."""
    return str(db.execute("SELECT value FROM meta WHERE key = 'id'").fetchone()[0])
