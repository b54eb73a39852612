"""Standard streams that are closed, full, unread or in a poor encoding break no command, and dial for nothing."""

import fcntl
import json
import os
import pty
import signal
import sqlite3
import subprocess
import termios
import time
from itertools import combinations
from pathlib import Path

import pytest
from durability.carrier import Carrier

from acceptance import cli
from acceptance.desk import Desk, calls

CLOSING = {0: "<&-", 1: ">&-", 2: "2>&-"}
SUBSETS = [subset for size in (1, 2, 3) for subset in combinations(CLOSING, size)]


def redirected(
    desk: Desk, redirections: str, *arguments: str, **environment: str
) -> subprocess.CompletedProcess[bytes]:
    """Run a command with redirections of the shell."""
    return subprocess.run(
        ["bash", "-c", f'exec "$@" {redirections}', "bash", *cli.command(), *arguments],
        cwd=desk.root,
        env=desk.environment | environment,
        stdin=subprocess.DEVNULL,
        capture_output=True,
        timeout=60,
    )


def said(done: subprocess.CompletedProcess[bytes]) -> str:
    text = (done.stdout + done.stderr).decode()
    assert "Traceback" not in text, text
    assert "bug of ours" not in text, text
    return text


def intact(desk: Desk) -> bool:
    journal = sqlite3.connect(f"file:{desk.journal}?mode=ro", uri=True)
    found = journal.execute("PRAGMA integrity_check").fetchall()
    journal.close()
    return found == [("ok",)]


@pytest.mark.parametrize("closed", SUBSETS, ids=str)
def test_a_run_whose_streams_are_closed_dials_as_ever(
    desk: Desk, carrier: Carrier, live: Path, closed: tuple[int, ...]
) -> None:
    """What is opened next takes the lowest free number: it must not be the journal, to which logs would be written."""
    plan = desk.plan(calls("a", "b", "c"))
    done = redirected(desk, " ".join(CLOSING[handle] for handle in closed), *desk.run_arguments(plan, live))
    assert done.returncode == 0, said(done)
    assert carrier.rung() == {"a": 1, "b": 1, "c": 1}
    assert intact(desk)
    assert desk.orchestrate("journal", "verify", "--journal", str(desk.journal)).code == 0


@pytest.mark.parametrize("closed", ["<&- >&- 2>&-", ">&-", "2>&-"])
@pytest.mark.parametrize(
    ("arguments", "code"),
    [
        (["validate", "judged.yaml"], 0),
        (["validate", "-"], 3),
        (["plan", "judged.yaml"], 0),
        (["status", "nobody", "--journal", "{journal}"], 2),
        (["nonsense"], 2),
        (["--help"], 0),
        (["schema", "call-plan"], 0),
        (["suppress", "+918123400001", "--because", "x", "--journal", "{journal}"], 0),
        (["journal", "verify", "--journal", "{journal}"], 0),
    ],
    ids=lambda value: value[0] if isinstance(value, list) else str(value),
)
def test_each_command_keeps_its_code_where_its_streams_are_closed(
    desk: Desk, closed: str, arguments: list[str], code: int
) -> None:
    desk.create_journal()
    desk.plan(calls("a"))
    done = redirected(desk, closed, *(word.format(journal=desk.journal) for word in arguments))
    assert done.returncode == code, said(done)


@pytest.mark.parametrize("full", [">/dev/full", "1</dev/null"])
@pytest.mark.parametrize("more", [(), ("--report", "-")])
def test_a_run_that_cannot_say_anything_dials_nobody(
    desk: Desk, carrier: Carrier, live: Path, full: str, more: tuple[str, ...]
) -> None:
    done = redirected(desk, full, *desk.run_arguments(desk.plan(calls("a")), live), *more)
    assert done.returncode == 4, said(done)
    assert "could not be written to stdout" in said(done)
    assert carrier.connects() == []


def test_a_report_for_a_closed_stdout_is_refused_before_anybody_is_dialed(
    desk: Desk, carrier: Carrier, live: Path
) -> None:
    done = redirected(desk, ">&-", *desk.run_arguments(desk.plan(calls("a")), live, "--report", "-"))
    assert done.returncode == 4, said(done)
    assert carrier.connects() == []


def test_a_number_is_not_suppressed_where_nobody_could_be_told(desk: Desk) -> None:
    desk.create_journal()
    arguments = ["suppress", "+918123400001", "--because", "x", "--journal", str(desk.journal)]
    done = redirected(desk, ">/dev/full", *arguments)
    assert done.returncode == 4, said(done)
    assert "8123" not in desk.orchestrate("suppress", "--list", "--unmask", "--journal", str(desk.journal)).out


