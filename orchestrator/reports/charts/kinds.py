"""The kinds of chart: bars one a line, columns over one axis, and how fast something went over time.

Bars have a label, and the figure at their end; columns show how something is spread, or how it goes by the hour; the
timeline has a cap, and shows the times in which something was closed or held.
"""

from collections.abc import Callable, Iterator, Sequence
from datetime import datetime, tzinfo

from orchestrator.model.frozen import frozen
from orchestrator.reports.charts.drawing import Drawing, Mark, label, line, rect, room_for, shortened
from orchestrator.reports.charts.scale import DAY, time_ticks, whole_ticks

LINE, BAR, GAP = 28, 14, 10
"""Units of a line of bars, of the bar in it, and between a bar and what stands beside it."""


@frozen
class Bar:
    """One line. `shown` is the figure in words, `beside` its share; up to `until` a lighter bar goes on."""

    label: str
    value: float
    shown: str
    beside: str = ""
    look: str = "bar"
    until: float | None = None


def bars(lines: Sequence[Bar], width: int, most: float | None = None) -> Drawing:
    """Draw the bars to one scale, on which `most`, or the greatest figure, is as long as there is room."""
    labels = min(width * 0.42, max((room_for(each.label) for each in lines), default=0.0))
    beside = max((room_for(each.beside) + GAP for each in lines if each.beside), default=0.0)
    figures = max((room_for(each.shown) for each in lines), default=0.0)
    room = max(20.0, width - labels - figures - beside - 2 * GAP)
    ends = (width - beside, float(width))
    full = most or max((each.until or each.value for each in lines), default=0.0)
    marks = [mark for place, each in enumerate(lines) for mark in _line(each, place * LINE, labels, room, full, ends)]
    return Drawing(width, max(LINE, LINE * len(lines)), tuple(marks))


def _line(bar: Bar, top: float, labels: float, room: float, full: float, ends: tuple[float, float]) -> Iterator[Mark]:
    foot, left = top + LINE / 2 + 4, labels + GAP
    length = room * bar.value / full if full > 0 else 0.0
    if bar.value > 0:
        length = max(1.0, length)
    end = length
    yield label(labels, foot, shortened(bar.label, labels), "label", "end")
    yield rect(left, top + (LINE - BAR) / 2, room, BAR, "track")
    if bar.until is not None and full > 0:
        end = max(end, room * bar.until / full)
        yield rect(left, top + (LINE - BAR) / 2, end, BAR, f"{bar.look} range")
    yield rect(left, top + (LINE - BAR) / 2, length, BAR, bar.look)
    yield label(ends[0], foot, bar.shown, "figure", "end")
    if bar.beside:
        yield label(ends[1], foot, bar.beside, "tick", "end")


COLUMNS_HEIGHT, COLUMNS_TOP, COLUMNS_FOOT = 190, 18, 24
"""Units of all columns with their labels, and of what is left for figures above and for labels below."""

WIDEST = 80.0
"""Units that a column has at most: few of them stand at the left."""

AIR = 6
"""Units between the figures of two columns: where one has no room, none is written."""


@frozen
class Column:
    """One column. `value` is None where there is nothing to tell; `shown` stands above it where all have room."""

    label: str
    value: float | None
    shown: str = ""


def columns(found: Sequence[Column], width: int, ticks: Sequence[float], of_tick: Callable[[float], str]) -> Drawing:
    """Draw the columns over an axis with these ticks, of which `of_tick` tells what is written beside one."""
    left = max(map(room_for, map(of_tick, ticks))) + 8
    base, full = COLUMNS_HEIGHT - COLUMNS_FOOT, ticks[-1]
    room, step = base - COLUMNS_TOP, min(WIDEST, (width - left) / max(1, len(found)))
    has_room = all(room_for(each.shown) + AIR <= step for each in found)
    marks: list[Mark] = []
    for tick in ticks:
        y = base - room * tick / full
        marks += [
            line(left, y, width, y, "grid" if tick else "axis"),
            label(left - 6, y + 4, of_tick(tick), "tick", "end"),
        ]
    for place, each in enumerate(found):
        marks += _column(each, left + place * step, step, base, room / full)
        if has_room and each.shown and each.value is not None:
            x, y = left + (place + 0.5) * step, base - room * each.value / full
            marks.append(label(x, y - 5, each.shown, "figure", "middle"))
    return Drawing(width, COLUMNS_HEIGHT, (*marks, *_labels(found, left, step)))


def _column(column: Column, x: float, step: float, base: float, unit: float) -> Iterator[Mark]:
    if column.value is None:
        return
    height = max(1.0, column.value * unit) if column.value > 0 else 0.0
    gap = min(6.0, step * 0.2)
    yield rect(x + gap / 2, base - height, step - gap, height, "bar")


