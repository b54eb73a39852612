"""Rows of data for a call, streamed: one at a time, in the order of the data, in bounded memory."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import TypeAlias

from orchestrator.exotel.masking import REACH, excerpt
from orchestrator.model.diagnostic import Diagnostic, Span


@dataclass(slots=True)
class Row:
    """One row. `values` has trimmed column names and the cells as typed.

    `rounded`: some cell may be a number that a spreadsheet has rounded (`9.19877E+11`), so they are worth a look.
    `decimals` are the columns that hold a JSON number with a fraction or an exponent: never a phone number.
    """

    values: Mapping[str, str]
    span: Span
    rounded: bool = False
    decimals: frozenset[str] = frozenset()


@dataclass(frozen=True, slots=True)
class BadRow:
    """A row that cannot be read, and why; the rows after it can."""

    problem: Diagnostic


@dataclass(frozen=True, slots=True)
class Header:
    """The columns that every row of the data has; told once, before the first row, where they are known."""

    columns: tuple[str, ...]
    span: Span


RowItem: TypeAlias = Header | Row | BadRow | Diagnostic
"""A Diagnostic among rows is about the whole data: nothing comes after an error."""


def brief(text: str) -> str:
    """Return data that is safe in a message: on one line, not too long."""
    return excerpt("".join(character if character.isprintable() else "?" for character in text[: 60 + REACH]))
