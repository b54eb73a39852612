"""Decides what follows an answer or an ending: wait for the call, send again, redial, or close; others act on it."""

from collections.abc import Sequence

from orchestrator.model.frozen import frozen
from orchestrator.model.outcome import Disposition, Ending, Placement, Verdict
from orchestrator.model.policy import Redial


@frozen
class Follow:
    """Accepted or unknown: wait for evidence of how it went."""


@frozen
class Again:
    """It did not ring: a new attempt, `after` seconds from now."""

    after: float


@frozen
class Close:
    """The call has its disposition. `stop_run`: the next call would fail the same way."""

    disposition: Disposition
    reason: str | None = None
    stop_run: bool = False


@frozen
class Redialed:
    """It ended as it was not wished: dialed again at `at` (epoch seconds) at the earliest."""

    at: float
    reason: str


NextStep = Follow | Again | Close


def after_ending(ending: Ending, rung: int, now: float, redial: Sequence[tuple[str, Redial]]) -> Redialed | Close:
    """Decide what follows an ending at `now`; `rung` counts the call's attempts that may have rung, with this one.

    It is 0 for a call that is not to be dialed any more: the plan no longer holds it, or another edition does.
    """
    rule = dict(redial).get(ending)
    if rule is None or not 0 < rung < rule.attempts or ending is Ending.COMPLETED:
        return Close(Disposition(ending))
    return Redialed(now + rule.after, f"redial after {ending}")


def after_placement(verdict: Verdict, failures: int) -> NextStep:
    """Decide by what the answer proves (docs/guarantees.md).

    `failures` counts this call's attempts in a row that did not ring, from 1.
    """
    match verdict.placement:
        case Placement.ACCEPTED | Placement.UNKNOWN:
            return Follow()
        case Placement.THROTTLED:
            wished = verdict.retry_after
            return Again(back_off(failures) if wished is None else wished)
        case Placement.UNREACHED:
            return Again(back_off(failures))
        case Placement.REJECTED if verdict.account_problem:
            return Close(Disposition.NOT_DIALED, "account", stop_run=True)
        case Placement.REJECTED:
            return Close(Disposition.REJECTED, verdict.message)


def back_off(failures: int) -> float:
    """Return the seconds to wait after the n-th failure in a row (from 1): 1 s, doubling, at most 30 s."""
    return float(min(2 ** min(failures - 1, 5), 30))
