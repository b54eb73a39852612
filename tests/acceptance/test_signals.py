"""Interrupted runs: the exit code, the message how to go on, a whole journal, and the same command again."""

import json
import os
import shlex
import signal
import sqlite3
import subprocess
import sys
import time
from pathlib import Path

import pytest
from durability.carrier import Carrier

from acceptance.cli import command, until
from acceptance.desk import Desk, calls

ENDING = [(signal.SIGINT, 130), (signal.SIGTERM, 143), (signal.SIGHUP, 129), (signal.SIGQUIT, 143)]
LAST_TAKEN = signal.SIGHUP
"""The signal that a process takes over last: until then the interpreter starts."""

KEYS = [f"c{index:02d}" for index in range(30)]


def piped(desk: Desk, *arguments: str) -> subprocess.Popen[str]:
    """Start a command that waits for the end of its stdin."""
    process = subprocess.Popen(
        [*command(), *arguments],
        cwd=desk.root,
        env=desk.environment,
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        text=True,
    )
    desk.started.append(process)
    return process


AT_THE_END = """
import os, signal
from orchestrator.cli.boundary import process

class Late:
    def __del__(self, kill=os.kill, me=os.getpid(), sent=signal.{name}):
        kill(me, sent)

def command():
    print("said")
    raise SystemExit(5)

late = Late()
process(command)
"""
"""A command, and a signal that comes while the interpreter takes itself down."""


@pytest.mark.parametrize("sent", [sent for sent, _ in ENDING])
def test_a_signal_at_the_very_end_does_not_change_the_verdict(sent: signal.Signals) -> None:
    done = subprocess.run([sys.executable, "-c", AT_THE_END.format(name=sent.name)], capture_output=True, text=True)
    assert (done.returncode, done.stdout, done.stderr) == (5, "said\n", "")


def is_taken(process: subprocess.Popen[str], sent: signal.Signals) -> bool:
    """Whether a process has taken a signal over by now, as the system tells it."""
    status = Path(f"/proc/{process.pid}/status").read_text()
    caught = next(line for line in status.splitlines() if line.startswith("SigCgt:"))
    return bool(int(caught.split()[1], 16) >> (sent - 1) & 1)


@pytest.mark.parametrize(("sent", "code"), ENDING)
def test_a_signal_ends_the_run_and_the_same_command_goes_on(
    desk: Desk, carrier: Carrier, live: Path, sent: signal.Signals, code: int
) -> None:
    carrier.rules(talk=0.3, default={"answers": ["slow:0.2"]})
    plan = desk.plan(calls(*KEYS), policy={"concurrency": 3})
    chosen = ["--edition", "e2", "--only", "c[01]*", "--yes"]  # what the message must repeat, lest others are rung
    process = desk.start(*desk.run_arguments(plan, live), *chosen)
    until(lambda: len(carrier.connects()) >= 5, process)
    os.kill(process.pid, sent)
    out, err = process.communicate(timeout=15)
    assert process.returncode == code, out + err
    assert "Traceback" not in out + err
    said = next(json.loads(line)["text"] for line in err.splitlines() if "the same command goes on" in line)
    assert 5 <= len(carrier.connects()) < len(KEYS)
    journal = sqlite3.connect(f"file:{desk.journal}?mode=ro", uri=True)
    assert journal.execute("PRAGMA integrity_check").fetchall() == [("ok",)]
    journal.close()
    done = desk.orchestrate(*shlex.split(said.partition("goes on: ")[2])[1:])
    assert "matches" not in done.err
    assert carrier.rung() == dict.fromkeys([key for key in KEYS if key < "c2"], 1)
    said_so = next(json.loads(line) for line in err.splitlines() if '"run.interrupted"' in line)
    assert said_so["signal"] == sent.name


@pytest.mark.parametrize(("sent", "code"), ENDING)
@pytest.mark.parametrize("command", ["validate", "plan", "run"])
def test_a_signal_ends_what_waits_for_its_plan(desk: Desk, command: str, sent: signal.Signals, code: int) -> None:
    process = piped(desk, command, "-")
    until(lambda: is_taken(process, LAST_TAKEN), process)
    process.send_signal(sent)
    out, err = process.communicate(timeout=10)
    assert process.returncode == code, out + err
    assert "Traceback" not in out + err
    assert sent.name in err


@pytest.mark.parametrize(("sent", "code"), ENDING)
def test_a_signal_ends_a_run_that_waits(
    desk: Desk, carrier: Carrier, live: Path, sent: signal.Signals, code: int
) -> None:
    plan = desk.plan(calls("a", "b"), policy={"redial": {"busy": {"attempts": 2, "after": "5m"}}})
    carrier.rules(calls={"a": {"ending": "busy"}})
    process = desk.start(*desk.run_arguments(plan, live), "--wait", "1h")
    until(lambda: len(carrier.connects()) == 2, process)
    time.sleep(1.0)
    os.kill(process.pid, sent)
    out, err = process.communicate(timeout=15)
    assert process.returncode == code, out + err


@pytest.mark.parametrize(("sent", "code"), ENDING)
def test_a_signal_ends_a_run_that_writes_its_report(
    desk: Desk, carrier: Carrier, live: Path, sent: signal.Signals, code: int
) -> None:
    """All is dialed, and whoever reads the report has stopped reading: it stays in the journal."""
    keys = [f"c{index:03}" for index in range(150)]
    plan = desk.plan(calls(*keys), policy={"concurrency": 50})
    process = desk.start(*desk.run_arguments(plan, live, "--report", "-", "--quiet"))
    assert process.stdout is not None
    assert process.stdout.read(1) == "{"
    time.sleep(0.5)
    os.kill(process.pid, sent)
    assert process.wait(timeout=15) == code
    assert "Traceback" not in "".join(process.communicate())
    assert desk.run(plan, live).code == 0
    assert carrier.rung() == dict.fromkeys(keys, 1)


