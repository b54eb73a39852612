"""Labels for numbers: equal for one number however it is spelled, told apart, and nothing without the key."""

import re
import tracemalloc

import pytest

from orchestrator.phone import pseudonyms
from orchestrator.phone.pseudonyms import FEWEST_KEY_BYTES, SHORT, WHOLE, Pseudonyms

KEY = bytes(range(32))


def labels(key: bytes = KEY) -> Pseudonyms:
    return Pseudonyms(key, lasting=True)


def test_one_number_has_one_label_in_every_spelling_and_every_output():
    first, second = labels(), labels()
    spellings = ["+919876543210", "09876543210", "9876543210", "+91 98765-43210", "(+91) 98765 43210"]
    assert len({given.short(each) for given in (first, second) for each in spellings}) == 1
    assert len({given.whole(each) for given in (first, second) for each in spellings}) == 1


def test_a_short_label_is_the_beginning_of_the_whole_one():
    given = labels()
    short, whole = given.short("+919876543210"), given.whole("+919876543210")
    assert whole.startswith(short)
    assert re.fullmatch(f"[a-z2-7]{{{SHORT}}}", short)
    assert re.fullmatch(f"[a-z2-7]{{{WHOLE}}}", whole)
    assert given.an_example == short


def test_another_key_gives_other_labels():
    assert labels().whole("+919876543210") != labels(bytes(32)).whole("+919876543210")


def test_of_many_numbers_each_has_a_label_of_its_own_and_keeps_it():
    given = labels()
    numbers = [f"+9198765{n:05}" for n in range(20_000)]
    found = {number: given.short(number) for number in numbers}
    assert len(set(found.values())) == len(numbers)
    assert max(map(len, found.values())) > SHORT, "some would have shared a label"
    assert {number: given.short(number) for number in numbers} == found
    assert all(given.whole(number).startswith(label) for number, label in found.items())


def test_of_a_million_numbers_no_more_is_remembered_than_people_read(monkeypatch):
    monkeypatch.setattr(pseudonyms, "MOST_SHORT", 1_000)
    given = labels()
    numbers = [f"+9198765{n:05}" for n in range(10_000)]
    found = {number: given.short(number) for number in numbers[:3_000]}
    tracemalloc.start()
    for number in numbers[3_000:]:
        assert given.short(number) == given.whole(number)
    taken = tracemalloc.get_traced_memory()[0]
    tracemalloc.stop()
    assert taken < 400_000, "what reading numbers keeps of the last ones"
    assert sum(len(label) < WHOLE for label in found.values()) == 1_000
    assert {number: given.short(number) for number in found} == found
    assert len({given.short(number) for number in numbers}) == len(numbers)


@pytest.mark.parametrize("text", ["", "anything", "1800", "\ud800"])
def test_whatever_stands_for_a_number_has_a_label(text):
    assert re.fullmatch("[a-z2-7]{4}", labels().short(text))


def test_a_key_that_can_be_tried_is_refused():
    with pytest.raises(ValueError, match="16 bytes"):
        Pseudonyms(bytes(FEWEST_KEY_BYTES - 1), lasting=True)
