"""A callback's body in whichever form it came to facts: JSON, multipart form or urlencoded form.

The documents name multipart (the default) and JSON, one guide and several clients urlencoded
(docs/carrier.md, callbacks). The body itself says which it is; the Content-Type header is believed only for the
boundary, so that a missing or wrong header loses nothing.
"""

import logging
import re
from urllib.parse import parse_qsl

from python_multipart.exceptions import FormParserError
from python_multipart.multipart import MultipartParser, parse_options_header

from orchestrator.exotel.callbacks import callback_facts_from_json, callback_facts_from_pairs
from orchestrator.exotel.content import content
from orchestrator.model.outcome import CallFacts

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
