"""A connect request as the simulated carrier takes it: read off the wire, judged by the table, accepted or refused."""

import asyncio
import base64
import binascii
import difflib
import hmac
import re
import secrets
import string
from collections.abc import Mapping, Sequence

from starlette.exceptions import HTTPException
from starlette.requests import Request
from starlette.types import Message, Receive

from orchestrator.exotel.call_fields import Encoding, NotDecodable, decode
from orchestrator.exotel.parameter import Kind
from orchestrator.exotel.parameters import BY_NAME, BY_SPELLING, REQUIRED
from orchestrator.exotel.values import value_problem
from orchestrator.model.frozen import frozen
from orchestrator.model.simulated import OwedCallback, ReceivedRequest, RequestedCall, SimulatedCall
from orchestrator.phone.numbers import identity
from orchestrator.sandbox.bodies import moments
from orchestrator.sandbox.callbacks import CallbackScheduler
from orchestrator.sandbox.config import SandboxConfig
from orchestrator.sandbox.ports import SandboxCalls
from orchestrator.sandbox.script import compose, scenario_named

LARGEST_REQUEST = 256 * 1024
"""Bytes. Far above any request that the table allows; the carrier's own cap is undocumented."""
REQUEST_WITHIN = 15.0
"""Real seconds for a body to arrive: a stalled caller must not hold its connection for ever."""
ENCODINGS: Mapping[str, Encoding] = {
    "multipart/form-data": "multipart",
    "application/x-www-form-urlencoded": "urlencoded",
}


class Unreadable(Exception):  # noqa: N818 - named for what the request was
    """The request holds no form that can be judged; `status` and the text say how it is answered."""

    def __init__(self, status: int, message: str) -> None:
        super().__init__(message)
        self.status = status


def knows(authorization: str | None, key: str, token: str) -> bool:
    """Whether a Basic Authorization header holds these credentials; compared in constant time."""
    scheme, _, encoded = (authorization or "").partition(" ")
    try:
        given = base64.b64decode(encoded.strip(), validate=True)
    except (binascii.Error, ValueError):
        given = b""
    return hmac.compare_digest(given, f"{key}:{token}".encode()) and scheme.lower() == "basic"


async def read_body(request: Request, within: float = REQUEST_WITHIN) -> bytes:
    """Read the whole body.

    Raises Unreadable above the cap or after `within` seconds, ClientDisconnect where the caller is gone.
    """
    chunks = bytearray()
    try:
        async with asyncio.timeout(within):
            async for chunk in request.stream():
                chunks += chunk
                if len(chunks) > LARGEST_REQUEST:
                    raise Unreadable(413, f"the request body is above {LARGEST_REQUEST} bytes")
    except TimeoutError:
        raise Unreadable(408, f"the request body did not arrive within {within:g} seconds") from None
    return bytes(chunks)


def encoding_of(request: Request) -> Encoding | None:
    """Return the encoding that the Content-Type names, None for any other."""
    return ENCODINGS.get(request.headers.get("content-type", "").partition(";")[0].strip().lower())


async def read_fields(request: Request, body: bytes, encoding: Encoding | None) -> list[tuple[str, str]]:
    """Return the form's fields in order, duplicates kept. Raises Unreadable for all but text fields."""
    if encoding is None:
        kinds = " or ".join(ENCODINGS)
        raise Unreadable(400, f"the Content-Type must be {kinds}; a connect request is a form (JSON is not documented)")
    if encoding == "multipart" and not body.rstrip().endswith(b"--"):
        raise Unreadable(400, "the multipart body ends before its closing boundary")
    try:
        async with Request(request.scope, _replay(body)).form() as form:
            pairs = [(name, value) for name, value in form.multi_items() if isinstance(value, str)]
            files = [name for name, value in form.multi_items() if not isinstance(value, str)]
    except HTTPException as problem:
        raise Unreadable(400, f"the form cannot be read: {problem.detail}") from problem
    if files:
        raise Unreadable(400, f"{files[0]} was sent as a file; send it as a field, without a filename")
    return pairs


def _replay(body: bytes) -> Receive:
    async def receive() -> Message:
        return {"type": "http.request", "body": body, "more_body": False}

    return receive


Accept = Mapping[str, tuple[str, ...]]

_LOST_PLUS = re.compile(r" +[0-9]")


