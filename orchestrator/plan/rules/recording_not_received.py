"""A recording of which nobody hears where it is."""

from collections.abc import Iterator

from orchestrator.model.diagnostic import Severity
from orchestrator.model.target import Target
from orchestrator.plan.rules.rule import LIVE_TARGET, Rule, ToldOfParameter, Values

_RECORD, _CALLBACK = "Record", "StatusCallback"


def _judge(values: Values, target: Target | None) -> Iterator[ToldOfParameter]:
    if target is None or not target.is_live or target.callbacks is not None or target.lookups is not None:
        return
    if values.get(_RECORD) == "true" and _CALLBACK not in values:
        message = f"target {target.name} has no receiver and asks for no call, so nobody hears where the recording is"
        yield ToldOfParameter(_RECORD, message, "set StatusCallback, or `callbacks` or `lookups` of the target")


_PLAN = 'defaults:\n  From: "+918069171234"\n  CallerId: "08047112233"\n  Record: true\n'

RULE = Rule(
    "recording-not-received",
    Severity.WARNING,
    "Calls are recorded, and nobody hears where the recording is.",
    "RecordingUrl comes with a callback, or with a look-up of the call. Set StatusCallback, or let the target run the"
    " receiver or look calls up.",
    bad=_PLAN,
    good=f"{_PLAN}  StatusCallback: https://hooks.acme.example/\n",
    source="S0, S2 of callbacks; N of look-ups",
    files={"live.yaml": f"{LIVE_TARGET}lookups: off\n"},
    about=frozenset({_RECORD}),
    of_parameters=_judge,
    needs_target=True,
)