def _labels(found: Sequence[Column], left: float, step: float) -> Iterator[Mark]:
    """Yield the labels below the columns, as many as there is room for."""
    widest = max((room_for(each.label) for each in found), default=0.0) + 8
    every = max(1, -(-int(widest) // max(1, int(step)))) if step else 1
    for place, each in enumerate(found):
        if place % every == 0:
            yield label(left + (place + 0.5) * step, COLUMNS_HEIGHT - 8, each.label, "tick", "middle")


TIMELINE_HEIGHT, TIMELINE_TOP, TIMELINE_FOOT = 230, 30, 40
"""Units of all that is drawn, and of what is left for marks above and for the times below."""

ROOM_OF_A_TICK = 64


@frozen
class Stretch:
    """A time from `start` to `end` (epoch seconds), None for one that has none; `label` is what it is called."""

    start: float
    end: float | None
    label: str = ""


@frozen
class Course:
    """What is drawn: from `start` on a rate for each `width` seconds, `values`; `cap` is the most, None for none.

    Moments are epoch seconds. `closed` are shaded; `holds` are marked, with their labels.
    """

    start: float
    width: int
    values: Sequence[float]
    cap: float | None = None
    closed: Sequence[Stretch] = ()
    holds: Sequence[Stretch] = ()

    @property
    def end(self) -> float:
        """Return when the last width is over."""
        return self.start + self.width * len(self.values)


def timeline(course: Course, width: int, zone: tzinfo, cap_label: str = "") -> Drawing:
    """Draw the course over the time of a zone's clock."""
    return Drawing(width, TIMELINE_HEIGHT, tuple(_Plot(course, width, zone, cap_label).marks()))


class _Plot:
    """The axes of one course: where a moment stands, and where a rate."""

    def __init__(self, course: Course, width: int, zone: tzinfo, cap_label: str) -> None:
        self._course, self._width, self._zone, self._cap_label = course, width, zone, cap_label
        self._ticks = whole_ticks(max([*course.values, course.cap or 0.0, 1.0]))
        self._left = max(room_for(f"{tick:,.0f}") for tick in self._ticks) + 10
        self._base = TIMELINE_HEIGHT - TIMELINE_FOOT

    def marks(self) -> Iterator[Mark]:
        """Yield all marks, from the back to the front."""
        course = self._course
        for stretch in course.closed:
            x, wide = self._across(stretch)
            yield rect(x, TIMELINE_TOP, wide, self._base - TIMELINE_TOP, "closed")
        yield from self._axes()
        step = (self._width - self._left) / max(1, len(course.values))
        gap = min(2.0, step * 0.15)
        for place, value in enumerate(course.values):
            if value > 0:
                y = self._y(value)
                yield rect(self._left + place * step, y, step - gap, self._base - y, "bar")
        yield from self._cap()
        for stretch in course.holds:
            x, wide = self._across(stretch)
            yield rect(x, TIMELINE_TOP, max(2.0, wide), self._base - TIMELINE_TOP, "held")
            yield line(x, TIMELINE_TOP - 26, x, self._base, "hold")
            yield label(min(x + 3, self._width - room_for(stretch.label)), TIMELINE_TOP - 18, stretch.label, "mark")

    def _axes(self) -> Iterator[Mark]:
        for tick in self._ticks:
            y = self._y(tick)
            yield line(self._left, y, self._width, y, "grid" if tick else "axis")
            yield label(self._left - 6, y + 4, f"{tick:,.0f}", "tick", "end")
        course, day = self._course, ""
        span = course.end - course.start
        for moment in time_ticks(course.start, course.end, self._zone, max(2, self._width // ROOM_OF_A_TICK)):
            x, when = self._x(moment), datetime.fromtimestamp(moment, self._zone)
            yield line(x, self._base, x, self._base + 4, "axis")
            anchored = min(max(x, self._left), self._width - 18)
            clock = when.strftime("%H:%M:%S" if span < 300 else "%H:%M")
            today = f"{when.day} {when:%b}"
            yield label(anchored, self._base + 17, today if span > 12 * DAY else clock, "tick", "middle")
            if today != day and span <= 12 * DAY:
                yield label(anchored, self._base + 32, today, "tick", "middle")
            day = today

    def _cap(self) -> Iterator[Mark]:
        if self._course.cap is not None:
            y = self._y(self._course.cap)
            yield line(self._left, y, self._width, y, "cap")
            yield label(self._width, y - 5, self._cap_label, "mark", "end")

    def _x(self, moment: float) -> float:
        course = self._course
        share = (moment - course.start) / (course.end - course.start)
        return self._left + (self._width - self._left) * min(1.0, max(0.0, share))

    def _y(self, value: float) -> float:
        return self._base - (self._base - TIMELINE_TOP) * value / self._ticks[-1]

    def _across(self, stretch: Stretch) -> tuple[float, float]:
        """Return where a stretch begins, and how wide it is."""
        x = self._x(stretch.start)
        return x, self._x(self._course.end if stretch.end is None else stretch.end) - x