def judge(pairs: Sequence[tuple[str, str]], encoding: str | None, accept: Accept) -> RequestedCall | tuple[str, ...]:
    """Return what the fields ask for, or what is wrong with them, one message a problem.

    Weakly sourced bounds do not refuse: the carrier is not known to.
    """
    try:
        values = decode(pairs)
    except NotDecodable as problem:
        return (str(problem),)
    problems = [f"{name} is missing; it is mandatory" for name in REQUIRED if name not in values]
    for name, value in values.items():
        for text in (value,) if isinstance(value, str) else value:
            problems.extend(_problem(name, text, encoding, accept))
    return tuple(problems) if problems else _asked(values)


def _problem(name: str, text: str, encoding: str | None, accept: Accept) -> list[str]:
    row = BY_NAME.get(name)
    if row is None:
        return [] if name in accept else [_unknown(name)]
    found = value_problem(row, text, accept.get(name, ()))
    if found is None or not found.serious:
        return []
    if row.kind is Kind.PHONE and encoding == "urlencoded" and _LOST_PLUS.match(text):
        shown = text.strip()[:60]
        why = "its plus was lost, because a bare + in a urlencoded body means a space"
        return [f"{name} arrived as ` {shown}`: {why}; send %2B{shown}"]
    return [f"{found.message}; {found.hint}"]


def _unknown(name: str) -> str:
    base = name.partition("[")[0]
    lower = {spelling.lower(): spelling for spelling in BY_SPELLING}
    if base in BY_SPELLING:
        return f"{name} is not a list and takes no index; send it as {base}"
    if base.lower() in lower:
        return f"{name} is not a parameter; did you mean {lower[base.lower()]}? Names are case-sensitive"
    close = difflib.get_close_matches(base.lower(), lower, n=1)
    return f"{name} is not a parameter" + (f"; did you mean {lower[close[0]]}?" if close else "")


def _asked(values: Mapping[str, str | tuple[str, ...]]) -> RequestedCall:
    text = {name: value for name, value in values.items() if isinstance(value, str)}
    events = values.get("StatusCallbackEvents", ())
    return RequestedCall(
        from_number=text["From"],
        to_number=text["To"],
        caller_id=text["CallerId"],
        time_out=int(text["TimeOut"]) if "TimeOut" in text else None,
        time_limit=int(text["TimeLimit"]) if "TimeLimit" in text else None,
        record=text.get("Record") == "true",
        recording_format=text.get("RecordingFormat", "mp3"),
        custom_field=text.get("CustomField"),
        callback_url=text.get("StatusCallback"),
        callback_type=text.get("StatusCallbackContentType", "multipart/form-data"),
        events=() if isinstance(events, str) else events,
    )


_ALPHABET = string.ascii_lowercase + string.digits


@frozen
class ErrorReply:
    """A request that rings nobody, with the HTTP status and the message of its answer."""

    status: int
    message: str


class ConnectRequests:
    """Accepts and refuses. Whatever it answers is remembered before the caller receives it."""

    def __init__(self, config: SandboxConfig, calls: SandboxCalls, scheduler: CallbackScheduler) -> None:
        self._config = config
        self._calls = calls
        self._scheduler = scheduler
        self._scenario = scenario_named(config.scenario)
        self._accept = dict(config.accept)

    def decide(self, received: ReceivedRequest) -> SimulatedCall | ErrorReply:
        """Judge a readable request of an authenticated caller by the table; accept it if nothing is wrong."""
        asked = judge(received.fields, received.encoding, self._accept)
        if isinstance(asked, RequestedCall):
            return self._accepted(received, asked)
        return self.refuse(received, ErrorReply(400, "; ".join(asked)))

    def refuse(self, received: ReceivedRequest, refusal: ErrorReply) -> ErrorReply:
        """Remember and return a refusal."""
        with self._calls.transaction():
            self._calls.add_request(received, refusal.status, None)
        return refusal

    def _accepted(self, received: ReceivedRequest, asked: RequestedCall) -> SimulatedCall:
        config = self._config
        pair = (identity(asked.from_number), identity(asked.to_number))
        with self._calls.transaction():
            nth = self._calls.calls_of_pair(*pair)
            script = compose(self._scenario, config.seed, pair, nth, asked.time_out, asked.time_limit)
            call = SimulatedCall(_new_sid(), config.account, config.clock(), config.speed, asked, script)
            self._calls.add_call(call, *pair)
            self._calls.add_request(received, 200, call.sid)
            owed = [OwedCallback(call, event, call.moment(offset)) for event, offset in moments(call)]
            for callback in owed:
                self._calls.add_callback(callback)
        self._scheduler.add(owed)
        return call


def _new_sid() -> str:
    """Return a Sid of the samples' shape. Random, not seeded: journals may have met other sandboxes' Sids."""
    return "".join(_ALPHABET[byte % len(_ALPHABET)] for byte in secrets.token_bytes(32))
