"""Locks bytes of the journal's own file, whatever its name or link; tells file systems on which locks are no use.

They are locks of an open file description (fcntl(2), F_OFD_SETLK): freed when its descriptor is closed, so also by
kill -9, and not lost when another descriptor of the same file is closed in the process. They are advisory, may lie
beyond the end of the file, and stand far from the bytes that SQLite locks (at 1 GiB).

On the file systems of a network neither locks nor shared memory are to be relied on. SQLite's log needs memory that all
processes share (https://www.sqlite.org/wal.html: "WAL does not work over a network filesystem"), and a lock that only
one of two machines sees lets both of them dial.
"""

import contextlib
import fcntl
import os
import struct
import sys
import time
from collections.abc import Iterator
from pathlib import Path

from orchestrator.model.errors import CannotProceed

_FLOCK = "qqihh" if sys.platform == "darwin" else "hhqqi4x"
"""The layout of `struct flock`: macOS puts type and whence last."""

RETRY_PAUSE = 0.01
"""Seconds between two tries of a lock that another process holds."""

OPENING = 1 << 60
"""The byte that is locked for as long as a process begins or ends its use of the journal."""

IN_USE = OPENING + 1
"""The byte that whoever may commit shares; held alone, nobody else may."""

DIALERS = 1 << 61
"""The first of the bytes that dialers lock, a range for each plan (journal.py)."""


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
        time.sleep(RETRY_PAUSE)
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


NETWORK = frozenset(
    {
        *("nfs", "nfs4", "cifs", "smb3", "smbfs", "afs", "ncpfs", "coda", "ceph", "glusterfs", "lustre"),
        *("beegfs", "gpfs", "orangefs", "davfs", "fuse.sshfs", "fuse.s3fs", "fuse.rclone", "fuse.gcsfuse"),
        *("fuse.goofys", "fuse.glusterfs", "fuse.davfs2", "fuse.ceph", "fuse.smbnetfs", "fuse.juicefs"),
        *("fuse.mount-s3", "fuse.blobfuse2"),
    }
)
"""Kinds of file system, as Linux names them in its table of mounts, that are shared over a network."""

MOUNTS = Path("/proc/self/mountinfo")
"""Linux's table of mounts, proc(5)."""


def file_system(path: Path) -> str:
    """Return the kind of the file system that a real path lies on; empty where the system does not tell."""
    try:
        table = MOUNTS.read_text("utf-8", "surrogateescape")
    except OSError:
        return ""
    return kind_in(table, path)


def kind_in(table: str, path: Path) -> str:
    r"""Return the kind of the mount that holds an absolute path, by the text of a table of mounts.

    A line is `36 35 98:0 /root /mount/point options [fields ...] - kind source options`; a blank in a mount point is
    written `\040`. Of two mounts on one point the later one is seen.
    """
    longest, kind = -1, ""
    for line in table.splitlines():
        before, _, after = line.partition(" - ")
        words, about = before.split(" "), after.split(" ")
        if len(words) < 5 or not after:
            continue
        point = Path(words[4].encode().decode("unicode_escape").encode("latin-1", "replace").decode("utf-8", "replace"))
        if path.is_relative_to(point) and len(point.parts) >= longest:
            longest, kind = len(point.parts), about[0]
    return kind
