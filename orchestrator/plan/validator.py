"""jsonschema, with the forms of our text places behind its `pattern` keyword."""

import json
from collections.abc import Iterator
from typing import Any

from jsonschema import Draft202012Validator
from jsonschema.exceptions import ValidationError
from jsonschema.protocols import Validator
from jsonschema.validators import extend

from orchestrator.plan.forms import misform


def validator(schema: dict[str, Any]) -> Validator:
    """Return a validator of one of our schemas; every pattern in it must be one of `patterns`."""
    made: Validator = _WITH_FORMS(schema)
    return made


def _pattern(_: Validator, pattern: str, instance: object, __: object) -> Iterator[ValidationError]:
    """Judge by the form, which knows more than the pattern: real time zones, ports, the end of the text."""
    if isinstance(instance, str) and misform(pattern, instance):
        yield ValidationError("the text does not have the form")


def _unique(_: Validator, wanted: bool, instance: object, __: object) -> Iterator[ValidationError]:
    """Judge in linear time; jsonschema compares each item with each where they cannot be sorted."""
    if (
        wanted
        and isinstance(instance, list)
        and len({json.dumps(item, sort_keys=True) for item in instance}) < len(instance)
    ):
        yield ValidationError("an item stands twice")


_WITH_FORMS: Any = extend(Draft202012Validator, {"pattern": _pattern, "uniqueItems": _unique})  # type: ignore[no-untyped-call]
