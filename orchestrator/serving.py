"""Serves an ASGI application from inside a running event loop: the receiver's and the sandbox's one socket.

It has at most so many connections, none idle or slow for long, and always room for a new one: whoever connects and
says nothing, or says it byte by byte, must not keep a callback from being received. So the server accepts connections
itself: where as many stand as it may have, the one that has been idle longest is closed first. The process keeps
descriptors for all else that it opens: the journal, its lock, connections to the carrier.
"""

import asyncio
import contextlib
import errno
import logging
import resource
import socket
import time
import traceback
from collections.abc import AsyncIterator
from pathlib import Path
from typing import Any

import uvicorn
from uvicorn.protocols.http.h11_impl import H11Protocol

MOST_CONNECTIONS, FEWEST_CONNECTIONS = 1024, 4
"""Connections of one server, at most and at least."""

DESCRIPTORS_SHARED = 4
"""A server takes at most one in so many of the descriptors that are free when it starts."""

HEAD_WITHIN = 10.0
"""Seconds for the head of a request to arrive: of the first since the connection stands, of others since they began."""

BODY_WITHIN = 20.0
"""Seconds for a body to arrive whole. The receiver's own deadline, which is shorter, gives an answer."""

CLIENT_READS_WITHIN = 30.0
"""Seconds for a client to take what it asked for."""

NEW_SPARED_FOR = 0.05
"""Seconds for which a new connection is not closed for another one: as long as a request takes to be read."""

CLOSED_ONE_IN = 32
"""One in so many of the connections that may stand is closed at a time: a flood must not cost a search for each."""

SWEEP_EVERY = 0.5
"""Seconds between two looks for connections whose time is over."""

TICK = 0.1
"""Seconds between two ticks of a server, of which ten make a second to uvicorn."""

ANSWERED_WITHIN = 1.0
"""Seconds for which a server that ends waits for the requests under way."""

SAID_AGAIN_AFTER = 60.0
"""Seconds between two lines about the same trouble."""

OUT_OF_DESCRIPTORS = (errno.EMFILE, errno.ENFILE, errno.ENOBUFS, errno.ENOMEM)

logger = logging.getLogger(__name__)


class _Server(uvicorn.Server):
    """A server that ends as soon as it may: uvicorn's own looks but ten times a second whether it should, and has.

    It leaves the process's signals alone: the engine decides what SIGINT means.
    """

    def __init__(self, config: uvicorn.Config) -> None:
        super().__init__(config)
        self._over = asyncio.Event()

    @contextlib.contextmanager
    def capture_signals(self) -> Any:
        yield

    def end(self) -> None:
        """Take no further request, and let `serve` return once those under way are answered."""
        self.should_exit = True
        self._over.set()

    async def main_loop(self) -> None:
        """Keep the date of the answers until the end."""
        ticks = 0
        while not await self.on_tick(ticks):
            ticks += 1
            with contextlib.suppress(TimeoutError):
                async with asyncio.timeout(TICK):
                    await self._over.wait()

    async def shutdown(self, sockets: list[socket.socket] | None = None) -> None:
        """Let the requests under way be answered; those that take too long answer that the server ends."""
        state, ends = self.server_state, time.monotonic() + ANSWERED_WITHIN
        for connection in list(state.connections):
            connection.shutdown()
        while (state.connections or state.tasks) and time.monotonic() < ends:  # noqa: ASYNC110 - uvicorn's own sets
            await asyncio.sleep(0.002)
        for task in state.tasks:
            task.cancel()


def _answering(app: Any) -> Any:
    """Return `app`, which answers 503 where the server ends under it and 500 where it fails, in one line each."""

    async def answering(scope: Any, receive: Any, send: Any) -> None:
        try:
            await app(scope, receive, send)
        except asyncio.CancelledError:
            await _answer(send, 503)
        except Exception as bug:  # noqa: BLE001 - reported without its traceback, which may hold what was received
            where = traceback.extract_tb(bug.__traceback__)[-1]
            place = f"{Path(where.filename).name}, line {where.lineno}"
            logger.error("a bug of ours: %s in %s", type(bug).__name__, place)  # noqa: TRY400 - as said
            await _answer(send, 500)

    return answering


