"""Reads a connect request off the wire: a bounded body, a form in one of two encodings, Basic credentials."""

import asyncio
import base64
import binascii
import hmac
from collections.abc import Mapping

from starlette.exceptions import HTTPException
from starlette.requests import Request
from starlette.types import Message, Receive

from orchestrator.exotel.call_fields import Encoding

BODY_CAP = 256 * 1024
"""Bytes. Far above any request that the table allows; the carrier's own cap is undocumented."""
READ_WITHIN = 15.0
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


async def read_body(request: Request, within: float = READ_WITHIN) -> bytes:
    """Read the whole body.

    Raises Unreadable above the cap or after `within` seconds, ClientDisconnect where the caller is gone.
    """
    chunks = bytearray()
    try:
        async with asyncio.timeout(within):
            async for chunk in request.stream():
                chunks += chunk
                if len(chunks) > BODY_CAP:
                    raise Unreadable(413, f"the request body is above {BODY_CAP} bytes")
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
