"""Phone numbers: who a number is, how it is written in E.164, and how it is shown."""

import re
from functools import lru_cache

import phonenumbers

HOME = "IN"
"""The region of numbers without a country code: the carrier's own."""

_DIGITS = re.compile(r"[^0-9]")
_PLAIN = re.compile(r"\+[0-9]+|0(?!0)[0-9]+")
_RUN = re.compile(r"(?P<digest>sha256:[0-9a-f]{64})|(?<!\d)\+?\d(?:[ ().-]?\d){8,}(?!\d)")
"""A run of digits, of whatever script: `\\d` is every decimal digit of Unicode."""
_USERINFO = re.compile(r"([a-zA-Z][a-zA-Z0-9+.-]*://)[^/?#\s]*@")


def mask(number: str) -> str:
    """Hide the middle, keeping the length: first 5 and last 2 of 12 characters or more, else first 2 and last 2."""
    head = 5 if len(number) >= 12 else 2
    hidden = len(number) - head - 2
    return number if hidden <= 0 else number[:head] + "*" * hidden + number[-2:]


def mask_userinfo(text: str) -> str:
    """Hide what stands before the host of an address."""
    return _USERINFO.sub(r"\1***@", text)


def mask_text(text: str) -> str:
    """Mask every run of nine digits or more, written with or without separators, and userinfo in addresses.

    A digest is nobody's number and stays whole: most of them hold nine digits in a row.
    """
    return _RUN.sub(_masked_run, mask_userinfo(text))


def _masked_run(match: re.Match[str]) -> str:
    return match["digest"] or mask(match.group())


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
