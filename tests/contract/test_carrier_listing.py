"""A bulk look-up through a real socket: what leaves, byte by byte, and what is read of the answer."""

import asyncio
import json
from urllib.parse import parse_qsl, urlsplit

import pytest
from contract.carrier_client import ACCOUNT, at_once, carrier
from contract.raw_carrier import SID, Connection, RawServer, answer, answering, serving

from orchestrator.exotel.replies import call_list
from orchestrator.model.errors import NotLeaving
from orchestrator.model.outcome import Exchange

QUERY = (
    ("From", "+918069171234,+919900000001"),
    ("DateCreated", "gte:2026-11-22 14:00:00;lte:2026-11-22 15:00:00"),
    ("PageSize", "100"),
    ("After", "a/b+c=&d"),
)


def page(count: int, **metadata: str) -> bytes:
    call = {"Sid": SID, "From": "08069171234", "To": "09900000001", "RecordingUrl": "https://rec.example/" + "r" * 900}
    return json.dumps({"Metadata": metadata, "Calls": [call] * count}).encode()


def asked(answered: bytes, response: str = "json") -> tuple[Exchange, bytes]:
    async def main() -> tuple[Exchange, bytes]:
        async with serving(answering(answered)) as server, carrier(server.url, response=response) as client:
            return await client.listing(QUERY, at_once), server.requests[0]

    return asyncio.run(main())


def test_a_query_is_encoded_value_by_value() -> None:
    _, request = asked(answer(200, page(0)))
    line, _, head = request.partition(b"\r\n")
    assert line.decode() == (
        f"GET /v1/Accounts/{ACCOUNT}/Calls.json?From=%2B918069171234%2C%2B919900000001"
        "&DateCreated=gte%3A2026-11-22%2014%3A00%3A00%3Blte%3A2026-11-22%2015%3A00%3A00"
        "&PageSize=100&After=a%2Fb%2Bc%3D%26d HTTP/1.1"
    )
    assert b"authorization: basic " in head.lower()
    assert head.endswith(b"\r\n\r\n")


def test_xml_is_asked_for_by_the_path_without_json() -> None:
    assert asked(answer(200, page(0)), "xml")[1].startswith(f"GET /v1/Accounts/{ACCOUNT}/Calls?From=".encode())


def test_a_mapping_will_do() -> None:
    async def main() -> bytes:
        async with serving(answering(answer(200, page(0)))) as server, carrier(server.url) as client:
            await client.listing({"Sid": SID}, at_once)
            return server.requests[0]

    assert b"/Calls.json?Sid=" + SID.encode() + b" HTTP/1.1" in asyncio.run(main())


def test_a_page_of_a_hundred_calls_is_read_whole() -> None:
    body = page(100)
    assert len(body) > 64 * 1024
    exchange, _ = asked(answer(200, body))
    assert exchange.complete
    calls = call_list(exchange.body)
    assert calls is not None
    assert len(calls.calls) == 100


def test_an_endless_page_is_cut() -> None:
    async def endless(connection: Connection) -> None:
        await connection.request()
        await connection.send(b"HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n")
        while True:
            await connection.send(b"1000\r\n" + b"x" * 4096 + b"\r\n")

    async def main() -> Exchange:
        async with serving(endless) as server, carrier(server.url) as client:
            return await client.listing(QUERY, at_once)

    exchange = asyncio.run(main())
    assert (len(exchange.body), exchange.complete) == (256 * 1024, False)
    assert call_list(exchange.body) is None


def test_a_next_page_on_another_host_is_asked_for_at_ours() -> None:
    async def main() -> tuple[RawServer, int]:
        behave = answering(answer(200, page(1, NextPageUri="https://evil.example/x?After=m%2Bn&PageSize=1")))
        async with serving(behave) as server, carrier(server.url) as client:
            first = call_list((await client.listing(QUERY, at_once)).body)
            assert first is not None
            assert first.next_query is not None
            await client.listing(first.next_query, at_once)
            return server, server.connections

    server, connections = asyncio.run(main())
    target = server.requests[1].split(b" ")[1].decode()
    assert urlsplit(target).path == f"/v1/Accounts/{ACCOUNT}/Calls.json"
    assert parse_qsl(urlsplit(target).query) == [("After", "m+n"), ("PageSize", "1")]
    assert connections == 1


def test_a_look_up_that_may_not_leave_sends_nothing() -> None:
    async def shut() -> None:
        raise NotLeaving("not now")

    async def main() -> tuple[Exchange, int]:
        async with serving(answering(answer(200, page(0)))) as server, carrier(server.url) as client:
            return await client.listing(QUERY, shut), len(server.requests)

    exchange, requests = asyncio.run(main())
    assert (exchange.bytes_sent, exchange.status, requests) == (False, None, 0)


@pytest.mark.parametrize("status", [302, 401, 429, 500])
def test_an_error_is_an_exchange_and_a_redirect_is_not_followed(status: int) -> None:
    exchange, _ = asked(answer(status, b"no", "Location: http://127.0.0.1:9/"))
    assert (exchange.status, exchange.body) == (status, b"no")
