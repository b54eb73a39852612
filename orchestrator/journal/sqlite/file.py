"""Opens and creates the journal file: settings, format, identity; says what is wrong with its tables and pages."""

import contextlib
import os
import re
import secrets
import sqlite3
import stat
from collections.abc import Iterator
from importlib import resources
from pathlib import Path

from orchestrator.journal.chain import RESTORE, journal_id
from orchestrator.journal.sqlite import companions
from orchestrator.journal.sqlite.connection import BUSY_PATIENCE, FAILURES, Connection, head_file_of, wal_of
from orchestrator.journal.sqlite.file_locks import OPENING, held_alone
from orchestrator.journal.sqlite.use import AcceptLoss, join
from orchestrator.journal.verify.finding import IntegrityFinding
from orchestrator.model.errors import CannotProceed

APPLICATION_ID = 0x6F726368
"""`orch`, in the file's header: tells a journal from any other SQLite file."""

UNREADABLE = (*FAILURES, UnicodeDecodeError)
"""What a damaged journal raises: the last where SQLite's own words about it hold its bytes."""

CREATE = "make one with `orchestrate journal create --journal FILE`"


def migrations() -> list[str]:
    """Return the SQL scripts in order; a journal of format n has run the first n."""
    folder = resources.files("orchestrator.journal.sqlite") / "migrations"
    return [item.read_text("utf-8") for item in sorted(folder.iterdir(), key=lambda item: item.name)]


def connect(path: Path, *, read_only: bool = False, accept: AcceptLoss | None = None) -> Connection:
    """Open an existing journal with the settings that its promises rest on, as part of this process's use of it.

    FULL: a committed intent survives power loss (NORMAL may lose the last commits, and so dial twice). `accept`: see
    `use.join`. Raises CannotProceed where the file is missing, is no journal, is of a newer format, was parted
    from its companion files, or cannot be read.
    """
    path = real_path(path)
    check_is_file(path)
    try:
        return join(path, lambda: _open(path, read_only=read_only), may_commit=not read_only, accept=accept)
    except UNREADABLE as problem:
        raise CannotProceed(f"the journal {path} cannot be used: {problem}", _hint(problem)) from None


