"""The end of a run in other hands: each run that began is told of once, and nothing a receiver does touches the run."""

import json
import signal
import socket
import subprocess
import time
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from durability.carrier import Carrier
from standardwebhooks import WebhookVerificationError

from acceptance.cli import Done, finish
from acceptance.desk import AGENT, Desk, calls, customer
from acceptance.notified import SECRET, Receiver, receiving, verified

FAST = "kind: sandbox\nscenario: calm\nspeed: 600\n"


@pytest.fixture
def receiver() -> Iterator[Receiver]:
    with receiving() as server:
        yield server


@pytest.fixture
def silent() -> Iterator[socket.socket]:
    """A receiver that accepts connections and never says a word."""
    with socket.create_server(("127.0.0.1", 0)) as listening:
        yield listening


@pytest.fixture
def sandbox(desk: Desk) -> Desk:
    desk.write("fast.yaml", FAST)
    desk.environment["ORCHESTRATE_NOTIFY_SECRET"] = SECRET
    return desk


def address(listening: socket.socket) -> str:
    return f"http://127.0.0.1:{listening.getsockname()[1]}/runs"


def arguments(plan: Path, *more: str) -> list[str]:
    return ["run", str(plan), "--target", "./fast.yaml", "--journal", "j.db", *more]


def run(desk: Desk, plan: Path, *more: str, **extra: str) -> Done:
    return desk.orchestrate(*arguments(plan, *more), **extra)


def findings(done: Done) -> list[dict[str, Any]]:
    lines = [json.loads(line) for line in done.err.splitlines() if line.startswith("{")]
    return [line for line in lines if str(line.get("id")).startswith("notify-")]


def test_a_run_is_told_of_once_with_the_totals_of_its_report_and_no_number(sandbox: Desk, receiver: Receiver) -> None:
    numbered = f"to-{customer(0)[1:]}"
    plan = sandbox.plan(calls(numbered, "b"), edition=customer(1)[1:])
    done = run(sandbox, plan, "--report", "r.json", "--notify", receiver.url)
    told, report = receiver.told(), json.loads((sandbox.root / "r.json").read_text())
    assert told["totals"] == report["totals"]
    assert {**told["run"], "edition": None} == {**report["run"], "edition": None}
    assert (told["run"]["exit_code"], told["simulated"]) == (done.code, True)
    text = receiver.taken[0][2].decode()
    assert [each for each in (numbered, customer(0)[1:], customer(1)[1:], AGENT[1:], SECRET) if each in text] == []
    assert findings(done) == []
    with pytest.raises(WebhookVerificationError):
        verified(receiver.taken[0][1], receiver.taken[0][2].replace(b"true", b"false"), SECRET)


def test_a_target_tells_too_and_each_address_once(sandbox: Desk, receiver: Receiver) -> None:
    other = receiver.url.replace("/runs", "/hidden?token=s3cr3t-word")
    sandbox.write("fast.yaml", f"{FAST}notify: [{receiver.url}]\n")
    plan = sandbox.plan(calls("a"))
    done = run(sandbox, plan, "--notify", receiver.url, ORCHESTRATE_NOTIFY=f"{other} {receiver.url}")
    assert sorted(path for path, _, _ in receiver.taken) == ["/hidden?token=s3cr3t-word", "/runs"]
    assert "s3cr3t-word" not in done.said + sandbox.orchestrate("run", "--help").out


@pytest.mark.parametrize(
    ("policy", "more", "code"),
    [
        ({"success": {"completed": "100%"}}, (), 0),
        ({"success": {"busy": "100%"}}, (), 1),
        ({"window": [{"days": "mon-sun", "hours": "00:00-00:01", "timezone": "UTC"}]}, ("--wait", "0"), 5),
    ],
)
def test_it_tells_how_a_run_ended_whatever_it_ended_with(
    sandbox: Desk, receiver: Receiver, policy: dict[str, Any], more: tuple[str, ...], code: int
) -> None:
    done = run(sandbox, sandbox.plan(calls("a"), policy=policy), "--notify", receiver.url, *more)
    assert (done.code, receiver.told()["run"]["exit_code"]) == (code, code)


