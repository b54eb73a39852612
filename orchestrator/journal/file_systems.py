"""On which kind of file system a journal lies: on those of a network, locks and shared memory are not to be relied on.

SQLite's log needs memory that all processes share (https://www.sqlite.org/wal.html: "WAL does not work over a network
filesystem"), and a lock that only one of two machines sees lets both of them dial.
"""

from pathlib import Path

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
