"""A spreadsheet program's export, turned into the CSV that plans read: UTF-8, commas, and a name for each column.

Excel writes what its machine is set to: a mark before the text, `;` where the comma is the decimal point, Windows-1252,
or "Unicode text", which is UTF-16 with tabs. What each cell says is not touched.
"""

import csv
import io
import unicodedata
from collections import Counter
from collections.abc import Iterator
from itertools import islice
from typing import TextIO

from orchestrator.model.diagnostic import Diagnostic, Span, error
from orchestrator.model.frozen import frozen
from orchestrator.plan.file_kind import no_text
from orchestrator.plan.paths import open_regular
from orchestrator.plan.rows.csv import looks_like_header, separator_line, title_line, unparsed
from orchestrator.plan.rows.lines import LONGEST_LINE
from orchestrator.plan.rows.row import is_blank

SEPARATORS = {",": "commas", ";": "semicolons", "\t": "tabs", "|": "bars"}
"""What may stand between two cells, in the order in which one is preferred, and what people call it."""

_HEAD = 1 << 16
"""Bytes, and characters, by which encoding and separator are judged."""
_LONGEST_NAME = 100
"""Characters of a column's name in the copy: the id of a call, which names it, has 200 at most."""
_RECORDS = 50
"""Records by which the separator is judged."""
_MARKS = {
    b"\xef\xbb\xbf": ("utf-8-sig", "UTF-8 with a byte order mark"),
    b"\xff\xfe": ("utf-16", "UTF-16"),
    b"\xfe\xff": ("utf-16", "UTF-16"),
}
_SAVE_AS = "open it in the spreadsheet program and save it as CSV UTF-8"
_IN_A_TEMPLATE = str.maketrans("{}", "()")
"""A template, `${row.column}`, ends at the first brace."""


@frozen
class Export:
    """What an export was: `encoding` and `separator` in words, and `columns` as the copy names them.

    `renamed` are the positions, from 0, of columns whose name is another in the copy. `lines_left_out` is how many
    lines of its beginning the copy does not have.
    """

    encoding: str
    separator: str
    columns: tuple[str, ...]
    renamed: tuple[int, ...]
    lines_left_out: int


def convert(path: str, copy: TextIO) -> Export | Diagnostic:
    """Write the export at `path` as CSV to `copy`, or return why it cannot be read. Raises OSError.

    Memory does not grow with the file.
    """
    found = _encoding(path)
    if isinstance(found, Diagnostic):
        return found
    codec, encoding = found
    with _open(path, codec) as text:
        separator, left_out = _separator(text.read(_HEAD))
    with _open(path, codec) as text:
        for _ in range(left_out):
            text.readline()
        records = csv.reader(_lines(text), delimiter=separator, strict=True)
        names: tuple[str, ...] = ()
        renamed: tuple[int, ...] = ()
        writer = csv.writer(copy, lineterminator="\n")
        start, title = left_out + 1, 0
        try:
            for cells in records:
                if title and looks_like_header(cells):
                    return title_line(Span(path, title), start)
                if cells and not names:
                    names, renamed = _named(cells)
                    title = start if _is_alone(cells) else 0
                    writer.writerow(names)
                else:
                    title = title if not any(cells) else 0
                    writer.writerow(cells)
                start = left_out + records.line_num + 1
        except csv.Error as problem:
            return unparsed(str(problem), Span(path, start), left_out + records.line_num)
    if not names:
        return error("no-header", "the file is empty: an export begins with the names of its columns", Span(path, 1))
    return Export(encoding, SEPARATORS[separator], names, renamed, left_out)


def _open(path: str, codec: str) -> TextIO:
    return io.TextIOWrapper(open_regular(path), codec, newline="")


def _lines(text: TextIO) -> Iterator[str]:
    """Yield the lines. Raises csv.Error for one that no spreadsheet has: a file without line ends fills any memory."""
    while line := text.readline(LONGEST_LINE):
        if len(line) == LONGEST_LINE:
            raise csv.Error(f"a line is longer than {LONGEST_LINE:,} characters")
        yield line


def _encoding(path: str) -> tuple[str, str] | Diagnostic:
    """Return the codec of the whole text, and its name for people."""
    with open_regular(path) as file:
        head = file.read(_HEAD)
    other = no_text(head, path, _SAVE_AS)
    if other is not None:
        return other
    tried = [named for mark, named in _MARKS.items() if head.startswith(mark)] or _unmarked(head)
    for codec, name in tried:
        if _is_text(path, codec):
            return codec, name
    message = f"the file is not {' and not '.join(name for _, name in tried)}: its bytes fit no characters"
    return error("not-utf-8", message, Span(path, 1), hint=_SAVE_AS)


def _unmarked(head: bytes) -> list[tuple[str, str]]:
    """Return what a text without a mark may be: of UTF-16 every second byte of its ASCII characters is nought."""
    if b"\0" in head:
        big = head[::2].count(0) > head[1::2].count(0)
        return [("utf-16-be" if big else "utf-16-le", "UTF-16 without its mark")]
    return [("utf-8", "UTF-8"), ("cp1252", "Windows-1252")]


def _is_text(path: str, codec: str) -> bool:
    with _open(path, codec) as text:
        try:
            while text.read(_HEAD):
                pass
        except UnicodeError:
            return False
    return True


def _separator(head: str) -> tuple[str, int]:
    """Return what separates the cells, and how many lines stand above the header to say so (`sep=;`: Excel's own)."""
    first = head.splitlines()[0] if head else ""
    if separator_line([first], Span("", 1)) is not None and first.strip()[-1:] in SEPARATORS:
        return first.strip()[-1], 1
    return max(SEPARATORS, key=lambda separator: _fit(head, separator)), 0


def _fit(head: str, separator: str) -> float:
    """Return how well a separator fits: the cells that most records have, times the share of records that have them."""
    widths: list[int] = []
    try:
        reader = csv.reader(io.StringIO(head, newline=""), delimiter=separator, strict=True)
        widths += (len(cells) for cells in islice(reader, _RECORDS) if cells)
    except csv.Error:
        pass  # the head ends inside a quoted cell, or this is no separator of the text
    if not widths:
        return 0.0
    width, times = Counter(widths).most_common(1)[0]
    return width * times / len(widths)


def _named(cells: list[str]) -> tuple[tuple[str, ...], tuple[int, ...]]:
    """Return a name for each column, all different, and the positions of those that have another than before.

    A line with one filled cell of many is no header, which the reader of the copy reports: nothing in it is a name.
    """
    if len(cells) > 1 and _is_alone(cells):
        return tuple(cells), ()
    names: dict[str, None] = {}
    times: Counter[str] = Counter()
    for position, cell in enumerate(cells, 1):
        shown = "" if is_blank(cell) else cell.translate(_IN_A_TEMPLATE)
        wanted = " ".join("".join(map(_without_control, shown)).split())[:_LONGEST_NAME].strip() or f"column {position}"
        name = wanted
        while name in names:
            times[wanted] += 1
            name = f"{wanted} ({times[wanted] + 1})"
        names[name] = None
    return tuple(names), tuple(index for index, name in enumerate(names) if cells[index].strip() != name)


def _is_alone(cells: list[str]) -> bool:
    return sum(not is_blank(cell) for cell in cells) == 1


def _without_control(character: str) -> str:
    return " " if unicodedata.category(character) in ("Cc", "Cs", "Zl", "Zp") else character
