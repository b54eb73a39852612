"""The journal: there or not, whole or not, and on what kind of disk."""

from pathlib import Path

import pytest
from unit.doctor.servers import EXOTEL, found

from orchestrator.app.doctor.journal import check_journal
from orchestrator.app.journal import create_journal
from orchestrator.journal.sqlite.place import file_system
from orchestrator.model.check import Health
from orchestrator.model.target import Target


def test_a_live_target_needs_one(tmp_path: Path) -> None:
    assert found([*check_journal(None, EXOTEL)]) == {"journal": Health.PROBLEM}
    assert found([*check_journal(str(tmp_path / "x.db"), EXOTEL)]).popitem()[1] is Health.PROBLEM
    assert not (tmp_path / "x.db").exists()


def test_one_that_is_whole_is_told_with_its_id_and_disk(tmp_path: Path) -> None:
    path = tmp_path / "x.db"
    id_ = create_journal(str(path))
    checks = [*check_journal(str(path), EXOTEL)]
    assert id_ in checks[0].what
    assert checks[0].health is Health.OK
    assert not [check for check in checks if check.health is Health.PROBLEM]
    path.chmod(0o644)
    assert found([*check_journal(str(path), EXOTEL)])[f"journal-private {path}"] is Health.WARNING


def test_another_than_the_target_wants_is_a_problem(tmp_path: Path) -> None:
    create_journal(str(tmp_path / "x.db"))
    (check,) = check_journal(str(tmp_path / "x.db"), Target("live", "exotel", journal="jr_other"))
    assert check.health is Health.PROBLEM


@pytest.mark.parametrize("content", [b"no journal", b"SQLite format 3\x00" + bytes(100), b""])
def test_what_is_no_journal_is_a_problem(tmp_path: Path, content: bytes) -> None:
    (tmp_path / "x.db").write_bytes(content)
    (check,) = check_journal(str(tmp_path / "x.db"), EXOTEL)
    assert check.health is Health.PROBLEM
    assert (tmp_path / "x.db").read_bytes() == content


def test_one_in_the_cloud_is_not_there_yet() -> None:
    (check,) = check_journal("postgresql://host/db", EXOTEL)
    assert check.health is Health.PROBLEM


@pytest.mark.parametrize(
    ("path", "kind"),
    [
        ("/srv/calls.db", "nfs4"),
        ("/srv data/x", "cifs"),
        ("/srvdata/x", "ext4"),
        ("/", "ext4"),
        ("/home/a/x", "fuse.sshfs"),
    ],
)
def test_the_nearest_mount_says_what_kind_of_disk_it_is(tmp_path: Path, path: str, kind: str) -> None:
    (tmp_path / "mounts").write_text(
        "22 1 8:1 / / rw,relatime shared:1 - ext4 /dev/sda rw\n"
        "23 22 0:9 / /srv rw - nfs4 host:/x rw\n"
        "24 22 0:9 / /srv\\040data rw master:1 - cifs //host/x rw\n"
        "25 22 0:9 / /home/a rw - fuse.sshfs a@b: rw\n"
        "a line of nothing\n"
    )
    assert file_system(Path(path), tmp_path / "mounts") == kind


def test_a_system_that_does_not_tell_says_nothing(tmp_path: Path) -> None:
    assert file_system(Path("/"), tmp_path / "none") is None