async def _answer(send: Any, status: int) -> None:
    """Answer with a bare status, unless an answer was begun."""
    with contextlib.suppress(RuntimeError):
        headers = [(b"content-length", b"0"), (b"connection", b"close")]
        await send({"type": "http.response.start", "status": status, "headers": headers})
        await send({"type": "http.response.body", "body": b""})


@contextlib.asynccontextmanager
async def serve(app: Any, host: str, port: int) -> AsyncIterator[int]:
    """Serve `app` on `host`:`port` (0 picks a free one) while the context is open; yields the port.

    Raises OSError where the address cannot be bound. Access logs are off: they would print query strings.
    """
    family = socket.AF_INET6 if ":" in host else socket.AF_INET
    # The protocol must be named: asyncio turns Nagle off only then, and Nagle costs 40 ms a reply.
    listener = socket.socket(family, socket.SOCK_STREAM, socket.IPPROTO_TCP)
    try:
        listener.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        listener.bind((host, port))
        listener.listen(1024)
        listener.setblocking(False)
    except OSError:
        listener.close()
        raise
    config = uvicorn.Config(
        _answering(app),
        access_log=False,
        log_config=None,
        http="h11",
        log_level="critical",  # below it a stranger's malformed request is a line on our stderr, or a traceback
        lifespan="off",
        timeout_keep_alive=30,
    )
    server = _Server(config)
    serving = asyncio.create_task(server.serve(sockets=[]))  # it accepts nothing by itself
    while not server.started and not serving.done():  # noqa: ASYNC110 - uvicorn shows its start by a flag only
        await asyncio.sleep(0.005)
    acceptor = Acceptor(server, listener)
    tasks = [asyncio.create_task(acceptor.accept()), asyncio.create_task(acceptor.sweep())]
    try:
        yield int(listener.getsockname()[1])
    finally:
        for task in tasks:
            task.cancel()
        await asyncio.gather(*tasks, return_exceptions=True)
        listener.close()
        server.end()
        await serving
        acceptor.close()


class HttpConnection(H11Protocol):
    """One connection, which knows since when it is as it is."""

    def __init__(self, config: uvicorn.Config, server: uvicorn.Server) -> None:
        super().__init__(config, server.server_state, {})
        self.since = time.monotonic()  # it stands, or answered last
        self._begun: float | None = self.since  # the head that is arriving
        self._head = self._stalled = 0.0
        self._known: Any = None

    @property
    def is_at_work(self) -> bool:
        """Whether a request is being answered."""
        return self.cycle is not None and not self.cycle.response_complete

    @property
    def is_sending_body(self) -> bool:
        """Whether the rest of a request's body is waited for."""
        return self.is_at_work and self.cycle.more_body

    @property
    def ends(self) -> float:
        """When its time is over, by the monotonic clock; idle ones end by uvicorn's timer."""
        if self.flow is not None and self.flow.write_paused:
            return self._stalled + CLIENT_READS_WITHIN
        if self.is_sending_body:
            return self._head + BODY_WITHIN
        if self.is_at_work:
            return float("inf")
        if self.transport is not None and self.transport.is_closing():
            return self.since + HEAD_WITHIN
        return float("inf") if self._begun is None else self._begun + HEAD_WITHIN

    def data_received(self, data: bytes) -> None:
        """Take note of when a head began, and when it was whole."""
        if not self.is_at_work and self._begun is None:
            self._begun = time.monotonic()
        super().data_received(data)
        self._note_request()

    def on_response_complete(self) -> None:
        """Take note that it is idle from now on, unless the next request has arrived already."""
        self.since, self._begun = time.monotonic(), None
        super().on_response_complete()
        self._note_request()

    def pause_writing(self) -> None:
        """Take note of since when the client does not read."""
        self._stalled = time.monotonic()
        super().pause_writing()

    def abort(self) -> None:
        """Close it at once, whatever is still to be sent."""
        if self.transport is not None:
            self.transport.abort()

    def _note_request(self) -> None:
        if self.cycle is not self._known:
            self._known, self._head, self._begun = self.cycle, time.monotonic(), None


