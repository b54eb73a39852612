"""A plan's file as text: read within bounds, its lines, and what is wrong with its characters."""

import re
from bisect import bisect_right
from typing import BinaryIO

from orchestrator.model.diagnostic import Diagnostic, Span, error
from orchestrator.plan.file_kind import merge_conflict, no_text, utf_16
from orchestrator.plan.paths import how_to_open, open_regular

MAX_BYTES = 64 * 1024 * 1024
"""Some 150,000 literal calls, a gigabyte of nodes. Larger plans keep their calls in a data file, which streams."""


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
    other = no_text(raw[:64], file, "name a YAML file") or utf_16(raw[:64], file, "save it as UTF-8: no plan is UTF-16")
    if other is not None:
        return None, (other,)
    try:
        text = raw.decode("utf-8-sig")
    except UnicodeDecodeError as problem:
        return None, (_not_utf8(file, raw, problem),)
    conflict = merge_conflict(text, file, lambda at: bisect_right(line_starts(text), at))
    return (text, ()) if conflict is None else (None, (conflict,))


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
    is_cut = problem.reason == "unexpected end of data"
    hint = "its last character is cut off: copy the file again" if is_cut else "save the file as UTF-8"
    message = f"the file is not UTF-8: byte {problem.start} (0x{raw[problem.start]:02x}) fits no character"
    return error("not-utf-8", message, Span(path, line, column), hint=hint)


_BREAK = re.compile(r"\r\n|\r|\n")
_RAW = "[\x00-\x08\x0b\x0c\x0e-\x1f\x7f-\x9f\u2028\u2029\ud800-\udfff\ufeff\ufffe\uffff]"
_ESCAPED = "[\x00-\x08\x0b\x0c\x0e-\x1f\x7f-\x9f\ud800-\udfff]"
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
    if text.replace("\n", "").replace("\r", "").replace("\t", "").isprintable():
        return found
    for match in re.finditer(_RAW, text):
        starts = starts or line_starts(text)
        line = bisect_right(starts, match.start())
        column = match.start() - starts[line - 1] + 1
        span = Span(file, line, column, column + 1)
        found.append(error("control-character", f"the file holds {_name(match.group())}", span, hint="remove it"))
        if len(found) == _MOST_REPORTED or match.group() == "\0":  # whatever follows a NUL is no text
            break
    return found


def forbidden_escape(value: str) -> str | None:
    """Name the control character or half a surrogate pair that an escape put into a value; None if there is none."""
    match = None if value.isprintable() else re.search(_ESCAPED, value)
    return None if match is None else _name(match.group())


_KNOWN = {
    0x85: "the unusual line end",
    0x2028: "the unusual line end",
    0x2029: "the unusual line end",
    0xFEFF: "a byte order mark inside the text,",
}


def _name(character: str) -> str:
    code = ord(character)
    if code == 0:
        return "a NUL character (is the file binary, or cut off?)"
    kind = "half a surrogate pair" if 0xD800 <= code <= 0xDFFF else "the control character"
    return f"{_KNOWN.get(code, kind)} U+{code:04X}"
