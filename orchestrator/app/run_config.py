"""What a run is, of its plan, its target and its options: as the journal and as the engine are given it."""

from orchestrator.app.options import RunOptions
from orchestrator.app.review import Reviewed, keeps_suppressed, rules
from orchestrator.engine.config import RunConfig
from orchestrator.journal.run import NewRun
from orchestrator.model.call import CARRIER_SETTLES_WITHIN, Scope
from orchestrator.model.events import rfc3339
from orchestrator.model.policy_json import policy_to_json
from orchestrator.model.target import Lookups
from orchestrator.plan.paths import plan_source

SETTLE_FOR = 600.0
"""Seconds that a run waits for unknown attempts unless asked otherwise (docs/guarantees.md)."""


def new_run(options: RunOptions, reviewed: Reviewed, account: str, run_id: str, at: float) -> NewRun:
    """Return what a run is called and what it runs; it begins at an epoch second."""
    plan = reviewed.plan
    return NewRun(
        id=run_id,
        account=account,
        plan=plan.name,
        source=plan_source(plan.path, options.root),
        edition=reviewed.edition,
        digest=reviewed.digest,
        policy=policy_to_json(plan.policy),
        target=reviewed.target.name,
        at=rfc3339(at),
        new_ids=options.new_ids,
        moved=options.moved,
        retry_rejected=options.retry_rejected,
        keep_suppressed=keeps_suppressed(reviewed.target, options),
        approval=reviewed.target.guardrails.approval,
        reviewed_as=reviewed.digests,
        inputs=reviewed.inputs,
        rates="" if reviewed.target.rates is None else reviewed.target.rates.words,
    )


def run_config(
    scope: Scope, options: RunOptions, reviewed: Reviewed, wait: float, callback_base: str | None
) -> RunConfig:
    """Return what the engine is given: the plan, its target and the options, in seconds of our clock."""
    plan, target = reviewed.plan, reviewed.target
    speed = 1.0 if target.is_live else target.speed
    return RunConfig(
        scope=scope,
        slots=plan.policy.concurrency,
        pace=plan.policy.pace,
        account_pace=target.pace,
        rules=rules(reviewed, target),
        zones=reviewed.zones,
        callback_base=callback_base,
        lookups=_faster(target.lookups, speed),
        settle_for=options.settle_for if options.settle_for is not None else SETTLE_FOR / speed,
        settling=target.lookups.settle if target.lookups else CARRIER_SETTLES_WITHIN,
        speed=speed,
        timezone=target.timezone,
        timeout=target.timeout,
        shared=target.shared,
        circuit=target.circuit,
        currency=target.currency,
        spelling=target.spelling,
        wait=wait,
        until_placed=options.until_placed,
        only=options.only or "*",
        limit=options.limit,
    )


def _faster(lookups: Lookups | None, speed: float) -> Lookups | None:
    """Return the look-ups' times as our clock counts them."""
    return lookups and Lookups(lookups.after / speed, lookups.every / speed, lookups.settle / speed)
