"""The body of an HTTP message to text, the text to a document, JSON or XML, and what stands in that to values.

What arrives need not be what was asked for: a proxy may compress an answer although its request asks for none, and
name what it did in the header or not. So content codings, character sets and escapes are undone first. All is read
leniently: what is not there, or is not what it should be, is None.
"""

import base64
import binascii
import codecs
import json
import re
import zlib
from collections.abc import Iterator, Mapping
from functools import lru_cache
from html import unescape
from urllib.parse import unquote
from xml.parsers import expat

from orchestrator.model.frozen import frozen

LARGEST_READ = 256 * 1024
"""Bytes of a body that is looked into, before and after each coding is undone. A call with details is under 2 kB."""

MOST_CODINGS = 4
"""Codings that are undone, one inside the other; a proxy before a proxy makes two."""

_STEP = 1024
"""Bytes that are decompressed at a time: what came before a broken place is kept."""

_NONE = frozenset({"", "identity", "none", "utf-8", "utf8"})
"""Content codings that change nothing; the last two are a character set in the wrong header."""

_GZIP, _ZLIB, _DEFLATE = 31, 15, -15
"""Window sizes by which zlib knows the three formats."""

_FORMATS = {"gzip": (_GZIP,), "x-gzip": (_GZIP,), "deflate": (_ZLIB, _DEFLATE)}
"""The formats of each coding. Servers send `deflate` with zlib's header, as the standard says, and without it."""

_MAGIC = ((re.compile(rb"\x1f\x8b\x08"), _GZIP), (re.compile(rb"\x78[\x01\x5e\x9c\xda]"), _ZLIB))
"""How compressed data begins, where no header says it."""

_COMPRESSED = (
    *((b"\x1f\x8b\x08", "gzip"), (b"\x28\xb5\x2f\xfd", "zstd")),
    *((b"BZh", "bzip2"), (b"\xfd7zXZ\x00", "xz"), (b"PK\x03\x04", "zip")),
)
"""How data begins that is still compressed when all is undone that can be."""

_MARKS = (
    (codecs.BOM_UTF8, "utf-8"),
    (codecs.BOM_UTF32_LE, "utf-32-le"),
    (codecs.BOM_UTF32_BE, "utf-32-be"),
    (codecs.BOM_UTF16_LE, "utf-16-le"),
    (codecs.BOM_UTF16_BE, "utf-16-be"),
)
_NO_CHARSET = frozenset({"idna", "punycode", "unicode_escape", "raw_unicode_escape", "undefined", "mbcs", "oem"})
"""Python's text codecs that are no character set: nobody sends them, and some cost the square of the length."""

_SEVEN_BITS = frozenset({"utf-7", "hz"})
"""Character sets that write other characters in printable ASCII."""

_ASCII_TEXT = re.compile(rb"[\t\n\x0b\x0c\r -~]*\Z")
_CONTROL = re.compile(r"[\x00-\x08\x0e-\x1f\x7f]")
_CHARSET = re.compile(r"""charset\s*=\s*["']?\s*([A-Za-z0-9_.:-]{1,40})""", re.IGNORECASE)
_DECLARATION = re.compile(rb"""\s*<\?xml[^>]{0,100}?\sencoding\s*=\s*["']([A-Za-z0-9_.:-]{1,40})["']""")


@frozen
class Content:
    """A body as text. `problem` says in words why not all of it could be read; then it is what could be."""

    text: str
    problem: str | None = None


def content(body: bytes, headers: Mapping[str, str] | None = None, largest: int = LARGEST_READ) -> Content:
    """Return the body as text. `headers` has lower-case names; without them the body's own marks are believed.

    At most `largest` bytes are read before and after every coding, so that a bomb is a problem and no more.
    """
    named = headers or {}
    if _is_plain_json(body, named, largest):
        return Content(body.decode("ascii"))
    plain, problem = undo_codings(body[:largest], named.get("content-encoding", ""), largest)
    text, misread = _decoded_text(plain, named.get("content-type", ""))
    if problem is None and len(body) > largest:
        problem = too_long(largest)
    return Content(text, problem or misread)


def _is_plain_json(body: bytes, headers: Mapping[str, str], largest: int) -> bool:
    """Whether a body is what nearly every one is: a JSON object in ASCII, which no coding or mark begins like."""
    return (
        body.startswith(b"{")
        and len(body) <= largest
        and not headers.get("content-encoding")
        and _ASCII_TEXT.match(body) is not None
        and _reads_ascii(headers.get("content-type", ""))
    )


