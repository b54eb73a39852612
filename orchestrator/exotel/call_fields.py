"""What a call's parameters mean: whom it rings, on which line, for how long, and what it says back.

The one place beside the table that knows which parameter says what; all other rooms ask here.
"""

from collections.abc import Iterable, Sequence

from orchestrator.exotel.parameters import BY_NAME
from orchestrator.model.call import CallTimes, Field, Parties, text_of

AGENT, PERSON = "From", "To"
NUMBERS = (AGENT, PERSON)
"""The parameters whose numbers are rung, in this order."""

RING = "TimeOut"
_TALK = "TimeLimit"
_CALLBACK, _EVENTS, _REFERENCE = "StatusCallback", "StatusCallbackEvents", "CustomField"

RING_SECONDS_UNSET = 60
"""Seconds that a leg is taken to ring where the call does not say: the longest that any document allows."""

TALK_SECONDS_UNSET = BY_NAME[_TALK].maximum or 0
"""Seconds that a call is taken to last at most where it does not say: the carrier's own maximum."""


def parties(fields: Sequence[Field]) -> Parties:
    """Return the numbers of a call as they are written in its plan."""
    return Parties(text_of(fields, AGENT), text_of(fields, PERSON) or "", text_of(fields, "CallerId"))


def call_times(fields: Sequence[Field]) -> CallTimes:
    """Return how long a call may ring and last, with the carrier's own bounds where its plan is silent."""
    ring, talk = text_of(fields, RING), text_of(fields, _TALK)
    return CallTimes(int(ring or RING_SECONDS_UNSET), int(talk or TALK_SECONDS_UNSET))


def reference(fields: Sequence[Field]) -> str | None:
    """Return the caller's own word for the call, which the carrier gives back; None where the plan sets none."""
    return text_of(fields, _REFERENCE)


def has_own_callback(fields: Sequence[Field]) -> bool:
    """Whether the plan names an address of its own that hears of the call."""
    return text_of(fields, _CALLBACK) is not None


def with_callback(fields: tuple[Field, ...], address: str, reference: str) -> tuple[Field, ...]:
    """Return the fields of a call that `address` hears of, with what the plan leaves out added by the receiver."""
    named = {item.name for item in fields}
    added = [Field(_CALLBACK, address, "receiver")]
    if _EVENTS not in named:
        added.append(Field(_EVENTS, BY_NAME[_EVENTS].values, "receiver"))
    if _REFERENCE not in named:
        added.append(Field(_REFERENCE, reference, "receiver"))
    return (*fields, *added)


def numbers_filter(agents: str, persons: str) -> Iterable[tuple[str, str]]:
    """Return the filters of a list of calls by the numbers rung; each is a list with commas."""
    return (AGENT, agents), (PERSON, persons)
