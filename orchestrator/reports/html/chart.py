"""One chart of the page: the picture in two widths, what it says in a sentence, and the same as a table."""

from collections.abc import Callable, Sequence
from typing import NamedTuple

from orchestrator.model.frozen import frozen
from orchestrator.reports.charts.drawing import Drawing

NARROW, HALF, FULL = 330, 520, 1080
"""Units that a picture is wide: on a phone, in one of two columns, and over both."""


class Pictures(NamedTuple):
    """One chart drawn twice: a picture that is only made smaller cannot be read on a phone."""

    wide: Drawing
    narrow: Drawing


@frozen
class Chart:
    """What is shown under one heading. `says` is the answer in words; `pictures` is None where nothing is drawn.

    `legend` has looks with their meaning. `head` and `rows` are all figures that the picture shows, `unfolded` where
    the table is the main thing. `name` is unique on the page.
    """

    name: str
    title: str
    says: str
    pictures: Pictures | None = None
    head: Sequence[str] = ()
    rows: Sequence[Sequence[str]] = ()
    legend: Sequence[tuple[str, str]] = ()
    unfolded: bool = False
    full: bool = False


def drawn(draw: Callable[[int], Drawing], *, full: bool = False) -> Pictures:
    """Return both pictures of a chart, by what draws one of so many units."""
    return Pictures(draw(FULL if full else HALF), draw(NARROW))


def counted(count: int, noun: str) -> str:
    """Return `1 call`, `2,000 calls`."""
    return f"{count:,} {noun}{'' if count == 1 else 's'}"


def share(part: float, whole: float) -> str:
    """Return a share as people read it; empty where there is no whole."""
    return f"{part / whole:.1%}" if whole else ""
