"""A StatusCallback's body to facts: flat form fields or JSON, the default payload or the extended one.

Field by field in exotel-voice-v1.md 3.1 to 3.3. None means that the body is no callback: nothing in it names
a call, a status or an event.
"""

import re
from collections.abc import Iterable

from orchestrator.exotel.facts import facts_of
from orchestrator.exotel.json_reply import json_object
from orchestrator.model.outcome import CallFacts

_LEG = re.compile(r"Legs\[([0-7])\]\[([A-Za-z]{1,40})\]\Z")


def callback_facts_from_pairs(pairs: Iterable[tuple[str, str]]) -> CallFacts | None:
    """Read form fields (`CallSid`, `Legs[0][Status]`, ...), all text; of a name sent twice, the last."""
    fields: dict[str, object] = {}
    legs: dict[str, dict[str, str]] = {}
    for name, value in pairs:
        leg = _LEG.match(name)
        if leg:
            # `Id` counts from 1, the index of a flat name from 0.
            legs.setdefault(leg[1], {"Id": str(int(leg[1]) + 1)})[leg[2]] = value
        else:
            fields[name] = value
    return _known(facts_of({**fields, "Legs": list(legs.values())} if legs else fields))


def callback_facts_from_json(body: bytes) -> CallFacts | None:
    """Read a JSON object; its `Legs` is an array of objects, index 0 = From. None where it is no object."""
    fields = json_object(body)
    return None if fields is None else _known(facts_of(fields))


def _known(facts: CallFacts) -> CallFacts | None:
    return None if facts.sid is None and facts.status is None and facts.event is None else facts
