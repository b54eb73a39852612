"""Rows of data for a call, streamed: one at a time, in the order of the data, in bounded memory."""

import re
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import TypeAlias

from orchestrator.model.diagnostic import Diagnostic, Span, note
from orchestrator.model.frozen import frozen

_BLANK = re.compile(r"[\s\u00ad\u180e\u200b-\u200f\u2060\ufeff]*\Z")
"""White space of every kind, no-break spaces too, and characters that nobody sees."""


@dataclass(slots=True)
class Row:
    """One row. `values` has trimmed column names and the cells as typed.

    `rounded`: some cell may be a number that a spreadsheet has rounded (`9.19877E+11`), so they are worth a look.
    `decimals` are the columns that hold a JSON number with a fraction or an exponent: never a phone number.
    """

    values: Mapping[str, str]
    span: Span
    rounded: bool = False
    decimals: frozenset[str] = frozenset()


class RowBlock:
    """Rows that come one after the other in a file, to be looked at together; iterating gives each by itself.

    `columns` are trimmed, `cells` are those of each row as typed, `lines` is where each row begins. `spans` are their
    places where they do not begin at the beginning of a line. None of them is `rounded`.
    """

    def __init__(self, file: str, columns: tuple[str, ...]) -> None:
        self.file = file
        self.columns = columns
        self.cells: list[list[str]] = []
        self.lines: list[int] = []
        self.spans: list[Span] | None = None

    def __len__(self) -> int:
        return len(self.lines)

    def __iter__(self) -> Iterator[Row]:
        return map(self.row, range(len(self)))

    def row(self, position: int) -> Row:
        """Return one row by itself."""
        values = dict(zip(self.columns, self.cells[position], strict=True))
        return Row(values, self.span(position))

    def span(self, position: int) -> Span:
        """Return the place of one row."""
        return Span(self.file, self.lines[position]) if self.spans is None else self.spans[position]

    def column(self, name: str) -> list[str]:
        """Return the cells of one column."""
        position = self.columns.index(name)
        return [cells[position] for cells in self.cells]

    def only(self, positions: Sequence[int]) -> "RowBlock":
        """Return these rows, as a block of their own."""
        chosen = RowBlock(self.file, self.columns)
        chosen.cells = [self.cells[position] for position in positions]
        chosen.lines = [self.lines[position] for position in positions]
        chosen.spans = None if self.spans is None else [self.spans[position] for position in positions]
        return chosen


@frozen
class BadRow:
    """A row that cannot be read, and why; the rows after it can."""

    problem: Diagnostic


@frozen
class Header:
    """The columns that every row of the data has; reported once, before the first row, where they are known."""

    columns: tuple[str, ...]
    span: Span


class BlankRows:
    """Counts the rows that hold nothing: they are passed over, and reported together."""

    def __init__(self) -> None:
        self._count = 0
        self._first: Span | None = None

    def add(self, span: Span) -> None:
        """Count the blank row at this place."""
        self._count += 1
        self._first = span if self._first is None else min(self._first, span)

    def notes(self) -> Iterator[Diagnostic]:
        """Yield the one note about them all, at the first of them; nothing where there are none."""
        if self._first is not None:
            what = "1 row is blank and is" if self._count == 1 else f"{self._count:,} rows are blank and are"
            hint = "spreadsheets keep rows that were filled once: delete them there to be rid of this note"
            yield note("blank-rows", f"{what} passed over", self._first, hint=hint)


RowItem: TypeAlias = Header | Row | RowBlock | BadRow | Diagnostic
"""A Diagnostic among rows is about the whole data: nothing comes after an error."""


def is_blank(text: str) -> bool:
    """Whether a cell holds nothing that can be seen: no character, white space, no-break spaces."""
    return not text or _BLANK.match(text) is not None
