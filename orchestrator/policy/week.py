"""Opening hours of an ordinary week as a set of minutes, so that two can be compared: bit 0 is Monday 00:00."""

from collections.abc import Iterator, Sequence
from datetime import UTC, datetime

from orchestrator.model.policy import CALLEE, Window

DAY = 24 * 60
WEEK = 7 * DAY
ALWAYS = (1 << WEEK) - 1
WINTER, SUMMER = datetime(2026, 1, 5, tzinfo=UTC), datetime(2026, 7, 6, tzinfo=UTC)
"""Mondays of weeks in which no zone's clock is changed: north of the equator the first is in winter."""


def open_minutes(windows: Sequence[Window], timezone: str, monday: datetime = WINTER) -> int:
    """Return the minutes, by the clock of a zone, in which any of the windows is open; all where there is none.

    `timezone` CALLEE is for windows that are all meant by the callee's clock, and no others. Zones are as far apart as
    in the week that begins on `monday`.
    """
    if not windows:
        return ALWAYS
    found = 0
    for window in windows:
        ahead = _ahead(timezone, monday) - _ahead(window.timezone, monday)
        length = window.end - window.start + (DAY if window.end <= window.start else 0)
        for day in window.days:
            minutes = ((1 << length) - 1) << (day * DAY + window.start + ahead) % WEEK
            found |= (minutes | minutes >> WEEK) & ALWAYS
    return found


def spans(minutes: int) -> Iterator[tuple[frozenset[int], int, int]]:
    """Yield days (0 is Monday) and from when until when, in minutes after midnight: days of the same hours together."""
    by_hours: dict[tuple[int, int], set[int]] = {}
    for day in range(7):
        left, at = minutes >> day * DAY & (1 << DAY) - 1, 0
        while left:
            closed = (left & -left).bit_length() - 1
            left, at = left >> closed, at + closed
            length = (~left & left + 1).bit_length() - 1
            by_hours.setdefault((at, at + length), set()).add(day)
            left, at = left >> length, at + length
    for (start, end), days in by_hours.items():
        yield frozenset(days), start, end


def _ahead(timezone: str, monday: datetime) -> int:
    """Return by how many minutes a zone's clock is ahead of UTC."""
    from zoneinfo import ZoneInfo

    offset = None if timezone == CALLEE else monday.astimezone(ZoneInfo(timezone)).utcoffset()
    return 0 if offset is None else round(offset.total_seconds() / 60)
