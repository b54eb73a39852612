"""Bars that lie beside each other, one a line, and columns that stand beside each other over one axis.

Bars have a label, and the figure at their end; columns show how something is spread, or how it goes by the hour.
"""

from collections.abc import Callable, Iterator, Sequence

from orchestrator.model.frozen import frozen
from orchestrator.reports.charts.drawing import Drawing, Mark, label, line, rect, room_for, shortened

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


HEIGHT, TOP, FOOT = 190, 18, 24
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
    base, full = HEIGHT - FOOT, ticks[-1]
    room, step = base - TOP, min(WIDEST, (width - left) / max(1, len(found)))
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
    return Drawing(width, HEIGHT, (*marks, *_labels(found, left, step)))


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
            yield label(left + (place + 0.5) * step, HEIGHT - 8, each.label, "tick", "middle")
