"""Policy values: when, how fast and how many. Parsed once, with units in their types."""

from datetime import date
from typing import TYPE_CHECKING, Literal

from orchestrator.model.diagnostic import Waiver
from orchestrator.model.frozen import frozen

if TYPE_CHECKING:
    from decimal import Decimal


@frozen
class Rate:
    """At most `count` requests in any window of `seconds` seconds."""

    count: int
    seconds: float

    @property
    def interval(self) -> float:
        """Seconds between two requests that keep the rate evenly."""
        return self.seconds / self.count


CALLEE = "callee"
"""Stands for a window's zone: its hours are meant by the clock of who is rung."""


@frozen
class Window:
    """Days and hours in which people may be rung, in `timezone`; where that is CALLEE, in all zones that To may be in.

    `days`: 0 is Monday. `start` and `end` are minutes after midnight, `end` up to 1440 and exclusive;
    `end` <= `start` means that the window crosses midnight and belongs to the day on which it starts.
    """

    days: frozenset[int]
    start: int
    end: int
    timezone: str


@frozen
class PersonCap:
    """At most so many attempts that may have rung for one To, in any `within` seconds."""

    attempts: int
    within: float


@frozen
class Redial:
    """At most so many attempts of a call in all, the next one `after` seconds after the last ended."""

    attempts: int
    after: float


@frozen
class HaltRule:
    """Start no further calls where one of `shares` (ending, 0 to 1) is reached among the last `of` finished calls."""

    shares: tuple[tuple[str, float], ...]
    of: int


@frozen
class Limits:
    """What one edition may use up over all its runs. Times are epoch seconds, `cost` is in `currency`; None: no end."""

    calls: int | None = None
    attempts: int | None = None
    minutes: int | None = None
    cost: "Decimal | None" = None
    currency: str | None = None
    begins: float | None = None
    until: float | None = None


@frozen
class Stage:
    """How many calls may have been dialed when a stage is full: a number of them, or a share (0 to 1) of all."""

    calls: int | None = None
    share: float | None = None


Dnd = Literal["skip", "refuse", "ignore"]


@frozen
class Policy:
    """How a plan wants to be dialed.

    `pace` None: only the target's own cap. `per_agent`: calls in flight for one From. `holidays` are dates, in each
    window's own zone, on which nobody is rung. `redial` maps an ending to its rule. `suppress` names the lists as the
    plan does; what they hold is not part of the policy. `success` maps a disposition to the least share (0 to 1) of
    the dialed calls; empty means that every dialed call completes. `waive` are the rules that do not
    count for the plan.
    """

    pace: Rate | None = None
    concurrency: int = 20
    per_agent: int | None = None
    per_person: PersonCap | None = None
    windows: tuple[Window, ...] = ()
    holidays: frozenset[date] = frozenset()
    redial: tuple[tuple[str, Redial], ...] = ()
    suppress: tuple[str, ...] = ()
    dnd: Dnd = "ignore"
    stages: tuple[Stage, ...] = ()
    halt: tuple[HaltRule, ...] = ()
    limits: Limits = Limits()
    success: tuple[tuple[str, float], ...] = ()
    waive: tuple[Waiver, ...] = ()
