"""Names that no file can have, and what is no file: told with what to do, and never by a bug's exit code.

3 for plans and their data, 4 for what a command needs beside them; nothing is dialed.
"""

import os
import resource
import shutil
import socket
import subprocess
from collections.abc import Callable
from pathlib import Path

import pytest
from durability.carrier import Carrier
from durability.ordinary_user import ORDINARY_USER

from acceptance import cli
from acceptance.bad_plans import GOOD, HEAD, ROWS
from acceptance.desk import Desk, call

LONG = "n" * 300
LIVE = ("--yes", "--settle-for", "1s", "--wait", "5s")


def folder(path: Path) -> None:
    path.mkdir()


def fifo(path: Path) -> None:
    os.mkfifo(path)


def a_socket(path: Path) -> None:
    listener = socket.socket(socket.AF_UNIX)
    here = Path.cwd()
    os.chdir(path.parent)  # the name of a socket has at most 107 bytes
    try:
        listener.bind(path.name)
    finally:
        os.chdir(here)
        listener.close()


def device(path: Path) -> None:
    path.symlink_to("/dev/zero")


def loop(path: Path) -> None:
    path.symlink_to(path.name)


def below_a_file(path: Path) -> None:
    path.write_text("x")


KINDS: dict[str, Callable[[Path], None]] = {
    "folder": folder,
    "pipe": fifo,
    "socket": a_socket,
    "device": device,
    "loop": loop,
}


def told(done: cli.Done, code: int, *words: str) -> None:
    assert done.code == code, done.said
    assert "hint" in done.said
    for word in words:
        assert word in done.said, done.said


def good(desk: Desk) -> str:
    return str(desk.write("good.yaml", f"{HEAD}calls:\n{GOOD}"))


@pytest.mark.parametrize("kind", KINDS)
@pytest.mark.parametrize("command", ["validate", "plan", "run"])
def test_a_plan_that_is_no_file(desk: Desk, command: str, kind: str) -> None:
    KINDS[kind](desk.root / "p.yaml")
    told(desk.orchestrate(command, "p.yaml", patience=20), 3, "p.yaml")


@pytest.mark.parametrize("command", ["validate", "plan", "run", "status"])
@pytest.mark.parametrize(
    ("name", "words"),
    [
        (f"{LONG}.yaml", "255 bytes"),
        (f"{LONG}/p.yaml", "255 bytes"),
        ("d/" * 2100 + "p.yaml", "255 bytes"),
        ("good.yaml/p.yaml", "good.yaml/p.yaml"),
        (os.fsdecode(b"\xff\xfe.yaml"), "no such file"),
    ],
    ids=["long", "long folder", "deep", "below a file", "no characters"],
)
def test_a_plan_whose_name_no_file_has(desk: Desk, command: str, name: str, words: str) -> None:
    good(desk)
    if command == "status":  # a journal that can be asked
        assert desk.orchestrate("run", "good.yaml", "--journal", "j.db").code == 0
    more = ["--journal", "j.db"] if command == "status" else []
    done = desk.orchestrate(command, name, *more)
    if command == "status" and words == "no such file":  # a RUN that does not exist
        assert (done.code, "there is no file" in done.err) == (2, True), done.said
    else:
        told(done, 3, words)


def test_a_plan_whose_name_is_no_text_is_dialed_and_reported(desk: Desk) -> None:
    """Bytes of no character, as in old archives, are a name like any other."""
    raw = os.fsdecode(b"caf\xe9")
    (desk.root / raw).mkdir()
    shutil.move(good(desk), desk.root / raw / "p.yaml")
    for arguments in (("validate",), ("plan",), ("run", "--report", f"{raw}/report.json"), ("run",)):
        done = desk.orchestrate(arguments[0], f"{raw}/p.yaml", *arguments[1:])
        assert done.code == 0, (arguments, done.said)
    assert (desk.root / raw / "report.json").exists()


DATA = {"rows": "rows", "suppress": "suppress", "holidays": "holidays"}


def naming(key: str, name: str) -> str:
    if key == "rows":
        return f"{HEAD}calls:\n{ROWS.replace('ROWS', repr(name))}"
    value = f"['{name}']" if key == "suppress" else f"'{name}'"
    return f"{HEAD}calls:\n{GOOD}policy: {{{key}: {value}}}\n"


@pytest.mark.parametrize("key", DATA)
def test_data_that_is_no_file(desk: Desk, key: str) -> None:
    for kind, make in KINDS.items():
        make(desk.root / f"{kind}.csv")
        plan = str(desk.write("p.yaml", naming(key, f"{kind}.csv")))
        told(desk.orchestrate("run", plan, patience=20), 3, f"{kind}.csv", "p.yaml:")


