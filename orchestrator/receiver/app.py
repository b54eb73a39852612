"""The receiver's routes, as an ASGI application."""

import asyncio
import re
from collections.abc import Awaitable, Callable

from starlette.applications import Starlette
from starlette.requests import ClientDisconnect, Request
from starlette.responses import JSONResponse, PlainTextResponse, Response
from starlette.routing import Route

from orchestrator.model.errors import JournalBroken
from orchestrator.model.outcome import CallFacts
from orchestrator.receiver.bodies import callback_facts
from orchestrator.receiver.who import PATH, Hearer

LARGEST_BODY = 256 * 1024
"""Bytes of a callback. The extended payload is under 2 kB."""

BODY_WITHIN = 15.0
"""Seconds for a body to arrive: the time that the carrier itself gives an answer (exotel-voice-v1.md 3.4)."""

STORED_WITHIN = 5.0
"""Seconds for a callback to be on disk; else the carrier is asked to send it again, while it still waits."""

_TOKEN = re.compile(r"[A-Za-z0-9_~.-]{1,128}\Z")

Hear = Callable[[str, CallFacts], Awaitable[bool]]


class Receiver:
    """Takes `POST /callbacks/<token>` and hands the token and the facts to `hear`.

    `hear` commits them and returns whether it knows the token; only then is the carrier answered, 200 or 404.
    Where the journal cannot be written, or not in time, the answer is 503 and the carrier tries again
    (exotel-voice-v1.md 3.4): a callback that was committed after all is then heard twice, which changes nothing.
    Anything that is no callback is answered 400, 408 or 413 without `hear`. No answer repeats the token. `hearer` is
    what it says of itself to those that ask.
    """

    def __init__(self, hear: Hear, body_within: float = BODY_WITHIN, hearer: Hearer | None = None) -> None:
        self._hear = hear
        self._body_within = body_within
        self._hearer = hearer
        routes = [Route("/callbacks/{token}", self._callback, methods=["POST"])]
        if hearer is not None:
            routes.append(Route(PATH, self._who, methods=["GET"]))
        self.app = Starlette(routes=routes)
        # A redirect to the address without its last slash would repeat the token in its Location header.
        self.app.router.redirect_slashes = False

    async def _callback(self, request: Request) -> Response:
        token = request.path_params["token"]
        if not _TOKEN.match(token):
            return _answer(404, "no such callback address")
        try:
            async with asyncio.timeout(self._body_within):
                body = await _body(request)
        except TimeoutError:
            return _answer(408, "the body did not arrive in time", close=True)
        except ClientDisconnect:
            return _answer(400, "the body broke off")
        if body is None:
            return _answer(413, "the body is too large", close=True)
        facts = callback_facts(request.headers.get("content-type", ""), body)
        if facts is None:
            return _answer(400, "the body is no status callback")
        try:
            async with asyncio.timeout(STORED_WITHIN):
                heard = await self._hear(token, facts)
        except (TimeoutError, JournalBroken):
            return _answer(503, "it could not be stored; send it again")
        return _answer(200, "heard") if heard else _answer(404, "no such callback address")

    async def _who(self, _request: Request) -> Response:
        return JSONResponse(self._hearer.as_json() if self._hearer else {}, headers={"Cache-Control": "no-store"})


async def _body(request: Request) -> bytes | None:
    """Return the body; None as soon as it is larger than allowed, whatever its Content-Length claims."""
    body = bytearray()
    async for chunk in request.stream():
        body += chunk
        if len(body) > LARGEST_BODY:
            return None
    return bytes(body)


def _answer(status: int, text: str, close: bool = False) -> Response:
    """Answer in one line. `close`: the rest of the request is not waited for."""
    headers = {"Cache-Control": "no-store"} | ({"Connection": "close"} if close else {})
    return PlainTextResponse(f"{text}\n", status, headers=headers)
