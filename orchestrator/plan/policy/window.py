"""`window` and `holidays`: when people may be rung.

A call may start only where both legs have stopped ringing before the window closes, so that a window may be too short.
"""

from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from itertools import islice

from orchestrator.exotel.call_fields import RING, RING_SECONDS_UNSET
from orchestrator.exotel.parameters import BY_NAME
from orchestrator.model.call import CallTimes
from orchestrator.model.diagnostic import Diagnostic, warning
from orchestrator.model.policy import CALLEE, Window
from orchestrator.plan.policy.key import PolicyKey, all_read, text_of, whole_number_of
from orchestrator.plan.schema import build
from orchestrator.plan.text_formats import (
    DAYS,
    HOURS,
    ZONE_OF_WINDOW,
    ParseError,
    read_days,
    read_hours,
    read_window_timezone,
)
from orchestrator.plan.yaml.nodes import Entry, MappingNode, Node, SequenceNode
from orchestrator.policy.windows import SOME_ZONE, in_zones, opening

_MONDAY = datetime(2026, 1, 5, tzinfo=UTC)
"""Of a week in which no zone's clock is changed: what fits there fits in every ordinary week."""

_MOST_SHORT_WINDOWS = 100
"""Windows that are too short alone and are looked at: whether one adjoins others takes a look at all of them."""

_LONGER_THAN_ANY_WINDOW = 8 * 86400
"""Seconds. A window that closes at all is open for less than a week on end."""


def windows_schema(description: str) -> build.Schema:
    """Return the schema of a list of opening hours, as plans and targets have them."""
    properties = {
        "days": build.text(
            "Days of the week, as a range or a list; a range may go over the weekend (fri-mon).",
            "mon-sat",
            "mon,wed,fri",
            pattern=DAYS,
        ),
        "hours": build.text(
            "From when until when, in 24 hours; an end before its start lies on the next day.",
            "09:00-21:00",
            "22:00-02:00",
            "00:00-24:00",
            pattern=HOURS,
        ),
        "timezone": build.text(
            "The time zone in which days and hours are meant; `callee`: in every zone that To may be in.",
            "Asia/Kolkata",
            CALLEE,
            pattern=ZONE_OF_WINDOW,
        ),
    }
    one = build.closed("Days and hours in which people may be rung.", properties, ("days", "hours", "timezone"))
    return build.listing(description, one)


def read_windows(node: Node | None) -> tuple[Window, ...] | None:
    """Read a list of opening hours; none where there is no list, None where an item is not right."""
    if node is None:
        return ()
    return all_read(_window(item) for item in node.items) if isinstance(node, SequenceNode) else None


def _window(node: Node) -> Window | None:
    if not isinstance(node, MappingNode):
        return None
    days, hours = read_days(text_of(node.get("days"))), read_hours(text_of(node.get("hours")))
    timezone = read_window_timezone(text_of(node.get("timezone")))
    if isinstance(days, ParseError) or isinstance(hours, ParseError) or isinstance(timezone, ParseError):
        return None
    return Window(days, *hours, timezone)


def _problems(entry: Entry, windows: tuple[Window, ...], plan: MappingNode) -> Iterator[Diagnostic]:
    """Warn of each window that is, with those it adjoins, too short for every call of the plan.

    Of one that only the shorter calls fit into nothing is said here: a run says of each call when it may start.
    """
    least = _least_ring(plan)
    if least is None or not isinstance(entry.value, SequenceNode):
        return
    ring = CallTimes(ring_seconds=least).ring_span
    span = timedelta(seconds=min(ring, _LONGER_THAN_ANY_WINDOW))
    short = (pair for pair in zip(entry.value.items, windows, strict=True) if _length(pair[1]) < span)
    for item, window in islice(short, _MOST_SHORT_WINDOWS):
        hours = item.get("hours") if isinstance(item, MappingNode) else None
        if hours is None or any(_has_room(window, day, windows, span) for day in window.days):
            continue
        message = (
            f"no call fits into `{text_of(hours)}`: its two legs may ring for {ring:,} s,"
            " twice its TimeOut (60 s where unset), and must stop before the window closes"
        )
        yield warning("window-too-short", message, hours.span, hint="make the window longer, or lower TimeOut")


def _has_room(window: Window, weekday: int, windows: tuple[Window, ...], span: timedelta) -> bool:
    """Whether any part of a window on this weekday can be rung in, be it by a call that begins in one before it."""
    from zoneinfo import ZoneInfo

    (somewhere,) = in_zones(windows, (SOME_ZONE,))
    zone = SOME_ZONE if window.timezone == CALLEE else window.timezone
    midnight = (_MONDAY + timedelta(weekday)).replace(tzinfo=ZoneInfo(zone))
    opens = midnight + timedelta(minutes=window.start)
    start = opening([somewhere], opens - span, span)
    return start is not None and start < opens + _length(window)


def _length(window: Window) -> timedelta:
    """Return how long a window is by the clock."""
    return timedelta(minutes=window.end - window.start + (1440 if window.end <= window.start else 0))


def _least_ring(plan: MappingNode) -> int | None:
    """Return the least seconds for which any call of the plan rings a leg; None where one is not right.

    What a row or a variable fills in may be as little as the carrier takes.
    """
    calls, defaults = plan.get("calls"), plan.get("defaults")
    default = defaults.get(RING) if isinstance(defaults, MappingNode) else None
    entries = [call for call in calls.items if isinstance(call, MappingNode)] if isinstance(calls, SequenceNode) else []
    rings = [_ring(call.get(RING) or default) for call in entries]
    known = [ring for ring in rings if ring is not None]
    return min(known) if known and len(known) == len(rings) else None


def _ring(node: Node | None) -> int | None:
    if node is None:
        return RING_SECONDS_UNSET
    if "${" in text_of(node):
        return int(BY_NAME[RING].minimum or 1)
    return whole_number_of(node) if text_of(node) else RING_SECONDS_UNSET


WINDOW = PolicyKey(
    name="window",
    field="windows",
    example='[{days: mon-sat, hours: "09:00-21:00", timezone: Asia/Kolkata}]',
    bad='[{days: Monday, hours: "09:00-21:00", timezone: Asia/Kolkata}]',
    finding="wrong-form",
    schema=windows_schema("When people may be rung; open while any of these is."),
    read=read_windows,
    problems=_problems,
    documentation="""
    It holds from the start of a call to the last ring of To. A target's guardrails may be narrower; a live target
    rings nobody outside 09:00-21:00 Asia/Kolkata unless its file says otherwise. With `timezone: callee` the hours are
    those of To: of the call's own `timezone`, else of its number. Where a number may be in several zones, as a mobile
    or a toll-free number of a large country, the window must be open in all of them. A number tells where it was given
    out, and not where somebody is today.
    """,
)
HOLIDAYS = PolicyKey(
    name="holidays",
    field="holidays",
    example="../data/holidays.csv",
    bad="[2027-01-26]",
    finding="wrong-type",
    schema=build.text("A file of dates on which nobody is rung.", "../data/holidays.csv", minLength=1),
    documentation="""
    One date a line, such as `2026-11-22`; a text may stand beside it. The dates are meant in each window's own time
    zone.
    """,
)
