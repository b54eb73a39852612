"""How long things may take: the horizon of one call, and back-off before a request that did not ring."""

from orchestrator.model.call import CallTimes
from orchestrator.model.policy import PersonCap

FRESH = 2.0
"""Most seconds between an intent's commit and its request's first byte (docs/guarantees.md)."""


def counts_for(cap: PersonCap) -> float:
    """Return the seconds for which an intent counts against its person's cap: its request may have left later."""
    return cap.within + FRESH


def horizon(times: CallTimes, settle: float) -> float:
    """Return the seconds after which a call cannot be live any more: rings, talk, and the carrier's settling."""
    return times.ring_span + times.talk_seconds + settle


def back_off(failures: int) -> float:
    """Return the seconds to wait after the n-th failure in a row (from 1): 1 s, doubling, at most 30 s."""
    return float(min(2 ** min(failures - 1, 5), 30))
