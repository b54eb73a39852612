"""The characters of a plan's text: its lines, and what no plan may hold."""

import re
from bisect import bisect_right

from orchestrator.model.diagnostic import Diagnostic, Span, error

_BREAK = re.compile(r"\r\n|\r|\n")
_RAW = re.compile("[\x00-\x08\x0b\x0c\x0e-\x1f\x7f-\x9f\u2028\u2029\ud800-\udfff\ufeff\ufffe\uffff]")
_ESCAPED = re.compile("[\x00-\x08\x0b\x0c\x0e-\x1f\x7f-\x9f\ud800-\udfff]")
_TOLD_AT_MOST = 20


def source_lines(text: str) -> tuple[str, ...]:
    """Split a text where YAML does (not at form feeds and the like), without the line ends."""
    return tuple(_BREAK.split(text))


def unreadable_characters(text: str, file: str) -> list[Diagnostic]:
    """Find the characters that no plan may hold as themselves; at most 20 are told.

    Beside YAML's own list these are its unusual line ends (U+0085, U+2028, U+2029), which YAML folds to a
    blank and so would change a value without a word, and a byte order mark inside the text, which nobody sees.
    """
    found: list[Diagnostic] = []
    starts: list[int] = []
    for match in _RAW.finditer(text):
        starts = starts or [0, *(end.end() for end in _BREAK.finditer(text))]
        line = bisect_right(starts, match.start())
        column = match.start() - starts[line - 1] + 1
        span = Span(file, line, column, column + 1)
        found.append(error("control-character", f"the file holds {_name(match.group())}", span, hint="remove it"))
        if len(found) == _TOLD_AT_MOST:
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
