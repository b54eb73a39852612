"""What a simulated account answers, in the carrier's shape and however it is asked: over HTTP, or without a socket.

Its list of calls is stricter than the carrier's, so that a mistake shows: a filter that the sandbox does not know is
refused. Not simulated are the carrier's look-back of 31 days, and the filters of duration and price.
"""

import base64
import binascii
import json
from collections.abc import Mapping, Sequence
from datetime import datetime
from typing import Any
from urllib.parse import urlencode

from orchestrator.model.frozen import frozen
from orchestrator.model.simulated import CallFilter, CallPage, Cursor, ReceivedRequest, SimulatedCall
from orchestrator.phone.numbers import identity
from orchestrator.sandbox.bodies import (
    INDIA,
    BodyFormat,
    call_body,
    number_body,
    render,
    render_list,
    rest_exception,
)
from orchestrator.sandbox.callbacks import CallbackScheduler
from orchestrator.sandbox.config import SandboxConfig
from orchestrator.sandbox.connect import ConnectRequests, ErrorReply
from orchestrator.sandbox.ports import SandboxCalls


@frozen
class Reply:
    """One answer: its HTTP status and its body."""

    status: int
    body: bytes


def refusal(problem: ErrorReply, format_: BodyFormat) -> Reply:
    """Return the answer to a request that is refused."""
    return Reply(problem.status, render(format_, "RestException", rest_exception(problem.status, problem.message)))


class SimulatedAccount:
    """Answers whoever may ask; who that is, its caller decides."""

    def __init__(self, config: SandboxConfig, calls: SandboxCalls, scheduler: CallbackScheduler) -> None:
        self._config, self._remembered = config, calls
        self._connect_requests = ConnectRequests(config, calls, scheduler)

    def connect(self, received: ReceivedRequest, format_: BodyFormat) -> Reply:
        """Answer a connect request whose fields could be read."""
        return self._answer(self._connect_requests.decide(received), format_)

    def refuse(self, received: ReceivedRequest, problem: ErrorReply, format_: BodyFormat) -> Reply:
        """Refuse a connect request, and remember it."""
        return refusal(self._connect_requests.refuse(received, problem), format_)

    def call(self, sid: str, format_: BodyFormat, *, details: bool) -> Reply:
        """Answer what is known of one call; `details`: with its legs."""
        call = self._remembered.call(sid)
        if call is None or call.account != self._config.account:
            return refusal(ErrorReply(404, f"there is no call {sid}"), format_)
        return self._answer(call, format_, details=details)

    def calls(self, pairs: Sequence[tuple[str, str]], path: str, format_: BodyFormat) -> Reply:
        """Answer with the page of the list of calls that a query asks for; `path` is where the list stands."""
        now = self._config.clock()
        try:
            asked = call_filter(pairs)
        except BadFilter as problem:
            return refusal(ErrorReply(400, str(problem)), format_)
        page = self._remembered.page(asked, self._config.account, now)
        about_the_page = _metadata(page, asked, path, pairs)
        return Reply(200, render_list(format_, about_the_page, [call_body(call, now) for call in page.calls]))

    def number(self, number: str, format_: BodyFormat) -> Reply:
        """Answer what is known of a phone number."""
        body = number_body(number, self._config.scenario)
        if body is None:
            return refusal(ErrorReply(404, "only numbers of India are known here"), format_)
        return Reply(200, render(format_, "Numbers", body))

    def _answer(self, outcome: SimulatedCall | ErrorReply, format_: BodyFormat, *, details: bool = False) -> Reply:
        if isinstance(outcome, ErrorReply):
            return refusal(outcome, format_)
        return Reply(200, render(format_, "Call", call_body(outcome, self._config.clock(), details)))


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
