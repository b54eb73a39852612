"""The calls of a run that wait for a time of their own: redials, and what a rule of one person or call puts off."""

from dataclasses import dataclass
from heapq import heappop, heappush


@dataclass(frozen=True, slots=True)
class Later:
    """Until when (epoch seconds) a call waits, and why; `rang`: it was dialed before."""

    until: float
    reason: str
    rang: bool


class Waiting:
    """Which calls wait. `redials` of them rang before; `latest` is the latest time that any was given."""

    def __init__(self) -> None:
        self.redials = 0
        self.latest = 0.0
        self._calls: dict[str, Later] = {}
        self._queue: list[tuple[float, str]] = []

    def __len__(self) -> int:
        return len(self._calls)

    def wait(self, call: str, until: float, reason: str, *, rang: bool) -> None:
        """Let a call wait, perhaps anew: what rang before has rung."""
        before = self.wakes(call)
        later = Later(until, reason, rang or (before is not None and before.rang))
        self._calls[call] = later
        self.redials += later.rang
        self.latest = max(self.latest, until)
        heappush(self._queue, (until, call))

    def wakes(self, call: str) -> Later | None:
        """Forget a call; return what it waited for."""
        later = self._calls.pop(call, None)
        self.redials -= later is not None and later.rang
        return later

    def first(self) -> Later | None:
        """Return the call that may start first."""
        while self._queue:
            until, call = self._queue[0]
            later = self._calls.get(call)
            if later is not None and later.until == until:
                return later
            heappop(self._queue)
        return None
