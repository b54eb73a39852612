"""The carrier client: one connect request or look-up out, the facts of the exchange back.

Connect requests leave on connections of our own (`Dialer`): HTTP/1.1, one request at a time on each, kept for the next
one. They are lean, because a run lives on them, and because it must be known whether a byte has left. Look-ups, and all
that goes through a proxy, leave by httpx2.
"""

import asyncio
import base64
import logging
import select
import ssl
import types
from collections.abc import Callable, Mapping, Sequence
from typing import Self, cast
from urllib.parse import quote, urlencode

# The maintained continuation of httpx, imported in one place of this room: its API at about a fifth of the CPU at 64
# connections, and the `trace` extension that tells what was sent. The bare transport is used,
# not AsyncClient: it follows no redirect, keeps no cookie, reads no environment and writes no log line.
import httpx2

from orchestrator.carrier.answer import Answer, Redaction, Reply
from orchestrator.carrier.connections import (
    IDLE_AT_MOST,
    BeforeFirstByte,
    ConnectionPool,
    Stale,
    WireTrace,
    environment_proxy,
    is_this_machine,
    proxy_credentials,
    tls_trust,
)
from orchestrator.exotel.call_fields import Encoding, encode
from orchestrator.model.call import ConnectRequest
from orchestrator.model.errors import CannotProceed
from orchestrator.model.outcome import Exchange
from orchestrator.model.program import VERSION

# Its debug lines print the headers of answers, and an answer may echo the request's authorization.
logging.getLogger("httpcore2").setLevel(logging.WARNING)

FIRST_BYTE_WITHIN = 1.8
"""Seconds from `place` to the first byte, or nothing is sent. At most 2 s may pass between an intent's commit
and the first byte (docs/guarantees.md); the rest is for the way from the commit to here."""

IDLE_WHEN_TAKEN = IDLE_AT_MOST - FIRST_BYTE_WITHIN
"""Seconds that a connection may have been idle when a connect request takes it: whatever the request then waits for,
it is not idle for more than IDLE_AT_MOST at the first byte."""

READ_AT_ONCE = 16 * 1024
"""Bytes that are read at a time; a reply to a connect request is under 2 kB."""

NEXT_ADDRESS_AFTER = 0.25
"""Seconds after which a name's next address is tried beside one that does not answer (RFC 8305)."""


class Wait:
    """One who waits: `end` is called unless the wait is over before its time."""

    __slots__ = ("at", "end")

    def __init__(self, at: float, end: Callable[[], None]) -> None:
        self.at, self.end = at, end


class Patience:
    """So many seconds at most, for any number of those who wait at the same time. Used in one event loop.

    One timer serves them all, as nearly none waits for so long: one for each would cost more than reading its reply.
    """

    def __init__(self, seconds: float) -> None:
        self.seconds = seconds
        self._waits: dict[Wait, None] = {}  # in the order of their times
        self._timer: asyncio.TimerHandle | None = None

    def begin(self, end: Callable[[], None]) -> Wait:
        """Call `end` in so many seconds, unless the wait is `over` before."""
        loop = asyncio.get_running_loop()
        wait = Wait(loop.time() + self.seconds, end)
        self._waits[wait] = None
        if self._timer is None:
            self._timer = loop.call_at(wait.at, self._look, loop)
        return wait

    def over(self, wait: Wait) -> None:
        """Take note that what was waited for has come."""
        self._waits.pop(wait, None)

    def close(self) -> None:
        """Let nobody's wait end any more."""
        self._waits.clear()
        if self._timer is not None:
            self._timer.cancel()

    def limit(self) -> "Limit":
        """Return what raises TimeoutError in a `with` block that takes longer."""
        return Limit(self)

    def _look(self, loop: asyncio.AbstractEventLoop) -> None:
        self._timer, now = None, loop.time()
        for wait in list(self._waits):
            if wait.at > now:
                self._timer = loop.call_at(wait.at, self._look, loop)
                return
            del self._waits[wait]
            wait.end()


