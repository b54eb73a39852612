"""Connections by httpx2: which one a request leaves on, whether it still stands, and when the first byte goes out.

Look-ups leave on them, and connect requests where there is a proxy. Each transport of the pool carries one exchange at
a time, so that it is known which connection a request would leave on: from a common pool the library does not tell,
and between its own look at a connection and the first byte a request may wait for its turn.
"""

import asyncio
import contextlib
import ssl
import time
from collections.abc import AsyncIterator, Awaitable, Callable, Mapping
from typing import Any
from urllib.parse import urlsplit
from urllib.request import getproxies_environment, proxy_bypass

import httpx2

from orchestrator.model.errors import CannotProceed
from orchestrator.model.target import is_loopback

IDLE_AT_MOST = 2.0
"""Seconds after which a connection is not used again (docs/guarantees.md): a server that closes it just then
would turn a call into an unknown one."""

BeforeFirstByte = Callable[[], Awaitable[None]]
"""What is awaited right before a request's first byte; where it raises, nothing is sent."""


class Stale(Exception):  # noqa: N818 - named for what happened
    """The server has closed an idle connection, or said something on it, before the request's first byte."""


class PooledTransport:
    """One transport, used by one exchange at a time, and the connection that it used last."""

    def __init__(self, transport: httpx2.AsyncHTTPTransport) -> None:
        self.transport = transport
        self._freed = 0.0
        self._connection: Any = None

    @property
    def idle(self) -> float:
        """Seconds since its last exchange ended."""
        return time.monotonic() - self._freed

    def free(self) -> None:
        """Note that its exchange has ended."""
        self._freed = time.monotonic()

    def about_to_send(self, connected: Any) -> None:
        """Judge the connection right before a first byte. Raises Stale where an old one is not surely open.

        `connected` is the connection that this exchange made, None where it found one. A closed, half-closed or
        reset socket is readable, and so is one with an answer that nobody asked for.
        """
        if connected is not None:
            self._connection = connected
        elif self._connection is None or self._connection.get_extra_info("is_readable"):
            raise Stale("the server closed the connection while it was idle")


class ConnectionPool:
    """The connections of one client."""

    def __init__(self, trust: ssl.SSLContext, proxy: httpx2.Proxy | None) -> None:
        self._free: list[PooledTransport] = []  # in the order in which they were used last
        self._trust, self._proxy = trust, proxy

    @contextlib.asynccontextmanager
    async def take(self, idle_at_most: float) -> AsyncIterator[PooledTransport]:
        """Lend the transport that was used last, where that was at most so many seconds ago; else a new one."""
        await self._close(IDLE_AT_MOST)
        lent = self._free.pop() if self._free and self._free[-1].idle <= idle_at_most else self._opened()
        try:
            yield lent
        finally:
            lent.free()
            self._free.append(lent)

    async def aclose(self) -> None:
        """Close every connection that no exchange uses."""
        await self._close(-1.0)

    async def _close(self, idle_over: float) -> None:
        """Close what was idle for more than so many seconds."""
        while self._free and self._free[0].idle > idle_over:
            await self._free.pop(0).transport.aclose()

    def _opened(self) -> PooledTransport:
        limits = httpx2.Limits(max_connections=None, max_keepalive_connections=None, keepalive_expiry=IDLE_AT_MOST)
        return PooledTransport(
            httpx2.AsyncHTTPTransport(verify=self._trust, proxy=self._proxy, limits=limits, retries=0)
        )


def tls_trust(base_url: str) -> ssl.SSLContext:
    """Read the trust store, once: that takes 0.1 s. Without TLS a context that trusts nobody will do.

    Raises CannotProceed where it cannot be read.
    """
    try:
        return (
            ssl.SSLContext(ssl.PROTOCOL_TLS_CLIENT) if base_url.startswith("http://") else httpx2.create_ssl_context()
        )
    except (OSError, ssl.SSLError) as broken:
        raise CannotProceed(f"the TLS trust store cannot be read: {broken.strerror}") from None


def environment_proxy(base_url: str) -> httpx2.Proxy | None:
    """Return the proxy that the environment names for the address. Raises CannotProceed where we cannot speak to it."""
    address = proxy_for(base_url)
    try:
        return httpx2.Proxy(address) if address else None
    except (ValueError, httpx2.InvalidURL):
        raise CannotProceed("the proxy that the environment names has no valid address") from None


