"""Notices when the carrier or the line is down: the circuit, and throttling without end."""

from orchestrator.model.outcome import Placement
from orchestrator.policy.verdict import Stop

THROTTLED_FOR = 600.0
"""Seconds of nothing but 429 after which the run stops (docs/guarantees.md)."""


class Watch:
    """Counts placements of this run. `circuit`: unknown or unreached ones in a row that stop it."""

    def __init__(self, circuit: int) -> None:
        self._circuit = circuit
        self._bad = 0
        self._throttled_since: float | None = None

    def saw(self, placement: Placement, now: float) -> Stop | None:
        """Take note of one placement at `now`, in seconds; return why to stop, None to go on."""
        if placement is Placement.THROTTLED:
            self._throttled_since = now if self._throttled_since is None else self._throttled_since
            if now - self._throttled_since >= THROTTLED_FOR:
                return Stop(5, "the carrier has answered nothing but 429 (too many requests) for ten minutes")
            return None
        self._throttled_since = None
        self._bad = self._bad + 1 if placement in (Placement.UNKNOWN, Placement.UNREACHED) else 0
        if self._bad >= self._circuit:
            return Stop(5, f"{self._bad} requests in a row did not get through; the carrier or the line is down")
        return None
