"""The account's ExoPhones, by hand, in the carrier's two shapes (docs/carrier.md, numbers), and whatever else comes."""

import json

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from orchestrator.exotel.replies import exophones

NEW = b"""{"incoming_phone_numbers": [{"sid": "a1", "phone_number": "+918047112233", "friendly_name": "Desk",
"capabilities": {"voice": true, "sms": false}, "country": "IN", "region": "KA"}, {"phone_number": "+917410410123"}]}"""
OLDER = b'{"IncomingPhoneNumbers": [{"IncomingPhoneNumber": {"Sid": "a1", "PhoneNumber": "08047112233"}}]}'
XML = b"""<?xml version="1.0"?><TwilioResponse><IncomingPhoneNumbers><IncomingPhoneNumber><PhoneNumber>08047112233
</PhoneNumber></IncomingPhoneNumber></IncomingPhoneNumbers></TwilioResponse>"""


@pytest.mark.parametrize(
    ("body", "numbers"),
    [
        (NEW, ("+918047112233", "+917410410123")),
        (OLDER, ("08047112233",)),
        (XML, ("08047112233",)),
        (b'{"incoming_phone_numbers": []}', ()),
        (
            b'{"incoming_phone_numbers": [7, null, {"phone_number": null}, {"phone_number": 8047112233}]}',
            ("8047112233",),
        ),
        (b'{"incoming_phone_numbers": "none"}', None),
        (b'{"RestException": {"Message": "no"}}', None),
        (b"<html>", None),
        (b"", None),
    ],
)
def test_numbers_are_read_as_the_carrier_wrote_them(body: bytes, numbers: tuple[str, ...] | None) -> None:
    assert exophones(body) == numbers


KEYS = st.sampled_from(["IncomingPhoneNumber", "phone_number", "x"])
VALUES = st.recursive(
    st.none() | st.booleans() | st.integers() | st.text(),
    lambda inner: st.lists(inner) | st.dictionaries(KEYS, inner),
)


@settings(max_examples=40)
@given(VALUES)
def test_any_list_is_read_or_is_none(value: object) -> None:
    found = exophones(json.dumps({"incoming_phone_numbers": value}).encode())
    assert found is None or all(isinstance(number, str) for number in found)
