"""Bars that lie beside each other, one a line: a label, the bar, and the figure at its end."""

from collections.abc import Iterator, Sequence

from orchestrator.model.frozen import frozen
from orchestrator.reports.charts.drawing import Drawing, Mark, label, rect, room_for, shortened

LINE = 28
BAR = 14
GAP = 10


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
