"""Numbers are hidden; what identifies a call at the carrier and a reviewed plan is not."""

import hashlib
import math
import time
import unicodedata

import pytest
from hypothesis import given
from hypothesis import strategies as st

from orchestrator.exotel.masking import _WORD, Masker
from orchestrator.phone.masking import excerpt
from orchestrator.phone.numbers import e164

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


DRESSES = {
    "parentheses": "(98765) 43210",
    "two blanks": "98765  43210",
    "no-break space": "98765\u00a043210",
    "narrow space": "98765\u202f43210",
    "tab": "98765\t43210",
    "line break": "98765\n43210",
    "en dash": "98765\u201343210",
    "minus": "98765\u221243210",
    "Japanese dash": "98765\u30fc43210",
    "full-width dash": "98765\uff0d43210",
    "slash": "98765/43210",
    "backslash": "98765\\43210",
    "dots": "98.76.54.32.10",
    "middle dots": "98\u00b776\u00b754\u00b732\u00b710",
    "full stop of Chinese": "98765\u300243210",
    "commas": "9,876,543,210",
    "comma and blank": "98765, 43210",
    "underscores": "98765_43210",
    "colons": "98:76:54:32:10",
    "asterisks": "98765*43210",
    "quoted pieces": "\"98765\" '43210'",
    "apostrophe": "98765'43210",
    "zero-width space": "\u200b".join("9876543210"),
    "zero-width joiner": "98765\u200d43210",
    "soft hyphen": "98765\u00ad43210",
    "marks of direction": "\u202a98765\u200e43210\u202c",
    "isolates": "\u206698765\u206943210",
    "byte order mark": "98765\ufeff43210",
    "word joiner": "98765\u206043210",
    "filler of Korean": "98765\u316443210",
    "combining mark": "98765\u034f43210",
    "keycaps": "\ufe0f\u20e3".join("9876543210"),
    "Devanagari": "\u096f\u096e\u096d\u096c\u096b \u096a\u0969\u0968\u0967\u0966",
    "Arabic-Indic": "\u0669\u0668\u0667\u0666\u0665\u0664\u0663\u0662\u0661\u0660",
    "full-width": "\uff0b\uff19\uff11 \uff19\uff18\uff17\uff16\uff15\uff14\uff13\uff12\uff11\uff10",
    "mathematical": "\U0001d7d7\U0001d7d6\U0001d7d5\U0001d7d4\U0001d7d3 43210",
    "in circles": "\u2468\u2467\u2466\u2465\u2464\u2463\u2462\u2461\u2460\u24ea",
    "raised": "\u2079\u2078\u2077\u2076\u2075\u2074\u00b3\u00b2\u00b9\u2070",
    "extension": "98765x43210",
    "a spreadsheet's float": "9876543210.0",
    "escaped by Python": r"98765\xa043210",
    "escaped by JSON": r"98765\u200b43210",
    "digits escaped by JSON": r"\u0039\u0038\u0037\u0036\u0035\u0034\u0033\u0032\u0031\u0030",
    "escaped by an address": "98765%C2%A043210",
    "escaped by HTML": "98765&nbsp;43210",
    "trunk prefix": "(0)98765-43210",
    "a colour between": "98765\x1b[1m43210",
}


def figures(text: str) -> str:
    """Return the digits of a text as plain ones."""
    return "".join(str(unicodedata.digit(c)) for c in filter(str.isdigit, text))


@pytest.mark.parametrize("dress", DRESSES)
def test_a_number_is_masked_in_every_dress(dress):
    number = DRESSES[dress]
    masked = MASKED.text(f"call {number} now")
    hidden = masked.removeprefix("call ").removesuffix(" now")
    assert len(hidden) == len(number)
    assert hidden.count("*") - number.count("*") >= 5
    assert "87654321" not in figures(hidden)
    assert len(figures(hidden)) <= max(7, len(figures(number)) - 5)


SEPARATORS = [
    "",
    *" -.,/()_\t'",
    "  ",
    ", ",
    ") ",
    "\u00a0",
    "\u2009",
    "\u2013",
    "\u2212",
    "\u200b",
    "\u00ad",
    "\u202e",
]
SCRIPTS = [ord("0"), 0x966, 0x660, 0x6F0, 0xFF10, 0xE50]


@st.composite
def dressed(draw):
    """A number of 9 to 15 digits of any scripts, with anything between any two of them."""
    digits = draw(st.text("0123456789", min_size=9, max_size=15))
    parts = [chr(draw(st.sampled_from(SCRIPTS)) + int(digit)) for digit in digits]
    between = draw(st.lists(st.sampled_from(SEPARATORS), min_size=len(parts) - 1, max_size=len(parts) - 1))
    return draw(st.sampled_from(["", "+"])) + "".join(a + b for a, b in zip(parts, [*between, ""], strict=True))


@given(
    dressed(),
    st.sampled_from(["", "to ", "`", "a, "]),
    st.sampled_from(["", " now", "`, which", "; b"]),
    st.integers(4, 30),
)
def test_of_a_number_in_any_dress_only_its_ends_are_shown(number, before, after, longest):
    """Also behind a cut: no excerpt shows more of it."""
    masked = MASKED.text(before + number + after)
    shown = masked[len(before) : len(masked) - len(after)]
    head = 5 if len(number) >= 12 else 2
    assert shown == number[:head] + "*" * (len(number) - head - 2) + number[-2:]
    cut = MASKED.text(excerpt(before + number + after, longest))
    assert len(figures(cut)) <= len(figures(shown))


