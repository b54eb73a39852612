"""One file of numbers: CSV with or without a header, every entry told that nobody could be kept from being rung by."""

import hashlib
import io
from array import array
from collections.abc import Iterator
from typing import BinaryIO

from orchestrator.model.diagnostic import Diagnostic, Span, error, warning
from orchestrator.plan.csv_cells import csv_cells
from orchestrator.plan.csv_rows import wrong_separator
from orchestrator.plan.data_lines import DataLines
from orchestrator.plan.numbers_listed import bare_number, entry_key
from orchestrator.plan.rows import brief

NAMES = ("number", "phone", "mobile", "msisdn", "to")
"""Of the column that holds the numbers, in small letters."""

_TOLD_AT_MOST = 20
"""Findings of a kind in one file; the rest is counted."""
_FEWEST_DIGITS = 5
"""In one cell of the first line: then it is no header, and a number in it must not be passed over."""
_SHORT = 8
"""Characters. No number with its area code has fewer."""


class HashedStream(io.RawIOBase):
    """Hashes the bytes of a file as they are read; closing it closes the file."""

    def __init__(self, stream: BinaryIO) -> None:
        super().__init__()
        self._stream = stream
        self.hash = hashlib.sha256()

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


class ListFile:
    """Reads one list. `keys` are those of its numbers, in no order; `found` is bounded, what is told of it.

    `file` is its name as people see it, `place` where it is named. `hash` is over the bytes read.
    """

    def __init__(self, opened: BinaryIO, file: str, place: Span | None) -> None:
        self._file = file
        self._place = place
        self._count: dict[str, int] = {}
        self.keys = array("Q")
        self.found: list[Diagnostic] = []
        stream = HashedStream(opened)
        with DataLines(io.BufferedReader(stream, 1 << 16), file) as lines:
            self._read(csv_cells(lines, file))
        self.hash = stream.hash.digest()
        self._more()
        if not self.keys and not self.found:
            message = "the list has no numbers: it keeps nobody from being rung"
            self.found.append(warning("no-numbers", message, *self._places(1), hint="add numbers, or do not name it"))

    def _read(self, records: "Iterator[tuple[int, list[str]] | Diagnostic]") -> None:
        column: int | None = None
        for record in records:
            if isinstance(record, Diagnostic):
                self._tell(record)
                continue
            line, cells = record
            if column is None:
                if not any(cell.strip() for cell in cells):
                    continue
                column, is_header = self._column(cells, line)
                separated = wrong_separator(cells, Span(self._file, line)) if is_header else None
                if separated is not None:
                    self._tell(separated)
                    return
                if is_header:
                    continue
            cell = cells[column] if column < len(cells) else ""
            key = entry_key(cell)
            if key is not None:
                self.keys.append(key)
                if len(cell) < _SHORT + 2:  # plain numbers are longer, and need no second look
                    self._look(cell, line)
            elif any(other.strip() for other in cells):
                self._tell(self._no_number(cell, line))

    def _column(self, cells: list[str], line: int) -> tuple[int, bool]:
        """Return where the numbers stand, by the first line, and whether that is a header.

        A line in which any cell is a number, or could be meant for one, is not.
        """
        if entry_key(cells[0]) is not None or any(sum(map(str.isdigit, cell)) >= _FEWEST_DIGITS for cell in cells):
            return 0, False
        names = [cell.strip().lower() for cell in cells]
        named = next((name for name in NAMES if name in names), None)
        if named is not None:
            return names.index(named), True
        if len(cells) > 1:
            message = (
                f"no column is named {', '.join(NAMES[:-1])} or {NAMES[-1]}: the first, `{brief(cells[0])}`, is taken"
            )
            hint = "name the column with the numbers `number`"
            self._tell(warning("no-number-column", message, *self._places(line), hint=hint))
        return 0, True

    def _look(self, cell: str, line: int) -> None:
        """Tell a number without its area code, or a short code: it is another one in the next town."""
        if len(bare_number(cell.strip()) or cell) < _SHORT:
            message = f"`{brief(cell)}` is too short for a whole number: only calls with the same digits are kept back"
            self._tell(warning("short-number", message, *self._places(line), hint="write it with its country code"))

    def _no_number(self, cell: str, line: int) -> Diagnostic:
        what = f"`{brief(cell)}`" if cell.strip() else "an empty cell"
        message = (
            f"{what} is neither a phone number of 3 to 15 digits nor a hash of one: whoever it stands for would be rung"
        )
        hint = "write the number with its country code, or `sha256:` and the 64 hexadecimal digits of its SHA-256"
        return error("not-a-number", message, *self._places(line), hint=hint)

    def _tell(self, finding: Diagnostic) -> None:
        told = self._count[finding.id] = self._count.get(finding.id, 0) + 1
        if told <= _TOLD_AT_MOST:
            self.found.append(finding)

    def _more(self) -> None:
        for name, count in self._count.items():
            if count > _TOLD_AT_MOST:
                last = [each for each in self.found if each.id == name][-1]
                message = f"... and {count - _TOLD_AT_MOST:,} more like this in the list"
                self.found.append(Diagnostic(name, last.severity, message, last.spans, last.hint))

    def _places(self, line: int) -> tuple[Span, ...]:
        span = Span(self._file, line)
        return (span,) if self._place is None else (span, self._place)
