"""What the carrier says of a call, as facts: from replies and callbacks, read leniently, with its ending and its times.

Replies are JSON `{"Call": {...}}` or XML `TwilioResponse/Call`; callbacks flat form fields or JSON, with the default
payload or the extended one (docs/carrier.md). Nothing here raises. Times have no zone, and are the account's.
"""

import re
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import replace
from datetime import datetime
from email.utils import parsedate_to_datetime
from urllib.parse import unquote
from zoneinfo import ZoneInfo

from orchestrator.exotel.content import (
    answered_by_value,
    json_object,
    json_value,
    price_value,
    reply_call,
    seconds_value,
    sid_of,
    text_value,
    time_value,
)
from orchestrator.model.outcome import CallFacts, Ending, Leg

_MOST_LEGS = 8  # a bridge has two; more would be news, not a reason to fill memory

_LEG_NUMBERS = tuple(str(place) for place in range(_MOST_LEGS))


def call_facts(body: bytes) -> CallFacts | None:
    """Return what a reply says of its call, None where it holds none. `sid` is None without a readable Sid."""
    call = reply_call(body)
    return None if call is None else facts_of(call)


def facts_of(fields: Mapping[str, object]) -> CallFacts:
    """Read a reply's `Call`, or a callback's fields with `Legs` as an array; what is not there is None.

    `duration` is `Duration`: the call's total. A callback has only `ConversationDuration` - both parties joined -,
    which is another quantity: a look-up brings the total, some minutes after the end (docs/carrier.md, reading calls).
    """
    details = _mapping(fields.get("Details"))
    return CallFacts(
        sid=sid_of(fields),
        status=text_value(fields.get("Status")),
        event=text_value(fields.get("EventType")),
        legs=_legs(fields, details),
        date_created=time_value(fields.get("DateCreated")),
        start_time=time_value(fields.get("StartTime")),
        end_time=time_value(fields.get("EndTime")),
        duration=seconds_value(fields.get("Duration")),
        talked=seconds_value(fields.get("ConversationDuration", details.get("ConversationDuration"))),
        price=price_value(fields.get("Price")),
        recording_url=text_value(fields.get("RecordingUrl")),
        custom_field=text_value(fields.get("CustomField")),
    )


def _mapping(value: object) -> Mapping[str, object]:
    return value if isinstance(value, Mapping) else {}


def _legs(fields: Mapping[str, object], details: Mapping[str, object]) -> tuple[Leg, ...]:
    """Index 0 is From, 1 is To. Call details have `Leg1Status`, `Leg2Status` beside wrapped `Legs`."""
    if not details and not fields.get("Legs"):
        return ()
    legs: dict[int, Leg] = {}
    for place, item in _items(fields.get("Legs") or details.get("Legs")):
        legs[place] = Leg(
            text_value(item.get("Status")),
            seconds_value(item.get("OnCallDuration")),
            answered_by_value(item.get("AnsweredBy")),
        )
    for place in (0, 1):
        status = text_value(details.get(f"Leg{place + 1}Status"))
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
    if isinstance(wrapped, Mapping) and wrapped and all(key in _LEG_NUMBERS for key in wrapped):
        wrapped = [wrapped.get(key) for key in _LEG_NUMBERS[: max(map(_LEG_NUMBERS.index, wrapped)) + 1]]
    listed = wrapped if isinstance(wrapped, Sequence) and not isinstance(wrapped, str) else [wrapped]
    for position, entry in enumerate(listed[:_MOST_LEGS]):
        item = _mapping(_mapping(entry).get("Leg", entry))
        number = seconds_value(item.get("Id"))
        if item:
            yield (number - 1 if number and number <= _MOST_LEGS else position), item


_LEG = re.compile(r"Legs\[([0-7])\](?:\[([A-Za-z]{1,40})\])?\Z")

_MOST_PERCENT_ENCODINGS = 2
"""Times that a name may be percent-encoded: by the form, and by who made its names."""


