"""One process dials from a journal at a time: an operating-system lock, freed by kill -9."""

import contextlib
import fcntl
import os
from collections.abc import Iterator
from pathlib import Path

from orchestrator.model.errors import CannotProceed


@contextlib.contextmanager
def dialer_lock(journal: Path) -> Iterator[None]:
    """Hold the dialer's lock of this journal. Raises CannotProceed where another process holds it."""
    handle = os.open(journal.with_name(journal.name + ".lock"), os.O_CREAT | os.O_RDWR | os.O_CLOEXEC, 0o600)
    try:
        try:
            fcntl.flock(handle, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError:
            holder = os.pread(handle, 20, 0).decode("ascii", "replace").strip()
            raise CannotProceed(
                f"another run is dialing from the journal {journal} (process {holder or 'unknown'})",
                "wait until it has ended: the same command then goes on where it stopped",
            ) from None
        os.ftruncate(handle, 0)
        os.pwrite(handle, f"{os.getpid()}\n".encode(), 0)
        yield
    finally:
        os.close(handle)
