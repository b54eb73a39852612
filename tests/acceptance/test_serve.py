"""`serve`: callbacks are heard whether or not a run is on, by a further writer on the journal."""

import contextlib
import gzip
import json
import os
import signal
import socket
import sqlite3
import time
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from http.client import HTTPConnection, HTTPException
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit

import pytest
from durability.carrier import Carrier

from acceptance.cli import Process, until
from acceptance.desk import Desk, call, calls

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


def serve(desk: Desk, target: Path | str, *more: str) -> tuple[Process, str]:
    """Start the service; return it and the address that it printed."""
    process = desk.start("serve", "--target", str(target), "--journal", str(desk.journal), "--quiet", *more)
    assert process.stdout is not None
    line = process.stdout.readline().strip()
    assert line.startswith("http://"), process.communicate()
    return process, line


def post(url: str, body: bytes | dict[str, Any], method: str = "POST", timeout: float = 10) -> int:
    """Send one request as the carrier would; return the status, 0 where no answer came."""
    parts = urlsplit(url)
    data = body if isinstance(body, bytes) else json.dumps(body).encode()
    line = HTTPConnection(parts.hostname or "", parts.port, timeout=timeout)
    with contextlib.closing(line):
        try:
            line.request(method, parts.path, data, {"Content-Type": "application/json"})
            return line.getresponse().status
        except (OSError, HTTPException):
            return 0


def terminal(sid: str | None, status: str = "completed") -> dict[str, Any]:
    return {"CallSid": sid, "EventType": "terminal", "Status": status}


def rows(desk: Desk, query: str) -> list[tuple[Any, ...]]:
    with contextlib.closing(sqlite3.connect(f"file:{desk.journal}?mode=ro", uri=True)) as db:
        return db.execute(query).fetchall()


def soon(true: Callable[[], object], patience: float = 10) -> None:
    began = time.monotonic()
    while not true():
        assert time.monotonic() - began < patience
        time.sleep(0.02)


def placed(desk: Desk, carrier: Carrier, target: Path, plan: Path) -> dict[str, tuple[str, str | None]]:
    """Place the plan's calls and wait for no ending; return their callback addresses and Sids."""
    done = desk.run(plan, target, "--until", "placed")
    assert done.code == 0, done.said
    return {item.custom: (dict(item.fields)["StatusCallback"], item.sid) for item in carrier.connects()}


def stop(process: Process, sent: signal.Signals = signal.SIGTERM) -> str:
    os.kill(process.pid, sent)
    out, err = process.communicate(timeout=10)
    assert process.returncode == 128 + sent, out + err
    assert "Traceback" not in out + err
    return out + err


def verify(desk: Desk) -> None:
    done = desk.orchestrate("journal", "verify", "--journal", str(desk.journal))
    assert done.code == 0, done.said


def test_a_callback_is_heard_while_no_run_is_on(desk: Desk, carrier: Carrier, target: Path, address: str) -> None:
    """The call is final at once, by the policy of the plan's last run; the next run asks nobody and dials nobody."""
    carrier.rules(talk=60)
    plan = desk.plan(calls("a", "b"))
    told = placed(desk, carrier, target, plan)
    process, printed = serve(desk, target)
    assert printed == f"http://{address}"
    assert post(told["a"][0], terminal(told["a"][1])) == 200
    assert rows(desk, "SELECT state, disposition FROM calls ORDER BY id") == [
        ("closed", "completed"),
        ("open", "waiting"),
    ]
    assert post(told["b"][0], {"CallSid": told["b"][1], "EventType": "answered", "Status": "in-progress"}) == 200
    assert post(told["b"][0], terminal(told["b"][1], "busy")) == 200
    assert post(told["b"][0], terminal(told["b"][1], "busy")) == 200
    assert dict(rows(desk, "SELECT id, disposition FROM calls")) == {"a": "completed", "b": "busy"}
    asked = len(carrier.received())
    assert desk.run(plan, target).code == 1
    assert len(carrier.received()) == asked, "nobody is asked or dialed"
    assert {key: call["disposition"] for key, call in desk.told().items()} == {"a": "completed", "b": "busy"}
    verify(desk)
    said = stop(process)
    assert told["a"][0].rpartition("/")[2] not in said


