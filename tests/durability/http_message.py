"""HTTP/1.1 requests, multipart and urlencoded bodies, read from bytes.

Written for the judge alone, from RFC 9112, RFC 7578 and the URL standard: it shares nothing with the product
and nothing with the libraries that the product uses, so that both cannot be wrong in harmony.
"""

import asyncio
from dataclasses import dataclass

CRLF = b"\r\n"
HEAD_LIMIT = 65536  # bytes of request line and headers; ours are below 1 kB


class Malformed(ValueError):  # noqa: N818 - what the bytes are
    """The bytes are not what their Content-Type says."""


@dataclass(frozen=True)
class Request:
    """One request as it came: header names keep their case, the body its bytes."""

    method: str
    path: str
    query: str
    headers: tuple[tuple[str, str], ...]
    body: bytes

    def header(self, name: str) -> str | None:
        """The value of the first header of that name, None where there is none."""
        return next((value for key, value in self.headers if key.lower() == name.lower()), None)


@dataclass(frozen=True)
class Part:
    """One part of a multipart body: its header lines and its content, both as bytes."""

    head: bytes
    value: bytes

    @property
    def raw(self) -> bytes:
        """The part as it stood between two boundaries."""
        return self.head + CRLF + CRLF + self.value

    @property
    def name(self) -> str:
        """The field's name, from the one header line that a plain form field has."""
        before, mark, rest = self.head.partition(b'name="')
        name, quote, after = rest.partition(b'"')
        if not (mark and quote) or after or before != b"Content-Disposition: form-data; ":
            raise Malformed(f"not a plain form field: {self.head!r}")
        return name.decode()


async def read_request(reader: asyncio.StreamReader) -> Request | None:
    """Read one request; None where the peer closed before it was whole."""
    try:
        head = await reader.readuntil(CRLF + CRLF)
        request = _head(head)
        body = await reader.readexactly(int(request.header("content-length") or 0))
    except (asyncio.IncompleteReadError, ConnectionError):
        return None
    return Request(request.method, request.path, request.query, request.headers, body)


def _head(head: bytes) -> Request:
    first, *lines = head.decode("latin-1").removesuffix("\r\n\r\n").split("\r\n")
    method, target, version = first.split(" ")
    if version != "HTTP/1.1":
        raise Malformed(version)
    path, _, query = target.partition("?")
    headers = tuple((name, value.strip()) for name, _, value in (line.partition(":") for line in lines))
    if any(name.lower() == "transfer-encoding" for name, _ in headers):
        raise Malformed("a chunked body; curl sends its forms with a length")
    return Request(method, path, query, headers, b"")


def parts(content_type: str, body: bytes) -> list[Part]:
    """Split a multipart/form-data body at its boundary; raises Malformed for anything out of place."""
    kind, _, parameter = content_type.partition(";")
    name, _, boundary = parameter.strip().partition("=")
    if kind.strip().lower() != "multipart/form-data" or name != "boundary":
        raise Malformed(content_type)
    line = b"--" + boundary.strip('"').encode()
    if not body.startswith(line + CRLF) or not body.endswith(CRLF + line + b"--" + CRLF):
        raise Malformed("the body does not begin and end with its boundary")
    inner = body[len(line) + 2 : -len(line) - 6]
    found = []
    for piece in inner.split(CRLF + line + CRLF):
        head, blank, value = piece.partition(CRLF + CRLF)
        if not blank:
            raise Malformed(f"a part without an empty line: {piece!r}")
        found.append(Part(head, value))
    return found


def urlencoded(body: bytes) -> list[tuple[str, str]]:
    """Decode application/x-www-form-urlencoded: `+` is a space, as every server reads it."""
    pairs = []
    for piece in body.split(b"&"):
        name, _, value = piece.partition(b"=")
        pairs.append((_unescape(name), _unescape(value)))
    return pairs


def _unescape(text: bytes) -> str:
    first, *rest = text.replace(b"+", b" ").split(b"%")
    whole = first
    for piece in rest:
        whole += bytes.fromhex(piece[:2].decode("ascii")) + piece[2:]
    return whole.decode()


def fields(request: Request) -> list[tuple[str, str]]:
    """The form fields of a request in their order, whichever of the two encodings it uses."""
    content_type = request.header("content-type") or ""
    if content_type.startswith("application/x-www-form-urlencoded"):
        return urlencoded(request.body)
    return [(part.name, part.value.decode()) for part in parts(content_type, request.body)]
