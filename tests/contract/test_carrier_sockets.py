"""A connection that breaks before or during the request: what was sent is known, not guessed."""

import asyncio
import contextlib
import socket
from collections.abc import Iterator

import pytest
from contract.carrier_client import REQUEST, against, assert_placement, placed
from contract.raw_carrier import CALL, Connection, answer, answering, serving

from orchestrator.model.call import ConnectRequest
from orchestrator.model.outcome import Exchange, Placement

LARGE = ConnectRequest((*REQUEST.pairs, ("CustomField", "x" * 20_000_000)))
"""Larger than the sockets' buffers, so that it cannot leave in one piece."""


# Before the request


def test_a_refused_port_is_unreached() -> None:
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        port = free.getsockname()[1]
    exchange = asyncio.run(placed(f"http://127.0.0.1:{port}"))
    assert_placement(exchange, Placement.UNREACHED, bytes_sent=False)
    assert "connecting" in (exchange.error or "")


def test_a_name_that_does_not_resolve_is_unreached() -> None:
    assert_placement(asyncio.run(placed("https://nonexistent.invalid")), Placement.UNREACHED, bytes_sent=False)


def test_a_name_that_cannot_be_one_is_unreached() -> None:
    exchange = asyncio.run(placed(f"https://{'x' * 70}.invalid"))
    assert_placement(exchange, Placement.UNREACHED, bytes_sent=False)


@contextlib.contextmanager
def full_backlog() -> Iterator[int]:
    """A port whose queue of connections is full: a new one is neither accepted nor refused."""
    with contextlib.ExitStack() as stack:
        listener = stack.enter_context(socket.socket())
        listener.bind(("127.0.0.1", 0))
        listener.listen(0)
        for _ in range(3):
            filler = stack.enter_context(socket.socket())
            filler.setblocking(False)
            filler.connect_ex(listener.getsockname())
        yield listener.getsockname()[1]


def test_a_connect_that_hangs_is_unreached_within_two_seconds() -> None:
    """At most 2 s may pass between an intent's commit and the first byte, whatever the time-out is."""

    async def main(port: int) -> tuple[Exchange, float]:
        start = asyncio.get_running_loop().time()
        exchange = await placed(f"http://127.0.0.1:{port}", within=30.0)
        return exchange, asyncio.get_running_loop().time() - start

    with full_backlog() as port:
        exchange, took = asyncio.run(main(port))
    assert_placement(exchange, Placement.UNREACHED, bytes_sent=False)
    assert took < 2.0


def test_an_address_that_is_dead_keeps_no_request_from_the_name_s_next_one(monkeypatch: pytest.MonkeyPatch) -> None:
    async def main(dead: int) -> Exchange:
        async with serving(answering(answer(200, CALL))) as server:
            found = [(socket.AF_INET, socket.SOCK_STREAM, 6, "", ("127.0.0.1", port)) for port in (dead, server.port)]
            monkeypatch.setattr(socket, "getaddrinfo", lambda *_, **__: found)
            return await placed("http://two-addresses.localhost")

    with full_backlog() as dead:
        exchange = asyncio.run(main(dead))
    assert_placement(exchange, Placement.ACCEPTED, bytes_sent=True)


def test_a_tls_handshake_with_a_plain_server_is_unreached() -> None:
    async def plain(connection: Connection) -> None:
        await connection.reader.read(10)
        await connection.send(answer(400, b"this is not TLS"))

    exchange = against(plain, scheme="https")
    assert_placement(exchange, Placement.UNREACHED, bytes_sent=False)
    assert "TLS handshake" in (exchange.error or "")


def test_a_tls_handshake_that_hangs_is_unreached() -> None:
    exchange = against(Connection.until_closed, within=0.4, scheme="https")
    assert_placement(exchange, Placement.UNREACHED, bytes_sent=False)


def test_a_tls_handshake_that_is_reset_is_unreached() -> None:
    async def reset(connection: Connection) -> None:
        await connection.reader.read(10)
        connection.reset()

    assert_placement(against(reset, scheme="https"), Placement.UNREACHED, bytes_sent=False)


# During the request


def test_a_server_that_closes_before_reading_leaves_it_unknown() -> None:
    """The connection stood and the request was written: that nobody read it cannot be seen from here."""

    async def close(_: Connection) -> None:
        return

    assert_placement(against(close), Placement.UNKNOWN, bytes_sent=True)


def test_a_reset_in_the_middle_of_the_body_leaves_it_unknown() -> None:
    async def reset(connection: Connection) -> None:
        await connection.reader.readexactly(5000)
        connection.reset()

    assert_placement(against(reset, request=LARGE), Placement.UNKNOWN, bytes_sent=True)


def test_a_server_that_stops_reading_in_the_middle_of_the_body_leaves_it_unknown() -> None:
    async def stall(connection: Connection) -> None:
        connection.writer.transport.pause_reading()  # type: ignore[attr-defined]
        await asyncio.sleep(30)

    exchange = against(stall, within=0.5, request=LARGE)
    assert_placement(exchange, Placement.UNKNOWN, bytes_sent=True)
    assert "sending the request" in (exchange.error or "")


def test_an_early_answer_while_the_body_is_still_being_sent_is_heard() -> None:
    async def refuse(connection: Connection) -> None:
        await connection.reader.readexactly(1000)
        await connection.send(answer(413, b"too large"))
        connection.writer.write_eof()
        await connection.until_closed()

    exchange = against(refuse, request=LARGE)
    assert exchange.status == 413
    assert_placement(exchange, Placement.REJECTED, bytes_sent=True)
