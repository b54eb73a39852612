"""A data file's rows, by the kind of the file."""

from collections.abc import Iterator
from typing import BinaryIO

from orchestrator.plan.csv_rows import csv_rows
from orchestrator.plan.data_lines import DataLines
from orchestrator.plan.json_rows import json_rows
from orchestrator.plan.rows import RowItem


def read_rows(stream: BinaryIO, file: str, needed: frozenset[str] = frozenset()) -> Iterator[RowItem]:
    """Stream the rows of an open data file, then close it: JSON Lines by suffix (`.jsonl`, `.ndjson`), else CSV.

    `file` is the name that places carry, `needed` are the columns that the plan names. Memory does not grow with the
    file.
    """
    with DataLines(stream, file) as lines:
        is_json_lines = file.lower().endswith((".jsonl", ".ndjson"))
        yield from json_rows(lines, file) if is_json_lines else csv_rows(lines, file, needed)
