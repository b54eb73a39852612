"""A page of the reference: all that is documented of one name, whatever the name stands for."""

from collections.abc import Iterator, Mapping
from dataclasses import field
from enum import StrEnum

from orchestrator.model.frozen import frozen


class Subject(StrEnum):
    """What a name can be; a page's subject says on which page of docs/reference/ it stands."""

    PARAMETER = "parameter"
    PLAN_KEY = "plan key"
    POLICY_KEY = "policy key"
    TARGET_KEY = "target key"
    FINDING = "finding"
    EXIT_CODE = "exit code"
    SETTINGS = "settings file"
    WORD = "word"


FINDING = "a finding, "
"""Begins the standing of a finding; its severity follows."""


@frozen
class Example:
    """A piece of a plan, of a target file or of orchestrate.toml, beside which all that must stand there is left out.

    `finding` is the id of what `validate` says of it; None where it passes. `files` are data files by their names.
    """

    text: str
    finding: str | None = None
    files: Mapping[str, str] = field(default_factory=dict)
    is_target: bool = False
    is_settings: bool = False


MOST_SHOWN = 8
"""Lines of a data file that are shown beside an example."""


def shown_lines(text: str) -> list[str]:
    """Return the lines of a data file as an example shows them: of many the first ones, and how many there are more."""
    lines = text.splitlines()
    if len(lines) <= MOST_SHOWN:
        return lines
    shown = lines[: MOST_SHOWN - 1]
    return [*shown, f"... and {len(lines) - len(shown)} more lines like these"]


@frozen
class Page:
    """What is documented of one name.

    `standing` follows the name in the first line, `what` is one sentence, `why` says what it is for and what to do.
    `inside` is the key that a key stands in and is documented with, None for one that has a documentation of its own.
    `facts` are labels with texts, `lists` titles with lines. `good` passes validation, `bad` does not. `spellings` are
    other names under which the page is found.
    """

    subject: Subject
    name: str
    standing: str
    what: str
    why: str = ""
    facts: tuple[tuple[str, str], ...] = ()
    lists: tuple[tuple[str, tuple[str, ...]], ...] = ()
    good: Example | None = None
    bad: Example | None = None
    spellings: tuple[str, ...] = ()
    inside: str | None = None


def examples(page: Page) -> Iterator[tuple[str, Example]]:
    """Yield the examples of a page, each with its title: of a finding first how it comes about."""
    if page.subject is Subject.FINDING:
        titled = (("Reported of:", page.bad), ("Not reported of:", page.good))
    else:
        titled = (("Example:", page.good), (f"Wrong, reported as {page.bad and page.bad.finding}:", page.bad))
    yield from ((title, example) for title, example in titled if example is not None)
