"""Connect requests, plain and over TLS: hostile servers, ordinary ones, and an event loop that is busy."""

import asyncio
import contextlib
import socket
import ssl
import threading
import time
from collections.abc import Callable, Iterator
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path

import pytest
from contract.carrier_client import REQUEST, assert_placement, at_once, carrier
from contract.raw_carrier import CALL, SID, Behaviour, Connection, answer, answering, serving
from contract.self_signed import self_signed

from orchestrator.exotel.placement import verdict
from orchestrator.model.call import ConnectRequest
from orchestrator.model.outcome import Exchange, Placement

Tls = ssl.SSLContext | None
CHUNKED = b"HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n%x\r\n%b\r\n0\r\n\r\n" % (len(CALL), CALL)
INTERIM = b"HTTP/1.1 100 Continue\r\n\r\n" * 5
UNTIL_CLOSED = b"HTTP/1.1 200 OK\r\nContent-Type: application/json\r\n\r\n" + CALL


@pytest.fixture(scope="module")
def certificate(tmp_path_factory: pytest.TempPathFactory) -> tuple[Path, ssl.SSLContext]:
    return self_signed(tmp_path_factory.mktemp("certificate"))


@pytest.fixture(params=["plain", "TLS"])
def tls(
    request: pytest.FixtureRequest, certificate: tuple[Path, ssl.SSLContext], monkeypatch: pytest.MonkeyPatch
) -> Tls:
    """What a server of this test encrypts with, and the client trusts; None for a plain one."""
    if request.param == "plain":
        return None
    monkeypatch.setenv("SSL_CERT_FILE", str(certificate[0]))
    return certificate[1]


def url(port: int, tls: Tls) -> str:
    return f"{'https' if tls else 'http'}://127.0.0.1:{port}"


def placed(behave: Behaviour, tls: Tls, times: int = 1, within: float = 5.0) -> tuple[list[Exchange], int, int]:
    """Place calls one after the other on one client; return the exchanges, and what the server counted."""

    async def main() -> tuple[list[Exchange], int, int]:
        async with serving(behave, tls) as server, carrier(url(server.port, tls), within) as client:
            exchanges = [await client.place(REQUEST, at_once) for _ in range(times)]
            return exchanges, server.connections, len(server.requests)

    return asyncio.run(main())


def saying(*pieces: bytes, then: Callable[[Connection], None] | None = None) -> Behaviour:
    """Answer one request piece by piece, then break off."""

    async def behave(connection: Connection) -> None:
        await connection.request()
        for piece in pieces:
            await connection.send(piece)
            await asyncio.sleep(0.01)
        if then is not None:
            then(connection)

    return behave


@pytest.mark.parametrize(
    "reply", [answer(200, CALL), CHUNKED, b"HTTP/1.1 100 Continue\r\n\r\n" * 5 + answer(200, CALL)]
)
def test_a_connection_carries_one_request_after_the_other(reply: bytes, tls: Tls) -> None:
    exchanges, connections, requests = placed(answering(reply), tls, times=5)
    assert [verdict(exchange).facts.sid for exchange in exchanges] == [SID] * 5
    assert (connections, requests) == (1, 5)


def test_a_reply_that_comes_byte_by_byte_is_read(tls: Tls) -> None:
    async def drip(connection: Connection) -> None:
        await connection.request()
        for byte in CHUNKED:
            await connection.send(bytes([byte]))
            await asyncio.sleep(0)
        await connection.until_closed()

    (exchange,), _, _ = placed(drip, tls)
    assert (exchange.complete, verdict(exchange).facts.sid) == (True, SID)


def test_a_reply_that_ends_with_its_connection_is_whole_and_the_next_has_another(tls: Tls) -> None:
    exchanges, connections, requests = placed(saying(UNTIL_CLOSED), tls, times=2)
    assert [(exchange.complete, verdict(exchange).facts.sid) for exchange in exchanges] == [(True, SID)] * 2
    assert (connections, requests) == (2, 2)


def test_an_early_reply_leaves_no_connection_on_which_the_rest_of_its_request_would_follow(tls: Tls) -> None:
    async def early(connection: Connection) -> None:
        await connection.reader.readexactly(1000)
        await connection.send(answer(200, CALL))
        await connection.until_closed()

    large = ConnectRequest((*REQUEST.pairs, ("CustomField", "x" * 20_000_000)))

    async def main() -> tuple[list[Exchange], int]:
        async with serving(early, tls) as server, carrier(url(server.port, tls)) as client:
            return [await client.place(large, at_once) for _ in range(2)], server.connections

    exchanges, connections = asyncio.run(main())
    assert [verdict(exchange).facts.sid for exchange in exchanges] == [SID, SID]
    assert connections == 2