def test_what_is_to_be_redialed_waits_for_the_plans_next_run(desk: Desk, carrier: Carrier, target: Path) -> None:
    carrier.rules(talk=60, calls={"a": {"answers": ["200"]}})
    plan = desk.plan(calls("a"), policy={"redial": {"busy": {"attempts": 2, "after": "1s"}}})
    told = placed(desk, carrier, target, plan)
    process, _ = serve(desk, target)
    assert post(told["a"][0], terminal(told["a"][1], "busy")) == 200
    assert rows(desk, "SELECT state, disposition, reason FROM calls") == [("due", "waiting", "redial after busy")]
    time.sleep(1.5)
    assert len(carrier.connects()) == 1, "`serve` never dials"
    told = placed(desk, carrier, target, plan)
    assert len(carrier.connects()) == 2
    assert post(told["a"][0], terminal(told["a"][1], "busy")) == 200
    assert rows(desk, "SELECT state, disposition FROM calls") == [("closed", "busy")]
    verify(desk)
    stop(process)


def test_a_run_leaves_the_callbacks_to_the_service_on_its_address(desk: Desk, carrier: Carrier, target: Path) -> None:
    """In whatever order answer and callback come; the run, which tells it, concludes its calls."""
    refused = {word: {"answers": [word, "200"], "callback": "before"} for word in ("429", "400")}
    carrier.rules(talk=0.3, default={"callback": "after"}, calls={"early": {"callback": "before"}, **refused})
    process, _ = serve(desk, target)
    done = desk.run(desk.plan(calls("a", "early", "429", "400")), target, "--log-format", "json")
    assert done.code == 0, done.said
    assert done.seconds < 20
    assert sorted(item.custom for item in carrier.connects()) == ["400", "429", "a", "early"]
    assert {item.answer.split()[1] for item in carrier.received() if item.kind == "callback"} == {"200"}
    logged = [json.loads(line) for line in done.err.splitlines()]
    assert sum(line["event"] == "call.ended" for line in logged) == 4
    assert not any(line["event"] == "callback.received" for line in logged), "it was not the run that heard"
    assert not any("begun" in json.loads(data) for (data,) in rows(desk, "SELECT data FROM events"))
    verify(desk)
    stop(process)


def test_a_refusal_that_a_callback_proves_wrong_is_not_dialed_again(desk: Desk, carrier: Carrier, target: Path) -> None:
    """The callback comes to the service while the run waits before it dials again."""
    carrier.rules(retry_after="4", default={"answers": ["429", "200"]})
    process, _ = serve(desk, target)
    running = desk.start(*desk.run_arguments(desk.plan(calls("a")), target, "--quiet"))
    until(lambda: rows(desk, "SELECT 1 FROM attempts WHERE placement = 'throttled'"), running)
    (received,) = carrier.connects()
    assert post(dict(received.fields)["StatusCallback"], terminal("f" * 32)) == 200
    running.communicate(timeout=30)
    assert running.returncode == 0
    assert len(carrier.connects()) == 1
    assert desk.told()["a"]["disposition"] == "completed"
    verify(desk)
    stop(process)


def test_what_a_dead_run_would_have_concluded_is_concluded(desk: Desk, carrier: Carrier, target: Path) -> None:
    """While the run lives its calls are its own, even where it has no time for them."""
    carrier.rules(talk=60)
    process, _ = serve(desk, target)
    running = desk.start(*desk.run_arguments(desk.plan(calls("a")), target, "--quiet"))
    until(lambda: rows(desk, "SELECT 1 FROM attempts WHERE placement = 'accepted'"), running)
    os.kill(running.pid, signal.SIGSTOP)
    (received,) = carrier.connects()
    assert post(dict(received.fields)["StatusCallback"], terminal(received.sid)) == 200
    assert rows(desk, "SELECT state, ending FROM calls JOIN attempts ON call = calls.key") == [("open", "completed")]
    os.kill(running.pid, signal.SIGKILL)
    running.communicate(timeout=10)
    soon(lambda: rows(desk, "SELECT disposition FROM calls") == [("completed",)])
    verify(desk)
    stop(process)


