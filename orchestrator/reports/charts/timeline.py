"""How fast something went over time, against a cap, with the times in which it was closed or held."""

from collections.abc import Iterator, Sequence
from datetime import datetime, tzinfo

from orchestrator.model.frozen import frozen
from orchestrator.reports.charts.drawing import Drawing, Mark, label, line, rect, room_for
from orchestrator.reports.charts.scale import DAY, time_ticks, whole_ticks

HEIGHT = 230
TOP, FOOT = 30, 40
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
    return Drawing(width, HEIGHT, tuple(_Plot(course, width, zone, cap_label).marks()))


class _Plot:
    """The axes of one course: where a moment stands, and where a rate."""

    def __init__(self, course: Course, width: int, zone: tzinfo, cap_label: str) -> None:
        self._course, self._width, self._zone, self._cap_label = course, width, zone, cap_label
        self._ticks = whole_ticks(max([*course.values, course.cap or 0.0, 1.0]))
        self._left = max(room_for(f"{tick:,.0f}") for tick in self._ticks) + 10
        self._base = HEIGHT - FOOT

    def marks(self) -> Iterator[Mark]:
        """Yield all marks, from the back to the front."""
        course = self._course
        for stretch in course.closed:
            x, wide = self._across(stretch)
            yield rect(x, TOP, wide, self._base - TOP, "closed")
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
            yield rect(x, TOP, max(2.0, wide), self._base - TOP, "held")
            yield line(x, TOP - 26, x, self._base, "hold")
            yield label(min(x + 3, self._width - room_for(stretch.label)), TOP - 18, stretch.label, "mark")

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
        return self._base - (self._base - TOP) * value / self._ticks[-1]

    def _across(self, stretch: Stretch) -> tuple[float, float]:
        """Return where a stretch begins, and how wide it is."""
        x = self._x(stretch.start)
        return x, self._x(self._course.end if stretch.end is None else stretch.end) - x
