"""The two targets that every installation has. Their names cannot be redefined."""

from decimal import Decimal

from orchestrator.model.policy import Rate
from orchestrator.model.target import DEFAULT_PACE, LIVE_HOURS, Guardrails, Rates, Target

SPEED = Target("sandbox", "sandbox").speed
SANDBOX_RATES = Rates("INR", Decimal("0.60"))
"""What the simulated carrier charges, unless a target says otherwise."""


def sandbox_pace(speed: float) -> Rate:
    """Return the default cap of a sandbox: a carrier's 200 a minute, of minutes that pass `speed` times faster."""
    return Rate(DEFAULT_PACE.count, DEFAULT_PACE.seconds / speed)


SANDBOX = Target("sandbox", "sandbox", account="sandbox", pace=sandbox_pace(SPEED), rates=SANDBOX_RATES)
EXOTEL = Target("exotel", "exotel", legs=20, guardrails=Guardrails(windows=(LIVE_HOURS,)))

BUILT_IN: dict[str, Target] = {target.name: target for target in (SANDBOX, EXOTEL)}