def _open(path: Path, *, read_only: bool, immutable: bool = False) -> Connection:
    db = sqlite3.connect(
        f"{path.as_uri()}?mode={'ro' if read_only else 'rw'}{'&immutable=1' if immutable else ''}",
        uri=True,
        isolation_level=None,
        check_same_thread=False,
        timeout=BUSY_PATIENCE,
        factory=Connection,
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
    return db


def real_path(path: Path) -> Path:
    """Return where a journal really lies: companions and locks are those of the file, whatever name led to it.

    Raises CannotProceed for a path that cannot be one.
    """
    try:
        return Path(os.path.realpath(path))
    except (OSError, ValueError) as problem:
        raise CannotProceed(f"{path} cannot be the path of a journal: {problem}", None) from None


def check_is_file(path: Path) -> None:
    """Raise CannotProceed, saying what is there instead, where no ordinary file stands at a real path."""
    try:
        kind = path.stat().st_mode
    except FileNotFoundError:
        raise CannotProceed(f"there is no journal at {path}", CREATE) from None
    except (OSError, ValueError) as problem:
        why = problem.strerror if isinstance(problem, OSError) else problem
        raise CannotProceed(
            f"the journal {path} cannot be reached: {why}", "check that --journal names the right file"
        ) from None
    if not stat.S_ISREG(kind):
        what = "a folder" if stat.S_ISDIR(kind) else "no ordinary file"
        raise CannotProceed(f"{path} is {what}, and a journal is a file", "name the file with --journal")


def _hint(problem: Exception) -> str:
    """Say what to look at; a full disk shows itself as an I/O error where the shared memory cannot grow."""
    found = getattr(problem, "sqlite_errorcode", None)
    code = found & 0xFF if isinstance(found, int) else None
    if code in (sqlite3.SQLITE_FULL, sqlite3.SQLITE_IOERR):
        return "check whether the disk is full or broken; nothing was dialed"
    if code == sqlite3.SQLITE_CANTOPEN:
        return "can its folder be written (-wal and -shm beside it are part of the journal), and files be opened?"
    if "decode to UTF-8" in str(problem):
        return RESTORE
    return "check that the file is a journal and may be written"


def _check_format(db: sqlite3.Connection, path: Path) -> None:
    if db.execute("PRAGMA application_id").fetchone()[0] != APPLICATION_ID:
        raise CannotProceed(f"{path} is not a journal", CREATE)
    found = db.execute("PRAGMA user_version").fetchone()[0]
    if found > len(migrations()):
        raise CannotProceed(f"the journal {path} has format {found}, newer than this program", "upgrade orchestrate")


def _migrate(db: sqlite3.Connection) -> None:
    """Run the missing scripts, all or nothing."""
    if db.execute("PRAGMA user_version").fetchone()[0] == len(migrations()):
        return
    db.execute("BEGIN IMMEDIATE")
    try:
        _run_migrations(db)
        db.execute("COMMIT")
    except BaseException:
        db.execute("ROLLBACK")
        raise


def _run_migrations(db: sqlite3.Connection) -> None:
    """Run the missing scripts in the open transaction."""
    schema_of_format(db, len(migrations()))


def schema_of_format(db: sqlite3.Connection, format_: int) -> None:
    """Run the scripts that a database lacks to be of a format."""
    done = db.execute("PRAGMA user_version").fetchone()[0]
    for script in migrations()[done:format_]:
        for statement in _statements(script):
            db.execute(statement)
    db.execute(f"PRAGMA user_version = {format_}")


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

    It is built in place, in one transaction, so that a crash leaves a whole journal or an empty file, which the next
    call fills; of two that make it at once one waits. Mode 0600: it holds phone numbers. Raises CannotProceed.
    """
    path = real_path(path)
    try:
        path.parent.mkdir(parents=True, exist_ok=True, mode=0o700)
        _build_where_missing(path)
        with contextlib.closing(connect(path, read_only=True)) as db:
            return journal_id(db)
    except (OSError, ValueError) as problem:
        why = problem.strerror if isinstance(problem, OSError) else problem
        raise CannotProceed(f"no journal can be made at {path}: {why}", "check the folder and the disk") from None
    except sqlite3.Error as problem:
        raise CannotProceed(f"no journal can be made at {path}: {problem}", _hint(problem)) from None


def is_blank(path: Path) -> bool:
    """Whether a file at a real path holds nothing: making it was broken off, or its content was lost."""
    return path.is_file() and not path.stat().st_size


def _build_where_missing(path: Path) -> None:
    """Fill the file at a real path where it is missing or empty; one that could not be filled is removed again.

    Raises CannotProceed where a log lies beside the place: it belongs to a journal that was taken away from it.
    """
    is_half_made = path.with_name(f"{path.name}-journal").exists()
    if path.exists() and not is_blank(path) and not (path.is_file() and is_half_made):
        return
    check_free(path)
    handle = os.open(path, os.O_CREAT | os.O_RDWR | os.O_CLOEXEC | os.O_NOFOLLOW, 0o600)
    try:
        with held_alone(handle, OPENING, BUSY_PATIENCE, f"another process is making the journal {path}"):
            if is_half_made:
                _take_back(path)
            if os.fstat(handle).st_size:
                return
            try:
                _build(path)
            except BaseException:
                path.unlink(missing_ok=True)
                raise
            with contextlib.suppress(OSError):  # of an earlier journal of this name
                head_file_of(path).unlink()
    finally:
        os.close(handle)


@contextlib.contextmanager
def opened(path: Path) -> Iterator[Connection]:
    """Open a journal that is only read, also where its folder cannot be written. Raises CannotProceed.

    All that is read while it is open is of one moment. A journal in WAL mode asks for two files beside it; where they
    are missing and cannot be made, nobody writes, and the file itself is all there is.
    """
    path = real_path(path)
    try:
        with contextlib.closing(_only_read(path)) as db:
            db.execute("BEGIN")
            yield db
    except UNREADABLE as problem:
        raise CannotProceed(
            f"the journal {path} cannot be read: {problem}",
            _hint(problem) if companions.is_of_surroundings(problem) else f"if it is damaged, {RESTORE}",
        ) from None


def _only_read(path: Path) -> Connection:
    check_is_file(path)
    try:
        return join(path, lambda: _open(path, read_only=True), may_commit=False)
    except sqlite3.OperationalError:
        if _may_be_written(path):
            raise
        return join(path, lambda: _open(path, read_only=True, immutable=True), may_commit=False)


def _may_be_written(path: Path) -> bool:
    """Whether something is, or may come, beside the journal's file that has to be read too."""
    return wal_of(path).exists() or os.access(path.parent, os.W_OK)


def check_free(path: Path) -> None:
    """Raise CannotProceed where a new journal at a real path would be taken for a companion, or find one of another's.

    SQLite reads, and removes, what lies beside its file under the name of a companion.
    """
    if path.name.endswith(companions.SUFFIXES):
        raise CannotProceed(
            f"{path} has the name of a file that belongs to another one beside it",
            f"a journal's name must not end in {', '.join(companions.SUFFIXES)}",
        )
    is_there = path.exists() and path.stat().st_size
    if not is_there and companions.wal_holds_commit(path):
        wal = wal_of(path).name
        raise CannotProceed(
            f"the write-ahead log {wal} lies beside {path}, of a journal that was taken away: it holds what was"
            " committed last",
            f"bring that journal back; only if it is not needed any more, put {wal} away first",
        )


def _take_back(path: Path) -> None:
    """Take back what a process that was killed had written of a transaction: SQLite does, at the first look."""
    with contextlib.closing(sqlite3.connect(path, isolation_level=None)) as db:
        db.execute("SELECT count(*) FROM sqlite_schema").fetchone()


def _build(path: Path) -> None:
    db = sqlite3.connect(path, isolation_level=None)
    try:
        db.execute("PRAGMA synchronous = FULL")
        _fill(db)
    finally:
        db.close()


def _fill(db: sqlite3.Connection) -> None:
    db.execute("BEGIN IMMEDIATE")
    db.execute(f"PRAGMA application_id = {APPLICATION_ID}")
    _run_migrations(db)
    db.execute("INSERT INTO meta VALUES ('id', ?)", (f"jr_{secrets.token_hex(4)}",))
    db.execute("COMMIT")


def in_memory(factory: type[Connection] = Connection) -> Connection:
    """Make a journal that nobody else can open, and that is gone once the connection is closed."""
    db = sqlite3.connect(":memory:", isolation_level=None, factory=factory)
    db.execute("PRAGMA foreign_keys = ON")
    _fill(db)
    return db


COMMENT = re.compile("--.*")
"""A comment in a script: it may be worded anew, and the tables stay the same."""

Made = dict[tuple[str, str], str]
"""What was made, by its kind and name, in the words that made it."""


def schema_as_made(db: Connection) -> Iterator[IntegrityFinding]:
    """Yield the tables, indexes, triggers and views that are missing, foreign, or not as this program makes them."""
    with contextlib.closing(sqlite3.connect(":memory:")) as fresh:
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
