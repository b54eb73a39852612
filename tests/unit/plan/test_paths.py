"""Which files a plan may read."""

import os
import socket
from pathlib import Path

import pytest

from orchestrator.plan.paths import FileRefusal, _walk, find_root, open_inside, refused_plan, resolve_inside


@pytest.fixture
def root(tmp_path: Path) -> Path:
    """A root with a plan's folder and data, beside a folder with secrets."""
    (tmp_path / "outside").mkdir()
    (tmp_path / "outside" / "secret.csv").write_text("canary")
    root = tmp_path / "root"
    for name in ("plans", "data", ".git"):
        (root / name).mkdir(parents=True)
    (root / "data" / "orders.csv").write_text("orders")
    (root / ".git" / "config").write_text("canary")
    return root


def read(root: Path, name: str) -> bytes | FileRefusal:
    opened = open_inside(root, root / "plans", name)
    if isinstance(opened, FileRefusal):
        return opened
    with opened:
        return opened.read()


@pytest.mark.parametrize("name", ["../data/orders.csv", "./../data//orders.csv", "../plans/../data/orders.csv"])
def test_a_regular_file_inside_the_root_is_read(root: Path, name: str) -> None:
    assert read(root, name) == b"orders"


def test_links_that_stay_inside_are_followed(root: Path) -> None:
    (root / "plans" / "link.csv").symlink_to("../data/orders.csv")
    (root / "plans" / "folder").symlink_to(root / "data")
    assert read(root, "link.csv") == read(root, "folder/orders.csv") == b"orders"


def test_every_way_out_has_the_same_answer_whether_or_not_a_file_is_there(root: Path) -> None:
    outside = root.parent / "outside"
    (root / "plans" / "link").symlink_to(outside / "secret.csv")
    (root / "plans" / "dead").symlink_to(outside / "nothing.csv")
    (root / "plans" / "folder").symlink_to(outside)
    (root / "plans" / "chain").symlink_to("link")
    (root / "plans" / "loop").symlink_to("loop")
    os.mkfifo(root / "plans" / "pipe")
    names = [
        str(outside / "secret.csv"),
        str(outside / "nothing.csv"),
        str(root / "data" / "orders.csv"),
        "../../outside/secret.csv",
        "../../outside/nothing.csv",
        "../data/../../outside/secret.csv",
        "no-such-folder/../../../outside/secret.csv",
        "link",
        "dead",
        "folder/secret.csv",
        "folder/nothing.csv",
        "folder/../outside/secret.csv",
        "chain",
        "loop",
        "pipe",
        "../data",
        ".",
        "..",
        "../..",
        "/dev/null",
        "/proc/self/environ",
        "../.git/config",
        "../.git/no-such-file",
        "~/secret.csv",
        "",
        "a\0b",
    ]
    for name in names:
        refusal = read(root, name)
        assert isinstance(refusal, FileRefusal), name
        assert refusal.id == "file-outside-root", name
        assert not refusal.missing, name
        shown = name.replace("\0", "?")
        assert refusal.message == f"`{shown}` is refused: a plan reads only regular files inside its root"


def test_a_socket_is_refused(root: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(root / "plans")  # a socket's path has at most 107 bytes
    with socket.socket(socket.AF_UNIX) as listener:
        listener.bind("sock")
        refusal = read(root, "sock")
    assert isinstance(refusal, FileRefusal)
    assert refusal.id == "file-outside-root"


@pytest.mark.parametrize("name", ["nothing.csv", "../data/nothing.csv", "../data/orders.csv/x"])
def test_a_missing_file_inside_the_root_is_told_as_missing(root: Path, name: str) -> None:
    refusal = read(root, name)
    assert isinstance(refusal, FileRefusal)
    assert (refusal.id, refusal.missing) == ("no-such-file", True)
    assert name in refusal.message


def test_a_link_put_in_the_way_after_the_look_is_not_followed(root: Path) -> None:
    """The walk starts from the real path: whoever swaps a folder for a link between look and open gains nothing."""
    real = resolve_inside(root, root / "plans", "../data/orders.csv")
    assert isinstance(real, Path)
    (root / "data").rename(root / "moved")
    (root / "data").symlink_to(root.parent / "outside")
    (root.parent / "outside" / "orders.csv").write_text("canary")
    with pytest.raises(OSError, match=r"ymbolic|directory"):
        _walk(str(root), ("data", "orders.csv"))


def test_the_root_is_the_nearest_folder_with_a_mark(tmp_path: Path) -> None:
    (tmp_path / "orchestrate.toml").touch()
    (tmp_path / "a" / "b" / "c").mkdir(parents=True)
    (tmp_path / "a" / ".git").write_text("gitdir: elsewhere")  # a worktree's
    assert find_root(tmp_path / "a" / "b" / "c" / "plan.yaml") == tmp_path / "a"
    assert find_root(tmp_path / "plan.yaml") == tmp_path
    assert find_root(tmp_path / "a" / "plan.yaml", str(tmp_path / "a" / "b")) == tmp_path / "a" / "b"


def test_without_a_mark_the_root_is_the_plans_own_folder(tmp_path: Path) -> None:
    (tmp_path / "a").mkdir()
    assert find_root(tmp_path / "a" / "plan.yaml") == tmp_path / "a"


def test_a_plan_that_is_a_link_out_of_its_root_or_no_file_is_not_read(root: Path) -> None:
    link = root / "plans" / "plan.yaml"
    link.symlink_to(root.parent / "outside" / "secret.csv")
    os.mkfifo(root / "plans" / "pipe.yaml")
    (root / "plans" / "inside.yaml").symlink_to("../data/orders.csv")
    found = refused_plan(root, str(link))
    assert found is not None
    assert found.id == "file-outside-root"
    found = refused_plan(root, str(root / "plans" / "pipe.yaml"))
    assert found is not None
    assert found.id == "not-a-file"
    for name in ("plans/inside.yaml", "plans/nothing.yaml", "plans"):
        assert refused_plan(root, str(root / name)) is None
