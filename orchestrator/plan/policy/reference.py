"""The documentation of the policy keys as Markdown, from their declarations: docs/policy.md."""

from collections.abc import Iterator
from textwrap import fill
from typing import Any

from orchestrator.plan.policy.key import PolicyKey
from orchestrator.plan.policy.registry import POLICY_KEYS
from orchestrator.plan.schema.messages import examples, expected

_HEAD = """\
# Policy keys

<!-- Written by `make generate` from orchestrator/plan/policy/: change it there. -->

They stand under `policy` in a plan. Everything that may hold a call back is judged by one evaluator: at review (`plan`,
also `--at TIME`), when the call is chosen, in the transaction that commits its intent, and once more right before its
request leaves. What may not start yet is reported as `not before T because of R`.
"""


def policy_markdown() -> str:
    """Return the page: a section for each key, in the order in which people read them."""
    return "\n".join([_HEAD, *(line for key in POLICY_KEYS for line in _section(key))])


def _section(key: PolicyKey) -> Iterator[str]:
    yield f"## `{key.name}`\n"
    text = f"{key.schema['description']} {' '.join(key.documentation.split())}"
    yield fill(text, 120, break_long_words=False, break_on_hyphens=False) + "\n"
    yield f"```yaml\n{key.name}: {key.example}\n```\n"
    default = f" Without it: {key.schema['default']}." if "default" in key.schema else ""
    yield f"It takes {_kind(key.schema)}.{default}\n"
    rows = list(_rows(key.schema))
    if rows:
        yield "| inside | takes | what it says |\n| --- | --- | --- |"
        yield from (f"| {names} | {_kind(part)} | {what} |" for names, part, what in rows)
        yield ""


def _kind(schema: Any) -> str:
    """Say what a place takes: of a list what its items are, of a text how it may be written."""
    if schema.get("type") == "array":
        return f"a list, each item {_kind(schema['items'])}"
    if "anyOf" in schema:
        return " or ".join(_kind(part) for part in schema["anyOf"])
    shown = " or ".join(f"`{text}`" for text in examples(schema)) if schema.get("type") == "string" else ""
    return f"a text such as {shown}" if shown and "enum" not in schema else expected(schema)


def _rows(schema: Any) -> Iterator[tuple[str, Any, str]]:
    """Yield (names, schema, description) of the keys inside a mapping, or inside the mappings of a list.

    Keys that are described alike, but for their own names, share a row, and what is inside them stands once.
    """
    alike: dict[str, tuple[list[str], Any]] = {}
    for name, part in schema.get("items", schema).get("properties", {}).items():
        alike.setdefault(part["description"].replace(name, "so"), ([], part))[0].append(f"`{name}`")
    for what, (names, part) in alike.items():
        yield ", ".join(names), part, what if len(names) > 1 else part["description"]
        yield from ((f"in each: {inner}", below, text) for inner, below, text in _rows(part))
