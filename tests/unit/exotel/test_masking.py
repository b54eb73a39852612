"""Numbers are hidden; what identifies a call at the carrier and a reviewed plan is not."""

import hashlib
import unicodedata

import pytest
from hypothesis import given
from hypothesis import strategies as st

from orchestrator.exotel.masking import Masker

MASKED = Masker()
SID = "c5797dcb123456789678c5062a4a3ed2"
SID_OF_LETTERS_AND_DIGITS = "zq797dcb123456789678c5062a4a3ex2"


def test_numbers_in_texts_are_masked():
    assert MASKED.text("call +919900000001 or 080-4711 2233") == "call +9199******01 or 080-4******33"


def test_a_known_number_is_masked_however_short():
    assert MASKED.number("1234567") == "12***67"


def test_userinfo_in_an_address_is_hidden():
    assert MASKED.text("https://key:secret@api.example/x") == "https://***@api.example/x"


def test_call_sids_and_digests_stay_whole():
    assert MASKED.text(f"placed as {SID}, +919900000001") == f"placed as {SID}, +9199******01"
    assert MASKED.text(SID_OF_LETTERS_AND_DIGITS) == SID_OF_LETTERS_AND_DIGITS


@given(st.binary())
def test_every_digest_stays_whole(seed):
    digest = f"sha256:{hashlib.sha256(seed).hexdigest()}"
    assert MASKED.text(digest) == digest


def test_digits_alone_are_no_identifier():
    assert "*" in MASKED.text("1" * 32)
    assert "*" in MASKED.text("1" * 64)


def test_a_number_inside_a_longer_word_is_masked():
    assert MASKED.text("order-919900000001-a") == "order-91990*****01-a"
    assert "919900000001" not in MASKED.text(f"{SID}919900000001")


def test_an_address_keeps_its_digits_and_loses_its_userinfo():
    address = "https://key:secret@r.example/acme/123456789012.mp3"
    assert MASKED.address(address) == "https://***@r.example/acme/123456789012.mp3"
    assert Masker(unmask=True).address(address) == address


@pytest.mark.parametrize("zero", ["DEVANAGARI DIGIT ZERO", "FULLWIDTH DIGIT ZERO", "ARABIC-INDIC DIGIT ZERO"])
@pytest.mark.parametrize("text", ["call +919900000001 now", "919900001", "919 9000-0001", "12345678"])
def test_digits_of_every_script_are_digits(text, zero):
    first = ord(unicodedata.lookup(zero))
    script = {ord("0") + n: first + n for n in range(10)}
    half = {ord("0") + n: first + n for n in range(5)}
    assert MASKED.text(text.translate(script)) == MASKED.text(text).translate(script)
    assert MASKED.text(text.translate(half)) == MASKED.text(text).translate(half)


def test_unmask_shows_everything():
    assert Masker(unmask=True).text("+919900000001") == "+919900000001"
    assert Masker(unmask=True).number("12345") == "12345"
