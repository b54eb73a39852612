"""The parameter table as JSON Schema properties, for editors and other readers of call plans.

The subset that means the same in draft-07 and 2020-12. Patterns are linear, without nested quantifiers.
"""

from typing import Any

from orchestrator.exotel.parameter import Kind, Parameter
from orchestrator.exotel.parameters import TABLE

Schema = dict[str, Any]

TEMPLATE: Schema = {"type": "string", "pattern": r"[$][{]"}
"""A value that a row or a variable completes; what comes out is judged again, by the table."""

LARGEST_INTEGER = 999_999_999
"""What `values.INTEGER` takes where the carrier names no maximum: nine digits."""

_PORT = "(?::(?:[0-9]{0,4}|[1-5][0-9]{4}|6[0-4][0-9]{3}|65[0-4][0-9]{2}|655[0-2][0-9]|6553[0-5]))?"
_HOST = r"(?:[^\x00-\x20\x7f/?#@:\[\]]+|\[[0-9A-Fa-f:.]+\])"
_REST = r"(?:[/?#][^\x00-\x20\x7f]*)?"


def parameter_properties() -> Schema:
    """Return one property for each row of the table and for each other spelling that a plan may use."""
    properties: Schema = {}
    for row in TABLE:
        properties[row.name] = _property(row)
    for row in TABLE:
        for alias in row.aliases:
            note = f"Another spelling of {row.name}."
            properties[alias] = {**_property(row), "description": note, "deprecated": True}
    return properties


def _property(row: Parameter) -> Schema:
    if row.refused:
        return {"not": {}, "description": f"Not for call plans. {row.refused}"}
    schema: Schema = {"description": _description(row), **_kind(row), "examples": [_example(row)]}
    if row.default is not None:
        schema["default"] = _typed(row, row.default)
    return schema


def _description(row: Parameter) -> str:
    standing = "" if row.documented else " Not in the project's source documents (unconfirmed)."
    return " ".join((row.summary, *row.notes)) + standing


def _kind(row: Parameter) -> Schema:
    if row.kind in (Kind.PHONE, Kind.TEXT):
        return {"type": "string"}
    if row.kind is Kind.URL:
        return {
            "type": "string",
            "pattern": rf"[$][{{]|^(?:{'|'.join(map(_any_case, row.schemes))})://{_HOST}{_PORT}{_REST}$",
        }
    if row.kind is Kind.FLAG:
        return {"anyOf": [{"type": "boolean"}, TEMPLATE]}
    if row.kind is Kind.CHOICE:
        return {"anyOf": [{"enum": list(row.values)}, TEMPLATE]}
    if row.kind is Kind.CHOICES:
        items = {"anyOf": [{"enum": list(row.values)}, TEMPLATE]}
        return {"type": "array", "items": items, "minItems": 1, "uniqueItems": True}
    return {"anyOf": [_bounded(row), TEMPLATE]}


def _bounded(row: Parameter) -> Schema:
    """Leave the unconfirmed maximum out: beyond it is a warning, and a schema knows only errors."""
    maximum = LARGEST_INTEGER if row.maximum is None else row.maximum
    return {"type": "integer", "minimum": row.minimum or 0, "maximum": maximum}


def _example(row: Parameter) -> Any:
    return row.example.split(", ") if row.is_list else _typed(row, row.example)


def _typed(row: Parameter, text: str) -> Any:
    if row.kind is Kind.FLAG:
        return text == "true"
    return int(text) if row.kind.is_integer else text


def _any_case(scheme: str) -> str:
    """JSON Schema has no case-insensitive patterns, and schemes of addresses have no case."""
    return "".join(f"[{letter.upper()}{letter}]" for letter in scheme)
