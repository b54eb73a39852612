"""Phone numbers: who a number is, and how it is written in E.164. How it is shown: `exotel.masking`."""

import re
from functools import lru_cache

import phonenumbers

HOME = "IN"
"""The region of numbers without a country code: the carrier's own."""

_DIGITS = re.compile(r"[^0-9]")
_PLAIN = re.compile(r"\+[0-9]+|0(?!0)[0-9]+")


@lru_cache(maxsize=65536)
def e164(number: str) -> str | None:
    """Return the number as `+` and digits, read as Indian where it has no country code; None if impossible."""
    try:
        parsed = phonenumbers.parse(number, HOME)
    except phonenumbers.NumberParseException:
        return None
    if not phonenumbers.is_possible_number(parsed):
        return None
    return phonenumbers.format_number(parsed, phonenumbers.PhoneNumberFormat.E164)


def identity(number: str) -> str:
    """Return one text for all spellings of a number: its E.164 form, else its bare digits."""
    return e164(number) or _DIGITS.sub("", number)


def must_be_guessed(number: str) -> bool:
    """Whether the carrier has to guess: not just digits behind a `+` or one leading `0` (trunk prefix, STD code)."""
    return _PLAIN.fullmatch(number) is None
