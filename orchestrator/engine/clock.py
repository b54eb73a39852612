"""The time as the engine knows it. Two clocks cannot be set: the machine's may jump by an hour in a run."""

import time

from orchestrator.engine.ports import Clock


class OnlyForward:
    """The wall's time in epoch seconds as long as it does not go back; from then on its last word, running on.

    What is due, asked again or given up goes by it, and so do the times of records, which therefore never go back
    within a run. Only windows are judged by the wall itself.
    """

    def __init__(self, wall: Clock) -> None:
        self._wall = wall
        self._now, self._ticks = wall(), time.monotonic()

    def __call__(self) -> float:
        """Return now."""
        ticks = time.monotonic()
        self._now = max(self._now + ticks - self._ticks, self._wall())
        self._ticks = ticks
        return self._now


class Steady:
    """Epoch seconds at its making, running on evenly whatever becomes of the wall's: what the pace goes by."""

    def __init__(self, now: float) -> None:
        self._offset = now - time.monotonic()

    def __call__(self) -> float:
        """Return now."""
        return self._offset + time.monotonic()
