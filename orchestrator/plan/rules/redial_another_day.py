"""A redial that waits longer than any window is open."""

from collections.abc import Iterator

from orchestrator.model.diagnostic import Severity
from orchestrator.plan.rules.rule import Rule, RuledPlan, Told
from orchestrator.policy.units import duration
from orchestrator.policy.windows import longest_opening


def _judge(plan: RuledPlan) -> Iterator[Told]:
    opening = longest_opening(plan.window_sets)
    for ending, rule in plan.policy.redial if opening is not None else ():
        if opening is not None and rule.attempts > 1 and rule.after >= opening.total_seconds():
            message = (
                f"a redial after {ending} waits {duration(rule.after)}, and the plan is open for"
                f" {duration(opening.total_seconds())} on end: it never comes in the same opening"
            )
            hint = "if another day is not meant, redial sooner; else run the plan again when it is open"
            yield Told(message, hint, (plan.place("policy", "redial", ending, "after"),))


_WINDOW = '  window: [{days: mon-sat, hours: "17:00-19:00", timezone: Asia/Kolkata}]\n'

RULE = Rule(
    "redial-another-day",
    Severity.NOTE,
    "A redial waits longer than any window is open on end.",
    "It comes at the next opening at the earliest, and a run that may not wait so long ends before (exit code 5). Often"
    " a shorter wait was meant.",
    bad=f"policy:\n{_WINDOW}  redial:\n    no-answer: {{attempts: 2, after: 2h}}\n",
    good=f"policy:\n{_WINDOW}  redial:\n    no-answer: {{attempts: 2, after: 30m}}\n",
    of_plan=_judge,
)
