"""A callback, or the audio of a call, that travels in the open."""

from collections.abc import Iterator

from orchestrator.model.diagnostic import Severity
from orchestrator.model.target import Target
from orchestrator.plan.addresses import Reach, traits
from orchestrator.plan.rules.rule import Rule, ToldOfParameter, Values

_ABOUT = {"StatusCallback": "https", "StreamUrl": "wss"}
"""What is sent to these is about people: numbers, recordings' addresses, and their voices."""


def _judge(values: Values, _target: Target | None) -> Iterator[ToldOfParameter]:
    for name, scheme in _ABOUT.items():
        address = values.get(name)
        if isinstance(address, str):
            seen = traits(address)
            if not seen.is_encrypted and seen.reach is not Reach.MACHINE:
                message = f"{name} is not encrypted: the numbers of those who are rung travel in the open"
                yield ToldOfParameter(name, message, f"write `{scheme}://`")


_PHONES = 'defaults:\n  From: "+918069171234"\n  CallerId: "08047112233"\n'

RULE = Rule(
    "unencrypted-callback",
    Severity.WARNING,
    "A callback, or the audio of a call, is sent to an address that is not encrypted.",
    "Numbers, the addresses of recordings and voices would travel in the open, and a guide of the carrier says that it"
    " sends callbacks to HTTPS only. An address of the machine itself is not told of.",
    bad=f"{_PHONES}  StatusCallback: http://hooks.acme.example/\n",
    good=f"{_PHONES}  StatusCallback: https://hooks.acme.example/\n",
    source="N-guide, unconfirmed",
    about=frozenset(_ABOUT),
    of_parameters=_judge,
)
