"""The rules that a plan waives: until which day each waiver holds, and what is wrong with it."""

from collections.abc import Iterator

from orchestrator.model.diagnostic import Diagnostic, Span, error, note
from orchestrator.model.waiver import Waiver
from orchestrator.plan.findings import line_excerpt
from orchestrator.plan.rules.registry import SWITCHED, not_switched
from orchestrator.plan.rules.rule import RuledPlan


def waiver_problems(plan: RuledPlan, today: str) -> Iterator[Diagnostic]:
    """Refuse waivers of what is no rule, and those whose day is over."""
    for position, waiver in enumerate(plan.policy.waive):
        if waiver.rule not in SWITCHED:
            yield not_switched(waiver.rule, _place(plan, position, "rule"))
        elif waiver.until < today:
            message = (
                f"the waiver of `{waiver.rule}` ended on {waiver.until}: {line_excerpt(waiver.owner)} answers for it"
            )
            hint = "mend what the rule tells and remove the waiver, or have its owner set another day"
            yield error("waiver-expired", message, _place(plan, position, "until"), hint=hint)


def idle_waivers(plan: RuledPlan, used: set[Waiver], untold: frozenset[str]) -> Iterator[Diagnostic]:
    """Tell of waivers that have waived nothing, but of rules that may be `untold` here."""
    told = SWITCHED - untold
    for position, waiver in enumerate(plan.policy.waive):
        if waiver not in used and waiver.rule in told:
            message = f"the waiver of `{waiver.rule}` waives nothing: the rule has nothing to tell of this plan"
            hint = "remove it: it would hide what comes later"
            yield note("waiver-idle", message, _place(plan, position, "rule"), hint=hint)


def _place(plan: RuledPlan, position: int, key: str) -> Span:
    return plan.place("policy", "waive", position, key)
