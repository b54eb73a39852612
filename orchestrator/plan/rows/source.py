"""What `rows:` asks for, and where its rows come from: the plan, a data file of a known format, or its sample."""

import re
from collections.abc import Callable, Iterator, Mapping
from pathlib import Path
from typing import BinaryIO

from orchestrator.model.diagnostic import Diagnostic, Span, error, note
from orchestrator.model.frozen import frozen
from orchestrator.plan.findings import line_excerpt
from orchestrator.plan.paths import FileRefusal, NamedFiles
from orchestrator.plan.rows.csv import csv_rows
from orchestrator.plan.rows.lines import DataLines
from orchestrator.plan.rows.row import BadRow, BlankRows, Row, RowBlock, RowItem, is_blank
from orchestrator.plan.rows.templates import MOST_TEMPLATE_PROBLEMS, compile_template
from orchestrator.plan.yaml.nodes import MappingNode, Node, ScalarNode, SequenceNode


def _json_rows(lines: DataLines, file: str, needed: frozenset[str]) -> Iterator[RowItem]:
    from orchestrator.plan.rows.jsonl import json_rows  # which loads a parser that few plans need

    return json_rows(lines, file, needed)


_READERS: dict[str, Callable[[DataLines, str, frozenset[str]], Iterator[RowItem]]] = {
    ".jsonl": _json_rows,
    ".ndjson": _json_rows,
}
"""By suffix. A file with any other is CSV.

A new format of text is a reader in a file of its own here, and a line above; one that is no text also needs another way
to its rows than `DataLines`."""
_NO_ROWS_IN = {
    ".json": "write JSON Lines: one object a line, in a `.jsonl` file",
    ".yaml": "write the rows into the plan as a list, or save them as CSV",
    ".yml": "write the rows into the plan as a list, or save them as CSV",
    ".xlsx": "save the sheet as CSV UTF-8",
    ".xls": "save the sheet as CSV UTF-8",
    ".ods": "save the sheet as CSV UTF-8",
    ".parquet": "write the rows as CSV or as JSON Lines",
    ".pdf": "export the table that it was made from as CSV UTF-8",
    ".zip": "unpack it, and name the file in it",
    ".gz": "unpack it, and name the file in it",
}
_ADDRESS = re.compile(r"[A-Za-z][A-Za-z0-9+.-]{1,20}://")


@frozen
class RowCondition:
    """Rows pass whose `column` has exactly one of `texts`."""

    column: str
    texts: frozenset[str]
    span: Span


@frozen
class RowsSpec:
    """The `rows:` of one call: either `file` or `inline`. `columns` and `carry` are (name, place), names trimmed."""

    span: Span
    file: ScalarNode | None = None
    inline: SequenceNode | None = None
    sample: ScalarNode | None = None
    columns: tuple[tuple[str, Span], ...] = ()
    where: tuple[RowCondition, ...] = ()
    carry: tuple[tuple[str, Span], ...] = ()
    skip_bad: bool = False

    def chooses(self, row: Row) -> bool:
        """Whether a row meets every condition of `where`."""
        return all(row.values[each.column] in each.texts for each in self.where)

    def matching(self, rows: RowBlock) -> RowBlock:
        """Return the rows of a block that meet every condition, perhaps none."""
        for each in self.where:
            cells = rows.column(each.column)
            if not each.texts.issuperset(cells):
                rows = rows.only([position for position, text in enumerate(cells) if text in each.texts])
        return rows


def read_rows_spec(node: Node, variables: Mapping[str, str]) -> tuple[RowsSpec | None, tuple[Diagnostic, ...]]:
    """Read a `rows:` node; None where its shape is wrong, which the schema check reports.

    File and column names are literal. The values of `where` may use `${var.name}`.
    """
    if isinstance(node, ScalarNode):
        return (RowsSpec(node.span, file=node) if node.text else None), ()
    if isinstance(node, SequenceNode):
        return RowsSpec(node.span, inline=node), ()
    file = _scalar(node.get("file"))
    if file is None:
        return None, ()
    where, problems = _where(node.get("where"), variables)
    bad = _scalar(node.get("bad"))
    spec = RowsSpec(
        span=file.span,
        file=file,
        sample=_scalar(node.get("sample")),
        columns=_names(node.get("columns")),
        where=where,
        carry=_names(node.get("carry")),
        skip_bad=bad is not None and bad.text == "skip",
    )
    return spec, problems


def _scalar(node: Node | None) -> ScalarNode | None:
    return node if isinstance(node, ScalarNode) and node.text else None


def _names(node: Node | None) -> tuple[tuple[str, Span], ...]:
    items = node.items if isinstance(node, SequenceNode) else ()
    return tuple((item.text.strip(), item.span) for item in items if isinstance(item, ScalarNode))


def _where(node: Node | None, variables: Mapping[str, str]) -> tuple[tuple[RowCondition, ...], tuple[Diagnostic, ...]]:
    conditions: list[RowCondition] = []
    problems: list[Diagnostic] = []
    for entry in node.entries if isinstance(node, MappingNode) else ():
        texts: set[str] = set()
        for item in entry.value.items if isinstance(entry.value, SequenceNode) else (entry.value,):
            if isinstance(item, ScalarNode):
                template, found = compile_template(item, variables, rows="`where` chooses the rows")
                problems += found
                texts.add(template.fixed or "")
                if len(problems) >= MOST_TEMPLATE_PROBLEMS:
                    return (), tuple(problems)
        conditions.append(RowCondition(entry.key.text.strip(), frozenset(texts), entry.key.span))
    return tuple(conditions), tuple(problems)


def row_items(spec: RowsSpec, files: NamedFiles, needed: frozenset[str]) -> Iterator[RowItem]:
    """Stream the rows that a call asks for.

    A `needed` column that a line of JSON leaves out is empty there, if another line has it.
    """
    if spec.inline is not None:
        yield from inline_rows(spec.inline)
    elif spec.file is not None:
        yield from _completed(spec, spec.file, files, needed)


def one_by_one(items: Iterator[RowItem]) -> Iterator[RowItem]:
    """Yield the rows of each block by themselves."""
    for item in items:
        if isinstance(item, RowBlock):
            yield from item
        else:
            yield item


def _completed(spec: RowsSpec, file: ScalarNode, files: NamedFiles, needed: frozenset[str]) -> Iterator[RowItem]:
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


def _from_file(spec: RowsSpec, file: ScalarNode, files: NamedFiles, needed: frozenset[str]) -> Iterator[RowItem]:
    hint = _NO_ROWS_IN.get(Path(file.text).suffix.lower())
    if _ADDRESS.match(file.text):
        hint = "a plan reads no address: fetch the rows before, and name the file"
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


def _from_sample(sample: ScalarNode, files: NamedFiles, needed: frozenset[str]) -> Iterator[RowItem]:
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
