"""Windows that no call fits into: it may start only where both legs have stopped ringing before the window closes."""

from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from itertools import islice
from zoneinfo import ZoneInfo

from orchestrator.exotel.call_fields import RING, RING_SECONDS_UNSET
from orchestrator.exotel.parameters import BY_NAME
from orchestrator.model.call import CallTimes
from orchestrator.model.diagnostic import Diagnostic, warning
from orchestrator.model.policy import Window
from orchestrator.plan.node_values import text, whole
from orchestrator.plan.yaml.nodes import MappingNode, Node, SequenceNode
from orchestrator.policy.windows import opening

_MONDAY = datetime(2026, 1, 5, tzinfo=UTC)
"""Of a week in which no zone's clock is changed: what fits there fits in every ordinary week."""

_LOOKED_AT = 100
"""Windows that are too short alone. Whether one adjoins others takes a look at all of them."""

_NO_WINDOW = 8 * 86400
"""Seconds. A window that closes at all is open for less than a week on end."""


def window_problems(root: MappingNode, windows: tuple[Window, ...]) -> Iterator[Diagnostic]:
    """Tell each of a policy's windows that is, with those it adjoins, too short for every call of the plan.

    One that only the shorter calls fit into is not told here: a run says of each call when it may start.
    """
    least = _least_ring(root)
    policy = root.get("policy")
    node = policy.get("window") if isinstance(policy, MappingNode) else None
    if not windows or least is None or not isinstance(node, SequenceNode):
        return
    ring = CallTimes(ring_seconds=least).ring_span
    span = timedelta(seconds=min(ring, _NO_WINDOW))
    short = (pair for pair in zip(node.items, windows, strict=True) if _length(pair[1]) < span)
    for item, window in islice(short, _LOOKED_AT):
        hours = item.get("hours") if isinstance(item, MappingNode) else None
        if hours is None or any(_has_room(window, day, windows, span) for day in window.days):
            continue
        message = (
            f"no call fits into `{text(hours)}`: its two legs may ring for {ring:,} s,"
            " twice its TimeOut (60 s where unset), and must stop before the window closes"
        )
        yield warning("window-too-short", message, hours.span, hint="make the window longer, or lower TimeOut")


def _has_room(window: Window, weekday: int, windows: tuple[Window, ...], span: timedelta) -> bool:
    """Whether any part of a window on this weekday can be rung in, be it by a call that begins in one before it."""
    midnight = (_MONDAY + timedelta(weekday)).replace(tzinfo=ZoneInfo(window.timezone))
    opens = midnight + timedelta(minutes=window.start)
    start = opening([windows], opens - span, span)
    return start is not None and start < opens + _length(window)


def _length(window: Window) -> timedelta:
    """Return how long a window is by the clock."""
    return timedelta(minutes=window.end - window.start + (1440 if window.end <= window.start else 0))


def _least_ring(root: MappingNode) -> int | None:
    """Return the least seconds for which any call of the plan rings a leg; None where one is not right.

    What a row or a variable fills in may be as little as the carrier takes.
    """
    calls, defaults = root.get("calls"), root.get("defaults")
    default = defaults.get(RING) if isinstance(defaults, MappingNode) else None
    entries = [call for call in calls.items if isinstance(call, MappingNode)] if isinstance(calls, SequenceNode) else []
    rings = [_ring(call.get(RING) or default) for call in entries]
    known = [ring for ring in rings if ring is not None]
    return min(known) if known and len(known) == len(rings) else None


def _ring(node: Node | None) -> int | None:
    if node is None:
        return RING_SECONDS_UNSET
    if "${" in text(node):
        return int(BY_NAME[RING].minimum or 1)
    return whole(node) if text(node) else RING_SECONDS_UNSET
