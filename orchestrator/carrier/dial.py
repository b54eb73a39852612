"""The connections on which connect requests leave: HTTP/1.1, one request at a time on each, kept for the next one.

Lean, because a run lives on it, and because it must be known whether a byte has left. httptools (Node's parser, in C)
reads the replies; what it would let pass, and all that has no bound, is refused here.
"""

import asyncio
import select
import ssl
from collections.abc import Awaitable, Callable, Sequence
from typing import cast

import httptools

from orchestrator.carrier.answer import Answer
from orchestrator.carrier.patience import Patience
from orchestrator.model.outcome import Exchange

IDLE_AT_MOST = 2.0
"""Seconds after which a connection is not used again (docs/guarantees.md): a server that closes it just then
would turn a call into an unknown one."""

FIRST_BYTE_WITHIN = 1.8
"""Seconds from `place` to the first byte, or nothing is sent. At most 2 s may pass between an intent's commit
and the first byte (docs/guarantees.md); the rest is for the way from the commit to here."""

IDLE_WHEN_TAKEN = IDLE_AT_MOST - FIRST_BYTE_WITHIN
"""Seconds that a connection may have been idle when a connect request takes it: whatever the request then waits for,
it is not idle for more than IDLE_AT_MOST at the first byte."""

READ_AT_ONCE = 16 * 1024
"""Bytes that are read at a time; a reply to a connect request is under 2 kB."""

LONGEST_REPLY = 256 * 1024
"""Bytes read of a reply as they come: interim replies, head, chunk sizes and trailers included."""

LONGEST_HEAD = 64 * 1024
"""Bytes of the names and values in a head."""

MOST_FIELDS = 250
"""Fields of a head; an ordinary one has about a dozen."""

NEXT_ADDRESS_AFTER = 0.25
"""Seconds after which a name's next address is tried beside one that does not answer (RFC 8305)."""

BeforeFirstByte = Callable[[], Awaitable[None]]
"""What is awaited right before a request's first byte; where it raises, nothing is sent."""

_BEGINNING = b"HTTP/"
_SWITCHING_PROTOCOLS = 101


class Stale(Exception):  # noqa: N818 - named for what happened
    """The server has closed an idle connection, or said something on it, before the request's first byte."""


class BadReply(Exception):  # noqa: N818 - named for what it is
    """A reply that breaks off, that HTTP/1.1 does not know, or that is larger than any reply need be."""


class Reply:
    """Reads one reply, however its bytes are cut, into an answer. Its methods never raise.

    `over` is whether no more is read; `problem` is then what is wrong with the reply, None where nothing is. `reusable`
    is whether the connection may carry another request.
    """

    def __init__(self, answer: Answer) -> None:
        self.over = self.has_head = self.reusable = False
        self.problem: Exception | None = None
        self._answer = answer
        self._fields: list[tuple[bytes, bytes]] = []
        self._beginning = b""
        self._size = self._head_size = 0
        self._is_interim = self._ends_by_closing = self._has_two_lengths = False
        self._parser = httptools.HttpResponseParser(self)
        # What servers have always written and clients have always read: both lengths (the chunks count), a line's end
        # without a carriage return, blanks after a chunk's size. One reply is read at a time: none can lead astray.
        self._parser.set_dangerous_leniencies(
            lenient_chunked_length=True, lenient_optional_cr_before_lf=True, lenient_spaces_after_chunk_size=True
        )

    def feed(self, data: bytes | memoryview) -> None:
        """Read what came."""
        if self._size < len(_BEGINNING):
            self._beginning += data[: len(_BEGINNING) - self._size]
            if not _BEGINNING.startswith(self._beginning):  # the parser would read RTSP as well
                self.fail(BadReply("it is not HTTP"))
                return
        self._size += len(data)
        try:
            self._parser.feed_data(data)
        except (httptools.HttpParserError, httptools.HttpParserUpgrade) as broken:
            self.reusable = False
            self.fail(broken)
        if self._size > LONGEST_REPLY:
            self.fail(BadReply(f"it is longer than {LONGEST_REPLY // 1024} kB"))
        if self.over:
            del self._parser  # it refers to this reply: the two would have to wait for the garbage collector

    def end(self) -> None:
        """Take note that nothing more will come."""
        if self._ends_by_closing and not self.over:
            self.over = self._answer.complete = True
        self.fail(BadReply("the server closed the connection"))

    def fail(self, problem: Exception) -> None:
        """Read no more because of this problem; do nothing where the reply is over."""
        if not self.over:
            self.over, self.problem = True, problem

    def on_message_begin(self) -> None:
        """Begin with an interim reply, with the one that counts, or with one too many."""
        self.reusable = False
        self._fields.clear()
        self._head_size = 0

    def on_header(self, name: bytes, value: bytes) -> None:
        """Take a field of the head, not one that follows the body."""
        if self.over or self.has_head:
            return
        self._fields.append((name.lower(), value.strip(b" \t")))
        self._head_size += len(name) + len(value)
        if self._head_size > LONGEST_HEAD or len(self._fields) > MOST_FIELDS:
            self.fail(BadReply("its head is too large"))

    def on_headers_complete(self) -> None:
        """Judge the head, unless it is an interim reply's."""
        status = self._parser.get_status_code()
        self._is_interim = 100 <= status < 200 and status != _SWITCHING_PROTOCOLS
        if self.over or self._is_interim:
            return
        codings = [value.lower() for name, value in self._fields if name == b"transfer-encoding"]
        if status < 100 or codings not in ([], [b"chunked"]):
            self.fail(BadReply("its status or its Transfer-Encoding is unheard of"))
            return
        has_length = any(name == b"content-length" for name, _ in self._fields)
        self._ends_by_closing = not (codings or has_length)
        self._has_two_lengths = bool(codings) and has_length
        self.has_head = True
        self._answer.begin(status, _joined(self._fields))

    def on_body(self, chunk: bytes) -> None:
        """Keep a part of the body, until there is enough."""
        if not self.over:
            self.over = not self._answer.add(chunk)

    def on_message_complete(self) -> None:
        """End the reply, unless it was an interim one."""
        if self.has_head and not self.over:
            self.over = self._answer.complete = True
            self.reusable = self._parser.should_keep_alive() and not self._has_two_lengths


