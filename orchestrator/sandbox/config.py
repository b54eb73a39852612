"""What one sandbox simulates, and where it keeps it."""

import math
import time
from collections.abc import Callable
from dataclasses import field
from pathlib import Path

from orchestrator.model.frozen import frozen
from orchestrator.sandbox.script import scenario_named


@frozen
class SandboxConfig:
    """One simulated account.

    `seed` decides how every call goes. `speed`: rings, talk and callback retries run so many times faster
    than real time. `state`: a SQLite file (made where missing, mode 0600), None for memory. `callbacks_to`:
    hosts beside loopback that may receive callbacks. `accept`: as a target's, words beside the table's by
    parameter; a name that the table does not know is taken as text. `gathers`: so many seconds after a callback
    is due, it is sent with all that are due by then. `clock` tells the time, in Unix seconds. Raises ValueError for a
    scenario or a speed that cannot be.
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
    gathers: float = 0.0
    clock: Callable[[], float] = field(default=time.time, repr=False)

    def __post_init__(self) -> None:
        scenario_named(self.scenario)
        if not (math.isfinite(self.speed) and self.speed > 0):
            raise ValueError(f"the sandbox's speed is {self.speed}; it must be a number above 0, for example 60")
