"""A picture as its marks: the elements of an SVG with their attributes, which whoever writes it out escapes.

Colours and fonts are not here: each mark has a class, a `look`, that the page's style knows.
"""

from collections.abc import Mapping
from typing import Literal

from orchestrator.model.frozen import frozen

LETTER = 6.6
"""Units that a letter of a chart takes on average, in the page's type of 12 units: rather more than fewer."""


@frozen
class Mark:
    """One element. `text` is what it says, empty where it says nothing."""

    tag: str
    attributes: Mapping[str, str]
    text: str = ""


@frozen
class Drawing:
    """A picture of `width` by `height` units; the page scales it."""

    width: int
    height: int
    marks: tuple[Mark, ...]


def units(value: float) -> str:
    """Return a length as SVG writes it, to a tenth."""
    return f"{value:.1f}".removesuffix(".0")


def rect(x: float, y: float, width: float, height: float, look: str) -> Mark:
    """Return a box. A length below nothing, of what ends before it begins, is none."""
    place = {"x": units(x), "y": units(y), "width": units(max(0.0, width)), "height": units(max(0.0, height))}
    return Mark("rect", place | {"class": look})


def line(x1: float, y1: float, x2: float, y2: float, look: str) -> Mark:
    """Return a straight line."""
    ends = {"x1": units(x1), "y1": units(y1), "x2": units(x2), "y2": units(y2)}
    return Mark("line", ends | {"class": look})


def label(
    x: float, y: float, text: str, look: str = "label", anchor: Literal["start", "middle", "end"] = "start"
) -> Mark:
    """Return a text whose foot stands at `y`."""
    return Mark("text", {"x": units(x), "y": units(y), "text-anchor": anchor, "class": look}, text)


def room_for(text: str) -> float:
    """Return about how many units a label takes."""
    return len(text) * LETTER


def shortened(text: str, room: float) -> str:
    """Return a label that fits, with an ellipsis where it was cut."""
    most = max(2, round(room / LETTER))
    return text if len(text) <= most else text[: most - 1] + "\u2026"