def _joined(fields: Sequence[tuple[bytes, bytes]]) -> dict[str, str]:
    """Return the fields as text, by name; values of one name are joined with commas. What is not UTF-8 is Latin-1."""
    joined: dict[bytes, bytes] = {}
    for name, value in fields:
        joined[name] = joined[name] + b", " + value if name in joined else value
    try:
        return {name.decode(): value.decode() for name, value in joined.items()}
    except UnicodeDecodeError:
        return {name.decode("latin-1"): value.decode("latin-1") for name, value in joined.items()}


class Connection(asyncio.BufferedProtocol):
    """One connection to the carrier. It carries one request at a time.

    It reads into a buffer of its own: asyncio's would be a new one of 256 kB for every reply.
    """

    def __init__(self) -> None:
        self._loop = asyncio.get_running_loop()
        self._socket: asyncio.Transport | None = None
        self._transport: asyncio.Transport | None = None  # over TLS not the socket's
        self._buffer = memoryview(bytearray(READ_AT_ONCE))
        self._poll = select.poll()
        self._is_open = False
        self._stage = "connecting"
        self._reply: Reply | None = None
        self._waiter: asyncio.Future[None] | None = None
        self._freed: float | None = None

    @property
    def stage(self) -> str:
        """What it does, in words."""
        if self._reply is None:
            return self._stage
        if self._reply.has_head:
            return "reading the answer"
        return "sending the request" if self._is_sending else "waiting for the answer"

    @property
    def _is_sending(self) -> bool:
        """Whether a part of a request is still here: over TLS, before or after it was encrypted."""
        return any(
            transport is not None and transport.get_write_buffer_size() > 0
            for transport in (self._transport, self._socket)
        )

    @property
    def is_new(self) -> bool:
        """Whether it has yet to be opened."""
        return self._transport is None

    @property
    def idle(self) -> float:
        """Seconds since its last exchange ended."""
        return self._loop.time() - (self._freed or 0.0)

    @property
    def is_surely_open(self) -> bool:
        """Whether it stands, and nothing speaks against a request.

        A closed, half-closed or reset socket is readable, and so is one with a reply that nobody asked for. A new one
        is not asked: what lies there may belong to the TLS handshake.
        """
        if self._transport is None or self._transport.is_closing() or not self._is_open:
            return False
        return self._freed is None or not self._poll.poll(0)

    async def open(self, host: str, port: int, tls: ssl.SSLContext | None) -> None:
        """Connect, encrypted where there is a context. Raises whatever keeps it from that."""
        await self._loop.create_connection(lambda: self, host, port, happy_eyeballs_delay=NEXT_ADDRESS_AFTER)
        if tls is None:
            return
        self._stage = "in the TLS handshake"
        if self._socket is None or not self._is_open:
            raise ConnectionResetError("the server closed the connection")
        self._transport = await self._loop.start_tls(self._socket, self, tls, server_hostname=host)

    async def wait(self, leave: BeforeFirstByte) -> None:
        """Await what must be awaited right before the first byte. Raises Stale where it then is not surely open."""
        self._stage = "waiting for its turn"
        await leave()
        if not self.is_surely_open:
            raise Stale("the server closed the connection before the request, or spoke first")

    def send(self, request: bytes, reply: Reply) -> None:
        """Write a request on a connection that is surely open; from here on it may have left."""
        assert self._transport is not None  # noqa: S101 - for the type
        self._reply = reply
        self._transport.write(request)

    async def answered(self, reply: Reply, patience: Patience) -> None:
        """Wait until the reply is over. Raises what is wrong with it, TimeoutError where the time was too short.

        A loop that was busy reads what lies in its sockets before it calls the timers that are due, so that no reply
        that came in time is given up for the slowness of this process.
        """
        self._waiter = self._loop.create_future()
        wait = patience.begin(lambda: self._end(TimeoutError()))
        try:
            await self._waiter
        finally:
            patience.over(wait)
        if reply.problem is not None:
            raise reply.problem

    def free(self) -> bool:
        """End the exchange. Return whether the connection may carry another one; it is closed where not."""
        reply, self._reply = self._reply, None
        if reply is None or not (reply.reusable and self._is_open) or self._is_sending:
            self.close()
            return False
        self._freed = self._loop.time()
        return True

    def close(self) -> None:
        """Close it at once."""
        self._is_open = False
        if self._transport is not None:
            self._transport.abort()

    # What the event loop calls

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        """Take the socket's transport."""
        self._socket = self._transport = cast("asyncio.Transport", transport)
        self._is_open = True
        self._poll.register(transport.get_extra_info("socket").fileno(), select.POLLIN)

    def get_buffer(self, sizehint: int) -> memoryview:
        """Return where to put what comes."""
        return self._buffer

    def buffer_updated(self, nbytes: int) -> None:
        """Read a part of the reply. What nobody asked for closes the connection."""
        if self._reply is None or self._reply.over:
            self.close()
            return
        self._reply.feed(self._buffer[:nbytes])
        self._settle()

    def eof_received(self) -> None:
        """Take note that the server sends no more; the transport closes itself."""
        self._end(None)

    def connection_lost(self, exc: Exception | None) -> None:
        """Take note that the connection is gone."""
        self._end(exc)

    def _end(self, problem: Exception | None) -> None:
        self._is_open = False
        if self._reply is None:
            return
        if problem is None:
            self._reply.end()
        else:
            self._reply.fail(problem)
        self._settle()

    def _settle(self) -> None:
        """Wake who waits for the reply, when it is over."""
        if self._reply is not None and self._reply.over and self._waiter is not None and not self._waiter.done():
            self._waiter.set_result(None)


