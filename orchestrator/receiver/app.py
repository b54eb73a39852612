"""The StatusCallback endpoint: reads a callback's body in whichever form it came, has it committed, then answers.

The documents name multipart (the default) and JSON, one guide and several clients urlencoded (docs/carrier.md,
callbacks). The body itself says which it is; the Content-Type header is believed only for the boundary, so that a
missing or wrong header loses nothing.
"""

import asyncio
import logging
import re
from collections.abc import Awaitable, Callable
from typing import Any
from urllib.parse import parse_qsl, urlsplit

from python_multipart.exceptions import FormParserError
from python_multipart.multipart import MultipartParser, parse_options_header
from starlette.applications import Starlette
from starlette.exceptions import HTTPException
from starlette.requests import ClientDisconnect, Request
from starlette.responses import JSONResponse, PlainTextResponse, Response
from starlette.routing import Route

from orchestrator.exotel.content import content, undo_codings
from orchestrator.exotel.facts import callback_facts_from_json, callback_facts_from_pairs
from orchestrator.model.errors import JournalBroken
from orchestrator.model.outcome import CallFacts
from orchestrator.model.refusal import Refusal
from orchestrator.receiver.identity import IDENTITY_PATH, ReceiverIdentity

LARGEST_BODY = 256 * 1024
"""Bytes of a callback. The extended payload is under 2 kB."""

CALLBACK_WITHIN = 15.0
"""Seconds for a body to arrive: the time that the carrier itself gives an answer (docs/carrier.md, callbacks)."""

STORED_WITHIN = 5.0
"""Seconds for a callback to be on disk; else the carrier is asked to send it again, while it still waits."""

CALLBACKS = "/callbacks"
"""Where callbacks arrive: a token stands behind it."""

_ABSOLUTE = re.compile(r"https?://", re.IGNORECASE)
_SLASHES = re.compile(r"/{2,}")
_TOKEN = re.compile(r"[A-Za-z0-9_~.-]{1,128}\Z")

CommitCallback = Callable[[str, CallFacts], Awaitable[bool]]
TellRefusal = Callable[[Refusal], None]


class Receiver:
    """Takes `POST /callbacks/<token>` and hands the token and the facts to `commit`.

    `commit` returns whether it knows the token; only then is the carrier answered, 200 or 404. Where the journal cannot
    be written, or not in time, the answer is 503 and the carrier tries again (docs/carrier.md, callbacks): a callback
    that was committed after all is then received twice, which changes nothing. Anything that is no callback is answered
    400, 404, 408, 413 or 415 without `commit`. No answer repeats the token. `identity` is what it answers to those that
    ask who listens; `refused` is called for each callback that is not taken, with the reason.
    """

    def __init__(
        self,
        commit: CommitCallback,
        body_within: float = CALLBACK_WITHIN,
        identity: ReceiverIdentity | None = None,
        refused: TellRefusal = lambda _why: None,
    ) -> None:
        self._commit = commit
        self._body_within = body_within
        self._identity = identity
        self._refused = refused
        routes = [Route(f"{CALLBACKS}/{{token}}", self._callback, methods=["POST"])]
        if identity is not None:
            routes.append(Route(IDENTITY_PATH, self._tell_identity, methods=["GET"]))
        self._routed = Starlette(routes=routes, exception_handlers={HTTPException: self._elsewhere})
        # A redirect to the address without its last slash would repeat the token in its Location header.
        self._routed.router.redirect_slashes = False

    async def app(self, scope: Any, receive: Any, send: Any) -> None:
        """Answer one request, whichever way its target is written."""
        await self._routed(scope | {"path": _path(scope["path"])} if "path" in scope else scope, receive, send)

    async def _elsewhere(self, request: Request, problem: Exception) -> Response:
        """Answer what is for no address here, or of another method; a POST, or what comes near, was a callback."""
        found = problem if isinstance(problem, HTTPException) else HTTPException(404)
        if request.method == "POST" or request.url.path.startswith(CALLBACKS):
            self._refused(Refusal.WRONG_PATH)
        answer = _answer(found.status_code, "no such callback address" if found.status_code == 404 else found.detail)
        answer.headers.update(found.headers or {})
        return answer

    def _refuse(self, why: Refusal, status: int, text: str, *, close: bool = False) -> Response:
        self._refused(why)
        return _answer(status, text, close=close)

    async def _callback(self, request: Request) -> Response:
        token = request.path_params["token"]
        if not _TOKEN.match(token):
            return self._refuse(Refusal.WRONG_PATH, 404, "no such callback address")
        try:
            async with asyncio.timeout(self._body_within):
                body = await _body(request)
        except TimeoutError:
            return self._refuse(Refusal.UNREADABLE_BODY, 408, "the body did not arrive in time", close=True)
        except ClientDisconnect:
            return self._refuse(Refusal.UNREADABLE_BODY, 400, "the body broke off")
        if body is None:
            return self._refuse(Refusal.UNREADABLE_BODY, 413, "the body is too large", close=True)
        plain, problem = undo_codings(body, ",".join(request.headers.getlist("content-encoding")), LARGEST_BODY)
        if problem is not None:
            return self._refuse(Refusal.UNREADABLE_BODY, 415, "the body cannot be decompressed")
        facts = callback_facts(request.headers.get("content-type", ""), plain)
        if facts is None:
            return self._refuse(Refusal.UNREADABLE_BODY, 400, "the body is no status callback")
        try:
            async with asyncio.timeout(STORED_WITHIN):
                is_known = await self._commit(token, facts)
        except (TimeoutError, JournalBroken):
            return _answer(503, "it could not be stored; send it again")
        if not is_known:
            return self._refuse(Refusal.UNKNOWN_TOKEN, 404, "no such callback address")
        return _answer(200, "heard")

    async def _tell_identity(self, _request: Request) -> Response:
        return JSONResponse(self._identity.as_json() if self._identity else {}, headers={"Cache-Control": "no-store"})