def test_what_nobody_can_be_told_changes_no_verdict(desk: Desk, carrier: Carrier, live: Path) -> None:
    """A log on a full device is lost; the calls are not, and neither is the exit code."""
    done = redirected(desk, "2>/dev/full", *desk.run_arguments(desk.plan(calls("a", "b")), live))
    assert done.returncode == 0, said(done)
    assert carrier.rung() == {"a": 1, "b": 1}


@pytest.mark.parametrize(
    "arguments", [["--help"], ["schema", "call-plan"], ["validate", "judged.yaml"], ["plan", "judged.yaml"]], ids=str
)
def test_a_reader_that_has_gone_changes_no_verdict(desk: Desk, arguments: list[str]) -> None:
    desk.plan(calls(*(f"c{index:04}" for index in range(2000))))
    shell = subprocess.run(
        ["bash", "-c", '"$@" | head -c 1; exit "${PIPESTATUS[0]}"', "bash", *cli.command(), *arguments],
        cwd=desk.root,
        env=desk.environment,
        capture_output=True,
        timeout=60,
    )
    assert shell.returncode == 0, shell.stderr
    assert b"Traceback" not in shell.stderr


def test_a_run_is_followed_to_its_end_where_nobody_reads_on(desk: Desk, carrier: Carrier, live: Path) -> None:
    """`orchestrate run ... 2>&1 | head -1`."""
    carrier.rules(talk=0.5)
    plan = desk.plan(calls("a", "b", "c"))
    shell = subprocess.run(
        [
            *("bash", "-c", '"$@" 2>&1 | head -1; exit "${PIPESTATUS[0]}"', "bash"),
            *cli.command(),
            *desk.run_arguments(plan, live),
        ],
        cwd=desk.root,
        env=desk.environment,
        capture_output=True,
        timeout=60,
    )
    assert shell.returncode == 0, shell.stderr
    assert shell.stdout.count(b"\n") == 1
    assert {told["disposition"] for told in desk.told().values()} == {"completed"}


def test_what_waits_for_its_reader_ends_on_a_signal(desk: Desk) -> None:
    desk.plan(calls(*(f"c{index:04}" for index in range(3000))))
    process = subprocess.Popen(
        [*cli.command(), "plan", "judged.yaml", "--format", "json"],
        cwd=desk.root,
        env=desk.environment,
        stdin=subprocess.DEVNULL,
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        text=True,
    )
    assert process.stdout is not None
    process.stdout.read(1)
    time.sleep(1.0)
    process.send_signal(signal.SIGTERM)
    assert process.wait(timeout=15) == 143
    _, err = process.communicate()
    assert "Traceback" not in err


def test_streams_that_are_set_not_to_wait_are_waited_for(desk: Desk) -> None:
    """Whoever shares the terminal or the pipe may have set O_NONBLOCK on it; nothing is lost by that."""
    desk.plan(calls(*(f"c{index:04}" for index in range(3000))))
    ours, theirs = os.pipe()
    fcntl.fcntl(theirs, fcntl.F_SETFL, fcntl.fcntl(theirs, fcntl.F_GETFL) | os.O_NONBLOCK)
    process = subprocess.Popen(
        [*cli.command(), "plan", "judged.yaml", "--format", "json"],
        cwd=desk.root,
        env=desk.environment,
        stdin=subprocess.DEVNULL,
        stdout=theirs,
        stderr=theirs,
    )
    os.close(theirs)
    time.sleep(1.5)  # it has filled the pipe by then
    with os.fdopen(ours, "rb") as reading:
        text = reading.read()
    assert process.wait(timeout=30) == 0
    document, end = json.JSONDecoder().raw_decode(
        text.decode()
    )  # what the rules note follows, on the stream they share
    assert len(document["calls"]) == 3000
    assert text.decode()[end:].rstrip().endswith("hint: set `policy.per_agent` to the lines that the agent has")


def test_a_plan_on_a_stdin_that_is_set_not_to_wait_is_read_whole(desk: Desk) -> None:
    text = desk.plan(calls(*(f"c{index:04}" for index in range(1000)))).read_bytes()
    theirs, ours = os.pipe()
    fcntl.fcntl(theirs, fcntl.F_SETFL, fcntl.fcntl(theirs, fcntl.F_GETFL) | os.O_NONBLOCK)
    process = subprocess.Popen(
        [*cli.command(), "validate", "-"],
        cwd=desk.root,
        env=desk.environment,
        stdin=theirs,
        stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT,
    )
    os.close(theirs)
    time.sleep(1.0)
    with os.fdopen(ours, "wb") as writing:
        writing.write(text)
    out, _ = process.communicate(timeout=30)
    assert process.returncode == 0, out


