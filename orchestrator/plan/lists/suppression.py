"""Lists of numbers that are never rung: read once, whole, in 8 bytes a number.

A list is CSV with or without a header, and every entry that could keep nobody from being rung is reported. A number
counts in whichever column it stands: too much kept back is a call less; too little rings somebody who asked not to be.
"""

import io
import re
from array import array
from bisect import bisect_left
from collections.abc import Iterator, Sequence
from typing import BinaryIO

from orchestrator.model.diagnostic import Diagnostic, Span, error, warning
from orchestrator.model.frozen import frozen
from orchestrator.phone.numbers import HOME_CODE, Reading, Validity
from orchestrator.plan.findings import line_excerpt
from orchestrator.plan.lists.numbers import (
    entry_key,
    is_hashed,
    is_rounded,
    key_of,
    keys_if_hashed,
    keys_within,
    may_hold_numbers,
    read_entry,
)
from orchestrator.plan.lists.scrub import Comments, ScrubMark
from orchestrator.plan.paths import FileRefusal, NamedFiles
from orchestrator.plan.rows.csv import csv_cells, separator_line, title_line, wrong_separator
from orchestrator.plan.rows.lines import DataLines
from orchestrator.plan.rows.row import BlankRows, is_blank

_MOST_OF_A_KIND = 20
"""Findings of a kind in one file; the rest is counted."""
_HOW_TO_NAME = "name every column of numbers, and no other, `number`, `phone` or `mobile`"
_WHERE_TO_WRITE = "give each number a line, or a column named `phone` or `mobile`; remove columns of other long figures"
_NAMES = ("number", "phone", "mobile", "msisdn", "to")
"""Of columns that hold numbers, in small letters."""

_NAMED = re.compile(rf"(?:{'|'.join(_NAMES)})(?:[ _-]?(?:number|no\.?))?[ _-]?[0-9]?\Z")
"""`phone_no` and `mobile number 2` too, and not `order_number`."""
_CODE = re.compile(r"(?:country|dial(?:ing)?|calling|isd|phone)[ _-]?(?:code|prefix)\Z|(?:cc|isd)\Z")
"""The name of a column of country codes."""
_FEWEST_DIGITS = 5
"""In one cell of the first line: then it is no header, and a number in it must not be passed over."""


@frozen
class SuppressionLists:
    """Lists by their names, in the order in which they were named. False where there is none.

    `marks` say when, and against what, each was scrubbed: one a list.

    Each holds the keys of its numbers, ascending: hashes, not the numbers. `file_hash` is over the files' bytes,
    empty without lists. `have_hashes`: whether numbers stand hashed in a file.
    """

    lists: "tuple[tuple[str, array[int]], ...]" = ()
    file_hash: str = ""
    have_hashes: bool = False
    marks: tuple[ScrubMark, ...] = ()

    def list_with(self, number: str) -> str | None:
        """Return the name of the first list that holds this number, in whatever spelling; None where none does."""
        if not self.lists:
            return None
        sought = [key_of(number), *(keys_if_hashed(number) if self.have_hashes else ())]
        return next((name for name, keys in self.lists if any(_holds(keys, key) for key in sought)), None)

    def __bool__(self) -> bool:
        return bool(self.lists)


NO_LISTS = SuppressionLists()


def read_lists(
    files: NamedFiles, names: Sequence[str], at: Sequence[Span | None] = ()
) -> tuple[SuppressionLists, tuple[Diagnostic, ...]]:
    """Read the lists that a plan or a target names; and what is wrong with them.

    `at` are the places of the names. Where a finding is an error the lists are not whole, and nothing may be dialed.
    """
    if not names:
        return NO_LISTS, ()
    from hashlib import sha256

    lists: list[tuple[str, array[int]]] = []
    marks: list[ScrubMark] = []
    found: list[Diagnostic] = []
    hashed = sha256()
    have_hashes = False
    for position, name in enumerate(names):
        place = at[position] if position < len(at) else None
        opened = files.open(name)
        if isinstance(opened, FileRefusal):
            spans = () if place is None else (place,)
            found.append(error(opened.id, opened.message, *spans, hint=opened.hint))
            continue
        read = _ListFile(opened, files.name(name), place)
        lists.append((name, array("Q", sorted(read.keys))))
        says = read.comments
        marks.append(ScrubMark(name, says.day, says.source, says.span or place, is_unreadable=bool(says.found)))
        found += read.found
        hashed.update(read.hash)
        have_hashes = have_hashes or read.has_hashes
    file_hash = f"sha256:{hashed.hexdigest()}" if lists else ""
    return SuppressionLists(tuple(lists), file_hash, have_hashes, tuple(marks)), tuple(found)


def _holds(keys: "array[int]", key: int) -> bool:
    position = bisect_left(keys, key)
    return position < len(keys) and keys[position] == key


