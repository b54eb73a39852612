"""POST Calls/connect over a real socket: who may ask, in which form, and how the carrier answers."""

import asyncio
import base64
import re
import string
from datetime import datetime, timedelta, timezone

import httpx2
import pytest
from starlette.requests import Request
from starlette.types import Message
from unit.sandbox.kit import (
    AGENT,
    CONNECT,
    CUSTOMER,
    FAST,
    VALID,
    Pairs,
    client,
    connect,
    parsed,
    received,
    with_fields,
)

from orchestrator.app.sandbox import simulated_carrier
from orchestrator.sandbox.config import SandboxConfig
from orchestrator.sandbox.connect import Unreadable, read_body

XML = "/v1/Accounts/sandbox/Calls/connect"
SLOW = SandboxConfig(speed=0.01)
CALL_FIELDS = [
    "Sid",
    "ParentCallSid",
    "DateCreated",
    "DateUpdated",
    "AccountSid",
    "To",
    "From",
    "PhoneNumberSid",
    "Status",
    "StartTime",
    "EndTime",
    "Duration",
    "Price",
    "Direction",
    "AnsweredBy",
    "ForwardedFrom",
    "CallerName",
    "Uri",
    "RecordingUrl",
]


def test_an_accepted_call_is_answered_with_the_carriers_fields() -> None:
    async def check() -> None:
        async with simulated_carrier(SLOW) as sandbox, client(sandbox) as carrier:
            for urlencoded in (False, True):
                reply = await connect(carrier, VALID, urlencoded)
                assert (reply.status_code, reply.headers["content-type"]) == (200, "application/json")
                call = reply.json()["Call"]
                assert list(call) == CALL_FIELDS
                assert re.fullmatch("[a-z0-9]{32}", call["Sid"])
                assert (call["From"], call["To"]) == ("08069171234", "09900000001")
                assert (call["PhoneNumberSid"], call["AccountSid"]) == ("08047112233", "sandbox")
                assert (call["Status"], call["Direction"]) == ("in-progress", "outbound-api")
                nulls = ("ParentCallSid", "EndTime", "Duration", "Price", "AnsweredBy", "RecordingUrl")
                assert [call[name] for name in nulls] == [None] * 6
                assert call["Uri"] == f"/v1/Accounts/sandbox/Calls.json/{call['Sid']}"

    asyncio.run(check())


def test_times_are_written_in_india_without_a_zone() -> None:
    async def check() -> None:
        async with simulated_carrier(SLOW) as sandbox, client(sandbox) as carrier:
            call = (await connect(carrier, VALID)).json()["Call"]
            india = timezone(timedelta(hours=5, minutes=30))
            created = datetime.strptime(call["DateCreated"], "%Y-%m-%d %H:%M:%S").replace(tzinfo=india)
            assert abs((datetime.now(india) - created).total_seconds()) < 60

    asyncio.run(check())


def test_without_json_in_the_path_the_same_call_comes_as_xml() -> None:
    async def check() -> None:
        async with simulated_carrier(SLOW) as sandbox, client(sandbox) as carrier:
            reply = await connect(carrier, VALID, path=XML)
            assert (reply.status_code, reply.headers["content-type"]) == (200, "application/xml")
            root = parsed(reply.content)
            assert root.tag == "TwilioResponse"
            (call,) = root
            assert (call.tag, [child.tag for child in call]) == ("Call", CALL_FIELDS)
            assert call.findtext("From") == "08069171234"
            assert call.findtext("EndTime") == ""

    asyncio.run(check())


@pytest.mark.parametrize(
    ("key", "token"), [("sandbox", "wrong"), ("wrong", "sandbox"), ("", ""), ("sandbox", "\u20b9")]
)
def test_wrong_credentials_are_401_in_the_paths_format(key: str, token: str) -> None:
    async def check() -> None:
        async with simulated_carrier(FAST) as sandbox, client(sandbox, key, token) as carrier:
            reply = await connect(carrier, VALID)
            assert reply.status_code == 401
            assert reply.headers["www-authenticate"].startswith("Basic ")
            assert reply.json()["RestException"]["Status"] == 401
            in_xml = parsed((await connect(carrier, VALID, path=XML)).content)
            assert in_xml.findtext("RestException/Status") == "401"
            assert (await carrier.get("/v1/Accounts/sandbox/Calls/abc.json")).status_code == 401

    asyncio.run(check())


