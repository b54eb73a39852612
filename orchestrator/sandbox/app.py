"""A running sandbox: the carrier's pages, shaped as its own, and three for people who watch it, on one socket."""

import contextlib
from collections.abc import AsyncIterator
from typing import Any

from starlette.applications import Starlette
from starlette.exceptions import HTTPException
from starlette.requests import ClientDisconnect, Request
from starlette.responses import JSONResponse, Response
from starlette.routing import Route

from orchestrator.model.simulated import ReceivedRequest
from orchestrator.model.target import is_loopback
from orchestrator.sandbox.account import Reply, SimulatedAccount, refusal
from orchestrator.sandbox.bodies import (
    MEDIA_TYPES,
    BodyFormat,
    precise_rfc3339,
)
from orchestrator.sandbox.callbacks import CallbackScheduler, Sender, playing
from orchestrator.sandbox.config import SandboxConfig
from orchestrator.sandbox.connect import (
    ErrorReply,
    Unreadable,
    encoding_of,
    knows,
    read_body,
    read_fields,
)
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
        self._account = SimulatedAccount(config, remembered, scheduler)

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
        at, encoding = self._config.clock(), encoding_of(request)
        try:
            fields, unreadable = await read_fields(request, await read_body(request), encoding), None
        except Unreadable as problem:
            fields, unreadable = [], ErrorReply(problem.status, str(problem))
        except ClientDisconnect:
            return Response(status_code=400)  # nobody is there to read it
        received = ReceivedRequest(at, encoding, fields)
        refused = self._outsider(request) or unreadable
        if refused is None:
            return _response(request, self._account.connect(received, _format(request)))
        return _response(request, self._account.refuse(received, refused, _format(request)))

    async def _call(self, request: Request) -> Response:
        sid = request.path_params["sid"].removesuffix(".json")
        outsider = self._outsider(request) or (ErrorReply(405, "connect takes a POST") if sid == "connect" else None)
        if outsider is not None:
            return _refused(request, outsider)
        details = request.query_params.get("details") == "true"
        return _response(request, self._account.call(sid, _format(request), details=details))

    async def _calls(self, request: Request) -> Response:
        outsider = self._outsider(request)
        if outsider is not None:
            return _refused(request, outsider)
        pairs = request.query_params.multi_items()
        return _response(request, self._account.calls(pairs, request.url.path, _format(request)))

    async def _number(self, request: Request) -> Response:
        outsider = self._outsider(request)
        if outsider is not None:
            return _refused(request, outsider)
        number = request.path_params["number"].removesuffix(".json")
        return _response(request, self._account.number(number, _format(request)))

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


def _response(request: Request, reply: Reply) -> Response:
    headers = {"WWW-Authenticate": 'Basic realm="sandbox"'} if reply.status == 401 else None
    return Response(reply.body, reply.status, headers, MEDIA_TYPES[_format(request)])


def _refused(request: Request, problem: ErrorReply) -> Response:
    return _response(request, refusal(problem, _format(request)))


def _format(request: Request) -> BodyFormat:
    return "json" if request.url.path.endswith(".json") else "xml"


async def _carrier_shaped(request: Request, problem: Exception) -> Response:
    """Answer a path or method that does not exist in the carrier's shape."""
    status = problem.status_code if isinstance(problem, HTTPException) else 500
    detail = problem.detail if isinstance(problem, HTTPException) else "a bug of the sandbox"
    return _refused(request, ErrorReply(status, detail))


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
    app = Pages(config, calls, scheduler).app()
    async with (
        contextlib.aclosing(Sender(config.callbacks_to)) as sender,
        playing(scheduler, sender.post),
        serve(app, HOST, port) as own,
    ):
        yield f"http://{HOST}:{own}"