@lru_cache(64)
def _reads_ascii(content_type: str) -> bool:
    """Whether ASCII means itself in the character set that a header names."""
    return _declared_charset(b"", content_type)[0] not in _SEVEN_BITS


def body_text(body: bytes) -> str:
    """Return the body as text; what does not decode is U+FFFD."""
    return content(body).text


def undo_codings(data: bytes, encoding: str, largest: int) -> tuple[bytes, str | None]:
    """Undo the codings that the header names, the last first, and then those that the bytes betray.

    Return what that leaves, of at most `largest` bytes, and what went wrong in words.
    """
    named = [name for name in (part.strip().lower() for part in encoding.split(",")) if name not in _NONE]
    if len(named) > MOST_CODINGS:
        return data, f"more than {MOST_CODINGS} content codings"
    for name in reversed(named):
        if name not in _FORMATS:
            return data, f"its Content-Encoding, {name[:20]!a}, is not one that can be undone here"
        data, problem = _decompressed(data, _FORMATS[name], largest)
        if problem is not None:
            return data, f"its Content-Encoding is {name}, and {problem}"
    for _ in range(MOST_CODINGS):
        window = next((window for magic, window in _MAGIC if magic.match(data)), None)
        held, problem = (b"", None) if window is None else _inflated(data, window, largest)
        if not held:
            break
        data = held
        if problem is not None:
            return data, f"it is compressed, and {problem}"
    return data, next((f"it is compressed as {name}" for magic, name in _COMPRESSED if data.startswith(magic)), None)


def _decompressed(data: bytes, formats: tuple[int, ...], largest: int) -> tuple[bytes, str | None]:
    """Return what the data holds, in the first format that it is in; the data as it stands where it is in none."""
    if not data:
        return data, None
    for window in formats:
        held, problem = _inflated(data, window, largest)
        if held or problem is None:
            return held, problem
    return data, "the body is not in that format"


def _inflated(data: bytes, window: int, largest: int) -> tuple[bytes, str | None]:
    """Decompress one stream after another, as gzip allows, up to a bound."""
    held, stream = bytearray(), zlib.decompressobj(window)
    for start in range(0, len(data), _STEP):
        piece = data[start : start + _STEP]
        while piece:
            if stream.eof:
                if not piece.strip(b"\0"):  # tape blocks are padded so
                    break
                stream = zlib.decompressobj(window)
            try:
                held += stream.decompress(piece, largest + 1 - len(held))
            except zlib.error:
                return bytes(held), "the compressed data is damaged"
            if len(held) > largest:
                return bytes(held[:largest]), too_long(largest)
            piece = stream.unused_data if stream.eof else stream.unconsumed_tail
    return bytes(held), None if stream.eof else "the compressed data breaks off"


def too_long(largest: int) -> str:
    """Say that a body is larger than what is read of it."""
    return f"it is longer than {largest // 1024} kB"


def _decoded_text(data: bytes, content_type: str) -> tuple[str, str | None]:
    """Decode by the byte order mark, the declared character set or the zero bytes, else as UTF-8."""
    declared, problem = _declared_charset(data, content_type)
    for mark, charset in _MARKS:
        if data.startswith(mark):
            data, declared, problem = data[len(mark) :], charset, None
            break
    else:
        if declared not in _SEVEN_BITS and _ASCII_TEXT.match(data):
            return data.decode("ascii"), None  # whatever it claims, it reads as ASCII
    text = data.decode(declared or json.detect_encoding(data[:4]), "replace")
    if _CONTROL.search(text) or text.count("\ufffd") * 4 > len(text):
        problem = problem or "it is not text"
    return text, problem


def _declared_charset(data: bytes, content_type: str) -> tuple[str | None, str | None]:
    """Return the character set that the header or the XML declaration names, and what is wrong with it."""
    named = _CHARSET.search(content_type)
    inside = None if named else _DECLARATION.match(data[:256])
    name = named[1] if named else inside[1].decode("ascii") if inside else ""
    charset = _python_charset(name)
    if inside and charset and charset.startswith(("utf-16", "utf-32")):
        return None, None  # a declaration that reads as ASCII cannot be in these
    return charset, f"its character set, {name!a}, is not known" if name and charset is None else None


def _python_charset(name: str) -> str | None:
    """Return Python's name of a character set, None where it is none."""
    try:
        known = codecs.lookup(name).name
        b"".decode(known)
    except (LookupError, ValueError):
        return None
    return None if known.replace("-", "_") in _NO_CHARSET else known


