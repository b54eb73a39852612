"""Calls that the plan redials, and perhaps the carrier too."""

from collections.abc import Iterator

from orchestrator.model.call import ResolvedCall
from orchestrator.model.diagnostic import Severity
from orchestrator.model.outcome import Ending
from orchestrator.plan.call_block import CallBlock
from orchestrator.plan.rules.rule import Rule, RuledPlan, Told

_RETRIES, _BY_ITSELF = "MaxRetries", 3
_ENDINGS = (Ending.AGENT_NO_ANSWER.value, Ending.FAILED.value)
"""Endings after which the carrier may ring the first leg again by itself."""


class _Watch:
    """Looks for a call that leaves it to the carrier."""

    def __init__(self, plan: RuledPlan) -> None:
        self._plan = plan
        self._redials = [each for each in plan.policy.redial if each[0] in _ENDINGS and each[1].attempts > 1]
        self._is_left = False

    def take(self, calls: CallBlock | ResolvedCall) -> Iterator[Told]:
        self._is_left = self._is_left or not any(field.name == _RETRIES for field in calls.fields)
        return iter(())

    def end(self) -> Iterator[Told]:
        for ending, rule in self._redials[:1] if self._is_left else ():
            most = rule.attempts * (1 + _BY_ITSELF)
            message = (
                f"where {_RETRIES} is not set the carrier may ring From {_BY_ITSELF} times more in each attempt:"
                f" {rule.attempts} attempts can be {most} rings"
            )
            place = self._plan.place("policy", "redial", ending, "attempts")
            yield Told(message, f"for example `{_RETRIES}: 0` under `defaults`", (place,))


_REDIAL = "policy:\n  redial:\n    agent-no-answer: {attempts: 5, after: 2m}\n"
_PHONES = 'defaults:\n  From: "+918069171234"\n  CallerId: "08047112233"\n'

RULE = Rule(
    "max-retries-unset",
    Severity.NOTE,
    f"The plan rings agents again who did not answer, and leaves {_RETRIES} to the carrier.",
    f"One help article says that the carrier itself rings From again, {_BY_ITSELF} times where {_RETRIES} is not set."
    " If that still holds, each attempt of the plan rings the agent as often.",
    bad=f"{_PHONES}{_REDIAL}",
    good=f"{_PHONES}  {_RETRIES}: 0\n{_REDIAL}",
    source="H, unconfirmed",
    of_calls=_Watch,
)
