"""One entry of a list of numbers: in whatever spelling, or hashed, to the key by which it is found again."""

import hashlib
import re

from orchestrator.exotel.numbers import identity

KEY_BYTES = 8
"""Of a SHA-256, that a list keeps of each number. A million numbers take 8 MB; the chance that a number which is on
no list shares its first 64 bits with one of a million is 1 in 18 million millions, and then it is not rung."""

_PLAIN = re.compile(r"(?:\+91|91|0)?([2-9][0-9]{9})\Z")
"""Indian numbers as they mostly stand in lists. Read by `phonenumbers` they are `+91` and the last ten digits, since
its pattern for India takes any ten digits from 2 on, and no part of them for a prefix. Its reading takes 50 times as
long; a test compares both for every beginning."""
_NUMBER = re.compile(r"\+?[0-9]{3,15}\Z")
_HASHED = re.compile(r"sha256:([0-9a-f]{64})\Z", re.IGNORECASE)
_FORMULA = re.compile(r'="?([^"]*)"?\Z')
_FLOAT = re.compile(r"(\+?[0-9]{10,15})\.0+\Z")
WHOLE = 9
"""Digits. From there on we take a text for a number wherever it is shown, too (`exotel.masking.mask_text`); dates
have eight."""
_PERHAPS = re.compile(r"[0-9](?:[0-9]{8}|[0-9]{4} [0-9]{5}| +[0-9][0-9\s\"']*$|E\+)|SHA256:", re.MULTILINE)
"""In capitals and without `-.()`, which is three times as fast as one pattern for all."""
_WITHIN = re.compile(r"(?<!\d)(?:\+?\d{9,15}|(?:\+\d{1,3}[ -]?)?\d{5}[ -]\d{5})(?!\d)")
_ROUNDED = re.compile(r"\s*[0-9](?:[.,][0-9]+)?e\+(?:0?9|1[0-9])\s*\Z", re.IGNORECASE)
"""Of ten digits or more."""
_BETWEEN = str.maketrans("", "", " ().-")
_INVISIBLE = "\u00ad\u200b\u200c\u200d\u200e\u200f\u202a\u202b\u202c\u202d\u202e\u2060\u2066\u2067\u2068\u2069\ufeff"
_DASHES = "\u2010\u2011\u2012\u2013\u2014\u2015\u2212"
_SPACES = "\u00a0\u2000\u2001\u2002\u2003\u2004\u2005\u2006\u2007\u2008\u2009\u200a\u202f\u205f\u3000"
_UNSEEN = str.maketrans(dict.fromkeys([*_INVISIBLE, *_SPACES, *_DASHES], ""))
"""What address books and web pages put into numbers, and nobody sees."""


def key_of(number: str) -> int:
    """Return the key of a number in any spelling: the same for all spellings of one number."""
    plain = _PLAIN.match(number.translate(_BETWEEN))
    return _key(f"+91{plain[1]}" if plain else identity(number))


def entry_key(cell: str) -> int | None:
    """Return the key of a list's cell, a number or a hash; None for a cell that is neither.

    What spreadsheets put around a number is taken off: quotes, `=""`, an apostrophe, a decimal nought.
    """
    plain = _PLAIN.match(cell)
    if plain:
        return _key(f"+91{plain[1]}")
    text = (cell if cell.isascii() else cell.translate(_UNSEEN)).strip()
    hashed = _HASHED.match(text)
    if hashed:
        return int(hashed[1][: 2 * KEY_BYTES], 16)
    number = bare_number(text)
    return None if number is None else key_of(number)


def may_hold_numbers(text: str) -> bool:
    """Whether a text, of several cells on lines of their own, is worth a look: a quick one, for a million lines."""
    if not text.isascii():
        return True
    closer = text.upper().replace("-", "").replace(".", "").replace("(", "").replace(")", "")
    return _PERHAPS.search(closer) is not None


def keys_within(cell: str) -> list[int]:
    """Return the keys of the whole numbers in a cell that may hold anything, such as a reason: it, or parts of it.

    Numbers without their area code, and digits that are broken up otherwise than `98765 43210`, are not seen inside
    a text.
    """
    key = entry_key(cell)
    if key is not None:
        return [key] if sum(map(str.isdigit, cell)) >= WHOLE or _HASHED.match(cell.strip()) else []
    text = cell if cell.isascii() else cell.translate(_UNSEEN)
    return [key_of(run) for run in _WITHIN.findall(text)]


def is_rounded(cell: str) -> bool:
    """Whether a cell is a number of which a spreadsheet has kept the first digits only: `9.19877E+11`."""
    return _ROUNDED.match(cell) is not None


def bare_number(text: str) -> str | None:
    """Return a number's digits, behind a `+` where it has one; None where the text is no number of 3 to 15 digits."""
    formula = _FORMULA.match(text)
    text = (formula[1] if formula else text).strip().removeprefix("'").removeprefix("tel:")
    whole = _FLOAT.match(text)
    bare = whole[1] if whole else text.translate(_BETWEEN)
    return bare if _NUMBER.match(bare) else None


def _key(identified: str) -> int:
    return int.from_bytes(hashlib.sha256(identified.encode()).digest()[:KEY_BYTES], "big")
