"""What `orchestrate run` sends for the source's example is what the source's curl sends."""

import json
import subprocess
from pathlib import Path
from typing import Any
from urllib.request import Request, urlopen

import pytest
from acceptance.desk import Desk
from durability.carrier import ACCOUNT, KEY, TOKEN, Carrier, Received

from wire import source_curl

PLAN = Path(__file__).parents[2] / "configs/plans/source-example.yaml"


def curl(url: str, credentials: str) -> None:
    """The source's command with its own flags; Basic auth is computed by curl."""
    command = ["curl", "--silent", "--show-error", "--fail", "--location", "--request", "POST", url]
    command += ["--user", credentials]
    for form in source_curl.FORM:
        command += ["--form", form]
    subprocess.run(command, check=True, capture_output=True)


@pytest.fixture
def sent_by_curl(carrier: Carrier) -> Received:
    """The request of the source's curl command, as the carrier received it."""
    curl(f"{carrier.url}/v1/Accounts/{ACCOUNT}/Calls/connect", f"{KEY}:{TOKEN}")
    return carrier.connects()[-1]


def sent_by_us(desk: Desk, carrier: Carrier, **target: Any) -> Received:
    """The request of our `run` of the example plan, as the carrier received it."""
    desk.create_journal()
    before = len(carrier.connects())
    done = desk.run(PLAN, desk.target(carrier, **target))
    assert done.code == 0, done.said
    (received,) = carrier.connects()[before:]
    return received


def test_curl_itself_sends_the_hand_written_parts(sent_by_curl: Received) -> None:
    assert [part.raw for part in sent_by_curl.parts] == list(source_curl.PARTS)
    assert sent_by_curl.fields == source_curl.FIELDS


def test_our_parts_are_curls_parts_and_no_other(desk: Desk, carrier: Carrier, sent_by_curl: Received) -> None:
    ours = sent_by_us(desk, carrier)
    raw = [part.raw for part in ours.parts]
    assert sorted(raw) == sorted(source_curl.PARTS)
    assert sorted(raw) == sorted(part.raw for part in sent_by_curl.parts)
    events = [source_curl.PARTS[5], source_curl.PARTS[7]]
    start = raw.index(events[0])
    assert raw[start : start + 2] == events, "list items are adjacent"
    alone = [part for part in raw if part not in events]
    assert alone == [part for part in source_curl.PARTS if part not in events], "the rest is in the plan's order"


def test_our_request_line_and_credentials_are_curls(desk: Desk, carrier: Carrier, sent_by_curl: Received) -> None:
    """`response: xml` asks for the source's path, which does not end in .json."""
    ours = sent_by_us(desk, carrier, response="xml").request
    theirs = sent_by_curl.request
    assert (ours.method, ours.path, ours.query) == (theirs.method, theirs.path, theirs.query)
    assert ours.path == f"/v1/Accounts/{ACCOUNT}/Calls/connect"
    assert ours.header("authorization") == theirs.header("authorization")


def test_the_json_path_is_the_same_with_its_suffix(desk: Desk, carrier: Carrier) -> None:
    ours = sent_by_us(desk, carrier, response="json").request
    assert (ours.method, ours.path) == ("POST", f"/v1/Accounts/{ACCOUNT}/Calls/connect.json")
    assert ours.query == ""


def test_an_urlencoded_target_sends_the_same_fields_and_keeps_the_plus(desk: Desk, carrier: Carrier) -> None:
    ours = sent_by_us(desk, carrier, encoding="urlencoded")
    assert ours.request.header("content-type") == "application/x-www-form-urlencoded"
    assert b"From=%2B917410410123&To=%2B918123456789" in ours.request.body
    assert sorted(ours.fields) == sorted(source_curl.FIELDS)


def test_the_sandbox_reads_curls_request_and_ours_alike(desk: Desk) -> None:
    process = desk.start("sandbox", "--port", "0", "--scenario", "calm", "--speed", "600")
    try:
        assert process.stdout is not None
        base = process.stdout.readline().strip()
        curl(f"{base}/v1/Accounts/{ACCOUNT}/Calls/connect.json", f"{KEY}:{TOKEN}")
        desk.create_journal()
        done = desk.run(PLAN, desk.target(base))
        assert done.code == 0, done.said
        theirs, ours = (item["fields"] for item in _connects(base))
        urlopen(Request(f"{base}/_sandbox/reset", method="POST"), timeout=5).close()
        assert _connects(base) == []
    finally:
        process.kill()
        process.communicate()
    assert [tuple(pair) for pair in theirs] == list(source_curl.FIELDS)
    assert sorted(ours) == sorted(theirs)


def _connects(base: str) -> list[dict[str, Any]]:
    with urlopen(f"{base}/_sandbox/requests", timeout=5) as answer:
        listed: list[dict[str, Any]] = json.load(answer)
    return listed


def test_plan_shows_the_request_that_run_sends_without_credentials(desk: Desk, carrier: Carrier) -> None:
    """`plan --requests --format json --unmask` prints exactly the fields that then go on the wire."""
    secretless = {"EXOTEL_ACCOUNT_SID": "", "EXOTEL_API_KEY": "", "EXOTEL_API_TOKEN": ""}
    options = ("--requests", "--format", "json", "--unmask", "--target", str(desk.target(carrier)))
    shown = desk.orchestrate("plan", str(PLAN), *options, **secretless)
    assert shown.code == 0, shown.said
    assert carrier.received() == []
    sent = sent_by_us(desk, carrier)
    for name, value in sent.fields:
        assert name in shown.out
        assert value in shown.out
