"""A recording format that the carrier enables for an account on demand only."""

from collections.abc import Iterator

from orchestrator.model.diagnostic import Severity
from orchestrator.model.target import Target
from orchestrator.plan.rules.rule import Rule, ToldOfParameter, Values

_FORMAT, _ON_DEMAND = "RecordingFormat", "mp3-hq"


def _judge(values: Values, _target: Target | None) -> Iterator[ToldOfParameter]:
    if values.get(_FORMAT) == _ON_DEMAND:
        message = f"`{_ON_DEMAND}` works only for accounts for which the carrier has enabled it"
        yield ToldOfParameter(_FORMAT, message, "have it enabled for the account, or write `mp3`")


_RECORDED = '  From: "+918069171234"\n  CallerId: "08047112233"\n  Record: true\n'

RULE = Rule(
    "on-demand-feature",
    Severity.NOTE,
    "A parameter asks for a feature that an account has on demand only.",
    "What the carrier does where it is not enabled is not documented. Ask the account's manager for it first.",
    bad=f"defaults:\n{_RECORDED}  RecordingFormat: mp3-hq\n",
    good=f"defaults:\n{_RECORDED}  RecordingFormat: mp3\n",
    source="S0",
    about=frozenset({_FORMAT}),
    of_parameters=_judge,
)
