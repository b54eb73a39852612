"""Who a number is: one person in every spelling, and nobody where the digits do not say it."""

import unicodedata

import phonenumbers
import pytest
from hypothesis import given
from hypothesis import strategies as st

from orchestrator.phone.numbers import (
    DASHES,
    INVISIBLE,
    SEPARATORS,
    Validity,
    e164,
    home_identity,
    identity,
    must_be_guessed,
    not_plainly_at_home,
    read,
)

ASHA = "+919876543210"
ARABIC, DEVANAGARI, WIDE = ("ARABIC-INDIC", "DEVANAGARI", "FULLWIDTH")


def in_script(text: str, script: str) -> str:
    zero = ord(unicodedata.lookup(f"{script} DIGIT ZERO"))
    return text.translate({ord("0") + digit: zero + digit for digit in range(10)})


def verdict(text: str) -> tuple[str, str] | None:
    found = read(text)
    return None if found is None else (found.identity, found.validity.value)


@pytest.mark.parametrize(
    "prefix", ["", "0", "91", "091", "0091", "+91", "+91 0", "+91 (0)", "091 0", "(+91)", "tel:+91"]
)
@pytest.mark.parametrize("digits", ["9876543210", "98765 43210", "98765-43210", "(98765) 43210", "98765.43210"])
@pytest.mark.parametrize("after", ["", ".0", ".00", " .0", ". 0", ".0."])
def test_prefixes_and_a_decimal_nought_are_read_for_what_they_are(prefix: str, digits: str, after: str) -> None:
    assert verdict(f"{prefix}{digits}{after}") == (ASHA, "valid")
    assert verdict(f"{prefix}-{digits}{after}") == (ASHA, "valid")


@pytest.mark.parametrize(
    ("written", "who"),
    [
        ("08047112233", "+918047112233"),
        ("0919876543", "+91919876543"),
        ("9198765432", "+919198765432"),
        ("919198765432", "+919198765432"),
        ("1800 123 456", "+911800123456"),
        ("0091 1800 123 456", "+911800123456"),
        ("+39 06 698 12345", "+390669812345"),
        ("+54 11 15 2345 6789", "+5491123456789"),
        ("+7 8 912 345-67-89", "+79123456789"),
        ("00 44 (0)7911 123456", "+447911123456"),
        ("+45.21.34.56.00", "+4521345600"),
        ("+4915123456789.0", "+4915123456789"),
        (in_script("+91 98765 43210", DEVANAGARI), ASHA),
        (in_script("09876543210", ARABIC), ASHA),
        ("\uff0b" + in_script("919876543210", WIDE), ASHA),
        (in_script("98765", ARABIC) + "43210", ASHA),
        ("\u202a+91\u00a098765\u201343210\u202c", ASHA),
        ('="9876543210"', ASHA),
        ("'09876543210", ASHA),
    ],
)  # fmt: skip
def test_whoever_a_spelling_means_is_found(written: str, who: str) -> None:
    assert identity(written) == who
    assert e164(written) == who


@pytest.mark.parametrize(
    "text",
    ["", "12", "nobody", "+91 98765 x3210", "call 9876543210 now", "9876543210 x12", "9876543210/11", "98765,43210",
     "9876543210\t9876543211", "9876543210 9876543211", "9876543210.5", "9876543210.123", "1800.0",
     "+45.21.34.56.00.0.0", "9.87654321e9", "91+9876543210", "++919876543210", "9876543210²", "1" * 16, "9" * 10**6,
     " " * 10**6 + ASHA],
)  # fmt: skip
def test_what_is_no_number_or_could_be_two_is_not_read(text: str) -> None:
    assert read(text) is None


@pytest.mark.parametrize(
    ("written", "who"),
    [
        ("00 9876543210", ASHA),
        ("000 9876543210", ASHA),
        ("+91 91 98765 43210", ASHA),
        ("14155552671", "+14155552671"),
        ("0 1415 555 2671", "+14155552671"),
        ("+1 (0) 415 555 2671", "+14155552671"),
        ("+65 (0) 9123 4567", "+6591234567"),
        ("44 (0)7911 123456", "+447911123456"),
    ],
)
def test_what_is_a_number_only_if_it_is_read_otherwise_than_written_is_a_guess(written: str, who: str) -> None:
    assert verdict(written) == (who, "guessed")


