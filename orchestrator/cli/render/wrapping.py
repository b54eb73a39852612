"""Texts in lines of a terminal, by the columns that their characters take: two for a wide one."""

import re
from collections.abc import Iterator

from orchestrator.phone.safe_text import cells

LEAST_ROOM = 12
"""Columns of text in a line, however narrow the terminal and deep the indent."""


def wrapped(text: str, width: int, indent: str) -> Iterator[str]:
    """Yield a visible text in lines, those after the first one indented; words that are longer than a line are broken.

    Blanks stay as they are, but for those between two lines.
    """
    if cells(text) <= width:
        yield text
        return
    room = max(width, len(indent) + LEAST_ROOM)
    line, blank = "", ""
    for word in re.findall(r"[ ]+|[^ ]+", text):
        if word.isspace():
            blank = word
            continue
        for piece in _pieces(word, room - len(indent)):
            if line.strip() and cells(line) + len(blank) + cells(piece) > room:
                yield line
                line, blank = indent, ""
            line, blank = line + blank + piece, ""
    yield line


def _pieces(word: str, room: int) -> Iterator[str]:
    """Yield a word in pieces that fit into a line, mostly one."""
    piece, taken = "", 0
    for character in word if cells(word) > room else ():
        width = cells(character)
        if taken + width > room:
            yield piece
            piece, taken = "", 0
        piece, taken = piece + character, taken + width
    yield piece or word
