"""Serves an ASGI application from inside a running event loop: the receiver's and the sandbox's one socket."""

import asyncio
import contextlib
import logging
import socket
import traceback
from collections.abc import AsyncIterator
from pathlib import Path
from typing import Any

import uvicorn

from orchestrator.serving.connections import Acceptor

logger = logging.getLogger(__name__)


class _Server(uvicorn.Server):
    """A server that leaves the process's signals alone: the engine decides what SIGINT means."""

    @contextlib.contextmanager
    def capture_signals(self) -> Any:
        yield


def _answering(app: Any) -> Any:
    """Return `app`, which answers 503 where the server ends under it and 500 where it fails, in one line each."""

    async def answering(scope: Any, receive: Any, send: Any) -> None:
        try:
            await app(scope, receive, send)
        except asyncio.CancelledError:
            await _answer(send, 503)
        except Exception as bug:  # noqa: BLE001 - told without its traceback, which may hold what was received
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
        timeout_graceful_shutdown=1,
    )
    server = _Server(config)
    serving = asyncio.create_task(server.serve(sockets=[]))  # it accepts nothing by itself
    while not server.started and not serving.done():  # noqa: ASYNC110 - uvicorn tells its start by a flag only
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
        server.should_exit = True
        await serving
        acceptor.close()
