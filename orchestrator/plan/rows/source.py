"""Where the rows of a call come from, and in which format: the plan itself, its data file, or the sample for it."""

from collections.abc import Callable, Iterator
from pathlib import Path
from typing import BinaryIO

from orchestrator.model.diagnostic import Diagnostic, error, note
from orchestrator.plan.findings import line_excerpt
from orchestrator.plan.paths import FileRefusal, PlanFiles
from orchestrator.plan.rows.csv import csv_rows
from orchestrator.plan.rows.jsonl import json_rows
from orchestrator.plan.rows.lines import DataLines
from orchestrator.plan.rows.row import BadRow, BlankRows, Row, RowItem, is_blank
from orchestrator.plan.rows.spec import RowsSpec
from orchestrator.plan.yaml.nodes import MappingNode, ScalarNode, SequenceNode

_READERS: dict[str, Callable[[DataLines, str, frozenset[str]], Iterator[RowItem]]] = {
    ".jsonl": json_rows,
    ".ndjson": json_rows,
}
"""By suffix. A file with any other is CSV. A new format is a reader in a file of its own here, and a line above."""
_NO_ROWS_IN = {
    ".json": "write JSON Lines: one object a line, in a `.jsonl` file",
    ".yaml": "write the rows into the plan as a list, or save them as CSV",
    ".yml": "write the rows into the plan as a list, or save them as CSV",
    ".xlsx": "save the sheet as CSV UTF-8",
    ".xls": "save the sheet as CSV UTF-8",
    ".ods": "save the sheet as CSV UTF-8",
}


def row_items(spec: RowsSpec, files: PlanFiles, needed: frozenset[str]) -> Iterator[RowItem]:
    """Stream the rows that a call asks for.

    A `needed` column that a line of JSON leaves out is empty there, if another line has it.
    """
    if spec.inline is not None:
        yield from inline_rows(spec.inline)
    elif spec.file is not None:
        yield from _completed(spec, spec.file, files, needed)


def _completed(spec: RowsSpec, file: ScalarNode, files: PlanFiles, needed: frozenset[str]) -> Iterator[RowItem]:
    """Fill in what rows leave out. For that the file is read a second time, once and only where a row is not whole."""
    known: list[str] | None = None
    for item in _from_file(spec, file, files, needed):
        if isinstance(item, Row) and not needed <= item.values.keys():
            if known is None:
                known = sorted(_somewhere(needed, _from_file(spec, file, files, needed)))
            missing = {name: "" for name in known if name not in item.values}
            yield Row({**item.values, **missing}, item.span, item.rounded, item.decimals)
        else:
            yield item


def _somewhere(needed: frozenset[str], items: Iterator[RowItem]) -> frozenset[str]:
    """Return those columns that some row has, reading no further than need be."""
    missing = needed
    for item in items:
        if isinstance(item, Row):
            missing -= item.values.keys()
            if not missing:
                break
    return needed - missing


def _from_file(spec: RowsSpec, file: ScalarNode, files: PlanFiles, needed: frozenset[str]) -> Iterator[RowItem]:
    hint = _NO_ROWS_IN.get(Path(file.text).suffix.lower())
    if hint is not None:
        yield error("not-rows", "rows come from CSV or JSON Lines", file.span, hint=hint)
        return
    opened = files.open(file.text)
    if not isinstance(opened, FileRefusal):
        yield from read_rows(opened, files.name(file.text), needed)
    elif opened.missing and spec.sample is not None and files.use_sample:
        yield note(
            "sample-used",
            f"{opened.message}: its sample is used for this review",
            spec.sample.span,
            hint="a run needs the file",
        )
        yield from _from_sample(spec.sample, files, needed)
    else:
        yield _not_opened(opened, file, spec)


def _from_sample(sample: ScalarNode, files: PlanFiles, needed: frozenset[str]) -> Iterator[RowItem]:
    opened: BinaryIO | FileRefusal = files.open(sample.text)
    if isinstance(opened, FileRefusal):
        yield error(opened.id, opened.message, sample.span, hint=opened.hint)
    else:
        yield from read_rows(opened, files.name(sample.text), needed)


def _not_opened(refusal: FileRefusal, file: ScalarNode, spec: RowsSpec) -> Diagnostic:
    hint = refusal.hint
    if refusal.missing and spec.sample is not None:
        hint += "; its sample serves `validate` and `plan` only"
    return error(refusal.id, refusal.message, file.span, hint=hint)


def read_rows(stream: BinaryIO, file: str, needed: frozenset[str] = frozenset()) -> Iterator[RowItem]:
    """Stream the rows of an open data file in the format that its suffix says, then close it.

    `file` is the name that places carry, `needed` are the columns that the plan names. Memory does not grow with the
    file.
    """
    with DataLines(stream, file) as lines:
        yield from _READERS.get(Path(file).suffix.lower(), csv_rows)(lines, file, needed)


def inline_rows(rows: SequenceNode) -> Iterator[RowItem]:
    """Stream the mappings of an inline list; cells are the characters as typed.

    Items of another shape are passed over: the schema check reports them. So are rows without a value, which a note at
    the end counts.
    """
    blank = BlankRows()
    for item in rows.items:
        if not isinstance(item, MappingNode):
            continue
        values: dict[str, str] = {}
        for entry in item.entries:
            name = entry.key.text.strip()
            if name in values:
                hint = "column names are trimmed: keep one"
                yield BadRow(
                    error(
                        "repeated-column", f"`{line_excerpt(name)}` stands twice in the row", entry.key.span, hint=hint
                    )
                )
                break
            if isinstance(entry.value, ScalarNode):
                values[name] = entry.value.text
        else:
            if all(map(is_blank, values.values())) and all(
                isinstance(entry.value, ScalarNode) for entry in item.entries
            ):
                blank.add(item.span)
                continue
            yield Row(values, item.span, rounded=any("E+" in text or "e+" in text for text in values.values()))
    yield from blank.notes()
