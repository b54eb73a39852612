"""How long things may take: the horizon of one call, and back-off before a request that did not ring."""

from collections.abc import Callable

RING = 60
"""Seconds that a leg is taken to ring where TimeOut is unset (product.md, invariant 3)."""

TALK = 14400
"""Seconds that a call may last where TimeLimit is unset: the carrier's own maximum (S0)."""

Text = Callable[[str], str | None]


def ring_span(text: Text) -> int:
    """Return the seconds in which a call may still start to ring somebody: both legs, one after the other."""
    return 2 * int(text("TimeOut") or RING)


def horizon(text: Text, settle: float) -> float:
    """Return the seconds after which a call cannot be live any more: rings, talk, and the carrier's settling."""
    return ring_span(text) + int(text("TimeLimit") or TALK) + settle


def back_off(failures: int) -> float:
    """Return the seconds to wait after the n-th failure in a row (from 1): 1 s, doubling, at most 30 s."""
    return float(min(2 ** min(failures - 1, 5), 30))
