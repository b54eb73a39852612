"""What answers: scenarios by name, each a set of weights and spans that the seeded script draws from."""

from collections.abc import Mapping
from dataclasses import dataclass

from orchestrator.model.outcome import Ending

Span = tuple[float, float]


@dataclass(frozen=True, slots=True)
class Scenario:
    """How people behave. `weights` need not sum to 1. Spans are sandbox seconds, drawn evenly.

    `agent_rings` and `customer_rings` are from dialing to answering, of leg 1 and leg 2; `talks` is the
    conversation, before TimeLimit cuts it. `dnd_digits`: a mobile number that ends in one of them is registered as
    do-not-disturb.
    """

    summary: str
    weights: Mapping[Ending, float]
    agent_rings: Span
    customer_rings: Span
    talks: Span
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
