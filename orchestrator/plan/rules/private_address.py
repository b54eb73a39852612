"""An address that the carrier cannot reach, since it is of a private network or of one machine."""

from collections.abc import Iterator

from orchestrator.exotel.parameter import Kind
from orchestrator.exotel.parameters import TABLE
from orchestrator.model.diagnostic import Severity
from orchestrator.model.target import Target
from orchestrator.plan.addresses import Reach, traits
from orchestrator.plan.rules.rule import Rule, ToldOfParameter, Values

_ABOUT = tuple(row.name for row in TABLE if row.kind is Kind.URL and not row.refused)


def _judge(values: Values, target: Target | None) -> Iterator[ToldOfParameter]:
    """Tell of each such address, but for the sandbox: it sends callbacks to its own machine, and fetches nothing."""
    if target is not None and not target.is_live:
        return
    for name in _ABOUT:
        address = values.get(name)
        if isinstance(address, str) and (reach := traits(address).reach) is not Reach.ANYWHERE:
            message = f"{name} names a host that can be reached from {reach.value} only, and the carrier is elsewhere"
            yield ToldOfParameter(name, message, "name a host that the internet knows; the sandbox alone reaches yours")


_PHONES = 'defaults:\n  From: "+918069171234"\n  CallerId: "08047112233"\n'

RULE = Rule(
    "private-address",
    Severity.WARNING,
    "An address is of a private network or of one machine, where the carrier cannot reach it.",
    "Callbacks would never come, and audio never be heard. Only the host's name or number is looked at; nobody is"
    " asked. The sandbox, which runs on your machine, is not told of.",
    bad=f"{_PHONES}  StatusCallback: https://192.168.1.20/exotel\n",
    good=f"{_PHONES}  StatusCallback: https://hooks.acme.example/exotel\n",
    about=frozenset(_ABOUT),
    of_parameters=_judge,
)
