"""The source line beside a finding: its caret stands below the place, whatever the line holds."""

import time

from hypothesis import given
from hypothesis import strategies as st

from orchestrator.cli.render.snippet import COLUMNS_SHOWN, snippet
from orchestrator.exotel.masking import Masker
from orchestrator.model.diagnostic import Span
from orchestrator.phone.safe_text import cells

MASKED = Masker()


def under(line: str, column: int, end: int | None = None, masker: Masker = MASKED) -> tuple[str, str]:
    picture = snippet(Span("p.yaml", 1, column, end), [line], masker)
    assert picture is not None
    return picture.text, picture.underline


def test_the_caret_underlines_the_value():
    assert under("  CallType: promo", 13, 18) == ("  CallType: promo", "            ^^^^^")


def test_a_point_gets_one_caret():
    assert under("abc", 2) == ("abc", " ^")


def test_a_place_after_the_end_of_the_line_gets_a_caret_there():
    assert under("abc", 9, 12) == ("abc", "   ^")


def test_numbers_in_the_line_are_masked_and_the_caret_stays():
    line = '  To: "+919900000001"  # 08012345678'
    assert under(line, 7, 22) == ('  To: "+9199******01"  # 08*******78', "      ^^^^^^^^^^^^^^^")


def test_numbers_are_shown_when_unmasked():
    assert under("To: +919900000001", 5, 18, Masker(unmask=True))[0] == "To: +919900000001"


def test_userinfo_is_hidden_and_the_caret_moves_with_the_rest():
    line = "  StatusCallback: https://key:secret@hooks.acme.example/x  # here"
    text, underline = under(line, line.index("here") + 1, len(line) + 1)
    assert "secret" not in text
    assert "key" not in text
    assert text[underline.index("^") :] == "here"


def test_a_place_inside_userinfo_still_hides_it():
    line = "  StatusCallback: https://key:secret@hooks.acme.example/x"
    for column in range(1, len(line) + 1):
        text, underline = under(line, column, column + 1)
        assert "secret" not in text
        assert "^" in underline


def test_tabs_and_wide_characters_keep_the_caret_below():
    assert under("\t漢: x", 5, 6) == ("    漢: x", "        ^")


def test_an_escape_sequence_is_written_out_and_the_caret_spans_it():
    assert under("a\x1b[2Jb", 2, 3) == (r"a\x1b[2Jb", " ^^^^")


def test_a_line_beyond_the_file_has_no_picture():
    assert snippet(Span("p.yaml", 2), ["only"], MASKED) is None
    assert snippet(Span("p.yaml", 0), ["only"], MASKED) is None


def test_a_long_line_is_cut_around_the_place():
    line = "a" * 500 + "HERE" + "b" * 500
    text, underline = under(line, 501, 505)
    assert text.startswith("...")
    assert text.endswith("...")
    assert cells(text) <= COLUMNS_SHOWN
    assert text[underline.index("^") : underline.rindex("^") + 1] == "HERE"


@given(st.text(max_size=300), st.integers(1, 400), st.integers(0, 200))
def test_every_picture_fits_the_window_and_every_caret_is_inside(line, column, length):
    line = line.replace("\n", "").replace("\r", "")
    text, underline = under(line, column, column + length)
    assert cells(text) <= COLUMNS_SHOWN
    assert underline.strip(" ").strip("^") == ""
    assert "^" in underline
    assert len(underline) <= COLUMNS_SHOWN + 1


def test_a_long_line_is_cut_before_it_is_masked_and_no_cut_shows_more_of_a_number():
    number = "\u2009".join("9876543210")
    for at in range(2 * COLUMNS_SHOWN):
        line = "a" * 5000 + " " + number + " " + "b" * 5000
        text, _ = under(line, 5002 - COLUMNS_SHOWN + at)
        assert sum(map(str.isdecimal, text)) <= 4, (at, text)


def test_userinfo_is_hidden_however_long_it_is():
    line = "x" * 5000 + " https://" + "secret" * 2000 + "@hooks.acme.example/x"
    for column in (5012, 9000, len(line) - 40):
        assert "secret" not in under(line, column)[0]


def test_a_picture_of_a_long_line_takes_the_time_of_a_short_one():
    def seconds(line: str) -> float:
        began = time.process_time()
        for _ in range(20):
            under(line, len(line) // 2)
        return time.process_time() - began

    for piece in ('{"id":"a","To":"+919900000001"},', "1,", "a ", "//", "?"):
        short = min(seconds((piece * 10_000)[:10_000]) for _ in range(3))
        assert min(seconds((piece * 1_000_000)[:1_000_000]) for _ in range(3)) < 10 * short + 0.1


def test_a_source_line_is_no_command_of_a_pipeline_and_the_caret_stays():
    text, underline = under("  a: ##vso[x] # here", 17, 21)
    assert "##vso[" not in text
    assert text[underline.index("^") :] == "here"
