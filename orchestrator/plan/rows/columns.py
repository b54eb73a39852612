"""Which column of a table identifies a row, and which holds the phone numbers: a guess, and why it was made."""

import re
from collections.abc import Sequence

from orchestrator.model.frozen import frozen
from orchestrator.phone.numbers import Validity, read
from orchestrator.plan.rows.row import is_blank

_PHONE_WORDS = frozenset(
    {
        *("phone", "phones", "phonenumber", "mobile", "mobileno", "mob", "tel", "telephone", "cell", "cellphone"),
        *("contact", "contactno", "msisdn", "whatsapp", "telefon", "handy", "telefono", "telephon", "movil", "celular"),
    }
)
_ID_WORDS = frozenset(
    {
        *("id", "ids", "no", "nr", "number", "num", "order", "ref", "reference", "ticket", "case", "invoice"),
        *("code", "key", "awb", "uid", "sku"),
    }
)
_POSITION_WORDS = frozenset(
    {"s", "sr", "srno", "sl", "slno", "sno", "serial", "row", "line", "index", "position", "lfd"}
)
_WORD = re.compile(r"[A-Z]?[^\W\d_A-Z]+|[A-Z]+|[^\W\d_]+")
_ROUNDED = re.compile(r"[+-]?[0-9]+[.,]?[0-9]*[eE]\+?[0-9]+\Z")
_LONGEST_ID = 64
"""Characters of a cell that people would take for an identity."""
_MOST_NAMES = 5
"""Columns that a reason names."""
_FEWEST_DIGITS = 8
"""Digits of what is taken for a phone number, though no plan has it."""


@frozen
class Guess:
    """A column's name and why it is the one; or None, and why none is."""

    column: str | None
    why: str


def guess_phone(columns: Sequence[str], rows: Sequence[Sequence[str]]) -> Guess:
    """Guess the column of the phone numbers by its cells, and among several by its name."""
    cells = {name: [row[index] for row in rows] for index, name in enumerate(columns)}
    likely = [name for name in columns if _mostly_numbers(cells[name])]
    named = [name for name in likely if _words(name) & _PHONE_WORDS]
    unlike_ids = [name for name in likely if not _words(name) & _ID_WORDS]
    for chosen in (named,) if named else (unlike_ids, likely):
        if len(chosen) == 1:
            seen = cells[chosen[0]]
            return Guess(chosen[0], f"{_counted(seen)} looked at are phone numbers{_at_home(seen)}")
    if named or likely:
        return Guess(None, f"several columns hold phone numbers: {_some(named or likely)}")
    by_name = [name for name in columns if _words(name) & _PHONE_WORDS]
    if len(by_name) == 1:
        return Guess(by_name[0], "its name says so, though few of its cells are phone numbers")
    return Guess(None, "no column holds phone numbers")


def guess_id(columns: Sequence[str], rows: Sequence[Sequence[str]], phone: str) -> Guess:
    """Guess the column whose cells identify the rows: filled, different in each, and nobody's phone numbers.

    One that counts the rows does not: a row that is removed from the next export gives each later one another number.
    """
    cells = {name: [row[index].strip() for row in rows] for index, name in enumerate(columns)}
    all_able = [name for name in columns if name != phone and _identify(cells[name]) and not _mostly_valid(cells[name])]
    able = [name for name in all_able if not _counts_rows(name, cells[name])]
    by_name = [name for name in able if _words(name) & _ID_WORDS]
    if by_name:
        name = min(by_name, key=lambda name: _mostly_numbers(cells[name]))  # long ids may look like numbers
        return Guess(name, "each cell looked at is filled and another, and its name says so")
    for name in able:
        if all(any(map(str.isdigit, cell)) for cell in cells[name]) and not _mostly_numbers(cells[name]):
            return Guess(name, "each cell looked at is filled and another, and has a digit")
    if all_able and not able:
        return Guess(None, f"{_some(all_able)} counts the rows, and the next export may count them otherwise")
    if not able:
        return Guess(None, "no column has a cell in each row that no other row has")
    return Guess(None, f"nothing tells whether a row keeps its cell of {_some(able)} for good")


def _some(names: Sequence[str]) -> str:
    """Return the first of some names, in words."""
    more = f" and {len(names) - _MOST_NAMES:,} more" if len(names) > _MOST_NAMES else ""
    return ", ".join(f"`{name}`" for name in names[:_MOST_NAMES]) + more


def _words(name: str) -> set[str]:
    """Return the words of a column's name in small letters: `orderId`, `order_id` and `Order ID` have the same."""
    return {word.lower() for word in _WORD.findall(name)}


def _mostly_numbers(cells: Sequence[str]) -> bool:
    filled = sum(not is_blank(cell) for cell in cells)
    return filled > 0 and 2 * sum(map(_is_number, cells)) >= filled


def _mostly_valid(cells: Sequence[str]) -> bool:
    valid = sum(found is not None and found.validity is Validity.VALID for found in map(read, cells))
    return 2 * valid >= len(cells)


def _counted(cells: Sequence[str]) -> str:
    return f"{sum(map(_is_number, cells)):,} of the {len(cells):,} cells"


def _at_home(cells: Sequence[str]) -> str:
    """Say how numbers are read that do not say which country's they are."""
    is_said = (cell.strip().startswith(("+", "00")) for cell in cells if _is_number(cell))
    return "" if all(is_said) else "; without a country code they are read as Indian"


def _is_number(cell: str) -> bool:
    """Whether a cell holds a phone number, or what a spreadsheet has made of one."""
    found = read(cell)
    if found is None:
        return _ROUNDED.match(cell.strip()) is not None
    likely = found.validity in (Validity.VALID, Validity.GUESSED, Validity.POSSIBLE)
    return likely and sum(map(str.isdigit, cell)) >= _FEWEST_DIGITS


def _counts_rows(name: str, cells: Sequence[str]) -> bool:
    """Whether a column says which row of the table each is: `Sr No` with 1, 2, 3."""
    is_named = not _words(name) or bool(_words(name) & _POSITION_WORDS)
    return is_named and all(cell in (str(at), f"{at}.") for at, cell in enumerate(cells, 1))


def _identify(cells: Sequence[str]) -> bool:
    return (
        len(set(cells)) == len(cells)
        and not any(map(is_blank, cells))
        and all(len(cell) <= _LONGEST_ID and not _ROUNDED.match(cell) for cell in cells)
    )
