"""A number's metadata by hand, in both kinds, as the reference tells it (docs/carrier.md, numbers)."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from orchestrator.exotel.replies import NumberFacts, dnd_mark, is_covered, number_facts
from orchestrator.model.number import DndMark

NUMBER = "+918123456789"

JSON = b"""{"Numbers": {"PhoneNumber": "08123456789", "Circle": "KA", "CircleName": "Karnataka", "Type": "Mobile",
"Operator": "VI", "OperatorName": "Vodafone Idea", "DND": "Yes"}}"""

XML = b"""<?xml version="1.0" encoding="UTF-8"?>
<TwilioResponse>
  <Numbers>
    <PhoneNumber>08123456789</PhoneNumber><Circle>KA</Circle><CircleName>Karnataka</CircleName><Type>Mobile</Type>
    <Operator>VI</Operator><OperatorName>Vodafone Idea</OperatorName><DND>No</DND>
  </Numbers>
</TwilioResponse>"""


def test_a_reply_in_json() -> None:
    assert number_facts(JSON) == NumberFacts("08123456789", DndMark.YES)


def test_a_reply_in_xml() -> None:
    assert number_facts(XML) == NumberFacts("08123456789", DndMark.NO)


@pytest.mark.parametrize("spelling", ["+918123456789", "08123456789", "8123456789", "918123456789"])
def test_an_answer_about_the_number_counts_however_it_is_spelled(spelling: str) -> None:
    assert dnd_mark(JSON.replace(b"08123456789", spelling.encode()), NUMBER) is DndMark.YES


def test_an_answer_about_another_number_says_nothing() -> None:
    assert dnd_mark(JSON, "+918123456780") is None


@pytest.mark.parametrize(
    ("word", "mark"),
    [('"Yes"', "yes"), ('"YES "', "yes"), ('"no"', "no"), ('"Unavailable"', "unavailable"), ('"Perhaps"', None),
     ('""', None), ("null", None), ('"null"', None), ("true", None), ("1", None), ("[]", None)],
)  # fmt: skip
def test_only_the_documented_words_count(word: str, mark: str | None) -> None:
    assert dnd_mark(b'{"Numbers": {"DND": %s}}' % word.encode(), NUMBER) == (mark and DndMark(mark))


@pytest.mark.parametrize(
    "body",
    [b"", b"{}", b"null", b'{"Numbers": null}', b'{"Numbers": "Yes"}', b'{"DND": "No"}', b"<Numbers/>", b"<html>No",
     b'{"Numbers": []}', b'{"Numbers": [{"DND": "No"}, {"DND": "Yes"}]}', JSON[:-3], XML[:-3],
     b'{"RestException": {"Status": 404, "Message": "DND: No"}}'],
)  # fmt: skip
def test_anything_else_says_nothing(body: bytes) -> None:
    assert dnd_mark(body, NUMBER) is None


def test_a_list_of_one_is_understood() -> None:
    assert dnd_mark(b'{"Numbers": [{"DND": "No"}]}', NUMBER) is DndMark.NO


@given(st.binary(max_size=200), st.text(max_size=20))
def test_nothing_raises(body: bytes, number: str) -> None:
    assert dnd_mark(body, number) in (None, *DndMark)


def test_the_carrier_knows_only_numbers_of_india() -> None:
    assert is_covered(NUMBER)
    assert is_covered("1800123456"), "a number that cannot be one of another country is asked about"
    assert not is_covered("+447700900100")
