"""Replies by hand, in both kinds, as the documents and the field show them (docs/carrier.md, replies)."""

import json

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from orchestrator.exotel.facts import call_facts
from orchestrator.exotel.placement import names_a_call
from orchestrator.exotel.replies import carrier_message
from orchestrator.model.outcome import CallFacts, Leg

SID = "c5797dcbaaeed7678c4062a4a3ed2f8a"

CREATED = b"""{"Call": {"Sid": "c5797dcbaaeed7678c4062a4a3ed2f8a", "ParentCallSid": null,
"DateCreated": "2026-11-22 14:30:00", "DateUpdated": "2026-11-22 14:30:00", "AccountSid": "acme1",
"To": "09900000001", "From": "08069171234", "PhoneNumberSid": "08047112233", "Status": "in-progress",
"StartTime": "2026-11-22 14:30:00", "EndTime": null, "Duration": null, "Price": null,
"Direction": "outbound-api", "AnsweredBy": null, "Uri": "/v1/Accounts/acme1/Calls.json/x", "RecordingUrl": null}}"""

DETAILS = b"""{"Call": {"Sid": "c5797dcbaaeed7678c4062a4a3ed2f8a", "Status": "completed",
"EndTime": "2026-11-22 14:31:00", "Duration": "41", "Price": "1.500", "RecordingUrl": "https://rec/a.mp3",
"Details": {"ConversationDuration": 30, "Leg1Status": "completed", "Leg2Status": "completed",
"Legs": [{"Leg": {"Id": 1, "OnCallDuration": 41}}, {"Leg": {"Id": 2, "OnCallDuration": 30}}]}}}"""

DETAILS_XML = b"""<?xml version="1.0" encoding="UTF-8"?>
<TwilioResponse><Call><Sid>c5797dcbaaeed7678c4062a4a3ed2f8a</Sid><Status>no-answer</Status><EndTime/>
<Duration>12</Duration><Price></Price><Details><ConversationDuration>0</ConversationDuration>
<Leg1Status>no-answer</Leg1Status><Leg2Status/><Legs><Leg><Id>1</Id><OnCallDuration>0</OnCallDuration></Leg>
<Leg><Id>2</Id><OnCallDuration>0</OnCallDuration></Leg></Legs></Details></Call></TwilioResponse>"""


def call(**fields: object) -> CallFacts:
    facts = call_facts(json.dumps({"Call": fields}).encode())
    assert facts is not None
    return facts


def test_a_created_call() -> None:
    assert call_facts(CREATED) == CallFacts(
        sid=SID, status="in-progress", date_created="2026-11-22 14:30:00", start_time="2026-11-22 14:30:00"
    )


def test_a_calls_details_with_wrapped_legs() -> None:
    facts = call_facts(DETAILS)
    assert facts is not None
    assert facts.legs == (Leg("completed", 41), Leg("completed", 30))
    assert (facts.duration, facts.price, facts.end_time) == (41, "1.500", "2026-11-22 14:31:00")
    assert facts.recording_url == "https://rec/a.mp3"


def test_the_same_in_xml() -> None:
    facts = call_facts(DETAILS_XML)
    assert facts is not None
    assert facts.legs == (Leg("no-answer", 0), Leg(None, 0))
    assert (facts.status, facts.duration, facts.price, facts.end_time) == ("no-answer", 12, None, None)


@pytest.mark.parametrize("encoding", ["utf-8", "utf-8-sig", "utf-16", "utf-16-le", "utf-16-be"])
def test_json_in_any_unicode_encoding(encoding: str) -> None:
    facts = call_facts(CREATED.decode().encode(encoding))
    assert facts is not None
    assert facts.sid == SID


@pytest.mark.parametrize(
    ("written", "read"),
    [
        ("41", 41),
        (41, 41),
        (41.0, 41),
        ("41.9", 41),
        (0, 0),
        ("", None),
        (None, None),
        ("null", None),
        ("NULL", None),
        (-1, None),
        ("soon", None),
        (True, None),
        ([1], None),
        ("1e9999", None),
        ("9" * 5000, None),
        ("٤١", None),
    ],
)
def test_a_duration_is_text_or_a_number(written: object, read: int | None) -> None:
    assert call(Sid=SID, Duration=written).duration == read