def _path(target: str) -> str:
    """Return the path of a request's target: also of one in absolute form, and without slashes that mean nothing."""
    if _ABSOLUTE.match(target):
        try:
            target = urlsplit(target).path
        except ValueError:
            return "/"
    return _SLASHES.sub("/", target).rstrip("/") or "/"


async def _body(request: Request) -> bytes | None:
    """Return the body; None as soon as it is larger than allowed, whatever its Content-Length claims."""
    body = bytearray()
    async for chunk in request.stream():
        body += chunk
        if len(body) > LARGEST_BODY:
            return None
    return bytes(body)


def _answer(status: int, text: str, *, close: bool = False) -> Response:
    """Answer in one line. `close`: the rest of the request is not waited for."""
    headers = {"Cache-Control": "no-store"} | ({"Connection": "close"} if close else {})
    headers |= {"Accept-Encoding": "gzip, deflate"} if status == 415 else {}
    return PlainTextResponse(f"{text}\n", status, headers=headers)


# It warns of every malformed byte; a 400 says as much, and a stranger must not be able to fill our logs.
logging.getLogger("python_multipart").setLevel(logging.CRITICAL)

MOST_FIELDS = 1000
"""Fields read of one form. The extended payload has under twenty."""

_FIRST_BOUNDARY = re.compile(rb"--([^\r\n]{1,200})\r?\n")

Pairs = list[tuple[str, str]]
"""Names and values of a form, in its order."""


def callback_facts(content_type: str, body: bytes) -> CallFacts | None:
    """Return the facts of a callback, None where the body is no callback in any of the forms."""
    text = content(body, {"content-type": content_type}).text.strip()
    if text.startswith(("{", '"')):
        return callback_facts_from_json(text.encode(errors="replace"))
    boundary = _boundary(content_type, body.lstrip(b"\xef\xbb\xbf \t\r\n"))
    pairs = (boundary is not None and _multipart(boundary, body)) or _urlencoded(text)
    return None if pairs is None else callback_facts_from_pairs(pairs)


def _boundary(content_type: str, body: bytes) -> bytes | None:
    kind, options = parse_options_header(content_type)
    if kind == b"multipart/form-data" and options.get(b"boundary"):
        return options[b"boundary"]
    first = _FIRST_BOUNDARY.match(body)
    return first[1] if first else None


def _urlencoded(text: str) -> Pairs | None:
    try:
        return parse_qsl(
            text,
            keep_blank_values=True,
            errors="replace",
            max_num_fields=MOST_FIELDS,
        )
    except ValueError:  # too many fields
        return None


def _multipart(boundary: bytes, body: bytes) -> Pairs | None:
    parts = _Parts()
    if b"\r\n" not in body:
        body = body.replace(b"\n", b"\r\n")
    closing = b"--" + boundary + b"--"
    if body.endswith(b"\r\n") and closing not in body:  # a sender who forgot it: the last part is whole
        body += closing + b"\r\n"
    try:
        parser = MultipartParser(
            boundary,
            {
                "on_part_begin": parts.begin,
                "on_header_field": parts.header_field,
                "on_header_value": parts.header_value,
                "on_header_end": parts.header_end,
                "on_part_data": parts.data,
                "on_part_end": parts.end,
            },
        )
        parser.write(body)
        parser.finalize()
    except FormParserError:
        return None
    return parts.pairs[:MOST_FIELDS]


class _Parts:
    """Collects text parts in order. A part without a name is dropped; one with a file name is text as well."""

    def __init__(self) -> None:
        self.pairs: Pairs = []
        self.begin()

    def begin(self) -> None:
        self._name: str | None = None
        self._header, self._value, self._content = bytearray(), bytearray(), bytearray()

    def header_field(self, data: bytes, start: int, end: int) -> None:
        self._header += data[start:end]

    def header_value(self, data: bytes, start: int, end: int) -> None:
        self._value += data[start:end]

    def header_end(self) -> None:
        if self._header.lower() == b"content-disposition":
            name = parse_options_header(bytes(self._value))[1].get(b"name")
            self._name = None if name is None else name.decode(errors="replace")
        self._header, self._value = bytearray(), bytearray()

    def data(self, data: bytes, start: int, end: int) -> None:
        self._content += data[start:end]

    def end(self) -> None:
        if self._name is not None:
            self.pairs.append((self._name, self._content.decode(errors="replace")))
