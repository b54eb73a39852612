"""One process dials a plan at a time: an operating-system lock, freed by kill -9.

A process that was stopped (SIGSTOP, a frozen machine) keeps its lock and may wake at any time. It shows no pulse, so
another may take the plan over; the fence in the intent's transaction then keeps the one that wakes from dialing.
"""

import contextlib
import fcntl
import hashlib
import os
import secrets
import time
from collections.abc import Iterator
from pathlib import Path

from orchestrator.model.errors import CannotProceed

PULSE = 1.0
"""Seconds between two signs of life."""

STOPPED = 10.0
"""Seconds without a sign of life after which the holder counts as stopped."""


class DialerLock:
    """The lock that this process holds."""

    def __init__(self, handle: int) -> None:
        self._handle = handle

    def beat(self) -> None:
        """Show that this process is alive; due every PULSE seconds."""
        os.utime(self._handle)


@contextlib.contextmanager
def dialer_lock(journal: Path, account: str, plan: str) -> Iterator[DialerLock]:
    """Hold the lock of a plan's dialer on this journal. Raises CannotProceed where a process that is alive holds it."""
    path = lock_file(journal, account, plan)
    handle = _free(path)
    if handle is None:
        holder, silent = holder_of(path)
        if silent < STOPPED:
            raise CannotProceed(
                f"another run is dialing the plan {plan} from the journal {journal} (process {holder or 'unknown'})",
                "wait until it has ended: the same command then goes on where it stopped",
            )
        handle = _taken_over(path)
    try:
        os.ftruncate(handle, 0)
        os.pwrite(handle, f"{os.getpid()}\n".encode(), 0)
        yield DialerLock(handle)
    finally:
        os.close(handle)


def lock_file(journal: Path, account: str, plan: str) -> Path:
    """Return the lock file of a plan's dialer."""
    return beside(journal, account, plan, "lock")


def beside(journal: Path, account: str, plan: str, suffix: str) -> Path:
    """Return the file beside a journal that belongs to one of its plans, whatever signs its account's name has."""
    digest = hashlib.sha256(f"{account}\n{plan}".encode()).hexdigest()[:12]
    return journal.with_name(f"{journal.name}.{digest}.{suffix}")


def holder_of(path: Path) -> tuple[str, float]:
    """Return the id of the process that took the lock last, and the seconds since its last sign of life."""
    with contextlib.suppress(OSError):
        return path.read_text("ascii", "replace").strip(), time.time() - path.stat().st_mtime
    return "", 0.0


def _free(path: Path) -> int | None:
    """Lock the file that stands at `path` and return its handle; None where another process holds it."""
    while True:
        handle = os.open(path, os.O_CREAT | os.O_RDWR | os.O_CLOEXEC, 0o600)
        try:
            fcntl.flock(handle, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError:
            os.close(handle)
            return None
        if _stands(handle, path):
            return handle
        os.close(handle)  # it was replaced between the two calls


def _taken_over(path: Path) -> int:
    """Put a locked file of our own in the place of one whose holder does not move; return its handle.

    Two that do so at once both believe to hold it: the fence lets only the later one dial.
    """
    aside = path.with_name(f".{path.name}.{secrets.token_hex(4)}")
    handle = os.open(aside, os.O_CREAT | os.O_EXCL | os.O_RDWR | os.O_CLOEXEC, 0o600)
    fcntl.flock(handle, fcntl.LOCK_EX)
    aside.replace(path)
    return handle


def _stands(handle: int, path: Path) -> bool:
    try:
        return os.path.samestat(os.fstat(handle), path.stat())
    except FileNotFoundError:
        return False
