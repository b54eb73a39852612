"""Rows of a CSV file: one header line, commas, double quotes; cells arrive as typed."""

import csv
import re
from collections.abc import Iterator, Sequence

from orchestrator.model.diagnostic import Diagnostic, Span, error
from orchestrator.plan.findings import line_excerpt
from orchestrator.plan.rows.lines import DataLines
from orchestrator.plan.rows.row import BadRow, BlankRows, Header, Row, RowBlock, RowItem, is_blank

_TAB = "\t"
_OTHER_SEPARATORS = (";", _TAB, "|")
_SEPARATED_QUOTES = re.compile(r'"[ ]*([;\t|])')
_SEPARATOR_LINE = re.compile(r"\s*sep=(.?)\s*\Z", re.IGNORECASE | re.DOTALL)
_MOST_LINES_ABOVE_HEADER = 20
"""Records below a first line that lacks what the plan needs: a title and a few lines about the export are fewer."""
_MOST_CHARACTERS = 1 << 16
"""Of one block of rows: enough to be worth a look at each of its columns, and little memory."""
_MANY_DIGITS = re.compile(r"(?:[^0-9]*[0-9]){5}")
"""No column is named so; a phone number, a date or an amount has them."""


def read_header(
    reader: Iterator[list[str]], lines: DataLines, file: str, needed: frozenset[str]
) -> Header | Diagnostic:
    """Read the names of the columns, trimmed; or return why the first line is no header.

    `needed` are the columns that the plan names. Where the header lacks one of them, lines below it are read too: the
    caller reports the missing column and reads no row.
    """
    try:
        cells = next(reader, None)
    except csv.Error as problem:
        return (
            lines.broken
            or _quoted_with_another(lines.first, file)
            or unparsed(str(problem), Span(file, 1), lines.number)
        )
    span = Span(file, 1)
    if lines.broken is not None or lines.trouble is not None:
        return lines.broken or lines.trouble or error("not-text", "the file cannot be read", span)
    if cells is None or all(map(is_blank, cells)):
        return _no_names(cells, span)
    names = tuple(cell.strip() for cell in cells)
    lines.rounded = False
    refused = separator_line(cells, span) or wrong_separator(names, span, needed)
    if refused is None and not needed.issubset(names):
        refused = _title_line(names, reader, lines, needed, span)
    return refused or _about_names(names, span) or Header(names, span)


def _no_names(cells: list[str] | None, span: Span) -> Diagnostic:
    what, hint = "the file is empty", "add one, such as `order_id,phone`"
    if cells is not None:
        what = "the first line has empty cells only" if cells else "the first line is empty"
        hint = "delete what stands above the names of the columns, or add them, such as `order_id,phone`"
    return error("no-header", f"{what}: a CSV file begins with a line of column names", span, hint=hint)


def _about_names(names: tuple[str, ...], span: Span) -> Diagnostic | None:
    if not all(names):
        return _without_name(names, span)
    first: dict[str, int] = {}
    for position, name in enumerate(names, 1):
        before = first.setdefault(name, position)
        if before != position:
            message = f"the columns {before} and {position} have the same name `{line_excerpt(name)}`"
            return error("repeated-column", message, span, hint="rename one: a template could mean either")
    return None


def _without_name(names: tuple[str, ...], span: Span) -> Diagnostic:
    named = len(names)
    while not names[named - 1]:
        named -= 1
    position = names.index("") + 1
    if position <= named:
        message = f"column {position} of the header has no name"
        return error("empty-column-name", message, span, hint="name it, or remove the column")
    surplus = len(names) - named
    what = "the last column of the header has" if surplus == 1 else f"the last {surplus:,} columns of the header have"
    hint = (
        f"delete the empty columns to the right of `{line_excerpt(names[named - 1])}` in the spreadsheet, or name them"
    )
    return error("empty-column-name", f"{what} no name: the line ends in commas", span, hint=hint)


def separator_line(cells: Sequence[str], span: Span) -> Diagnostic | None:
    """Report `sep=,` above the header: a note that a spreadsheet program writes for itself."""
    found = _SEPARATOR_LINE.match(cells[0])
    if found is None or not all(map(is_blank, cells[1:])):
        return None
    other = found[1] if found[1] in _OTHER_SEPARATORS else ""
    hint = "save the file with commas, and without this line" if other else "delete this line"
    message = f"`sep={_shown(other) if other else ','}` is a note to a spreadsheet program, and no header"
    return error("separator-line", message, span, hint=hint)


def wrong_separator(cells: Sequence[str], span: Span, needed: frozenset[str] = frozenset()) -> Diagnostic | None:
    """Report a record whose columns are not separated by commas: it is one cell, or hides all the `needed` names."""
    for mark in _OTHER_SEPARATORS:
        is_one = len(cells) == 1 and mark in cells[0]
        if is_one or (needed and not needed.issubset(cells) and needed <= _split(cells, mark)):
            return _separated(mark, span)
    return None


def _split(cells: Sequence[str], mark: str) -> set[str]:
    return {name.strip().strip('"') for name in ",".join(cells).split(mark)}


def _quoted_with_another(line: str, file: str) -> Diagnostic | None:
    """Report `"a";"b"`, which is no CSV at all where commas are looked for."""
    found = _SEPARATED_QUOTES.search(line)
    return None if found is None else _separated(found[1], Span(file, 1))


def _separated(mark: str, span: Span) -> Diagnostic:
    message = f"the columns seem to be separated by {'tabs' if mark == _TAB else f'`{mark}`'}"
    return error("wrong-separator", message, span, hint="save the file with commas")