@pytest.mark.parametrize("encoding", ["ascii", "latin-1", "ascii:strict"])
def test_json_stays_json_in_any_encoding(desk: Desk, encoding: str) -> None:
    desk.write("bad.yaml", "version: 1\nname: bad\nca\u00e9\u0141\U0001f600: 1\n")
    for arguments in (["validate", "bad.yaml", "--format", "json"], ["schema", "call-plan"]):
        done = redirected(desk, "", *arguments, PYTHONIOENCODING=encoding)
        said(done)
        json.loads(done.stdout.decode("latin-1"))


def test_text_is_shown_whole_in_a_poor_locale(desk: Desk) -> None:
    desk.write("bad.yaml", "version: 1\nname: bad\nca\u00e9\u0141: 1\n")
    poor = {"LC_ALL": "C", "PYTHONUTF8": "0", "PYTHONCOERCECLOCALE": "0"}
    done = redirected(desk, "", "validate", "bad.yaml", **poor)
    assert done.returncode == 3
    assert "\\u0141" in said(done)


def unread(desk: Desk, *arguments: str) -> tuple[subprocess.Popen[bytes], int]:
    """Start a command whose stderr is a full pipe that nobody reads; return the reading end too."""
    ours, theirs = os.pipe()
    os.set_blocking(theirs, False)
    while True:
        try:
            os.write(theirs, b"." * 4095 + b"\n")
        except BlockingIOError:
            break
    os.set_blocking(theirs, True)
    process = subprocess.Popen(
        [*cli.command(), *arguments],
        cwd=desk.root,
        env=desk.environment,
        stdin=subprocess.DEVNULL,
        stdout=subprocess.DEVNULL,
        stderr=theirs,
    )
    os.close(theirs)
    return process, ours


@pytest.mark.parametrize("more", [("--log-format", "json"), ("--log-format", "console"), ()], ids=str)
def test_a_log_that_nobody_reads_keeps_nobody_from_dialing_and_ending(
    desk: Desk, carrier: Carrier, live: Path, more: tuple[str, ...]
) -> None:
    keys = [f"c{index:02}" for index in range(20)]
    process, ours = unread(desk, *desk.run_arguments(desk.plan(calls(*keys)), live), *more)
    try:
        assert process.wait(timeout=60) == 0
    finally:
        process.kill()
        os.close(ours)
    assert carrier.rung() == dict.fromkeys(keys, 1)


@pytest.mark.parametrize("sent", [signal.SIGTERM, signal.SIGHUP])
def test_a_run_whose_log_nobody_reads_ends_on_a_signal(
    desk: Desk, carrier: Carrier, live: Path, sent: signal.Signals
) -> None:
    carrier.rules(talk=30.0)
    process, ours = unread(desk, *desk.run_arguments(desk.plan(calls("a", "b")), live))
    try:
        began = time.monotonic()
        while len(carrier.connects()) < 2:
            assert time.monotonic() - began < 30
            time.sleep(0.02)
        process.send_signal(sent)
        assert process.wait(timeout=20) == 128 + sent
    finally:
        process.kill()
        os.close(ours)


@pytest.mark.parametrize("more", [(), ("-v",)], ids=str)
def test_a_terminal_that_stands_still_keeps_nobody_from_dialing(
    desk: Desk, carrier: Carrier, live: Path, more: tuple[str, ...]
) -> None:
    """Somebody has pressed Ctrl-S, or the window of the terminal hangs: the lines of progress go nowhere."""
    carrier.rules(talk=0.5)
    keys = [f"c{index:02}" for index in range(60)]
    ours, theirs = pty.openpty()
    process = subprocess.Popen(
        [*cli.command(), *desk.run_arguments(desk.plan(calls(*keys)), live), *more],
        cwd=desk.root,
        env=desk.environment | {"TERM": "xterm"},
        stdin=subprocess.DEVNULL,
        stdout=subprocess.DEVNULL,
        stderr=theirs,
    )
    termios.tcflow(theirs, termios.TCOOFF)
    try:
        assert process.wait(timeout=60) == 0
    finally:
        process.kill()
        termios.tcflow(theirs, termios.TCOON)
        os.close(theirs)
        os.close(ours)
    assert carrier.rung() == dict.fromkeys(keys, 1)
