"""Lines to the carrier: which connection an exchange goes out on, and whether it still stands at the last moment.

A line is a transport that carries one exchange at a time, so that it is known which connection a request would
leave on: from a common pool the library does not tell, and between its own look at a connection and the first byte
a request may wait for its turn.
"""

import contextlib
import ssl
import time
from collections.abc import AsyncIterator
from typing import Any

import httpx2

from orchestrator.carrier.proxy import proxy_for
from orchestrator.model.errors import CannotProceed

IDLE_AT_MOST = 2.0
"""Seconds after which a connection is not used again (docs/guarantees.md): a server that closes it just then
would turn a call into an unknown one."""


class Stale(Exception):  # noqa: N818 - named for what happened
    """The server has closed an idle connection, or said something on it, before the request's first byte."""


class Line:
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


class Lines:
    """The lines of one client. Raises CannotProceed where TLS or the environment's proxy cannot be set up."""

    def __init__(self, base_url: str) -> None:
        self._free: list[Line] = []  # in the order in which they were used last
        self._trust = _trust(base_url)
        self._proxy = _proxy(base_url)

    @property
    def proxy_credentials(self) -> tuple[str, str] | None:
        """The user name and the password that the proxy asks for; None without a proxy, or where it asks for none."""
        if self._proxy is None or self._proxy.raw_auth is None:
            return None
        user, password = self._proxy.raw_auth
        return user.decode(errors="replace"), password.decode(errors="replace")

    @contextlib.asynccontextmanager
    async def one(self, idle_at_most: float) -> AsyncIterator[Line]:
        """Lend the line that was used last, where that was at most so many seconds ago; else a new one."""
        await self._close(IDLE_AT_MOST)
        line = self._free.pop() if self._free and self._free[-1].idle <= idle_at_most else self._opened()
        try:
            yield line
        finally:
            line.free()
            self._free.append(line)

    async def aclose(self) -> None:
        """Close every connection that no exchange uses."""
        await self._close(-1.0)

    async def _close(self, idle_over: float) -> None:
        """Close what was idle for more than so many seconds."""
        while self._free and self._free[0].idle > idle_over:
            await self._free.pop(0).transport.aclose()

    def _opened(self) -> Line:
        limits = httpx2.Limits(max_connections=None, max_keepalive_connections=None, keepalive_expiry=IDLE_AT_MOST)
        return Line(httpx2.AsyncHTTPTransport(verify=self._trust, proxy=self._proxy, limits=limits, retries=0))


def _trust(base_url: str) -> ssl.SSLContext:
    """Read the trust store once, in 0.1 s. Without TLS a context that trusts nobody will do."""
    try:
        return (
            ssl.SSLContext(ssl.PROTOCOL_TLS_CLIENT) if base_url.startswith("http://") else httpx2.create_ssl_context()
        )
    except (OSError, ssl.SSLError) as broken:
        raise CannotProceed(f"the TLS trust store cannot be read: {broken.strerror}") from None


def _proxy(base_url: str) -> httpx2.Proxy | None:
    address = proxy_for(base_url)
    try:
        return httpx2.Proxy(address) if address else None
    except (ValueError, httpx2.InvalidURL):
        raise CannotProceed("the proxy that the environment names has no valid address") from None
