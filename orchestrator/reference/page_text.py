"""A page of the reference as text for a terminal, in lines of a given width."""

import re
import textwrap
from collections.abc import Iterable, Iterator

from orchestrator.model.page import Example, Page, Subject, examples, shown_lines

NARROWEST, WIDEST = 52, 100
"""Columns. Wider lines are tiring to read, and narrower ones hold no sentence."""


def page_text(page: Page, width: int) -> str:
    """Return the page, with a final newline. What is quoted from plans is never wrapped: it can be copied."""
    columns = max(NARROWEST, min(width, WIDEST))
    return "\n".join(line.rstrip() for line in _lines(page, columns)) + "\n"


def _lines(page: Page, width: int) -> Iterator[str]:
    yield from _wrapped(f"{page.name}: {page.standing}", "", "  ", width)
    yield from _wrapped(page.what, "  ", "  ", width)
    if page.why:
        yield ""
        yield from _wrapped(page.why, "  ", "  ", width)
    if page.facts:
        yield ""
        label_width = max(len(label) for label, _ in page.facts) + 2
        for label, text in page.facts:
            first = f"  {label + ':':<{label_width}}"
            yield from _wrapped(text, first, " " * len(first), width)
    for title, items in page.lists:
        yield from ("", f"  {title}:")
        for item in items:
            yield from _wrapped(item, "  - ", "    ", width)
    for title, example in examples(page):
        yield from ("", f"  {title}", *_quoted(example))


def _quoted(example: Example) -> Iterator[str]:
    yield from (f"    {line}" for line in example.text.splitlines())
    for name, text in example.files.items():
        yield from ("", f"    # {name}")
        yield from (f"    {line}" for line in shown_lines(text))


_QUOTED_WORDS = re.compile(r"`[^`]{1,40}`")
_KEPT = "\0"


def _wrapped(text: str, first: str, others: str, width: int) -> list[str]:
    """Wrap at blanks only, and not between backticks: names, addresses, numbers and what is typed stay whole."""
    kept = _QUOTED_WORDS.sub(lambda found: found.group().replace(" ", _KEPT), text)
    lines = textwrap.wrap(
        kept, width, initial_indent=first, subsequent_indent=others, break_long_words=False, break_on_hyphens=False
    )
    return [line.replace(_KEPT, " ") for line in lines]


def names_text(names: Iterable[tuple[Subject, list[str]]], width: int) -> Iterator[str]:
    """Yield the list of all names, by what they are."""
    columns = max(NARROWEST, min(width, WIDEST))
    for subject, called in names:
        yield f"{subject[:1].upper()}{subject[1:]}s\n"
        yield from (f"{line}\n" for line in _wrapped(", ".join(called), "  ", "  ", columns))
        yield "\n"
    yield "`orchestrate explain NAME` prints what is known of one.\n"
