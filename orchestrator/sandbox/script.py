"""Scenarios, how people behave; and how one call goes, decided at once: the same seed plays the same calls."""

import hashlib
from collections.abc import Mapping
from decimal import Decimal
from random import Random

from orchestrator.model.frozen import frozen
from orchestrator.model.outcome import Ending
from orchestrator.model.simulated import LegScript, Script

RING_SECONDS = 30
"""Seconds a leg rings where TimeOut is unset: a guide's figure, unconfirmed (docs/carrier.md, requests)."""
PULSE_SECONDS = 60
PRICE_OF_PULSE = Decimal("0.600")
"""INR for one pulse of one leg: the rates of the examples."""
AGENT_MISSED_AS_FAILED = 0.25
"""Share of calls whose agent never answered that end as `failed`, not `no-answer`: both words are met."""


SecondsSpan = tuple[float, float]


@frozen
class Scenario:
    """How people behave. `weights` need not sum to 1. Spans are sandbox seconds, drawn evenly.

    `agent_rings` and `customer_rings` are from dialing to answering, of leg 1 and leg 2; `talks` is the
    conversation, before TimeLimit cuts it. `dnd_digits`: a mobile number that ends in one of them is registered as
    do-not-disturb.
    """

    summary: str
    weights: Mapping[Ending, float]
    agent_rings: SecondsSpan
    customer_rings: SecondsSpan
    talks: SecondsSpan
    dnd_digits: str = ""


SCENARIOS: dict[str, Scenario] = {
    "everyday": Scenario(
        "first attempts in India: most are answered, the rest end in every way that the carrier knows",
        # First attempts connect in 50 to 65 of 100 cases (vendors' figures, indicative only).
        {
            Ending.COMPLETED: 0.60,
            Ending.NO_ANSWER: 0.16,
            Ending.BUSY: 0.09,
            Ending.AGENT_NO_ANSWER: 0.08,
            Ending.FAILED: 0.05,
            Ending.CANCELED: 0.02,
        },
        agent_rings=(3.0, 9.0),
        customer_rings=(4.0, 14.0),
        talks=(12.0, 50.0),
        dnd_digits="37",
    ),
    "calm": Scenario(
        "everyone answers, soon",
        {Ending.COMPLETED: 1.0},
        agent_rings=(1.0, 3.0),
        customer_rings=(2.0, 4.0),
        talks=(12.0, 30.0),
    ),
}
"""Every scenario by its name. Spans are chosen so that a typical call takes about a second at speed 60."""


def scenario_named(name: str) -> Scenario:
    """Return the scenario. Raises ValueError, naming those that exist."""
    try:
        return SCENARIOS[name]
    except KeyError:
        raise ValueError(f"there is no scenario `{name}`; known scenarios: {', '.join(sorted(SCENARIOS))}") from None


@frozen
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
