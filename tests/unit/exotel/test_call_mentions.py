"""A call that an answer names is found in whatever spelling, encoding and depth; what is no call is none."""

import base64
import html
import json
import time
from urllib.parse import quote

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from orchestrator.exotel.placement import headers_name_a_call, text_names_a_call

SID = "c5797dcbaaeed7678c4062a4a3ed2f8a"
CALL = '{"Call": {"Sid": "abc"}}'
IN_BASE64 = base64.b64encode(CALL.encode()).decode()

NAMED = [
    CALL,
    '{"Call": {"Sid": "ab',
    '{"call":{"sid":"abc"}}',
    '{"call_sid":"abc"}',
    '{"callSid":"a1"}',
    '{"CALL_SID": 12}',
    '{"call-sid": ["a1"]}',
    '{"ParentCallSid": "abc"}',
    '{"exotel_call_sid": "abc"}',
    '{"Call": {"Sid": {"value": "abc"}}}',
    '{"data": {"list": [{"n": 1, "callId": "x1"}]}}',
    "{'Sid': 'abc'}",
    '{"\\u0053id": "abc"}',
    '{"Call": {"S\\u0069d": "abc"}}',
    json.dumps(json.dumps(json.dumps(CALL))),
    json.dumps({"message": json.dumps({"error": CALL})}),
    html.escape(CALL),
    html.escape(html.escape(CALL)),
    quote(CALL),
    quote(quote(CALL)),
    IN_BASE64,
    json.dumps({"body": IN_BASE64}),
    "<Call><Sid>abc</Sid>",
    "<call><sid>abc</sid></call>",
    "<CALL_SID>\n  abc</CALL_SID>",
    "<ns:CALL><ns:SID type='x'>abc</ns:SID></ns:CALL>",
    "<sid><![CDATA[abc]]></sid>",
    "<!DOCTYPE r [<!ENTITY s 'abc'>]><Sid>&s;</Sid>",
    '<Call Sid="abc"/>',
    "<call status='queued' sid='abc'>",
    "&lt;Sid&gt;abc&lt;/Sid&gt;",
    '<input name="CallSid" value="abc">',
    "<table><tr><td>Call Sid</td><td>ab12cd34</td></tr></table>",
    f"<html><body><p>{SID}</p></body></html>",
    "CallSid=abc&Status=queued",
    "Status: x\nCallSid: abc",
    "sid=abc",
    "the call has CallSid abc123",
    "Call id: 77",
    f"call {SID} could not be connected",
    SID,
    SID.upper(),
    json.dumps({"RestException": {"Status": 400, "Message": f"Duplicate of call {SID}"}}),
    json.dumps({"id": SID}),
    "see /v1/Accounts/a/Calls/abc.json",
    '{"S\u200bid": "abc"}',
    '{"\uff33\uff49\uff44": "abc"}',
    "Call[Sid]=abc&Call[Status]=queued",
    quote("Call[Sid]=abc"),
    "Array\n(\n    [Sid] => abc\n)",
    "<Sid><!-- placed -->abc</Sid>",
    "<Sid><?page 1?>abc</Sid>",
    "duplicate of CA" + SID,
    json.dumps({"request_id": SID, "of": SID[::-1]}),
    base64.encodebytes(json.dumps({"RestException": {"Message": "x" * 30}, "Call": {"Sid": SID}}).encode()).decode(),
    '{"Uri": "\\/v1\\/Accounts\\/a\\/Calls.json\\/abc"}',
]

NOT_NAMED = [
    "",
    '{"Call": {"Sid": null}}',
    '{"Call": {"Sid": "null"}}',
    '{"Sid": ""}',
    '{"sid": false}',
    '{"sids": ["a"]}',
    '{"side": "left"}',
    "inside: abc",
    "<Sid></Sid>",
    "<AccountSid>acme1</AccountSid><Sid/>",
    "<Sid/>\ntext",
    '{"AccountSid": "acme1"}',
    '{"account_sid": "acme1", "Call": null}',
    f"<AccountSid>{SID}</AccountSid>",
    f"/v1/Accounts/{SID}/Calls/connect.json",
    '{"PhoneNumberSid": "08047112233", "CallerId": "08047112233"}',
    "CallerId=080&caller_id=080",
    '{"RestException": {"Message": "no account has the Sid acme1"}}',
    "Invalid Account Sid: acme1",
    "the CallSid is missing",
    "Missing call id",
    json.dumps({"request_id": SID, "http_code": 400}),
    f"Request-ID: {SID}",
    json.dumps({"traceId": SID, "traceparent": f"00-{SID}-00f067aa0ba902b7-01"}),
    json.dumps({"message": f"invalid CustomField={SID}"}),
    "invalid CustomField at_0123456789abcdef01234567",
    f"<p>Request-Id: <code>{SID}</code></p>",
    f"<dt>Incident ID</dt><dd>{SID}</dd>",
    f"error_id={SID}",
    f'<script src="/assets/app-{SID}.js"></script><link href="/a/{SID}.css">',
    "CallSid: is required",
    json.dumps({"Message": "Sid: missing"}),
    "<html><head><title>403 Forbidden</title></head><body>nginx</body></html>",
]


@pytest.mark.parametrize("text", NAMED)
def test_a_call_is_found(text: str) -> None:
    assert text_names_a_call(text)


@pytest.mark.parametrize("text", NOT_NAMED)
def test_what_names_no_call_is_a_plain_refusal(text: str) -> None:
    assert not text_names_a_call(text)


@pytest.mark.parametrize(
    ("headers", "named"),
    [
        ({"location": f"https://api.example/v1/Accounts/a/Calls/{SID}.json"}, True),
        ({"content-location": "/v1/Accounts/a/Calls/abc"}, True),
        ({"x-exotel-call-sid": SID}, True),
        ({"callsid": "abc"}, True),
        ({"x-exotel-sid": SID}, True),
        ({"link": "</v1/Accounts/a/Calls/abc.json>; rel=original"}, True),
        ({"set-cookie": "back=/Calls/abc; path=/"}, False),
        ({"location": "https://api.example/v1/Accounts/a/Calls/connect.json"}, False),
        ({"x-call-sid": "null", "x-request-id": SID, "set-cookie": "connect.sid=abc"}, False),
    ],
)
def test_a_header_names_a_call_as_well(headers: dict[str, str], named: bool) -> None:
    assert headers_name_a_call(headers) is named


@settings(deadline=None)
@given(st.text(max_size=40), st.text(max_size=40), st.sampled_from(NAMED))
def test_what_stands_around_it_hides_no_call(before: str, after: str, text: str) -> None:
    assert text_names_a_call(f"{before}\n{text}\n{after}")


UNITS = ["<sid ", "sid=", "<a ", "\\u0041", "&amp;", "%25", "call sid ", "a1", '"sid"', "<sid><a>", "<sid> ", "["]


@pytest.mark.parametrize(
    "unit", [*UNITS, '"sid": [', "call sid -", "\\", "<![CDATA[", "A" * 31 + " ", '"a.', "[sid] ", "\ufdfa"]
)
def test_no_hostile_text_takes_long(unit: str) -> None:
    """64 kB take under a second; a pattern that goes back over what it has read took half a minute."""
    began = time.process_time()
    text_names_a_call((unit * (64 * 1024 // len(unit) + 1))[: 64 * 1024])
    assert time.process_time() - began < 10
