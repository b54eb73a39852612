"""How one call goes, decided at once from a seed: pure, so that the same seed plays the same calls."""

import hashlib
from dataclasses import dataclass
from decimal import Decimal
from random import Random

from orchestrator.model.outcome import Ending
from orchestrator.model.simulated import LegScript, Script
from orchestrator.sandbox.config import Scenario, SecondsSpan

RING_SECONDS = 30
"""Seconds a leg rings where TimeOut is unset: a guide's figure, unconfirmed (docs/carrier.md, requests)."""
PULSE_SECONDS = 60
PRICE_OF_PULSE = Decimal("0.600")
"""INR for one pulse of one leg: the rates of the examples."""
AGENT_MISSED_AS_FAILED = 0.25
"""Share of calls whose agent never answered that end as `failed`, not `no-answer`: both words are met."""


@dataclass(frozen=True, slots=True)
class _Draws:
    """Every random choice of a call, drawn in a fixed order: a changed TimeOut changes nothing else."""

    outcome: Ending
    agent_rings: float
    customer_rings: float
    talk: int
    tone: float
    missed_as_failed: bool


def compose(
    scenario: Scenario,
    seed: int,
    pair: tuple[str, str],
    nth: int,
    time_out: int | None,
    time_limit: int | None,
) -> Script:
    """Decide the `nth` call (from 0) of a pair of number identities. Limits are in seconds or None.

    A leg that would answer after `time_out` ends as `no-answer`; the conversation is cut at `time_limit`.
    """
    draws = _draw(scenario, seed, pair, nth)
    patience = float(time_out or RING_SECONDS)
    if draws.outcome is Ending.AGENT_NO_ANSWER or draws.agent_rings > patience:
        status = "failed" if draws.missed_as_failed else "no-answer"
        return Script(status, LegScript("no-answer"), LegScript(None), patience, 0, _price())
    joined = draws.agent_rings
    if draws.outcome is Ending.COMPLETED and draws.customer_rings <= patience:
        talk = min(draws.talk, time_limit or draws.talk)
        answered = joined + draws.customer_rings
        return _ended("completed", joined, LegScript("completed", answered, talk), answered + talk)
    if draws.outcome in (Ending.BUSY, Ending.FAILED):
        status = draws.outcome.value
        return _ended(status, joined, LegScript(status), joined + min(draws.tone, patience))
    if draws.outcome is Ending.CANCELED:
        return _ended("canceled", joined, LegScript("canceled"), joined + min(draws.customer_rings, patience))
    return _ended("no-answer", joined, LegScript("no-answer"), joined + patience)


def _ended(status: str, joined: float, customer: LegScript, ends_at: float) -> Script:
    agent = LegScript("completed", joined, max(1, round(ends_at - joined)))
    return Script(status, agent, customer, ends_at, customer.on_call, _price(agent.on_call, customer.on_call))


def _price(*on_calls: int) -> str:
    pulses = sum(-(-seconds // PULSE_SECONDS) for seconds in on_calls)
    return str(PRICE_OF_PULSE * pulses)


def _draw(scenario: Scenario, seed: int, pair: tuple[str, str], nth: int) -> _Draws:
    digest = hashlib.sha256("\x00".join((str(seed), *pair, str(nth))).encode()).digest()
    # Only .random() is used: the one method whose sequence Python promises to keep across versions.
    random = Random(int.from_bytes(digest))  # noqa: S311 - a simulation, not a secret
    return _Draws(
        outcome=_pick(scenario, random.random()),
        agent_rings=_within(scenario.agent_rings, random.random()),
        customer_rings=_within(scenario.customer_rings, random.random()),
        talk=round(_within(scenario.talks, random.random())),
        tone=_within((1.0, 4.0), random.random()),
        missed_as_failed=random.random() < AGENT_MISSED_AS_FAILED,
    )


def _within(span: SecondsSpan, share: float) -> float:
    low, high = span
    return round(low + (high - low) * share, 1)


def _pick(scenario: Scenario, share: float) -> Ending:
    left = share * sum(scenario.weights.values())
    for outcome, weight in scenario.weights.items():
        left -= weight
        if left < 0:
            return outcome
    return Ending.COMPLETED
