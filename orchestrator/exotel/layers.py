"""What a text says once its escapes are undone: an answer may quote another document, and that one a third."""

import base64
import binascii
import re
from collections.abc import Iterator
from html import unescape
from urllib.parse import unquote

DEEPEST = 5
"""Layers that are undone: a proxy's page that quotes a gateway's JSON that quotes the carrier's has three."""

_ESCAPE = re.compile(
    r"""\\+(?:u\{0*([0-9a-fA-F]{1,6})\}|u([0-9a-fA-F]{4})|U([0-9a-fA-F]{8})|x([0-9a-fA-F]{2})|([0-7]{3})|(["'/\\]))"""
)
"""A character as JSON, JavaScript, Python and shells escape it, however often the backslash itself was escaped."""

_BASE64 = re.compile(r"[A-Za-z0-9+/_-]{24,}={0,2}")
_TEXT = re.compile(r"[\t\n\r -~]+\Z")


def layers(text: str) -> Iterator[str]:
    """Yield the text, then as it reads with one more layer of escapes undone, until nothing is left to undo.

    Undone are JSON's and other languages' backslashes, XML and HTML entities, and percent encoding.
    """
    for _ in range(DEEPEST):
        yield text
        plainer = unquote(_ESCAPE.sub(_character, unescape(text)))
        if plainer == text:
            return
        text = plainer
    yield text


def in_base64(text: str) -> Iterator[str]:
    """Yield each text that stands inside this one in base64; what decodes to anything but ASCII text is none."""
    for match in _BASE64.finditer(text):
        written = match[0].rstrip("=").translate(_STANDARD)
        try:
            held = base64.b64decode(written + "=" * (-len(written) % 4)).decode("ascii")
        except (binascii.Error, UnicodeDecodeError):
            continue
        if _TEXT.match(held):
            yield held


_STANDARD = str.maketrans("-_", "+/")


def _character(escape: re.Match[str]) -> str:
    braced, short, long, byte, octal, literal = escape.groups()
    if literal:
        return str(literal)
    code = int(octal, 8) if octal else int(braced or short or long or byte, 16)
    return chr(code) if code < 0x110000 else "\ufffd"