@pytest.mark.parametrize(
    ("written", "read"),
    [("1.500", "1.500"), (b"1.500", "1.500"), (2, "2"), ("-0.5", "-0.5"), ("", None), ("null", None), ("free", None)],
)
def test_a_price_stays_as_written(written: object, read: str | None) -> None:
    body = b'{"Call": {"Price": %s}}' % (written if isinstance(written, bytes) else json.dumps(written).encode())
    facts = call_facts(body)
    assert facts is not None
    assert facts.price == read


@pytest.mark.parametrize("unset", [None, "", "null", "1970-01-01 05:30:00", "1970-01-01", "0000-00-00 00:00:00"])
def test_a_time_that_stands_for_not_yet_is_none(unset: str | None) -> None:
    facts = call(Sid=SID, EndTime=unset, StartTime=unset, DateCreated=unset)
    assert (facts.end_time, facts.start_time, facts.date_created) == (None, None, None)


def test_a_status_that_we_do_not_know_is_kept() -> None:
    assert call(Sid=SID, Status="call-parked").status == "call-parked"


@pytest.mark.parametrize(
    "sid", ["", " ", None, "null", "NULL", "a b", "x" * 65, "../x", "a\nb", 1.5, {}, ["a"], True, "сид", "a\u0000b"]
)
def test_what_is_no_token_is_no_sid(sid: object) -> None:
    assert call(Sid=sid).sid is None


@pytest.mark.parametrize(
    "body",
    [
        b"",
        b" ",
        b"null",
        b"[]",
        b'"Call"',
        b"{",
        b'{"Call": null}',
        b'{"Call": []}',
        b'{"call": {"Sid": "a"}}',
        b'{"Call": {"Sid": "a"}',
        b"[" * 60000,
        b'{"Call":' * 10000,
        b"\xff\xfe\x00",
        b"\x00" * 50,
        b"<Call><Sid>a",
        b"<html></html>",
        b"<TwilioResponse/>",
        b"<TwilioResponse><Call/></TwilioResponse>",
        b"<a>" * 9000,
    ],
)
def test_what_holds_no_call_is_none(body: bytes) -> None:
    assert call_facts(body) is None


def test_json_that_python_would_stumble_over() -> None:
    body = b'{"Call": {"Sid": "old", "Sid": "new", "Duration": NaN, "Price": Infinity, "Status": "\\ud800\\u0000x"}}'
    facts = call_facts(body)
    assert facts is not None
    assert (facts.sid, facts.duration, facts.price) == ("new", None, None)
    assert facts.status is not None
    facts.status.encode()  # a journal could not hold a lone surrogate
    assert "\x00" not in facts.status


def test_a_body_larger_than_any_reply_is_not_looked_into() -> None:
    assert call_facts(CREATED + b" " * 300_000) is None


DOCTYPES = [
    '<!DOCTYPE r [<!ENTITY s "injected">]><TwilioResponse><Call><Sid>&s;</Sid></Call></TwilioResponse>',
    "<!DOCTYPE TwilioResponse><TwilioResponse><Call><Sid>abc</Sid></Call></TwilioResponse>",
    '<?xml version="1.0"?><!DOCTYPE r SYSTEM "file:///etc/passwd"><TwilioResponse><Call><Sid>a</Sid></Call></TwilioResponse>',
    '<!DOCTYPE r [<!ENTITY % p SYSTEM "http://127.0.0.1:9/"> %p;]><TwilioResponse/>',
]


@pytest.mark.parametrize("encoding", ["utf-8", "utf-16", "utf-16-le", "utf-16-be"])
@pytest.mark.parametrize("document", DOCTYPES)
def test_an_xml_document_with_a_doctype_is_refused_in_any_encoding(document: str, encoding: str) -> None:
    assert call_facts(document.encode(encoding)) is None


