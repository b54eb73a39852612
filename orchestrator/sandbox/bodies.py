"""What the sandbox says of a call and of a number, in the carrier's shapes: replies, lists, refusals and callbacks.

What is known of a number follows a rule, not chance, so that a plan can be tested: Indian numbers only; a landline's
registration is `Unavailable`; a mobile number is registered as do-not-disturb where it ends in one of its scenario's
`dnd_digits` - in `everyday` in 3 or 7, a fifth of all, in `calm` in none.
"""

import json
import re
from collections.abc import Mapping, Sequence
from datetime import UTC, datetime, timedelta, timezone
from functools import lru_cache
from typing import Any, Literal
from xml.sax.saxutils import escape

import phonenumbers

from orchestrator.model.simulated import CallbackEvent, Script, SimulatedCall
from orchestrator.phone.numbers import e164, identity
from orchestrator.sandbox.script import scenario_named

INDIA = timezone(timedelta(hours=5, minutes=30))
"""The zone of the carrier's zoneless times, in practice (docs/carrier.md, times)."""

BodyFormat = Literal["json", "xml"]
MEDIA_TYPES: dict[BodyFormat, str] = {"json": "application/json", "xml": "application/xml"}

MOST_WRITTEN = 4_096
"""Numbers and times that are kept as they were written: what is said of one call names the same again and again."""

_NOT_XML = re.compile("[^\t\n\r\u0020-\ud7ff\ue000-\ufffd\U00010000-\U0010ffff]")


def call_body(call: SimulatedCall, now: float, details: bool = False) -> dict[str, Any]:
    """Return the `Call` object as it stands at `now` (docs/carrier.md, replies); `Details` only where asked."""
    sid, account, script = call.sid, call.account, call.script
    over, ended = script.is_over(call.offset(now)), naive(call.moment(script.ends_at))
    body: dict[str, Any] = {
        "Sid": sid,
        "ParentCallSid": None,
        "DateCreated": naive(call.created),
        "DateUpdated": ended if over else naive(call.created),
        "AccountSid": account,
        "To": as_carrier_writes(call.asked.to_number),
        "From": as_carrier_writes(call.asked.from_number),
        "PhoneNumberSid": as_carrier_writes(call.asked.caller_id),
        "Status": script.status if over else "in-progress",
        "StartTime": naive(call.created),
        "EndTime": ended if over else None,
        # Text, as clients and samples have it, though the documents say Integer and Double.
        "Duration": str(script.agent.on_call) if over else None,
        "Price": script.price if over else None,
        "Direction": "outbound-api",
        "AnsweredBy": None,
        "ForwardedFrom": None,
        "CallerName": None,
        # The odd spelling of the samples; nobody should build on it.
        "Uri": f"/v1/Accounts/{account}/Calls.json/{sid}",
        "RecordingUrl": call.recording_url if over else None,
    }
    return body | {"Details": _details(script, call.offset(now))} if details else body


def _details(script: Script, offset: float) -> dict[str, Any]:
    legs = (script.agent, script.customer)
    seconds = [script.leg_seconds(leg, offset) for leg in legs]
    return {
        "ConversationDuration": seconds[1],
        "Leg1Status": script.leg_status(legs[0], offset),
        "Leg2Status": script.leg_status(legs[1], offset),
        "Legs": [{"Leg": {"Id": number, "OnCallDuration": on_call}} for number, on_call in enumerate(seconds, 1)],
    }


def rest_exception(status: int, message: str) -> dict[str, Any]:
    """Return the error envelope's content (docs/carrier.md, statuses and rates)."""
    return {"Status": status, "Message": message}


def render(format_: BodyFormat, root: str, body: Mapping[str, Any]) -> bytes:
    """Write `{root: body}` as JSON, or as XML inside `TwilioResponse`."""
    return json.dumps({root: body}).encode() if format_ == "json" else _document({root: body})


def render_list(format_: BodyFormat, metadata: Mapping[str, Any], calls: Sequence[Mapping[str, Any]]) -> bytes:
    """Write one page of a list: plain calls in JSON, `Call` elements in XML (docs/carrier.md, reading calls)."""
    if format_ == "json":
        return json.dumps({"Metadata": metadata, "Calls": calls}).encode()
    return _document({"Metadata": metadata, "Calls": [{"Call": call} for call in calls]})


def _document(content: Mapping[str, Any]) -> bytes:
    inside = _element("TwilioResponse", content)
    return f'<?xml version="1.0" encoding="UTF-8"?>\n{inside}\n'.encode()


def _element(name: str, value: Any) -> str:
    if value is None:
        return f"<{name}/>"
    return f"<{name}>{_content(value)}</{name}>"


def _content(value: Any) -> str:
    if isinstance(value, Mapping):
        return "".join(_element(name, item) for name, item in value.items())
    if isinstance(value, list):
        return "".join(_content(item) for item in value)
    return escape(_NOT_XML.sub("?", str(value)))