@pytest.mark.parametrize("key", DATA)
@pytest.mark.parametrize(
    "name", [f"{LONG}.csv", f"{LONG}/d.csv", "d/" * 2100 + "d.csv"], ids=["long", "folder", "deep"]
)
def test_data_whose_name_no_file_has(desk: Desk, key: str, name: str) -> None:
    plan = str(desk.write("p.yaml", naming(key, name)))
    told(desk.orchestrate("validate", plan), 3, "p.yaml:", "255 bytes" if LONG in name else "there is no file")


@pytest.mark.parametrize("command", ["plan", "run"])
def test_a_target_that_is_no_file_or_has_no_possible_name(desk: Desk, command: str) -> None:
    for kind, make in KINDS.items():
        make(desk.root / f"{kind}.yaml")
        told(desk.orchestrate(command, good(desk), "--target", f"{kind}.yaml", patience=20), 4, f"{kind}.yaml")
    for name in (LONG, f"{LONG}.yaml", f"{LONG}/t.yaml"):
        told(desk.orchestrate(command, good(desk), "--target", name), 4, "255 bytes")
    told(desk.orchestrate("validate", f"{LONG}.yaml", "pipe.yaml", patience=20), 3, "255 bytes", "pipe.yaml")


def test_a_root_that_is_no_folder_or_has_no_possible_name(desk: Desk) -> None:
    for kind, make in {**KINDS, "file": below_a_file}.items():
        if kind != "folder":
            make(desk.root / kind)
            told(desk.orchestrate("run", good(desk), "--root", kind, patience=20), 3, "--root")
    told(desk.orchestrate("validate", good(desk), "--root", LONG), 3, "--root")


@pytest.mark.parametrize("kind", [*KINDS, "missing", "below a file", "long", "long folder"])
def test_a_report_that_cannot_be_is_told_before_anything_is_dialed(
    desk: Desk, carrier: Carrier, live: Path, kind: str
) -> None:
    """Not replaced either: a pipe or a device under the name of a report stays what it is."""
    names = {
        "missing": "no/r.json",
        "below a file": "good.yaml/r.json",
        "long": f"{LONG}.json",
        "long folder": f"{LONG}/r.json",
    }
    plan, name = good(desk), names.get(kind, "r.json")
    if kind in KINDS:
        KINDS[kind](desk.root / name)
    arguments = ("run", plan, "--target", str(live), "--journal", str(desk.journal), *LIVE)
    told(desk.orchestrate(*arguments, "--report", name, patience=20), 4, "report")
    told(desk.orchestrate("plan", plan, "--out", name, patience=20), 4, "report")
    assert carrier.received() == []
    assert not (desk.root / name).is_file() if len(name) < 200 else True


def on_a_full_disk() -> None:
    """Let no file grow beyond a sector: writing fails as on a disk without room."""
    resource.setrlimit(resource.RLIMIT_FSIZE, (512, 512))


def test_a_full_disk_is_told_before_anything_is_dialed(desk: Desk, carrier: Carrier, live: Path) -> None:
    report = ("--report", "r.json")
    for arguments in (
        ("run", good(desk), "--target", str(live), "--journal", str(desk.journal), *LIVE, *report),
        ("plan", good(desk), "--out", "r.json"),
    ):
        done = subprocess.run(
            [*cli.command(), *arguments],
            cwd=desk.root,
            env={**desk.environment, "PYTHONDONTWRITEBYTECODE": "1"},  # it would write half a file
            capture_output=True,
            text=True,
            timeout=60,
            preexec_fn=on_a_full_disk,
        )
        assert done.returncode == 4, done.stderr
        assert "the report r.json cannot be written" in done.stderr
        assert "hint" in done.stderr
    assert carrier.received() == []
    assert [file.name for file in desk.root.iterdir() if file.suffix in (".part", ".json")] == []


def test_a_report_whose_name_is_as_long_as_can_be_is_written(desk: Desk) -> None:
    name = "r" * 250 + ".json"
    assert desk.orchestrate("run", good(desk), "--report", name).code == 0
    assert (desk.root / name).exists()


def test_secrets_that_are_no_files(desk: Desk, carrier: Carrier, live: Path) -> None:
    arguments = ("run", good(desk), "--target", str(live), "--journal", str(desk.journal), *LIVE)
    without = {"EXOTEL_API_KEY": ""}
    for kind, make in {**KINDS, "file": below_a_file}.items():
        if kind != "folder":
            make(desk.folder / kind)
            done = desk.orchestrate(*arguments, "--secrets-dir", str(desk.folder / kind), patience=20, **without)
            told(done, 4, "--secrets-dir")
        (desk.folder / f"in-{kind}").mkdir()
        make(desk.folder / f"in-{kind}" / "EXOTEL_API_KEY")
        if kind != "file":
            done = desk.orchestrate(
                *arguments, "--secrets-dir", str(desk.folder / f"in-{kind}"), patience=20, **without
            )
            told(done, 4, "EXOTEL_API_KEY")
    for name in (LONG, f"{LONG}/x"):
        told(desk.orchestrate(*arguments, "--secrets-dir", name, **without), 4, "--secrets-dir")
    (desk.folder / "latin").mkdir()
    (desk.folder / "latin" / "EXOTEL_API_KEY").write_bytes(b"\xff\xfe")
    told(desk.orchestrate(*arguments, "--secrets-dir", str(desk.folder / "latin"), **without), 4, "UTF-8")
    assert carrier.received() == []


