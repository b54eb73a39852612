"""Rows of a CSV file: one header line, commas, double quotes; cells arrive as typed."""

import csv
from collections.abc import Iterator, Sequence

from orchestrator.model.diagnostic import Diagnostic, Span, error
from orchestrator.plan.data_lines import DataLines
from orchestrator.plan.rows import BadRow, Header, Row, RowItem, brief

_OTHER_SEPARATORS = (";", "\t", "|")


def csv_rows(lines: DataLines, file: str) -> Iterator[RowItem]:
    """Stream a CSV file. Column names are trimmed, cells are not; a row has as many cells as the header.

    Lines without a character are passed over.
    """
    reader = csv.reader(lines, strict=True)
    header = _header(reader, lines, file)
    yield header
    if not isinstance(header, Header):
        return
    columns, width, start = header.columns, len(header.columns), lines.number + 1
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
            elif len(cells) == width:
                yield Row(dict(zip(columns, cells, strict=True)), Span(file, start), lines.rounded)
            elif cells:
                yield BadRow(_wrong_width(cells, columns, Span(file, start)))
        start, lines.trouble, lines.rounded = lines.number + 1, None, False
    if lines.broken is not None:
        yield lines.broken


def _header(reader: Iterator[list[str]], lines: DataLines, file: str) -> Header | Diagnostic:
    try:
        cells = next(reader, None)
    except csv.Error as problem:
        return lines.broken or unparsed(str(problem), Span(file, 1), lines.number)
    span = Span(file, 1)
    if lines.broken is not None or lines.trouble is not None:
        return lines.broken or lines.trouble or error("not-text", "the file cannot be read", span)
    if not cells:
        what = "the file is empty" if cells is None else "the first line is empty"
        return error(
            "no-header",
            f"{what}: a CSV file begins with a line of column names",
            span,
            hint="add one, such as `order_id,phone`",
        )
    names = tuple(cell.strip() for cell in cells)
    lines.rounded = False
    return _about_header(names, span) or Header(names, span)


def _about_header(names: tuple[str, ...], span: Span) -> Diagnostic | None:
    separated = wrong_separator(names, span)
    if separated is not None:
        return separated
    if "" in names:
        message = f"column {names.index('') + 1} of the header has no name"
        return error("empty-column-name", message, span, hint="name it, or remove the column")
    for position, name in enumerate(names):
        if name in names[:position]:
            first = names.index(name) + 1
            message = f"the columns {first} and {position + 1} have the same name `{brief(name)}`"
            return error("repeated-column", message, span, hint="rename one: a template could mean either")
    return None


def wrong_separator(cells: Sequence[str], span: Span) -> Diagnostic | None:
    """Tell a record that is one cell only because its columns are not separated by commas."""
    separator = next((mark for mark in _OTHER_SEPARATORS if len(cells) == 1 and mark in cells[0]), None)
    if separator is None:
        return None
    shown = {"\t": "tabs"}.get(separator, f"`{separator}`")
    return error(
        "wrong-separator", f"the columns seem to be separated by {shown}", span, hint="save the file with commas"
    )


def _wrong_width(cells: list[str], columns: tuple[str, ...], span: Span) -> Diagnostic:
    message = f"the row has {_count(len(cells))}, the header {len(columns)}"
    if len(cells) > len(columns):
        return error("long-row", message, span, hint="put a cell that holds a comma into double quotes")
    missing = ", ".join(f"`{brief(name)}`" for name in columns[len(cells) :][:5])
    return error("short-row", message, span, hint=f"no cell for {missing}; an empty cell still has its comma")


def _count(cells: int) -> str:
    return "1 cell" if cells == 1 else f"{cells} cells"


def unparsed(problem: str, span: Span, last: int) -> Diagnostic:
    """Tell the parser's complaint about the row that began at `span`; `last` is the last line read."""
    if problem == "unexpected end of data":
        message = "a quote opened in this row is never closed"
        return error(
            "unclosed-quote", message, span, hint='close it; a quote inside a quoted cell is written twice: `""`'
        )
    if "field larger than" in problem:
        message = f"a cell of this row has more than {csv.field_size_limit():,} characters"
        hint = (
            f"close its quote: line {last} is still inside it" if last > span.line else "check its quotes and line ends"
        )
        return error("unclosed-quote", message, span, hint=hint)
    if "expected after" in problem:
        hint = 'a quoted cell ends at its quote; a quote inside it is written twice: `""`'
        return error("text-after-quote", "something stands between a closing quote and the next comma", span, hint=hint)
    return error("bad-row", f"the row is no CSV: {problem}", span, hint="check its quotes and commas")