def moments(call: SimulatedCall) -> list[tuple[CallbackEvent, float]]:
    """Every callback that the call owes, with its moment in sandbox seconds after the request."""
    asked, script = call.asked, call.script
    if asked.callback_url is None:
        return []
    if not asked.events:
        return [(CallbackEvent.DEFAULT, script.ends_at)]
    owed: list[tuple[CallbackEvent, float]] = []
    if "answered" in asked.events:
        answers = (
            (CallbackEvent.AGENT_ANSWERED, script.agent.answered_at),
            (CallbackEvent.CUSTOMER_ANSWERED, script.customer.answered_at),
        )
        owed.extend((event, at) for event, at in answers if at is not None)
    if "terminal" in asked.events:
        owed.append((CallbackEvent.TERMINAL, script.ends_at))
    return owed


def payload(call: SimulatedCall, event: CallbackEvent) -> dict[str, Any]:
    """Return the callback's fields, nested and typed as in its JSON form."""
    script = call.script
    if event is CallbackEvent.DEFAULT:
        return {
            "CallSid": call.sid,
            "Status": script.status,
            "DateUpdated": naive(call.moment(script.ends_at)),
            "RecordingUrl": call.recording_url,
        }
    over = event is CallbackEvent.TERMINAL
    offset = dict(moments(call))[event]
    happened = naive(call.moment(offset))
    body: dict[str, Any] = {
        "CallSid": call.sid,
        "EventType": "terminal" if over else "answered",
        "DateCreated": naive(call.created),
        "DateUpdated": happened,
        "Status": script.status if over else "in-progress",
        "From": as_carrier_writes(call.asked.from_number),
        "To": as_carrier_writes(call.asked.to_number),
        "PhoneNumberSid": as_carrier_writes(call.asked.caller_id),
        "StartTime": naive(call.created),
        "EndTime": happened if over else None,
        "ConversationDuration": script.talk if over else 0,
        "Direction": "outbound-api",
        "RecordingUrl": call.recording_url if over else None,
        "Legs": _legs(script, offset),
    }
    if over and call.asked.custom_field is not None:
        body["CustomField"] = call.asked.custom_field
    return body


def _legs(script: Script, offset: float) -> list[dict[str, Any]]:
    answered = script.customer.answered_at is not None and offset >= script.customer.answered_at
    return [
        {
            "Status": script.leg_status(leg, offset),
            "OnCallDuration": script.leg_seconds(leg, offset),
            "AnsweredBy": answered_by,
        }
        for leg, answered_by in ((script.agent, "NA"), (script.customer, "Human" if answered else "NA"))
    ]


def flat(body: dict[str, Any]) -> list[tuple[str, str]]:
    """Flatten a payload into form fields: `Legs[0][Status]`, ...; all values text.

    An absent leg status is the literal `null`, any other absent value is empty: carriers' clients meet both.
    """
    fields: list[tuple[str, str]] = []
    for name, value in body.items():
        if isinstance(value, list):
            for index, leg in enumerate(value):
                fields.extend(
                    (f"{name}[{index}][{key}]", "null" if item is None else str(item)) for key, item in leg.items()
                )
        else:
            fields.append((name, "" if value is None else str(value)))
    return fields


def number_body(number: str, scenario: str) -> dict[str, Any] | None:
    """Return the `Numbers` object of a number, however it is spelled; None where it is not an Indian one."""
    full = identity(number)
    if not full.startswith("+91"):
        return None
    is_landline = phonenumbers.number_type(phonenumbers.parse(full)) == phonenumbers.PhoneNumberType.FIXED_LINE
    is_registered = full[-1] in scenario_named(scenario).dnd_digits
    return {
        "PhoneNumber": as_carrier_writes(full),
        "Circle": "KA",
        "CircleName": "Karnataka",
        "Type": "Landline" if is_landline else "Mobile",
        "Operator": "SB",
        "OperatorName": "Sandbox",
        "DND": "Unavailable" if is_landline else "Yes" if is_registered else "No",
    }


@lru_cache(MOST_WRITTEN)
def as_carrier_writes(number: str) -> str:
    """Write a number as the carrier's replies do: an Indian one as 0 and ten digits, also if +91 was sent."""
    full = e164(number)
    if full is None:
        return number
    return "0" + full[3:] if full.startswith("+91") else full


@lru_cache(MOST_WRITTEN)
def naive(at: float) -> str:
    """Write Unix seconds as the carrier does: Indian time, no zone."""
    return datetime.fromtimestamp(at, INDIA).replace(tzinfo=None).isoformat(" ", "seconds")


def precise_rfc3339(at: float) -> str:
    """Write Unix seconds in UTC with microseconds, as the sandbox's own pages do."""
    return datetime.fromtimestamp(at, UTC).isoformat(timespec="microseconds").replace("+00:00", "Z")
