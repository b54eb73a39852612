"""A server that answers with raw bytes, or breaks, exactly as a test scripts it. Shares no code with orchestrator."""

import asyncio
import contextlib
import socket
import struct
from collections.abc import AsyncIterator, Awaitable, Callable
from dataclasses import dataclass, field

SID = "c5797dcbaaeed7678c4062a4a3ed2f8a"
CALL = b'{"Call": {"Sid": "' + SID.encode() + b'", "Status": "in-progress", "Duration": null}}'


@dataclass
class Connection:
    """One accepted connection, with what it has received so far."""

    reader: asyncio.StreamReader
    writer: asyncio.StreamWriter
    requests: list[bytes]

    async def request(self) -> bytes | None:
        """Read one whole request by its Content-Length, head and body; None where the client closed first."""
        try:
            head = await self.reader.readuntil(b"\r\n\r\n")
        except (asyncio.IncompleteReadError, ConnectionError):
            return None
        length = 0
        for line in head.split(b"\r\n"):
            name, _, value = line.partition(b":")
            if name.lower() == b"content-length":
                length = int(value)
        request = head + await self.reader.readexactly(length)
        self.requests.append(request)
        return request

    async def send(self, data: bytes) -> None:
        self.writer.write(data)
        await self.writer.drain()

    def reset(self) -> None:
        """Close with a TCP reset instead of a FIN."""
        tcp = self.writer.get_extra_info("socket")
        tcp.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, struct.pack("ii", 1, 0))
        self.writer.transport.abort()

    async def until_closed(self) -> None:
        """Read on until the client has gone."""
        with contextlib.suppress(ConnectionError):
            while await self.reader.read(65536):
                pass


Behaviour = Callable[[Connection], Awaitable[None]]


@dataclass
class RawServer:
    """A listening server; `connections` counts what it accepted, `requests` keeps every whole request."""

    port: int = 0
    connections: int = 0
    requests: list[bytes] = field(default_factory=list)

    @property
    def url(self) -> str:
        return f"http://127.0.0.1:{self.port}"


@contextlib.asynccontextmanager
async def serving(behave: Behaviour, tls: object = None) -> AsyncIterator[RawServer]:
    """Serve on a free loopback port; every connection is handled by `behave`, then closed."""
    server = RawServer()
    tasks: set[asyncio.Task[None]] = set()

    async def accepted(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        task = asyncio.current_task()
        assert task is not None
        tasks.add(task)
        server.connections += 1
        try:
            await behave(Connection(reader, writer, server.requests))
        except (ConnectionError, asyncio.CancelledError):
            pass
        finally:
            writer.close()
            with contextlib.suppress(ConnectionError, asyncio.CancelledError):
                await writer.wait_closed()
            tasks.discard(task)

    listener = await asyncio.start_server(accepted, "127.0.0.1", 0, ssl=tls, limit=2**20)  # type: ignore[arg-type]
    server.port = listener.sockets[0].getsockname()[1]
    try:
        yield server
    finally:
        listener.close()
        for task in tuple(tasks):
            task.cancel()
        await asyncio.gather(*tasks, return_exceptions=True)


def answer(status: int, body: bytes = b"", *headers: str, reason: str = "Whatever") -> bytes:
    """Write an HTTP/1.1 answer with a Content-Length."""
    lines = [f"HTTP/1.1 {status} {reason}", f"Content-Length: {len(body)}", *headers]
    return "\r\n".join([*lines, "", ""]).encode() + body


def answering(data: bytes) -> Behaviour:
    """Answer every request of a connection with the same bytes, keeping the connection open."""

    async def behave(connection: Connection) -> None:
        while await connection.request() is not None:
            await connection.send(data)

    return behave
