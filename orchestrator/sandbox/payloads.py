"""What a StatusCallback says (docs/carrier.md, callbacks), and how it is put on the wire."""

from enum import StrEnum
from typing import Any

from orchestrator.sandbox.call import Call, naive, shown
from orchestrator.sandbox.script import Script


class CallbackEvent(StrEnum):
    """One POST of a call: the four-field default, or an event that was asked for."""

    DEFAULT = "default"
    AGENT_ANSWERED = "agent-answered"
    CUSTOMER_ANSWERED = "customer-answered"
    TERMINAL = "terminal"


def moments(call: Call) -> list[tuple[CallbackEvent, float]]:
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


def payload(call: Call, event: CallbackEvent) -> dict[str, Any]:
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
        "From": shown(call.asked.from_number),
        "To": shown(call.asked.to_number),
        "PhoneNumberSid": shown(call.asked.caller_id),
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
