"""Every status of the source's list, through a real socket, proves what docs/guarantees.md says."""

import asyncio

import pytest
from contract.carrier_client import placed
from contract.raw_carrier import CALL, SID, answer, answering, serving

from orchestrator.exotel.placement import verdict
from orchestrator.model.outcome import Exchange, Placement, Verdict

EXCEPTION = b'{"RestException": {"Status": 400, "Message": "the carrier\'s own words"}}'
XML_CALL = f"<?xml version='1.0'?><TwilioResponse><Call><Sid>{SID}</Sid></Call></TwilioResponse>".encode()
HTML = b"<html><head><title>502 Bad Gateway</title></head><body>nginx</body></html>"


def judged(data: bytes) -> tuple[Exchange, Verdict]:
    async def main() -> Exchange:
        async with serving(answering(data)) as server:
            exchange = await placed(server.url)
            assert len(server.requests) == 1
            return exchange

    exchange = asyncio.run(main())
    return exchange, verdict(exchange)


@pytest.mark.parametrize("status", [200, 201, 202])
@pytest.mark.parametrize("body", [CALL, XML_CALL])
def test_a_2xx_with_a_sid_is_accepted(status: int, body: bytes) -> None:
    exchange, judgement = judged(answer(status, body))
    assert (exchange.status, exchange.bytes_sent, exchange.complete, exchange.error) == (status, True, True, None)
    assert judgement.placement is Placement.ACCEPTED
    assert judgement.facts.sid == SID


@pytest.mark.parametrize("body", [b"", b"OK", HTML, b'{"Call": {"Sid": null}}', b'{"Call": {"Status": "queued"}}'])
@pytest.mark.parametrize("status", [200, 202])
def test_a_2xx_without_a_readable_sid_is_unknown(status: int, body: bytes) -> None:
    assert judged(answer(status, body))[1].placement is Placement.UNKNOWN


@pytest.mark.parametrize("status", [400, 404, 409, 405, 410, 415, 422, 451])
def test_a_plain_4xx_is_rejected_without_stopping_the_run(status: int) -> None:
    _, judgement = judged(answer(status, EXCEPTION))
    assert (judgement.placement, judgement.account_problem) == (Placement.REJECTED, False)
    assert "the carrier's own words" in (judgement.message or "")


@pytest.mark.parametrize("status", [401, 402, 403])
def test_a_permission_answer_is_rejected_on_the_accounts_side(status: int) -> None:
    _, judgement = judged(answer(status, EXCEPTION))
    assert (judgement.placement, judgement.account_problem) == (Placement.REJECTED, True)


@pytest.mark.parametrize("status", [301, 302, 303, 304, 307, 308])
def test_a_redirect_is_never_followed_and_stops_the_run(status: int) -> None:
    async def main() -> None:
        async with serving(answering(answer(200, CALL))) as elsewhere:
            redirect = answer(status, b"", f"Location: {elsewhere.url}/stolen?token=x")
            async with serving(answering(redirect)) as server:
                exchange = await placed(server.url)
            judgement = verdict(exchange)
            assert (judgement.placement, judgement.account_problem) == (Placement.REJECTED, True)
            assert "127.0.0.1" in (judgement.message or "")
            assert "token=x" not in (judgement.message or "")
            assert elsewhere.connections == 0

    asyncio.run(main())


def test_429_is_throttled_and_tells_the_wait() -> None:
    _, judgement = judged(answer(429, EXCEPTION, "Retry-After: 30"))
    assert (judgement.placement, judgement.retry_after) == (Placement.THROTTLED, 30.0)


@pytest.mark.parametrize("status", [500, 501, 502, 503, 504, 520, 599, 408, 425])
@pytest.mark.parametrize("body", [EXCEPTION, HTML])
def test_a_5xx_408_and_425_are_unknown(status: int, body: bytes) -> None:
    exchange, judgement = judged(answer(status, body))
    assert exchange.bytes_sent
    assert (judgement.placement, judgement.account_problem) == (Placement.UNKNOWN, False)


@pytest.mark.parametrize("status", [400, 401, 404, 409, 429])
def test_a_4xx_whose_body_holds_a_call_sid_is_unknown(status: int) -> None:
    _, judgement = judged(answer(status, CALL))
    assert (judgement.placement, judgement.facts.sid) == (Placement.UNKNOWN, SID)


@pytest.mark.parametrize("status", [100, 102, 103])
def test_an_interim_answer_and_nothing_after_it_is_unknown(status: int) -> None:
    async def main() -> Exchange:
        async def interim_only(connection: object) -> None:
            await connection.request()  # type: ignore[attr-defined]
            await connection.send(f"HTTP/1.1 {status} Interim\r\n\r\n".encode())  # type: ignore[attr-defined]

        async with serving(interim_only) as server:
            return await placed(server.url)

    exchange = asyncio.run(main())
    assert (exchange.bytes_sent, exchange.status) == (True, None)
    assert verdict(exchange).placement is Placement.UNKNOWN


def test_an_interim_answer_before_the_real_one_is_passed_over() -> None:
    _, judgement = judged(b"HTTP/1.1 100 Continue\r\n\r\n" + answer(200, CALL))
    assert judgement.placement is Placement.ACCEPTED


def test_switching_protocols_is_unknown() -> None:
    exchange, judgement = judged(b"HTTP/1.1 101 Switching Protocols\r\nUpgrade: x\r\nConnection: upgrade\r\n\r\n")
    assert exchange.bytes_sent
    assert judgement.placement is Placement.UNKNOWN
