"""Texts in lines: none wider than the terminal, nothing lost, and as much in each line as fits."""

import itertools

from hypothesis import given
from hypothesis import strategies as st

from orchestrator.cli.render.wrapping import LEAST_ROOM, wrapped
from orchestrator.phone.safe_text import cells

TEXTS = st.text(alphabet="ab 客é\u0301", max_size=80)


@given(text=TEXTS, width=st.integers(LEAST_ROOM + 4, 40), deep=st.integers(0, 4))
def test_lines_fit_and_nothing_is_lost(text: str, width: int, deep: int) -> None:
    indent = " " * deep
    lines = list(wrapped(text, width, indent))
    assert all(cells(line) <= width or not line.strip() for line in lines)
    assert "".join("".join(lines).split()) == "".join(text.split())
    assert all(line.startswith(indent) for line in lines[1:])


@given(text=TEXTS, width=st.integers(LEAST_ROOM + 4, 40))
def test_a_line_ends_only_where_the_next_word_does_not_fit(text: str, width: int) -> None:
    lines = list(wrapped(text, width, "  "))
    for line, after in itertools.pairwise(lines):
        assert cells(f"{line} {after.split()[0]}") > width or cells(after.split()[0]) >= width - 3


def test_what_fits_is_left_as_it_is() -> None:
    assert list(wrapped("  a  b ", 80, "    ")) == ["  a  b "]


def test_blanks_inside_a_line_stay() -> None:
    assert list(wrapped("  name      value and more", 18, "    ")) == ["  name      value", "    and more"]


def test_a_narrow_terminal_and_long_words() -> None:
    assert list(wrapped("~ " + "客" * 10, 12, "    ")) == ["~ 客客客客客客", "    客客客客"]
