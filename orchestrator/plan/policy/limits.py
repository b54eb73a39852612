"""`pace`, `concurrency`, `per_agent` and `limits`: how fast a plan dials, and how much at once and in all."""

from collections.abc import Iterator
from typing import TYPE_CHECKING, Any

from orchestrator.model.diagnostic import Diagnostic, error
from orchestrator.model.policy import Limits, Rate
from orchestrator.plan.policy.key import PolicyKey, parsed, text_of, whole_number_of
from orchestrator.plan.schema import build
from orchestrator.plan.text_formats import MONEY, read_moment, read_rate, whole_match
from orchestrator.plan.yaml.nodes import Entry, MappingNode, Node

if TYPE_CHECKING:
    from decimal import Decimal

_COUNTS = ("calls", "attempts", "minutes")
_MOMENTS = {"from": "begins", "until": "until"}


def _read_pace(node: Node) -> Rate | None:
    return parsed(read_rate(text_of(node)))


PACE = PolicyKey(
    name="pace",
    field="pace",
    example="150/minute",
    bad="150",
    finding="wrong-form",
    schema=build.rate("Connect requests never leave faster than this, in any window of that length.", "150/minute"),
    read=_read_pace,
    documentation="""
    Requests are evenly spread, and what was missed is not caught up. The target's `pace` caps all requests,
    look-ups included, over all processes on the journal.
    """,
)
CONCURRENCY = PolicyKey(
    name="concurrency",
    field="concurrency",
    example="20",
    bad="0",
    finding="too-small",
    schema=build.whole("Calls in flight at once.", 1, 10_000, 20, default=20),
    read=whole_number_of,
    documentation="Beside it the target's `legs` caps the lines of the account; a call takes two.",
)
PER_AGENT = PolicyKey(
    name="per_agent",
    field="per_agent",
    example="4",
    bad="none",
    finding="wrong-type",
    schema=build.whole("Calls in flight at once for one From.", 1, 10_000, 4),
    read=whole_number_of,
    documentation="Without it an agent's number has no limit of its own.",
)


def _limits_schema() -> build.Schema:
    properties = {
        "calls": build.whole("Most calls that are dialed.", 1, build.LARGEST_COUNT, 5000),
        "attempts": build.whole("Most attempts in all.", 1, build.LARGEST_COUNT, 9000),
        "minutes": build.whole("Most minutes talked.", 1, build.LARGEST_COUNT, 20_000),
        "cost": build.text("Most money spent.", "15000 INR", pattern=MONEY),
        "from": build.moment("No call starts before."),
        "until": build.moment("No call starts after."),
    }
    return build.closed("What the plan may use up in all.", properties, minProperties=1)


def _read_limits(node: Node) -> Limits | None:
    """Read the limits that are set; None where one is not right."""
    if not isinstance(node, MappingNode) or not node.entries:
        return None
    values: dict[str, Any] = {}
    for entry in node:
        key = entry.key.text
        if key in _COUNTS:
            values[key] = whole_number_of(entry.value)
        elif key in _MOMENTS:
            moment = parsed(read_moment(text_of(entry.value)))
            values[_MOMENTS[key]] = None if moment is None else moment.timestamp()
        elif key == "cost":
            values["cost"], values["currency"] = _money(entry.value)
    return None if None in values.values() else Limits(**values)


def _money(node: Node) -> "tuple[Decimal | None, str | None]":
    if not whole_match(MONEY).match(text_of(node)):
        return None, None
    amount, currency = text_of(node).split(" ")
    from decimal import Decimal

    return Decimal(amount), currency


def _limits_problems(entry: Entry, limits: Limits, _plan: MappingNode) -> Iterator[Diagnostic]:
    """Refuse a span of time that is over before it begins."""
    if limits.begins is None or limits.until is None or limits.begins <= limits.until:
        return
    node = entry.value if isinstance(entry.value, MappingNode) else None
    spans = [each.value.span for key in _MOMENTS if node is not None and (each := node.entry(key)) is not None]
    message = "`policy.limits.from` is later than `policy.limits.until`: no call could ever start"
    yield error("limits-impossible", message, *spans, hint="exchange them, or correct one")


LIMITS = PolicyKey(
    name="limits",
    field="limits",
    example='{calls: 5000, cost: 15000 INR, until: "2026-11-22T20:30:00+05:30"}',
    bad="{cost: 15000}",
    finding="wrong-form",
    schema=_limits_schema(),
    read=_read_limits,
    problems=_limits_problems,
    documentation="""
    They count over all runs of an edition. A call in flight counts with all that it may take, so set `TimeLimit`.
    """,
)
