"""Rows of a CSV file: one header line, commas, double quotes; cells arrive as typed."""

import csv
from collections.abc import Iterator

from orchestrator.model.diagnostic import Diagnostic, Span, error
from orchestrator.plan.csv_header import read_header, unparsed, wrong_separator
from orchestrator.plan.data_lines import DataLines
from orchestrator.plan.rows import BadRow, BlankRows, Header, Row, RowItem, brief, is_blank


def csv_rows(lines: DataLines, file: str, needed: frozenset[str] = frozenset()) -> Iterator[RowItem]:
    """Stream a CSV file. Column names are trimmed, cells are not; a row has as many cells as the header.

    Lines without a character are passed over; so are rows of blank cells, however many, which are counted in a note at
    the end. `needed` are the columns that the plan names.
    """
    reader = csv.reader(lines, strict=True)
    header = read_header(reader, lines, file, needed)
    yield header
    if not isinstance(header, Header):
        return
    columns, width, start = header.columns, len(header.columns), lines.number + 1
    blank = BlankRows()
    while True:
        try:
            cells = next(reader, None)
        except csv.Error as problem:
            found = unparsed(str(problem), Span(file, start), lines.number)
            if lines.broken is not None or found.id == "unclosed-quote":
                yield lines.broken or found
                return
            yield BadRow(lines.trouble or found)
        else:
            if cells is None:
                break
            if lines.trouble is not None:
                yield BadRow(lines.trouble)
            elif cells and is_blank(cells[0]) and all(map(is_blank, cells)):
                blank.add(Span(file, start))
            elif len(cells) == width:
                yield Row(dict(zip(columns, cells, strict=True)), Span(file, start), lines.rounded)
            elif cells:
                yield BadRow(_wrong_width(cells, columns, Span(file, start)))
        start, lines.trouble, lines.rounded = lines.number + 1, None, False
    if lines.broken is not None:
        yield lines.broken
    yield from blank.told()


def _wrong_width(cells: list[str], columns: tuple[str, ...], span: Span) -> Diagnostic:
    message = f"the row has {_count(len(cells))}, the header {len(columns)}"
    if len(cells) > len(columns):
        surplus = len(cells) - len(columns)
        if all(map(is_blank, cells[len(columns) :])):
            what = "the last one is empty" if surplus == 1 else f"the last {surplus:,} are empty"
            return error("long-row", f"{message}: {what}", span, hint="remove the commas at its end")
        return error("long-row", message, span, hint="put a cell that holds a comma into double quotes")
    if wrong_separator(cells, span) is not None:
        return error("short-row", message, span, hint="separate its cells with commas, as the header's are")
    missing = ", ".join(f"`{brief(name)}`" for name in columns[len(cells) :][:5])
    return error("short-row", message, span, hint=f"no cell for {missing}; an empty cell still has its comma")


def _count(cells: int) -> str:
    return "1 cell" if cells == 1 else f"{cells:,} cells"
