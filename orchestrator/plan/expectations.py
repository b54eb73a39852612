"""What a schema wants at a place, in words, and how to write it."""

from collections.abc import Iterator
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


def snippet(key: str, schema: Any, *, item: bool = False) -> str:
    """Show how the place may be written; `item`: as one of a list, with a dash where else its key stands."""
    examples = list(_examples(schema))
    if item:
        shown = " or ".join(f"`- {example}`" for example in examples)
        return f"for example {shown}" if examples else f"write {expected(schema)} behind each dash"
    return f"for example `{key}: {examples[0]}`" if examples else f"write `{key}:` with {expected(schema)}"


def type_hint(schema: Any, node: Node, key: str, *, item: bool = False) -> str:
    """Say how to turn what stands at a place into what belongs there."""
    wants = expected(schema)
    if item and isinstance(node, Scalar) and wants.startswith("a mapping"):
        return f"write its keys behind a dash, `- key: value`, indented below `{key}:`"
    if isinstance(node, Mapping) and wants.startswith("a list") and not _takes_mappings(schema):
        items = schema.get("items")
        return f"for example `{key}: [{', '.join(_examples(items))}]`" if _example(items) else f"write {wants}"
    if isinstance(node, Sequence) and wants.startswith("a mapping"):
        return "remove the dash or bracket: keys stand indented below"
    if isinstance(node, Mapping) and wants.startswith("a list"):
        return "begin each item with `- `"
    if isinstance(node, Scalar) and wants.startswith(("a mapping", "a list")):
        return f"write its {'items, each with `- `,' if wants.startswith('a list') else 'keys'} indented below `{key}:`"
    return snippet(key, schema, item=item)


def _takes_mappings(schema: Any) -> bool:
    """Whether a list's items may be mappings."""
    return "a mapping" in expected(schema.get("items")) if isinstance(schema, dict) else False


def _example(schema: Any) -> str | None:
    return next(_examples(schema), None)


def _examples(schema: Any) -> Iterator[str]:
    """Yield an example of each kind of value that a place takes."""
    if not isinstance(schema, dict):
        return
    if "examples" in schema:
        yield str(schema["examples"][0])
    elif "enum" in schema:
        yield str(schema["enum"][0])
    for part in schema.get("anyOf", ()):
        yield from _examples(part)
