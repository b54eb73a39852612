"""A connection that breaks after the request, with no answer, half of one, or too much of one."""

import asyncio

import pytest
from contract.carrier_client import against, assert_placement, placed
from contract.raw_carrier import CALL, SID, Connection, answer, serving

from orchestrator.exotel.placement import verdict
from orchestrator.model.outcome import Exchange, Placement


def test_a_close_without_an_answer_is_unknown() -> None:
    async def mute(connection: Connection) -> None:
        await connection.request()

    assert_placement(against(mute), Placement.UNKNOWN, bytes_sent=True)


def test_a_reset_without_an_answer_is_unknown() -> None:
    async def reset(connection: Connection) -> None:
        await connection.request()
        connection.reset()

    assert_placement(against(reset), Placement.UNKNOWN, bytes_sent=True)


@pytest.mark.parametrize(
    "data",
    [
        b"HTTP/1.1 40",
        b"HTTP/1.1 400 Bad Request\r\nContent-Le",
        b"garbage\r\n\r\n",
        b"\x00\xff\xfe",
        b"HTTP/1.1 99999 x\r\n\r\n",
    ],
)
def test_half_a_status_line_or_garbage_is_unknown(data: bytes) -> None:
    async def half(connection: Connection) -> None:
        await connection.request()
        await connection.send(data)

    exchange = against(half)
    assert exchange.status is None
    assert_placement(exchange, Placement.UNKNOWN, bytes_sent=True)


def test_silence_until_the_timeout_is_unknown_and_ends_in_time() -> None:
    async def main() -> tuple[Exchange, float]:
        async with serving(Connection.until_closed) as server:
            start = asyncio.get_running_loop().time()
            exchange = await placed(server.url, within=0.4)
            return exchange, asyncio.get_running_loop().time() - start

    exchange, took = asyncio.run(main())
    assert_placement(exchange, Placement.UNKNOWN, bytes_sent=True)
    assert "waiting for the answer" in (exchange.error or "")
    assert 0.35 < took < 1.5


def test_a_drip_of_an_answer_does_not_stretch_the_timeout() -> None:
    """One deadline for the whole exchange: a byte now and then does not renew it."""

    async def drip(connection: Connection) -> None:
        await connection.request()
        for byte in answer(200, CALL):
            await connection.send(bytes([byte]))
            await asyncio.sleep(0.05)

    assert_placement(against(drip, within=0.5), Placement.UNKNOWN, bytes_sent=True)


def test_half_a_body_of_a_200_is_unknown() -> None:
    async def half(connection: Connection) -> None:
        await connection.request()
        await connection.send(answer(200, CALL)[:-20])

    exchange = against(half)
    assert (exchange.status, exchange.complete) == (200, False)
    assert_placement(exchange, Placement.UNKNOWN, bytes_sent=True)


def test_a_200_that_breaks_off_after_its_whole_document_is_accepted() -> None:
    """The Sid was read from a document that parses: half a document never does."""

    async def cut(connection: Connection) -> None:
        await connection.request()
        await connection.send(answer(200, CALL + b"    ")[:-4])

    exchange = against(cut)
    assert not exchange.complete
    assert_placement(exchange, Placement.ACCEPTED, bytes_sent=True)


@pytest.mark.parametrize(
    ("status", "placement"),
    [(401, Placement.REJECTED), (404, Placement.REJECTED), (429, Placement.THROTTLED), (302, Placement.REJECTED)],
)
def test_a_refusal_whose_body_breaks_off_is_still_a_refusal(status: int, placement: Placement) -> None:
    async def cut(connection: Connection) -> None:
        await connection.request()
        await connection.send(answer(status, b'{"RestException": {"Message": "no"}}')[:-9])

    assert_placement(against(cut), placement, bytes_sent=True)


def test_a_refusal_that_breaks_off_after_naming_a_call_is_unknown() -> None:
    async def cut(connection: Connection) -> None:
        await connection.request()
        await connection.send(answer(400, CALL)[:-30])

    assert_placement(against(cut), Placement.UNKNOWN, bytes_sent=True)


def test_a_500_whose_body_breaks_off_is_unknown() -> None:
    async def cut(connection: Connection) -> None:
        await connection.request()
        await connection.send(answer(500, b"Internal Server Error")[:-5])

    assert_placement(against(cut), Placement.UNKNOWN, bytes_sent=True)


def test_a_chunked_answer_is_read() -> None:
    async def chunked(connection: Connection) -> None:
        await connection.request()
        head = b"HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n"
        middle = len(CALL) // 2
        parts = [b"%x\r\n%s\r\n" % (len(part), part) for part in (CALL[:middle], CALL[middle:])]
        await connection.send(head + b"".join(parts) + b"0\r\n\r\n")
        await connection.until_closed()

    exchange = against(chunked)
    assert exchange.complete
    assert verdict(exchange).facts.sid == SID


def test_a_chunked_answer_without_its_last_chunk_keeps_what_came() -> None:
    async def chunked(connection: Connection) -> None:
        await connection.request()
        head = b"HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n"
        await connection.send(head + b"%x\r\n%s\r\n" % (len(CALL), CALL))

    exchange = against(chunked)
    assert not exchange.complete
    assert_placement(exchange, Placement.ACCEPTED, bytes_sent=True)


def test_an_endless_answer_is_cut_and_the_connection_dropped() -> None:
    async def endless(connection: Connection) -> None:
        await connection.request()
        await connection.send(b"HTTP/1.1 500 Oops\r\nTransfer-Encoding: chunked\r\n\r\n")
        while True:
            await connection.send(b"1000\r\n" + b"x" * 4096 + b"\r\n")

    exchange = against(endless)
    assert (len(exchange.body), exchange.complete) == (64 * 1024, False)
    assert_placement(exchange, Placement.UNKNOWN, bytes_sent=True)


def test_cancellation_goes_through_and_is_not_an_exchange() -> None:
    async def main() -> None:
        async with serving(Connection.until_closed) as server:
            task = asyncio.create_task(placed(server.url))
            await asyncio.sleep(0.1)
            task.cancel()
            with pytest.raises(asyncio.CancelledError):
                await task

    asyncio.run(main())
