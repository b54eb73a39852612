"""Why a journal is refused: its file and the companions beside it do not belong together."""

import contextlib
import os
import shlex
import sqlite3
import stat
from dataclasses import dataclass
from pathlib import Path

from orchestrator.journal import companions
from orchestrator.journal.companions import Announced, FileAlone, Mark
from orchestrator.model.errors import CannotProceed


@dataclass(frozen=True, slots=True)
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
        seen = alone.mark is not None and companions.wal_inode(path) == alone.mark.wal
        return None if seen else _elsewhere(path, alone.mark)
    if not companions.wal_holds_commit(path):
        return _problem_without_log(path, alone, said)
    try:
        with contextlib.closing(connected(path, "mode=ro")) as db:
            belongs, as_said = companions.continues(db, alone), companions.holds_what_was_said(db, said)
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
    is_begun = companions.wal_holds_something(path) and said is not None and said.token == alone.mark.token
    return None if alone.complete or (is_begun and alone.as_said) else _parted(path, alone.mark)


def accept_command(path: Path) -> str:
    """Return the command by which a person goes on without what was lost, as a shell takes it."""
    return shlex.join(["orchestrate", "journal", "accept-loss", "--journal", str(path)])


def connected(path: Path, how: str) -> sqlite3.Connection:
    """Open a journal outside of any use of it, only to look; `how` are the parameters of SQLite's address."""
    return sqlite3.connect(f"{path.as_uri()}?{how}", uri=True, isolation_level=None, check_same_thread=False)


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
    wal = companions.wal_of(path).name
    return Problem(
        f"the journal {path} is parted from what it knows: a process that used it did not end cleanly, and the file"
        f" {wal}, which holds what was committed last, is missing.{where} Calls may have been dialed that it does"
        " not know of",
        f"bring {wal} back, beside it, from where the journal lay; only if that is lost for ever, go on without it:"
        f" `{accept_command(path)}` makes every call unknown that may have been dialed since",
        is_loss=True,
    )


def _older(path: Path) -> Problem:
    wal, head = companions.wal_of(path).name, companions.head_file_of(path).name
    return Problem(
        f"the journal {path} is an older copy than the files beside it ({wal}, {head}) were written for, or another"
        " journal: they tell of events that it does not hold, and calls may have been dialed that it does not know of",
        f"bring the newest journal back, with all files whose names begin with {path.name}; only if this one is really"
        " meant, put those files away first: whoever was rung since is then rung again",
    )


def _foreign_log(path: Path, mark: Mark | None) -> Problem:
    wal = companions.wal_of(path).name
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