@pytest.mark.parametrize("kind", [*KINDS, "link", "text"])
def test_something_else_in_the_place_of_the_sandboxs_state(desk: Desk, kind: str) -> None:
    """And a link that somebody planted there is not followed."""
    plan = good(desk)
    assert desk.orchestrate("run", plan, "--journal", "j.db").code == 0
    (state,) = desk.root.glob("j.db*.sandbox")
    for file in desk.root.glob("j.db*.sandbox*"):
        file.unlink()
    elsewhere = desk.write("elsewhere", "")
    if kind == "link":
        state.symlink_to(elsewhere)
    elif kind == "text":
        state.write_text("a text\n" * 100)
    else:
        KINDS[kind](state)
    done = desk.orchestrate("run", plan, "--journal", "j.db", "--edition", "2", patience=30)
    told(done, 4, "sandbox", "beside the journal" if kind != "text" else "name another")
    assert elsewhere.read_bytes() == b""


def test_a_folder_that_is_gone(desk: Desk) -> None:
    plan = good(desk)
    for arguments in (("validate", "p.yaml"), ("run", plan), ("runs",)):
        gone = desk.root / "gone"
        gone.mkdir()
        script = 'cd gone && rmdir "$PWD" && exec "$@"'
        process = subprocess.run(
            ["/bin/sh", "-c", script, "sh", *cli.command(), *arguments],
            cwd=desk.root,
            env=desk.environment,
            capture_output=True,
            text=True,
            timeout=60,
        )
        assert process.returncode == 4, process.stderr
        assert "cannot be found" in process.stderr


def forbidden(desk: Desk, *arguments: str) -> cli.Done:
    """Run a command to which permissions apply, as they do not to root."""
    return desk.orchestrate(*arguments, **ORDINARY_USER)


def test_what_may_not_be_entered_read_or_written(desk: Desk) -> None:
    plan = good(desk)
    closed = desk.root / "closed"
    closed.mkdir()
    for name in ("p.yaml", "t.yaml", "d.csv"):
        shutil.copy(plan, closed / name)
    (closed / "s").mkdir()
    unreadable = desk.write("unreadable.csv", "n,phone\n1,+918123400001\n")
    unreadable.chmod(0)
    sealed = desk.root / "sealed"
    sealed.mkdir()
    sealed.chmod(0o555)
    closed.chmod(0)
    try:
        told(forbidden(desk, "validate", "closed/p.yaml"), 3, "closed/p.yaml", "permission")
        told(forbidden(desk, "plan", "closed/p.yaml"), 3, "closed/p.yaml", "permission")
        told(forbidden(desk, "plan", plan, "--target", "closed/t.yaml"), 4, "closed/t.yaml", "permission")
        told(forbidden(desk, "plan", plan, "--out", "closed/r.json"), 4, "closed/r.json", "permission")
        told(forbidden(desk, "plan", plan, "--out", "sealed/r.json"), 4, "sealed/r.json", "permission")
        desk.write("rows.yaml", naming("rows", "closed/d.csv"))
        told(forbidden(desk, "validate", "rows.yaml"), 3, "rows.yaml:5", "permission")
        desk.write("list.yaml", naming("suppress", "unreadable.csv"))
        told(forbidden(desk, "validate", "list.yaml"), 3, "unreadable.csv", "permission")
        secrets = ("--secrets-dir", "closed/s", "--journal", "none.db", "--yes")
        told(forbidden(desk, "run", plan, "--target", "exotel", *secrets), 4, "closed/s", "--secrets-dir")
    finally:
        closed.chmod(0o755)


@pytest.mark.parametrize("most", [10, 12, 14, 16, 18, 20])
def test_too_few_files_that_may_be_open_are_no_bug(desk: Desk, carrier: Carrier, live: Path, most: int) -> None:
    """The words come from wherever the limit is met: the journal, the event loop, the interpreter's own files."""
    plan = desk.plan([call("c1", 1)])
    words = [*cli.command(), *desk.run_arguments(plan, live)]
    limited = ["sh", "-c", 'ulimit -n "$1" && shift && exec "$@"', "sh", str(most), *words]
    done = subprocess.run(limited, cwd=desk.root, env=desk.environment, capture_output=True, text=True, check=False)
    assert done.returncode in (0, 4, 5), done.stdout + done.stderr
    assert "Traceback" not in done.stderr
    assert not list(carrier.connects()) or done.returncode != 4, done.stderr
