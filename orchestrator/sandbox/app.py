"""A running sandbox: the carrier's pages, shaped as its own, and three for whoever looks on, on one socket."""

import asyncio
import contextlib
import time
from collections.abc import AsyncIterator
from typing import Any

from starlette.applications import Starlette
from starlette.exceptions import HTTPException
from starlette.requests import ClientDisconnect, Request
from starlette.responses import JSONResponse, Response
from starlette.routing import Route

from orchestrator.model.simulated import ReceivedRequest, SimulatedCall
from orchestrator.model.target import is_loopback
from orchestrator.sandbox.bodies import (
    MEDIA_TYPES,
    BodyFormat,
    call_body,
    number_body,
    precise_rfc3339,
    render,
    render_list,
    rest_exception,
)
from orchestrator.sandbox.callbacks import CallbackScheduler
from orchestrator.sandbox.config import SandboxConfig
from orchestrator.sandbox.connect import (
    ConnectRequests,
    ErrorReply,
    Unreadable,
    encoding_of,
    knows,
    read_body,
    read_fields,
)
from orchestrator.sandbox.listing import BadFilter, metadata, wanted
from orchestrator.sandbox.ports import SandboxCalls
from orchestrator.serving import serve

HOST = "127.0.0.1"
NOT_AUTHENTICATED = (
    "Authentication failed: the API key and token of the Basic Authorization header are missing or wrong"
)


class Pages:
    """The HTTP side of one sandbox."""

    def __init__(self, config: SandboxConfig, remembered: SandboxCalls, scheduler: CallbackScheduler) -> None:
        self._config = config
        self._remembered = remembered
        self._scheduler = scheduler
        self._connect_requests = ConnectRequests(config, remembered, scheduler)

    def app(self) -> Starlette:
        """Return the ASGI application."""
        calls = "/v1/Accounts/{account}/Calls"
        routes = [
            Route(calls, self._calls, methods=["GET"]),
            Route(f"{calls}.json", self._calls, methods=["GET"]),
            Route(f"{calls}/connect", self._connect, methods=["POST"]),
            Route(f"{calls}/connect.json", self._connect, methods=["POST"]),
            Route(f"{calls}/{{sid}}", self._call, methods=["GET"]),
            Route("/v1/Accounts/{account}/Numbers/{number}", self._number, methods=["GET"]),
            Route("/_sandbox/requests", self._requests, methods=["GET"]),
            Route("/_sandbox/callbacks", self._callbacks, methods=["GET"]),
            Route("/_sandbox/reset", self._reset, methods=["POST"]),
        ]
        return Starlette(routes=routes, exception_handlers={HTTPException: _carrier_shaped})

    async def _connect(self, request: Request) -> Response:
        at, encoding = time.time(), encoding_of(request)
        try:
            fields, unreadable = await read_fields(request, await read_body(request), encoding), None
        except Unreadable as problem:
            fields, unreadable = [], ErrorReply(problem.status, str(problem))
        except ClientDisconnect:
            return Response(status_code=400)  # nobody is there to read it
        received = ReceivedRequest(at, encoding, fields)
        refusal = self._outsider(request) or unreadable
        if refusal is None:
            return _answer(request, self._connect_requests.decide(received))
        return _answer(request, self._connect_requests.refuse(received, refusal))

    async def _call(self, request: Request) -> Response:
        outsider = self._outsider(request)
        if outsider is not None:
            return _answer(request, outsider)
        sid = request.path_params["sid"].removesuffix(".json")
        if sid == "connect":
            return _answer(request, ErrorReply(405, "connect takes a POST"))
        call = self._remembered.call(sid)
        if call is None or call.account != self._config.account:
            return _answer(request, ErrorReply(404, f"there is no call {sid}"))
        return _answer(request, call, details=request.query_params.get("details") == "true")

    async def _calls(self, request: Request) -> Response:
        outsider = self._outsider(request)
        if outsider is not None:
            return _answer(request, outsider)
        pairs, now = request.query_params.multi_items(), time.time()
        try:
            asked = wanted(pairs)
        except BadFilter as problem:
            return _answer(request, ErrorReply(400, str(problem)))
        page, format_ = self._remembered.page(asked, self._config.account, now), _format(request)
        about_the_page = metadata(page, asked, request.url.path, pairs)
        body = render_list(format_, about_the_page, [call_body(call, now) for call in page.calls])
        return Response(body, media_type=MEDIA_TYPES[format_])

    async def _number(self, request: Request) -> Response:
        outsider = self._outsider(request)
        if outsider is not None:
            return _answer(request, outsider)
        format_ = _format(request)
        body = number_body(request.path_params["number"].removesuffix(".json"), self._config.scenario)
        if body is None:
            return _answer(request, ErrorReply(404, "only numbers of India are known here"))
        return Response(render(format_, "Numbers", body), media_type=MEDIA_TYPES[format_])

    def _outsider(self, request: Request) -> ErrorReply | None:
        """Whether the caller is refused whatever is asked.

        A wrong account is 404 for a caller whose credentials are good: "wrong SID or region"
        (docs/carrier.md). The vendor's guide contradicts itself on it, and 401 would blame the credentials.
        """
        if not knows(request.headers.get("authorization"), self._config.api_key, self._config.api_token):
            return ErrorReply(401, NOT_AUTHENTICATED)
        account = request.path_params["account"]
        if account != self._config.account:
            return ErrorReply(404, f"there is no account {account} here; the sandbox serves {self._config.account}")
        return None

    async def _requests(self, request: Request) -> Response:
        _only_from_loopback(request)
        rows: list[dict[str, Any]] = [
            {
                "n": n,
                "at": precise_rfc3339(received.at),
                "fields": [list(pair) for pair in received.fields],
                "encoding": received.encoding,
                "status": status,
                "sid": sid,
            }
            for n, received, status, sid in self._remembered.requests()
        ]
        return JSONResponse(rows)

    async def _callbacks(self, request: Request) -> Response:
        _only_from_loopback(request)
        return JSONResponse(self._remembered.callbacks())

    async def _reset(self, request: Request) -> Response:
        _only_from_loopback(request)
        self._remembered.reset()
        self._scheduler.forget()
        return JSONResponse({"reset": True})