@pytest.mark.parametrize("header", ["", "Basic", "Basic !!!", "Bearer c2FuZGJveDpzYW5kYm94", "Basic c2FuZGJveA==", "x"])
def test_a_header_that_holds_no_basic_credentials_is_401(header: str) -> None:
    async def check() -> None:
        async with (
            simulated_carrier(FAST) as sandbox,
            httpx2.AsyncClient(base_url=sandbox, trust_env=False) as carrier,
        ):
            headers = {"Authorization": header} if header else {}
            reply = await carrier.post(CONNECT, data=dict(VALID), headers=headers)
            assert reply.status_code == 401

    asyncio.run(check())


def test_a_refused_stranger_leaves_no_secret_in_what_was_received() -> None:
    async def check() -> None:
        secret = "tok3n-canary"
        config = SandboxConfig(api_token=secret)
        async with simulated_carrier(config) as sandbox, client(sandbox, "sandbox", secret) as carrier:
            await connect(carrier, VALID)
            page = (await carrier.get("/_sandbox/requests")).text
            assert secret not in page
            assert base64.b64encode(f"sandbox:{secret}".encode()).decode() not in page

    asyncio.run(check())


def test_another_account_is_404_even_with_good_credentials() -> None:
    async def check() -> None:
        async with simulated_carrier(FAST) as sandbox, client(sandbox) as carrier:
            reply = await connect(carrier, VALID, path="/v1/Accounts/acme1/Calls/connect.json")
            assert reply.status_code == 404
            assert "there is no account acme1" in reply.json()["RestException"]["Message"]

    asyncio.run(check())


BAD: list[tuple[str, Pairs, str]] = [
    ("unknown", [*VALID, ("Colour", "red")], "Colour is not a parameter"),
    ("misspelled", [*VALID, ("TimeOuts", "30")], "did you mean TimeOut?"),
    ("lower case", [("from", AGENT), *VALID[1:]], "did you mean From? Names are case-sensitive"),
    ("twice", [*VALID, ("To", CUSTOMER)], "To was sent twice"),
    ("index gap", [*VALID, ("StatusCallbackEvents[1]", "terminal")], "must run 0, 1, 2"),
    (
        "index twice",
        [*VALID, ("StatusCallbackEvents[0]", "terminal"), ("StatusCallbackEvents[0]", "answered")],
        "StatusCallbackEvents[0] was sent twice",
    ),
    ("no index", [*VALID, ("StatusCallbackEvents", "terminal")], "must be sent indexed"),
    ("empty index", [*VALID, ("StatusCallbackEvents[]", "terminal")], "StatusCallbackEvents[] is not"),
    ("indexed single", [*VALID[:2], ("CallerId[0]", "08047112233")], "CallerId[0] is not a list"),
    ("flow form", [*VALID, ("Url", "http://my.exotel.com/a/exoml/start_voice/1")], "leave Url out and set To"),
    ("promo", [*VALID, ("CallType", "promo")], "CallType cannot be `promo`"),
    ("no fields", [], "From is missing"),
]


@pytest.mark.parametrize(("pairs", "message"), [case[1:] for case in BAD], ids=[case[0] for case in BAD])
def test_a_request_that_the_table_refuses_is_400_and_says_why(pairs: Pairs, message: str) -> None:
    async def check() -> None:
        async with simulated_carrier(FAST) as sandbox, client(sandbox) as carrier:
            reply = await connect(carrier, pairs, urlencoded=True)
            assert reply.status_code == 400
            assert message in reply.json()["RestException"]["Message"]
            if pairs:
                assert (await connect(carrier, pairs)).status_code == 400
            assert [one["sid"] for one in await received(carrier)] == [None] * (2 if pairs else 1)

    asyncio.run(check())


def test_all_problems_are_told_at_once() -> None:
    async def check() -> None:
        async with simulated_carrier(FAST) as sandbox, client(sandbox) as carrier:
            reply = await connect(carrier, with_fields(To=None, TimeOut="soon", Record="yes", Colour="red"))
            message = reply.json()["RestException"]["Message"]
            assert all(name in message for name in ("To is missing", "TimeOut", "Record", "Colour"))

    asyncio.run(check())


