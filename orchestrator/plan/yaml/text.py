"""A plan's file as text: read within bounds, its lines, and what is wrong with its characters and its syntax."""

import re
from bisect import bisect_right
from itertools import pairwise
from typing import BinaryIO

import yaml

from orchestrator.model.diagnostic import Diagnostic, Span, error
from orchestrator.plan.paths import how_to_open, open_regular

MAX_BYTES = 64 * 1024 * 1024
"""Some 150,000 literal calls, a gigabyte of nodes. Larger plans keep their calls in a data file, which streams."""

_HINTS: tuple[tuple[str, str], ...] = (
    ("mapping values are not allowed", "quote a value that holds `: `, or check the indentation of this line"),
    ("expected ':'", "a key is followed by `: ` and its value; check the line above too"),
    ("expected alphabetic or numeric", "quote a value that begins with `*`, `&` or `!`"),
    ("cannot start any token", "quote the value: YAML keeps this character for itself"),
    ("expected key", "keys of one mapping begin in one column, and nothing may follow a closing quote or bracket"),
    ("expected <block end>", "lines of one block begin in one column, and nothing follows a closing quote or bracket"),
    ("expected '-'", "items of one list begin in one column, each with `- `"),
    ("block sequence entries are not allowed", "a list begins on the line below its key"),
    ("unknown escape character", "use single quotes, or write the backslash twice"),
    ("escape sequence", "use single quotes, or write the backslash twice"),
    ("Unicode", "use single quotes, or write the character itself"),
    ("directive", "quote a value that begins with `%`"),
    ("document start", "a file is one mapping: check the indentation of this line"),
    ("expected ',' or", "separate items with commas, and close the bracket"),
    ("node content", "a value is missing here; remove the comma or the bracket that is too many"),
)
_ANY_HINT = "look at this line and the one above: indentation, colons, quotes and brackets make YAML's structure"
_AT_THE_END = ("end of stream", "stream end", "document separator")


def read_text(path: str) -> tuple[str | None, tuple[Diagnostic, ...]]:
    """Read a UTF-8 file, with or without a byte order mark; None and the reason where that is impossible.

    At most 64 MiB of a regular file are read; a pipe, a socket or a device is neither waited for nor read.
    """
    try:
        with open_regular(path) as stream:
            return read_stream(stream, path)
    except (OSError, ValueError) as problem:
        return None, (_unopened(path, problem),)


def read_stream(stream: BinaryIO, file: str) -> tuple[str | None, tuple[Diagnostic, ...]]:
    """Do as `read_text` does with an open file, which people know as `file`. Raises OSError."""
    raw = stream.read(MAX_BYTES + 1)
    if len(raw) > MAX_BYTES:
        return None, (too_large(file),)
    try:
        return raw.decode("utf-8-sig"), ()
    except UnicodeDecodeError as problem:
        return None, (_not_utf8(file, raw, problem),)


def too_large(file: str) -> Diagnostic:
    """Refuse a text beyond the bound."""
    return error(
        "file-too-large",
        f"the file is larger than {MAX_BYTES // 1024 // 1024} MiB",
        Span(file, 1),
        hint="keep the calls in a data file and name it with `rows:`",
    )


def _unopened(path: str, problem: OSError | ValueError) -> Diagnostic:
    span = Span(path, 1)
    if isinstance(problem, FileNotFoundError):
        return error(
            "no-such-file", "there is no such file", span, hint="check the path; it is relative to this folder"
        )
    if isinstance(problem, IsADirectoryError):
        return error("unreadable-file", "this is a folder", span, hint="name the YAML file in it")
    reason = problem.strerror if isinstance(problem, OSError) and problem.strerror else "the path is not usable"
    return error("unreadable-file", f"the file cannot be read: {reason}", span, hint=how_to_open(problem))


def _not_utf8(path: str, raw: bytes, problem: UnicodeDecodeError) -> Diagnostic:
    before = raw[: problem.start]
    line = before.count(b"\n") + 1
    column = len(before[before.rfind(b"\n") + 1 :].decode("utf-8", "replace")) + 1
    wide = raw.startswith((b"\xff\xfe", b"\xfe\xff"))
    hint = "the file is UTF-16: save it as UTF-8" if wide else "save the file as UTF-8"
    message = f"the file is not UTF-8: byte {problem.start} (0x{raw[problem.start]:02x}) fits no character"
    return error("not-utf-8", message, Span(path, line, column), hint=hint)


