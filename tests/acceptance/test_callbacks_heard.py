"""The run's own receiver: StatusCallbacks end calls, and outrank replies that never came."""

import json
import socket
from pathlib import Path
from urllib.error import HTTPError
from urllib.request import Request, urlopen

import pytest
from durability.carrier import Carrier

from acceptance.cli import until
from acceptance.desk import Desk, call, calls


@pytest.fixture
def hearing(desk: Desk, carrier: Carrier) -> Path:
    """A live target with a receiver on loopback and look-ups that are too late to matter."""
    with socket.create_server(("127.0.0.1", 0)) as listener:
        port = listener.getsockname()[1]
    desk.create_journal()
    callbacks = {"listen": f"127.0.0.1:{port}", "public_url": f"http://127.0.0.1:{port}"}
    lookups = {"after": "60s", "every": "60s", "settle": "1s"}
    return desk.target(carrier, callbacks=callbacks, lookups=lookups)


@pytest.mark.parametrize(
    ("content_type", "when"),
    [("application/json", "after"), ("multipart/form-data", "twice"), (None, "after"), ("application/json", "before")],
)
def test_a_terminal_callback_ends_the_call(
    desk: Desk, carrier: Carrier, hearing: Path, content_type: str | None, when: str
) -> None:
    """In both encodings, sent twice, or so early that the reply was not yet there."""
    carrier.rules(talk=0.3, default={"callback": when, "ending": "busy"})
    more = {"StatusCallbackContentType": content_type} if content_type else {}
    done = desk.run(desk.plan(calls("a", **more)), hearing)
    assert done.code == 1, done.said
    assert done.seconds < 15
    told = desk.told()["a"]
    assert told["disposition"] == "busy"
    assert [leg["status"] for leg in told["attempts"][0]["legs"]] == ["completed", "busy"]
    answered = {item.answer.split(" ")[1] for item in carrier.received() if item.kind == "callback"}
    assert answered == {"200"}


def test_a_receivers_address_and_events_are_added_and_nothing_else(desk: Desk, carrier: Carrier, hearing: Path) -> None:
    carrier.rules(default={"callback": "after"})
    bare = {key: value for key, value in call("a").items() if key != "CustomField"}
    assert desk.run(desk.plan([bare]), hearing).code == 0
    (received,) = carrier.connects()
    sent = dict(received.fields)
    assert sent["StatusCallbackEvents[0]"], sent["StatusCallbackEvents[1]"] == ("terminal", "answered")
    assert sent["StatusCallback"].startswith("http://127.0.0.1:")
    assert sent.keys() == {
        "From",
        "To",
        "CallerId",
        "CustomField",
        "StatusCallback",
        "StatusCallbackEvents[0]",
        "StatusCallbackEvents[1]",
    }


def test_the_plans_own_callback_is_left_alone(desk: Desk, carrier: Carrier, hearing: Path) -> None:
    own = call("a", StatusCallback="https://yourstatuscallbackurl.com/x")
    desk.run(desk.plan([own]), hearing, "--until", "placed")
    (received,) = carrier.connects()
    assert sorted(received.fields) == sorted((name, value) for name, value in own.items() if name != "id")


def test_a_callback_outranks_any_answer(desk: Desk, carrier: Carrier, hearing: Path) -> None:
    """Whether the answer proves nothing, or says that it did not ring: the carrier says that it did.

    A callback before a 429 or 400 also cancels the retry: each call is asked for once.
    """
    nothing = ["drop", "503", "hang", "408", "200-no-sid"]
    refused = ["429", "400"]
    rules = {word: {"answers": [word], "callback": "after"} for word in nothing}
    rules |= {word: {"answers": [word, "200"], "callback": "before"} for word in refused}
    carrier.rules(talk=0.2, calls=rules)
    done = desk.run(desk.plan(calls(*nothing, *refused)), hearing, "--settle-for", "10s")
    assert done.code == 0, done.said
    told, arrived = desk.told(), {item.custom: item for item in carrier.connects()}
    assert len(carrier.connects()) == len(arrived) == len(rules)
    for word in rules:
        (attempt,) = told[word]["attempts"]
        assert (attempt["placement"], attempt["evidence"]) == ("accepted", "callback"), word
        assert attempt["sid"] == arrived[word].sid


def test_tokens_are_unguessable_and_stay_between_us_and_the_carrier(
    desk: Desk, carrier: Carrier, hearing: Path
) -> None:
    carrier.rules(talk=2, default={"callback": "after"})
    process = desk.start(*desk.run_arguments(desk.plan(calls("a", "b")), hearing))
    until(lambda: len(carrier.connects()) >= 2, process)
    addresses = [dict(item.fields)["StatusCallback"] for item in carrier.connects()]
    body = json.dumps({"CallSid": "0" * 32, "Status": "completed", "EventType": "terminal"}).encode()
    guess = Request(addresses[0][:-4] + "zzzz", data=body, headers={"Content-Type": "application/json"})
    with pytest.raises(HTTPError) as refused, urlopen(guess, timeout=5):
        pass
    refused.value.close()
    assert refused.value.code == 404
    out, err = process.communicate(timeout=30)
    assert process.returncode == 0, out + err
    tokens = [address.rpartition("/")[2] for address in addresses]
    assert len(set(tokens)) == 2
    for token in tokens:
        assert len(token) >= 22, "128 bits at least"
        assert token not in out + err
        for path in desk.folder.rglob("*"):
            if path.is_file() and "carrier" not in path.parts:
                assert token.encode() not in path.read_bytes(), path