def test_a_lost_plus_is_explained() -> None:
    async def check() -> None:
        async with simulated_carrier(FAST) as sandbox, client(sandbox) as carrier:
            headers = {"Content-Type": "application/x-www-form-urlencoded"}
            body = b"From=+918069171234&To=%2B919900000001&CallerId=08047112233"
            reply = await carrier.post(CONNECT, content=body, headers=headers)
            assert reply.status_code == 400
            message = reply.json()["RestException"]["Message"]
            assert "From arrived as ` 918069171234`: its plus was lost" in message
            assert "send %2B918069171234" in message
            assert "To" not in message.replace("Token", "")

    asyncio.run(check())


@pytest.mark.parametrize("kind", ["application/json", "text/plain", "", "multipart/mixed; boundary=x"])
def test_any_other_content_type_is_400(kind: str) -> None:
    async def check() -> None:
        async with simulated_carrier(FAST) as sandbox, client(sandbox) as carrier:
            reply = await carrier.post(CONNECT, content=b'{"From": "x"}', headers={"Content-Type": kind})
            assert reply.status_code == 400
            assert "multipart/form-data or application/x-www-form" in reply.text
            assert [(one["encoding"], one["fields"]) for one in await received(carrier)] == [(None, [])]

    asyncio.run(check())


BROKEN = {
    "no boundary": ("multipart/form-data", b"--x\r\n"),
    "no closing boundary": (
        "multipart/form-data; boundary=x",
        b"--x\r\nContent-Disposition: form-data; name=a\r\n\r\n1",
    ),
    "not multipart at all": ("multipart/form-data; boundary=x", b"From=1--"),
    "a part without a name": (
        "multipart/form-data; boundary=x",
        b"--x\r\nContent-Disposition: form-data\r\n\r\n1\r\n--x--\r\n",
    ),
}


@pytest.mark.parametrize(("kind", "body"), BROKEN.values(), ids=BROKEN.keys())
def test_a_broken_form_is_400(kind: str, body: bytes) -> None:
    async def check() -> None:
        async with simulated_carrier(FAST) as sandbox, client(sandbox) as carrier:
            reply = await carrier.post(CONNECT, content=body, headers={"Content-Type": kind})
            assert reply.status_code == 400
            assert reply.json()["RestException"]["Status"] == 400

    asyncio.run(check())


def test_a_file_upload_is_refused() -> None:
    async def check() -> None:
        async with simulated_carrier(FAST) as sandbox, client(sandbox) as carrier:
            parts = [("From", ("from.txt", AGENT)), ("To", (None, CUSTOMER)), ("CallerId", (None, "0801234567"))]
            reply = await carrier.post(CONNECT, files=parts)
            assert reply.status_code == 400
            assert "From was sent as a file" in reply.json()["RestException"]["Message"]

    asyncio.run(check())


def test_a_body_above_the_cap_is_413_and_one_below_it_is_judged() -> None:
    async def check() -> None:
        async with simulated_carrier(FAST) as sandbox, client(sandbox) as carrier:
            for length, status in ((300_000, 413), (200_000, 200)):
                reply = await connect(carrier, with_fields(CustomField="x" * length))
                assert reply.status_code == status
            assert [one["status"] for one in await received(carrier)] == [413, 200]

    asyncio.run(check())


def test_a_body_that_does_not_arrive_in_time_is_408() -> None:
    async def stalled() -> Message:
        await asyncio.Event().wait()
        raise AssertionError("unreachable")

    with pytest.raises(Unreadable, match="did not arrive within") as problem:
        asyncio.run(read_body(Request({"type": "http"}, stalled), within=0.05))
    assert problem.value.status == 408


def test_a_caller_that_leaves_in_the_middle_of_its_request_harms_nobody(capfd: pytest.CaptureFixture[str]) -> None:
    async def check() -> None:
        async with simulated_carrier(FAST) as sandbox, client(sandbox) as carrier:
            host, _, port = sandbox.removeprefix("http://").partition(":")
            for _ in range(3):
                _, writer = await asyncio.open_connection(host, int(port))
                head = f"POST {CONNECT} HTTP/1.1\r\nHost: x\r\nContent-Length: 999\r\n"
                writer.write(f"{head}Content-Type: multipart/form-data; boundary=x\r\n\r\n--x".encode())
                await writer.drain()
                writer.close()
                await writer.wait_closed()
            assert (await connect(carrier, VALID)).status_code == 200
            assert [one["status"] for one in await received(carrier)] == [200]

    asyncio.run(check())
    assert capfd.readouterr().err == ""


