"""`policy.dnd`: how long the carrier's word on a number is good, and how people are told."""

KNOWN_FOR = 86400.0
"""Seconds for which an answer is used, by all runs on a journal.

Registering takes effect within seven days of the request, so that no answer of a day ago can be wrong about somebody
who was registered in time; and a day is as old as a scrubbed list is commonly allowed to be.
"""

REGISTERED = "dnd: the carrier marks its number as do-not-disturb"
"""Why a call is suppressed."""

UNANSWERED = "dnd"
"""Why a call waits: the carrier has not said yet whether its number may be rung."""


def known_span(now: float) -> tuple[float, float]:
    """Return between which moments an answer must have been asked for to be used at `now`, in epoch seconds.

    One from the future is of before the clock was set back: in truth it is older than it seems, by at most as much.
    """
    return now - KNOWN_FOR, now + KNOWN_FOR
