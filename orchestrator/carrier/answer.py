"""Reads an answer, and keeps of it a bounded part and no credentials, in whatever form they come back.

An error page may echo the request's headers. An answer is redacted as text, after its content coding and character set
are undone. Whether a text shows a credential is asked of its plainest reading, layer by layer; the credential is then
cut out where it stands, so that the document around it can still be read.

A reply to a connect request is read by httptools (Node's parser, in C); what that would let pass, and all that has no
bound, is refused here.
"""

import base64
import codecs
import re
import unicodedata
from collections.abc import Iterable, Iterator, Mapping, Sequence
from html import unescape

import httptools

from orchestrator.exotel.content import content, too_long, unescaped_layers
from orchestrator.exotel.replies import one_line
from orchestrator.model.outcome import Exchange

HIDDEN = "***"

SHORTEST_SECRET = 6
"""Characters of a key, token or password that is looked for by itself: shorter ones are parts of ordinary words."""

HALF_HIDDEN_FROM = 10
"""Characters from which on the first half of a password or a header is hidden too: a page cuts what it quotes, and an
answer breaks off."""

LONGEST_REPLY = 256 * 1024
"""Bytes read of a reply as they come: interim replies, head, chunk sizes and trailers included."""

LONGEST_HEAD = 64 * 1024
"""Bytes of the names and values in a head."""

MOST_FIELDS = 250
"""Fields of a head; an ordinary one has about a dozen."""

_BEGINNING = b"HTTP/"
_SWITCHING_PROTOCOLS = 101

_BETWEEN_BYTES = ("", ":", ",", "=", "0x", ",0x")
"""What stands between the bytes of hexadecimal digits, blanks aside; `=` in quoted-printable."""

SANDBOX_CREDENTIAL = "sandbox"
"""The sandbox's key and token, which is a word of its replies and no secret."""

_GAP = "\\]\\]><!\\[CDATA\\[|<[^<>]{0,40}>|=\\r?\\n|[\\x00\u00ad\u200b-\u200d\u2060\ufeff]"
"""What may stand between two characters of a credential beside white space: markup, a line that was wrapped, a text
in UTF-16 that was read as bytes."""

_GAPS = re.compile(_GAP)
_URL_SAFE = str.maketrans("-_", "+/")

_UNIT = re.compile(
    rf"{_GAP}|\s+|\\+(?=[^\w\s])"
    r"|\\+(?:u\{0*([0-9a-f]{1,6})\}|u([0-9a-f]{4})|U([0-9a-f]{8})|x([0-9a-f]{2})|([0-7]{3}))"
    r"|(&(?:amp;)*(?:\#x?[0-9a-f]{1,8};?|[a-z]{2,20};))|%(?:25)*([0-9a-f]{2})|(.)",
    re.IGNORECASE,
)
"""One character of a text, escaped in whatever way, or what stands between two."""


_ESCAPES = re.compile(r"[\\&%]")
"""What every escape begins with that `unescaped_layers` undoes."""

_APART = "|" * 41
"""What stands between texts that are asked together: longer than any gap, so that none reaches from one to the next."""


class Redaction:
    """Knows the forms of an account's key and token and of a proxy's credentials; never shows them.

    `proxy` is a user name and a password. The base64 form of the Basic header is always cut out, and what is as long
    as a secret is also found on its own, inside other base64 and in hexadecimal digits.
    """

    def __init__(self, key: str, token: str, proxy: tuple[str, str] | None = None) -> None:
        forms = _forms([(key, token), *([proxy] if proxy else [])])
        self._folded = sorted({_folded(form) for form in forms} - {""}, key=len, reverse=True)
        self._telling = [
            form for form in self._folded if not any(other in form for other in self._folded if other != form)
        ]

    def text(self, text: str) -> str:
        """Return the text with `***` for each credential; `***` alone where they cannot be cut out of it."""
        readings = tuple(unescaped_layers(text))
        if not self._shows(readings):
            return text
        for reading in readings:
            hidden = self._cut(reading)
            if not self._shows(unescaped_layers(hidden)):
                return hidden
        return HIDDEN

    def texts(self, texts: list[str]) -> list[str]:
        """Return each text as `text` does. Most answers show nothing, which is asked of all their texts at once."""
        joined = _APART.join(texts)
        if not self._shows(unescaped_layers(joined) if _ESCAPES.search(joined) else (joined,)):
            return texts
        return [self.text(text) for text in texts]

    def _shows(self, readings: Iterable[str]) -> bool:
        """Whether a credential can be read in one of a text's layers."""
        for folded in map(_folded, readings):
            for form in self._telling:
                if form in folded:
                    return True
        return False

    def _cut(self, text: str) -> str:
        """Cut the credentials out where they stand, each with the escapes that it is written in."""
        characters, places = [], []
        for unit in _UNIT.finditer(text):
            character = _read(unit)
            if character:
                characters.append(character)
                places.append(unit.span())
        folded, kept, done = "".join(characters), [], 0
        for begin, end in self._found(folded):
            if places[begin][0] >= done:
                kept += [text[done : places[begin][0]], HIDDEN]
            done = max(done, places[end - 1][1])
        return "".join([*kept, text[done:]])

    def _found(self, folded: str) -> list[tuple[int, int]]:
        """Return where credentials stand, in the order of their beginnings, the longest first."""
        found = []
        for form in self._folded:
            at = folded.find(form)
            while at >= 0:
                found.append((at, at + len(form)))
                at = folded.find(form, at + len(form))
        return sorted(found, key=lambda span: (span[0], -span[1]))


