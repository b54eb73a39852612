"""Checks a document against its schema: every problem at once, each with its exact place and a hint."""

import json
import re
from collections.abc import Iterator
from typing import Any

from jsonschema import Draft202012Validator
from jsonschema.exceptions import ValidationError
from jsonschema.protocols import Validator
from jsonschema.validators import extend

from orchestrator.exotel.parameters import BY_SPELLING
from orchestrator.model.diagnostic import Diagnostic, note
from orchestrator.plan.findings import in_order, line_excerpt, up_to_limit
from orchestrator.plan.parameters import NOTHING_MORE, Accept, parameter_problems
from orchestrator.plan.schema.messages import diagnostics_of
from orchestrator.plan.schema.node_types import scalar_types, schema_branch, schema_of_key, typed_value
from orchestrator.plan.text_formats import format_problem
from orchestrator.plan.yaml.nodes import MappingNode, Node, ScalarNode, SequenceNode


def check(root: MappingNode, schema: dict[str, Any], accept: Accept = NOTHING_MORE) -> list[Diagnostic]:
    """Return what is wrong with a document, in the order of its text.

    `schema` is that of plans or of target files. `accept` is what the target admits beside the table: words
    by parameter, none for any text. Literal carrier parameters are judged by the table, with the messages that
    data rows and the sandbox give; the schema judges the rest.
    """
    shape = _without_parameters(schema, tuple(accept))
    found = up_to_limit(_problems(root, schema, shape, accept))
    reported = {diagnostic.spans[0] for diagnostic in found if diagnostic.spans}
    found.extend(remark for remark in unquoted_text(root, schema) if remark.spans[0] not in reported)
    return in_order(dict.fromkeys(found))


def _problems(root: MappingNode, schema: dict[str, Any], shape: dict[str, Any], accept: Accept) -> Iterator[Diagnostic]:
    for problem in validator(shape).iter_errors(typed_value(root, shape)):
        yield from diagnostics_of(problem, root, shape)
    if "calls" in schema["properties"]:
        for mapping in _parameter_mappings(root):
            yield from parameter_problems(mapping, accept)


def _parameter_mappings(root: MappingNode) -> Iterator[MappingNode]:
    defaults, calls = root.get("defaults"), root.get("calls")
    if isinstance(defaults, MappingNode):
        yield defaults
    if isinstance(calls, SequenceNode):
        yield from (call for call in calls.items if isinstance(call, MappingNode))


def _without_parameters(schema: dict[str, Any], accepted: tuple[str, ...]) -> dict[str, Any]:
    """Return the schema with every carrier parameter allowed any value: the table judges those, and faster."""
    if "calls" not in schema["properties"]:
        return schema
    properties = dict(schema["properties"])
    properties["defaults"] = _open(properties["defaults"], accepted)
    calls = properties["calls"]
    properties["calls"] = {**calls, "items": _open(calls["items"], accepted)}
    return {**schema, "properties": properties}


def _open(mapping: dict[str, Any], accepted: tuple[str, ...]) -> dict[str, Any]:
    anything = dict.fromkeys((*(key for key in mapping["properties"] if key in BY_SPELLING), *accepted), True)
    return {**mapping, "properties": {**mapping["properties"], **anything}}


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
    if (
        wanted
        and isinstance(instance, list)
        and len({json.dumps(item, sort_keys=True) for item in instance}) < len(instance)
    ):
        yield ValidationError("an item stands twice")


_WITH_FORMATS: Any = extend(Draft202012Validator, {"pattern": _pattern, "uniqueItems": _unique})  # type: ignore[no-untyped-call]


_NUMBER = r"[-+]?(?:0[xX][0-9a-fA-F_]+|0[oO][0-7_]+|0[bB][01_]+|\.?[0-9][0-9_]*(?:\.[0-9_]*)?(?:[eE][-+]?[0-9]+)?)"
_SEXAGESIMAL = r"[-+]?[0-9][0-9_]*(?::[0-5]?[0-9])+(?:\.[0-9_]*)?"
_DATE = r"[0-9]{4}-[0-9]{1,2}-[0-9]{1,2}(?:[Tt\s].*)?"
_WORD = r"~|[-+]?\.(?:inf|Inf|INF)|\.(?:nan|NaN|NAN)|(?i:null|true|false|yes|no|on|off|y|n)"
_MISREAD = re.compile(rf"(?:{_NUMBER}|{_SEXAGESIMAL}|{_DATE}|{_WORD})\Z")


def unquoted_text(node: Node, schema: Any, key: str = "") -> Iterator[Diagnostic]:
    """Find the text places whose unquoted value a YAML 1.1 or 1.2 reader takes for a number, flag, date or nothing."""
    if isinstance(node, ScalarNode):
        if not node.quoted and _MISREAD.match(node.text) and _is_free_text(schema):
            yield _quote(node, key)
        return
    chosen = schema_branch(schema, node)
    if isinstance(node, SequenceNode):
        for item in node.items:
            yield from unquoted_text(item, chosen.get("items"), key)
        return
    for entry in node.entries:
        yield from unquoted_text(entry.value, schema_of_key(chosen, entry.key.text), entry.key.text)


def _is_free_text(schema: Any) -> bool:
    """Words of a closed list (`lookups: off`) are safe without quotes, and dates are, for readers of YAML 1.2."""
    if scalar_types(schema) != {"string"} or "format" in schema:
        return False
    return not any("enum" in part for part in (schema, *schema.get("anyOf", ())))


def _quote(node: ScalarNode, key: str) -> Diagnostic:
    return note(
        "quote-the-number",
        f"`{line_excerpt(key)}` is typed without quotes:"
        " it is taken as typed, but editors and other tools read it otherwise",
        node.span,
        hint="put it in double quotes",
    )
