"""Tells whether a journal's file still has the companion files that hold what it lacks, and why it is refused if not.

SQLite writes what is committed into a log beside the file (`-wal`) and carries it over later. Whoever copies or moves
the file alone after a kill -9 therefore gets an older journal, whose calls would be dialed again. So the file itself
says that it is in use: a mark, a row of `meta`, that is carried over before anything else is committed, and taken away
once all of it stands in the file. A file with the mark and without its log is refused.

A second companion (`-head`) says, before each commit, to which event the journal grows. By it a file whose log was
carried over by another program, and then removed as SQLite does, is told from one that lost its log.
"""

import contextlib
import os
import shlex
import sqlite3
import stat
from pathlib import Path

from orchestrator.journal.chain import COLUMNS, Head, follow, newest_event
from orchestrator.journal.sqlite.connection import HeadFile, head_file_of, wal_inode, wal_of
from orchestrator.journal.sqlite.mark import Mark, read_mark
from orchestrator.model.errors import CannotProceed
from orchestrator.model.frozen import frozen

SUFFIXES = ("-wal", "-shm", "-head", "-journal")
"""What is put behind the name of a journal's file to name those beside it; the last is SQLite's rollback journal."""

WAL_HEADER, FRAME_HEADER = 32, 24
"""Bytes of a write-ahead log before its first frame, and of a frame before its page (sqlite.org/walformat.html)."""

SURROUNDINGS = frozenset(
    {
        *(sqlite3.SQLITE_BUSY, sqlite3.SQLITE_LOCKED, sqlite3.SQLITE_NOMEM, sqlite3.SQLITE_READONLY),
        *(sqlite3.SQLITE_IOERR, sqlite3.SQLITE_FULL, sqlite3.SQLITE_CANTOPEN, sqlite3.SQLITE_PERM),
    }
)
"""What SQLite says where the disk, the folder or another process is in the way: it tells nothing of what is written."""


@frozen
class FileAlone:
    """What the journal's file says without its log. `readable` is False where a kill left it half written.

    `complete`: it holds the event that the last commit of its use led to, by the `-head` companion. `as_said`: it holds
    what that companion, of whatever use, says was committed.
    """

    mark: Mark | None
    head: Head
    complete: bool = False
    as_said: bool = True
    readable: bool = True


def is_of_surroundings(problem: Exception) -> bool:
    """Whether the disk, the folder or another process was in the way, and not what is written."""
    code = getattr(problem, "sqlite_errorcode", 0)
    return isinstance(code, int) and code & 0xFF in SURROUNDINGS


def wal_holds_something(path: Path) -> bool:
    """Whether the journal has a log with at least one frame."""
    try:
        return wal_of(path).stat().st_size > WAL_HEADER
    except OSError:
        return False


def wal_holds_commit(path: Path) -> bool:
    """Whether the journal has a log with a whole commit in it, or one that cannot be looked into."""
    if not wal_holds_something(path):
        return False
    try:
        handle = os.open(wal_of(path), os.O_RDONLY | os.O_CLOEXEC | os.O_NOFOLLOW | os.O_NONBLOCK)
    except OSError:
        return True
    try:
        return _has_commit(handle)
    except OSError:
        return True
    finally:
        os.close(handle)


def _has_commit(wal: int) -> bool:
    """Whether a log holds a frame that ends a commit; frames of the log's earlier rounds have other salts."""
    header = os.pread(wal, WAL_HEADER, 0)
    page, salts, at = int.from_bytes(header[8:12], "big"), header[16:24], WAL_HEADER
    while len(frame := os.pread(wal, FRAME_HEADER, at)) == FRAME_HEADER and frame[8:16] == salts:
        if any(frame[4:8]):
            return True
        at += FRAME_HEADER + page
    return False


def read_alone(db: sqlite3.Connection, said: "Announced | None") -> FileAlone:
    """Read what the file says on a connection that was opened `immutable`: one that does not see the log."""
    try:
        mark = read_mark(db)
        complete = mark is not None and said is not None and said.token == mark.token and _reaches(db, said.after)
        return FileAlone(mark, newest_event(db), complete, holds_what_was_said(db, said))
    except (sqlite3.DatabaseError, UnicodeDecodeError):
        return FileAlone(None, Head(0, ""), readable=False)


