"""The dates on which nobody is rung: a plan's `policy.holidays` names a file of them."""

import re
from collections.abc import Iterator
from datetime import date
from itertools import chain, islice
from typing import BinaryIO

from orchestrator.model.diagnostic import Diagnostic, Span, error
from orchestrator.plan.findings import line_excerpt
from orchestrator.plan.paths import FileRefusal, NamedFiles
from orchestrator.plan.rows.csv import Record, csv_cells, separator_line, title_line, wrong_separator
from orchestrator.plan.rows.lines import DataLines
from orchestrator.plan.rows.row import BlankRows, is_blank
from orchestrator.plan.text_formats import ParseError, read_date
from orchestrator.plan.yaml.nodes import MappingNode, ScalarNode

COLUMN = "date"
_DATE = re.compile(
    r"(?<![0-9])(?:[0-9]{4}[-/.][0-9]{1,2}[-/.][0-9]{1,2}|[0-9]{1,2}[-/.][0-9]{1,2}[-/.][0-9]{4})(?![0-9])"
    r"|\A\s*(?:(?:19|20)[0-9]{6}|[0-9]{1,2}[ -][A-Za-z]{3,9}[ -](?:[0-9]{2}){1,2})\s*\Z"
)
"""In a text: a year, a month and a day in figures. As a whole cell also `20261127` and `27-Nov-26`."""
_AROUND = " \t\u00a0\"'"
_MOST_REPORTED = 20
"""Findings of one file. Whoever names the wrong file need not read all of it."""


def holidays_file(root: MappingNode) -> ScalarNode | None:
    """Return the name of a plan's file of dates as it is written there."""
    policy = root.get("policy")
    node = policy.get("holidays") if isinstance(policy, MappingNode) else None
    return node if isinstance(node, ScalarNode) and node.text else None


def read_holidays(root: MappingNode, files: NamedFiles) -> tuple[frozenset[date], tuple[Diagnostic, ...]]:
    """Read the file that the policy names; no dates where it names none, and what is wrong with the file.

    CSV: a header with a column `date`, or a date in the first cell of every line. Other columns hold what they like,
    but no second date: whether it is another holiday, the end of several or something else is not known.
    """
    name = holidays_file(root)
    if name is None:
        return frozenset(), ()
    opened = files.open(name.text)
    if isinstance(opened, FileRefusal):
        return frozenset(), (error(opened.id, opened.message, name.span, hint=opened.hint),)
    found: list[Diagnostic] = []
    dates: set[date] = set()
    for item in _dates(opened, files.name(name.text)):
        if isinstance(item, Diagnostic):
            found.append(item)
            if len(found) == _MOST_REPORTED:
                break
        else:
            dates.add(item)
    if not dates and not any(each.is_error for each in found):
        message = "the file has no dates: it keeps nobody from being rung"
        found.append(error("no-dates", message, Span(files.name(name.text), 1), hint="add some, or remove `holidays`"))
    return frozenset(dates), tuple(found)


def _dates(opened: BinaryIO, file: str) -> Iterator[date | Diagnostic]:
    column: int | None = None
    blank = BlankRows()
    with DataLines(opened, file) as lines:
        records = _filled(csv_cells(lines, file), file, blank)
        head = [*islice(records, 2)]
        title = _title(head, file)
        if title is not None:
            yield title
            return
        for item in chain(head, records):
            if isinstance(item, Diagnostic):
                yield item
                continue
            line, cells = item
            if column is None:
                column = _column(cells)
                if column is None:
                    yield _no_column(cells, Span(file, line))
                    return
                if _is_header(cells):
                    continue
            yield _date(cells, column, Span(file, line))
    yield from blank.notes()


def _filled(records: Iterator[Record | Diagnostic], file: str, blank: BlankRows) -> Iterator[Record | Diagnostic]:
    """Yield what is not blank."""
    for item in records:
        if not isinstance(item, Diagnostic) and all(map(is_blank, item[1])):
            blank.add(Span(file, item[0]))
        else:
            yield item


def _title(head: list[Record | Diagnostic], file: str) -> Diagnostic | None:
    """Report a first line that stands above the names of the columns."""
    records = [item for item in head if not isinstance(item, Diagnostic)]
    if len(records) < 2 or _is_header(records[0][1]) or not _is_header(records[1][1]):
        return None
    (line, cells), (below, _) = records
    return separator_line(cells, Span(file, line)) or title_line(Span(file, line), below)


def _is_header(cells: list[str]) -> bool:
    return any(cell.strip().lower() == COLUMN for cell in cells)


def _column(cells: list[str]) -> int | None:
    """Return where the dates stand, by the first line: under `date`, else first, where that is no name."""
    names = [cell.strip().lower() for cell in cells]
    if COLUMN in names:
        return names.index(COLUMN)
    return 0 if any(character.isdigit() for character in names[0]) else None


def _no_column(cells: list[str], span: Span) -> Diagnostic:
    hint = "begin the file with a line such as `date,name`, or with the first date"
    return (
        separator_line(cells, span)
        or wrong_separator(cells, span)
        or error(
            "no-date-column",
            f"no column is named `{COLUMN}`, and `{line_excerpt(cells[0])}` is no date",
            span,
            hint=hint,
        )
    )


def _holds_date(cell: str) -> bool:
    """Whether a cell holds a date, within whatever quotes and blanks people put around it."""
    return _DATE.search(cell.strip(_AROUND)) is not None


def _date(cells: list[str], column: int, span: Span) -> date | Diagnostic:
    cell = cells[column] if column < len(cells) else ""
    found = read_date(cell.strip())
    if isinstance(found, ParseError):
        what = f"`{line_excerpt(cell)}`" if cell.strip() else "an empty cell"
        return error("not-a-date", f"{what} is not a date: year, month and day", span, hint=found.hint)
    second = next((other for at, other in enumerate(cells) if at != column and _holds_date(other)), None)
    if second is None:
        return found
    message = (
        f"`{line_excerpt(second)}` holds a second date of the line, and only `{found}` would be kept free of calls"
    )
    hint = "write one date a line, of several days each on its own; remove a column of other dates"
    return error("second-date", message, span, hint=hint)
