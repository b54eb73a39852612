"""A running sandbox: the carrier's pages, shaped as its own, and three for people who watch it, on one socket.

Its list of calls is stricter than the carrier's, so that a mistake shows: a filter that the sandbox does not know is
refused. Not simulated are the carrier's look-back of 31 days, and the filters of duration and price.
"""

import asyncio
import base64
import binascii
import contextlib
import json
import time
from collections.abc import AsyncIterator, Mapping, Sequence
from datetime import datetime
from typing import Any
from urllib.parse import urlencode

from starlette.applications import Starlette
from starlette.exceptions import HTTPException
from starlette.requests import ClientDisconnect, Request
from starlette.responses import JSONResponse, Response
from starlette.routing import Route

from orchestrator.model.simulated import CallFilter, CallPage, Cursor, ReceivedRequest, SimulatedCall
from orchestrator.model.target import is_loopback
from orchestrator.phone.numbers import identity
from orchestrator.sandbox.bodies import (
    INDIA,
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
            asked = call_filter(pairs)
        except BadFilter as problem:
            return _answer(request, ErrorReply(400, str(problem)))
        page, format_ = self._remembered.page(asked, self._config.account, now), _format(request)
        about_the_page = _metadata(page, asked, request.url.path, pairs)
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


MOST_VALUES = {"Sid": 100, "From": 5, "To": 5, "PhoneNumber": 5, "Status": 20, "Direction": 5}
"""Filters that take a comma list, with the most values of each: the documents' figures but for the last two."""
CURSORS = ("Before", "After")
OTHER_KEYS = ("DateCreated", "PageSize", "SortBy", *CURSORS)
DEFAULT_PAGE_SIZE, LARGEST_PAGE = 50, 100


class BadFilter(ValueError):  # noqa: N818 - what the query holds
    """The query cannot be answered; the text says why."""


def call_filter(pairs: Sequence[tuple[str, str]]) -> CallFilter:
    """Read a query. Raises BadFilter; of a key given twice it does not guess which one counts."""
    query = dict(pairs)
    if len(query) < len(pairs):
        raise BadFilter("a filter is given twice; write its values as one comma list")
    for name in query:
        if name not in MOST_VALUES and name not in OTHER_KEYS:
            raise BadFilter(f"there is no filter {name} here; there are {', '.join((*MOST_VALUES, *OTHER_KEYS))}")
    if all(name in query for name in CURSORS):
        raise BadFilter("Before and After exclude each other")
    since, until = _interval(query.get("DateCreated"))
    return CallFilter(
        sids=_words(query, "Sid"),
        from_numbers=_numbers(query, "From"),
        to_numbers=_numbers(query, "To"),
        exophones=_numbers(query, "PhoneNumber"),
        statuses=_words(query, "Status"),
        directions=_words(query, "Direction"),
        since=since,
        until=until,
        page_size=_page_size(query.get("PageSize", str(DEFAULT_PAGE_SIZE))),
        newest_first=_newest_first(query.get("SortBy", "DateCreated:desc")),
        before=_place("Before", query),
        after=_place("After", query),
    )


def _metadata(page: CallPage, asked: CallFilter, path: str, pairs: Sequence[tuple[str, str]]) -> dict[str, Any]:
    """Return the reply's `Metadata`; its addresses repeat the query, with a cursor of their own."""
    kept = [(name, value) for name, value in pairs if name not in CURSORS]

    def address(*cursor: tuple[str, str]) -> str:
        query = urlencode([*kept, *cursor])
        return f"{path}?{query}" if query else path

    first, last = (page.calls[0], page.calls[-1]) if page.calls else (None, None)
    return {
        "Total": page.total,
        "PageSize": asked.page_size,
        "FirstPageUri": address(),
        "PrevPageUri": address(("Before", _cursor_of(first))) if first and page.more_before else None,
        "NextPageUri": address(("After", _cursor_of(last))) if last and page.more_after else None,
    }


def _cursor_of(call: SimulatedCall) -> str:
    """Write a call's place in the list as an opaque word."""
    return base64.urlsafe_b64encode(json.dumps([call.created, call.sid]).encode()).decode()


def _place(name: str, query: Mapping[str, str]) -> Cursor | None:
    if name not in query:
        return None
    try:
        created, sid = json.loads(base64.b64decode(query[name].encode(), b"-_", validate=True))
        return float(created), str(sid)
    except (binascii.Error, ValueError, TypeError, RecursionError):
        raise BadFilter(f"{name} is no cursor of this list") from None


def _words(query: Mapping[str, str], name: str) -> tuple[str, ...]:
    if name not in query:
        return ()
    words = tuple(word.strip() for word in query[name].split(","))
    if not all(words) or len(words) > MOST_VALUES[name]:
        raise BadFilter(f"{name} takes 1 to {MOST_VALUES[name]} values, separated by commas")
    return words


def _numbers(query: Mapping[str, str], name: str) -> tuple[str, ...]:
    """Read phone numbers in any spelling: whether the carrier's filters take each is not known."""
    numbers = tuple(identity(word) for word in _words(query, name))
    if not all(numbers):
        raise BadFilter(f"{name} takes phone numbers, separated by commas")
    return numbers


def _interval(text: str | None) -> tuple[float | None, float | None]:
    """Read `gte:...;lte:...`, or one of the two. Whole seconds: a call within the last second is inside."""
    bounds: dict[str, float] = {}
    for part in () if text is None else text.split(";"):
        word, _, written = part.strip().partition(":")
        try:
            moment = datetime.strptime(written, "%Y-%m-%d %H:%M:%S").replace(tzinfo=INDIA).timestamp()
        except ValueError:
            moment = None
        if word not in ("gte", "lte") or word in bounds or moment is None:
            raise BadFilter("DateCreated takes gte:YYYY-MM-DD HH:MM:SS;lte:YYYY-MM-DD HH:MM:SS, Indian time")
        bounds[word] = moment
    until = bounds.get("lte")
    return bounds.get("gte"), None if until is None else until + 1


def _page_size(text: str) -> int:
    if not (text.isascii() and text.isdigit() and len(text) < 4 and 1 <= int(text) <= LARGEST_PAGE):
        raise BadFilter(f"PageSize takes a whole number from 1 to {LARGEST_PAGE}")
    return int(text)


def _newest_first(text: str) -> bool:
    if text not in ("DateCreated:asc", "DateCreated:desc"):
        raise BadFilter("SortBy takes DateCreated:asc or DateCreated:desc")
    return text.endswith(":desc")


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