def _answer(request: Request, outcome: SimulatedCall | ErrorReply, details: bool = False) -> Response:
    format_ = _format(request)
    if isinstance(outcome, SimulatedCall):
        body = render(format_, "Call", call_body(outcome, time.time(), details))
        return Response(body, media_type=MEDIA_TYPES[format_])
    body = render(format_, "RestException", rest_exception(outcome.status, outcome.message))
    headers = {"WWW-Authenticate": 'Basic realm="sandbox"'} if outcome.status == 401 else None
    return Response(body, outcome.status, headers, MEDIA_TYPES[format_])


def _format(request: Request) -> BodyFormat:
    return "json" if request.url.path.endswith(".json") else "xml"


async def _carrier_shaped(request: Request, problem: Exception) -> Response:
    """Answer a path or method that does not exist in the carrier's shape."""
    status = problem.status_code if isinstance(problem, HTTPException) else 500
    detail = problem.detail if isinstance(problem, HTTPException) else "a bug of the sandbox"
    return _answer(request, ErrorReply(status, detail))


def _only_from_loopback(request: Request) -> None:
    """Keep what was received, phone numbers included, on this machine: these pages ask for no credentials."""
    host = request.client.host if request.client else ""
    if not is_loopback(host):
        raise HTTPException(403, "this page is for the sandbox's own machine")


@contextlib.asynccontextmanager
async def serve_sandbox(config: SandboxConfig, calls: SandboxCalls, port: int = 0) -> AsyncIterator[str]:
    """Serve a simulated carrier on loopback while the context is open; yields its base URL.

    `port` 0 picks a free one. It goes on with the calls that are remembered already. Raises OSError where the port
    cannot be had.
    """
    scheduler = CallbackScheduler(config, calls)
    async with _playing(scheduler), serve(Pages(config, calls, scheduler).app(), HOST, port) as picked:
        yield f"http://{HOST}:{picked}"


@contextlib.asynccontextmanager
async def _playing(scheduler: CallbackScheduler) -> AsyncIterator[None]:
    scheduler.resume()
    task = asyncio.create_task(scheduler.play())
    try:
        yield
    finally:
        task.cancel()
        with contextlib.suppress(asyncio.CancelledError):
            await task