def callback_facts_from_pairs(pairs: Iterable[tuple[str, object]]) -> CallFacts | None:
    """Read form fields (`CallSid`, `Legs[0][Status]`, ...), all text; of a name sent twice, the last.

    `Legs`, or one of them, may also be JSON text.
    """
    fields: dict[str, object] = {}
    legs: dict[str, dict[str, object]] = {}
    for name, value in pairs:
        plain = _plain_name(name)
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
    return _unless_empty(facts_of({**fields, "Legs": list(legs.values())} if legs else fields))


def callback_facts_from_json(body: bytes) -> CallFacts | None:
    """Read a JSON object; its `Legs` is an array of objects, index 0 = From. None where it is no object.

    The flat names of forms are understood here too.
    """
    fields = json_object(body)
    return None if fields is None else callback_facts_from_pairs(fields.items())


def _plain_name(name: str) -> str:
    for _ in range(_MOST_PERCENT_ENCODINGS):
        name = unquote(name)
    return name.strip()


def _unless_empty(facts: CallFacts) -> CallFacts | None:
    return None if facts.sid is None and facts.status is None and facts.event is None else facts


_ENDINGS = {
    "completed": Ending.COMPLETED,
    "busy": Ending.BUSY,
    "no-answer": Ending.NO_ANSWER,
    "failed": Ending.FAILED,
    "canceled": Ending.CANCELED,  # documented for legs; at call level in one guide only
}
_NOT_REACHED = frozenset(_ENDINGS) - {"completed"}


def ending(facts: CallFacts) -> Ending | None:
    """Return how the call ended, None while it goes on or as long as nothing says that it is over.

    An `answered` event never ends a call, whatever its status says. A `terminal` event always does: where its
    status is missing or a word we do not know, the call counts as `failed` - it is over, and nothing says that
    it went well - and `facts.status` keeps the carrier's word. Outside a terminal event an unknown word may
    as well mean a call in progress, so it ends nothing.
    """
    event = _lower_case(facts.event)
    if event == "answered":
        return None
    ended = _ENDINGS.get(_lower_case(facts.status))
    if ended is None:
        ended = Ending.FAILED if event == "terminal" else None
    if ended in (None, Ending.COMPLETED) or not _agent_never_answered(facts):
        return ended
    return Ending.AGENT_NO_ANSWER


def _agent_never_answered(facts: CallFacts) -> bool:
    """Leg 1 (index 0, From) was not reached, and leg 2 (index 1, To) has no status: it was never rung."""
    if not facts.legs or _lower_case(facts.legs[0].status) not in _NOT_REACHED:
        return False
    return len(facts.legs) == 1 or facts.legs[1].status is None


def _lower_case(text: str | None) -> str:
    return (text or "").lower()


_ISO = re.compile(
    r"[0-9]{4}-[0-9]{2}-[0-9]{2}[ Tt][0-9]{2}:[0-9]{2}:[0-9]{2}(?:\.[0-9]{1,9})?(?:[Zz]|[+-][0-9:]{4,6})?\Z"
)
_MAIL = re.compile(r"(?:[A-Za-z]{3},\s*)?[0-9]{1,2}\s+[A-Za-z]{3}\s")


def carrier_moment(text: str | None, timezone: str) -> float | None:
    """Return a carrier's time in epoch seconds; `timezone` is an IANA name and counts where the text has no zone.

    Read are `2026-11-22 14:30:00`, RFC 3339, and RFC 2822 with its zone. None for anything else, and for 1970-01-01:
    "not yet". A zoneless time that the zone's clocks show twice is the first of the two.
    """
    written = time_value(text)
    try:
        moment = _read(written or "")
        if moment is None:
            return None
        return (moment if moment.tzinfo else moment.replace(tzinfo=ZoneInfo(timezone))).timestamp()
    except (ValueError, OverflowError):  # a month 13; a year beyond what zones reach
        return None


def carrier_text(epoch: float, timezone: str) -> str:
    """Write epoch seconds as the carrier does, whole seconds (cut, not rounded), no zone; for filters."""
    return datetime.fromtimestamp(epoch // 1, ZoneInfo(timezone)).strftime("%Y-%m-%d %H:%M:%S")


def _read(written: str) -> datetime | None:
    if _ISO.match(written):
        return datetime.fromisoformat(written.upper())
    if not _MAIL.match(written):
        return None
    moment = parsedate_to_datetime(written)
    return moment if moment.tzinfo else None