@pytest.mark.parametrize(
    ("rules", "code"),
    [({"dnd": {customer(0): ["Yes"]}}, 3), ({"calls": {"a": {"answers": ["401"]}}}, 4)],
    ids=["3", "4"],
)
def test_a_run_that_began_is_told_of_where_the_carrier_stopped_it(
    sandbox: Desk, receiver: Receiver, carrier: Carrier, live: Path, rules: dict[str, Any], code: int
) -> None:
    carrier.rules(**rules)
    done = sandbox.run(sandbox.plan(calls("a"), policy={"dnd": "refuse"}), live, "--notify", receiver.url)
    told = receiver.told()
    assert (done.code, told["run"]["exit_code"], told["simulated"]) == (code, code, False), done.said


def test_an_interrupted_run_is_told_of_and_a_refused_one_did_not_begin(sandbox: Desk, receiver: Receiver) -> None:
    plan = sandbox.plan(calls("a", "b"), policy={"pace": "1/minute"})
    refused = run(sandbox, plan, "--notify", receiver.url, "--expect", f"sha256:{'0' * 64}")
    assert (refused.code, receiver.taken) == (4, [])
    going = sandbox.start(*arguments(plan, "--notify", receiver.url))
    assert going.stderr is not None
    while '"call.ended"' not in going.stderr.readline():
        assert going.poll() is None
    going.send_signal(signal.SIGTERM)
    done = finish(going, (), 0.0)
    assert done.code == 143
    assert f"--notify 'http://127.0.0.1:{receiver.server_port}/***'" in done.err
    assert "/runs" not in done.said
    assert receiver.told()["run"]["exit_code"] == 143


def test_a_run_whose_end_is_in_no_journal_is_not_told_of(sandbox: Desk, receiver: Receiver) -> None:
    plan = sandbox.plan(calls("a", "b"), policy={"pace": "1/second"})
    going = sandbox.start(*arguments(plan, "--notify", receiver.url))
    assert going.stderr is not None
    while '"attempt.started"' not in going.stderr.readline():
        assert going.poll() is None
    subprocess.run(["prlimit", "--pid", str(going.pid), "--fsize=1:1"], check=True)
    assert finish(going, (), 0.0).code == 5
    assert receiver.taken == []


def test_a_receiver_that_never_answers_holds_up_neither_the_plan_nor_its_verdict(
    sandbox: Desk, silent: socket.socket
) -> None:
    plan = sandbox.plan(calls("a"))
    going = sandbox.start(*arguments(plan, "--report", "r.json", "--notify", address(silent)))
    assert going.stderr is not None
    with silent.accept()[0]:
        assert json.loads((sandbox.root / "r.json").read_text())["run"]["exit_code"] == 0
        again = run(sandbox, plan)
        assert (again.code, json.loads((sandbox.root / "r.json").read_text())["totals"]["attempts"]) == (0, 1)
        told = []
        while not told:
            told = [json.loads(line) for line in [going.stderr.readline()] if '"notify-slow"' in line]
            assert going.poll() is None
        began = time.monotonic()
        going.send_signal(signal.SIGTERM)
        done = finish(going, (), began)
    assert done.seconds < 4
    assert (done.code, "exit    0" in done.out) == (0, True)
    told += findings(done)
    assert [(each["id"], each["level"]) for each in told] == [("notify-slow", "info"), ("notify-failed", "error")]
    assert [each for each in told if "/runs" in each["text"]] == []


def test_killed_while_it_tells_the_journal_is_whole_and_the_next_run_tells_its_own(
    sandbox: Desk, silent: socket.socket, receiver: Receiver
) -> None:
    plan = sandbox.plan(calls("a"))
    going = sandbox.start(*arguments(plan, "--notify", address(silent)))
    with silent.accept()[0]:
        going.kill()
        going.communicate()
    assert sandbox.orchestrate("journal", "verify", "--journal", "j.db").code == 0
    assert run(sandbox, plan, "--notify", receiver.url).code == 0
    told = receiver.told()
    assert (told["totals"]["attempts"], told["run"]["exit_code"]) == (1, 0)
    assert receiver.taken[0][1]["webhook-id"] == told["run"]["id"]


def test_a_service_gets_words_and_its_address_is_nowhere_shown(sandbox: Desk, receiver: Receiver) -> None:
    host = f"127.0.0.1:{receiver.server_port}"
    plan = sandbox.plan(calls("a"))
    done = run(sandbox, plan, ORCHESTRATE_NOTIFY=f"json://{host}/s3cr3t-path json://127.0.0.1:1/s3cr3t-too")
    ((_, _, body),) = receiver.taken
    said = json.loads(body)
    assert said["title"] == "judged: exit 0"
    assert said["message"].splitlines()[:2] == ["exit 0: all calls as wished", "calls: 1, attempts: 1 (1 completed)"]
    assert done.code == 0
    assert [each["text"][:11] for each in findings(done)] == ["json://*** "]
    assert "s3cr3t" not in done.said


