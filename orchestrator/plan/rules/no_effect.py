"""A parameter that does nothing without another one."""

from collections.abc import Iterator

from orchestrator.exotel.call_fields import CALLBACK
from orchestrator.exotel.parameters import BY_NAME, TABLE
from orchestrator.exotel.values import value_problem
from orchestrator.model.diagnostic import Severity
from orchestrator.model.target import Target
from orchestrator.plan.rules.rule import Rule, ToldOfParameter, Values

_ADDED_BY_RECEIVER = frozenset({CALLBACK})
"""A target with a callback receiver adds these to a call: `events-without-callback` tells where none does."""


def _judge(values: Values, _target: Target | None) -> Iterator[ToldOfParameter]:
    for name in values:
        row = BY_NAME.get(name)
        for need in () if row is None else row.needs:
            met = need.name in values and (need.value in (None, values[need.name]) or _is_wrong(need.name, values))
            if not met and need.name not in _ADDED_BY_RECEIVER:
                wanted = need.name if need.value is None else f"{need.name}: {need.value}"
                yield ToldOfParameter(
                    name, f"{name} has no effect without `{wanted}`", f"set `{wanted}`, or remove {name}"
                )


def _is_wrong(name: str, values: Values) -> bool:
    """Whether nobody knows what a value means: it is an error, and the one thing to mend."""
    value = values[name]
    return isinstance(value, str) and value_problem(BY_NAME[name], value) is not None


_PHONES = '  From: "+918069171234"\n  CallerId: "08047112233"\n'

RULE = Rule(
    "no-effect",
    Severity.WARNING,
    "A parameter does nothing without another one.",
    "The carrier ignores it so. Set the other one, or remove this one.",
    bad=f"defaults:\n{_PHONES}  RecordingChannels: dual\n",
    good=f"defaults:\n{_PHONES}  Record: true\n  RecordingChannels: dual\n",
    source="S0, S2 of recording; S0 of playback; N, C of streams",
    about=frozenset(row.name for row in TABLE if any(need.name not in _ADDED_BY_RECEIVER for need in row.needs)),
    of_parameters=_judge,
)
