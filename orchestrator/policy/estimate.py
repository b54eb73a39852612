"""When will it be over? A guess from what is left, how fast it may go, and when the windows are open. Pure."""

from collections.abc import Callable
from dataclasses import dataclass

from orchestrator.policy.may_start import NEVER

LONGEST_ESTIMATE = 14 * 86400.0
"""Seconds looked ahead. What takes longer has no estimate: nobody plans by it, and each window must be looked for."""

LOOK_INTERVAL = 900.0
"""Seconds between two looks for the end of a window: a break that is shorter may be missed, and changes little."""

Opens = Callable[[float], float]
"""When the windows let a call start, from a moment on; the moment itself where they are open, NEVER if not at all."""


@dataclass(frozen=True, slots=True)
class Work:
    """What is left to do. Times are epoch seconds.

    `starts` attempts are still to be made, each `gap` seconds after another at the earliest, `slots` calls at a time,
    and a call takes `length` seconds (None: not known yet). `breaks`: how often all calls in flight must end before
    the next may start, as between stages. `begins`: nothing starts before it; `redial`: the last of the calls that
    wait may start; `ends`: what is in flight should be over. `tail`: seconds after the last of the starts until a
    redial follows that is among them.
    """

    starts: int
    gap: float
    slots: int
    length: float | None
    breaks: int = 0
    begins: float = 0.0
    redial: float = 0.0
    ends: float = 0.0
    tail: float = 0.0


@dataclass(frozen=True, slots=True)
class Estimate:
    """About when all is over, NEVER beyond the horizon. `held`: not before it, since a window closes until then."""

    at: float
    held: bool = False


def estimate(now: float, work: Work, opens: Opens) -> Estimate | None:
    """Guess the end; None as long as nothing is known that a guess could rest on.

    Halts and limits of a person's attempts are not foreseen.
    """
    if not work.starts:
        return Estimate(max(now, work.ends)) if work.ends else None
    length = work.length or 0.0
    takes = max(0, work.starts - 1) * max(work.gap, length / work.slots) + work.breaks * length
    last, held = _through_windows(max(now, work.begins), takes, opens, now + LONGEST_ESTIMATE)
    redial = max(work.redial, last + work.tail)
    late = opens(redial) if redial > last else last
    held = held or work.begins > now or late > redial
    if work.length is None and not held:
        return None
    end = max(late + length, work.ends)
    return Estimate(NEVER if end > now + LONGEST_ESTIMATE else end, held)


def _through_windows(start: float, takes: float, opens: Opens, horizon: float) -> tuple[float, bool]:
    """Return when so many seconds of open windows have passed, and whether they were closed meanwhile."""
    moment, left = opens(start), takes
    held = moment > start
    while moment < horizon:
        wanted = min(moment + left, horizon)
        closes = _closes(moment, wanted, opens)
        if closes == wanted:
            return (NEVER if wanted == horizon else closes), held
        left -= closes - moment
        moment, held = opens(closes + 1), True
    return NEVER, held


def _closes(moment: float, end: float, opens: Opens) -> float:
    """Return the last second up to `end` in which the windows that are open at `moment` are open without a break."""
    while moment < end:
        following = min(moment + LOOK_INTERVAL, end)
        if opens(following) > following:
            return _between(moment, following, opens)
        moment = following
    return end


def _between(is_open: float, is_closed: float, opens: Opens) -> float:
    """Return the last open second between an open and a closed moment."""
    while is_closed - is_open > 1:
        middle = (is_open + is_closed) / 2
        if opens(middle) > middle:
            is_closed = middle
        else:
            is_open = middle
    return is_open