def proxy_credentials(proxy: httpx2.Proxy | None) -> tuple[str, str] | None:
    """Return the user name and the password that a proxy asks for; None where it asks for none."""
    if proxy is None or proxy.raw_auth is None:
        return None
    user, password = proxy.raw_auth
    return user.decode(errors="replace"), password.decode(errors="replace")


def proxy_for(base_url: str) -> str | None:
    """Return the proxy's address from HTTPS_PROXY, HTTP_PROXY, ALL_PROXY and NO_PROXY; None for a direct way.

    Loopback is always direct: a proxy would have to reach its own loopback, not ours. Raises CannotProceed for
    a proxy that we cannot speak to; its address is not shown, it may hold a password.
    """
    parts = urlsplit(base_url)
    proxies = getproxies_environment()
    host = parts.hostname or ""
    if is_this_machine(host) or proxy_bypass(parts.netloc):
        return None
    address = proxies.get(parts.scheme) or proxies.get("all")
    if not address:
        return None
    address = address if "://" in address else f"http://{address}"
    if not address.lower().startswith(("http://", "https://")):
        raise CannotProceed(
            f"the environment names a proxy for {parts.scheme}:// that is neither http:// nor https://",
            hint="set HTTPS_PROXY to an HTTP proxy, or name the carrier's host in NO_PROXY",
        )
    return address


def is_this_machine(host: str) -> bool:
    """Whether the host is this machine by its address or by a name: `localhost`, or one below it."""
    name = host.lower()
    return is_loopback(name) or name == "localhost." or name.endswith(".localhost")


_STAGES = {
    "connection.connect_tcp": "connecting",
    "connection.start_tls": "in the TLS handshake",
    "proxy.start_tls": "in the TLS handshake through the proxy",
    "http11.send_request_headers": "sending the request",
    "http11.send_request_body": "sending the request",
    "http11.receive_response_headers": "waiting for the answer",
    "http11.receive_response_body": "reading the answer",
}


class EarlyAnswer(Exception):  # noqa: N818 - named for what happened
    """An answer lay ready before the request had left: it belongs to an earlier one."""


class WireTrace:
    """Follows one request. `sent` is True from the moment its first byte may be written, by the library's events.

    httpcore2 announces every step to the `trace` request extension before it takes it. The order for one request is
    `connection.connect_tcp`, `connection.start_tls` (https), `http11.send_request_headers`, `http11.send_request_body`,
    `http11.receive_response_headers`, each as `.started` and then `.complete` or `.failed`; a reused connection begins
    with the headers. Behind a proxy the tunnel comes first: the same `http11.*` events for a request of its own whose
    method is CONNECT, then `proxy.start_tls`. The carrier sees nothing of that, so it does not count.

    `connected` is the connection that was made for it, as the library's stream; None where an idle one was found.
    `before_first_byte` is awaited right before that moment; where it raises, nothing is sent.
    """

    def __init__(self, before_first_byte: Callable[[], Awaitable[None]]) -> None:
        self.sent = False
        self.stage = "waiting for a connection"
        self._before_first_byte = before_first_byte
        self.connected: Any = None
        self._read = False

    async def __call__(self, event: str, info: Mapping[str, Any]) -> None:
        """Take one trace event; httpcore2 awaits this before it goes on."""
        step, _, moment = event.rpartition(".")
        if event == "connection.connect_tcp.complete":
            self.connected = info["return_value"]
        if step == "http11.receive_response_headers" and self.sent:
            self._answering(moment)
        if moment != "started" or step not in _STAGES:
            return
        if _is_tunnel(info):
            self.stage = "asking the proxy for a tunnel"
            return
        if step == "http11.send_request_headers":
            await self._before_first_byte()
            self.sent = True
        self.stage = _STAGES[step]

    def _answering(self, moment: str) -> None:
        """Refuse an answer that was read from no socket: one that a server sent too many, kept from the last read.

        Reading from a socket gives the event loop a turn; taking an answer from a buffer does not.
        """
        if moment == "started":
            asyncio.get_running_loop().call_soon(self._loop_turned)
        elif moment == "complete" and not self._read:
            raise EarlyAnswer("an answer that nobody had asked for yet")

    def _loop_turned(self) -> None:
        self._read = True

    async def close_what_nobody_owns(self) -> None:
        """Close a connection whose TLS handshake was cancelled: httpcore2 2.16 closes it for errors only."""
        if not self.sent and self.connected is not None:
            await self.connected.aclose()


def _is_tunnel(info: Mapping[str, Any]) -> bool:
    """Whether the step belongs to a proxy's CONNECT. The request is there for every `http11` step."""
    return getattr(info.get("request"), "method", None) == b"CONNECT"
