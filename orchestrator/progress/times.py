"""Times for people who watch: on the clocks of the plan's window, named, and in UTC where a zone could be misread."""

from datetime import UTC, datetime
from typing import TYPE_CHECKING
from zoneinfo import ZoneInfo

from orchestrator.model.frozen import frozen
from orchestrator.model.policy import CALLEE

if TYPE_CHECKING:
    from orchestrator.policy.may_start import Rules


@frozen
class LocalTimes:
    """Tells times as the clocks of `zone` show them."""

    zone: str

    def at(self, moment: float, now: float, *, seconds: bool = False) -> str:
        """Return `09:00 IST`, `09:00 IST tomorrow` or `09:00 IST on Mon 30 Nov`."""
        zone = ZoneInfo(self.zone)
        then, today = datetime.fromtimestamp(moment, zone), datetime.fromtimestamp(now, zone)
        days = (then.date() - today.date()).days
        day = "" if days == 0 else " tomorrow" if days == 1 else f" on {then:%a} {then.day} {then:%b}"
        return f"{then:{'%H:%M:%S' if seconds else '%H:%M'} %Z}{day}"


def utc(moment: float) -> str:
    """Return `2026-11-27T03:30Z`, with seconds where they are not zero."""
    text = datetime.fromtimestamp(moment, UTC).isoformat(timespec="seconds").replace("+00:00", "")
    return f"{text.removesuffix(':00')}Z"


def span(seconds: float) -> str:
    """Return `45 s`, `12 min`, `3 h 5 min` or `4 days`."""
    if seconds < 90:
        return f"{seconds:.0f} s"
    minutes = round(seconds / 60)
    if minutes < 90:
        return f"{minutes} min"
    if minutes < 36 * 60:
        return f"{minutes // 60} h {minutes % 60} min"
    return f"{round(minutes / 1440)} days"


def duration_in_words(seconds: float) -> str:
    """Return `4.2 s`, `3 min 20 s` or `2 h 5 min`."""
    if seconds < 60:
        return f"{seconds:.1f} s"
    minutes, rest = divmod(round(seconds), 60)
    if minutes < 60:
        return f"{minutes} min {rest} s"
    return f"{minutes // 60} h {minutes % 60} min"


def zone_of(rules: "Rules") -> str:
    """Return the zone of the plan's window; where it has none, or the callee's, the target's window's or carrier's."""
    zones = (window.timezone for windows in rules.window_sets for window in windows if window.timezone != CALLEE)
    return next(zones, rules.zone)
