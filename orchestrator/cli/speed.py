"""How fast a run goes: its starts in the last minute, and how long its calls take."""

from collections import deque

MINUTE, HOUR = 60.0, 3600.0


class Speed:
    """Takes times in epoch seconds, in order. `last` is the last start; a rate is counted in `span` seconds."""

    def __init__(self) -> None:
        self.span, self.last = MINUTE, 0.0
        self._first: float | None = None
        self._starts: deque[float] = deque()
        self._lasted, self._ended = 0.0, 0

    @property
    def length(self) -> float | None:
        """Seconds from a call's start to its ending, on average; None until one has ended."""
        return self._lasted / self._ended if self._ended else None

    def start(self, at: float) -> None:
        """Count an attempt that began."""
        self._first = at if self._first is None else self._first
        self._starts.append(at)
        self._forget(at)
        self.last = at

    def end(self, lasted: float) -> None:
        """Count a call's way from its start to its ending."""
        self._lasted += max(0.0, lasted)
        self._ended += 1

    def rate(self, now: float) -> float | None:
        """Return the connects in the last `span` seconds, or at that rate since the first; None at the beginning.

        The first one is not counted: evenly spaced starts never seem faster than their cap.
        """
        if self._first is None or now - self._first < 1:
            return None
        since = self._forget(now)
        return len(self._starts) * self.span / (now - since)

    def _forget(self, now: float) -> float:
        """Forget the starts up to where the rate begins; return that moment."""
        since = now - self.span if self._first is None else max(self._first, now - self.span)
        while self._starts and self._starts[0] <= since:
            self._starts.popleft()
        return since