def test_many_writers_on_one_journal_lose_nothing(desk: Desk, carrier: Carrier, target: Path) -> None:
    """200 callbacks for a run that dials, while people settle and suppress on the same journal."""
    lost = [f"lost{index}" for index in range(3)]
    carrier.rules(default={"answers": ["hang"], "listed": False})
    unasked = desk.target(carrier, "unasked", lookups=LATE)
    assert desk.run(desk.plan([call(key, 900 + n) for n, key in enumerate(lost)], name="lost"), unasked).code == 6
    carrier.rules(talk=0.5, default={"callback": "after"})
    keys = [f"c{index:03d}" for index in range(100)]
    process, _ = serve(desk, target)
    running = desk.start(*desk.run_arguments(desk.plan(calls(*keys)), target, "--quiet"))
    until(lambda: len(carrier.connects()) > len(lost), running)
    for key in lost:
        done = desk.orchestrate("settle", key, "--as", "placed", "--journal", str(desk.journal))
        assert done.code == 0, done.said
    out, err = running.communicate(timeout=60)
    assert running.returncode == 0, out + err
    answers = [item.answer.split()[1] for item in carrier.received() if item.kind == "callback"]
    assert answers == ["200"] * 200
    assert rows(desk, "SELECT count(*) FROM events WHERE type = 'callback.received'") == [(200,)]
    assert carrier.rung() == dict.fromkeys([*lost, *keys], 1)
    assert {call["disposition"] for call in desk.told().values()} == {"completed"}
    assert dict(rows(desk, "SELECT disposition, count(*) FROM calls GROUP BY 1")) == {"completed": 100, "unseen": 3}
    verify(desk)
    stop(process)


def test_a_killed_service_has_every_callback_that_it_answered(desk: Desk, carrier: Carrier, target: Path) -> None:
    carrier.rules(talk=60)
    told = placed(desk, carrier, target, desk.plan(calls(*(f"c{index:02d}" for index in range(60)))))
    process, _ = serve(desk, target)
    with ThreadPoolExecutor(8) as pool:
        sent = {key: pool.submit(post, url, terminal(sid)) for key, (url, sid) in told.items()}
        soon(lambda: sum(answer.done() for answer in sent.values()) >= 10)
        os.kill(process.pid, signal.SIGKILL)
    process.communicate(timeout=10)
    answered = {key for key, answer in sent.items() if answer.result() == 200}
    assert 10 <= len(answered) < len(told)
    assert answered <= {key for (key,) in rows(desk, "SELECT call FROM events WHERE type = 'callback.received'")}
    verify(desk)
    process, _ = serve(desk, target)
    assert {post(*told[key][:1], terminal(told[key][1])) for key in told.keys() - answered} == {200}
    assert rows(desk, "SELECT disposition, count(*) FROM calls GROUP BY 1") == [("completed", 60)]
    verify(desk)
    stop(process)


def test_what_cannot_be_stored_in_time_is_asked_for_again(desk: Desk, carrier: Carrier, target: Path) -> None:
    """Another writer keeps the journal to itself for a while, as one that loads a large plan does."""
    carrier.rules(talk=60)
    url, sid = placed(desk, carrier, target, desk.plan(calls("a")))["a"]
    process, base = serve(desk, target)
    with contextlib.closing(sqlite3.connect(desk.journal, isolation_level=None)) as db:
        db.execute("BEGIN IMMEDIATE")
        began = time.monotonic()
        assert post(url, terminal(sid)) == 503
        assert 4 < time.monotonic() - began < 7
        assert post(f"{base}/healthz", b"", "GET") == 200
        db.execute("ROLLBACK")
    assert post(url, terminal(sid)) == 200
    assert rows(desk, "SELECT disposition FROM calls") == [("completed",)]
    verify(desk)
    stop(process)


