"""Policy values: when, how fast and how many. Parsed once, with units in their types."""

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Rate:
    """At most `count` requests in any window of `seconds` seconds."""

    count: int
    seconds: float

    @property
    def interval(self) -> float:
        """Seconds between two requests that keep the rate evenly."""
        return self.seconds / self.count


@dataclass(frozen=True, slots=True)
class Window:
    """Days and hours in which people may be rung.

    `days`: 0 is Monday. `start` and `end` are minutes after midnight, `end` up to 1440 and exclusive;
    `end` <= `start` means that the window crosses midnight and belongs to the day on which it starts.
    """

    days: frozenset[int]
    start: int
    end: int
    timezone: str


@dataclass(frozen=True, slots=True)
class Policy:
    """How a plan wants to be dialed.

    `pace` None: only the target's own cap. `success` maps a disposition to the least share (0 to 1) of the
    dialed calls; empty means that every dialed call completes.
    """

    pace: Rate | None = None
    concurrency: int = 20
    windows: tuple[Window, ...] = ()
    success: tuple[tuple[str, float], ...] = ()
