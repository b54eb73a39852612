"""Which columns of a list hold its numbers, by the first line."""

import re
from collections.abc import Sequence

from orchestrator.phone.numbers import HOME_CODE
from orchestrator.plan.numbers_listed import entry_key

NAMES = ("number", "phone", "mobile", "msisdn", "to")
"""Of columns that hold numbers, in small letters."""

_NAMED = re.compile(rf"(?:{'|'.join(NAMES)})(?:[ _-]?(?:number|no\.?))?[ _-]?[0-9]?\Z")
"""`phone_no` and `mobile number 2` too, and not `order_number`."""
_CODE = re.compile(r"(?:country|dial(?:ing)?|calling|isd|phone)[ _-]?(?:code|prefix)\Z|(?:cc|isd)\Z")
"""The name of a column of country codes."""
_FEWEST_DIGITS = 5
"""In one cell of the first line: then it is no header, and a number in it must not be passed over."""


def header_columns(cells: Sequence[str]) -> tuple[int, ...] | None:
    """Return where a header says that the numbers stand, nowhere where it does not say; None for a line of data.

    A line in which any cell is a number, or could be meant for one, is data. A header of one name needs no known one.
    """
    names = [cell.strip().lower() for cell in cells]
    named = tuple(position for position, name in enumerate(names) if _NAMED.match(name))
    filled = tuple(position for position, name in enumerate(names) if name)
    most = max(sum(map(str.isdigit, name)) for name in names)
    is_odd_figure = len(filled) == 1 and not named and most > 0
    if entry_key(cells[0]) is not None or most >= _FEWEST_DIGITS or is_odd_figure:
        return None
    return named or (filled if len(filled) == 1 else ())


def code_column(cells: Sequence[str]) -> int | None:
    """Return where a header says that country codes stand; None where it names no such column."""
    return next((at for at, cell in enumerate(cells) if _CODE.match(cell.strip().lower())), None)


def is_of_home(code: str) -> bool:
    """Whether a country code, if it is one, is the one that numbers without any are read with."""
    return "".join(filter(str.isdecimal, code)).lstrip("0") in ("", HOME_CODE)


def is_title(cells: Sequence[str], below: Sequence[str]) -> bool:
    """Whether a line of one cell, which is no number and names none, stands above a line that names the columns."""
    filled = [cell for cell in cells if cell.strip()]
    if len(filled) != 1 or entry_key(filled[0]) is not None or _names_numbers(filled):
        return False
    return _names_numbers(below) and header_columns(below) is not None


def _names_numbers(cells: Sequence[str]) -> bool:
    return any(_NAMED.match(cell.strip().lower()) for cell in cells)
