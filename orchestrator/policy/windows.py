"""When people may be rung: windows over days, hours and zones, daylight saving, midnight and holidays included.

`OpenHours` asks all windows together, in the zones where they are, and remembers what was asked.
"""

import math
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import replace
from datetime import UTC, date, datetime, time, timedelta
from functools import lru_cache
from typing import TYPE_CHECKING

from orchestrator.model.policy import CALLEE, Window
from orchestrator.policy.callee_zones import follows_callee

if TYPE_CHECKING:
    from zoneinfo import ZoneInfo

DAYS_AHEAD = 40
"""Days looked ahead for an opening: every weekly pattern repeats within 8, and holidays may come in a row."""

Interval = tuple[datetime, datetime]

Zones = tuple[str, ...]
"""All zones that one person may be in."""

NO_HOLIDAYS: frozenset[date] = frozenset()

SOME_ZONE = "UTC"
"""In which windows in the callee's zone are compared with each other: how long they are is the same in any."""

_ANY_MONDAY = datetime(2026, 1, 5, tzinfo=UTC)
"""Of weeks in which no zone's clock is changed soon."""


class OpenHours:
    """The windows of `window_sets` must all be open. Moments are epoch seconds, infinity for one that does not come.

    `people` are the zones of everybody whom a plan rings; empty where that is not known.
    """

    def __init__(
        self,
        window_sets: tuple[Sequence[Window], ...],
        holidays: frozenset[date] = frozenset(),
        people: frozenset[Zones] = frozenset(),
    ) -> None:
        self.follow_callee = any(map(follows_callee, window_sets))
        self._window_sets, self._holidays, self._people = window_sets, holidays, people
        self._sets: dict[Zones | None, tuple[Sequence[Window], ...]] = {}
        self._open: dict[Zones | None, tuple[float, float]] = {}  # between which moments they are known to be open

    def next(self, span: int, moment: float, zones: Zones | None = None) -> float:
        """Return when they next let a call ring for `span` seconds.

        `zones` are all that To may be in: where a window follows the callee and none is known, it never opens. None
        leaves out the windows that follow the callee: what is left keeps every call back.
        """
        since, until = self._open.get(zones, (math.inf, -math.inf))
        if since <= moment and moment + span <= until:
            return moment
        if self.follow_callee and zones == ():
            return math.inf
        sets = self._in(zones)
        if not any(sets):
            return moment
        start = datetime.fromtimestamp(moment, UTC)
        found = opening(sets, start, timedelta(seconds=span), self._holidays)
        if found != start:
            return math.inf if found is None else found.timestamp()
        self._open[zones] = moment, closing(sets, start, self._holidays).timestamp()
        return moment

    def open_until(self, span: int, moment: float) -> float:
        """Return until when they let a call ring for `span` seconds that they let ring at a moment, whoever it rings.

        No later than is known already, which is the moment itself where windows follow the callee.
        """
        if not any(self._window_sets):
            return math.inf
        since, until = self._open.get((), (math.inf, -math.inf))
        return max(moment, until - span) if since <= moment else moment

    def next_for_anybody(self, span: int, moment: float) -> float:
        """Return when they next let a call ring anybody of the plan for `span` seconds."""
        if not self._people:
            return self.next(span, moment)
        first = math.inf
        for zones in self._people:
            first = min(first, self.next(span, moment, zones))
            if first <= moment:
                break
        return first

    def _in(self, zones: Zones | None) -> tuple[Sequence[Window], ...]:
        """Return the windows that must all be open for somebody who may be in any of `zones`."""
        if zones not in self._sets:
            self._sets[zones] = tuple(each for windows in self._window_sets for each in in_zones(windows, zones or ()))
        return self._sets[zones]


def opening(
    window_sets: Iterable[Sequence[Window]],
    start: datetime,
    span: timedelta,
    holidays: frozenset[date] = NO_HOLIDAYS,
) -> datetime | None:
    """Return the earliest moment from `start` on at which `span` lies inside every set of windows.

    A set is open when any of its windows is; adjoining windows join; an empty set is always open. `holidays` are
    days, in each window's own zone, on which it is closed from midnight to midnight.
    None where no such moment comes within DAYS_AHEAD days. `start` is aware; the answer is in UTC.
    """
    moment = start.astimezone(UTC)
    sets = [_intervals(tuple(windows), moment.date(), holidays) for windows in window_sets if windows]
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


def in_zones(windows: Sequence[Window], zones: Sequence[str]) -> Iterator[Sequence[Window]]:
    """Yield the sets of windows that must all be open for a callee who may be in any of `zones`."""
    if not follows_callee(windows):
        yield windows
        return
    for zone in zones:
        yield tuple(replace(window, timezone=zone) if window.timezone == CALLEE else window for window in windows)


def closing(
    window_sets: Iterable[Sequence[Window]], moment: datetime, holidays: frozenset[date] = NO_HOLIDAYS
) -> datetime:
    """Return when the first set closes that is open at a moment at which all are."""
    sets = (_intervals(tuple(windows), moment.date(), holidays) for windows in window_sets if windows)
    return min(closes for intervals in sets for opens, closes in intervals if opens <= moment <= closes)


