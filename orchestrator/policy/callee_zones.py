"""In which zones is the person who is rung? What the plan says of a call, else what the number tells."""

from array import array
from collections.abc import Sequence

from orchestrator.model.policy import CALLEE, Window
from orchestrator.phone.zones import zones_of

MOST_ZONES_NAMED = 3
"""Zones that are named in a reason; of more their number is enough."""


def follows_callee(windows: Sequence[Window]) -> bool:
    """Whether one of the windows is meant in the zone of who is rung."""
    return any(window.timezone == CALLEE for window in windows)


def zones_of_call(timezone: str | None, identity: str) -> tuple[str, ...]:
    """Return every zone that To may be in: the call's own `timezone`, else those of its number's identity."""
    return zones_of(identity) if timezone is None else (timezone,)


def in_words(zones: Sequence[str]) -> str:
    """Return the zones as a reason names them."""
    if not zones:
        return "a zone that is not known"
    return " and ".join(zones) if len(zones) <= MOST_ZONES_NAMED else f"{len(zones)} zones"


class CalleeZones:
    """Where the people of one plan are.

    The zones that the plan itself gives to its calls are kept by their position: two bytes a call, none for none.
    `groups` are the different zones that anybody of it may be in; empty where no window asks.
    """

    def __init__(self) -> None:
        self.groups: set[tuple[str, ...]] = set()
        self._names: list[str] = [""]
        self._numbers = {"": 0}
        self._at = array("H")

    def note(self, position: int, timezone: str | None, identity: str) -> None:
        """Take the call at a position, which is behind all that were noted: its own zone, and who is rung."""
        self.groups.add(zones_of_call(timezone, identity))
        if timezone is None:
            return
        if timezone not in self._numbers:
            self._numbers[timezone] = len(self._names)
            self._names.append(timezone)
        self._at.extend([0] * (position - len(self._at)))
        self._at.append(self._numbers[timezone])

    def zones(self, position: int, identity: str) -> tuple[str, ...]:
        """Return every zone that To of a call may be in."""
        own = self._names[self._at[position]] if position < len(self._at) else ""
        return zones_of_call(own or None, identity)
