"""The mark in a journal that is in use: since when, where, and by which dialers; whether these show a sign of life."""

import hashlib
import json
import os
import sqlite3
import time
from collections.abc import Iterator
from dataclasses import asdict, replace
from typing import Any, Self

from orchestrator.journal.sqlite.file_locks import DIALERS, is_locked
from orchestrator.model.frozen import frozen
from orchestrator.model.story import Dialer

MARK = "in_use"
"""The key in `meta` of the mark."""

STOPPED_AFTER = 10.0
"""Seconds without a sign of life after which the holder counts as stopped."""

BYTES_OF_A_PLAN = 1 << 16
"""Bytes for each plan: the first is its dialer's lock, the others are those of dialers that took over."""


@frozen
class DialerEntry:
    """One dialer that the mark names: what it dials, and who it is on its machine."""

    account: str
    plan: str
    edition: str
    run: str
    pid: int


@frozen
class Mark:
    """What the file says of its use: since when (RFC 3339 in UTC), where, and by which dialers.

    `token` is this use's own, `wal` the inode of its log: for as long as the use lasts, on one machine, it is the same.
    """

    token: str
    since: str
    host: str
    path: str
    wal: int
    dialers: tuple[DialerEntry, ...] = ()

    def with_dialer(self, dialer: DialerEntry) -> "Mark":
        """Return the mark that names this dialer, in the place of an earlier one of the same plan."""
        return replace(self, dialers=(*self._others(dialer.account, dialer.plan), dialer))

    def without_dialer(self, run: str) -> "Mark":
        """Return the mark without the dialer of a run."""
        return replace(self, dialers=tuple(item for item in self.dialers if item.run != run))

    def _others(self, account: str, plan: str) -> Iterator[DialerEntry]:
        return (item for item in self.dialers if (item.account, item.plan) != (account, plan))

    def to_text(self) -> str:
        """Return the value of the mark's row."""
        return json.dumps(asdict(self), ensure_ascii=False, sort_keys=True)

    @classmethod
    def from_text(cls, text: str) -> Self:
        """Read the value of the mark's row; one that was altered says that the journal is in use, and no more."""
        try:
            value: dict[str, Any] = json.loads(text)
            dialers = tuple(DialerEntry(**item) for item in value.pop("dialers"))
            return cls(**value, dialers=dialers)
        except (ValueError, TypeError, KeyError, AttributeError):
            return cls(token="", since="an unknown time", host="", path="", wal=0)


def read_mark(db: sqlite3.Connection) -> Mark | None:
    """Return the mark as this connection sees it; None where the journal is not in use."""
    row = db.execute("SELECT value FROM meta WHERE key = ?", (MARK,)).fetchone()
    return None if row is None else Mark.from_text(str(row[0]))


def write_mark(db: sqlite3.Connection, mark: Mark | None) -> None:
    """Write the mark, or take it away, in the open transaction."""
    if mark is None:
        db.execute("DELETE FROM meta WHERE key = ?", (MARK,))
    else:
        db.execute("INSERT OR REPLACE INTO meta VALUES (?, ?)", (MARK, mark.to_text()))


def dialers_of(db: sqlite3.Connection, handle: int, plan: int) -> Iterator[Dialer]:
    """Yield the dialer of a plan that the journal's mark names, of every plan where `plan` is 0; only looking.

    `handle` is a descriptor of the journal's file. The lock itself is not tried: a `run` that starts at this very
    moment must find it free.
    """
    mark = read_mark(db)
    if mark is None:
        return
    for account, name in db.execute("SELECT account, name FROM plans WHERE ?1 IN (0, key)", (plan,)):
        for entry in mark.dialers:
            if (entry.account, entry.plan) == (account, name):
                yield _dialer(handle, entry)


def _dialer(handle: int, entry: DialerEntry) -> Dialer:
    silent = silent_for(handle)
    is_held = is_locked(handle, first_byte(entry.account, entry.plan), BYTES_OF_A_PLAN)
    return Dialer(str(entry.pid), silent, alive=is_held and silent < STOPPED_AFTER)


def first_byte(account: str, plan: str) -> int:
    """Return the first of the bytes that dialers of a plan lock."""
    digest = hashlib.sha256(f"{account}\n{plan}".encode()).digest()
    return DIALERS + int.from_bytes(digest[:5], "big") * BYTES_OF_A_PLAN


def silent_for(handle: int) -> float:
    """Return the seconds since a dialer on this journal showed itself last."""
    return time.time() - os.fstat(handle).st_mtime