class _ListFile:
    """Reads one list. `keys` are those of its numbers, in no order; `has_hashes`: whether some of them stand hashed.

    `found` is what is wrong with it, bounded. `file` is its name as people see it, `place` where it is named. `hash` is
    over the bytes read.
    """

    def __init__(self, opened: BinaryIO, file: str, place: Span | None) -> None:
        self._file = file
        self._place = place
        self._count: dict[str, int] = {}
        self._names: list[str] = []
        self._code: int | None = None
        self._with_numbers: set[int] = set()
        self._blank = BlankRows()
        self.comments = Comments(file)
        self.keys = array("Q")
        self.has_hashes = False
        self.found: list[Diagnostic] = []
        stream = _HashedStream(opened)
        with DataLines(io.BufferedReader(stream, 1 << 16), file) as lines:
            self._read(csv_cells(lines, file))
        self.hash = stream.hash.digest()
        self._more()
        if not self.keys and not self.found:
            message = "the list has no numbers: it keeps nobody from being rung"
            self.found.append(warning("no-numbers", message, *self._places(1), hint="add numbers, or do not name it"))
        self.found += (*self._blank.notes(), *self.comments.found)

    def _read(self, records: "Iterator[tuple[int, list[str]] | Diagnostic]") -> None:
        columns: tuple[int, ...] = ()
        first: tuple[int, list[str]] | None = None
        for record in records:
            if isinstance(record, Diagnostic):
                self._report(record)
                continue
            line, cells = record
            if is_blank(cells[0]) and all(map(is_blank, cells)):
                self._blank.add(Span(self._file, line))
                continue
            if first is not None and _is_title(first[1], cells):
                self._count.clear()
                self.found = [title_line(Span(self._file, first[0]), line)]
                return
            first = None
            if not columns and self.comments.take(line, cells):
                continue
            if not columns:
                first = record
                header = _header_columns(cells)
                if header is None:
                    columns = (0,)
                else:
                    refused = self._about_header(cells, header, line)
                    if refused is not None:
                        self._report(refused)
                        return
                    columns, self._names, self._code = header, cells, _code_column(cells)
                    continue
            self._entries(cells, columns, line)
            if len(cells) > 1:
                self._elsewhere(cells, columns, line)

    def _entries(self, cells: list[str], columns: tuple[int, ...], line: int) -> None:
        """Read the columns of numbers: each cell of them must be one or be empty, and one at least must be one."""
        is_answered = False
        is_in_parts = self._code is not None and self._code < len(cells) and not _is_of_home(cells[self._code])
        for column in columns:
            cell = cells[column] if column < len(cells) else ""
            entry = read_entry(cell)
            if entry is not None:
                is_answered = True
                self.keys.append(entry.key)
                if entry.number is None:
                    self.has_hashes = True
                elif entry.number.validity is not Validity.VALID:
                    self._report(self._doubtful(cell, entry.number, line))
                elif is_in_parts and not cell.strip().startswith(("+", "00")):
                    self._report(self._in_parts(cell, line))
            elif cell.strip():
                is_answered = True
                self._report(self._no_number(cell, line))
        if not is_answered and any(other.strip() for other in cells):
            self._report(self._no_number("", line))

    def _elsewhere(self, cells: list[str], columns: tuple[int, ...], line: int) -> None:
        """Take the numbers in other columns too: ringing somebody by mistake is worse than a call too few."""
        others = [cell for column, cell in enumerate(cells) if column not in columns]
        if not may_hold_numbers("\n".join(others)):
            return
        for column, cell in enumerate(cells):
            if column in columns:
                continue
            keys = keys_within(cell)
            self.keys.extend(keys)
            self.has_hashes = self.has_hashes or (bool(keys) and is_hashed(cell))
            if keys and column not in self._with_numbers:
                self._with_numbers.add(column)
                message = f"{self._column(column)} holds phone numbers too: they are kept back as well"
                self._report(warning("numbers-elsewhere", message, *self._places(line), hint=_WHERE_TO_WRITE))
            elif is_rounded(cell):
                message = (
                    f"{self._column(column)} holds `{line_excerpt(cell)}`, a number that a spreadsheet has rounded"
                )
                hint = "format the column as text and write its numbers anew, or remove the column"
                self._report(error("rounded-number", message, *self._places(line), hint=hint))

    def _column(self, column: int) -> str:
        name = self._names[column].strip() if column < len(self._names) else ""
        return f"`{line_excerpt(name)}`" if name else f"column {column + 1}"

    def _about_header(self, cells: list[str], columns: tuple[int, ...], line: int) -> Diagnostic | None:
        """Refuse a header that does not say where the numbers stand."""
        place = Span(self._file, line)
        separated = separator_line(cells, place) or wrong_separator(cells, place)
        if separated is not None or columns:
            return separated
        message = f"no column is named {', '.join(_NAMES[:-1])} or {_NAMES[-1]}: which one holds the numbers is a guess"
        return error("no-number-column", message, *self._places(line), hint=_HOW_TO_NAME)

    def _doubtful(self, cell: str, number: Reading, line: int) -> Diagnostic:
        """Report a number that is not a whole, valid one: it would keep nobody back, or somebody else."""
        written, places = f"`{line_excerpt(cell)}`", self._places(line)
        if number.validity is Validity.SHORT:
            message = f"{written} is too short for a whole number: only calls with the same digits are kept back"
            return warning("short-number", message, *places, hint="write it with its country code")
        if number.validity is Validity.GUESSED:
            message = f"{written} is a phone number only if it is read as {number.identity}"
            return error("number-not-valid", message, *places, hint="write it so if that is who is meant")
        message = f"{written} is no number of its country's numbering plan: whoever it stands for would be rung"
        return error("number-not-valid", message, *places, hint="check its digits and its country code, or remove it")

    def _in_parts(self, cell: str, line: int) -> Diagnostic:
        number = line_excerpt(cell)
        message = f"the country code of `{number}` stands in a column of its own: alone it is somebody else's number"
        hint = "write country code and number into one cell, with a `+` in front"
        return error("number-in-parts", message, *self._places(line), hint=hint)

    def _no_number(self, cell: str, line: int) -> Diagnostic:
        what = f"`{line_excerpt(cell)}`" if cell.strip() else "an empty cell"
        message = (
            f"{what} is neither a phone number of 3 to 15 digits nor a hash of one: whoever it stands for would be rung"
        )
        hint = "write the number with its country code, or `sha256:` and the 64 hexadecimal digits of its SHA-256"
        return error("not-a-number", message, *self._places(line), hint=hint)

    def _report(self, finding: Diagnostic) -> None:
        reported = self._count[finding.id] = self._count.get(finding.id, 0) + 1
        if reported <= _MOST_OF_A_KIND:
            self.found.append(finding)

    def _more(self) -> None:
        for name, count in self._count.items():
            if count > _MOST_OF_A_KIND:
                last = [each for each in self.found if each.id == name][-1]
                message = f"... and {count - _MOST_OF_A_KIND:,} more like this in the list"
                self.found.append(
                    Diagnostic(name, last.severity, message, last.spans, last.hint, count - _MOST_OF_A_KIND)
                )

    def _places(self, line: int) -> tuple[Span, ...]:
        span = Span(self._file, line)
        return (span,) if self._place is None else (span, self._place)


