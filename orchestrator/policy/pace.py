"""How fast: never more than the cap in any window of its length, evenly spread, with no catching up."""

from orchestrator.model.policy import Rate

SLACK = 0.005
"""Share by which requests are spaced wider than the cap asks: what jitter on the way may take back."""


class Pacer:
    """Spaces requests by `rate.interval` seconds, which keeps the cap in every sliding window.

    The caller passes the time, on any one clock, in seconds. A stall is not made up for: the next request
    is spaced from the last one that really left.
    """

    def __init__(self, rate: Rate | None) -> None:
        self._interval = rate.interval * (1 + SLACK) if rate else 0.0
        self._last: float | None = None
        self._hold_until = 0.0

    def ready_at(self, now: float) -> float:
        """Return when the next request may leave; `now` where that is at once."""
        spaced = now if self._last is None else self._last + self._interval
        return max(now, spaced, self._hold_until)

    def took(self, now: float) -> None:
        """Record that a request leaves at `now`."""
        self._last = now if self._last is None else max(self._last, now)

    def hold(self, until: float) -> None:
        """Send nothing before `until`: the carrier asked for quiet."""
        self._hold_until = max(self._hold_until, until)