def test_a_service_without_its_library_is_refused_before_anything_is_dialed(sandbox: Desk) -> None:
    stub = (sandbox.folder / "stub" / "sitecustomize").with_suffix(".py")
    stub.parent.mkdir()
    stub.write_text("import sys\nsys.modules['apprise'] = None\n")
    plan = sandbox.plan(calls("a"))
    for given in ({"ORCHESTRATE_NOTIFY": "slack://s3cr3t/b/c"}, {}):
        more = () if given else ("--notify", "slack://s3cr3t/b/c")
        done = run(sandbox, plan, *more, PYTHONPATH=str(stub.parent), **given)
        assert (done.code, "orchestrate-calls[notify]" in done.err, "s3cr3t" in done.said) == (4, True, False)
    assert not (sandbox.root / "j.db").exists()


@pytest.mark.parametrize(
    ("given", "code"),
    [
        ("https://user:s3cr3t@ops.acme.example/", 2),
        ("https://ops.acme.example/s3cr3t?api_key=s3cr3t", 2),
        ("http://ops.acme.example/s3cr3t", 2),
        ("http://8.8.8.8/s3cr3t", 2),
        ("ops.acme.example/s3cr3t", 2),
        ("https://ops.acme.example/#s3cr3t", 2),
        ("https://[s3cr3t/", 2),
        ("https:///s3cr3t", 2),
        ("slack://s3cr3t/b/c", 2),
        ("s3cr3t", 2),
        ("", 2),
        (f"https://ops.acme.example/{'s3cr3t' * 400}", 2),
    ],
)
def test_an_address_that_cannot_be_used_is_refused_without_its_secret(sandbox: Desk, given: str, code: int) -> None:
    plan = sandbox.plan(calls("a"))
    done = run(sandbox, plan, "--notify", given)
    assert (done.code, "s3cr3t" in done.said) == (code, False)
    assert not (sandbox.root / "j.db").exists()
    if "slack" not in given:
        target = sandbox.write("told.yaml", f"{FAST}notify: [{json.dumps(given)}]\n")
        assert sandbox.orchestrate("validate", str(target)).code == 3


def test_what_the_environment_holds_is_judged_before_anything_is_dialed(sandbox: Desk) -> None:
    plan = sandbox.plan(calls("a"))
    web, hidden = "https://ops.acme.example/", "s3cr3t"
    for given in (
        {"ORCHESTRATE_NOTIFY_SECRET": hidden * 3 + "!"},
        {"ORCHESTRATE_NOTIFY_SECRET": "c2hvcnQ="},
        {"ORCHESTRATE_NOTIFY": f"http://ops.acme.example/{hidden}"},
        {"ORCHESTRATE_NOTIFY": f"nonsense://{hidden}"},
    ):
        done = run(sandbox, plan, "--notify", web, **given)
        assert (done.code, hidden in done.said) == (4, False)
        if "ORCHESTRATE_NOTIFY" in given:
            foretold = sandbox.orchestrate("plan", str(plan), "--target", "./fast.yaml", "--journal", "j.db", **given)
            assert (foretold.code, "`run` would stop here (4): ORCHESTRATE_NOTIFY" in foretold.err) == (0, True)
            assert hidden not in foretold.said
    assert not (sandbox.root / "j.db").exists()


def test_secrets_come_from_files_too_and_what_is_not_signed_or_encrypted_is_warned_of(
    sandbox: Desk, receiver: Receiver
) -> None:
    folder = sandbox.folder / "secrets"
    folder.mkdir()
    (folder / "ORCHESTRATE_NOTIFY_SECRET").write_text(f"{SECRET}\n")
    (folder / "ORCHESTRATE_NOTIFY").write_text(f"{receiver.url}\n")
    plan = sandbox.plan(calls("a"))
    run(sandbox, plan, "--secrets-dir", str(folder), ORCHESTRATE_NOTIFY_SECRET="")
    assert receiver.told()["run"]["exit_code"] == 0
    done = run(sandbox, plan, "--notify", receiver.url, ORCHESTRATE_NOTIFY_SECRET="")
    assert [each["id"] for each in findings(done)] == ["notify-unsigned"]
    assert "webhook-signature" not in receiver.taken[1][1]
