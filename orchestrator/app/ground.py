"""What a run stands on, for whoever shows its progress: its rules, and how far it was when it began."""

from collections.abc import Callable
from dataclasses import dataclass

from orchestrator.engine import Conduct, Engine
from orchestrator.journal import Reader
from orchestrator.model.policy import Rate
from orchestrator.policy.rules import Rules


@dataclass(frozen=True, slots=True)
class Ground:
    """What events do not tell. Counts are of the moment at which the run was loaded, over all runs of the edition.

    `pace` is the plan's cap on connects, `account_pace` the target's on all requests. `dialed` calls may have rung,
    `rejected` were refused, `undialed` are still to be dialed for the first time: all 0 where no stage or limit counts
    them. `open` calls were left under way, `passed_over` are due and not among those that --only chose. `limit`: calls
    that the run may start. `until_placed`: a call takes its place only while its request is open.

    The functions ask the run itself: who paused it and why, until when the carrier wants quiet (epoch seconds), whether
    it starts nothing any more. `paused_by` is asked in the event loop's thread only.
    """

    rules: Rules
    pace: Rate | None
    account_pace: Rate | None
    slots: int
    dialed: int = 0
    rejected: int = 0
    undialed: int = 0
    open: int = 0
    passed_over: int = 0
    limit: int | None = None
    until_placed: bool = False
    paused_by: Callable[[], str] = lambda: ""
    quiet_until: Callable[[], float] = lambda: 0.0
    stops: Callable[[], bool] = lambda: False


Begun = Callable[[Ground], None]
"""Is told once, when a run's calls are loaded."""


def ground(conduct: Conduct, reader: Reader, engine: Engine) -> Ground:
    """Ask the journal and the engine of a run that is about to begin."""
    scope, policy = conduct.scope, conduct.rules.policy
    counts = bool(policy.stages) or policy.limits.calls is not None
    dialed, rejected, undialed = reader.standings(scope).dialed() if counts else (0, 0, 0)
    chosen = conduct.only != "*"
    passed_over = reader.count(scope, "due") - reader.count(scope, "due", conduct.only) if chosen else 0

    def paused_by() -> str:
        hold = reader.hold(scope)
        return "" if hold is None else f"{hold.by}{f', because {hold.reason}' if hold.reason else ''}"

    return Ground(
        rules=conduct.rules,
        pace=conduct.pace,
        account_pace=conduct.account_pace,
        slots=conduct.slots,
        dialed=dialed,
        rejected=rejected,
        undialed=undialed,
        open=reader.in_flight(scope),
        passed_over=passed_over,
        limit=conduct.limit,
        until_placed=conduct.until_placed,
        paused_by=paused_by,
        quiet_until=lambda: engine.quiet_until,
        stops=lambda: engine.stopped is not None,
    )
