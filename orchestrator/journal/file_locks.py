"""Operating-system locks on bytes of the journal's own file: they hold whatever its name, its link or its mount.

They are locks of an open file description (fcntl(2), F_OFD_SETLK): freed when its descriptor is closed, so also by
kill -9, and not lost when another descriptor of the same file is closed in the process. They are advisory, may lie
beyond the end of the file, and stand far from the bytes that SQLite locks (at 1 GiB).
"""

import contextlib
import fcntl
import os
import struct
import sys
import time
from collections.abc import Iterator

from orchestrator.model.errors import CannotProceed

_FLOCK = "qqihh" if sys.platform == "darwin" else "hhqqi4x"
"""The layout of `struct flock`: macOS puts type and whence last."""

RETRY = 0.01
"""Seconds between two tries of a lock that another process holds."""

OPENING = 1 << 60
"""The byte that is locked for as long as a process begins or ends its use of the journal."""

IN_USE = OPENING + 1
"""The byte that whoever may commit shares; held alone, nobody else may."""

DIALERS = 1 << 61
"""The first of the bytes that dialers lock, a range for each plan (lock.py)."""


def try_lock(handle: int, start: int, *, shared: bool = False) -> bool:
    """Lock one byte, or change the lock that this descriptor has on it; False where another descriptor holds it.

    Raises CannotProceed where files cannot be locked.
    """
    kind = fcntl.F_RDLCK if shared else fcntl.F_WRLCK
    try:
        fcntl.fcntl(handle, fcntl.F_OFD_SETLK, _flock(kind, start, 1))
    except (BlockingIOError, PermissionError):  # EAGAIN or EACCES, as systems differ
        return False
    except OSError as problem:
        raise _without_locks(problem) from None
    return True


def unlock(handle: int, start: int, length: int = 1) -> None:
    """Free these bytes; a length of 0 means all that follow."""
    with contextlib.suppress(OSError):
        fcntl.fcntl(handle, fcntl.F_OFD_SETLK, _flock(fcntl.F_UNLCK, start, length))


def is_locked(handle: int, start: int, length: int = 1) -> bool:
    """Whether another descriptor, of this process or of another one, holds a lock on one of these bytes.

    Raises CannotProceed where files cannot be locked.
    """
    try:
        answer = fcntl.fcntl(handle, fcntl.F_OFD_GETLK, _flock(fcntl.F_WRLCK, start, length))
    except OSError as problem:
        raise _without_locks(problem) from None
    values = struct.unpack(_FLOCK, answer)
    kind = values[3] if sys.platform == "darwin" else values[0]
    return bool(kind != fcntl.F_UNLCK)


@contextlib.contextmanager
def held_alone(handle: int, start: int, patience: float, what: str) -> Iterator[None]:
    """Hold one byte alone. Raises CannotProceed, saying `what` is in the way, after `patience` seconds."""
    deadline = time.monotonic() + patience
    while not try_lock(handle, start):
        if time.monotonic() > deadline:
            raise CannotProceed(what, "wait until it has ended, or end it, then run the same command again")
        time.sleep(RETRY)
    try:
        yield
    finally:
        unlock(handle, start)


def _without_locks(problem: OSError) -> CannotProceed:
    return CannotProceed(
        f"the file system or the kernel does not lock the journal's file: {problem.strerror}",
        "keep the journal on a local disk: without locks two processes would dial at once",
    )


def _flock(kind: int, start: int, length: int) -> bytes:
    if sys.platform == "darwin":
        return struct.pack(_FLOCK, start, length, 0, kind, os.SEEK_SET)
    return struct.pack(_FLOCK, kind, os.SEEK_SET, start, length, 0)
