"""A stage that waits for redials longer than the plan is open on end."""

from collections.abc import Iterator

from orchestrator.model.diagnostic import Severity
from orchestrator.plan.rules.rule import Rule, RuledPlan, Told
from orchestrator.policy.units import duration
from orchestrator.policy.windows import longest_opening


def _judge(plan: RuledPlan) -> Iterator[Told]:
    policy = plan.policy
    if not policy.stages or not policy.redial:
        return
    ending, waits = max(
        ((ending, (rule.attempts - 1) * rule.after) for ending, rule in policy.redial), key=lambda each: each[1]
    )
    opening = longest_opening(plan.window_sets)
    if opening is not None and waits > opening.total_seconds():
        message = (
            f"a stage is over when its calls are, and one that ends {ending} again and again waits {duration(waits)}"
            f" for its redials: longer than the plan is open on end ({duration(opening.total_seconds())})"
        )
        hint = "redial sooner or less often, or have fewer stages: each may take another day"
        yield Told(message, hint, (plan.place("policy", "redial", ending, "after"), plan.place("policy", "stages")))


_REST = '  window: [{days: mon-sat, hours: "09:00-21:00", timezone: Asia/Kolkata}]\n  stages: [1, 100%]\n'

RULE = Rule(
    "stage-outlasts-window",
    Severity.WARNING,
    "A stage waits for its redials longer than the plan is open on end.",
    "A stage is over when all its calls are, with their redials, and the next one begins only then. So each stage may"
    " take another day. Let redials come sooner, or leave out stages.",
    bad=f"policy:\n{_REST}  redial:\n    busy: {{attempts: 4, after: 6h}}\n",
    good=f"policy:\n{_REST}  redial:\n    busy: {{attempts: 3, after: 15m}}\n",
    of_plan=_judge,
)