def continues(db: sqlite3.Connection, alone: FileAlone) -> bool:
    """Whether the journal with its log holds the file's newest event, and its chain goes on from it without a gap.

    A log of another journal, of an older copy, or one that a newer state of the file was written before, fails.
    Raises sqlite3.OperationalError where the surroundings keep it from being read.
    """
    if not alone.readable:
        return True
    try:
        if alone.head.seq and not _holds(db, alone.head):
            return False
        last = alone.head
        rows = db.execute(f"SELECT {COLUMNS}, hash FROM events WHERE seq > ? ORDER BY seq", (last.seq,))  # noqa: S608
        for *columns, found in rows:
            if columns[0] != last.seq + 1 or (last.hash and follow(last.hash, *columns) != found):
                return False
            last = Head(columns[0], found)
    except sqlite3.DatabaseError as problem:
        return _unless_kept_from(problem)
    return True


def _unless_kept_from(problem: sqlite3.DatabaseError) -> bool:
    """Return False where what is written is wrong; raise where something is in the way of reading it."""
    if is_of_surroundings(problem):
        raise problem
    return False


def _holds(db: sqlite3.Connection, head: Head) -> bool:
    row = db.execute("SELECT hash FROM events WHERE seq = ?", (head.seq,)).fetchone()
    return row is not None and row[0] == head.hash


@frozen
class Announced:
    """What the `-head` companion says: the event that was committed, and the one that a commit was to lead to."""

    token: str
    before: Head
    after: Head


def announced(path: Path) -> Announced | None:
    """Read the `-head` companion; None where there is none that can be read."""
    with contextlib.suppress(OSError, ValueError):
        handle = os.open(head_file_of(path), os.O_RDONLY | os.O_CLOEXEC | os.O_NOFOLLOW | os.O_NONBLOCK)
        try:
            words = os.read(handle, HeadFile.LENGTH).decode("ascii").split()
        finally:
            os.close(handle)
        token, before, after = words
        return Announced(token, _head(before), _head(after))
    return None


def _head(text: str) -> Head:
    seq, _, hash_ = text.partition(":")
    return Head(int(seq), hash_)


def holds_what_was_said(db: sqlite3.Connection, said: Announced | None) -> bool:
    """Whether a journal holds what was committed by what the `-head` companion says, if it is there.

    Raises sqlite3.OperationalError where the surroundings keep it from being read.
    """
    return said is None or _reaches(db, said.before)


def _reaches(db: sqlite3.Connection, head: Head) -> bool:
    try:
        return head.seq == 0 or _holds(db, head)
    except sqlite3.DatabaseError as problem:
        return _unless_kept_from(problem)


@frozen
class Problem:
    """Why a journal is refused. `is_final`: looking again changes nothing. `is_loss`: a person can accept it."""

    message: str
    hint: str
    is_final: bool = True
    is_loss: bool = False


def problem_of(path: Path, alone: FileAlone, said: Announced | None, *, live: bool) -> Problem | None:
    """Return why the journal at a real path must be refused; None where it has all that was committed.

    `alone` is what its file says by itself, `said` what its `-head` companion says; `live`: a process uses it now.
    """
    if live:
        seen = alone.mark is not None and wal_inode(path) == alone.mark.wal
        return None if seen else _elsewhere(path, alone.mark)
    if not wal_holds_commit(path):
        return _problem_without_log(path, alone, said)
    try:
        with contextlib.closing(connected(path, "mode=ro")) as db:
            belongs, as_said = continues(db, alone), holds_what_was_said(db, said)
    except sqlite3.OperationalError:
        return None  # the log cannot be read here: opening the journal tells why
    if belongs and as_said:
        return None
    # Without a mark of this use nobody can say who was dialed since: there is no loss that a person could accept.
    is_older = alone.mark is None or (belongs and said is not None and said.token != alone.mark.token)
    return _older(path) if is_older else _foreign_log(path, alone.mark)


def _problem_without_log(path: Path, alone: FileAlone, said: Announced | None) -> Problem | None:
    """Judge a file whose log is missing, empty, or holds only the beginning of a commit.

    A log is begun anew when all of it stands in the file: a kill in the first commit after that loses nothing.
    """
    if not alone.readable:
        return _damaged(path)
    if alone.mark is None:
        return None if alone.as_said else _older(path)
    is_begun = wal_holds_something(path) and said is not None and said.token == alone.mark.token
    return None if alone.complete or (is_begun and alone.as_said) else _parted(path, alone.mark)


