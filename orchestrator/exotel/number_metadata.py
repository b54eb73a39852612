"""What the carrier tells of one number: `GET .../Numbers/{number}`, India only (docs/carrier.md, numbers)."""

import re
from collections.abc import Mapping
from dataclasses import dataclass

from orchestrator.exotel import lenient
from orchestrator.exotel.json_reply import json_object
from orchestrator.exotel.xml_reply import xml_object
from orchestrator.model.number import DndMark

COUNTRY = "+91"
"""The only country whose numbers the carrier's metadata covers."""

COMPARED = 10
"""Last digits by which the carrier's spelling of a number is compared with ours (docs/carrier.md, numbers)."""

_NO_DIGIT = re.compile(r"[^0-9]")


@dataclass(frozen=True, slots=True)
class NumberFacts:
    """What a reply says of a number; None where it says nothing. `phone_number` is as the carrier wrote it.

    `dnd` is None also for a word that no document lists. Circle, type and operator are not read: nothing hangs on
    them, and the documents disagree on the operators' codes.
    """

    phone_number: str | None = None
    dnd: DndMark | None = None


def is_covered(number: str) -> bool:
    """Whether the carrier can know a number, given as its identity: not one of another country."""
    return not number.startswith("+") or number.startswith(COUNTRY)


def number_facts(body: bytes) -> NumberFacts | None:
    """Read JSON `{"Numbers": {...}}` or XML `TwilioResponse/Numbers`; None for any other body.

    A list of one number is understood too; one of several says nothing of any.
    """
    document = json_object(body) or xml_object(body) or {}
    inner = document.get("TwilioResponse", document)
    told = inner.get("Numbers") if isinstance(inner, Mapping) else None
    if isinstance(told, list):
        told = told[0] if len(told) == 1 else None
    if not isinstance(told, Mapping):
        return None
    return NumberFacts(lenient.text(told.get("PhoneNumber")), _mark(told.get("DND")))


def dnd_mark(body: bytes, number: str) -> DndMark | None:
    """Return what a reply says of this number's registration; None where it says nothing, or speaks of another one."""
    facts = number_facts(body)
    if facts is None or (facts.phone_number is not None and _tail(facts.phone_number) != _tail(number)):
        return None
    return facts.dnd


def _mark(value: object) -> DndMark | None:
    try:
        return DndMark((lenient.text(value) or "").lower())
    except ValueError:
        return None


def _tail(number: str) -> str:
    return _NO_DIGIT.sub("", number)[-COMPARED:]
