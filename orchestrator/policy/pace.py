"""How fast: never more than the cap in any window of its length, evenly spread, with no catching up."""

from collections import deque
from collections.abc import Mapping, Sequence
from dataclasses import field, replace
from typing import Literal

from orchestrator.model.frozen import frozen
from orchestrator.model.policy import Rate

SLOT_TOLERANCE = 0.025
"""Seconds by which a request may leave after its slot; one that comes later drops the slot and takes another."""

SLOTS_AHEAD = 0.5
"""Seconds from which on a slot may be taken. It bounds how long an intent waits, and what a process that dies loses."""

INTENT_TO_FIRST_BYTE = 2.0
"""Most seconds between an intent's commit and the first byte of its request (docs/guarantees.md)."""

SLACK_SHARE, LEAST_SLACK = 0.0085, 0.05
"""Slack: this share of the window, at least so many seconds."""

SHARE_OF_LOOK_UPS = 5
"""Look-ups take at most a fifth of the account's pace."""

CapKind = Literal["account", "look-ups", "plan"]


@frozen
class Cap:
    """One cap, as all processes on a journal share it.

    `gap` is the seconds between two slots, `(W + slack) / count`. Why that keeps the cap as the carrier sees it: each
    request reaches it between 0 and J seconds after its slot, our own SLOT_TOLERANCE included. The requests that arrive
    within some window of W seconds then have slots within W + J seconds. As long as J <= slack that is at most
    `count` gaps, and a half-open window of `count` gaps holds at most `count` slots that are a gap or more apart:
    `ceil((W + J) / gap) <= count`. The price is slack / (W + slack) of the rate, under 1 % from W = 6 s on.
    """

    kind: CapKind
    rate: Rate
    span: float = field(init=False)
    """Seconds in which at most `count` slots lie."""
    gap: float = field(init=False)
    """Seconds between two slots."""

    def __post_init__(self) -> None:
        """Reckon once what each request asks for."""
        span = self.rate.seconds + max(SLACK_SHARE * self.rate.seconds, LEAST_SLACK)
        object.__setattr__(self, "span", span)
        object.__setattr__(self, "gap", span / self.rate.count)


@frozen
class Kept:
    """What is remembered of a cap, in epoch seconds: the last slot, and until when the carrier wants quiet."""

    last: float
    hold: float = 0.0

    def rebased(self, now: float) -> "Kept":
        """Return the same as the clock shows it now, in case it was set back.

        No slot is given out more than SLOTS_AHEAD early. One that seems to be is of before the clock was set back, by
        at least the difference: in truth it is SLOTS_AHEAD away or less, and spacing from there keeps the cap.
        """
        back = self.last - (now + SLOTS_AHEAD)
        return self if back <= 0 else replace(self, last=self.last - back, hold=self.hold - back)


def next_slot(caps: Sequence[Cap], kept: Mapping[CapKind, Kept], now: float, lead: float = 0.0) -> float:
    """Return the first moment that all caps allow, not before `now + lead`: what is not used is not made up for.

    `kept` is rebased; it may lack caps under which nothing left yet.
    """
    at = now + lead
    for cap in caps:
        row = kept.get(cap.kind)
        if row is not None:
            at = max(at, row.last + cap.gap, row.hold)
    return at


class Recent:
    """The second guard: when the last requests of this process really left, by a clock that nobody can set.

    It never delays a request that keeps to its slot.
    """

    def __init__(self, caps: Sequence[Cap]) -> None:
        self._left = [(cap.span - SLOT_TOLERANCE, cap.rate.count, deque[float](maxlen=cap.rate.count)) for cap in caps]

    def ready_at(self) -> float:
        """Return from when on one more request breaks no cap; 0 where any moment will do."""
        at = 0.0
        for span, count, left in self._left:
            if len(left) == count:
                at = max(at, left[0] + span)
        return at

    def took(self, now: float) -> None:
        """Record that a request leaves."""
        for _, _, left in self._left:
            left.append(now)
