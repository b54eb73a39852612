"""Texts in lines of a terminal, by the columns that their characters take: two for a wide one."""

from collections.abc import Iterator

from orchestrator.phone.safe_text import cells

LEAST_ROOM = 12
"""Columns of text in a line, however narrow the terminal and deep the indent."""


def wrapped(text: str, width: int, indent: str) -> list[str]:
    """Break a visible text at blanks, and words that are longer than a line; what follows the first line is indented.

    Blanks at its beginning stay, others between two lines are left out.
    """
    if cells(text) <= width:
        return [text]
    start = " " * (len(text) - len(text.lstrip(" ")))
    lines, line, is_blank = [], start, True
    for word in text.split():
        room = max(width, len(indent) + LEAST_ROOM)
        for number, piece in enumerate(_pieces(word, room - len(indent))):
            joined = line + ("" if is_blank or number else " ") + piece
            if number or (not is_blank and cells(joined) > room):
                lines.append(line)
                joined = indent + piece
            line, is_blank = joined, False
    return [*lines, line]


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
