"""One source line with its underline: masked, made safe, and cut to a window around the place."""

from collections.abc import Sequence
from dataclasses import dataclass

from orchestrator.cli.visible import cells, shown
from orchestrator.exotel.masking import Masker
from orchestrator.model.diagnostic import Span

WINDOW = 72
"""Terminal columns of source that are shown: with the gutter, a line of 80."""
BEFORE = 24
"""Columns kept before the place when a line is cut."""
ELLIPSIS = "..."


@dataclass(frozen=True, slots=True)
class Snippet:
    """A line's number, what is shown of it, and the carets below."""

    number: str
    text: str
    underline: str


def snippet(span: Span, lines: Sequence[str], masker: Masker) -> Snippet | None:
    """Return the picture of `span`, None where its line is not among `lines`."""
    if not 1 <= span.line <= len(lines):
        return None
    raw = lines[span.line - 1]
    start = min(max(span.column, 1) - 1, len(raw))
    end = min(max(span.end_column or span.column + 1, start + 2) - 1, max(len(raw), start + 1))
    line = masker.text(raw)
    if len(line) != len(raw):  # only userinfo in an address changes the length
        start, end = _moved(raw, start, masker), _moved(raw, end, masker)
    start = min(start, len(line))
    end = max(min(end, len(line)), start + 1)
    left, right = _window(line, start)
    pieces = [shown(character) for character in line[left:right]]
    head = ELLIPSIS if left else ""
    indent = cells(head) + sum(cells(piece) for piece in pieces[: start - left])
    width = sum(cells(piece) for piece in pieces[start - left : end - left])
    tail = ELLIPSIS if right < len(line) else ""
    return Snippet(str(span.line), head + "".join(pieces) + tail, " " * indent + "^" * max(width, 1))


def _moved(raw: str, position: int, masker: Masker) -> int:
    """Return where a position of the raw line stands in the masked one, at least nearly."""
    return len(masker.text(raw[:position]))


def _window(line: str, start: int) -> tuple[int, int]:
    """Return the slice of `line` that fits the window and holds `start`."""
    widths = [cells(shown(character)) for character in line[: start + 4 * WINDOW]]
    if len(widths) == len(line) and sum(widths) <= WINDOW:
        return 0, len(line)
    left = start
    room = BEFORE if sum(widths[:start]) > BEFORE else WINDOW
    while left > 0 and room >= widths[left - 1]:
        left -= 1
        room -= widths[left]
    right = left
    room = WINDOW - 2 * len(ELLIPSIS)
    while right < len(widths) and room >= widths[right]:
        room -= widths[right]
        right += 1
    return left, right
