"""Text typed without quotes that other YAML readers take for something else."""

import re
from collections.abc import Iterator
from typing import Any

from orchestrator.model.diagnostic import Diagnostic, note
from orchestrator.plan.nodes import Node, Scalar, Sequence
from orchestrator.plan.places import branch, of_key, scalar_types
from orchestrator.plan.rows import brief

_NUMBER = r"[-+]?(?:0[xX][0-9a-fA-F_]+|0[oO][0-7_]+|0[bB][01_]+|\.?[0-9][0-9_]*(?:\.[0-9_]*)?(?:[eE][-+]?[0-9]+)?)"
_SEXAGESIMAL = r"[-+]?[0-9][0-9_]*(?::[0-5]?[0-9])+(?:\.[0-9_]*)?"
_DATE = r"[0-9]{4}-[0-9]{1,2}-[0-9]{1,2}(?:[Tt\s].*)?"
_WORD = r"~|[-+]?\.(?:inf|Inf|INF)|\.(?:nan|NaN|NAN)|(?i:null|true|false|yes|no|on|off|y|n)"
_MISREAD = re.compile(rf"(?:{_NUMBER}|{_SEXAGESIMAL}|{_DATE}|{_WORD})\Z")


def unquoted_text(node: Node, schema: Any, key: str = "") -> Iterator[Diagnostic]:
    """Find the text places whose unquoted value a YAML 1.1 or 1.2 reader takes for a number, flag, date or nothing."""
    if isinstance(node, Scalar):
        if not node.quoted and _MISREAD.match(node.text) and _is_free_text(schema):
            yield _quote(node, key)
        return
    chosen = branch(schema, node)
    if isinstance(node, Sequence):
        for item in node.items:
            yield from unquoted_text(item, chosen.get("items"), key)
        return
    for entry in node.entries:
        yield from unquoted_text(entry.value, of_key(chosen, entry.key.text), entry.key.text)


def _is_free_text(schema: Any) -> bool:
    """Words of a closed list (`lookups: off`) are safe without quotes, and dates are, for readers of YAML 1.2."""
    if scalar_types(schema) != {"string"} or "format" in schema:
        return False
    return not any("enum" in part for part in (schema, *schema.get("anyOf", ())))


def _quote(node: Scalar, key: str) -> Diagnostic:
    return note(
        "quote-the-number",
        f"`{brief(key)}` is typed without quotes: it is taken as typed, but editors and other tools read it otherwise",
        node.span,
        hint="put it in double quotes",
    )
