"""How one run behaves: everything that the engine is given, resolved and in seconds of its own clock."""

from dataclasses import field

from orchestrator.exotel.call_fields import EVENTS, Spelling
from orchestrator.model.call import CARRIER_SETTLES_WITHIN, Scope
from orchestrator.model.frozen import frozen
from orchestrator.model.policy import Rate
from orchestrator.model.target import Lookups
from orchestrator.policy.callee_zones import CalleeZones
from orchestrator.policy.may_start import Rules

POLL_INTERVAL = 0.25
"""Seconds between two looks for what others have committed."""

IDLE_PAUSE = 0.2
"""Seconds between two looks for somebody to ask about."""

REREAD_BACKOFF = 20
"""How many times as long as a reading of the journal took must pass before it is repeated while calls are in flight."""


@frozen
class RunConfig:
    """Says how one run behaves; durations are in seconds of our clock.

    `slots`: calls in flight. `pace`: the plan's cap on connects; `account_pace`: the target's on all requests.

    `rules`: what decides when a call may start; `zones`: where the plan says that its calls' To are.
    `callback_base`: the receiver's address (no trailing slash), None without one; `callback_events`: what it hears of.
    `settle_for`: how long an unknown attempt may be settled; `settling`:
    the carrier's own, part of a call's horizon; `speed`: how much faster than ours the carrier's clock runs.
    `timezone` is the carrier's, `timeout` that of one connect request; `shared`: look-ups only propose.
    """

    scope: Scope
    slots: int
    pace: Rate | None
    account_pace: Rate | None
    rules: Rules = field(default_factory=Rules)
    zones: CalleeZones = field(default_factory=CalleeZones)
    callback_base: str | None = None
    callback_events: tuple[str, ...] = EVENTS
    lookups: Lookups | None = None
    settle_for: float = 600.0
    settling: float = CARRIER_SETTLES_WITHIN
    speed: float = 1.0
    timezone: str = "Asia/Kolkata"
    timeout: float = 60.0
    shared: bool = False
    circuit: int = 10
    currency: str = "INR"
    spelling: Spelling = "plain"
    wait: float = 900.0
    until_placed: bool = False
    only: str = "*"
    limit: int | None = None
