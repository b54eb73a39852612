"""Values of a policy and of a target in words, as a plan would write them where it can."""

from collections.abc import Iterable, Iterator, Sequence
from decimal import Decimal

from orchestrator.model.diagnostic import Waiver
from orchestrator.model.policy import CALLEE, HaltRule, Limits, Policy, Rate, Stage, Window
from orchestrator.model.target import Rates
from orchestrator.policy.units import duration

DAYS = ("mon", "tue", "wed", "thu", "fri", "sat", "sun")
_NAMED = {1.0: "second", 60.0: "minute", 3600.0: "hour"}


def rate(value: Rate) -> str:
    """Return `150/minute` or `10/6s`."""
    return f"{value.count:,}/{_NAMED.get(value.seconds) or duration(value.seconds)}"


def share(value: float) -> str:
    """Return `5%` or `2.5%`."""
    return f"{value * 100:.6g}%"


def windows(found: Sequence[Window]) -> str:
    """Return `mon-sat 09:00-21:00 Asia/Kolkata`, several with `and`, the zone once where it is the same."""
    zones = {window.timezone for window in found}
    if len(zones) == 1:
        return f"{' and '.join(map(_hours, found))} {_zone(zones.pop())}"
    return " and ".join(f"{_hours(window)} {_zone(window.timezone)}" for window in found)


def _zone(timezone: str) -> str:
    return "in the callee's zone" if timezone == CALLEE else timezone


def _hours(window: Window) -> str:
    return f"{days(window.days)} {_clock(window.start)}-{_clock(window.end)}"


def days(found: frozenset[int]) -> str:
    """Return `mon-sat`, `mon-wed, fri` or `every day`."""
    if len(found) == len(DAYS):
        return "every day"
    spans: list[list[int]] = []
    for day in sorted(found):
        if spans and spans[-1][-1] == day - 1:
            spans[-1].append(day)
        else:
            spans.append([day])
    return ", ".join(DAYS[one[0]] if len(one) == 1 else f"{DAYS[one[0]]}-{DAYS[one[-1]]}" for one in spans)


def _clock(minutes: int) -> str:
    return f"{minutes // 60:02}:{minutes % 60:02}"


def stages(found: Iterable[Stage]) -> str:
    """Return `1, then 5%, then 100%`: side by side many of them would look like a number."""
    return ", then ".join(f"{stage.calls:,}" if stage.share is None else share(stage.share) for stage in found)


def halts(rules: Iterable[HaltRule]) -> str:
    """Return `20% failed of the last 50`, several with `or`."""
    return " or ".join(
        f"{share(least)} {ending} of the last {rule.of:,}" for rule in rules for ending, least in rule.shares
    )


def redials(policy: Policy) -> str:
    """Return `busy: 3 attempts, 15m apart; no-answer: ...`."""
    return "; ".join(
        f"{ending}: {rule.attempts} attempts, {duration(rule.after)} apart" for ending, rule in policy.redial
    )


def limits(found: Limits) -> Iterator[str]:
    """Yield what an edition may use up, but for its times."""
    for count, words in ((found.calls, "calls"), (found.attempts, "attempts"), (found.minutes, "minutes")):
        if count is not None:
            yield f"{count:,} {words}"
    if found.cost is not None:
        yield money(found.cost, found.currency)


def rates(found: Rates) -> str:
    """Return `0.60 INR a minute of each leg, in pulses of 1m`."""
    return f"{found.per_minute} {found.currency} a minute of each leg, in pulses of {duration(found.pulse)}"


def money(amount: Decimal | float, currency: str | None) -> str:
    """Return `15,000 INR`, a price as it is written; of an estimate two decimals below a hundred, none above."""
    text = f"{amount:,}" if isinstance(amount, Decimal) else f"{amount:,.0f}" if amount >= 100 else f"{amount:,.2f}"
    return f"{text} {currency}" if currency else text


def waiver(value: Waiver) -> str:
    """Return until when a rule is waived, by whom and why."""
    return f"until {value.until} by {value.owner}: {value.reason}"
