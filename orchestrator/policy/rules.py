"""What decides when calls may start: a plan's policy beside what its target allows."""

import math
from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import UTC, date, datetime, timedelta

from orchestrator.model.call import CallTimes
from orchestrator.model.policy import Policy, Window
from orchestrator.model.target import Rates
from orchestrator.policy.windows import opening

NEVER = math.inf


@dataclass(frozen=True, slots=True)
class Rules:
    """What decides: the plan's policy, the target's windows beside it, and what calls cost there.

    `zone` is that of holidays where the plan has no window of its own. `legs`: those in flight that the account
    allows; a bridge takes two.
    """

    policy: Policy = field(default_factory=Policy)
    guardrail: tuple[Window, ...] = ()
    rates: Rates | None = None
    zone: str = "Asia/Kolkata"
    legs: int | None = None

    @property
    def window_sets(self) -> tuple[Sequence[Window], ...]:
        """The windows that must all be open."""
        windows = self.policy.windows
        if self.policy.holidays and not windows:
            windows = (Window(frozenset(range(7)), 0, 1440, self.zone),)
        return windows, self.guardrail

    def opens(self, times: CallTimes, moment: float) -> float:
        """Return when the windows next let a call ring from its start to the last ring; NEVER if they do not."""
        start = datetime.fromtimestamp(moment, UTC)
        holidays: frozenset[date] = self.policy.holidays
        found = opening(self.window_sets, start, timedelta(seconds=times.ring_span), holidays)
        return NEVER if found is None else moment if found == start else found.timestamp()
