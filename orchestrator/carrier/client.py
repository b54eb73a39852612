"""The carrier client: one connect request or look-up out, the facts of the exchange back.

Connect requests leave on lean connections of our own (dial.py); look-ups, and all that goes through a proxy, by httpx2.
"""

import asyncio
import base64
import logging
import ssl
import types
from collections.abc import Mapping, Sequence
from typing import Self
from urllib.parse import quote, urlencode

# The maintained continuation of httpx, imported in one place of this room: its API at about a fifth of the CPU at 64
# connections, and the `trace` extension that tells what was sent. The bare transport is used,
# not AsyncClient: it follows no redirect, keeps no cookie, reads no environment and writes no log line.
import httpx2

from orchestrator.carrier.answer import Answer, Redaction
from orchestrator.carrier.connections import (
    ConnectionPool,
    WireTrace,
    environment_proxy,
    is_this_machine,
    proxy_credentials,
    tls_trust,
)
from orchestrator.carrier.dial import (
    FIRST_BYTE_WITHIN,
    IDLE_AT_MOST,
    IDLE_WHEN_TAKEN,
    BeforeFirstByte,
    Dialer,
)
from orchestrator.exotel.call_fields import Encoding, encode
from orchestrator.model.call import ConnectRequest
from orchestrator.model.errors import CannotProceed
from orchestrator.model.outcome import Exchange
from orchestrator.model.program import VERSION

# Its debug lines print the headers of answers, and an answer may echo the request's authorization.
logging.getLogger("httpcore2").setLevel(logging.WARNING)

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
