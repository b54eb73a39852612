"""The carrier's bodies: the `Call` object, its details, lists of calls, and `RestException`, as JSON and as XML."""

import json
import re
from collections.abc import Mapping, Sequence
from typing import Any, Literal
from xml.sax.saxutils import escape

from orchestrator.sandbox.call import Call, naive, shown
from orchestrator.sandbox.script import Script

Format = Literal["json", "xml"]
MEDIA_TYPES: dict[Format, str] = {"json": "application/json", "xml": "application/xml"}

_NOT_XML = re.compile("[^\t\n\r\u0020-\ud7ff\ue000-\ufffd\U00010000-\U0010ffff]")


def call_body(call: Call, now: float, details: bool = False) -> dict[str, Any]:
    """Return the `Call` object as it stands at `now` (docs/carrier.md, replies); `Details` only where asked."""
    sid, account, script = call.sid, call.account, call.script
    over, ended = script.is_over(call.offset(now)), naive(call.moment(script.ends_at))
    body: dict[str, Any] = {
        "Sid": sid,
        "ParentCallSid": None,
        "DateCreated": naive(call.created),
        "DateUpdated": ended if over else naive(call.created),
        "AccountSid": account,
        "To": shown(call.asked.to_number),
        "From": shown(call.asked.from_number),
        "PhoneNumberSid": shown(call.asked.caller_id),
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


def render(format_: Format, root: str, body: Mapping[str, Any]) -> bytes:
    """Write `{root: body}` as JSON, or as XML inside `TwilioResponse`."""
    return json.dumps({root: body}).encode() if format_ == "json" else _document({root: body})


def render_list(format_: Format, metadata: Mapping[str, Any], calls: Sequence[Mapping[str, Any]]) -> bytes:
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
