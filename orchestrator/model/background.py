"""What a report tells of a run beside its calls: its policy, who held it and who approved it, what was once unknown."""

from collections.abc import Mapping
from dataclasses import field

from orchestrator.model.approval import Approval
from orchestrator.model.frozen import frozen
from orchestrator.model.hold import HoldKind
from orchestrator.model.policy import Policy
from orchestrator.model.target import Rates


@frozen
class PastHold:
    """A hold that stands, or stood. Times are RFC 3339 in UTC; `ended_at` is None while it stands.

    `whole`: it was on every plan of the journal.
    """

    kind: HoldKind
    reason: str
    by: str
    began_at: str
    ended_at: str | None
    whole: bool


@frozen
class CostEstimate:
    """What an edition's calls were expected to cost, from the least to the most that was assumed.

    `source` says in words who knew what a call costs.
    """

    low: float
    high: float
    currency: str
    source: str


@frozen
class Background:
    """How the calls of an edition came to be made as they were.

    `policy` is the run's, None where a damaged journal has none that can be read. `head` is the hash of the journal's
    newest event. `runs` are all of the edition. `holds` are those on its calls, in the order in which they began.
    `approvals` are those of the run's digest. `rates` is what talk cost on the run's target, `estimate` what the calls
    were expected to cost; None where nobody said so. `once_unknown` counts the attempts whose outcome was unknown at
    some time, by what they are now: `unknown`, or `found` or `not placed` with who settled it (`found by look-up`).
    `had_another_pace`: another run of the edition had another one in its policy.
    """

    policy: Policy | None = None
    head: str | None = None
    runs: int = 1
    had_another_pace: bool = False
    holds: tuple[PastHold, ...] = ()
    approvals: tuple[Approval, ...] = ()
    rates: Rates | None = None
    estimate: CostEstimate | None = None
    once_unknown: Mapping[str, int] = field(default_factory=dict)