@pytest.mark.parametrize("number", ["+447700900001", "+441632960999", "00 44 7700 900 999"])
def test_numbers_that_are_kept_for_examples_are_as_good_as_any(number: str) -> None:
    found = read(number)
    assert found is not None
    assert found.validity is Validity.VALID


@pytest.mark.parametrize(
    ("written", "standing"),
    [
        ("0401234567", Validity.POSSIBLE),
        ("98765432101", Validity.POSSIBLE),
        ("23456780", Validity.POSSIBLE),
        ("+15550001111", Validity.POSSIBLE),
        ("+9876543210", Validity.POSSIBLE),
        ("112", Validity.SHORT),
        ("4711223", Validity.SHORT),
        ("0000000000", Validity.IMPOSSIBLE),
        ("+999123456789", Validity.IMPOSSIBLE),
        ("+5215512345678", Validity.IMPOSSIBLE),
        ("+112", Validity.IMPOSSIBLE),
        ("+0919876543210", Validity.IMPOSSIBLE),
        ("1" * 15, Validity.IMPOSSIBLE),
    ],
)
def test_what_nobody_has_is_told_from_what_somebody_may_have(written: str, standing: Validity) -> None:
    found = read(written)
    assert found is not None
    assert found.validity is standing


@pytest.mark.parametrize("prefix", ["", "0", "91", "+91"])
def test_the_quick_way_says_what_the_library_says_for_every_beginning(prefix: str) -> None:
    for beginning in range(2000, 10000, 3):
        national = f"{beginning}{beginning * 7919 % 10**6:06}"
        valid = phonenumbers.is_valid_number(phonenumbers.parse(f"+91{national}"))
        assert verdict(prefix + national) == (f"+91{national}", "valid" if valid else "possible"), national


@pytest.mark.parametrize("prefixed", [True, False])
def test_what_is_plainly_at_home_is_so_for_the_library_and_whatever_else_is_not_taken(prefixed: bool) -> None:
    """Of every beginning of four digits, in every spelling: the library knows the number as it is written."""
    nationals = [f"{beginning}{beginning % 7}04{beginning % 1000:03}" for beginning in range(1000, 10_000, 7)]
    texts = [f"{before}{national}" for national in nationals for before in ("", "0", "91", "+91")]
    texts += [f"{before}9876543210{after}" for before in ("00", "+", "091", "+910", " ") for after in ("", "0")]
    texts += ["98765 43210", "+91-9876543210", in_script("+919876543210", DEVANAGARI), "", "+91", "9876543210\n"]
    doubtful = set(not_plainly_at_home(texts, prefixed=prefixed))
    assert len(texts) / 10 < len(doubtful) < len(texts)
    for text in (text for position, text in enumerate(texts) if position not in doubtful):
        number = phonenumbers.parse(text if text.startswith("+") else f"+91{text[-10:]}")
        assert phonenumbers.is_valid_number(number), text
        assert phonenumbers.region_code_for_number(number) == "IN", text
        assert phonenumbers.format_number(number, phonenumbers.PhoneNumberFormat.E164) == home_identity(text)
        assert read(text) == (home_identity(text), Validity.VALID, False)
        assert not (prefixed and must_be_guessed(text)), text


@given(st.text(SEPARATORS + INVISIBLE, max_size=3), st.sampled_from(DASHES))
def test_separators_are_taken_everywhere_and_change_nobody(between: str, dash: str) -> None:
    written = f"{between}+91{between}98765{between}{dash}43210{between}"
    assert identity(written) == ASHA


@given(st.text(st.characters(), max_size=30) | st.text("0123456789+.()- e\u0660\u0966", max_size=30))
def test_reading_never_fails_and_a_reading_is_its_own_identity(text: str) -> None:
    found = read(text)
    if found is not None and found.validity is not Validity.IMPOSSIBLE:
        assert identity(found.identity) == found.identity
    assert isinstance(identity(text), str)


@pytest.mark.parametrize(
    ("number", "guessed"),
    [
        (ASHA, False),
        ("09876543210", False),
        ("08047112233", False),
        ("0401234567", False),
        ("01800123456", False),
        ("+14155552671", False),
        ("9876543210", True),
        ("919876543210", True),
        ("0919876543210", True),
        ("+9109876543210", True),
        ("+4407911123456", True),
        ("00919876543210", True),
        ("+91 9876543210", True),
        ("112", True),
    ],
)
def test_the_carrier_need_not_guess_plain_digits_behind_a_plus_or_one_zero(number: str, guessed: bool) -> None:
    assert must_be_guessed(number) is guessed
