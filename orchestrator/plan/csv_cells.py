"""The records of a CSV file as they come: for files of which only one column matters."""

import csv
from collections.abc import Iterator

from orchestrator.model.diagnostic import Diagnostic, Span
from orchestrator.plan.csv_header import unparsed
from orchestrator.plan.data_lines import DataLines

Record = tuple[int, list[str]]
"""The line on which it begins, from 1, and its cells as typed."""


def csv_cells(lines: DataLines, file: str) -> Iterator[Record | Diagnostic]:
    """Stream the records, lines without a character left out; in the place of one that cannot be read, why.

    Nothing comes after what makes the rest of the file unreadable.
    """
    reader = csv.reader(lines, strict=True, skipinitialspace=True)  # people write a blank behind a comma
    start = 1
    while True:
        try:
            cells = next(reader, None)
        except csv.Error as problem:
            found = unparsed(str(problem), Span(file, start), lines.number)
            if lines.broken is not None or found.id == "unclosed-quote":
                yield lines.broken or found
                return
            yield lines.trouble or found
        else:
            if cells is None:
                break
            if lines.trouble is not None:
                yield lines.trouble
            elif cells:
                yield start, cells
        start, lines.trouble = lines.number + 1, None
    if lines.broken is not None:
        yield lines.broken
