"""Turns nodes into plain values: the schema of their place decides the type, from the characters as typed."""

import re
from collections.abc import Iterator
from typing import Any

from orchestrator.model.diagnostic import Span
from orchestrator.plan.yaml.nodes import MappingNode, Node, ScalarNode, SequenceNode

_INTEGER = re.compile(r"(?:0|-?[1-9][0-9]{0,17})\Z")
_NUMBER = re.compile(r"-?(?:0|[1-9][0-9]{0,17})(?:\.[0-9]{1,17})?\Z")
_FLAGS = {"true": True, "false": False}
_NAMES = {str: "string", bool: "boolean", int: "integer", float: "number"}


PASSED = SequenceNode((), Span("", 0))
"""Stands in a list for an item that is known to be right, and is its own value."""


def typed_value(node: Node, schema: Any) -> Any:
    """Return the plain value that a JSON Schema validator judges.

    A text place gets the characters as typed; a number or flag place gets a number or flag where the
    characters are exactly that, quoted or not, and otherwise the characters, for the schema to refuse.
    """
    if isinstance(node, ScalarNode):
        return _scalar(node.text, schema)
    if node is PASSED:
        return PASSED
    chosen = schema_branch(schema, node)
    if isinstance(node, SequenceNode):
        items = chosen.get("items")
        return [typed_value(item, items) for item in node.items]
    return {entry.key.text: typed_value(entry.value, schema_of_key(chosen, entry.key.text)) for entry in node.entries}


def schema_branch(schema: Any, node: MappingNode | SequenceNode) -> dict[str, Any]:
    """Return the part of a schema that speaks of this kind of collection; empty where none does."""
    wanted = "object" if isinstance(node, MappingNode) else "array"
    return next((part for part in _branches(schema) if part.get("type") == wanted), {})


def schema_of_key(schema: dict[str, Any], key: str) -> Any:
    """Return the schema of a mapping's value; None where the schema does not know the key."""
    known = schema.get("properties", {}).get(key)
    return schema.get("additionalProperties") or None if known is None else known


def scalar_types(schema: Any) -> frozenset[str]:
    """Return the JSON types of single values that a place may take."""
    return frozenset(_types(schema))


def _branches(schema: Any) -> tuple[dict[str, Any], ...]:
    if not isinstance(schema, dict):
        return ()
    return (schema, *schema.get("anyOf", ()))


def _types(schema: Any) -> Iterator[str]:
    for part in _branches(schema):
        kind = part.get("type")
        if kind is not None and kind not in ("object", "array"):
            yield kind
        for value in part.get("enum", ()):
            yield _NAMES[type(value)]


def _scalar(text: str, schema: Any) -> Any:
    types = scalar_types(schema)
    if "boolean" in types and text in _FLAGS:
        return _FLAGS[text]
    if ("integer" in types or "number" in types) and _INTEGER.match(text):
        return int(text)
    if "number" in types and _NUMBER.match(text):
        return float(text)
    return text
