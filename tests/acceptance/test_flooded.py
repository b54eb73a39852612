"""Whoever connects and says nothing keeps no callback from being heard, and fills no disk."""

import contextlib
import json
import os
import signal
import socket
import subprocess
import time
from collections.abc import Iterator
from http.client import HTTPConnection
from pathlib import Path

import pytest
from durability.carrier import Carrier

from acceptance import cli
from acceptance.cli import until
from acceptance.desk import Desk, calls

DESCRIPTORS = 64
FLOOD = 200
"""Connections that say nothing: more than the process may have descriptors."""

LATE = {"after": "1h", "every": "1h", "settle": "1s"}
"""Look-ups that are too late to tell anything."""


@pytest.fixture
def address() -> str:
    with socket.create_server(("127.0.0.1", 0)) as listener:
        return f"127.0.0.1:{listener.getsockname()[1]}"


@pytest.fixture
def target(desk: Desk, carrier: Carrier, address: str) -> Path:
    """A live target with a receiver on loopback; the journal exists."""
    desk.create_journal()
    return desk.target(carrier, callbacks={"listen": address, "public_url": f"http://{address}"}, lookups=LATE)


def start(desk: Desk, *arguments: str) -> subprocess.Popen[str]:
    """Start a command that may have few descriptors."""
    process = subprocess.Popen(
        ["bash", "-c", f'ulimit -n {DESCRIPTORS}; exec "$@"', "bash", *cli.command(), *arguments],
        cwd=desk.root,
        env=desk.environment,
        stdin=subprocess.DEVNULL,
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        text=True,
    )
    desk.started.append(process)
    return process


@contextlib.contextmanager
def flood(host: str, port: int, said: bytes = b"") -> Iterator[list[socket.socket]]:
    """Hold many connections open, each of which has said so much."""
    with contextlib.ExitStack() as stack:
        lines = []
        for _ in range(FLOOD):
            line = stack.enter_context(socket.create_connection((host, port), timeout=10))
            if said:
                with contextlib.suppress(OSError):
                    line.sendall(said)
            lines.append(line)
        yield lines


def ask(port: int, path: str) -> int:
    line = HTTPConnection("127.0.0.1", port, timeout=10)
    with contextlib.closing(line):
        line.request("GET", path)
        return line.getresponse().status


SAID = [
    b"",
    b"POST /callbacks/x HTTP/1.1\r\nHost: x\r\n",
    b"POST /callbacks/x HTTP/1.1\r\nHost: x\r\nContent-Length: 1000\r\n\r\n{",
]


@pytest.mark.parametrize("said", SAID, ids=["nothing", "half a head", "half a body"])
def test_a_service_hears_through_a_flood(desk: Desk, carrier: Carrier, target: Path, address: str, said: bytes) -> None:
    """And a run beside it finds it there, leaves the callbacks to it, and sees its calls end."""
    carrier.rules(talk=0.3, default={"callback": "after"})
    process = start(desk, "serve", "--target", str(target), "--journal", str(desk.journal))
    assert process.stdout is not None
    assert process.stdout.readline().startswith("http://")
    host, _, port = address.partition(":")
    with flood(host, int(port), said):
        done = desk.run(desk.plan(calls("a", "b")), target)
        assert done.code == 0, done.said
    answers = [item.answer.split()[1] for item in carrier.received() if item.kind == "callback"]
    assert answers == ["200"] * 4
    process.send_signal(signal.SIGTERM)
    out, err = process.communicate(timeout=15)
    assert process.returncode == 143
    assert "Traceback" not in out + err
    lines = [json.loads(line) for line in err.splitlines()]
    assert len([line for line in lines if line["event"] == "message" and "connections stand" in line["text"]]) == 1
    assert len(err) < 20_000


def test_a_run_hears_its_callbacks_through_a_flood(desk: Desk, carrier: Carrier, target: Path, address: str) -> None:
    carrier.rules(talk=3.0, default={"callback": "after"})
    process = start(desk, *desk.run_arguments(desk.plan(calls("a", "b", "c")), target))
    until(carrier.connects, process)
    host, _, port = address.partition(":")
    with flood(host, int(port)):
        out, err = process.communicate(timeout=60)
    assert process.returncode == 0, out + err
    assert "Traceback" not in out + err
    assert {call["disposition"] for call in desk.told().values()} == {"completed"}


def test_the_sandbox_answers_through_a_flood(desk: Desk) -> None:
    process = start(desk, "sandbox")
    assert process.stdout is not None
    port = int(process.stdout.readline().strip().rpartition(":")[2])
    with flood("127.0.0.1", port):
        assert ask(port, "/_sandbox/requests") == 200
    process.send_signal(signal.SIGTERM)
    out, err = process.communicate(timeout=15)
    assert "Traceback" not in out + err


@pytest.mark.parametrize("said", SAID[:2], ids=["nothing", "half a head"])
def test_a_head_that_does_not_come_is_not_waited_for(desk: Desk, said: bytes) -> None:
    process = start(desk, "sandbox")
    assert process.stdout is not None
    port = int(process.stdout.readline().strip().rpartition(":")[2])
    with socket.create_connection(("127.0.0.1", port), timeout=60) as line:
        line.sendall(said)
        assert line.recv(100) == b""


def test_a_head_that_comes_byte_by_byte_is_not_waited_for(desk: Desk) -> None:
    """Neither on a connection that has had an answer already."""
    process = start(desk, "sandbox")
    assert process.stdout is not None
    port = int(process.stdout.readline().strip().rpartition(":")[2])
    with socket.create_connection(("127.0.0.1", port), timeout=60) as line:
        line.sendall(b"GET /_sandbox/requests HTTP/1.1\r\nHost: x\r\n\r\n")
        assert line.recv(1000).startswith(b"HTTP/1.1 200")
        began = time.monotonic()
        with contextlib.suppress(ConnectionError):
            for byte in b"GET /_sandbox/requests HTTP/1.1\r\n" + b"X: y\r\n" * 100:
                line.sendall(bytes([byte]))
                time.sleep(0.2)
        assert time.monotonic() - began < 100


def test_a_service_whose_log_nobody_reads_hears_and_ends(
    desk: Desk, carrier: Carrier, target: Path, address: str
) -> None:
    ours, theirs = os.pipe()
    os.set_blocking(theirs, False)
    with contextlib.suppress(BlockingIOError):
        while True:
            os.write(theirs, b"." * 4096)
    os.set_blocking(theirs, True)
    process = subprocess.Popen(
        [*cli.command(), "serve", "--target", str(target), "--journal", str(desk.journal)],
        cwd=desk.root,
        env=desk.environment,
        stdin=subprocess.DEVNULL,
        stdout=subprocess.PIPE,
        stderr=theirs,
        text=True,
    )
    desk.started.append(process)
    os.close(theirs)
    assert process.stdout is not None
    process.stdout.readline()
    carrier.rules(talk=0.3, default={"callback": "after"})
    assert desk.run(desk.plan(calls("a", "b")), target).code == 0
    process.send_signal(signal.SIGTERM)
    assert process.wait(timeout=15) == 143
    process.stdout.close()
    os.close(ours)