_BREAK = re.compile(r"\r\n|\r|\n")
_RAW = re.compile("[\x00-\x08\x0b\x0c\x0e-\x1f\x7f-\x9f\u2028\u2029\ud800-\udfff\ufeff\ufffe\uffff]")
_ESCAPED = re.compile("[\x00-\x08\x0b\x0c\x0e-\x1f\x7f-\x9f\ud800-\udfff]")
_MOST_REPORTED = 20


def source_lines(text: str) -> tuple[str, ...]:
    """Split a text where YAML does (not at form feeds and the like), without the line ends."""
    return tuple(_BREAK.split(text))


def line_starts(text: str) -> list[int]:
    """Return where each line of a text begins."""
    return [0, *(end.end() for end in _BREAK.finditer(text))]


def unreadable_characters(text: str, file: str) -> list[Diagnostic]:
    """Find the characters that no plan may hold as themselves; at most 20 are reported.

    Beside YAML's own list these are its unusual line ends (U+0085, U+2028, U+2029), which YAML folds to a
    blank and so would change a value without a word, and a byte order mark inside the text, which nobody sees.
    """
    found: list[Diagnostic] = []
    starts: list[int] = []
    for match in _RAW.finditer(text):
        starts = starts or line_starts(text)
        line = bisect_right(starts, match.start())
        column = match.start() - starts[line - 1] + 1
        span = Span(file, line, column, column + 1)
        found.append(error("control-character", f"the file holds {_name(match.group())}", span, hint="remove it"))
        if len(found) == _MOST_REPORTED:
            break
    return found


def forbidden_escape(value: str) -> str | None:
    """Name the control character or half a surrogate pair that an escape put into a value; None if there is none."""
    match = _ESCAPED.search(value)
    return None if match is None else _name(match.group())


def _name(character: str) -> str:
    code = ord(character)
    if code == 0:
        return "a NUL character (is the file binary, or cut off?)"
    kind = "half a surrogate pair" if 0xD800 <= code <= 0xDFFF else "the control character"
    return f"{kind} U+{code:04X}"


def syntax_error(problem: yaml.YAMLError, text: str, file: str) -> Diagnostic:
    """Report the parser's complaint; its primary place is where the reader should look first."""
    mark = getattr(problem, "problem_mark", None)
    context = getattr(problem, "context_mark", None)
    words = " ".join(str(getattr(problem, "problem", None) or "not YAML").split())
    lines = source_lines(text)
    if context is not None and mark is not None and _never_closed(words, mark, lines):
        opened = "quote" if "quoted" in str(getattr(problem, "context", "")) else "bracket"
        hint = f"close the {opened}" + _about_templates(lines, context)
        return error("yaml-syntax", f"this {opened} is never closed", _point(file, context), hint=hint)
    place = mark or context
    spans = () if place is None else (_point(file, place),)
    return error("yaml-syntax", f"YAML cannot be read here: {words}", *spans, hint=_hint(words, lines, place))


def _never_closed(words: str, mark: yaml.Mark, lines: tuple[str, ...]) -> bool:
    if any(part in words for part in _AT_THE_END):
        return True
    at_the_end = mark.line >= len(lines) or (mark.line == len(lines) - 1 and mark.column >= len(lines[-1]))
    return "expected ',' or" in words and at_the_end


def _hint(words: str, lines: tuple[str, ...], mark: yaml.Mark | None) -> str:
    if mark is not None:
        line = _line(lines, mark)
        if line[mark.column : mark.column + 1] == "\t" or re.match(r" *\t", line):
            return "indent with spaces: YAML forbids tabs there"
    hint = next((hint for part, hint in _HINTS if part in words), _ANY_HINT)
    return hint + _about_templates(lines, mark)


def _about_templates(lines: tuple[str, ...], mark: yaml.Mark | None) -> str:
    if mark is None:
        return ""
    line = _line(lines, mark)
    if line[: mark.column + 1].endswith("${") or _is_template_in_brackets(line):
        return "; inside [ ] and { } a value that holds ${...} must be quoted"
    return ""


def _is_template_in_brackets(line: str) -> bool:
    """Whether a bracket stands before a `${` of the line: looked for once, however many brackets there are."""
    parts = line.split("$")
    return any(after.startswith("{") and ("[" in before or "{" in before) for before, after in pairwise(parts))


def _line(lines: tuple[str, ...], mark: yaml.Mark) -> str:
    return lines[mark.line] if mark.line < len(lines) else ""


def _point(file: str, mark: yaml.Mark) -> Span:
    return Span(file, mark.line + 1, mark.column + 1)
