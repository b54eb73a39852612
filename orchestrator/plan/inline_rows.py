"""Rows that stand in the plan itself."""

from collections.abc import Iterator

from orchestrator.model.diagnostic import error
from orchestrator.plan.nodes import Mapping, Scalar, Sequence
from orchestrator.plan.rows import BadRow, BlankRows, Row, RowItem, brief, is_blank


def inline_rows(rows: Sequence) -> Iterator[RowItem]:
    """Stream the mappings of an inline list; cells are the characters as typed.

    Items of another shape are passed over: the schema check tells them. So are rows without a value, which are counted
    in a note at the end.
    """
    blank = BlankRows()
    for item in rows.items:
        if not isinstance(item, Mapping):
            continue
        values: dict[str, str] = {}
        for entry in item.entries:
            name = entry.key.text.strip()
            if name in values:
                hint = "column names are trimmed: keep one"
                yield BadRow(
                    error("repeated-column", f"`{brief(name)}` stands twice in the row", entry.key.span, hint=hint)
                )
                break
            if isinstance(entry.value, Scalar):
                values[name] = entry.value.text
        else:
            if all(map(is_blank, values.values())) and all(isinstance(entry.value, Scalar) for entry in item.entries):
                blank.add(item.span)
                continue
            yield Row(values, item.span, rounded=any("E+" in text or "e+" in text for text in values.values()))
    yield from blank.told()