DEEPEST_LAYER = 5
"""Layers that are undone: a proxy's page that quotes a gateway's JSON that quotes the carrier's has three."""

_ESCAPE = re.compile(
    r"""\\+(?:u\{0*([0-9a-fA-F]{1,6})\}|u([0-9a-fA-F]{4})|U([0-9a-fA-F]{8})|x([0-9a-fA-F]{2})|([0-7]{3})|(["'/\\]))"""
)
"""A character as JSON, JavaScript, Python and shells escape it, however often the backslash itself was escaped."""

_BASE64 = re.compile(r"[A-Za-z0-9+/_-]{24,}={0,2}")
_ASCII_LINES = re.compile(r"[\t\n\r -~]+\Z")


def unescaped_layers(text: str) -> Iterator[str]:
    """Yield the text, then as it reads with one more layer of escapes undone, until nothing is left to undo.

    Undone are JSON's and other languages' backslashes, XML and HTML entities, and percent encoding.
    """
    for _ in range(DEEPEST_LAYER):
        yield text
        plainer = unescape(text)
        if "\\" in plainer:  # mostly there is none, and looking is cheaper than the pattern
            plainer = _ESCAPE.sub(_character, plainer)
        plainer = unquote(plainer)
        if plainer == text:
            return
        text = plainer
    yield text


def base64_texts(text: str) -> Iterator[str]:
    """Yield each text that stands inside this one in base64; what decodes to anything but ASCII text is none."""
    for match in _BASE64.finditer(text):
        written = match[0].rstrip("=").translate(_STANDARD)
        try:
            held = base64.b64decode(written + "=" * (-len(written) % 4)).decode("ascii")
        except (binascii.Error, UnicodeDecodeError):
            continue
        if _ASCII_LINES.match(held):
            yield held


_STANDARD = str.maketrans("-_", "+/")


def _character(escape: re.Match[str]) -> str:
    braced, short, long, byte, octal, literal = escape.groups()
    if literal:
        return str(literal)
    code = int(octal, 8) if octal else int(braced or short or long or byte, 16)
    return chr(code) if code < 0x110000 else "\ufffd"


MOST_TEXTS = 3
"""Times that a document may stand as text in another one: a gateway that encodes what is encoded already."""


def json_object(body: bytes) -> Mapping[str, object] | None:
    """Return the object that the body holds, None where it holds none.

    Numbers come back as the characters written, so that `1.500` stays `1.500` and no length of digits is an
    error. NaN and infinities are None. Of a key written twice the last counts.
    """
    if len(body) > LARGEST_READ:
        return None
    value = json_value(body.decode("ascii") if _is_plain_json(body, {}, LARGEST_READ) else body_text(body))
    return value if isinstance(value, dict) else None


_as_written = json.JSONDecoder(parse_int=str, parse_float=str, parse_constant=lambda _: None)
"""Reads numbers as the characters that they are written with; made once, since making one takes as long as a reply."""


def json_value(text: str) -> object:
    """Return what a JSON text holds, read as in `json_object`, also where it holds JSON text; None for any other."""
    value: object = text
    for _ in range(MOST_TEXTS):
        if not isinstance(value, str):
            break
        try:
            if value.startswith("{"):  # as nearly every one does, and ends with it
                found, end = _as_written.raw_decode(value)
                value = found if end == len(value) else _as_written.decode(value)
            else:
                value = _as_written.decode(value.lstrip("\ufeff"))
        except (ValueError, RecursionError):
            return None
    return value


DEEPEST_ELEMENT = 32
"""Levels of elements. A call with its legs has five."""


class _Refused(Exception):  # noqa: N818 - a document we will not read, caught in this file
    """A document type, an entity, or nesting beyond any reply."""


class _Tree:
    """Collects elements: one with children becomes an object, any other its text; repeats become a list."""

    def __init__(self) -> None:
        self.root: dict[str, object] = {}
        self._open: list[tuple[str, dict[str, object], list[str]]] = [("", self.root, [])]

    def start(self, name: str, _attributes: Mapping[str, str]) -> None:
        if len(self._open) > DEEPEST_ELEMENT:
            raise _Refused
        self._open.append((name, {}, []))

    def characters(self, data: str) -> None:
        self._open[-1][2].append(data)

    def end(self, _name: str) -> None:
        name, children, texts = self._open.pop()
        value: object = children or "".join(texts)
        siblings = self._open[-1][1]
        if name not in siblings:
            siblings[name] = value
        elif isinstance(before := siblings[name], list):
            before.append(value)
        else:
            siblings[name] = [before, value]

    def refuse(self, *_declaration: object) -> None:
        raise _Refused