def test_xml_in_utf_16_without_a_doctype_is_read() -> None:
    facts = call_facts("<TwilioResponse><Call><Sid>abc</Sid></Call></TwilioResponse>".encode("utf-16"))
    assert facts is not None
    assert facts.sid == "abc"


@pytest.mark.parametrize(
    ("body", "message"),
    [
        (b'{"RestException": {"Status": 400, "Message": "Missing From"}}', "Missing From"),
        (
            b"<TwilioResponse><RestException><Message>Bad &amp; worse</Message></RestException></TwilioResponse>",
            "Bad & worse",
        ),
        (b"<html><head><title>502 Bad Gateway</title></head><body>x</body></html>", "502 Bad Gateway"),
        (b"<!DOCTYPE html>\n<HTML><TITLE>\n Moved &amp; gone </TITLE></HTML>", "Moved & gone"),
        (b"<html><body><h1>Forbidden</h1>by the <b>wall</b></body></html>", "Forbidden by the wall"),
        (b"<html><title>never closed", "never closed"),
        (b"plain words", "plain words"),
        (b'{"error": "x"}', '{"error": "x"}'),
        (b"", None),
        (b" \r\n\x00", None),
    ],
)
def test_the_carriers_words(body: bytes, message: str | None) -> None:
    assert carrier_message(body) == message


def test_the_carriers_words_are_one_short_line_without_control_characters() -> None:
    text = carrier_message(json.dumps({"RestException": {"Message": "a\nb\x1b[31m\u202ec\x07" + "d" * 500}}).encode())
    assert text is not None
    assert text.startswith("a b [31m c d")
    assert len(text) == 200
    assert text.isprintable()


@pytest.mark.parametrize(
    "slash", ["/", "//", "\\/", "%2F", "%252f", "&#47;", "&#x2F;", "&amp;#47;", "&sol;", "\\u002f", "\\x2f"]
)
def test_a_callback_token_that_an_error_echoes_is_cut_out(slash: str) -> None:
    assert "tok-en_123" not in (carrier_message(f"bad URL https://h.example/callbacks{slash}tok-en_123".encode()) or "")


@pytest.mark.parametrize(
    ("body", "named"),
    [
        (b'{"Call": {"Sid": "abc"}}', True),
        (b'{"Call": {"Sid": "ab', True),
        (b'{"message": "{\\"Sid\\": \\"abc\\"}"}', True),
        (b"<Call><Sid>abc</Sid>", True),
        (b'{"CallSid": 12}', True),
        ('{"Call": {"Sid": "abc"}}'.encode("utf-16"), True),
        (b'{"Call": {"Sid": null}}', False),
        (b'{"Call": {"Sid": "null"}}', False),
        (b'{"AccountSid": "acme1"}', False),
        (b"<AccountSid>acme1</AccountSid><Sid/>", False),
        (b'{"RestException": {"Message": "no account has the Sid acme1"}}', False),
        (b"", False),
    ],
)
def test_a_call_sid_is_found_in_whatever_shape_a_refusal_has(body: bytes, named: bool) -> None:
    assert names_a_call(body) is named


@settings(deadline=None)
@given(st.binary(max_size=300))
def test_no_bytes_raise(body: bytes) -> None:
    call_facts(body)
    names_a_call(body)
    message = carrier_message(body)
    assert message is None or message.isprintable()


VALUES = st.none() | st.booleans() | st.text() | st.integers() | st.floats()
NESTED = st.recursive(VALUES, lambda inner: st.lists(inner) | st.dictionaries(st.text(), inner), max_leaves=6)


@settings(deadline=None, max_examples=50)
@given(NESTED)
def test_no_json_in_any_place_of_a_call_raises(value: object) -> None:
    names = ("Sid", "Status", "Duration", "Price", "EndTime", "Details", "Legs", "RecordingUrl", "CustomField")
    for fields in (dict.fromkeys(names, value), {"Details": {"Legs": value, "Leg1Status": value}}):
        assert call_facts(json.dumps({"Call": fields}).encode()) is not None