class Limit:
    """Does in a task what `asyncio.timeout` does: cancels what takes too long, and raises TimeoutError in its place."""

    def __init__(self, patience: Patience) -> None:
        self._patience, self._is_reached = patience, False

    def __enter__(self) -> None:
        task = asyncio.current_task()
        assert task is not None  # noqa: S101 - for the type: only a task can be cancelled
        self._task, self._cancelling = task, task.cancelling()
        self._wait = self._patience.begin(self._reach)

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, _: types.TracebackType | None
    ) -> None:
        self._patience.over(self._wait)
        if self._is_reached and self._task.uncancel() <= self._cancelling and kind is asyncio.CancelledError:
            raise TimeoutError from error

    def _reach(self) -> None:
        self._is_reached = True
        self._task.cancel()


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
        if self._transport is None or self._socket is None:
            return False
        is_plain = self._transport is self._socket
        return self._transport.get_write_buffer_size() > 0 or (
            not is_plain and self._socket.get_write_buffer_size() > 0
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


LONGEST_ANSWER = 64 * 1024
"""Bytes read of an answer. A call with its details is under 2 kB."""

LONGEST_LIST = 256 * 1024
"""Bytes read of a list of calls: a page has at most a hundred (docs/carrier.md, reading calls), each under 2 kB."""

LAST_LOOK = 0.05
"""Seconds for which the answer to a request by httpx2 is still taken after its time. After a busy moment of the event
loop the answer lies in the socket, but the library has to be given turns to read it."""


class Carrier:
    """One account of the carrier, over pooled HTTP/1.1 connections; an async context manager.

    `base_url` has no user name. `timeout` is in seconds: it bounds the way to a request's first byte, and from there on
    the wait for the last byte of its answer. TLS certificates are verified against the system's trust store
    (`SSL_CERT_FILE` and `SSL_CERT_DIR` are obeyed); see `proxy_for` for proxies. Raises CannotProceed where that cannot
    be set up.
    """

    def __init__(
        self,
        base_url: str,
        account: str,
        key: str,
        token: str,
        encoding: Encoding,
        response: str,
        timeout: float,
    ) -> None:
        self._account = f"{_checked(base_url)}/v1/Accounts/{quote(account, safe='')}"
        self._lines = f"{_checked(base_url)}/v2_beta/Accounts/{quote(account, safe='')}/IncomingPhoneNumbers"
        self._calls = f"{self._account}/Calls"
        self._suffix = ".json" if response == "json" else ""
        self._encoding: Encoding = encoding
        self._timeout = timeout
        credentials = base64.b64encode(f"{key}:{token}".encode()).decode()
        # Headers, not a dict: their repr hides the authorization.
        self._headers = httpx2.Headers(
            {
                "Authorization": f"Basic {credentials}",
                "User-Agent": f"orchestrate/{VERSION}",
                "Accept": "application/json, application/xml",
                "Accept-Encoding": "identity",  # a proxy may compress it all the same
            }
        )
        trust, proxy = tls_trust(base_url), environment_proxy(base_url)
        self._redaction = Redaction(key, token, proxy_credentials(proxy))
        self._pool = ConnectionPool(trust, proxy)
        self._dialer = None if proxy else self._direct(trust)

    async def __aenter__(self) -> Self:
        """Open nothing yet: connections are made when they are needed."""
        return self

    async def __aexit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        traceback: types.TracebackType | None,
    ) -> None:
        """Close every connection."""
        await self._pool.aclose()
        if self._dialer is not None:
            await self._dialer.aclose()

    def _direct(self, trust: ssl.SSLContext) -> Dialer:
        """Return what sends connect requests on connections of their own, with the head that httpx2 would send."""
        request = httpx2.Request("POST", f"{self._calls}/connect{self._suffix}", headers=self._headers)
        url = request.url
        tls = trust if url.scheme == "https" else None
        head = b"".join(
            [
                b"POST %b HTTP/1.1\r\n" % url.raw_path,
                *(b"%b: %b\r\n" % field for field in request.headers.raw if field[0] != b"Content-Length"),
            ]
        )
        return Dialer(url.raw_host.decode("ascii"), url.port or (443 if tls else 80), tls, head, self._timeout)

    async def place(self, request: ConnectRequest, leave: BeforeFirstByte) -> Exchange:
        """Send one connect request, once, and return what is known of it. Raises only on cancellation.

        `leave` is awaited when the connection stands, right before the first byte; where it raises, nothing is sent.
        """
        content_type, body = encode(request, self._encoding)
        if self._dialer is not None:
            return await self._dialer.post(content_type, body, leave, Answer(self._redaction, LONGEST_ANSWER))
        headers = self._headers.copy()
        headers["Content-Type"] = content_type
        outgoing = httpx2.Request("POST", f"{self._calls}/connect{self._suffix}", headers=headers, content=body)
        return await self._exchange(outgoing, leave, FIRST_BYTE_WITHIN, idle_at_most=IDLE_WHEN_TAKEN)

    async def details(self, sid: str, leave: BeforeFirstByte) -> Exchange:
        """Look one call up, with its legs; `leave` as in `place`. Safe to repeat: it rings nobody."""
        url = f"{self._calls}/{quote(sid, safe='')}{self._suffix}?details=true"
        return await self._exchange(httpx2.Request("GET", url, headers=self._headers), leave, self._timeout)

    async def listing(self, query: Mapping[str, str] | Sequence[tuple[str, str]], leave: BeforeFirstByte) -> Exchange:
        """Look many calls up: one page of the list that `query` asks for, names and values unencoded.

        `leave` as in `place`. The next page is asked for with the query that `replies.call_list` returns. Safe to
        repeat: it rings nobody.
        """
        asked = urlencode(query, quote_via=quote, safe="", errors="replace")
        request = httpx2.Request("GET", f"{self._calls}{self._suffix}?{asked}", headers=self._headers)
        return await self._exchange(request, leave, self._timeout, longest=LONGEST_LIST)

    async def exophones(self, page: int | None, leave: BeforeFirstByte) -> Exchange:
        """Ask for the account's ExoPhones, None for the first page; `leave` as in `place`. It rings nobody."""
        query = "" if page is None else f"?page={page}"
        request = httpx2.Request("GET", f"{self._lines}{query}", headers=self._headers)
        return await self._exchange(request, leave, self._timeout, longest=LONGEST_LIST)

    async def older_exophones(self, leave: BeforeFirstByte) -> Exchange:
        """Ask for the ExoPhones at the address that older clients use; `leave` as in `place`. It rings nobody."""
        request = httpx2.Request("GET", f"{self._account}/IncomingPhoneNumbers.json", headers=self._headers)
        return await self._exchange(request, leave, self._timeout, longest=LONGEST_LIST)

    async def number(self, number: str, leave: BeforeFirstByte) -> Exchange:
        """Ask what the carrier knows of a phone number; `leave` as in `place`. Safe to repeat: it rings nobody."""
        url = f"{self._account}/Numbers/{quote(number, safe='')}{self._suffix}"
        return await self._exchange(httpx2.Request("GET", url, headers=self._headers), leave, self._timeout)

    async def _exchange(
        self,
        request: httpx2.Request,
        leave: BeforeFirstByte,
        first_byte_within: float,
        *,
        idle_at_most: float = IDLE_AT_MOST,
        longest: int = LONGEST_ANSWER,
    ) -> Exchange:
        loop = asyncio.get_running_loop()
        answer = Answer(self._redaction, longest)
        deadline = asyncio.timeout(min(self._timeout, first_byte_within))
        last_look: asyncio.TimerHandle | None = None

        async def before_first_byte() -> None:
            nonlocal last_look
            await leave()
            lent.about_to_send(trace.connected)
            deadline.reschedule(None)
            last_look = loop.call_later(self._timeout, lambda: deadline.reschedule(loop.time() + LAST_LOOK))

        trace = WireTrace(before_first_byte)
        request.extensions["trace"] = trace
        error: str | None = None
        async with self._pool.take(idle_at_most) as lent:
            try:
                async with deadline:
                    await _read(await lent.transport.handle_async_request(request), answer)
            except TimeoutError:
                waited = self._timeout if trace.sent else min(self._timeout, first_byte_within)
                error = f"timed out after {waited:g} s while {trace.stage}"
            except Exception as broken:  # noqa: BLE001 - once a byte may have left, whatever breaks must become a fact
                error = answer.broken(trace.stage, broken)
            finally:
                if last_look is not None:
                    last_look.cancel()
                await trace.close_what_nobody_owns()
        return answer.exchange(trace.sent, error)


async def _read(response: httpx2.Response, answer: Answer) -> None:
    """Read a response into the answer, up to its bound."""
    answer.begin(response.status_code, {name.lower(): value for name, value in response.headers.items()})
    try:
        async for chunk in response.aiter_raw():
            if not answer.add(chunk):
                return
        answer.complete = True
    finally:
        await response.aclose()


def _checked(base_url: str) -> str:
    try:
        url = httpx2.URL(base_url)
    except httpx2.InvalidURL:
        raise CannotProceed(
            "the carrier's base URL is not an address", hint="for example https://api.exotel.com"
        ) from None
    if url.userinfo:
        raise CannotProceed(
            "the carrier's base URL holds a user name or password",
            hint="leave it out: key and token come from EXOTEL_API_KEY and EXOTEL_API_TOKEN",
        )
    if not url.host or (url.scheme != "https" and not (url.scheme == "http" and is_this_machine(url.host))):
        raise CannotProceed(
            "the carrier's base URL must begin with https:// (http:// only on loopback)",
            hint="the API key and token would travel in the clear",
        )
    return base_url.rstrip("/")
