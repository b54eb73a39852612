"""A CustomField that no callback gives back."""

from collections.abc import Iterator

from orchestrator.model.diagnostic import Severity
from orchestrator.model.target import Target
from orchestrator.plan.rules.rule import Rule, ToldOfParameter, Values

_FIELD, _EVENTS, _CALLBACK, _TERMINAL = "CustomField", "StatusCallbackEvents", "StatusCallback", "terminal"


def _judge(values: Values, _target: Target | None) -> Iterator[ToldOfParameter]:
    """Tell of events without `terminal`; and of none beside an address of the plan's own, to which none are added."""
    if _FIELD not in values:
        return
    if _EVENTS in values and _TERMINAL not in values[_EVENTS]:
        message = f"CustomField comes back with the `{_TERMINAL}` event only, which {_EVENTS} does not name"
        yield ToldOfParameter(_EVENTS, message, f"add `{_TERMINAL}` to the events, or remove CustomField")
    elif _EVENTS not in values and _CALLBACK in values:
        message = f"CustomField does not come back to StatusCallback: without {_EVENTS} four other fields are sent"
        yield ToldOfParameter(_FIELD, message, f"set `{_EVENTS}: [{_TERMINAL}]`")


_PLAN = (
    'defaults:\n  From: "+918069171234"\n  CallerId: "08047112233"\n  CustomField: order-1\n'
    "  StatusCallback: https://hooks.acme.example/\n"
)

RULE = Rule(
    "custom-field-lost",
    Severity.WARNING,
    "CustomField is set, and no callback gives it back.",
    "It is passed back with the `terminal` event only, and no look-up of a call shows it. Whoever receives the"
    " callbacks cannot tell which order a call was for.",
    bad=f"{_PLAN}  StatusCallbackEvents: [answered]\n",
    good=f"{_PLAN}  StatusCallbackEvents: [answered, terminal]\n",
    source="S0, S2; L of the four fields",
    about=frozenset({_FIELD, _EVENTS}),
    of_parameters=_judge,
)