class Acceptor:
    """Accepts the connections of one server, until it is closed."""

    def __init__(self, server: uvicorn.Server, listener: socket.socket) -> None:
        self._server, self._listener = server, listener
        self._most = capacity()
        self._troubles: dict[str, _Trouble] = {}

    async def accept(self) -> None:
        """Accept for ever; cancelled by the server's end."""
        loop = asyncio.get_running_loop()
        while True:
            if len(self._server.server_state.connections) >= self._most:
                await self._make_room(f"{self._most} connections stand, as many as may")
                continue
            try:
                accepted, _ = await loop.sock_accept(self._listener)
                await loop.connect_accepted_socket(lambda: HttpConnection(self._server.config, self._server), accepted)
            except OSError as problem:  # the other one has gone again, unless it is us
                if problem.errno in OUT_OF_DESCRIPTORS:
                    await self._make_room("the process has no descriptor left")
            except Exception as bug:  # noqa: BLE001 - one connection may fail, and the next one must be heard
                logger.error("a bug of ours: a connection could not be taken: %s", type(bug).__name__)  # noqa: TRY400
                await asyncio.sleep(NEW_SPARED_FOR)

    async def sweep(self) -> None:
        """Close for ever what takes too long; cancelled by the server's end."""
        while True:
            await asyncio.sleep(SWEEP_EVERY)
            now = time.monotonic()
            for connection in self._all():
                if connection.ends <= now:
                    connection.abort()

    def close(self) -> None:
        """Close what still stands."""
        for connection in self._all():
            connection.abort()

    async def _make_room(self, why: str) -> None:
        """Close what has been idle longest, else the slowest body; wait where all are at work."""
        long_enough = time.monotonic() - NEW_SPARED_FOR
        idle = [one for one in self._all() if not one.is_at_work and one.since <= long_enough]
        slow = [one for one in self._all() if one.is_sending_body and one.ends <= long_enough + BODY_WITHIN]
        if idle:
            victims = sorted(idle, key=lambda one: one.since)[: max(1, self._most // CLOSED_ONE_IN)]
        else:
            victims = sorted(slow, key=lambda one: one.ends)[:1]
        for victim in victims:
            victim.abort()
        if victims:
            self._troubles.setdefault(why, _Trouble()).note(why, len(victims))
        await asyncio.sleep(0.001 if victims else NEW_SPARED_FOR / 5)

    def _all(self) -> list[HttpConnection]:
        return [one for one in self._server.server_state.connections if isinstance(one, HttpConnection)]


class _Trouble:
    """One line from time to time about what happens often."""

    def __init__(self) -> None:
        self._times, self._again = 0, float("-inf")

    def note(self, why: str, times: int) -> None:
        self._times += times
        now = time.monotonic()
        if now < self._again:
            return
        logger.warning(
            "%s: the oldest idle ones are closed for new ones (%d since this was said last)", why, self._times
        )
        self._times, self._again = 0, now + SAID_AGAIN_AFTER


def capacity() -> int:
    """Return how many connections a server may have, so that the rest of the process has room for what it opens."""
    soft, hard = resource.getrlimit(resource.RLIMIT_NOFILE)
    wanted = 8 * MOST_CONNECTIONS
    if soft != resource.RLIM_INFINITY and soft < wanted and soft != hard:
        soft = wanted if hard == resource.RLIM_INFINITY else min(hard, wanted)
        resource.setrlimit(resource.RLIMIT_NOFILE, (soft, hard))
    if soft == resource.RLIM_INFINITY:
        return MOST_CONNECTIONS
    return max(
        FEWEST_CONNECTIONS, min(MOST_CONNECTIONS, (soft - len(list(Path("/dev/fd").iterdir()))) // DESCRIPTORS_SHARED)
    )
