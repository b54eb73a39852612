"""Takes the snapshot of a run that is about to begin, for whoever shows its progress."""

from collections.abc import Callable

from orchestrator.engine import Conduct, Engine
from orchestrator.journal import Reader
from orchestrator.progress.snapshot import RunSnapshot

Begun = Callable[[RunSnapshot], None]
"""Is told once, when a run's calls are loaded."""


def snapshot(conduct: Conduct, reader: Reader, engine: Engine) -> RunSnapshot:
    """Ask the journal and the engine of a run that is about to begin."""
    scope, policy = conduct.scope, conduct.rules.policy
    counts = bool(policy.stages) or policy.limits.calls is not None
    dialed, rejected, undialed = reader.standings(scope).dialed() if counts else (0, 0, 0)
    chosen = conduct.only != "*"
    passed_over = reader.count(scope, "due") - reader.count(scope, "due", conduct.only) if chosen else 0

    def paused_by() -> str:
        hold = reader.hold(scope)
        return "" if hold is None else f"{hold.by}{f', because {hold.reason}' if hold.reason else ''}"

    return RunSnapshot(
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
