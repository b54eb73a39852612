"""When a call may ring its people by all windows together, in the zones where they are; remembers what was asked."""

import math
from collections.abc import Sequence
from datetime import UTC, date, datetime, timedelta

from orchestrator.model.policy import Window
from orchestrator.policy.callee_zones import follows_callee
from orchestrator.policy.windows import closing, in_zones, opening

Zones = tuple[str, ...]
"""All zones that one person may be in."""


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
