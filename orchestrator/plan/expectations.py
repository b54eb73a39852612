"""What a schema wants at a place, in words, and how to write it."""

from typing import Any

from orchestrator.plan.nodes import Mapping, Node, Scalar, Sequence

_WORDS = {
    "object": "a mapping of keys to values",
    "array": "a list",
    "boolean": "`true` or `false`",
    "number": "a number",
    "string": "one text",
}


def expected(schema: Any) -> str:
    """Say what a place takes: `a whole number from 1 to 10`, `one of: json, xml`."""
    if not isinstance(schema, dict):
        return "left out"
    if "anyOf" in schema:
        return " or ".join(expected(part) for part in schema["anyOf"])
    if "enum" in schema:
        words = [str(word) for word in schema["enum"]]
        return f"`{words[0]}`" if len(words) == 1 else f"one of: {', '.join(words)}"
    if schema.get("type") == "integer":
        return f"a whole number from {grouped(schema['minimum'])} to {grouped(schema['maximum'])}"
    return _WORDS.get(str(schema.get("type")), "left out")


def grouped(bound: float) -> str:
    """Write a bound by thousands: `1,000,000,000`. Nine digits in a row would be masked as a phone number."""
    return f"{bound:,}"


def snippet(key: str, schema: Any) -> str:
    """Show how the place may be written."""
    example = _example(schema)
    return f"write `{key}:` with {expected(schema)}" if example is None else f"for example `{key}: {example}`"


def type_hint(schema: Any, node: Node, key: str) -> str:
    """Say how to turn what stands at a place into what belongs there."""
    wants = expected(schema)
    if isinstance(node, Sequence) and wants.startswith("a mapping"):
        return "remove the dash or bracket: keys stand indented below"
    if isinstance(node, Mapping) and wants.startswith("a list"):
        return "begin each item with `- `"
    if isinstance(node, Scalar) and wants.startswith(("a mapping", "a list")):
        return f"write its {'items, each with `- `,' if wants.startswith('a list') else 'keys'} indented below `{key}:`"
    return snippet(key, schema)


def _example(schema: Any) -> str | None:
    if not isinstance(schema, dict):
        return None
    if "examples" in schema:
        return str(schema["examples"][0])
    if "enum" in schema:
        return str(schema["enum"][0])
    return next((found for part in schema.get("anyOf", ()) if (found := _example(part))), None)
