"""Says whether a value fits one of our schemas, and no more: what is wrong with it `explain.py` tells, by jsonschema.

Nearly every document is right, and to load jsonschema for it would take longer than all the rest of `validate`. Judged
is by the keywords that our schemas use; that both always say the same is held by property tests.
"""

import re
from collections.abc import Callable, Sequence
from typing import Any

from orchestrator.plan.schema.node_types import PASSED
from orchestrator.plan.text_formats import format_problem

Schema = dict[str, Any]
Judge = Callable[[Any, Any, Schema], bool]
"""Judges a value by one keyword: the value, what the keyword says, and the schema it stands in."""


def fits(value: Any, schema: Schema | bool) -> bool:
    """Whether a value fits a schema of ours, which has no other keywords than those known here."""
    if isinstance(schema, bool):
        return schema
    return all(
        _KEYWORDS[keyword](value, said, schema) for keyword, said in schema.items() if keyword not in _SAY_NOTHING
    )


_SAY_NOTHING = frozenset(
    {"$schema", "title", "description", "examples", "default", "deprecated", "format", "then", "else"}
)
"""Keywords that are for readers and editors, and those that `if` reads."""


def _type(value: Any, said: str, _: Schema) -> bool:
    return _TYPES[said](value)


def _enum(value: Any, said: Sequence[Any], _: Schema) -> bool:
    return any(isinstance(value, bool) == isinstance(each, bool) and value == each for each in said)


def _pattern(value: Any, said: str, _: Schema) -> bool:
    return not isinstance(value, str) or format_problem(said, value) is None


def _minimum(value: Any, said: float, _: Schema) -> bool:
    return not _is_number(value) or bool(value >= said)


def _maximum(value: Any, said: float, _: Schema) -> bool:
    return not _is_number(value) or bool(value <= said)


def _min_length(value: Any, said: int, _: Schema) -> bool:
    return not isinstance(value, str) or len(value) >= said


def _max_length(value: Any, said: int, _: Schema) -> bool:
    return not isinstance(value, str) or len(value) <= said


def _required(value: Any, said: Sequence[str], _: Schema) -> bool:
    return not isinstance(value, dict) or all(key in value for key in said)


def _min_properties(value: Any, said: int, _: Schema) -> bool:
    return not isinstance(value, dict) or len(value) >= said


def _properties(value: Any, said: dict[str, Schema], _: Schema) -> bool:
    return not isinstance(value, dict) or all(fits(value[key], said[key]) for key in value.keys() & said.keys())


def _pattern_properties(value: Any, said: dict[str, Schema], _: Schema) -> bool:
    return not isinstance(value, dict) or all(
        fits(value[key], schema) for form, schema in said.items() for key in value if re.search(form, key)
    )


def _additional_properties(value: Any, said: Schema, schema: Schema) -> bool:
    if not isinstance(value, dict):
        return True
    named, forms = schema.get("properties", {}), schema.get("patternProperties", {})
    others = (key for key in value if key not in named and not any(re.search(form, key) for form in forms))
    return all(fits(value[key], said) for key in others)


def _items(value: Any, said: Schema, _: Schema) -> bool:
    return not isinstance(value, list) or all(item is PASSED or fits(item, said) for item in value)


def _min_items(value: Any, said: int, _: Schema) -> bool:
    return not isinstance(value, list) or len(value) >= said


def _unique_items(value: Any, said: bool, _: Schema) -> bool:
    return not said or not repeats(value)


def repeats(value: Any) -> bool:
    """Whether an item of a list stands in it twice."""
    if not isinstance(value, list):
        return False
    if all(isinstance(item, str) for item in value):
        return len(set(value)) < len(value)
    import json

    return len({json.dumps(item, sort_keys=True) for item in value}) < len(value)


def _any_of(value: Any, said: Sequence[Schema], _: Schema) -> bool:
    return any(fits(value, each) for each in said)


def _not(value: Any, said: Schema, _: Schema) -> bool:
    return not fits(value, said)


def _if(value: Any, said: Schema, schema: Schema) -> bool:
    return fits(value, schema.get("then" if fits(value, said) else "else", True))


def _is_number(value: Any) -> bool:
    return isinstance(value, int | float) and not isinstance(value, bool)


_TYPES: dict[str, Callable[[Any], bool]] = {
    "object": lambda value: isinstance(value, dict),
    "array": lambda value: isinstance(value, list),
    "string": lambda value: isinstance(value, str),
    "boolean": lambda value: isinstance(value, bool),
    "number": _is_number,
    "integer": lambda value: _is_number(value) and value == value // 1,
}

_KEYWORDS: dict[str, Judge] = {
    "type": _type,
    "enum": _enum,
    "pattern": _pattern,
    "minimum": _minimum,
    "maximum": _maximum,
    "minLength": _min_length,
    "maxLength": _max_length,
    "required": _required,
    "minProperties": _min_properties,
    "properties": _properties,
    "patternProperties": _pattern_properties,
    "additionalProperties": _additional_properties,
    "items": _items,
    "minItems": _min_items,
    "uniqueItems": _unique_items,
    "anyOf": _any_of,
    "not": _not,
    "if": _if,
}
