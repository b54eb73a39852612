"""Takes the snapshot of a run that is about to begin, for whoever shows its progress."""

from collections.abc import Callable

from orchestrator.engine import Engine, RunConfig
from orchestrator.journal import Reader
from orchestrator.progress.snapshot import RunSnapshot

Begun = Callable[[RunSnapshot], None]
"""Is told once, when a run's calls are loaded."""


def snapshot(config: RunConfig, reader: Reader, engine: Engine) -> RunSnapshot:
    """Ask the journal and the engine of a run that is about to begin."""
    scope, policy = config.scope, config.rules.policy
    counts = bool(policy.stages) or policy.limits.calls is not None
    dialed, rejected, undialed = reader.standings(scope).dialed() if counts else (0, 0, 0)
    chosen = config.only != "*"
    passed_over = reader.count(scope, "due") - reader.count(scope, "due", config.only) if chosen else 0

    def paused_by() -> str:
        hold = reader.hold(scope)
        return "" if hold is None else f"{hold.by}{f', because {hold.reason}' if hold.reason else ''}"

    return RunSnapshot(
        rules=config.rules,
        pace=config.pace,
        account_pace=config.account_pace,
        slots=config.slots,
        dialed=dialed,
        rejected=rejected,
        undialed=undialed,
        open=reader.in_flight(scope),
        passed_over=passed_over,
        limit=config.limit,
        until_placed=config.until_placed,
        paused_by=paused_by,
        quiet_until=lambda: engine.quiet_until,
        stops=lambda: engine.stopped is not None,
    )