class Dialer:
    """Sends requests with one head to one server, each on a connection that was used just now or on a new one.

    `head` is that of every request, but for its last two fields. Nothing is sent when `timeout` seconds (or
    FIRST_BYTE_WITHIN, where that is less) have passed before the first byte; after it the reply has `timeout` seconds.
    """

    def __init__(self, host: str, port: int, tls: ssl.SSLContext | None, head: bytes, timeout: float) -> None:
        self._host, self._port, self._tls = host, port, tls
        self._head = head
        self._before, self._after = Patience(min(timeout, FIRST_BYTE_WITHIN)), Patience(timeout)
        self._kept: list[Connection] = []  # in the order in which they were used last

    async def post(self, content_type: str, body: bytes, leave: BeforeFirstByte, answer: Answer) -> Exchange:
        """Send one request, once, and return what is known of it. Raises only on cancellation."""
        fields = f"Content-Type: {content_type}\r\nContent-Length: {len(body)}\r\n\r\n"
        connection, reply = self._take(), Reply(answer)
        sent, patience = False, self._before
        error: str | None = None
        try:
            with patience.limit():
                if connection.is_new:
                    await connection.open(self._host, self._port, self._tls)
                await connection.wait(leave)
                sent, patience = True, self._after
                connection.send(self._head + fields.encode("ascii") + body, reply)
            await connection.answered(reply, patience)
        except TimeoutError:
            error = f"timed out after {patience.seconds:g} s while {connection.stage}"
        except Exception as broken:  # noqa: BLE001 - once a byte may have left, whatever breaks must become a fact
            error = answer.broken(connection.stage, broken)
        finally:
            if connection.free():
                self._kept.append(connection)
        return answer.exchange(sent, error)

    async def aclose(self) -> None:
        """Close every connection that no exchange uses."""
        self._close(-1.0)
        self._before.close()
        self._after.close()
        await asyncio.sleep(0)  # the loop closes the sockets now

    def _take(self) -> Connection:
        """Return the connection that was used last, where it still stands, or a new one."""
        self._close(IDLE_WHEN_TAKEN)
        while self._kept:
            connection = self._kept.pop()
            if connection.is_surely_open:
                return connection
            connection.close()
        return Connection()

    def _close(self, idle_over: float) -> None:
        """Close what was idle for more than so many seconds."""
        while self._kept and self._kept[0].idle > idle_over:
            self._kept.pop(0).close()