def accept_command(path: Path) -> str:
    """Return the command by which a person goes on without what was lost, as a shell takes it."""
    return shlex.join(["orchestrate", "journal", "accept-loss", "--journal", str(path)])


def connected(path: Path, how: str) -> sqlite3.Connection:
    """Open a journal outside of any use of it, only to look; `how` are the parameters of SQLite's address."""
    db = sqlite3.connect(f"{path.as_uri()}?{how}", uri=True, isolation_level=None, check_same_thread=False)
    db.text_factory = any_text  # whether the file is whole does not hang on what somebody wrote into a text
    return db


def any_text(raw: bytes) -> str:
    """Read a text whose bytes may be anything by now; no two texts become one."""
    return raw.decode("utf-8", "surrogateescape")


def check_links(path: Path, status: os.stat_result) -> None:
    """Raise CannotProceed where the file of a journal has a second name, or is no ordinary file."""
    if not stat.S_ISREG(status.st_mode):
        raise CannotProceed(f"{path} is no file: a journal is an ordinary file", None)
    if status.st_nlink > 1:
        raise CannotProceed(
            f"the journal {path} has {status.st_nlink} names (hard links), and what is committed under one of them"
            " cannot be seen under another",
            f"keep one name: find the others with `find -samefile {path}`; `orchestrate journal backup` makes a copy",
        )


def _elsewhere(path: Path, mark: Mark | None) -> Problem:
    by = "" if mark is None else f": since {mark.since}, as {mark.path} on {mark.host}{_named(mark)}"
    return Problem(
        f"the journal {path} is in use under another name or mount, or its write-ahead log (-wal) was removed{by};"
        " what is committed there cannot be seen here",
        "wait until that has ended, or use the journal by the same path in the same folder as it does",
        is_final=False,
    )


def _damaged(path: Path) -> Problem:
    if not path.stat().st_size:
        return Problem(
            f"the journal {path} is an empty file: it knows nobody who was rung",
            "restore it; only one that was never used may be made with `orchestrate journal create --journal FILE`",
        )
    return Problem(
        f"the journal {path} cannot be read: it is damaged, or written half and parted from its write-ahead log (-wal)",
        "bring back the -wal that lay beside it, or restore a copy (`orchestrate journal backup` makes them)",
    )


def _parted(path: Path, mark: Mark | None) -> Problem:
    where = ""
    if mark is not None and mark.path:
        where = f" It was last used since {mark.since} as {mark.path} on {mark.host}{_named(mark)}."
    wal = wal_of(path).name
    return Problem(
        f"the journal {path} is parted from what it knows: a process that used it did not end cleanly, and the file"
        f" {wal}, which holds what was committed last, is missing.{where} Calls may have been dialed that it does"
        " not know of",
        f"bring {wal} back, beside it, from where the journal lay; only if that is lost for ever, go on without it:"
        f" `{accept_command(path)}` makes every call unknown that may have been dialed since",
        is_loss=True,
    )


def _older(path: Path) -> Problem:
    wal, head = wal_of(path).name, head_file_of(path).name
    return Problem(
        f"the journal {path} is an older copy than the files beside it ({wal}, {head}) were written for, or another"
        " journal: they tell of events that it does not hold, and calls may have been dialed that it does not know of",
        f"bring the newest journal back, with all files whose names begin with {path.name}; only if this one is really"
        " meant, put those files away first: whoever was rung since is then rung again",
    )


def _foreign_log(path: Path, mark: Mark | None) -> Problem:
    wal = wal_of(path).name
    when = "" if mark is None else f" (it was last used since {mark.since} as {mark.path} on {mark.host}{_named(mark)})"
    return Problem(
        f"the file {wal} beside the journal {path} does not belong to it{when}: it was written for another copy, or is"
        " not whole",
        f"bring the {wal} back that belongs to the journal; only if that is lost for ever: `{accept_command(path)}`",
        is_loss=True,
    )


def _named(mark: Mark) -> str:
    runs = ", ".join(f"run {item.run} of {item.plan} (process {item.pid})" for item in mark.dialers)
    return f", by {runs}" if runs else ""
