"""When it would be over, and what it would cost: a forecast of a plan's calls, as a range where it rests on guesses."""

from collections.abc import Mapping
from dataclasses import field
from typing import Generic, TypeVar

from orchestrator.model.frozen import frozen

Value = TypeVar("Value")


@frozen
class Range(Generic[Value]):
    """The least and the most that is expected; both the same where nothing is guessed, nor left to chance."""

    low: Value
    high: Value


@frozen
class Foretold(Range[Value]):
    """What a run comes to, with its mean over all that may happen; None where it may never come."""

    expected: float | None = None


@frozen
class Assumption:
    """Something that a forecast rests on: a share from 0 to 1, or seconds. `source` says in words who says so."""

    name: str
    value: Range[float]
    is_share: bool
    source: str


@frozen
class Forecast:
    """What is expected of the calls that are still to be dialed. Moments are epoch seconds, None for never.

    `starts` are the attempts, redials included; `first_ring` and `last_ring` are when the first and the last of them
    start, `finish` is when the last one is over. `minutes` are what `limits.minutes` counts: from the answer of From to
    the end. `cost` is None where nobody knows what a call costs; `cost_from` says who does, or what is missing. `waits`
    are the seconds until then in which nothing could start, by what was waited for: `window`, `stage`, `redial`. `left`
    calls are not dialed at all, because of a limit or of windows, as `left_because` says. `by_chance`: few calls may go
    one way or another, and a range is what nine of ten runs come to.
    """

    starts: Foretold[int]
    first_ring: Foretold[float | None]
    last_ring: Foretold[float | None]
    finish: Foretold[float | None]
    minutes: Foretold[float]
    cost: Foretold[float] | None
    currency: str | None
    cost_from: str
    waits: Mapping[str, Foretold[float]]
    left: Foretold[int]
    left_because: str | None = None
    assumptions: tuple[Assumption, ...] = field(default=())
    by_chance: bool = False