@pytest.mark.parametrize("cut", [3, 40, 200])
@pytest.mark.parametrize("reply", [answer(200, CALL), CHUNKED])
@pytest.mark.parametrize("go", [None, Connection.reset])
def test_a_reply_that_breaks_off_is_unknown(
    reply: bytes, cut: int, go: Callable[[Connection], None] | None, tls: Tls
) -> None:
    (exchange,), connections, requests = placed(saying(reply[:-cut], then=go), tls)
    body_begun = b'{"Call"' in reply[:-cut]
    assert exchange.bytes_sent
    assert not exchange.complete
    assert exchange.error
    assert exchange.status == (200 if body_begun else None)
    if CALL not in reply[:-cut]:
        assert_placement(exchange, Placement.UNKNOWN, bytes_sent=True)
    assert (connections, requests) == (1, 1)


@pytest.mark.parametrize(
    "begin",
    [
        b"HTTP/1.1 200 OK\r\nX: ",
        b"HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n1;",
        b"HTTP/1.1 200 OK\r\n\r\n",
        b"HTTP/1.1 ",
    ],
)
def test_an_endless_reply_ends_long_before_its_time(begin: bytes, tls: Tls) -> None:
    async def endless(connection: Connection) -> None:
        await connection.request()
        await connection.send(begin)
        while True:
            await connection.send(b"x" * 8192)

    start = time.monotonic()
    (exchange,), _, _ = placed(endless, tls, within=20.0)
    assert time.monotonic() - start < 10
    assert_placement(exchange, Placement.UNKNOWN, bytes_sent=True)
    assert len(exchange.body) <= 64 * 1024


def test_many_calls_at_a_time_have_as_many_connections_and_each_its_own_answer(tls: Tls) -> None:
    """Each answer tells which request it belongs to."""

    async def tell(connection: Connection) -> None:
        while (request := await connection.request()) is not None:
            await asyncio.sleep(0.05)
            boundary = request.partition(b"boundary=")[2].partition(b"\r\n")[0]
            await connection.send(answer(200, CALL, f"X-Boundary: {boundary.decode()}"))

    async def main() -> tuple[list[Exchange], int, int]:
        async with serving(tell, tls) as server, carrier(url(server.port, tls)) as client:
            exchanges: list[Exchange] = []
            for _ in range(2):
                exchanges += await asyncio.gather(*(client.place(REQUEST, at_once) for _ in range(20)))
            return exchanges, server.connections, len({exchange.headers["x-boundary"] for exchange in exchanges})

    exchanges, connections, answers = asyncio.run(main())
    assert {verdict(exchange).placement for exchange in exchanges} == {Placement.ACCEPTED}
    assert (connections, answers) == (20, 40)


def test_a_server_that_is_cancelled_upon_leaves_no_connection_open(tls: Tls) -> None:
    """Whether the call was being connected, waited for its turn, or was sent."""
    gone: list[bool] = []

    async def main() -> None:
        async def watch(connection: Connection) -> None:
            await connection.until_closed()
            gone.append(True)

        async def for_ever() -> None:
            await asyncio.sleep(60)

        async with serving(watch, tls) as server, carrier(url(server.port, tls)) as client:
            tasks = [asyncio.create_task(client.place(REQUEST, leave)) for leave in (at_once, for_ever)]
            await asyncio.sleep(0.2)
            for task in tasks:
                task.cancel()
                with pytest.raises(asyncio.CancelledError):
                    await task
            await asyncio.sleep(0.1)
            assert server.connections == 2

    asyncio.run(main())
    assert gone == [True, True]


def test_a_turn_that_comes_too_late_sends_nothing(tls: Tls) -> None:
    async def main() -> tuple[Exchange, int, float]:
        async with serving(answering(answer(200, CALL)), tls) as server, carrier(url(server.port, tls), 30.0) as client:
            start = time.monotonic()
            exchange = await client.place(REQUEST, lambda: asyncio.sleep(5))
            return exchange, len(server.requests), time.monotonic() - start

    exchange, requests, took = asyncio.run(main())
    assert_placement(exchange, Placement.UNREACHED, bytes_sent=False)
    assert "waiting for its turn" in (exchange.error or "")
    assert (requests, took < 2.0) == (0, True)


# Servers that live outside this event loop


class Handler(BaseHTTPRequestHandler):
    protocol_version = "HTTP/1.1"

    def do_POST(self) -> None:
        self.rfile.read(int(self.headers.get("Content-Length", 0)))
        self.send_response(200)
        self.send_header("Content-Type", "application/json")
        self.send_header("Content-Length", str(len(CALL)))
        self.end_headers()
        self.wfile.write(CALL)

    def do_GET(self) -> None:
        self.do_POST()

    def log_message(self, *_: object) -> None:
        pass


@contextlib.contextmanager
def pythons_own_server(tls: Tls, handler: type[Handler] = Handler) -> Iterator[int]:
    server = ThreadingHTTPServer(("127.0.0.1", 0), handler)
    server.daemon_threads = True
    if tls is not None:
        server.socket = tls.wrap_socket(server.socket, server_side=True)
    thread = threading.Thread(target=server.serve_forever, kwargs={"poll_interval": 0.02})
    thread.start()
    try:
        yield server.server_port
    finally:
        server.shutdown()
        thread.join()
        server.server_close()