@given(dressed())
def test_whatever_is_read_as_a_number_is_masked(number):
    """The mask is wider than the reader: what has an identity never stands whole in a text."""
    if e164(number) is not None:
        assert number not in MASKED.text(number)


@pytest.mark.parametrize(
    "text",
    [
        "not before 2026-11-22T09:00:00Z, 3 of 5 calls",
        "from 2026-11-22T09:30:00+05:30 until 2026-11-22T20:30:00.125+05:30, 2 in flight",
        "2026-11-22 09:30:00, 2026-11-23 10:00",
        "holidays: [2026-11-22, 2026-11-23, 2026/12/25]",
        'hours: "09:00-21:00", "10:00-12:00"',
        "run 20261125T171705m178-olvr began, jr_12345678",
        "sha256:1234567890123456789012345678901234567890123456789012345678901234",
        "75b02bb123456789012345678901234567890abc is the commit",
        "http://127.0.0.1:43127/v1/Accounts/acme1, http://192.168.100.200/x, listen 127.0.0.1:8090",
        "stages: [1, 5%, 100%]",
        "1.20 INR, 15000 INR, 0.60 INR",
        "a whole number from 1 to 1,000,000,000",
        "1,247,000 rows, 5,000 calls",
        "sid c5797dcb123456789678c5062a4a3ed2, exit 130",
    ],
)
def test_what_is_nobodys_number_stays_whole(text):
    assert MASKED.text(text) == text


def test_numbers_side_by_side_are_masked_each_by_itself():
    assert MASKED.text('["08047112233", "08047112234"]') == '["08*******33", "08*******34"]'
    assert MASKED.text("1001,+919876543210,+919876543211") == "1001,+9198******10,+9198******11"


def test_a_date_beside_other_digits_may_be_a_number():
    assert "2012-10-12" not in MASKED.text("022 2012-10-12")


def test_a_value_of_a_field_that_is_a_number_is_masked_whatever_it_is():
    assert MASKED.text("To is `98765 or 43210`, which is no number") == "To is `98765*******10`, which is no number"
    assert MASKED.text('  CallerId: "12345"  # 6789') == '  CallerId: "12*45"  # 6789'
    assert MASKED.text("{From: 98765ab, x: 1}") == "{From: 98***ab, x: 1}"
    assert MASKED.text('"To":"98765z43210","Record":true') == '"To":"98*******10","Record":true'
    assert MASKED.text("To: ${row.phone}, Total: 12345") == "To: ${row.phone}, Total: 12345"


def test_what_a_finding_about_a_number_quotes_is_the_number():
    assert MASKED.about_numbers("`98765 or 43210` is neither") == "`98765*******10` is neither"
    assert MASKED.about_numbers("`To` is no list of 3") == "`To` is no list of 3"


def test_masking_twice_is_masking_once():
    once = MASKED.text("+919876543210, +919876543211")
    assert MASKED.text(once) == once


@pytest.mark.parametrize(
    "address", ["https://key:secret@r.example", r"https:\/\/key:secret@r.example", "//key:secret@r.example"]
)
def test_userinfo_is_hidden_in_every_spelling(address):
    assert "secret" not in MASKED.text(f"at {address}/x")
    assert "***@r.example" in MASKED.address(address)


@given(st.from_regex(r"[A-Z-]*[0-9]{0,10}[a-z-]*", fullmatch=True) | st.text("aTo-19\u0967 :=@", max_size=24))
def test_a_word_that_is_passed_at_one_look_holds_nothing_that_would_be_masked(text):
    """`To: 12345` behind it makes the masker look closely at the same text."""
    if _WORD.fullmatch(text):
        assert MASKED.text(f"{text}\nTo: 12345") == f"{text}\nTo: 12*45"


GROWING = [
    "1", "a", "1,", " ", "1 ", "http://", "a@", "//", "//a", r"\u", r"\x1", "%a", "%4", "&a", "12:00 ", "2026-11-22 ",
    "2026-11-22, ", "f", "1f", "+1", "sha256:", 'To: "1', "To: '", "To: 1 ", "`", "`1", "1" + " " * 31, "127.0.0.1:",
    "1,000,", "9_", "x", "1x", "*", "1*", "\u0967", "\u200b", "1\u200b",
]  # fmt: skip


@pytest.mark.parametrize("piece", GROWING, ids=ascii)
def test_masking_takes_time_in_proportion_to_the_text(piece):
    """Eight times the text takes eight times the time; quadratic would be sixty-four. Next to none says nothing."""

    def seconds(size: int) -> float:
        text = (piece * size)[:size]
        began = time.process_time()
        for show in (MASKED.text, MASKED.about_numbers, MASKED.address, excerpt):
            show(text)
        return time.process_time() - began

    large = small = math.inf
    for _ in range(3):
        large = min(large, seconds(64_000))
        if large < 0.05:
            return
        small = min(small, seconds(8_000))
    assert large < 24 * small + 0.05
