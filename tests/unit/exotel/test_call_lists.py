"""Bulk look-ups by hand, in both kinds, as the documents show them (docs/carrier.md, reading calls)."""

import json

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from orchestrator.exotel.facts import call_facts
from orchestrator.exotel.replies import CallList, ListedCall, call_list
from orchestrator.model.outcome import CallFacts

FIRST, SECOND = "c5797dcbaaeed7678c4062a4a3ed2f8a", "0f3a5797dcbaaeed7678c4062a4a3ed1"

PAGE = b"""{"Metadata": {"Total": 3, "PageSize": 2, "FirstPageUri": "/v1/Accounts/acme1/Calls.json?PageSize=2",
"PrevPageUri": null, "NextPageUri":
"/v1/Accounts/acme1/Calls.json?PageSize=2&DateCreated=gte%3A2026-11-22+00%3A00%3A00&From=%2B918069171234&After=MTM%3D"},
"Calls": [
{"Sid": "c5797dcbaaeed7678c4062a4a3ed2f8a", "ParentCallSid": null, "DateCreated": "2026-11-22 14:30:00",
"DateUpdated": "2026-11-22 14:31:00", "AccountSid": "acme1", "To": "09900000001", "From": "08069171234",
"PhoneNumberSid": "08047112233", "Status": "completed", "StartTime": "2026-11-22 14:30:00",
"EndTime": "2026-11-22 14:31:00", "Duration": "41", "Price": "1.500", "Direction": "outbound-api",
"AnsweredBy": null, "Uri": "/v1/Accounts/acme1/Calls.json/x", "RecordingUrl": null},
{"Sid": "0f3a5797dcbaaeed7678c4062a4a3ed1", "From": "08069171234", "To": null, "Status": "no-answer",
"Direction": "inbound", "PhoneNumberSid": "", "DateCreated": "null"}]}"""

XML = b"""<?xml version="1.0" encoding="UTF-8"?>
<TwilioResponse><Metadata><Total>1</Total><PageSize>50</PageSize><FirstPageUri>/v1/Accounts/acme1/Calls</FirstPageUri>
<PrevPageUri/><NextPageUri>/v1/Accounts/acme1/Calls?After=a&amp;PageSize=1</NextPageUri></Metadata>
<Calls><Call><Sid>c5797dcbaaeed7678c4062a4a3ed2f8a</Sid><From>08069171234</From><To>09900000001</To>
<PhoneNumberSid>08047112233</PhoneNumberSid><Status>busy</Status><Direction>outbound-api</Direction>
<DateCreated>2026-11-22 14:30:00</DateCreated><Price/></Call></Calls></TwilioResponse>"""


def listed(*calls: object, **metadata: object) -> CallList | None:
    return call_list(json.dumps({"Metadata": metadata, "Calls": calls}).encode())


def sids(page: CallList | None) -> list[str] | None:
    return None if page is None else [call.sid for call in page.calls]


def test_a_page_in_json() -> None:
    page = call_list(PAGE)
    assert page is not None
    assert page.calls == (
        ListedCall(
            sid=FIRST,
            from_number="08069171234",
            to_number="09900000001",
            phone_number="08047112233",
            direction="outbound-api",
            date_created="2026-11-22 14:30:00",
            facts=CallFacts(
                sid=FIRST,
                status="completed",
                date_created="2026-11-22 14:30:00",
                start_time="2026-11-22 14:30:00",
                end_time="2026-11-22 14:31:00",
                duration=41,
                price="1.500",
            ),
        ),
        ListedCall(SECOND, "08069171234", None, None, "inbound", None, CallFacts(sid=SECOND, status="no-answer")),
    )
    assert page.next_query == (
        ("PageSize", "2"),
        ("DateCreated", "gte:2026-11-22 00:00:00"),
        ("From", "+918069171234"),
        ("After", "MTM="),
    )


def test_a_page_in_xml() -> None:
    page = call_list(XML)
    assert page is not None
    assert page.calls == (
        ListedCall(
            FIRST,
            "08069171234",
            "09900000001",
            "08047112233",
            "outbound-api",
            "2026-11-22 14:30:00",
            CallFacts(sid=FIRST, status="busy", date_created="2026-11-22 14:30:00"),
        ),
    )
    assert page.next_query == (("After", "a"), ("PageSize", "1"))


