"""What a plan under review is and how it would be dialed, in one line each; for text and for Markdown."""

from collections.abc import Iterator, Mapping
from datetime import datetime
from itertools import islice

from orchestrator.cli.render import policy_words
from orchestrator.model.policy import Policy
from orchestrator.model.review import PlanView
from orchestrator.model.target import Target
from orchestrator.plan.targets import SANDBOX
from orchestrator.policy.units import duration
from orchestrator.progress.times import LocalTimes, utc

MOST_WAIVERS = 10
"""Waivers that are shown: of more their number tells enough, and the findings name each."""

WORDS_OF_OTHERS = frozenset(("purpose", "journal", "lists", "waived"))
"""Lines in which a number may stand: the others have our figures only, which side by side would be taken for one."""

MOST_ZONES = 6
"""Zones of callees that are named: the rest are counted together."""


def where(view: PlanView) -> str:
    """Say where the plan would be dialed, and whether phones ring."""
    if not view.sandbox:
        return f"target {view.target}: PHONES RING"
    named = "the sandbox" if view.target == SANDBOX.name else f"the sandbox target {view.target}"
    return f"{named}: no phone rings"


def moment(view: PlanView, at: float, *, seconds: bool = False) -> str:
    """Return `09:00 IST tomorrow (2026-11-23T03:30Z)`: the plan's own clocks first."""
    return f"{LocalTimes(view.zone).at(at, view.moment, seconds=seconds)} ({utc(at)})"


def epoch(rfc3339: str) -> float:
    """Return an RFC 3339 time in epoch seconds."""
    return datetime.fromisoformat(rfc3339).timestamp()


def header(view: PlanView) -> Iterator[tuple[str, str]]:
    """Yield each line's name and text, which is not masked and not safe to show yet; none of what is not set."""
    policy, target = view.policy, view.asked
    yield from _judged(view)
    if target is None:
        return
    yield "window", _windows(policy, target)
    if view.zones:
        yield "zones", _zones(view.zones)
    yield "pace", _pace(policy, target)
    if policy.stages:
        yield "stages", policy_words.stages(policy.stages)
    if policy.halt:
        yield "halt", policy_words.halts(policy.halt)
    if policy.redial:
        yield "redials", policy_words.redials(policy)
    if bounds := [*policy_words.limits(policy.limits), *_times(view)]:
        yield "limits", "; ".join(bounds)
    if cap := policy.per_person:
        yield "person", f"at most {cap.attempts} attempts within {duration(cap.within)}"
    if lists := [*policy.suppress, *(f"{name} (the target's)" for name in target.guardrails.suppress)]:
        yield "lists", ", ".join(lists)
    if policy.dnd != "ignore":
        yield "dnd", f"{policy.dnd}, by the carrier's word when the plan is run"
    if policy.waive:
        shown = [f"{each.rule} {policy_words.waiver(each)}" for each in policy.waive[:MOST_WAIVERS]]
        more = len(policy.waive) - len(shown)
        yield "waived", "; ".join([*shown, f"and {more:,} more"] if more else shown)


def _judged(view: PlanView) -> Iterator[tuple[str, str]]:
    if view.at is not None:
        yield "at", moment(view, view.moment)
    yield "purpose", view.purpose or "none: what countries ask of calls of a purpose is not judged"
    if view.journal is None:
        yield "journal", "none: every call counts as new"
    elif view.known_runs is None:
        yield "journal", f"{view.journal}, not asked: the account is not known"
    elif view.known_runs:
        yield "journal", f"{view.journal}, {_count(view.known_runs, 'run')} of this edition"
    else:
        yield "journal", f"{view.journal}, no run of this edition yet"


def _windows(policy: Policy, target: Target) -> str:
    parts = [policy_words.windows(policy.windows)] if policy.windows else []
    if target.guardrails.windows:
        parts.append(f"{policy_words.windows(target.guardrails.windows)} (the target's)")
    if policy.holidays:
        parts.append(f"{_count(len(policy.holidays), 'holiday')} left out")
    return "; ".join(parts) or "always open"


def _zones(found: Mapping[str, int]) -> str:
    """Say where the people are who would be rung: `1,204 in America/New_York, 310 in 42 zones`."""
    shown = [f"{count:,} in {zones}" for zones, count in islice(found.items(), MOST_ZONES)]
    left = [*found.values()][MOST_ZONES:]
    return ", ".join([*shown, f"{sum(left):,} elsewhere"] if left else shown)


def _pace(policy: Policy, target: Target) -> str:
    parts = [policy_words.rate(policy.pace)] if policy.pace else []
    parts.append(f"{policy_words.rate(target.pace)} (the target's)")
    parts.append(f"{policy.concurrency:,} at a time")
    if policy.per_agent is not None:
        parts.append(f"{policy.per_agent:,} for one From")
    if target.legs is not None:
        parts.append(f"{target.legs:,} legs (the target's)")
    return ", ".join(parts)


def _times(view: PlanView) -> Iterator[str]:
    if (begins := view.policy.limits.begins) is not None:
        yield f"from {moment(view, begins)}"
    if (until := view.policy.limits.until) is not None:
        yield f"until {moment(view, until)}"


def _count(number: int, word: str) -> str:
    return f"{number:,} {word}{'' if number == 1 else 's'}"
