"""When a plan under review would be over and what it would cost, in one line each; for text and for Markdown."""

from collections.abc import Iterator

from orchestrator.cli.render import policy_words
from orchestrator.model.forecast import Assumption, Forecast, Range
from orchestrator.model.review import PlanView
from orchestrator.policy.units import duration
from orchestrator.progress.times import LocalTimes, span, utc

WAITS = {
    "window": "for the window to open",
    "stage": "for a stage to be over",
    "redial": "for redials",
    "limits.from": "for limits.from",
    "not_before": "for calls' not_before",
}
"""What is waited for, in words, in the order in which it is told."""
CLOCK, DAY = len("09:00"), len("2026-11-23T")
"""Characters of a clock's time, and of the day before a time in UTC."""
NINE_OF_TEN = "nine in ten runs of so few calls lie within the ranges"
SHORT = 60.0
"""Seconds up to which a wait is not told."""


def estimate_lines(view: PlanView) -> Iterator[tuple[str, str]]:
    """Yield each line's name and text; nothing where nothing is to be dialed."""
    found = view.estimate
    if found is None or (not found.starts.high and not found.left.high):
        return
    if found.starts.high:
        yield "starts", f"{_counts(found.starts)} attempt{'' if found.starts.high == 1 else 's'}"
        yield "rings", f"first {_moments(view, found.first_ring)}, last {_moments(view, found.last_ring)}"
        yield "finish", _finish(view, found)
        if len(view.zones) > 1:
            yield "hours", "somebody is rung as long as the window is open in any of the zones"
        if waits := ", ".join(_waits(found)):
            yield "waits", waits
        yield "minutes", _minutes(found.minutes)
    yield "cost", _cost(found)
    if found.left.high:
        yield "left", f"{_counts(found.left)} not dialed: {_because(found.left_because)}"
    chance = (NINE_OF_TEN,) if found.by_chance else ()
    yield "assumes", "; ".join((*_assumptions(found.assumptions), *chance))


def once(view: PlanView) -> str:
    """Say what an estimate takes for granted, behind its title: that somebody lifts what holds the plan."""
    return "" if view.held is None else ", once that is lifted"


def _because(reason: str | None) -> str:
    if reason == "window":
        return "no window opens that they fit into"
    return reason or "it takes longer than a year"


def _finish(view: PlanView, found: Forecast) -> str:
    text = _moments(view, found.finish)
    if found.finish.high is None or found.finish.low is None:
        return text
    low, high = (moment - view.moment for moment in (found.finish.low, found.finish.high))
    return f"{text}; in {_spread(span(low), span(high))}"


def _moments(view: PlanView, found: Range[float | None]) -> str:
    """Return `09:00 IST (2026-11-23T03:30Z)`, or the two of a range."""
    if found.low is None:
        return "not within a year"
    times = LocalTimes(view.zone)
    low = times.at(found.low, view.moment)
    low_utc, high_utc = (utc(moment - moment % 60) for moment in (found.low, found.high or found.low))
    if found.high is None:
        return f"{low} at the earliest ({low_utc})"
    high = times.at(found.high, view.moment)
    if low[CLOCK:] == high[CLOCK:] and low != high:
        low = low[:CLOCK]  # of the same day, which is told once
    if low_utc[:DAY] == high_utc[:DAY] and low_utc != high_utc:
        high_utc = high_utc[DAY:]
    return f"{_spread(low, high)} ({_spread(low_utc, high_utc)})"


def _spread(low: str, high: str) -> str:
    return low if low == high else f"{low} to {high}"


def _counts(found: Range[int]) -> str:
    return _spread(f"{found.low:,}", f"{found.high:,}")


def _minutes(found: Range[float]) -> str:
    return _spread(*(f"{value:,.0f}" if value >= 10 else f"{value:.1f}" for value in (found.low, found.high)))


def _cost(found: Forecast) -> str:
    if found.cost is None:
        return f"not known: {found.cost_from}"
    amounts = (policy_words.money(amount, None) for amount in (found.cost.low, found.cost.high))
    return f"{_spread(*amounts)} {found.currency}, by {found.cost_from}"


def _waits(found: Forecast) -> Iterator[str]:
    for name, words in WAITS.items():
        waited = found.waits.get(name)
        if waited is not None and waited.high >= SHORT:
            yield f"{_spread(span(waited.low), span(waited.high))} {words}"


def _assumptions(found: tuple[Assumption, ...]) -> Iterator[str]:
    """Yield what is assumed by each who says so."""
    for source in dict.fromkeys(each.source for each in found):
        yield f"{', '.join(_assumption(each) for each in found if each.source == source)} ({source})"


def _assumption(each: Assumption) -> str:
    show, digits = (policy_words.share, 3) if each.is_share else (duration, 0)
    low, high = (show(round(value, digits)) for value in (each.value.low, each.value.high))
    return f"{each.name} {_spread(low, high)}"