@pytest.mark.parametrize(("sent", "code"), ENDING)
@pytest.mark.parametrize("arguments", [["sandbox"], ["serve", "--listen", "127.0.0.1:0"]], ids=lambda words: words[0])
def test_a_signal_ends_a_service(desk: Desk, arguments: list[str], sent: signal.Signals, code: int) -> None:
    desk.create_journal()
    named = ["--journal", str(desk.journal)] if arguments[0] == "serve" else []
    process = desk.start(*arguments, *named)
    assert process.stdout is not None
    assert process.stdout.readline().startswith("http://")
    os.kill(process.pid, sent)
    out, err = process.communicate(timeout=15)
    # The sandbox is told to end as a matter of course; that its terminal was closed is told all the same.
    assert process.returncode == (code if arguments[0] == "serve" or code == 129 else 0), out + err
    assert "Traceback" not in out + err


def test_under_nohup_the_end_of_the_terminal_ends_nothing(desk: Desk, carrier: Carrier, live: Path) -> None:
    carrier.rules(talk=1.5)
    process = subprocess.Popen(
        ["nohup", *command(), *desk.run_arguments(desk.plan(calls("a", "b")), live)],
        cwd=desk.root,
        env=desk.environment,
        stdin=subprocess.DEVNULL,
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        text=True,
    )
    until(lambda: len(carrier.connects()) == 2, process)
    process.send_signal(signal.SIGHUP)
    out, err = process.communicate(timeout=30)
    assert process.returncode == 0, out + err


def test_two_signals_of_one_moment_are_one(desk: Desk, carrier: Carrier, live: Path) -> None:
    """Where a terminal closes, its shell and the kernel both send SIGHUP: requests under way are still waited for."""
    carrier.rules(default={"answers": ["slow:1.0"]})
    process = desk.start(*desk.run_arguments(desk.plan(calls("a")), live))
    until(carrier.connects, process)
    for _ in range(3):
        os.kill(process.pid, signal.SIGHUP)
    out, err = process.communicate(timeout=15)
    assert process.returncode == 129, out + err
    (attempt,) = desk.told()["a"]["attempts"]
    assert attempt["placement"] == "accepted"


def test_a_second_signal_ends_even_what_does_not_listen(desk: Desk) -> None:
    """A process whose main thread is held up inside a library - here SQLite, by a writer that keeps its lock."""
    desk.create_journal()
    holding = sqlite3.connect(desk.journal, isolation_level=None)
    holding.execute("BEGIN EXCLUSIVE")
    process = desk.start("suppress", "+918123400001", "--because", "x", "--journal", str(desk.journal))
    until(lambda: is_taken(process, LAST_TAKEN), process)
    time.sleep(1.0)
    os.kill(process.pid, signal.SIGTERM)
    time.sleep(0.5)
    os.kill(process.pid, signal.SIGTERM)
    out, err = process.communicate(timeout=15)
    holding.close()
    assert process.returncode == 143, out + err


def test_a_signal_while_calls_are_loaded_leaves_nothing_behind(desk: Desk, carrier: Carrier, live: Path) -> None:
    rows = [{"n": f"{index:05}"} for index in range(20_000)]
    listed = calls("order-${row.n}", rows=rows)
    listed[0]["To"] = "+9181234${row.n}"
    plan = desk.plan(listed)
    process = desk.start(*desk.run_arguments(plan, live))
    until(lambda: Path(f"{desk.journal}-wal").exists(), process)
    os.kill(process.pid, signal.SIGHUP)
    out, err = process.communicate(timeout=20)
    assert process.returncode == 129, out + err
    assert carrier.connects() == []
    journal = sqlite3.connect(f"file:{desk.journal}?mode=ro", uri=True)
    assert journal.execute("SELECT count(*) FROM calls").fetchone() in ((0,), (20_000,))
    journal.close()


def test_a_second_interrupt_does_not_lose_what_was_sent(desk: Desk, carrier: Carrier, live: Path) -> None:
    """The impatient user: what is in flight is `unknown` afterwards, never dialed again, never forgotten."""
    carrier.rules(default={"answers": ["hang"], "listed": False})
    plan = desk.plan(calls(*KEYS), policy={"concurrency": 2})
    process = desk.start(*desk.run_arguments(plan, desk.target(carrier, timeout="30s")))
    until(lambda: len(carrier.connects()) >= 2, process)
    os.kill(process.pid, signal.SIGINT)
    time.sleep(0.5)
    if process.poll() is None:
        os.kill(process.pid, signal.SIGINT)
    out, err = process.communicate(timeout=20)
    assert process.returncode == 130, out + err
    hung = set(carrier.rung())
    carrier.rules()
    done = desk.run(plan, live)
    assert done.code == 6, done.said
    assert carrier.rung() == dict.fromkeys(KEYS, 1)
    assert {key for key, told in desk.told().items() if told["disposition"] == "unknown"} == hung


def test_a_reader_who_goes_away_does_not_break_a_run(desk: Desk, carrier: Carrier, live: Path) -> None:
    """`orchestrate run ... | head -1`: the calls are still followed and written down."""
    plan = desk.plan(calls("a", "b"))
    process = desk.start(*desk.run_arguments(plan, live))
    assert process.stdout is not None
    process.stdout.close()
    assert process.stderr is not None
    err = process.stderr.read()
    assert process.wait(timeout=30) == 0, err
    process.stderr.close()
    assert "Traceback" not in err
    assert {told["disposition"] for told in desk.told().values()} == {"completed"}
