"""The fields of a call, from whichever body held them, to facts."""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import replace

from orchestrator.exotel import lenient
from orchestrator.exotel.json_reply import json_value
from orchestrator.model.outcome import CallFacts, Leg

_MOST_LEGS = 8  # a bridge has two; more would be news, not a reason to fill memory

_COUNTED = tuple(str(place) for place in range(_MOST_LEGS))


def facts_of(fields: Mapping[str, object]) -> CallFacts:
    """Read a reply's `Call`, or a callback's fields with `Legs` as an array; what is not there is None.

    `duration` is `Duration`: the call's total. A callback has only `ConversationDuration` - both parties joined -,
    which is another quantity: a look-up brings the total, some minutes after the end (docs/carrier.md, reading calls).
    """
    details = _mapping(fields.get("Details"))
    return CallFacts(
        sid=lenient.sid(fields.get("CallSid")) or lenient.sid(fields.get("Sid")),
        status=lenient.text(fields.get("Status")),
        event=lenient.text(fields.get("EventType")),
        legs=_legs(fields, details),
        date_created=lenient.moment(fields.get("DateCreated")),
        start_time=lenient.moment(fields.get("StartTime")),
        end_time=lenient.moment(fields.get("EndTime")),
        duration=lenient.seconds(fields.get("Duration")),
        talked=lenient.seconds(fields.get("ConversationDuration", details.get("ConversationDuration"))),
        price=lenient.price(fields.get("Price")),
        recording_url=lenient.text(fields.get("RecordingUrl")),
        custom_field=lenient.text(fields.get("CustomField")),
    )


def _mapping(value: object) -> Mapping[str, object]:
    return value if isinstance(value, Mapping) else {}


def _legs(fields: Mapping[str, object], details: Mapping[str, object]) -> tuple[Leg, ...]:
    """Index 0 is From, 1 is To. Call details have `Leg1Status`, `Leg2Status` beside wrapped `Legs`."""
    legs: dict[int, Leg] = {}
    for place, item in _items(fields.get("Legs") or details.get("Legs")):
        legs[place] = Leg(
            lenient.text(item.get("Status")),
            lenient.seconds(item.get("OnCallDuration")),
            lenient.answered_by(item.get("AnsweredBy")),
        )
    for place in (0, 1):
        status = lenient.text(details.get(f"Leg{place + 1}Status"))
        if status:
            legs[place] = replace(legs.get(place, Leg()), status=status)
    if all(leg == Leg() for leg in legs.values()):
        return ()
    return tuple(legs.get(place, Leg()) for place in range(max(legs) + 1))


def _items(value: object) -> Iterator[tuple[int, Mapping[str, object]]]:
    """Yield each leg with its place: its `Id` (from 1) where it has one, else its position.

    They are a list, plain or wrapped, an object whose keys count from 0, or JSON text of either.
    """
    if isinstance(value, str):
        value = json_value(value)
    wrapped = _mapping(value).get("Leg", value)
    if isinstance(wrapped, Mapping) and wrapped and all(key in _COUNTED for key in wrapped):
        wrapped = [wrapped.get(key) for key in _COUNTED[: max(map(_COUNTED.index, wrapped)) + 1]]
    listed = wrapped if isinstance(wrapped, Sequence) and not isinstance(wrapped, str) else [wrapped]
    for position, entry in enumerate(listed[:_MOST_LEGS]):
        item = _mapping(_mapping(entry).get("Leg", entry))
        number = lenient.seconds(item.get("Id"))
        if item:
            yield (number - 1 if number and number <= _MOST_LEGS else position), item
