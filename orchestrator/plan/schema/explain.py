"""Explains what is wrong with a value that does not fit one of our schemas: every problem at once, by jsonschema."""

from collections.abc import Iterator
from typing import Any

from jsonschema import Draft202012Validator
from jsonschema.exceptions import ValidationError
from jsonschema.protocols import Validator
from jsonschema.validators import extend

from orchestrator.plan.schema.judge import repeats
from orchestrator.plan.schema.node_types import PASSED
from orchestrator.plan.text_formats import format_problem


def validator(schema: dict[str, Any]) -> Validator:
    """Return a validator of one of our schemas; every pattern in it has a reader in `text_formats`."""
    made: Validator = _WITH_FORMATS(schema)
    return made


def _pattern(_: Validator, pattern: str, instance: object, __: object) -> Iterator[ValidationError]:
    """Judge by the reader of the format, which knows more than the pattern: time zones, ports, the end of the text."""
    if isinstance(instance, str) and format_problem(pattern, instance):
        yield ValidationError("the text does not have the form")


def _unique(_: Validator, wanted: bool, instance: object, __: object) -> Iterator[ValidationError]:
    """Judge in linear time; jsonschema compares each item with each where they cannot be sorted."""
    if wanted and repeats(instance):
        yield ValidationError("an item stands twice")


def _items(judge: Any, schema: dict[str, Any], instance: object, _: object) -> Iterator[ValidationError]:
    """Judge each item, but for those that are known to be right."""
    for index, item in enumerate(instance if isinstance(instance, list) else ()):
        if item is not PASSED:
            yield from judge.descend(item, schema, path=index)


_KEYWORDS = {"pattern": _pattern, "uniqueItems": _unique, "items": _items}
_WITH_FORMATS: Any = extend(Draft202012Validator, _KEYWORDS)  # type: ignore[no-untyped-call]
