"""A parameter beside which the documents advise to set another one."""

from collections.abc import Iterator

from orchestrator.exotel.parameters import BY_NAME, TABLE
from orchestrator.model.diagnostic import Severity
from orchestrator.model.target import Target
from orchestrator.plan.rules.rule import Rule, ToldOfParameter, Values


def _judge(values: Values, _target: Target | None) -> Iterator[ToldOfParameter]:
    for name in values:
        row = BY_NAME.get(name)
        for advised in () if row is None else row.advises:
            if advised not in values:
                message = f"with {name} the carrier recommends setting {advised} as well"
                yield ToldOfParameter(name, message, f"for example `{advised}: {BY_NAME[advised].example}`")


_HOLD = '  From: "+918069171234"\n  CallerId: "08047112233"\n  WaitUrl: https://media.acme.example/hold.wav\n'

RULE = Rule(
    "advised",
    Severity.WARNING,
    "The documents advise to set another parameter beside this one.",
    "The call works without it; the carrier recommends it.",
    bad=f"defaults:\n{_HOLD}",
    good=f"defaults:\n{_HOLD}  TimeOut: 30\n",
    source="S0",
    about=frozenset(row.name for row in TABLE if row.advises),
    of_parameters=_judge,
)
