"""Turns an entry of a list, a number in any spelling or its hash, into the key by which it is found."""

import re
from collections.abc import Callable, Iterator
from functools import cache
from typing import Any, NamedTuple

from orchestrator.phone.numbers import BLANKS, DASHES, HOME_CODE, INVISIBLE, Reading, identity, read

KEY_BYTES = 8
"""Of a SHA-256, that a list keeps of each number. A million numbers take 8 MB; the chance that a number which is on
no list shares its first 64 bits with one of a million is 1 in 18 million millions, and then it is not rung."""

_HASHED = re.compile(r"sha256:([0-9a-f]{64})\Z", re.IGNORECASE)
WHOLE_NUMBER_DIGITS = 9
"""Digits. From there on we take a text for a number wherever it is shown, too (`exotel.masking.mask_text`); dates
have eight."""
_PERHAPS = re.compile(r"[0-9](?:[0-9]{8}|[0-9]{4} [0-9]{5}|E\+)|SHA256:")
"""In capitals and without `-.()`, which is three times as fast as one pattern for all."""
_SPACED = re.compile("[0-9] +[0-9]")
"""Digits that are broken up, which at the end of a cell may be a number's."""
_WITHIN = re.compile(r"(?<!\d)(?:\+?\d{9,15}|(?:\+\d{1,3}[ -]?)?\d{5}[ -]\d{5})(?!\d)")
_ROUNDED = re.compile(r"\s*[0-9](?:[.,][0-9]+)?e\+(?:0?9|1[0-9])\s*\Z", re.IGNORECASE)
"""Of ten digits or more."""
_UNSEEN = str.maketrans(dict.fromkeys([*INVISIBLE, *(each for each in BLANKS + DASHES if not each.isascii())], ""))
"""What a text is rid of before numbers are looked for in it."""


class ListEntry(NamedTuple):
    """One entry: its key, and the number as it was read, None for a hash."""

    key: int
    number: Reading | None


def key_of(number: str) -> int:
    """Return the key of a number in any spelling: the same for all spellings of one number."""
    return _key(identity(number))


def keys_if_hashed(number: str) -> Iterator[int]:
    """Yield the keys of a number in the spellings that somebody may have hashed: no hash shows its spelling."""
    digits = identity(number).removeprefix("+")
    yield from (_key(f"{before}{digits}") for before in ("", "0", "00"))
    if digits.startswith(HOME_CODE):
        yield from (_key(f"{before}{digits.removeprefix(HOME_CODE)}") for before in ("", "0"))


def read_entry(cell: str) -> ListEntry | None:
    """Read a list's cell, a number or a hash; None for a cell that is neither."""
    number = read(cell)
    if number is not None:
        return ListEntry(_key(number.identity), number)
    hashed = _HASHED.match((cell if cell.isascii() else cell.translate(_UNSEEN)).strip())
    return None if hashed is None else ListEntry(int(hashed[1][: 2 * KEY_BYTES], 16), None)


def entry_key(cell: str) -> int | None:
    """Return the key of a list's cell; None for a cell that is neither a number nor a hash."""
    entry = read_entry(cell)
    return None if entry is None else entry.key


def may_hold_numbers(text: str) -> bool:
    """Whether a text of several cells, each on its line, may hold numbers: a quick test for a million lines."""
    if not text.isascii():
        return True
    closer = text.upper().replace("-", "").replace(".", "").replace("(", "").replace(")", "")
    if _PERHAPS.search(closer) is not None:
        return True
    return _SPACED.search(closer) is not None and any(_SPACED.search(_tail(line)) for line in closer.split("\n"))


def _tail(line: str) -> str:
    """Return the figures and blanks at the end of a line."""
    return line[len(line.rstrip("0123456789\"' \t\r\v\f")) :]


def keys_within(cell: str) -> list[int]:
    """Return the keys of the whole numbers in a cell that may hold anything, such as a reason: it, or parts of it.

    Numbers without their area code, and digits that are broken up otherwise than `98765 43210`, are not seen inside
    a text.
    """
    key = entry_key(cell)
    if key is not None:
        return [key] if sum(map(str.isdigit, cell)) >= WHOLE_NUMBER_DIGITS or is_hashed(cell) else []
    text = cell if cell.isascii() else cell.translate(_UNSEEN)
    return [key_of(run) for run in _WITHIN.findall(text)]


def is_hashed(cell: str) -> bool:
    """Whether a cell holds a hash of a number."""
    return _HASHED.match(cell.strip()) is not None


def is_rounded(cell: str) -> bool:
    """Whether a cell is a number of which a spreadsheet has kept the first digits only: `9.19877E+11`."""
    return _ROUNDED.match(cell) is not None


def _key(identified: str) -> int:
    return int.from_bytes(_sha256()(identified.encode()).digest()[:KEY_BYTES], "big")


@cache
def _sha256() -> Callable[[bytes], Any]:
    """Return the function, which comes with a library that plans without lists need not load."""
    from hashlib import sha256

    return sha256
