"""How long things may take: the horizon of one call, and back-off before a request that did not ring."""

from collections.abc import Callable
from dataclasses import dataclass

from orchestrator.model.policy import PersonCap

RING = 60
"""Seconds that a leg is taken to ring where TimeOut is unset (product.md, invariant 3)."""

TALK = 14400
"""Seconds that a call may last where TimeLimit is unset: the carrier's own maximum (S0)."""

FRESH = 2.0
"""Most seconds between an intent's commit and its request's first byte (product.md section 5)."""

Text = Callable[[str], str | None]


@dataclass(frozen=True, slots=True)
class Shortest:
    """The least TimeOut and the least TimeLimit among a plan's calls, in seconds; 0 where that is not known."""

    time_out: int = 0
    time_limit: int = 0

    def text(self, name: str) -> str | None:
        """Return the parameters of a call that would take no longer than any."""
        return {"TimeOut": str(self.time_out), "TimeLimit": str(self.time_limit)}.get(name)


def shorter(known: Shortest | None, text: Text) -> Shortest:
    """Return the least of what is known and of one more call."""
    time_out, time_limit = int(text("TimeOut") or RING), int(text("TimeLimit") or TALK)
    if known is None:
        return Shortest(time_out, time_limit)
    return Shortest(min(known.time_out, time_out), min(known.time_limit, time_limit))


def counts_for(cap: PersonCap) -> float:
    """Return the seconds for which an intent counts against its person's cap: its request may have left later."""
    return cap.within + FRESH


def ring_span(text: Text) -> int:
    """Return the seconds in which a call may still start to ring somebody: both legs, one after the other."""
    return 2 * int(text("TimeOut") or RING)


def horizon(text: Text, settle: float) -> float:
    """Return the seconds after which a call cannot be live any more: rings, talk, and the carrier's settling."""
    return ring_span(text) + int(text("TimeLimit") or TALK) + settle


def back_off(failures: int) -> float:
    """Return the seconds to wait after the n-th failure in a row (from 1): 1 s, doubling, at most 30 s."""
    return float(min(2 ** min(failures - 1, 5), 30))
