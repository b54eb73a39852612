"""Where a journal's file lies: on a disk of this machine, or where locks and syncs may not be kept."""

import contextlib
import os
import shutil
from pathlib import Path

from orchestrator.model.frozen import frozen

MOUNTS = Path("/proc/self/mountinfo")

NETWORK = frozenset(
    {"9p", "afs", "ceph", "cifs", "davfs", "glusterfs", "lustre", "nfs", "nfs4", "smb3", "smbfs", "virtiofs"}
)
"""File systems that other machines serve: locks and syncs are theirs to keep."""
FORGETFUL = frozenset({"overlay", "ramfs", "tmpfs"})
"""File systems that are gone with the container, or with the machine's power."""


@frozen
class Place:
    """`file_system` is the kernel's word for it, None where it does not say. `free` is in bytes.

    `is_private`: nobody but the owner may read the file. `may_write`: this user may write the file and beside it.
    """

    file_system: str | None
    free: int
    is_private: bool
    may_write: bool


def place_of(path: Path) -> Place:
    """Return where a journal's file is, or where its folder is if there is none yet. Raises OSError."""
    there = path if path.exists() else path.parent
    mode = there.stat().st_mode
    return Place(
        file_system(there),
        shutil.disk_usage(there).free,
        is_private=there != path or not mode & 0o077,
        may_write=os.access(there, os.W_OK) and os.access(path.parent, os.W_OK),
    )


def file_system(path: Path, mounts: Path = MOUNTS) -> str | None:
    """Return the kind of file system that a real path lies on, as the kernel calls it; None where nothing says so."""
    found: tuple[int, str] | None = None
    with contextlib.suppress(OSError, ValueError, IndexError):
        for line in mounts.read_text("utf-8", "surrogateescape").splitlines():
            before, _, after = line.partition(" - ")
            point = Path(_unescaped(before.split(" ")[4]))
            if path.is_relative_to(point) and (found is None or len(point.parts) >= found[0]):
                found = len(point.parts), after.split(" ")[0]
    return None if found is None else found[1]


def _unescaped(text: str) -> str:
    """Return a mount point whose blanks and backslashes the kernel has written in octal digits."""
    return text.encode("latin-1", "replace").decode("unicode_escape") if "\\" in text else text
