"""On which kind of file system a journal lies."""

from pathlib import Path

import pytest

from orchestrator.journal.sqlite.file_locks import NETWORK, file_system, kind_in

TABLE = r"""22 27 0:21 / / rw,relatime - ext4 /dev/vda rw
40 22 0:50 / /mnt/nas rw,relatime shared:1 - nfs4 server:/export rw,vers=4.2
41 22 0:51 / /mnt/my\040share rw - cifs //server/share rw
42 40 0:52 / /mnt/nas/local rw - xfs /dev/vdb rw
43 22 0:53 / /over rw - ext4 /dev/vdc rw
44 22 0:54 / /over rw - fuse.sshfs me@host: rw
garbage
"""


@pytest.mark.parametrize(
    ("path", "kind"),
    [
        ("/home/me/calls.db", "ext4"),
        ("/mnt/nas/calls.db", "nfs4"),
        ("/mnt/nasty/calls.db", "ext4"),
        ("/mnt/my share/calls.db", "cifs"),
        ("/mnt/nas/local/calls.db", "xfs"),
        ("/over/calls.db", "fuse.sshfs"),
    ],
)
def test_the_innermost_and_latest_mount_tells_the_kind(path: str, kind: str) -> None:
    assert kind_in(TABLE, Path(path)) == kind


def test_a_table_without_the_path_tells_nothing() -> None:
    assert kind_in("", Path("/a")) == ""


def test_the_disk_of_this_test_is_no_network(tmp_path: Path) -> None:
    kind = file_system(tmp_path)
    assert kind not in ("", *NETWORK)
