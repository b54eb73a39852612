"""What leaves for the carrier, byte by byte; and that no secret comes back, is shown or is logged."""

import asyncio
import base64
import io
import logging
from email.parser import BytesParser

import pytest
from contract.carrier_client import ACCOUNT, KEY, REQUEST, TOKEN, at_once, carrier
from contract.raw_carrier import CALL, SID, Connection, answer, answering, serving

from orchestrator.carrier.client import Carrier
from orchestrator.exotel.facts import call_facts
from orchestrator.exotel.placement import verdict
from orchestrator.model.errors import CannotProceed
from orchestrator.model.outcome import Exchange

BASIC = base64.b64encode(f"{KEY}:{TOKEN}".encode()).decode()


def received(response: str = "json", details: bool = False) -> tuple[str, dict[str, str], bytes]:
    async def main() -> bytes:
        async with serving(answering(answer(200, CALL))) as server, carrier(server.url, response=response) as client:
            await (client.details(SID, at_once) if details else client.place(REQUEST, at_once))
            return server.requests[0]

    head, _, body = asyncio.run(main()).partition(b"\r\n\r\n")
    line, _, fields = head.partition(b"\r\n")
    headers = {name.lower(): value for name, value in BytesParser().parsebytes(fields).items()}
    return line.decode(), headers, body


def test_a_connect_request_is_the_sources_curl_example() -> None:
    line, headers, body = received()
    assert line == f"POST /v1/Accounts/{ACCOUNT}/Calls/connect.json HTTP/1.1"
    assert headers["authorization"] == f"Basic {BASIC}"
    assert headers["user-agent"].startswith("orchestrate/")
    assert headers["content-length"] == str(len(body))
    boundary = headers["content-type"].removeprefix("multipart/form-data; boundary=")
    first = f'--{boundary}\r\nContent-Disposition: form-data; name="From"\r\n\r\n+919900000001\r\n--{boundary}'
    assert body.startswith(first.encode())
    assert headers["accept-encoding"] == "identity"
    assert not {"cookie", "transfer-encoding", "expect"} & set(headers)


def test_xml_is_asked_for_by_the_path_without_json() -> None:
    assert received("xml")[0] == f"POST /v1/Accounts/{ACCOUNT}/Calls/connect HTTP/1.1"
    assert received("xml", details=True)[0] == f"GET /v1/Accounts/{ACCOUNT}/Calls/{SID}?details=true HTTP/1.1"


def test_a_look_up_asks_for_the_details_of_one_call() -> None:
    line, headers, body = received(details=True)
    assert line == f"GET /v1/Accounts/{ACCOUNT}/Calls/{SID}.json?details=true HTTP/1.1"
    assert headers["authorization"] == f"Basic {BASIC}"
    assert body == b""


def test_an_account_and_a_sid_cannot_lead_to_another_path() -> None:
    async def main() -> list[bytes]:
        async with (
            serving(answering(answer(404))) as server,
            Carrier(server.url, "../a?b", KEY, TOKEN, "urlencoded", "json", 5.0) as client,
        ):
            await client.place(REQUEST, at_once)
            await client.details("../../x#y", at_once)
            return server.requests

    connect, details = asyncio.run(main())
    assert connect.startswith(b"POST /v1/Accounts/..%2Fa%3Fb/Calls/connect.json HTTP/1.1\r\n")
    assert details.startswith(b"GET /v1/Accounts/..%2Fa%3Fb/Calls/..%2F..%2Fx%23y.json?details=true HTTP/1.1\r\n")


def test_a_cookie_is_never_sent_back() -> None:
    async def main() -> list[bytes]:
        data = answer(200, CALL, "Set-Cookie: session=1; Path=/")
        async with serving(answering(data)) as server, carrier(server.url) as client:
            await client.place(REQUEST, at_once)
            await client.place(REQUEST, at_once)
            return server.requests

    assert all(b"cookie" not in request.lower() for request in asyncio.run(main()))


async def echo(connection: Connection) -> None:
    """Answer with everything that was received, as a debugging proxy does, in body and headers."""
    request = await connection.request()
    assert request is not None
    await connection.send(answer(400, request, f"X-Debug: {BASIC}", f"X-Token: {TOKEN}"))


def test_credentials_that_an_error_page_echoes_are_cut_out() -> None:
    async def main() -> Exchange:
        async with serving(echo) as server, carrier(server.url) as client:
            return await client.place(REQUEST, at_once)

    exchange = asyncio.run(main())
    shown = repr(exchange) + repr(verdict(exchange))
    assert "Basic ***" in shown
    assert BASIC not in shown
    assert TOKEN not in shown


def test_nothing_that_is_logged_or_shown_holds_a_credential() -> None:
    """At the most talkative level of every library below, and in the client's own repr."""
    log = io.StringIO()
    handler = logging.StreamHandler(log)
    root = logging.getLogger()
    level = root.level
    root.addHandler(handler)
    root.setLevel(logging.DEBUG)

    async def main() -> str:
        async with serving(echo) as server, carrier(server.url) as client:
            exchanges = [await client.place(REQUEST, at_once), await client.details(SID, at_once)]
            return repr(exchanges) + repr(client) + repr(vars(client))

    try:
        shown = asyncio.run(main())
    finally:
        root.removeHandler(handler)
        root.setLevel(level)
    assert ACCOUNT in shown
    for secret in (KEY, TOKEN, BASIC):
        assert secret not in shown
        assert secret not in log.getvalue()
    assert "httpcore2" not in log.getvalue()


def test_a_reply_in_xml_is_understood_though_json_was_asked_for() -> None:
    xml = f"<TwilioResponse><Call><Sid>{SID}</Sid><Status>completed</Status></Call></TwilioResponse>".encode()

    async def main() -> Exchange:
        async with serving(answering(answer(200, xml))) as server, carrier(server.url) as client:
            return await client.details(SID, at_once)

    facts = call_facts(asyncio.run(main()).body)
    assert facts is not None
    assert (facts.sid, facts.status) == (SID, "completed")


@pytest.mark.parametrize(
    "base_url",
    ["https://key:canary@api.exotel.com", "http://api.exotel.com", "ftp://127.0.0.1", "https://", "https://[::bad"],
)
def test_an_address_that_would_leak_or_lead_nowhere_is_refused(base_url: str) -> None:
    with pytest.raises(CannotProceed) as refused:
        carrier(base_url)
    assert "canary" not in refused.value.message
