"""What one sandbox simulates and where it keeps it; and its scenarios: weights and spans that the script draws from."""

import math
from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path

from orchestrator.model.outcome import Ending


@dataclass(frozen=True, slots=True)
class SandboxConfig:
    """One simulated account.

    `seed` decides how every call goes. `speed`: rings, talk and callback retries run so many times faster
    than real time. `state`: a SQLite file (made where missing, mode 0600), None for memory. `callbacks_to`:
    hosts beside loopback that may receive callbacks. `accept`: as a target's, words beside the table's by
    parameter; a name that the table does not know is taken as text. Raises ValueError for a scenario or a
    speed that cannot be.
    """

    account: str = "sandbox"
    api_key: str = "sandbox"
    api_token: str = field(default="sandbox", repr=False)
    seed: int = 0
    speed: float = 60.0
    scenario: str = "everyday"
    state: Path | None = None
    callbacks_to: tuple[str, ...] = ()
    accept: tuple[tuple[str, tuple[str, ...]], ...] = ()

    def __post_init__(self) -> None:
        scenario_named(self.scenario)
        if not (math.isfinite(self.speed) and self.speed > 0):
            raise ValueError(f"the sandbox's speed is {self.speed}; it must be a number above 0, for example 60")


SecondsSpan = tuple[float, float]


@dataclass(frozen=True, slots=True)
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
