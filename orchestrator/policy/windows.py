"""When people may be rung: windows over days, hours and zones, daylight saving and midnight included."""

from collections.abc import Iterable, Sequence
from datetime import UTC, date, datetime, time, timedelta
from zoneinfo import ZoneInfo

from orchestrator.model.policy import Window

HORIZON = 15
"""Days looked ahead for an opening: every weekly pattern repeats within 8."""

Interval = tuple[datetime, datetime]


def opening(window_sets: Iterable[Sequence[Window]], start: datetime, span: timedelta) -> datetime | None:
    """Return the earliest moment from `start` on at which `span` lies inside every set of windows.

    A set is open when any of its windows is; adjoining windows join; an empty set is always open.
    None where no such moment comes within HORIZON days. `start` is aware; the answer is in UTC.
    """
    sets = [_intervals(windows, start) for windows in window_sets if windows]
    moment = start.astimezone(UTC)
    while True:
        moved = moment
        for intervals in sets:
            fitting = _fit(intervals, moved, span)
            if fitting is None:
                return None
            moved = fitting
        if moved == moment:
            return moment
        moment = moved


def _fit(intervals: list[Interval], start: datetime, span: timedelta) -> datetime | None:
    for opens, closes in intervals:
        moment = max(opens, start)
        if moment + span <= closes:
            return moment
    return None


def _intervals(windows: Sequence[Window], start: datetime) -> list[Interval]:
    """Return the open times around `start`, joined, in order."""
    found = sorted(
        interval
        for window in windows
        for offset in range(-2, HORIZON + 1)
        if (interval := _on(window, start.astimezone(ZoneInfo(window.timezone)).date() + timedelta(offset)))
    )
    joined: list[Interval] = []
    for opens, closes in found:
        if joined and opens <= joined[-1][1]:
            joined[-1] = (joined[-1][0], max(joined[-1][1], closes))
        else:
            joined.append((opens, closes))
    return joined


def _on(window: Window, day: date) -> Interval | None:
    """Return the window that starts on this local day, in UTC; None where none does, or a clock change swallows it.

    A local time can be two moments (the clock goes back) or none (it goes forward, and both readings lie an hour
    apart): the window opens at the later and closes at the earlier, so that nobody is rung outside either reading.
    """
    if day.weekday() not in window.days:
        return None
    crosses = window.end <= window.start
    opens = max(_readings(window, day, window.start))
    closes = min(_readings(window, day + timedelta(1) if crosses else day, window.end))
    return (opens, closes) if opens < closes else None


def _readings(window: Window, day: date, minutes: int) -> tuple[datetime, datetime]:
    day, minutes = day + timedelta(minutes // 1440), minutes % 1440
    local = datetime.combine(day, time(minutes // 60, minutes % 60), ZoneInfo(window.timezone))
    return local.astimezone(UTC), local.replace(fold=1).astimezone(UTC)
