"""A query parameter of an address that is called like a secret."""

from collections.abc import Iterator

from orchestrator.exotel.parameter import Kind
from orchestrator.exotel.parameters import TABLE
from orchestrator.model.diagnostic import Severity
from orchestrator.model.target import Target
from orchestrator.plan.addresses import traits
from orchestrator.plan.findings import line_excerpt
from orchestrator.plan.rules.rule import Rule, ToldOfParameter, Values

_ABOUT = tuple(row.name for row in TABLE if row.kind is Kind.URL and not row.refused)


def _judge(values: Values, _target: Target | None) -> Iterator[ToldOfParameter]:
    for name in _ABOUT:
        address = values.get(name)
        if isinstance(address, str) and (secret := traits(address).secret) is not None:
            message = f"the address of {name} has a `{line_excerpt(secret)}`, which looks like a secret"
            hint = "let the target run the receiver: its addresses have a token of each attempt, which no plan holds"
            yield ToldOfParameter(name, message, hint)


_PHONES = 'defaults:\n  From: "+918069171234"\n  CallerId: "08047112233"\n'

RULE = Rule(
    "secret-in-query",
    Severity.WARNING,
    "An address has a query parameter that is called like a secret: `token`, `api_key`, `password` and the like.",
    "A plan is reviewed and kept in Git, where whoever reads it can send callbacks of their own. A target with"
    " `callbacks` gives each attempt an address with a token of its own. If a secret was committed, replace it.",
    bad=f"{_PHONES}  StatusCallback: https://hooks.acme.example/exotel?token=example\n",
    good=f"{_PHONES}  StatusCallback: https://hooks.acme.example/exotel?source=exotel\n",
    about=frozenset(_ABOUT),
    of_parameters=_judge,
)