def test_paths_and_methods_that_do_not_exist_are_answered_in_the_carriers_shape() -> None:
    async def check() -> None:
        async with simulated_carrier(FAST) as sandbox, client(sandbox) as carrier:
            assert (await carrier.get(CONNECT)).json()["RestException"]["Status"] == 405
            assert (await carrier.delete(CONNECT)).json()["RestException"]["Status"] == 405
            assert (await carrier.get("/v1/Nowhere.json")).json()["RestException"]["Status"] == 404
            assert parsed((await carrier.get("/nowhere")).content).tag == "TwilioResponse"

    asyncio.run(check())


@pytest.mark.parametrize(
    "text",
    [
        string.printable.replace("\x0b", "").replace("\x0c", ""),
        "\u0928\u092e\u0938\u094d\u0924\u0947 \U0001f4de",
        "a=b&c+d%2B",
        "",
    ],
)
@pytest.mark.parametrize("urlencoded", [False, True])
def test_values_arrive_byte_for_byte(text: str, urlencoded: bool) -> None:
    async def check() -> None:
        async with simulated_carrier(FAST) as sandbox, client(sandbox) as carrier:
            reply = await connect(carrier, with_fields(CustomField=text), urlencoded)
            assert reply.status_code == 200
            (one,) = await received(carrier)
            assert dict(one["fields"])["CustomField"] == text
            assert one["encoding"] == ("urlencoded" if urlencoded else "multipart")

    asyncio.run(check())


@pytest.mark.parametrize("number", ["08012345678", "02226543210", "0401234567", "+919876543210", "919876543210"])
def test_numbers_arrive_as_typed(number: str) -> None:
    async def check() -> None:
        async with simulated_carrier(FAST) as sandbox, client(sandbox) as carrier:
            for urlencoded in (False, True):
                assert (await connect(carrier, with_fields(To=number), urlencoded)).status_code == 200
            assert [dict(one["fields"])["To"] for one in await received(carrier)] == [number] * 2

    asyncio.run(check())


def test_the_sources_own_curl_command_places_a_call() -> None:
    """The `--form` flags of the carrier's curl example with numbers filled in, in their order, by the real curl."""

    async def check() -> None:
        flags = [
            'From="+918069171234"',
            'To="+919900000001"',
            'CallerId="08047112233"',
            'StatusCallback="https://yourstatuscallbackurl.com"',
            'StatusCallbackContentType="application/json"',
            'StatusCallbackEvents[0]="terminal"',
            'Record="true"',
            'StatusCallbackEvents[1]="answered"',
        ]
        async with simulated_carrier(FAST) as sandbox, client(sandbox) as carrier:
            credentials = base64.b64encode(b"sandbox:sandbox").decode()
            forms = [part for flag in flags for part in ("--form", flag)]
            process = await asyncio.create_subprocess_exec(
                *("curl", "--silent", "--location", "--request", "POST", sandbox + XML),
                *("--header", f"Authorization: Basic {credentials}", *forms),
                stdout=asyncio.subprocess.PIPE,
            )
            output, _ = await process.communicate()
            assert process.returncode == 0
            assert parsed(output).findtext("Call/Status") == "in-progress"
            (one,) = await received(carrier)
            assert one["fields"] == [flag.replace('"', "").split("=", 1) for flag in flags]
            assert (one["status"], one["encoding"]) == (200, "multipart")

    asyncio.run(check())


def test_a_hundred_posts_at_once_are_a_hundred_calls() -> None:
    async def check() -> None:
        async with simulated_carrier(FAST) as sandbox, client(sandbox) as carrier:
            numbers = [f"+9199000{n:05d}" for n in range(100)]
            replies = await asyncio.gather(*(connect(carrier, with_fields(To=number)) for number in numbers))
            assert {reply.status_code for reply in replies} == {200}
            sids = {reply.json()["Call"]["Sid"] for reply in replies}
            rows = await received(carrier)
            assert len(sids) == len(rows) == 100
            assert [row["n"] for row in rows] == list(range(1, 101))
            assert {row["sid"] for row in rows} == sids
            assert sorted(dict(row["fields"])["To"] for row in rows) == numbers

    asyncio.run(check())
