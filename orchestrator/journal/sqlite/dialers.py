"""Who dials a plan, as others see it: whom the journal's mark names, and whether that process shows a sign of life."""

import hashlib
import os
import sqlite3
import time
from collections.abc import Iterator

from orchestrator.journal.sqlite.companions import DialerEntry, read_mark
from orchestrator.journal.sqlite.file_locks import DIALERS, is_locked
from orchestrator.model.story import Dialer

STOPPED_AFTER = 10.0
"""Seconds without a sign of life after which the holder counts as stopped."""

BYTES_OF_A_PLAN = 1 << 16
"""Bytes for each plan: the first is its dialer's lock, the others are those of dialers that took over."""


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