def closed_between(
    window_sets: Sequence[Sequence[Window]], start: datetime, end: datetime, holidays: frozenset[date] = NO_HOLIDAYS
) -> Iterator[Interval]:
    """Yield the times from `start` to `end`, both aware, in which not all sets are open; by the second, in order."""
    moment = start.astimezone(UTC)
    while moment < end:
        opens = opening(window_sets, moment, timedelta(seconds=1), holidays)
        if opens is None or opens >= end:
            yield moment, end.astimezone(UTC)
            return
        if opens > moment:
            yield moment, opens
        if not any(window_sets):
            return
        moment = closing(window_sets, opens, holidays)


def longest_opening(window_sets: Iterable[Sequence[Window]]) -> timedelta | None:
    """Return for how long all sets are open on end at most, in a week like any other; None where they never close.

    Those in the callee's zone are compared with each other only: how they lie beside others differs by call.
    """
    by_clock: dict[bool, list[Sequence[Window]]] = {}
    for windows in window_sets:
        by_clock.setdefault(follows_callee(windows), []).extend(in_zones(windows, (SOME_ZONE,)))
    found = (_longest_together(sets) for sets in by_clock.values())
    return min((each for each in found if each is not None), default=None)


def _longest_together(window_sets: Iterable[Sequence[Window]]) -> timedelta | None:
    open_ = [(_ANY_MONDAY, _ANY_MONDAY + timedelta(DAYS_AHEAD))]
    for windows in window_sets:
        if windows:
            open_ = list(_shared(open_, _intervals(tuple(windows), _ANY_MONDAY.date(), NO_HOLIDAYS)))
    longest = max((closes - opens for opens, closes in open_), default=timedelta())
    return None if longest > timedelta(DAYS_AHEAD / 2) else longest


def _shared(some: Sequence[Interval], others: Sequence[Interval]) -> Iterator[Interval]:
    """Yield what two lists of intervals, each in order, have in common."""
    at = other = 0
    while at < len(some) and other < len(others):
        opens, closes = max(some[at][0], others[other][0]), min(some[at][1], others[other][1])
        if opens < closes:
            yield opens, closes
        if some[at][1] < others[other][1]:
            at += 1
        else:
            other += 1


def _fit(intervals: Sequence[Interval], start: datetime, span: timedelta) -> datetime | None:
    for opens, closes in intervals:
        moment = max(opens, start)
        if moment + span <= closes:
            return moment
    return None


@lru_cache(maxsize=512)  # a plan over a continent has windows in dozens of zones
def _intervals(windows: tuple[Window, ...], today: date, holidays: frozenset[date]) -> tuple[Interval, ...]:
    """Return the open times around a day of UTC, joined, in order.

    Windows of one zone join by its own clock: what is open at every hour does not close where the clock is changed.
    """
    from zoneinfo import ZoneInfo

    local: dict[str, list[Interval]] = {}
    for window in windows:
        for offset in range(-2, DAYS_AHEAD + 1):
            local.setdefault(window.timezone, []).extend(_on(window, today + timedelta(offset), holidays))
    found = (_in_utc(piece, ZoneInfo(zone)) for zone, pieces in local.items() for piece in _joined(pieces))
    return tuple(_joined(piece for piece in found if piece[0] < piece[1]))


def _joined(pieces: Iterable[Interval]) -> list[Interval]:
    joined: list[Interval] = []
    for opens, closes in sorted(pieces):
        if joined and opens <= joined[-1][1]:
            joined[-1] = (joined[-1][0], max(joined[-1][1], closes))
        else:
            joined.append((opens, closes))
    return joined


def _on(window: Window, day: date, holidays: frozenset[date]) -> list[Interval]:
    """Return the window that starts on this day, by its own clock, without what falls on a holiday."""
    if day.weekday() not in window.days:
        return []
    tomorrow = day + timedelta(1)
    crosses = window.end <= window.start
    pieces = [(window.start, window.end + 1440 if crosses else window.end)]
    if crosses and (day in holidays or tomorrow in holidays):
        pieces = [(window.start, 1440)] * (day not in holidays) + [(1440, window.end + 1440)] * (
            tomorrow not in holidays
        )
    elif day in holidays:
        pieces = []
    midnight = datetime.combine(day, time())
    return [(midnight + timedelta(minutes=start), midnight + timedelta(minutes=end)) for start, end in pieces]


def _in_utc(piece: Interval, zone: "ZoneInfo") -> Interval:
    """Return a piece of local time in UTC.

    A local time can be two moments (the clock goes back) or none (it goes forward, and both readings lie an hour
    apart): the window opens at the later and closes at the earlier, so that nobody is rung outside either reading.
    One that lies whole in an hour that comes twice is open in the second.
    """
    opens, closes = (_readings(edge.replace(tzinfo=zone)) for edge in piece)
    if max(opens) >= min(closes) and opens[0] < opens[1] and closes[0] < closes[1]:
        return opens[1], closes[1]
    return max(opens), min(closes)


def _readings(local: datetime) -> tuple[datetime, datetime]:
    return local.astimezone(UTC), local.replace(fold=1).astimezone(UTC)
