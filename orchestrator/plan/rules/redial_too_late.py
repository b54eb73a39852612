"""A redial for which the plan's limits and windows leave no time."""

from collections.abc import Iterator
from datetime import UTC, datetime, timedelta

from orchestrator.model.diagnostic import Severity
from orchestrator.model.policy import CALLEE
from orchestrator.plan.rules.rule import Rule, RuledPlan, Told
from orchestrator.policy.units import duration
from orchestrator.policy.windows import opening

_RING = timedelta(seconds=1)
"""The shortest call that a window must hold: which one a call needs is judged when it is dialed."""


def _judge(plan: RuledPlan) -> Iterator[Told]:
    """Tell of each rule whose first redial lies behind `limits.until`, however early the first attempt was."""
    limits, sets = plan.policy.limits, plan.window_sets
    if limits.begins is None or limits.until is None or limits.begins > limits.until:
        return
    if any(window.timezone == CALLEE for windows in sets for window in windows):
        return
    begins, until = (datetime.fromtimestamp(each, UTC) for each in (limits.begins, limits.until))
    first = opening(sets, begins, _RING, plan.policy.holidays)
    if first is None or first > until:
        return  # no call of the plan may start at all, which is another matter
    for ending, rule in plan.policy.redial:
        if rule.attempts < 2:
            continue
        again = opening(sets, first + timedelta(seconds=rule.after), _RING, plan.policy.holidays)
        if again is None or again > until:
            message = (
                f"no redial after {ending} can start: {duration(rule.after)} after the first call of the plan, in an"
                " open window, is later than `limits.until`"
            )
            places = (plan.place("policy", "redial", ending, "after"), plan.place("policy", "limits", "until"))
            yield Told(message, "redial sooner, or let the limits end later", places)


_REST = (
    '  window: [{days: mon-sat, hours: "09:00-21:00", timezone: Asia/Kolkata}]\n'
    '  limits: {from: "2026-11-23T18:00:00+05:30", until: "2026-11-23T21:00:00+05:30"}\n'
)

RULE = Rule(
    "redial-too-late",
    Severity.WARNING,
    "No window within the plan's limits can hold a redial.",
    "The call would be left over when `limits.until` is reached, not dialed again. Let redials come sooner, or the"
    " limits end later.",
    bad=f"policy:\n{_REST}  redial:\n    no-answer: {{attempts: 2, after: 4h}}\n",
    good=f"policy:\n{_REST}  redial:\n    no-answer: {{attempts: 2, after: 1h}}\n",
    of_plan=_judge,
)
