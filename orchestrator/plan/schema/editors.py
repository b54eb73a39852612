"""The schemas as editors need them: for documents that another YAML reader has typed.

Our own check sees the characters as typed, and so takes `"30"` for a number and `1.50` for a text. Other readers make
a text, a number, a flag or nothing of them first: what is published admits whatever they make of it.
"""

from typing import Any

from orchestrator.exotel.parameters import BY_SPELLING
from orchestrator.plan.schema.build import Schema
from orchestrator.plan.text_formats import FORMATS, format_problem

_NUMBERS = ("7", "2026", "0.60")
_FLAGS = {"true": True, "false": False, "yes": True, "no": False, "on": True, "off": False}
"""What readers of YAML 1.1 take these words for."""

_DECIMAL = "^(?:0|[1-9][0-9]{0,17})(?:[.][0-9]{1,17})?$"
_ANNOTATIONS = ("description", "default", "examples", "deprecated")
_EMPTY: Schema = {"enum": ["", None]}
"""A parameter without a value counts as not set."""


def published(schema: Any) -> Any:
    """Return a schema that admits, typed by any YAML reader, what `schema` admits of the characters as typed.

    One thing it refuses: `null` and `~`, which are texts to us, where nothing may not stand. There an editor had
    better tell a forgotten value. Of whole numbers in quotes it judges the length only, and the check their size.
    """
    if not isinstance(schema, dict):
        return schema
    made = dict(schema)
    if "properties" in made:
        made["properties"] = {name: _of_key(name, part) for name, part in made["properties"].items()}
    for keyword in ("items", "additionalProperties"):
        if keyword in made:
            made[keyword] = published(made[keyword])
    if "anyOf" in made:
        made["anyOf"] = [choice for part in made["anyOf"] for choice in _choices(published(part))]
    return _widened(made)


def _of_key(name: str, part: Any) -> Any:
    made = published(part)
    row = BY_SPELLING.get(name)
    return made if row is None or row.refused or row.is_list else _either(made, _EMPTY)


def _widened(part: Schema) -> Schema:
    """Widen the place of a single value; any other part stays as it is."""
    if "enum" in part:
        return _choice(part)
    kind = part.get("type")
    if kind == "string":
        return {**part, "type": _types(part)}
    if kind == "boolean":
        return _either(part, {"enum": ["true", "false"]})
    if kind == "integer":
        return _either(part, {"type": "string", "pattern": _digits(part["minimum"], part["maximum"])})
    if kind == "number":
        return _either(part, {"type": "string", "pattern": _DECIMAL})
    return part


def _choice(part: Schema) -> Schema:
    """Add what other readers make of a word, and the quoted form of a number."""
    words = part["enum"]
    quoted = [str(word) for word in words if isinstance(word, int)]
    flags = dict.fromkeys(_FLAGS[word] for word in words if word in _FLAGS)
    if not quoted and not flags:
        return part
    return {**{key: part[key] for key in part if key != "type"}, "enum": [*words, *quoted, *flags]}


def _types(part: Schema) -> str | list[str]:
    """Return the types that other readers may make of a text that fits the place."""
    pattern = part.get("pattern")
    if pattern is not None and pattern not in FORMATS:
        return "string"

    def fits(text: str) -> bool:
        return len(text) >= part.get("minLength", 0) and (pattern is None or format_problem(pattern, text) is None)

    others = {"number": any(map(fits, _NUMBERS)), "boolean": any(map(fits, _FLAGS)), "null": fits("")}
    types = ["string", *(name for name, fit in others.items() if fit)]
    return types if len(types) > 1 else "string"


def _digits(minimum: int, maximum: int) -> str:
    """Return the pattern of a whole number's characters."""
    zero, sign = "0|" if minimum <= 0 else "", "-?" if minimum < 0 else ""
    return f"^(?:{zero}{sign}[1-9][0-9]{{0,{len(str(maximum)) - 1}}})$"


def _either(part: Schema, more: Schema) -> Schema:
    """Admit more than the part does; what describes it stays outside."""
    if "null" in part.get("type", ()):
        return part
    notes = {key: part[key] for key in part if key in _ANNOTATIONS}
    rules = {key: part[key] for key in part if key not in _ANNOTATIONS}
    return {**notes, "anyOf": [*_choices(rules), more]}


def _choices(part: Any) -> list[Any]:
    """Return the branches of a part that is nothing but a choice of them, else the part alone."""
    return part["anyOf"] if isinstance(part, dict) and part.keys() == {"anyOf"} else [part]