@pytest.mark.parametrize(
    ("inside", "count"),
    [
        ("<Metadata/><Calls/>", 0),
        ("<Metadata/><Calls> </Calls>", 0),
        ("<Calls><Call><Sid>a</Sid></Call><Call><Sid>b</Sid></Call></Calls>", 2),
        ("<Metadata/><Call><Sid>a</Sid></Call><Call><Sid>b</Sid></Call>", 2),
        ("<Metadata/><Call><Sid>a</Sid></Call>", 1),
    ],
)
def test_lists_of_any_length_in_xml(inside: str, count: int) -> None:
    page = call_list(f"<TwilioResponse>{inside}</TwilioResponse>".encode())
    assert page is not None
    assert (len(page.calls), page.next_query) == (count, None)


def test_an_empty_list_is_a_list() -> None:
    assert listed() == CallList(())
    assert call_list(b'{"Calls": []}') == CallList(())


def test_calls_may_be_wrapped_and_carry_their_legs() -> None:
    wrapped = {"Call": {"Sid": FIRST, "Details": {"Leg1Status": "completed", "Leg2Status": "busy"}}}
    page = listed(wrapped, {"Sid": SECOND})
    assert sids(page) == [FIRST, SECOND]
    assert page is not None
    assert [leg.status for leg in page.calls[0].facts.legs] == ["completed", "busy"]


@pytest.mark.parametrize("last", [None, "", "null", " "])
def test_the_last_page_has_no_next(last: str | None) -> None:
    page = listed({"Sid": FIRST}, NextPageUri=last)
    assert page is not None
    assert page.next_query is None


def test_of_the_next_pages_address_only_the_query_is_kept() -> None:
    page = listed({"Sid": FIRST}, NextPageUri="https://elsewhere.example/steal?After=abc&PageSize=50")
    assert page is not None
    assert page.next_query == (("After", "abc"), ("PageSize", "50"))
    assert "elsewhere" not in repr(page)


def test_a_next_page_for_a_hundred_sids_is_kept_whole() -> None:
    many = ",".join([FIRST] * 100)
    page = listed(NextPageUri=f"/Calls.json?Sid={many}&After=x")
    assert page is not None
    assert page.next_query == (("Sid", many), ("After", "x"))


@pytest.mark.parametrize(
    "address",
    ["/Calls.json", "/Calls.json?", "/Calls.json?After", "http://[::1/?After=a", "/x?a=é", "/x?a=" + "b" * 20000],
)
def test_a_next_page_that_cannot_be_asked_for_makes_the_page_unreadable(address: str) -> None:
    assert listed({"Sid": FIRST}, NextPageUri=address) is None


@pytest.mark.parametrize(
    "entry", [None, "text", 1, [], {}, {"Sid": None}, {"Sid": "a b"}, {"Call": None}, {"Call": "x"}]
)
def test_a_call_that_cannot_be_told_makes_the_page_unreadable(entry: object) -> None:
    assert listed({"Sid": FIRST}, entry) is None


@pytest.mark.parametrize(
    "body",
    [
        b"",
        b"null",
        b"[]",
        b'{"Calls": null}',
        b'{"Calls": "none"}',
        b'{"Calls": 1}',
        b'{"Metadata": {}}',
        b'{"calls": []}',
        b'{"RestException": {"Status": 400, "Message": "bad DateCreated"}}',
        b'{"Call": {"Sid": "abc"}}',
        b"<TwilioResponse><Call><Sid>abc</Sid></Call></TwilioResponse>",
        b"<TwilioResponse><Calls><Call/></Calls></TwilioResponse>",
        b'<!DOCTYPE x [<!ENTITY s "i">]><TwilioResponse><Calls><Call><Sid>&s;</Sid></Call></Calls></TwilioResponse>',
        PAGE[:-2],
        XML[:-5],
        PAGE + b" " * 300_000,
    ],
)
def test_what_is_no_list_is_none(body: bytes) -> None:
    assert call_list(body) is None


def test_a_list_is_not_taken_for_one_call() -> None:
    assert call_facts(PAGE) is None


@settings(deadline=None)
@given(st.binary(max_size=300))
def test_no_bytes_raise(body: bytes) -> None:
    call_list(body)


VALUES = st.none() | st.booleans() | st.text() | st.integers() | st.floats()
NESTED = st.recursive(VALUES, lambda inner: st.lists(inner) | st.dictionaries(st.text(), inner), max_leaves=6)


@settings(deadline=None, max_examples=50)
@given(NESTED)
def test_no_json_in_any_place_of_a_list_raises(value: object) -> None:
    call = dict.fromkeys(("From", "To", "PhoneNumberSid", "Direction", "DateCreated", "Details"), value)
    assert listed({"Sid": FIRST, **call}) is not None
    for document in (
        {"Calls": value},
        {"Calls": [value]},
        {"Metadata": value, "Calls": []},
        {"Metadata": {}, "Call": value},
    ):
        call_list(json.dumps(document).encode())
    listed(NextPageUri=value)
