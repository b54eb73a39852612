"""A StatusCallback's body to facts: flat form fields or JSON, the default payload or the extended one.

Its fields are in docs/carrier.md, callbacks. None means that the body is no callback: nothing in it names
a call, a status or an event.
"""

import re
from collections.abc import Iterable
from urllib.parse import unquote

from orchestrator.exotel.content import json_object, json_value
from orchestrator.exotel.facts import facts_of
from orchestrator.model.outcome import CallFacts

_LEG = re.compile(r"Legs\[([0-7])\](?:\[([A-Za-z]{1,40})\])?\Z")

_TWICE = 2
"""Times that a name may be percent-encoded: by the form, and by who made its names."""


def callback_facts_from_pairs(pairs: Iterable[tuple[str, object]]) -> CallFacts | None:
    """Read form fields (`CallSid`, `Legs[0][Status]`, ...), all text; of a name sent twice, the last.

    `Legs`, or one of them, may also be JSON text.
    """
    fields: dict[str, object] = {}
    legs: dict[str, dict[str, object]] = {}
    for name, value in pairs:
        plain = _plain(name)
        leg = _LEG.match(plain)
        if leg is None:
            fields[plain] = value
            continue
        # `Id` counts from 1, the index of a flat name from 0.
        fields_of_leg = legs.setdefault(leg[1], {"Id": str(int(leg[1]) + 1)})
        if leg[2]:
            fields_of_leg[leg[2]] = value
        elif isinstance(whole := json_value(value) if isinstance(value, str) else value, dict):
            fields_of_leg |= {"Id": fields_of_leg["Id"], **whole}
    return _known(facts_of({**fields, "Legs": list(legs.values())} if legs else fields))


def callback_facts_from_json(body: bytes) -> CallFacts | None:
    """Read a JSON object; its `Legs` is an array of objects, index 0 = From. None where it is no object.

    The flat names of forms are understood here too.
    """
    fields = json_object(body)
    return None if fields is None else callback_facts_from_pairs(fields.items())


def _plain(name: str) -> str:
    for _ in range(_TWICE):
        name = unquote(name)
    return name.strip()


def _known(facts: CallFacts) -> CallFacts | None:
    return None if facts.sid is None and facts.status is None and facts.event is None else facts
