"""Where the tests' files lie: in memory, where a sync takes no time, or on a disk where syncs are the subject."""

import os
import tempfile
from pathlib import Path

MEMORY = Path("/dev/shm")  # noqa: S108 - pytest makes folders there that only their owner can enter
ROOM = 2 << 30
_DISK = "TEST_DISK"


def use_memory() -> None:
    """Have all temporary files made in memory from now on, where a machine has room for them there.

    Each commit of a journal is a sync, which a disk needs milliseconds for.
    """
    os.environ.setdefault(_DISK, tempfile.gettempdir())  # the workers of a run inherit what was first
    if _has_room(MEMORY):
        os.environ["TMPDIR"] = tempfile.tempdir = str(MEMORY)


def disk() -> Path:
    """Return the folder in which temporary files lie otherwise."""
    return Path(os.environ[_DISK])


def _has_room(folder: Path) -> bool:
    """Whether a file system takes what tests write, and runs programs that lie there."""
    if not os.access(folder, os.W_OK):
        return False
    there = os.statvfs(folder)
    return there.f_bavail * there.f_frsize >= ROOM and not there.f_flag & os.ST_NOEXEC
