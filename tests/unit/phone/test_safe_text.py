"""What others wrote cannot forge a line or move the cursor."""

import unicodedata

from hypothesis import given
from hypothesis import strategies as st

from orchestrator.phone.safe_text import cells, visible


def test_control_characters_are_written_out():
    assert visible("a\x1b[2Jb\r\nc\x07\x00\x9b") == r"a\x1b[2Jb\r\nc\x07\x00\x9b"


def test_directions_and_line_separators_are_written_out():
    assert visible("x\u202ey\u2028z\ufeff") == r"x\u202ey\u2028z\ufeff"


def test_half_a_surrogate_pair_is_written_out():
    assert visible("x\udc80") == r"x\udc80"


def test_a_tab_is_four_spaces():
    assert visible("a\tb") == "a    b"


def test_indian_scripts_keep_their_joiners():
    assert visible("क्\u200dष") == "क्\u200dष"


def test_wide_characters_take_two_columns_and_combining_marks_none():
    assert cells("漢字") == 4
    assert cells("e\u0301") == 1


@given(st.text())
def test_nothing_visible_is_a_control_character(text):
    shown = visible(text)
    assert "\n" not in shown
    assert not any(unicodedata.category(character) == "Cc" for character in shown)
    assert visible(shown) == shown
