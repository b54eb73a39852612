"""`limits`: what one edition may use up, and between which moments."""

from collections.abc import Iterator
from decimal import Decimal
from typing import Any

from orchestrator.model.diagnostic import Diagnostic, error
from orchestrator.model.policy import Limits
from orchestrator.plan.node_values import text, whole
from orchestrator.plan.text_formats import MONEY, Misform, ending, moment
from orchestrator.plan.yaml.nodes import Entry, MappingNode, Node

_COUNTS = ("calls", "attempts", "minutes")
_MOMENTS = {"from": "begins", "until": "until"}


def read_limits(node: Node) -> Limits | None:
    """Read the limits that are set; None where one is not right."""
    if not isinstance(node, MappingNode) or not node.entries:
        return None
    values: dict[str, Any] = {}
    for entry in node:
        key = entry.key.text
        if key in _COUNTS:
            values[key] = whole(entry.value)
        elif key in _MOMENTS:
            values[_MOMENTS[key]] = _epoch(entry.value)
        elif key == "cost":
            values["cost"], values["currency"] = _money(entry.value)
    return None if None in values.values() else Limits(**values)


def _epoch(node: Node) -> float | None:
    read = moment(text(node))
    return None if isinstance(read, Misform) else read.timestamp()


def _money(node: Node) -> tuple[Decimal | None, str | None]:
    if not ending(MONEY).match(text(node)):
        return None, None
    amount, currency = text(node).split(" ")
    return Decimal(amount), currency


def limits_problems(entry: Entry, limits: Limits) -> Iterator[Diagnostic]:
    """Tell a span of time that is over before it begins."""
    if limits.begins is None or limits.until is None or limits.begins <= limits.until:
        return
    node = entry.value if isinstance(entry.value, MappingNode) else None
    spans = [each.value.span for key in _MOMENTS if node is not None and (each := node.entry(key)) is not None]
    message = "`policy.limits.from` is later than `policy.limits.until`: no call could ever start"
    yield error("limits-impossible", message, *spans, hint="exchange them, or correct one")
