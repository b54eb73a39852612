"""The judge itself is judged: what curl sends to the counting carrier is recorded and answered as ordered."""

import json
import subprocess
import threading
import time
from http.server import BaseHTTPRequestHandler, HTTPServer

import pytest

from durability.carrier import ACCOUNT, KEY, TOKEN, Carrier
from durability.http_message import Malformed, Request, fields, parts


def curl(carrier: Carrier, *more: str, path: str = "connect.json") -> subprocess.CompletedProcess[str]:
    command = ["curl", "--silent", "--show-error", "--include", "--max-time", "1", "--user", f"{KEY}:{TOKEN}"]
    url = f"{carrier.url}/v1/Accounts/{ACCOUNT}/Calls/{path}"
    return subprocess.run([*command, *more, url], capture_output=True, text=True)


def form(key: str, **more: str) -> list[str]:
    values = {"From": "+918123456789", "To": "+917410410123", "CustomField": key, **more}
    return [word for name, value in values.items() for word in ("--form", f"{name}={value}")]


def test_a_multipart_request_is_recorded_part_by_part(carrier: Carrier) -> None:
    answer = curl(carrier, *form("a"))
    (one,) = carrier.connects()
    assert one.parts[0].raw == b'Content-Disposition: form-data; name="From"\r\n\r\n+918123456789'
    assert one.fields == (("From", "+918123456789"), ("To", "+917410410123"), ("CustomField", "a"))
    assert answer.stdout.startswith("HTTP/1.1 200 ")
    assert json.loads(answer.stdout.splitlines()[-1])["Call"]["Sid"] == one.sid


def test_an_urlencoded_request_is_recorded_field_by_field(carrier: Carrier) -> None:
    curl(carrier, "--data-urlencode", "From=+918123456789", "--data", "To=0401+x&CustomField=a%2Bb")
    (one,) = carrier.connects()
    assert one.fields == (("From", "+918123456789"), ("To", "0401 x"), ("CustomField", "a+b"))


def test_wrong_credentials_are_answered_401_and_still_recorded(carrier: Carrier) -> None:
    answer = curl(carrier, *form("a"), "--user", "somebody:else")
    assert answer.stdout.startswith("HTTP/1.1 401 ")
    assert [item.answer for item in carrier.connects()] == ["401"]


def test_a_status_is_answered_as_ordered(carrier: Carrier) -> None:
    words = ["202", "302", "400", "402", "404", "409", "429", "500", "503"]
    carrier.rules(calls={word: {"answers": [word]} for word in words}, retry_after="7")
    for word in words:
        answer = curl(carrier, *form(word)).stdout
        assert answer.startswith(f"HTTP/1.1 {word} ")
        assert ("Retry-After: 7" in answer) == (word == "429")
        assert ("Location: " in answer) == (word == "302")


def test_answers_can_hold_a_sid_where_none_belongs_and_none_where_one_does(carrier: Carrier) -> None:
    carrier.rules(calls={"a": {"answers": ["200-no-sid"]}, "b": {"answers": ["400-with-sid"]}})
    without, with_one = curl(carrier, *form("a")).stdout, curl(carrier, *form("b")).stdout
    first, second = carrier.connects()
    assert str(first.sid) not in without
    assert with_one.startswith("HTTP/1.1 400 ")
    assert str(second.sid) in with_one


@pytest.mark.parametrize(
    ("word", "exit_code"), [("hang", 28), ("drop", 52), ("half", 18)], ids=["hang", "drop", "half"]
)
def test_a_broken_exchange_is_on_record_before_it_breaks(carrier: Carrier, word: str, exit_code: int) -> None:
    """curl's exit codes: 28 timed out, 52 empty reply, 18 partial file."""
    carrier.rules(default={"answers": [word]})
    assert curl(carrier, *form("a")).returncode == exit_code
    assert carrier.rung() == {"a": 1}


def test_a_connection_can_be_reset_before_anything_is_read(carrier: Carrier) -> None:
    carrier.rules(connections={"1": "reset", "2": "refuse"})
    assert curl(carrier, *form("a")).returncode == 56  # receive error: its bytes had left
    assert curl(carrier, *form("a")).returncode in (7, 55, 56)  # could not connect, send or receive error
    assert carrier.connects() == []
    assert curl(carrier, *form("a")).stdout.startswith("HTTP/1.1 200 ")


def test_answers_are_used_up_in_order_and_a_throttled_request_did_not_ring(carrier: Carrier) -> None:
    carrier.rules(calls={"a": {"answers": ["429", "200"]}})
    assert curl(carrier, *form("a")).stdout.startswith("HTTP/1.1 429 ")
    assert curl(carrier, *form("a")).stdout.startswith("HTTP/1.1 200 ")
    assert carrier.rung() == {"a": 1}


@pytest.mark.parametrize("suffix", [".json", ""], ids=["json", "xml"])
def test_a_call_ends_as_ordered_in_look_ups(carrier: Carrier, suffix: str) -> None:
    carrier.rules(talk=0.5, default={"ending": "agent-no-answer"})
    curl(carrier, *form("a"))
    sid = carrier.connects()[0].sid
    assert "in-progress" in curl(carrier, path=f"{sid}{suffix}?details=true").stdout
    time.sleep(0.6)
    over = curl(carrier, path=f"{sid}{suffix}?details=true").stdout
    assert "in-progress" not in over
    assert "Leg1Status" in over
    assert "no-answer" in over
    assert curl(carrier, path=f"{'0' * 32}{suffix}").stdout.startswith("HTTP/1.1 404 ")


