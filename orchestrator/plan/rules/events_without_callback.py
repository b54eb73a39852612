"""Events, or their encoding, that are asked for without an address that they go to."""

from collections.abc import Iterator

from orchestrator.model.diagnostic import Severity
from orchestrator.model.target import Target
from orchestrator.plan.rules.rule import LIVE_TARGET, Rule, ToldOfParameter, Values

_CALLBACK = "StatusCallback"
_ABOUT = ("StatusCallbackEvents", "StatusCallbackContentType")


def _judge(values: Values, target: Target | None) -> Iterator[ToldOfParameter]:
    if target is None or not target.is_live or target.callbacks is not None or _CALLBACK in values:
        return
    for name in _ABOUT:
        if name in values:
            message = f"{name} does nothing: the plan sets no {_CALLBACK}, and target {target.name} has no receiver"
            yield ToldOfParameter(name, message, f"set {_CALLBACK}, or `callbacks` of the target, or remove {name}")


_PLAN = 'defaults:\n  From: "+918069171234"\n  CallerId: "08047112233"\n  StatusCallbackEvents: [terminal]\n'

RULE = Rule(
    "events-without-callback",
    Severity.WARNING,
    "Events of a call are asked for, and nothing receives them.",
    "They go to StatusCallback, which a target with a receiver sets by itself; this target has none. The endings of"
    " calls are then found by look-ups alone.",
    bad=_PLAN,
    good=f"{_PLAN}  StatusCallback: https://hooks.acme.example/\n",
    source="S0, S2",
    files={"live.yaml": LIVE_TARGET},
    about=frozenset(_ABOUT),
    of_parameters=_judge,
    needs_target=True,
)