def xml_object(body: bytes) -> Mapping[str, object] | None:
    """Return `{root: ...}`; None where the body is not well-formed or declares a document type or an entity.

    The parser reads decoded text and itself reports a declaration, so no encoding of the body hides one.
    """
    if len(body) > LARGEST_READ:
        return None
    tree = _Tree()
    parser = expat.ParserCreate()
    parser.StartElementHandler = tree.start
    parser.EndElementHandler = tree.end
    parser.CharacterDataHandler = tree.characters
    parser.StartDoctypeDeclHandler = tree.refuse
    parser.EntityDeclHandler = tree.refuse
    try:
        parser.Parse(body_text(body).lstrip("\ufeff \t\r\n"), True)
    except (expat.ExpatError, _Refused, ValueError):
        return None
    return tree.root


def reply_document(body: bytes) -> Mapping[str, object]:
    """Return the document that a reply holds, without the root element that XML has; empty where it holds none."""
    document = json_object(body) or xml_object(body) or {}
    inner = document.get("TwilioResponse", document)
    return inner if isinstance(inner, dict) else {}


def reply_call(body: bytes) -> Mapping[str, object] | None:
    """Return the `Call` of a reply; None where it holds none."""
    call = reply_document(body).get("Call")
    return call if isinstance(call, dict) else None


LONGEST_VALUE = 2048
"""Characters kept of one value: an address fits; a body that is all one value does not fill the journal."""

_SID = re.compile(r"[A-Za-z0-9_-]{1,64}\Z")
_WHOLE_SECONDS = re.compile(r"([0-9]{1,9})(?:\.[0-9]{1,9})?\Z")
_DECIMAL = re.compile(r"-?[0-9]{1,12}(?:\.[0-9]{1,12})?\Z")
_UNSTORABLE = re.compile(r"[\x00-\x08\x0b\x0c\x0e-\x1f\x7f\ud800-\udfff]")
_UNSET_DAYS = ("1970-01-01", "0000-00-00")


def text_value(value: object) -> str | None:
    """Return the value as trimmed text; None for missing, null, empty and the literal word `null`.

    Control characters and lone surrogates, which no journal can hold, become U+FFFD.
    """
    if value is None or isinstance(value, bool) or not isinstance(value, str | int | float):
        return None
    cleaned = _UNSTORABLE.sub("\ufffd", str(value)[:LONGEST_VALUE]).strip()
    return None if cleaned.lower() in ("", "null") else cleaned


def answered_by_value(value: object) -> str | None:
    """Return the word for who answered a leg, as written; None for `NA`, which stands where it was not judged."""
    word = text_value(value)
    return None if word is None or word.upper() == "NA" else word


def sid_value(value: object) -> str | None:
    """Return a call Sid: 1 to 64 letters, digits, `_` and `-` (samples have 32). None for anything else."""
    token = value if value is None or (type(value) is str and value.isalnum()) else text_value(value)
    return token if token and _SID.match(token) and token.lower() != "null" else None


_TYPED_SID = re.compile(r"(?=[0-9_-]*[A-Za-z])[A-Za-z0-9_-]{16,64}\Z")
"""Samples have 32 lower-case letters and digits (docs/carrier.md, replies). Neither a phone number nor half a Sid."""


def looks_like_sid(text: str) -> bool:
    """Whether a text that a person typed may be a call Sid: 16 to 64 letters, digits, `_`, `-`, one a letter."""
    return _TYPED_SID.match(text) is not None


def seconds_value(value: object) -> int | None:
    """Return whole seconds, written as text or as a number; None for anything else, negatives included."""
    match = None if value is None else _WHOLE_SECONDS.match(text_value(value) or "")
    return int(match[1]) if match else None


def price_value(value: object) -> str | None:
    """Return a decimal amount as the carrier wrote it, such as `1.500`; None for anything else."""
    written = text_value(value)
    return written if written and _DECIMAL.match(written) else None


def time_value(value: object) -> str | None:
    """Return a zoneless time as written; None for the epoch: "not yet" (docs/carrier.md, times)."""
    written = text_value(value)
    return None if written is None or written.startswith(_UNSET_DAYS) else written


def sid_of(fields: Mapping[str, object]) -> str | None:
    """Return the call Sid of a reply's `Call`, or of a callback; None where none can be read."""
    return sid_value(fields.get("CallSid")) or sid_value(fields.get("Sid"))