@pytest.mark.parametrize("sent", [signal.SIGTERM, signal.SIGINT])
def test_a_signal_ends_it_in_time(desk: Desk, target: Path, address: str, sent: signal.Signals) -> None:
    """Also while somebody says nothing, or half of a callback."""
    process, _ = serve(desk, target)
    host, _, port = address.partition(":")
    with socket.create_connection((host, int(port))), socket.create_connection((host, int(port))) as half:
        half.sendall(b"POST /callbacks/abc HTTP/1.1\r\nHost: x\r\nContent-Length: 50\r\n\r\nCall")
        time.sleep(0.2)
        began = time.monotonic()
        stop(process, sent)
        assert time.monotonic() - began < 5


def test_nobody_is_believed_or_served_more_than_by_a_run(desk: Desk, carrier: Carrier, target: Path) -> None:
    carrier.rules(talk=60)
    url, sid = placed(desk, carrier, target, desk.plan(calls("a")))["a"]
    process, base = serve(desk, target)
    assert [post(url, body) for body in (b"", b"{", b"[]", b"hello", b"\xff\xfe\x00")] == [400] * 5
    assert post(url, b"x" * 400_000) in (413, 0)
    assert post(url, b"", "GET") == 405
    assert post(url[:-4] + "zzzz", terminal(sid)) == 404
    assert post(f"{base}/callbacks/../healthz", b"", "GET") == 404
    assert rows(desk, "SELECT count(*) FROM events WHERE type = 'callback.received'") == [(0,)]
    assert post(url, terminal(sid)) == 200
    said = stop(process)
    assert "Traceback" not in said


def test_an_address_belongs_to_one_receiver(desk: Desk, carrier: Carrier, target: Path, address: str) -> None:
    journal = ("--journal", str(desk.journal))
    carrier.rules(talk=60)
    running = desk.start(*desk.run_arguments(desk.plan(calls("a")), target, "--quiet"))
    until(carrier.connects, running)
    beside = desk.orchestrate("serve", "--target", str(target), *journal)
    assert (beside.code, beside.out) == (4, ""), beside.said
    assert "a run on this journal listens" in beside.err
    running.terminate()
    running.communicate(timeout=20)
    process, _ = serve(desk, target)
    second = desk.orchestrate("serve", "--target", str(target), *journal)
    assert second.code == 4
    assert "already" in second.err
    other = str(desk.folder / "other.sqlite")
    assert desk.orchestrate("journal", "create", "--journal", other).code == 0
    for command in (["serve"], ["run", str(desk.plan(calls("b"), name="other")), "--yes"]):
        foreign = desk.orchestrate(*command, "--target", str(target), "--journal", other)
        assert foreign.code == 4, foreign.said
        assert "the receiver of another journal" in foreign.err
    stop(process)
    host, _, port = address.partition(":")
    with socket.create_server((host, int(port))):
        nobody = desk.orchestrate("serve", "--target", str(target), *journal)
    assert nobody.code == 4
    assert "another program listens there" in nobody.err
    assert len(carrier.connects()) == 1


