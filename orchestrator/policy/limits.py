"""What calls use up - their number, talk and money -, settled and committed, against a plan's limits."""

import math
from collections.abc import Iterable
from decimal import Decimal

from orchestrator.model.call import BRIDGE_LEGS, CallTimes
from orchestrator.model.frozen import frozen
from orchestrator.model.policy import Limits
from orchestrator.model.target import Rates

NOTHING = Decimal(0)


@frozen
class Usage:
    """Calls dialed, attempts that may have rung, seconds talked, money; in flight with the most that it may take."""

    calls: int = 0
    attempts: int = 0
    seconds: float = 0.0
    cost: Decimal = NOTHING

    def __add__(self, other: "Usage") -> "Usage":
        return Usage(
            self.calls + other.calls,
            self.attempts + other.attempts,
            self.seconds + other.seconds,
            self.cost + other.cost,
        )

    def __sub__(self, other: "Usage") -> "Usage":
        return Usage(
            self.calls - other.calls,
            self.attempts - other.attempts,
            self.seconds - other.seconds,
            self.cost - other.cost,
        )


NO_USAGE = Usage()


@frozen
class Spent:
    """What is known of attempts that may have rung.

    `seconds` None: not yet; `most` is all that one may last, `ring` what a leg may ring. Each of the `legs` is billed
    by its own seconds.
    """

    price: str | None
    seconds: float | None
    most: float
    ring: float = 0.0
    times: int = 1
    legs: int = BRIDGE_LEGS


def need(times: CallTimes, rates: Rates | None, *, is_first: bool) -> Usage:
    """Return what one attempt of a call may use up at most: all legs to the time limit, the first through the ring."""
    talk = float(times.talk_seconds)
    return Usage(int(is_first), 1, talk, _most(talk, times.ring_seconds, times.legs, rates))


def spent(attempts: Iterable[Spent], rates: Rates | None) -> Usage:
    """Return what attempts have used up, or may yet; `calls` is not counted here."""
    total = Usage()
    for each in attempts:
        seconds = each.most if each.seconds is None else each.seconds
        price = None if each.price is None else Decimal(each.price)
        if price is not None and price >= NOTHING:  # no call gives money back: what says so is no price
            cost = price
        elif each.seconds is None:
            cost = _most(each.most, each.ring, each.legs, rates)
        else:
            cost = each.legs * _charge(each.seconds, rates)
        total += Usage(0, each.times, seconds * each.times, cost * each.times)
    return total


def exceeded(limits: Limits, used: Usage) -> str | None:
    """Say which limit would be exceeded where `used` were used up; None where none would."""
    if limits.calls is not None and used.calls > limits.calls:
        return f"limits.calls of {limits.calls:,} is reached"
    if limits.attempts is not None and used.attempts > limits.attempts:
        return f"limits.attempts of {limits.attempts:,} is reached"
    if limits.minutes is not None and used.seconds > limits.minutes * 60:
        return f"limits.minutes of {limits.minutes:,} does not cover one more call to its TimeLimit"
    if limits.cost is not None and used.cost > limits.cost:
        return f"limits.cost of {limits.cost} {limits.currency} does not cover one more call to its TimeLimit"
    return None


def _most(talk: float, ring: float, legs: int, rates: Rates | None) -> Decimal:
    return _charge(talk + ring, rates) + (legs - 1) * _charge(talk, rates)


def _charge(seconds: float, rates: Rates | None) -> Decimal:
    if rates is None:
        return NOTHING
    return math.ceil(seconds / rates.pulse) * rates.per_minute * Decimal(str(rates.pulse)) / 60