def _forms(pairs: Iterable[tuple[str, str]]) -> Iterator[str]:
    """Yield what must not be shown of names and passwords."""
    for name, password in pairs:
        pair = f"{name}:{password}"
        header = base64.b64encode(pair.encode()).decode()
        yield header.rstrip("=")
        for secret in (name, password, pair, header):
            if len(secret) < SHORTEST_SECRET or secret == SANDBOX_CREDENTIAL:
                continue
            yield secret
            yield from _inside_base64(secret.encode())
            yield from (between.join(f"{byte:02x}" for byte in secret.encode()) for between in _BETWEEN_BYTES)
        for secret in (password, header):
            if len(secret) > HALF_HIDDEN_FROM and secret != SANDBOX_CREDENTIAL:
                yield secret[: max(HALF_HIDDEN_FROM, len(secret) // 2)]


def _inside_base64(secret: bytes) -> Iterator[str]:
    """Yield the characters that a secret alone decides in base64 of a longer text, for each place it may begin at."""
    for before, skipped in enumerate((0, 2, 3)):
        encoded = base64.b64encode(bytes(before) + secret).decode()
        yield encoded[skipped : (before + len(secret)) * 8 // 6]


def _folded(text: str) -> str:
    """Return the text without case, gaps and the difference between base64's two alphabets."""
    if "<" in text or "=" in text or not (text.isascii() and text.isprintable()):
        text = _GAPS.sub("", unicodedata.normalize("NFKC", text))
    return "".join(text.split()).lower().replace("-", "+").replace("_", "/")


def _read(unit: re.Match[str]) -> str:
    """Return the character that a unit stands for, folded; empty for what stands between two."""
    braced, short, long, byte, octal, entity, percent, literal = unit.groups()
    code = braced or short or long or byte or percent
    if literal:
        character = literal if literal.isascii() else unicodedata.normalize("NFKC", literal)
    elif entity:
        character = unescape(unescape("&" + entity[1:].replace("amp;", "")))
    elif code or octal:
        number = int(code, 16) if code else int(octal, 8)
        character = chr(number) if number < 0x110000 else ""
    else:
        return ""
    lower = character.lower() if len(character) == 1 else ""
    return (lower if len(lower) == 1 else character[:1]).translate(_URL_SAFE)


class Answer:
    """What has arrived of one answer so far; it stays when the rest does not come.

    At most `longest` bytes of its body are kept.
    """

    def __init__(self, redaction: Redaction, longest: int) -> None:
        self._redaction = redaction
        self._longest = longest
        self._status: int | None = None
        self._headers: Mapping[str, str] = {}
        self._body = bytearray()
        self.complete = False

    def begin(self, status: int, headers: Mapping[str, str]) -> None:
        """Take its status and its headers, which have lower-case names."""
        self._status, self._headers = status, headers

    def add(self, chunk: bytes) -> bool:
        """Take a part of its body. Return whether more is read: not where all has come that is kept."""
        self._body += chunk[: self._longest - len(self._body)]
        return not self._is_cut

    @property
    def _is_cut(self) -> bool:
        return len(self._body) >= self._longest

    def exchange(self, sent: bool, error: str | None) -> Exchange:
        """Return the facts of the exchange: `sent` is whether any byte of the request may have left."""
        read = content(bytes(self._body), self._headers, self._longest)
        headers, text, unread = self._headers, read.text, read.problem
        shown = [*headers.values(), text]
        hidden = self._redaction.texts(shown)
        if hidden is not shown:
            headers, text = dict(zip(headers, hidden[:-1], strict=True)), hidden[-1]
        if text == HIDDEN != read.text:
            unread = "it repeats a credential, so that none of it is kept"
        elif self._is_cut:
            unread = unread or too_long(self._longest)
        return Exchange(sent, self._status, headers, _in_utf_8(text), self.complete, error, unread)

    def broken(self, stage: str, problem: Exception) -> str:
        """Say in one line at what stage an exchange broke, and the library's own words for it."""
        words = one_line(self._redaction.text(str(problem)))
        return f"{type(problem).__name__} while {stage}: {words or 'no reason given'}"


def _in_utf_8(text: str) -> bytes:
    """Return the text as bytes that read the same again, whatever character set an XML declaration names."""
    body = text.encode(errors="replace")
    if text.startswith("{") and text.isascii() and "\0" not in text:
        return body  # as JSON mostly is: nothing in it can be read as a mark of another encoding
    return body if content(body).text == text else codecs.BOM_UTF8 + body


class BadReply(Exception):  # noqa: N818 - named for what it is
    """A reply that breaks off, that HTTP/1.1 does not know, or that is larger than any reply need be."""


class Reply:
    """Reads one reply, however its bytes are cut, into an answer. Its methods never raise.

    `over` is whether no more is read; `problem` is then what is wrong with the reply, None where nothing is. `reusable`
    is whether the connection may carry another request.
    """

    def __init__(self, answer: Answer) -> None:
        self.over = self.has_head = self.reusable = False
        self.problem: Exception | None = None
        self._answer = answer
        self._fields: list[tuple[bytes, bytes]] = []
        self._beginning = b""
        self._size = self._head_size = 0
        self._is_interim = self._ends_by_closing = self._has_two_lengths = False
        self._parser = httptools.HttpResponseParser(self)
        # What servers have always written and clients have always read: both lengths (the chunks count), a line's end
        # without a carriage return, blanks after a chunk's size. One reply is read at a time: none can lead astray.
        self._parser.set_dangerous_leniencies(
            lenient_chunked_length=True, lenient_optional_cr_before_lf=True, lenient_spaces_after_chunk_size=True
        )

    def feed(self, data: bytes | memoryview) -> None:
        """Read what came."""
        if self._size < len(_BEGINNING):
            self._beginning += data[: len(_BEGINNING) - self._size]
            if not _BEGINNING.startswith(self._beginning):  # the parser would read RTSP as well
                self.fail(BadReply("it is not HTTP"))
                return
        self._size += len(data)
        try:
            self._parser.feed_data(data)
        except (httptools.HttpParserError, httptools.HttpParserUpgrade) as broken:
            self.reusable = False
            self.fail(broken)
        if self._size > LONGEST_REPLY:
            self.fail(BadReply(f"it is longer than {LONGEST_REPLY // 1024} kB"))
        if self.over:
            del self._parser  # it refers to this reply: the two would have to wait for the garbage collector

    def end(self) -> None:
        """Take note that nothing more will come."""
        if self._ends_by_closing and not self.over:
            self.over = self._answer.complete = True
        self.fail(BadReply("the server closed the connection"))

    def fail(self, problem: Exception) -> None:
        """Read no more because of this problem; do nothing where the reply is over."""
        if not self.over:
            self.over, self.problem = True, problem

    def on_message_begin(self) -> None:
        """Begin with an interim reply, with the one that counts, or with one too many."""
        self.reusable = False
        self._fields.clear()
        self._head_size = 0

    def on_header(self, name: bytes, value: bytes) -> None:
        """Take a field of the head, not one that follows the body."""
        if self.over or self.has_head:
            return
        self._fields.append((name.lower(), value.strip(b" \t")))
        self._head_size += len(name) + len(value)
        if self._head_size > LONGEST_HEAD or len(self._fields) > MOST_FIELDS:
            self.fail(BadReply("its head is too large"))

    def on_headers_complete(self) -> None:
        """Judge the head, unless it is an interim reply's."""
        status = self._parser.get_status_code()
        self._is_interim = 100 <= status < 200 and status != _SWITCHING_PROTOCOLS
        if self.over or self._is_interim:
            return
        names = [name for name, _ in self._fields]
        is_chunked, has_length = b"transfer-encoding" in names, b"content-length" in names
        codings = [value.lower() for name, value in self._fields if name == b"transfer-encoding"] if is_chunked else []
        if status < 100 or codings not in ([], [b"chunked"]):
            self.fail(BadReply("its status or its Transfer-Encoding is unheard of"))
            return
        self._ends_by_closing = not (is_chunked or has_length)
        self._has_two_lengths = is_chunked and has_length
        self.has_head = True
        self._answer.begin(status, _joined(self._fields))

    def on_body(self, chunk: bytes) -> None:
        """Keep a part of the body, until there is enough."""
        if not self.over:
            self.over = not self._answer.add(chunk)

    def on_message_complete(self) -> None:
        """End the reply, unless it was an interim one."""
        if self.has_head and not self.over:
            self.over = self._answer.complete = True
            self.reusable = self._parser.should_keep_alive() and not self._has_two_lengths


def _joined(fields: Sequence[tuple[bytes, bytes]]) -> dict[str, str]:
    """Return the fields as text, by name; values of one name are joined with commas. What is not UTF-8 is Latin-1."""
    joined: dict[bytes, bytes] = {}
    for name, value in fields:
        joined[name] = joined[name] + b", " + value if name in joined else value
    try:
        return {name.decode(): value.decode() for name, value in joined.items()}
    except UnicodeDecodeError:
        return {name.decode("latin-1"): value.decode("latin-1") for name, value in joined.items()}
