"""Shows one source line with its place underlined: what is around the place, masked, safe to print, not too wide."""

import re
from collections.abc import Sequence
from pathlib import Path
from typing import TYPE_CHECKING

from orchestrator.model.diagnostic import Span
from orchestrator.model.frozen import frozen
from orchestrator.phone.masking import LONGEST_SPELLING
from orchestrator.phone.safe_text import cells, commands, shown, written_out

if TYPE_CHECKING:
    from orchestrator.exotel.masking import Masker

COLUMNS_SHOWN = 72
"""Terminal columns of source that are shown: with the gutter, a line of 80."""
COLUMNS_BEFORE = 24
"""Columns kept before the place when a line is cut."""
ELLIPSIS = "..."
_ENDS_USERINFO = re.compile(r"[/?#\s]")


@frozen
class Snippet:
    """A line's number, what is shown of it, and the carets below."""

    number: str
    text: str
    underline: str


def snippet(span: Span, lines: Sequence[str], masker: "Masker") -> Snippet | None:
    """Return the picture of `span`, None where its line is not among `lines`."""
    if not 1 <= span.line <= len(lines):
        return None
    raw = lines[span.line - 1]
    start = min(max(span.column, 1) - 1, len(raw))
    end = min(max(span.end_column or span.column + 1, start + 2) - 1, max(len(raw), start + 1))
    first, last = _neighbourhood(raw, start)
    line, start, end = _masked(raw[first:last], start - first, min(end, last + 1) - first, masker)
    left, right = _window(line, start, first > 0)
    pieces = [shown(character) for character in line[left:right]]
    for position in commands(line[left:right]):
        pieces[position] = written_out(pieces[position])
    head = ELLIPSIS if left or first else ""
    indent = cells(head) + sum(cells(piece) for piece in pieces[: start - left])
    width = sum(cells(piece) for piece in pieces[start - left : end - left])
    tail = ELLIPSIS if right < len(line) or last < len(raw) else ""
    return Snippet(str(span.line), head + "".join(pieces) + tail, " " * indent + "^" * max(width, 1))


def _neighbourhood(raw: str, start: int) -> tuple[int, int]:
    """Return the slice of the line that decides what is shown around a place: a line may have a million characters.

    It reaches so far that every number of which a part is shown has enough digits in it to be seen as one, and that
    what stands before a host is known as such.
    """
    first, last = (
        max(0, start - 2 * COLUMNS_SHOWN - LONGEST_SPELLING),
        min(len(raw), start + 4 * COLUMNS_SHOWN + LONGEST_SPELLING),
    )
    userinfo = _userinfo(raw, first)
    first = first if userinfo is None else userinfo[0]
    userinfo = _userinfo(raw, last)
    return first, last if userinfo is None else userinfo[1]


def _userinfo(raw: str, position: int) -> tuple[int, int] | None:
    """Return the slice of the line from `//` to the last `@` before a host, if the position is in such a one."""
    slashes = max(raw.rfind(character, 0, position) for character in " \t/?#")
    if slashes < 1 or raw[slashes] != "/" or raw[slashes - 1] not in "/\\":
        return None
    found = _ENDS_USERINFO.search(raw, position)
    at = raw.rfind("@", position, len(raw) if found is None else found.start())
    return None if at < 0 else (max(0, slashes - 3), at + 1)


def _masked(raw: str, start: int, end: int, masker: "Masker") -> tuple[str, int, int]:
    """Mask a line; return the positions with it, moved where userinfo in an address changed the length."""
    line = masker.text(raw)
    if len(line) != len(raw):
        start, end = len(masker.text(raw[:start])), len(masker.text(raw[:end]))
    start = min(start, len(line))
    return line, start, max(min(end, len(line)), start + 1)


def _window(line: str, start: int, cut: bool) -> tuple[int, int]:
    """Return the slice of `line` that fits the window and holds `start`; `cut`: more stands before the line."""
    widths = [cells(shown(character)) for character in line[: start + 4 * COLUMNS_SHOWN]]
    if not cut and len(widths) == len(line) and sum(widths) <= COLUMNS_SHOWN:
        return 0, len(line)
    left = start
    room = COLUMNS_BEFORE if sum(widths[:start]) > COLUMNS_BEFORE else COLUMNS_SHOWN
    while left > 0 and room >= widths[left - 1]:
        left -= 1
        room -= widths[left]
    right = left
    room = COLUMNS_SHOWN - 2 * len(ELLIPSIS)
    while right < len(widths) and room >= widths[right]:
        room -= widths[right]
        right += 1
    return left, right


LARGEST_SHOWN = 16 * 1024 * 1024
"""Bytes of a file that are read for showing: a plan larger than this is refused anyway."""


def lines_of_file(path: str) -> tuple[str, ...]:
    """Return the file's lines, or none where it cannot be read (the finding says why)."""
    try:
        if not Path(path).is_file():
            return ()
        with Path(path).open("rb") as file:
            text = file.read(LARGEST_SHOWN).decode("utf-8-sig", "replace")
    except OSError:
        return ()
    return tuple(text.replace("\r\n", "\n").replace("\r", "\n").split("\n"))
