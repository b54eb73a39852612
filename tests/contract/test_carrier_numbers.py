"""A question about a number through a real socket: what leaves, byte by byte, and what is read of the answer."""

import asyncio

import pytest
from contract.carrier_client import ACCOUNT, at_once, carrier
from contract.raw_carrier import answer, answering, serving

from orchestrator.exotel.replies import dnd_mark
from orchestrator.model.errors import NotLeaving
from orchestrator.model.number import DndMark
from orchestrator.model.outcome import Exchange

NUMBER = "+919900000001"
KNOWN = b'{"Numbers": {"PhoneNumber": "09900000001", "Circle": "KA", "Type": "Mobile", "DND": "Yes"}}'


def asked(answered: bytes, number: str = NUMBER, response: str = "json") -> tuple[Exchange, bytes]:
    async def main() -> tuple[Exchange, bytes]:
        async with serving(answering(answered)) as server, carrier(server.url, response=response) as client:
            return await client.number(number, at_once), server.requests[0]

    return asyncio.run(main())


def test_the_number_is_part_of_the_path_and_encoded() -> None:
    exchange, request = asked(answer(200, KNOWN))
    line, _, head = request.partition(b"\r\n")
    assert line.decode() == f"GET /v1/Accounts/{ACCOUNT}/Numbers/%2B919900000001.json HTTP/1.1"
    assert b"authorization: basic " in head.lower()
    assert head.endswith(b"\r\n\r\n")
    assert dnd_mark(exchange.body, NUMBER) is DndMark.YES


def test_xml_is_asked_for_by_the_path_without_json() -> None:
    line = asked(answer(200, KNOWN), response="xml")[1].partition(b"\r\n")[0]
    assert line.decode() == f"GET /v1/Accounts/{ACCOUNT}/Numbers/%2B919900000001 HTTP/1.1"


def test_a_number_cannot_lead_to_another_path() -> None:
    line = asked(answer(200, KNOWN), number="../Calls/connect?x")[1].partition(b"\r\n")[0]
    assert line.decode() == f"GET /v1/Accounts/{ACCOUNT}/Numbers/..%2FCalls%2Fconnect%3Fx.json HTTP/1.1"


@pytest.mark.parametrize("status", [302, 401, 404, 429, 503])
def test_an_error_is_an_exchange_and_a_redirect_is_not_followed(status: int) -> None:
    exchange, _ = asked(answer(status, b"no", "Location: http://127.0.0.1:9/"))
    assert (exchange.status, exchange.body, exchange.complete) == (status, b"no", True)


def test_an_answer_that_breaks_off_is_not_complete() -> None:
    broken = answer(200, KNOWN).replace(b"Content-Length: ", b"Content-Length: 9")

    async def main() -> Exchange:
        async with serving(answering(broken)) as server, carrier(server.url, timeout=0.5) as client:
            return await client.number(NUMBER, at_once)

    exchange = asyncio.run(main())
    assert (exchange.status, exchange.complete) == (200, False)
    assert exchange.error


def test_a_question_that_may_not_leave_sends_nothing() -> None:
    async def shut() -> None:
        raise NotLeaving("not now")

    async def main() -> tuple[Exchange, int]:
        async with serving(answering(answer(200, KNOWN))) as server, carrier(server.url) as client:
            return await client.number(NUMBER, shut), len(server.requests)

    exchange, requests = asyncio.run(main())
    assert (exchange.bytes_sent, exchange.status, requests) == (False, None, 0)