def _header_columns(cells: Sequence[str]) -> tuple[int, ...] | None:
    """Return where a header says that the numbers stand, nowhere where it does not say; None for a line of data.

    A line in which any cell is a number, or could be meant for one, is data. A header of one name needs no known one.
    """
    names = [cell.strip().lower() for cell in cells]
    named = tuple(position for position, name in enumerate(names) if _NAMED.match(name))
    filled = tuple(position for position, name in enumerate(names) if name)
    most = max(sum(map(str.isdigit, name)) for name in names)
    is_odd_figure = len(filled) == 1 and not named and most > 0
    if entry_key(cells[0]) is not None or most >= _FEWEST_DIGITS or is_odd_figure:
        return None
    return named or (filled if len(filled) == 1 else ())


def _code_column(cells: Sequence[str]) -> int | None:
    """Return where a header says that country codes stand; None where it names no such column."""
    return next((at for at, cell in enumerate(cells) if _CODE.match(cell.strip().lower())), None)


def _is_of_home(code: str) -> bool:
    """Whether a country code, if it is one, is the one that numbers without any are read with."""
    return "".join(filter(str.isdecimal, code)).lstrip("0") in ("", HOME_CODE)


def _is_title(cells: Sequence[str], below: Sequence[str]) -> bool:
    """Whether a line of one cell, which is no number and names none, stands above a line that names the columns."""
    filled = [cell for cell in cells if cell.strip()]
    if len(filled) != 1 or entry_key(filled[0]) is not None or _names_numbers(filled):
        return False
    return _names_numbers(below) and _header_columns(below) is not None


def _names_numbers(cells: Sequence[str]) -> bool:
    return any(_NAMED.match(cell.strip().lower()) for cell in cells)


class _HashedStream(io.RawIOBase):
    """Hashes the bytes of a file as they are read; closing it closes the file."""

    def __init__(self, stream: BinaryIO) -> None:
        from hashlib import sha256

        super().__init__()
        self._stream = stream
        self.hash = sha256()

    def readable(self) -> bool:
        """Return True."""
        return True

    def readinto(self, buffer: "memoryview | bytearray") -> int:  # type: ignore[override]
        """Read into the buffer and return how many bytes came."""
        chunk = self._stream.read(len(buffer))
        buffer[: len(chunk)] = chunk
        self.hash.update(chunk)
        return len(chunk)

    def close(self) -> None:
        """Close the file too."""
        self._stream.close()
        super().close()