def _shown(mark: str) -> str:
    return "\\t" if mark == _TAB else mark


def _title_line(
    names: tuple[str, ...], reader: Iterator[list[str]], lines: DataLines, needed: frozenset[str], span: Span
) -> Diagnostic | None:
    """Report a title above the header: a line below has all names, or the first has one cell and the next several."""
    alone = sum(map(bool, names)) == 1
    perhaps: Diagnostic | None = None
    for _ in range(_MOST_LINES_ABOVE_HEADER):
        line = lines.number + 1
        try:
            cells = [cell.strip() for cell in next(reader, ())]
        except csv.Error:
            break
        if lines.broken is not None:
            break
        if needed.issubset(cells):
            return title_line(span, line)
        if alone and looks_like_header(cells):
            perhaps = title_line(span, line)
        alone = alone and not any(cells)
    return perhaps


def looks_like_header(cells: Sequence[str]) -> bool:
    """Whether a line below one with a single cell may have the names of the columns: several, and no data's digits."""
    filled = [cell for cell in cells if cell]
    return len(filled) > 1 and not any(map(_MANY_DIGITS.match, filled))


def title_line(span: Span, line: int) -> Diagnostic:
    """Report what stands at `span`, above the header, which is on `line`."""
    what = "this line is a title" if line == span.line + 1 else "these lines are no header"
    message = f"{what}: the names of the columns stand in line {line}"
    hint = "delete what stands above the names: a CSV file begins with them"
    return error("title-line", message, span, Span(span.file, line), hint=hint)


def unparsed(problem: str, span: Span, last: int) -> Diagnostic:
    """Report the parser's complaint about the row that began at `span`; `last` is the last line read."""
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


def csv_rows(lines: DataLines, file: str, needed: frozenset[str] = frozenset()) -> Iterator[RowItem]:
    """Stream a CSV file, its rows in blocks. Column names are trimmed, cells are not; a row has as many as the header.

    Lines without a character are passed over; so are rows of blank cells, however many, which are counted in a note at
    the end. `needed` are the columns that the plan names.
    """
    reader = csv.reader(lines, strict=True)
    header = read_header(reader, lines, file, needed)
    yield header
    if not isinstance(header, Header):
        return
    columns, width = header.columns, len(header.columns)
    blank = BlankRows()
    block, room = RowBlock(file, columns), _MOST_CHARACTERS
    for item in _records(reader, lines, file):
        apart: RowItem | None = None
        if not isinstance(item, tuple):
            apart = item
        elif len(item[1]) == width and not lines.rounded:
            block.lines.append(item[0])
            block.cells.append(item[1])
            if lines.characters < room:
                continue
        elif all(map(is_blank, item[1])):
            blank.add(Span(file, item[0]))
            continue
        elif lines.rounded and len(item[1]) == width:
            apart = Row(dict(zip(columns, item[1], strict=True)), Span(file, item[0]), rounded=True)
        else:
            apart = BadRow(_wrong_width(item[1], columns, Span(file, item[0])))
        yield from _with_something(block, blank)
        if apart is not None:
            yield apart
        block, room = RowBlock(file, columns), lines.characters + _MOST_CHARACTERS
    yield from _with_something(block, blank)
    yield from blank.notes()


def _with_something(block: RowBlock, blank: BlankRows) -> Iterator[RowBlock]:
    """Yield a block without its blank rows, which are counted; nothing where no row is left."""
    first = [cells[0] for cells in block.cells]
    if not "".join(first).isascii() or not all(map(str.strip, first)):
        empty = {position for position, cells in enumerate(block.cells) if all(map(is_blank, cells))}
        for position in sorted(empty):
            blank.add(Span(block.file, block.lines[position]))
        if empty:
            block = block.only([position for position in range(len(block)) if position not in empty])
    if len(block):
        yield block


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
    missing = ", ".join(f"`{line_excerpt(name)}`" for name in columns[len(cells) :][:5])
    return error("short-row", message, span, hint=f"no cell for {missing}; an empty cell still has its comma")


def _count(cells: int) -> str:
    return "1 cell" if cells == 1 else f"{cells:,} cells"


Record = tuple[int, list[str]]
"""The line on which it begins, from 1, and its cells as typed."""


def csv_cells(lines: DataLines, file: str) -> Iterator[Record | Diagnostic]:
    """Stream the records of a CSV file as they come; in the place of one that cannot be read, the reason."""
    reader = csv.reader(lines, strict=True, skipinitialspace=True)  # people write a blank behind a comma
    for item in _records(reader, lines, file):
        yield item.problem if isinstance(item, BadRow) else item


def _records(reader: Iterator[list[str]], lines: DataLines, file: str) -> Iterator[Record | BadRow | Diagnostic]:
    """Yield the records that follow, but for lines without a character; last what makes the rest unreadable."""
    start = lines.number + 1
    while True:
        try:
            for cells in reader:
                if lines.trouble is not None:
                    yield BadRow(lines.trouble)
                elif cells:
                    yield start, cells
                start, lines.trouble, lines.rounded = lines.number + 1, None, False
            break
        except csv.Error as problem:
            found = unparsed(str(problem), Span(file, start), lines.number)
            if lines.broken is not None or found.id == "unclosed-quote":
                yield lines.broken or found
                return
            yield BadRow(lines.trouble or found)
            start, lines.trouble, lines.rounded = lines.number + 1, None, False
    if lines.broken is not None:
        yield lines.broken