def listed(carrier: Carrier, query: str = "") -> tuple[list[str], str | None]:
    """The Sids of one page of the list of calls, and the query of the next."""
    page = json.loads(curl(carrier, path=f"../Calls.json?{query}").stdout.splitlines()[-1])
    following = page["Metadata"]["NextPageUri"]
    return [call["Sid"] for call in page["Calls"]], following and following.partition("?")[2]


def test_the_list_holds_what_rang_and_has_ended_whatever_the_answer_was(carrier: Carrier) -> None:
    rang = ["200", "500", "drop", "half", "200-no-sid", "400-with-sid", "slow:0"]
    did_not = ["404", "429", "400-echo", "302"]
    lost = {"gone": {"answers": ["504"], "listed": False}}
    carrier.rules(talk=0.3, calls=lost | {word: {"answers": [word], "ending": "busy"} for word in rang + did_not})
    for word in [*rang, *did_not, "gone"]:
        curl(carrier, *form(word))
    carrier.rules(talk=60)
    curl(carrier, *form("still talking"))
    time.sleep(0.4)
    sids = {item.custom: item.sid for item in carrier.connects()}
    assert listed(carrier) == ([sids[word] for word in reversed(rang)], None)
    assert [(item.kind, item.answer) for item in carrier.received()][-1] == ("bulk", "200")


@pytest.mark.parametrize("suffix", [".json", ""], ids=["json", "xml"])
def test_a_call_is_listed_in_the_stored_form_of_its_numbers(carrier: Carrier, suffix: str) -> None:
    carrier.rules(talk=0, default={"ending": "busy"})
    curl(carrier, *form("a", CallerId="08047112233"))
    told = curl(carrier, path=f"../Calls{suffix}").stdout
    for word in ("08123456789", "07410410123", "08047112233", "busy", str(carrier.connects()[0].sid)):
        assert word in told
    assert "+91" not in told


def test_the_list_is_filtered(carrier: Carrier) -> None:
    carrier.rules(talk=0)
    for key, to in (("a", "+917410410123"), ("b", "+917410410124")):
        curl(carrier, *form(key, To=to, CallerId="08047112233"))
    first, second = [item.sid for item in carrier.connects()]
    for query in ("To=07410410123", "To=%2B917410410123", f"Sid={first},{'0' * 32}", "To=7410410123&From=08123456789"):
        assert listed(carrier, query) == ([first], None)
    for query in ("", "Direction=outbound-api", "PhoneNumber=%2B918047112233", "DateCreated=gte:2020-01-01%2000:00:00"):
        assert listed(carrier, query) == ([second, first], None)
    for query in ("Direction=inbound", "From=07410410123", "DateCreated=lte:2020-01-01%2000:00:00"):
        assert listed(carrier, query) == ([], None)
    for query in ("CustomField=a", "PageSize=101", "DateCreated=gte:soon", "After=nobody"):
        assert curl(carrier, path=f"../Calls.json?{query}").stdout.startswith("HTTP/1.1 400 ")


def test_the_list_comes_page_by_page(carrier: Carrier) -> None:
    carrier.rules(talk=0)
    for key in "abcde":
        curl(carrier, *form(key))
    pages, query = [], "PageSize=2&From=%2B918123456789"
    while query:
        sids, query = listed(carrier, query)  # type: ignore[assignment]
        pages.append(sids)
    made = [item.sid for item in carrier.connects()][::-1]
    assert pages == [made[:2], made[2:4], made[4:]]


def test_the_list_can_be_out_of_order(carrier: Carrier) -> None:
    carrier.rules(bulk="503")
    assert curl(carrier, path="../Calls.json").stdout.startswith("HTTP/1.1 503 ")


@pytest.mark.parametrize("content_type", ["application/json", "multipart/form-data"])
def test_callbacks_are_sent_to_a_loopback_address(carrier: Carrier, content_type: str) -> None:
    heard: list[Request] = []

    class Hearer(BaseHTTPRequestHandler):
        def do_POST(self) -> None:
            body = self.rfile.read(int(self.headers["Content-Length"]))
            heard.append(Request("POST", self.path, "", tuple(self.headers.items()), body))
            self.send_response(200)
            self.end_headers()

        def log_message(self, *_: object) -> None:
            """Stay quiet."""

    with HTTPServer(("127.0.0.1", 0), Hearer) as server:
        thread = threading.Thread(target=server.handle_request)
        thread.start()
        carrier.rules(talk=0.1, default={"callback": "after"})
        wish = {
            "StatusCallback": f"http://127.0.0.1:{server.server_port}/x",
            "StatusCallbackEvents[0]": "terminal",
        }
        curl(carrier, *form("a", **wish, StatusCallbackContentType=content_type))
        thread.join(timeout=5)
    (one,) = heard
    told = json.loads(one.body) if content_type.endswith("json") else dict(fields(one))
    assert told["CallSid"] == carrier.connects()[0].sid
    assert told["CustomField"] == "a"
    assert told["EventType"] == "terminal"


@pytest.mark.parametrize(
    "body",
    [
        b"",
        b'--b\r\nContent-Disposition: form-data; name="a"\r\n\r\n1\r\n--c--\r\n',
        b'--b\r\nContent-Disposition: form-data; name="a"\r\n1\r\n--b--\r\n',
    ],
    ids=["empty", "other boundary", "no empty line"],
)
def test_a_body_that_is_not_multipart_is_refused(body: bytes) -> None:
    with pytest.raises(Malformed):
        parts("multipart/form-data; boundary=b", body)
