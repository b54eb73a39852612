"""Rows of a JSON Lines file: one object of plain values a line; numbers keep their characters."""

import json
from collections.abc import Iterator
from typing import Any

from orchestrator.model.diagnostic import Diagnostic, Span, error
from orchestrator.plan.findings import line_excerpt
from orchestrator.plan.rows.lines import DataLines
from orchestrator.plan.rows.row import BadRow, BlankRows, Row, RowItem, is_blank


class _NotARow(ValueError):  # noqa: N818 - named for what was found
    """Raised while JSON is decoded, where an object cannot be a row."""

    def __init__(self, problem: str, message: str, hint: str) -> None:
        super().__init__(message)
        self.problem = problem
        self.hint = hint


def json_rows(lines: DataLines, file: str, _needed: frozenset[str] = frozenset()) -> Iterator[RowItem]:
    """Stream a JSON Lines file. `null` is empty, flags are `true` and `false`.

    Empty lines are passed over; so are objects without a value, which are counted in a note at the end.
    """
    blank = BlankRows()
    for line in lines:
        span = Span(file, lines.number)
        if lines.trouble is not None:
            yield BadRow(lines.trouble)
        elif not line.isspace():
            read = _object_of(line, span)
            if isinstance(read, Diagnostic):
                yield BadRow(read)
            elif all(map(is_blank, read.row.values())):
                blank.add(span)
            else:
                yield Row(read.row, span, lines.rounded, frozenset(read.decimals))
        lines.trouble, lines.rounded = None, False
    if lines.broken is not None:
        yield lines.broken
    yield from blank.notes()


def _object_of(line: str, span: Span) -> "_Object | Diagnostic":
    try:
        read = _DECODER.decode(line.rstrip())
    except _NotARow as problem:
        return error(problem.problem, str(problem), span, hint=problem.hint)
    except json.JSONDecodeError as problem:
        place = Span(span.file, span.line, problem.colno)
        return error(
            "not-json", f"the line is no JSON: {problem.msg}", place, hint="write one object a line, on one line"
        )
    except RecursionError:
        return error("nested-value", "the line is nested too deeply", span, hint=_FLAT)
    if not isinstance(read, _Object):
        return error("not-an-object", "the line is no JSON object", span, hint='for example {"order_id": "17"}')
    return read


class _Object:
    """An object that was read; a class of its own, so that a nested one differs from a value.

    `decimals` are the names of the values that JSON writes with a fraction or an exponent.
    """

    def __init__(self, row: dict[str, str], decimals: list[str]) -> None:
        self.row = row
        self.decimals = decimals


class _Decimal(str):
    """The characters of a number with a fraction or an exponent."""

    __slots__ = ()


_FLAT = "a row holds texts, numbers, flags and null: write parts of an object as columns of their own"


def _object(pairs: list[tuple[str, Any]]) -> _Object:
    row: dict[str, str] = {}
    decimals: list[str] = []
    for key, value in pairs:
        name = key.strip()
        if not name:
            raise _NotARow("empty-column-name", "a key of the row is empty", "name it, or remove it")
        if name in row:
            raise _NotARow("repeated-column", f"`{line_excerpt(name)}` stands twice in the row", "remove one")
        row[name] = _text(name, value)
        if isinstance(value, _Decimal):
            decimals.append(name)
    return _Object(row, decimals)


def _text(name: str, value: Any) -> str:
    if isinstance(value, str):
        if not value.isascii() and any("\ud800" <= character <= "\udfff" for character in value):
            raise _NotARow(
                "control-character", f"`{line_excerpt(name)}` holds half a surrogate pair", "write the character itself"
            )
        return str(value)
    if value is None:
        return ""
    if isinstance(value, bool):
        return "true" if value else "false"
    kind = "a list" if isinstance(value, list) else "an object"
    raise _NotARow("nested-value", f"`{line_excerpt(name)}` is {kind}", _FLAT)


def _constant(name: str) -> Any:
    raise _NotARow("not-json", f"{name} is not JSON", "write a number, or null")


_DECODER = json.JSONDecoder(object_pairs_hook=_object, parse_int=str, parse_float=_Decimal, parse_constant=_constant)
