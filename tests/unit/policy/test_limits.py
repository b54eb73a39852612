"""What calls use up: settled by the second and the started pulse, in flight with the most that they may take."""

from decimal import Decimal

import pytest

from orchestrator.exotel.call_fields import call_times
from orchestrator.model.call import Field
from orchestrator.model.policy import Limits
from orchestrator.model.target import Rates
from orchestrator.policy.limits import Spent, Usage, exceeded, need, spent

MINUTES = Rates("INR", Decimal("0.60"))
HALVES = Rates("INR", Decimal("0.60"), 30.0)
ENDLESS = Usage(10**18, 10**18, 10.0**18, Decimal(10**18))
"""More than any limit admits."""


@pytest.mark.parametrize(
    ("words", "rates", "seconds", "cost"),
    [
        ({"TimeLimit": "60", "TimeOut": "30"}, MINUTES, 60.0, "1.80"),  # 90 s are 2 pulses, 60 s are 1
        ({"TimeLimit": "61", "TimeOut": "30"}, MINUTES, 61.0, "2.40"),  # a started pulse is a pulse
        ({"TimeLimit": "60", "TimeOut": "30"}, HALVES, 60.0, "1.50"),  # 3 and 2 pulses of half a minute
        ({"TimeLimit": "600"}, None, 600.0, "0"),
        ({}, None, 14400.0, "0"),  # the carrier's own maximum
        ({}, MINUTES, 14400.0, "288.60"),  # 241 and 240 minutes
    ],
)
def test_an_attempt_may_need_both_legs_to_the_time_limit(
    words: dict[str, str], rates: Rates | None, seconds: float, cost: str
) -> None:
    times = call_times(tuple(Field(*each, "call") for each in words.items()))
    assert need(times, rates, is_first=True) == Usage(1, 1, seconds, Decimal(cost))
    assert need(times, rates, is_first=False) == Usage(0, 1, seconds, Decimal(cost))


@pytest.mark.parametrize(
    ("each", "seconds", "cost"),
    [
        (Spent("1.20", 41.0, 600.0), 41.0, "1.20"),  # the carrier's price, whatever the rates say
        (Spent(None, 41.0, 600.0), 41.0, "1.20"),  # a started minute, on two legs
        (Spent(None, 61.0, 600.0), 61.0, "2.40"),
        (Spent(None, 0.0, 600.0), 0.0, "0"),
        (Spent(None, None, 600.0, 30.0), 600.0, "12.60"),  # in flight: 630 s and 600 s
        (Spent("1.20", None, 600.0), 600.0, "1.20"),  # a price before its seconds
        (Spent("-500", 41.0, 600.0), 41.0, "1.20"),  # no price: it would lift the limit
    ],
)
def test_what_is_not_known_counts_with_the_most_that_it_may_take(each: Spent, seconds: float, cost: str) -> None:
    assert spent([each], MINUTES) == Usage(0, 1, seconds, Decimal(cost))


def test_attempts_add_up() -> None:
    both = spent([Spent("1.20", 41.0, 0.0), Spent(None, None, 60.0, 60.0)], MINUTES)
    assert both == Usage(0, 2, 101.0, Decimal("3.00"))
    assert spent([], MINUTES) == Usage()
    assert both - both == Usage()


def test_money_is_exact() -> None:
    tenth = Rates("INR", Decimal("0.1"), 6.0)
    assert spent([Spent(None, 6.0, 0.0)] * 10, tenth).cost == Decimal("0.20")


@pytest.mark.parametrize(
    ("limits", "inside", "outside", "name"),
    [
        (Limits(calls=5), Usage(calls=5), Usage(calls=6), "limits.calls of 5"),
        (Limits(attempts=5), Usage(attempts=5), Usage(attempts=6), "limits.attempts of 5"),
        (Limits(minutes=5), Usage(seconds=300.0), Usage(seconds=300.5), "limits.minutes of 5"),
        (
            Limits(cost=Decimal("1.50"), currency="INR"),
            Usage(cost=Decimal("1.50")),
            Usage(cost=Decimal("1.51")),
            "limits.cost of 1.50 INR",
        ),
    ],
)
def test_a_limit_may_be_reached_and_not_exceeded(limits: Limits, inside: Usage, outside: Usage, name: str) -> None:
    assert exceeded(limits, inside) is None
    assert (exceeded(limits, outside) or "").startswith(name)
    assert (exceeded(limits, ENDLESS) or "").startswith(name)


def test_without_limits_nothing_is_too_much() -> None:
    assert exceeded(Limits(begins=1.0, until=2.0), ENDLESS) is None
