"""The kind of check that compares when a plan may ring people with the hours that a country allows."""

from collections.abc import Iterator, Sequence

from orchestrator.model.call import ResolvedCall
from orchestrator.model.frozen import frozen
from orchestrator.model.policy import CALLEE, Window
from orchestrator.model.target import LIVE_HOURS
from orchestrator.phone.zones import HOME_ZONES
from orchestrator.plan.call_block import CallBlock
from orchestrator.plan.callee_zone import zones_of_resolved
from orchestrator.plan.compliance.watches import RegionWatch
from orchestrator.plan.rules.rule import CallWatch, RuledPlan, Told
from orchestrator.plan.text_formats import WEEK
from orchestrator.policy.week import SUMMER, WINTER, open_minutes, spans
from orchestrator.policy.windows import in_zones

MOST_ZONES = 1_000
"""Different zones that are looked at."""


@frozen
class HoursInside:
    """Nobody in the country is rung outside `allowed`, be it by its own clock or by that of who is rung."""

    allowed: Window
    country: str

    def watch(self, plan: RuledPlan, regions: tuple[str, ...]) -> CallWatch:
        """Return what gathers the zones of the people, and compares in each of them."""
        return _HoursWatch(self, plan, regions)


class _HoursWatch(RegionWatch):
    def __init__(self, check: HoursInside, plan: RuledPlan, regions: tuple[str, ...]) -> None:
        super().__init__(regions)
        self._check, self._plan = check, plan
        self._zones: set[str] = set()

    def _take_block(self, calls: CallBlock) -> None:
        first = calls.schedules[0]
        is_same = calls.schedules.count(first) == len(calls)
        own = {first.timezone} if is_same else {schedule.timezone for schedule in calls.schedules}
        self._note(zone for each in own for zone in ((each,) if each is not None else HOME_ZONES))

    def _take_call(self, call: ResolvedCall) -> None:
        self._note(zones_of_resolved(call))

    def _note(self, zones: Iterator[str] | tuple[str, ...]) -> None:
        if len(self._zones) < MOST_ZONES:
            self._zones.update(zones)

    def end(self) -> Iterator[Told]:
        clocks = self._zones if self._check.allowed.timezone == CALLEE else {self._check.allowed.timezone}
        for zone in sorted(clocks) if self._zones else ():
            beyond = self._beyond(zone)
            if beyond:
                who = f"{self._so_far()}people in {self._check.country}"
                yield Told(
                    f"{who} may be rung {_in_words(beyond)} by the clocks of {zone}",
                    f"let `policy.window` lie inside {_span_in_words(self._check.allowed)}",
                    (self._plan.place("policy", "window"),),
                )
                return

    def _window_sets(self) -> list[Sequence[Window]]:
        """Return the windows of all who set some; none where nobody does."""
        return [windows for windows in self._plan.window_sets if windows]

    def _so_far(self) -> str:
        """Return which hours are judged where they stand nowhere."""
        return "" if self._window_sets() else f"without a window live calls keep to {_span_in_words(LIVE_HOURS)}: "

    def _beyond(self, zone: str) -> int:
        """Return the minutes of a week, by the clock of a zone, in which somebody may be rung and should not be."""
        found = 0
        for monday in (WINTER, SUMMER):
            allowed = open_minutes(_placed((self._check.allowed,), zone), zone, monday)
            is_open = ~allowed
            for windows in self._window_sets() or [(LIVE_HOURS,)]:
                is_open &= open_minutes(_placed(windows, zone), zone, monday)
            found |= is_open
        return found


def _span_in_words(window: Window) -> str:
    where = "in the zone of who is rung (`timezone: callee`)" if window.timezone == CALLEE else window.timezone
    return f"{_clock(window.start)}-{_clock(window.end)} {where}"


def _placed(windows: Sequence[Window], zone: str) -> Sequence[Window]:
    """Return windows as they are for somebody in a zone."""
    return next(iter(in_zones(windows, (zone,))))


def _in_words(minutes: int) -> str:
    """Return the first hours: `mon-fri 21:00-22:00`, and whether there are more."""
    found = list(spans(minutes))
    days, start, end = found[0]
    named = [WEEK[day] for day in sorted(days)]
    listed = named[0] if len(named) == 1 else f"{named[0]}-{named[-1]}" if _in_a_row(days) else ", ".join(named)
    more = " and at other times" if len(found) > 1 else ""
    return f"{listed} {_clock(start)}-{_clock(end)}{more}"


def _in_a_row(days: frozenset[int]) -> bool:
    return max(days) - min(days) == len(days) - 1


def _clock(minutes: int) -> str:
    return f"{minutes // 60:02}:{minutes % 60:02}"
