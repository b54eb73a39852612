"""A finding about somebody's input: a value with an id, a place, a reason and a hint. Rendered last."""

from enum import StrEnum
from typing import NamedTuple

from orchestrator.model.frozen import frozen

ABOUT_NUMBERS = frozenset(
    {
        "no-std-code",
        "not-a-number",
        "not-e164",
        "number-destroyed",
        "number-not-valid",
        "number-to-guess",
        "rounded-number",
        "short-number",
    }
)
"""The ids of findings about a number. Their messages quote numbers, and names that hold fewer than three digits."""


class Severity(StrEnum):
    """How much a finding matters: only an error stops a run."""

    ERROR = "error"
    WARNING = "warning"
    NOTE = "note"


class Span(NamedTuple):
    """A place in a text file. A named tuple, since a large plan has a million of them.

    `file` is as the user would name it. `line` and `column` count from 1, columns in characters;
    `end_column` is exclusive, on the same line, and None where only a point is known.
    """

    file: str
    line: int
    column: int = 1
    end_column: int | None = None


class Edit(NamedTuple):
    """A change of a text: what stands at `span`, on one line, becomes `text`. An insertion ends where it begins.

    `text` never quotes what others wrote: it holds no number and no secret.
    """

    span: Span
    text: str


def insertion(span: Span, column: int, text: str) -> Edit:
    """Return the edit that inserts a text in the line of `span`, before that column."""
    return Edit(span._replace(column=column, end_column=column), text)


@frozen
class Waiver:
    """Who has set which rule aside for one plan, why, and until which day.

    The day is included: `2027-03-31`, in the plan's zone.
    """

    rule: str
    owner: str
    reason: str
    until: str


@frozen
class Diagnostic:
    """One problem. `id` is kebab-case and stable; `spans` has the primary place first and may be empty.

    `message` says what is wrong and why, `hint` what to do. Neither holds a secret; phone numbers in them
    are masked by whoever renders them. `count` is how many problems it stands for: more than one where a file has
    too many of a kind to list each. `fix` mends it where there is one right answer: all of its edits, or none.
    `waiver`: somebody has set its rule aside for the plan, so that it is shown and stops nothing.
    """

    id: str
    severity: Severity
    message: str
    spans: tuple[Span, ...] = ()
    hint: str | None = None
    count: int = 1
    fix: tuple[Edit, ...] = ()
    waiver: Waiver | None = None

    @property
    def conceals_source(self) -> bool:
        """Whether the line it stands on holds a secret, and is never shown."""
        return self.id.startswith("secret-")

    @property
    def quotes_numbers(self) -> bool:
        """Whether what the message quotes is a number, or was meant as one: shown masked as a whole."""
        return self.id in ABOUT_NUMBERS

    @property
    def is_error(self) -> bool:
        """Whether this finding stops a run."""
        return self.severity is Severity.ERROR and self.waiver is None

    @property
    def standing(self) -> str:
        """Its severity, and whether it is waived, in words."""
        return self.severity.value if self.waiver is None else f"waived {self.severity.value}"


def error(
    id: str,  # noqa: A002 - the field's own name
    message: str,
    *spans: Span,
    hint: str | None = None,
    fix: tuple[Edit, ...] = (),
) -> Diagnostic:
    """Return a finding that stops a run."""
    return Diagnostic(id, Severity.ERROR, message, spans, hint, fix=fix)


def warning(id: str, message: str, *spans: Span, hint: str | None = None) -> Diagnostic:  # noqa: A002 - as above
    """Return a finding that is shown, and stops only under `--strict`."""
    return Diagnostic(id, Severity.WARNING, message, spans, hint)


def note(
    id: str,  # noqa: A002 - as above
    message: str,
    *spans: Span,
    hint: str | None = None,
    fix: tuple[Edit, ...] = (),
) -> Diagnostic:
    """Return a remark that never stops anything."""
    return Diagnostic(id, Severity.NOTE, message, spans, hint, fix=fix)
