"""The receiver's routes, as an ASGI application."""

import asyncio
import re
from collections.abc import Awaitable, Callable
from typing import Any
from urllib.parse import urlsplit

from starlette.applications import Starlette
from starlette.exceptions import HTTPException
from starlette.requests import ClientDisconnect, Request
from starlette.responses import JSONResponse, PlainTextResponse, Response
from starlette.routing import Route

from orchestrator.exotel.content import uncoded
from orchestrator.model.errors import JournalBroken
from orchestrator.model.outcome import CallFacts
from orchestrator.model.refusal import Refusal
from orchestrator.receiver.bodies import callback_facts
from orchestrator.receiver.identity import IDENTITY_PATH, ReceiverIdentity

LARGEST_BODY = 256 * 1024
"""Bytes of a callback. The extended payload is under 2 kB."""

BODY_WITHIN = 15.0
"""Seconds for a body to arrive: the time that the carrier itself gives an answer (docs/carrier.md, callbacks)."""

STORED_WITHIN = 5.0
"""Seconds for a callback to be on disk; else the carrier is asked to send it again, while it still waits."""

CALLBACKS = "/callbacks"
"""Where callbacks arrive: a token stands behind it."""

_ABSOLUTE = re.compile(r"https?://", re.IGNORECASE)
_SLASHES = re.compile(r"/{2,}")
_TOKEN = re.compile(r"[A-Za-z0-9_~.-]{1,128}\Z")

Hear = Callable[[str, CallFacts], Awaitable[bool]]
Refused = Callable[[Refusal], None]


class Receiver:
    """Takes `POST /callbacks/<token>` and hands the token and the facts to `hear`.

    `hear` commits them and returns whether it knows the token; only then is the carrier answered, 200 or 404.
    Where the journal cannot be written, or not in time, the answer is 503 and the carrier tries again
    (docs/carrier.md, callbacks): a callback that was committed after all is then heard twice, which changes nothing.
    Anything that is no callback is answered 400, 404, 408, 413 or 415 without `hear`. No answer repeats the token.
    `identity` is what it tells those that ask; `refused` is told of each callback that is not heard, and why.
    """

    def __init__(
        self,
        hear: Hear,
        body_within: float = BODY_WITHIN,
        identity: ReceiverIdentity | None = None,
        refused: Refused = lambda _why: None,
    ) -> None:
        self._hear = hear
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
        plain, problem = uncoded(body, ",".join(request.headers.getlist("content-encoding")), LARGEST_BODY)
        if problem is not None:
            return self._refuse(Refusal.UNREADABLE_BODY, 415, "the body cannot be decompressed")
        facts = callback_facts(request.headers.get("content-type", ""), plain)
        if facts is None:
            return self._refuse(Refusal.UNREADABLE_BODY, 400, "the body is no status callback")
        try:
            async with asyncio.timeout(STORED_WITHIN):
                heard = await self._hear(token, facts)
        except (TimeoutError, JournalBroken):
            return _answer(503, "it could not be stored; send it again")
        if not heard:
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
