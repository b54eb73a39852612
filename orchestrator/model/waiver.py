"""A rule that somebody has set aside for one plan."""

from orchestrator.model.frozen import frozen


@frozen
class Waiver:
    """Who has set which rule aside, why, and until which day, itself included: `2027-03-31`, in the plan's zone."""

    rule: str
    owner: str
    reason: str
    until: str