def test_it_needs_a_journal_and_an_address_and_no_credentials(desk: Desk, carrier: Carrier, target: Path) -> None:
    journal = ("--journal", str(desk.journal))
    bare = desk.target(carrier, "bare")
    refused = {
        4: [
            ["--target", str(target), "--journal", str(desk.folder / "none.sqlite")],
            ["--target", str(target)],
            ["--target", str(bare), *journal],
            journal,
            ["--target", str(desk.target(carrier, "pinned", journal="jr_00000000")), *journal, "--listen", "[::1]:0"],
        ],
        2: [["--listen", text, *journal] for text in ("nowhere", "127.0.0.1:99999", "", "::1:80")],
        3: [["--target", "nowhere", *journal]],
    }
    for code, commands in refused.items():
        for words in commands:
            done = desk.orchestrate("serve", *words)
            assert (done.code, done.out) == (code, ""), (words, done.said)
            assert "hint" in done.err or code == 2, done.said
    assert not (desk.folder / "none.sqlite").exists()
    secrets = dict.fromkeys(("EXOTEL_ACCOUNT_SID", "EXOTEL_API_KEY", "EXOTEL_API_TOKEN"), "")
    words = ["serve", "--target", str(bare), *journal, "--listen", "127.0.0.1:0"]
    process = desk.start(*words, **secrets)
    assert process.stdout is not None
    base = process.stdout.readline().strip()
    assert int(base.rpartition(":")[2]) > 0
    assert post(f"{base}/healthz", b"", "GET") == 200
    said = stop(process)
    assert all(json.loads(line)["event"] == "message" for line in said.splitlines())


def test_refused_callbacks_leave_a_trace(desk: Desk, carrier: Carrier, target: Path) -> None:
    """One warning a kind in the log, however many came, without a token; the counts are in `status`, both forms."""
    carrier.rules(talk=60)
    plan = desk.plan(calls("a"))
    told = placed(desk, carrier, target, plan)
    process = desk.start("serve", "--target", str(target), "--journal", str(desk.journal), "--log-format", "json")
    assert process.stdout is not None
    url = process.stdout.readline().strip()
    for _ in range(5):
        assert post(f"{url}/callbacks/never-given-out", terminal(None)) == 404
        assert post(f"{url}/other/callbacks/never-given-out", terminal(None)) == 404
        assert post(told["a"][0], b"hello") == 400
    assert post(told["a"][0] + "/", terminal(told["a"][1])) == 200
    said = stop(process)
    warned = [json.loads(line) for line in said.splitlines() if '"warning"' in line]
    assert [line["text"].partition(" ")[0] for line in warned] == ["1", "1", "1", "4", "4", "4"]
    assert "never-given-out" not in said
    assert told["a"][0].rpartition("/")[2] not in said
    status = ("status", "--journal", str(desk.journal))
    shown = desk.orchestrate(*status).out
    assert "5 at a wrong path; 5 with an unreadable body; 5 with an unknown token, the last at 2" in shown
    counted = json.loads(desk.orchestrate(*status, "--format", "json").out)["refused_callbacks"]
    assert counted.pop("last_at").endswith("Z")
    assert counted == {"wrong_path": 5, "unreadable_body": 5, "unknown_token": 5}
    verify(desk)


def test_who_answered_is_in_the_report_the_log_and_why(desk: Desk, carrier: Carrier, target: Path) -> None:
    """A compressed callback, whose legs are JSON text, through to all that people and programs see."""
    carrier.rules(talk=60)
    plan = desk.plan(calls("a"))
    told = placed(desk, carrier, target, plan)
    process = desk.start("serve", "--target", str(target), "--journal", str(desk.journal), "--log-format", "json")
    assert process.stdout is not None
    process.stdout.readline()
    legs = [{"Status": "completed", "AnsweredBy": "NA"}, {"Status": "completed", "AnsweredBy": "Machine"}]
    body = gzip.compress(json.dumps({**terminal(told["a"][1]), "Legs": json.dumps(legs)}).encode())
    assert post(told["a"][0], body) == 200
    heard = [json.loads(line) for line in stop(process).splitlines() if "callback.received" in line]
    assert [line["answered_by"] for line in heard] == ["Machine"]
    assert desk.run(plan, target).code == 0
    (attempt,) = desk.told()["a"]["attempts"]
    assert [leg["answered_by"] for leg in attempt["legs"]] == [None, "Machine"]
    why = desk.orchestrate("why", "a", "--journal", str(desk.journal)).out
    assert "completed (answered by Machine)" in why
    assert "callback terminal: completed, answered by Machine" in why
    verify(desk)
