"""Interrupted runs: the exit code, the message how to go on, a whole journal, and the same command again."""

import json
import os
import shlex
import signal
import sqlite3
import time
from pathlib import Path

import pytest
from durability.carrier import Carrier

from acceptance.cli import until
from acceptance.desk import Desk, calls

KEYS = [f"c{index:02d}" for index in range(30)]


@pytest.mark.parametrize(("sent", "code"), [(signal.SIGINT, 130), (signal.SIGTERM, 143)])
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
