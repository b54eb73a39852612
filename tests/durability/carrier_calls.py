"""What the counting carrier knows of a call, and how it tells it: look-ups in JSON and XML, callbacks.

Shapes are those of the carrier's documents (reference 2.2, 3.1-3.3, 4.1), with times zoneless in IST.
"""

import datetime
import json
from dataclasses import dataclass
from typing import Any
from xml.sax.saxutils import escape

IST = datetime.timezone(datetime.timedelta(hours=5, minutes=30))
TALK_SECONDS = 41  # what a completed call's Duration says, whatever the real time until it ends


@dataclass(frozen=True)
class Call:
    """One connect request that rang (or may have). `arrived` is in seconds since the epoch.

    `listed` is whether the list of calls (carrier_list.py) will know it once it has ended.
    """

    sid: str
    account: str
    fields: dict[str, str]
    arrived: float
    ends: float
    ending: str
    listed: bool = True

    def status(self, now: float) -> str:
        """The carrier's word for the call at `now`."""
        if now < self.ends:
            return "in-progress"
        return "no-answer" if self.ending == "agent-no-answer" else self.ending

    def leg_statuses(self) -> tuple[str, str]:
        """How the two legs ended: `From` answers unless it is the agent who did not, `To` as the call."""
        return ("no-answer", "") if self.ending == "agent-no-answer" else ("completed", self.ending)


def written(at: float) -> str:
    """A time as the carrier writes it."""
    return datetime.datetime.fromtimestamp(at, IST).strftime("%Y-%m-%d %H:%M:%S")


def call_fields(call: Call, now: float) -> dict[str, Any]:
    """The flat fields of a `Call` object."""
    over = now >= call.ends
    talked = over and call.ending == "completed"
    return {
        "Sid": call.sid,
        "ParentCallSid": None,
        "DateCreated": written(call.arrived),
        "DateUpdated": written(min(now, call.ends)),
        "AccountSid": call.account,
        "To": call.fields.get("To"),
        "From": call.fields.get("From"),
        "PhoneNumberSid": call.fields.get("CallerId"),
        "Status": call.status(now),
        "StartTime": written(call.arrived),
        "EndTime": written(call.ends) if over else None,
        "Duration": str(TALK_SECONDS) if talked else None,
        "Price": "1.200" if talked else None,
        "Direction": "outbound-api",
        "AnsweredBy": None,
        "Uri": f"/v1/Accounts/{call.account}/Calls.json/{call.sid}",
        "RecordingUrl": None,
    }


def reply(call: Call, now: float, *, as_json: bool, details: bool = False) -> tuple[str, bytes]:
    """Content-Type and body of one call, as `connect` and look-ups answer it."""
    flat = call_fields(call, now)
    first, second = call.leg_statuses() if now >= call.ends else ("in-progress", "")
    if as_json:
        if details:
            flat["Details"] = {
                "ConversationDuration": TALK_SECONDS if second == "completed" else 0,
                "Leg1Status": first,
                "Leg2Status": second or None,
                "Legs": [{"Leg": {"Id": 1, "OnCallDuration": 45}}, {"Leg": {"Id": 2, "OnCallDuration": 41}}],
            }
        return "application/json", json.dumps({"Call": flat}).encode()
    inner = "".join(f"<{name}>{escape(value or '')}</{name}>" for name, value in flat.items())
    if details:
        inner += f"<Details><Leg1Status>{first}</Leg1Status><Leg2Status>{second}</Leg2Status></Details>"
    text = f'<?xml version="1.0" encoding="UTF-8"?>\n<TwilioResponse><Call>{inner}</Call></TwilioResponse>'
    return "application/xml", text.encode()


def number(asked: str, dnd: str, *, as_json: bool) -> tuple[str, bytes]:
    """Content-Type and body of what is known of a number (reference 5.3)."""
    told = {"PhoneNumber": asked, "Circle": "KA", "CircleName": "Karnataka", "Type": "Mobile", "Operator": "AL"}
    told |= {"OperatorName": "Airtel", "DND": dnd}
    if as_json:
        return "application/json", json.dumps({"Numbers": told}).encode()
    inner = "".join(f"<{name}>{escape(value)}</{name}>" for name, value in told.items())
    text = f'<?xml version="1.0" encoding="UTF-8"?>\n<TwilioResponse><Numbers>{inner}</Numbers></TwilioResponse>'
    return "application/xml", text.encode()


def refusal(status: int, message: str, *, as_json: bool) -> tuple[str, bytes]:
    """Content-Type and body of an error answer."""
    if as_json:
        return "application/json", json.dumps({"RestException": {"Status": status, "Message": message}}).encode()
    text = f"<TwilioResponse><RestException><Status>{status}</Status><Message>{escape(message)}</Message>"
    return "application/xml", f"{text}</RestException></TwilioResponse>".encode()


def callback(call: Call, event: str, *, as_json: bool) -> tuple[str, bytes]:
    """Content-Type and body of one StatusCallback: `terminal`, `answered` or `default` (four fields)."""
    data = {"CallSid": call.sid, "DateUpdated": written(call.ends), "Status": call.status(call.ends)}
    legs = list(call.leg_statuses())
    if event != "default":
        data |= {"EventType": event, "DateCreated": written(call.arrived), "Direction": "outbound-api"}
        data |= {"From": call.fields["From"], "To": call.fields["To"]}
    if event == "answered":
        data["Status"] = "in-progress"
        legs = ["in-progress", ""]
    if event == "terminal" and "CustomField" in call.fields:
        data["CustomField"] = call.fields["CustomField"]
    if as_json:
        shaped: dict[str, Any] = dict(data)
        if event != "default":
            shaped["Legs"] = [{"OnCallDuration": TALK_SECONDS, "Status": leg or None} for leg in legs]
        return "application/json", json.dumps(shaped).encode()
    if event != "default":
        data |= {f"Legs[{index}][Status]": leg for index, leg in enumerate(legs)}
    line = "--carrier-callback-boundary"
    parts = [f'{line}\r\nContent-Disposition: form-data; name="{k}"\r\n\r\n{v}\r\n' for k, v in data.items()]
    return f"multipart/form-data; boundary={line[2:]}", f"{''.join(parts)}{line}--\r\n".encode()