def test_pythons_own_server_answers_call_after_call(tls: Tls) -> None:
    async def main(port: int) -> list[Exchange]:
        async with carrier(url(port, tls)) as client:
            return [
                exchange
                for _ in range(3)
                for exchange in await asyncio.gather(*(client.place(REQUEST, at_once) for _ in range(8)))
            ]

    with pythons_own_server(tls) as port:
        exchanges = asyncio.run(main(port))
    assert [verdict(exchange).facts.sid for exchange in exchanges] == [SID] * 24
    assert {exchange.headers["content-type"] for exchange in exchanges} == {"application/json"}


@contextlib.contextmanager
def closing_when_told(tls: Tls) -> Iterator[tuple[int, Callable[[], None]]]:
    """A server of its own threads, and what has it close the connection of its first answer; it closes later ones."""
    told, closed = threading.Event(), threading.Event()

    class Closes(Handler):
        def do_POST(self) -> None:
            super().do_POST()
            self.wfile.flush()
            told.wait(10)
            self.close_connection = True

        def handle(self) -> None:
            super().handle()
            self.server.shutdown_request(self.request)
            closed.set()

    def close() -> None:
        told.set()
        assert closed.wait(10)
        time.sleep(0.05)  # what was closed arrives

    with pythons_own_server(tls, Closes) as port:
        yield port, close


@pytest.mark.parametrize("kind", ["dial", "look-up"])
def test_a_connection_that_was_closed_while_the_event_loop_was_busy_is_not_written_to(kind: str, tls: Tls) -> None:
    """The loop has not heard of it yet: the socket is asked."""

    async def main(port: int) -> list[Exchange]:
        async with carrier(url(port, tls)) as client:

            async def busy() -> None:
                close()  # in the loop's own thread: that is the point

            return [
                await (client.place(REQUEST, leave) if kind == "dial" else client.details(SID, leave))
                for leave in (at_once, busy, at_once)
            ]

    with closing_when_told(tls) as (port, close):
        first, second, third = asyncio.run(main(port))
    assert [verdict(exchange).facts.sid for exchange in (first, third)] == [SID, SID]
    assert_placement(second, Placement.UNREACHED, bytes_sent=False)
    assert "Stale" in (second.error or "")


def test_a_connection_that_was_closed_while_the_event_loop_was_busy_is_not_even_taken(tls: Tls) -> None:
    async def main(port: int) -> list[Exchange]:
        async with carrier(url(port, tls)) as client:
            first = await client.place(REQUEST, at_once)
            close()  # in the loop's own thread: that is the point
            return [first, await client.place(REQUEST, at_once)]

    with closing_when_told(tls) as (port, close):
        exchanges = asyncio.run(main(port))
    assert [verdict(exchange).facts.sid for exchange in exchanges] == [SID, SID]


@contextlib.contextmanager
def answering_after(seconds: float, tls: Tls) -> Iterator[int]:
    """A server of its own thread, which answers one request so late."""

    def serve() -> None:
        with contextlib.suppress(OSError):
            accepted, _ = listener.accept()
            with tls.wrap_socket(accepted, server_side=True) if tls else accepted as connection:
                connection.settimeout(5)
                connection.recv(65536)  # a request is written in one piece
                time.sleep(seconds)
                connection.sendall(answer(200, CALL))
                connection.recv(65536)

    with socket.create_server(("127.0.0.1", 0)) as listener:
        listener.settimeout(5)
        thread = threading.Thread(target=serve)
        thread.start()
        try:
            yield listener.getsockname()[1]
        finally:
            listener.close()
            thread.join()


@pytest.mark.parametrize("kind", ["dial", "look-up"])
def test_an_answer_that_came_in_time_is_heard_though_the_event_loop_was_busy_past_it(kind: str, tls: Tls) -> None:
    """It lay in the socket when the time-out was due: that was this process's slowness, and not the carrier's."""

    async def main(port: int) -> Exchange:
        async with carrier(url(port, tls), timeout=0.5) as client:

            async def leave() -> None:
                asyncio.get_running_loop().call_later(0.1, time.sleep, 0.8)

            return await (client.place(REQUEST, leave) if kind == "dial" else client.details(SID, leave))

    with answering_after(0.2, tls) as port:
        exchange = asyncio.run(main(port))
    assert (exchange.error, exchange.complete) == (None, True)
    assert verdict(exchange).facts.sid == SID


@pytest.mark.parametrize("kind", ["dial", "look-up"])
def test_the_clock_of_an_answer_starts_when_its_request_has_left(kind: str, tls: Tls) -> None:
    """What the connection and the wait for its turn took is not the carrier's time."""

    async def main(port: int) -> Exchange:
        async with carrier(url(port, tls), timeout=0.6) as client:

            async def leave() -> None:
                await asyncio.sleep(0.4)

            return await (client.place(REQUEST, leave) if kind == "dial" else client.details(SID, leave))

    with answering_after(0.4, tls) as port:
        exchange = asyncio.run(main(port))
    assert (exchange.error, verdict(exchange).facts.sid) == (None, SID)
