"""The carrier client: one connect request or look-up out, the facts of the exchange back."""

import asyncio
import base64
import codecs
import logging
import types
from collections.abc import Awaitable, Callable, Mapping, Sequence
from typing import Self
from urllib.parse import quote, urlencode

# The maintained continuation of httpx, imported in one place of this room: its API at about a fifth of the CPU at 64
# connections, and the `trace` extension that tells what was sent. The bare transport is used,
# not AsyncClient: it follows no redirect, keeps no cookie, reads no environment and writes no log line.
import httpx2

from orchestrator import __version__
from orchestrator.carrier.connections import IDLE_AT_MOST, ConnectionPool, WireTrace, is_this_machine
from orchestrator.carrier.redaction import HIDDEN, Redaction
from orchestrator.exotel.call_fields import Encoding, encode
from orchestrator.exotel.content import content, too_long
from orchestrator.exotel.replies import one_line
from orchestrator.model.call import ConnectRequest
from orchestrator.model.errors import CannotProceed
from orchestrator.model.outcome import Exchange

# Its debug lines print the headers of answers, and an answer may echo the request's authorization.
logging.getLogger("httpcore2").setLevel(logging.WARNING)

LONGEST_ANSWER = 64 * 1024
"""Bytes read of an answer. A call with its details is under 2 kB."""

LONGEST_LIST = 256 * 1024
"""Bytes read of a list of calls: a page has at most a hundred (docs/carrier.md, reading calls), each under 2 kB."""

FIRST_BYTE_WITHIN = 1.8
"""Seconds from `place` to the first byte, or nothing is sent. At most 2 s may pass between an intent's commit
and the first byte (docs/guarantees.md); the rest is for the way from the commit to here."""

IDLE_WHEN_TAKEN = IDLE_AT_MOST - FIRST_BYTE_WITHIN
"""Seconds that a connection may have been idle when a connect request takes it: whatever the request then waits for,
it is not idle for more than IDLE_AT_MOST at the first byte."""


BeforeFirstByte = Callable[[], Awaitable[None]]
"""What is awaited right before a request's first byte."""


class Carrier:
    """One account of the carrier, over pooled HTTP/1.1 connections; an async context manager.

    `base_url` has no user name; `timeout` is in seconds and bounds the whole exchange, from connecting to the
    last byte of the answer. TLS certificates are verified against the system's trust store (`SSL_CERT_FILE` and
    `SSL_CERT_DIR` are obeyed); see `proxy_for` for proxies. Raises CannotProceed where that cannot be set up.
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
        self._calls = f"{self._account}/Calls"
        self._suffix = ".json" if response == "json" else ""
        self._encoding: Encoding = encoding
        self._timeout = timeout
        credentials = base64.b64encode(f"{key}:{token}".encode()).decode()
        # Headers, not a dict: their repr hides the authorization.
        self._headers = httpx2.Headers(
            {
                "Authorization": f"Basic {credentials}",
                "User-Agent": f"orchestrate/{__version__}",
                "Accept": "application/json, application/xml",
                "Accept-Encoding": "identity",  # a proxy may compress it all the same
            }
        )
        self._pool = ConnectionPool(base_url)
        self._redaction = Redaction(key, token, self._pool.proxy_credentials)

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

    async def place(self, request: ConnectRequest, leave: BeforeFirstByte) -> Exchange:
        """Send one connect request, once, and return what is known of it. Raises only on cancellation.

        `leave` is awaited when the connection stands, right before the first byte; where it raises, nothing is sent.
        """
        content_type, body = encode(request, self._encoding)
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
        start = asyncio.get_running_loop().time()
        ends = start + self._timeout
        answer = _Answer(self._redaction, longest)
        deadline = asyncio.timeout_at(min(ends, start + first_byte_within))

        async def before_first_byte() -> None:
            await leave()
            lent.about_to_send(trace.connected)
            deadline.reschedule(ends)

        trace = WireTrace(before_first_byte)
        request.extensions["trace"] = trace
        error: str | None = None
        async with self._pool.take(idle_at_most) as lent:
            try:
                async with deadline:
                    await answer.read(await lent.transport.handle_async_request(request))
            except TimeoutError:
                waited = self._timeout if trace.sent else min(self._timeout, first_byte_within)
                error = f"timed out after {waited:g} s while {trace.stage}"
            except Exception as broken:  # noqa: BLE001 - once a byte may have left, whatever breaks must become a fact
                error = _described(trace.stage, type(broken).__name__, self._redaction.text(str(broken)))
            finally:
                await trace.close_what_nobody_owns()
        return answer.exchange(trace.sent, error)


class _Answer:
    """What has arrived so far; it stays when the rest does not come."""

    def __init__(self, redaction: Redaction, longest: int) -> None:
        self._redaction = redaction
        self._longest = longest
        self._status: int | None = None
        self._headers: dict[str, str] = {}
        self._body = bytearray()
        self._complete = False
        self._cut = False

    async def read(self, response: httpx2.Response) -> None:
        self._status = response.status_code
        self._headers = {name.lower(): self._redaction.text(value) for name, value in response.headers.items()}
        try:
            async for chunk in response.aiter_raw():
                self._body += chunk[: self._longest - len(self._body)]
                if len(self._body) == self._longest:
                    self._cut = True
                    return
            self._complete = True
        finally:
            await response.aclose()

    def exchange(self, sent: bool, error: str | None) -> Exchange:
        read = content(bytes(self._body), self._headers, self._longest)
        text, unread = self._redaction.text(read.text), read.problem
        if text == HIDDEN != read.text:
            unread = "it repeats a credential, so that none of it is kept"
        elif self._cut:
            unread = unread or too_long(self._longest)
        return Exchange(sent, self._status, self._headers, _in_utf_8(text), self._complete, error, unread)


def _in_utf_8(text: str) -> bytes:
    """Return the text as bytes that read the same again, whatever character set an XML declaration names."""
    body = text.encode(errors="replace")
    return body if content(body).text == text else codecs.BOM_UTF8 + body


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


def _described(stage: str, kind: str, words: str) -> str:
    """Name the stage and the library's own words, on one line."""
    return f"{kind} while {stage}: {one_line(words) or 'no reason given'}"
