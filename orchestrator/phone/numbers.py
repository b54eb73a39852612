"""Phone numbers: who a number is, and how it is written in E.164. How it is shown: `exotel.masking`.

`read` is the one reader. Plans, lists, `suppress`, guardrails and the journal all ask it who a number is, so that one
person is one person in whatever spelling; `SEPARATORS` and `INVISIBLE` are all that it takes between digits.
"""

import re
import unicodedata
from collections.abc import Callable, Iterator, Sequence
from enum import Enum
from functools import cache, lru_cache
from pathlib import Path
from typing import TYPE_CHECKING, NamedTuple

if TYPE_CHECKING:
    import phonenumbers

HOME_REGION = "IN"
"""The region of numbers without a country code: the carrier's own."""

HOME_CODE = "91"
"""Its country code. A number of 11 digits or more that begins so has it in front: India's own numbers have ten
digits, and those of services, which may have more, begin with 1."""

AT_HOME = Path(__file__).with_name("at_home.regex")
"""`at_home` as a file: to load the library, which has it, takes longer than to check a small plan."""

BLANKS = " \u00a0\u1680\u2000\u2001\u2002\u2003\u2004\u2005\u2006\u2007\u2008\u2009\u200a\u202f\u205f\u3000"
DASHES = "-\u2010\u2011\u2012\u2013\u2014\u2015\u2212\uff0d"
SEPARATORS = BLANKS + DASHES + ".()\uff0e\uff08\uff09"
"""What may stand between the digits of a number, and around them."""
INVISIBLE = "\u00ad\u200b\u200c\u200d\u200e\u200f\u202a\u202b\u202c\u202d\u202e\u2060\u2066\u2067\u2068\u2069\ufeff"
"""What address books and web pages put into numbers, and nobody sees."""

MOST_DIGITS = 15
FEWEST_DIGITS = 3

_TO_ASCII = str.maketrans(
    {
        **dict.fromkeys(BLANKS, " "),
        **dict.fromkeys(DASHES, "-"),
        **dict.fromkeys(INVISIBLE, ""),
        **dict(zip("\uff0b\uff0e\uff08\uff09", "+.()", strict=True)),
    }
)
_WITHOUT_SEPARATORS = str.maketrans("", "", " -.()")
_BETWEEN_GROUPS = str.maketrans("", "", " -()")
"""Without the dot, which may be a decimal point."""
_BEHIND_ZERO = re.compile(r"0(?!0)[0-9]+\Z")
_BARE = re.compile(rf"\+?[0-9]{{{FEWEST_DIGITS},{MOST_DIGITS}}}\Z")
_FORMULA = re.compile(r'="?([^"]*)"?\Z')
_POINT = re.compile(r"(.*[0-9])[ ()-]*[.][ ()-]*([0-9]+)[ ().-]*\Z")
_ONE_PIECE = re.compile(r"\+?[0-9]{8,}\Z")
"""Of digits that nobody would set apart from the last ones alone, and with a point."""
_HOME_PREFIXES = re.compile(rf"(?:0|{HOME_CODE})*\Z")
_HOME_DIGITS = 10
_SAYS_ITS_COUNTRY = "+0"
"""What an Indian number that the carrier need not guess begins with."""
_FOR_EXAMPLES = re.compile(r"\+44(?:7700900|1632960)[0-9]{3}\Z")
"""Numbers that Ofcom keeps free for drama: no numbering plan has them, and examples that must ring nobody do."""
_FEWEST_WITH_AREA_CODE = 8
"""Digits. No number with its area code has fewer, unless a `+` and its country code stand in front."""
_LONGEST_TEXT = 100
"""Characters of a text that is read as a number."""


class Validity(Enum):
    """What a text is worth as a phone number."""

    VALID = "valid"
    """A number of its country's numbering plan, or kept for examples; there is no doubt which country that is."""
    GUESSED = "guessed"
    """A valid number only if it is read otherwise than it is written, as with a country code that lacks its `+`."""
    POSSIBLE = "possible"
    """As many digits as numbers of its country have, and no number of its numbering plan."""
    SHORT = "short"
    """Fewer digits than a number with its area code has: a service, a line of the carrier's, or somebody in town."""
    IMPOSSIBLE = "impossible"
    """No country has numbers of this length, or there is no such country."""


class Reading(NamedTuple):
    """Who a text is. `identity`: one text for all spellings of a number, `+` and digits, bare digits where it has none.

    `is_decimal`: a spreadsheet's `.0` was taken off.
    """

    identity: str
    validity: Validity
    is_decimal: bool = False


@lru_cache(maxsize=1024)  # the agent's number comes again in every row, and a row's own is asked about twice
def read(text: str) -> Reading | None:
    """Read a number in any spelling, as Indian where it has no country code; None where the text is no number."""
    if len(text) > _LONGEST_TEXT:
        return None
    plainly = _plainly_at_home()
    for spelling in (text, text.translate(_BETWEEN_GROUPS)):
        if plainly(spelling):
            return Reading(home_identity(spelling), Validity.VALID)
    plain = _plain(text)
    point = _POINT.match(plain)
    return _read_digits(plain) if point is None else _read_with_point(plain, point[1], point[2])


def home_identity(number: str) -> str:
    """Return who a number of `not_plainly_at_home`'s kind is, without reading it."""
    return f"+{HOME_CODE}{number[-_HOME_DIGITS:]}"


def not_plainly_at_home(numbers: Sequence[str], *, prefixed: bool) -> list[int]:
    """Return the positions of the texts that are not Indian numbers without anything between their digits.

    All others are valid, and can mean nothing else. `prefixed`: the carrier must not have to guess their country.
    """
    plainly = _plainly_at_home()
    return [
        position
        for position, text in enumerate(numbers)
        if not plainly(text) or (prefixed and text[0] not in _SAYS_ITS_COUNTRY)
    ]


def identity(number: str) -> str:
    """Return one text for all spellings of a number: its E.164 form, else its bare digits."""
    found = read(number)
    return "".join(filter(str.isdecimal, number)) if found is None else found.identity


def e164(number: str) -> str | None:
    """Return the number as `+` and digits, read as Indian where it has no country code; None if impossible."""
    found = read(number)
    return found.identity if found is not None and found.identity.startswith("+") else None


def must_be_guessed(number: str) -> bool:
    """Whether the carrier has to guess: not just digits behind a `+`, or an Indian number's behind one leading `0`."""
    full = identity(number)
    if not full.startswith("+"):
        return _BEHIND_ZERO.match(number) is None
    at_home = f"0{full[len(HOME_CODE) + 1 :]}" if full.startswith(f"+{HOME_CODE}") else None
    return number not in (full, at_home)


def _plain(text: str) -> str:
    """Return a text in ASCII as far as numbers go, without what address books and spreadsheets put around them."""
    if not text.isascii():
        text = "".join(str(unicodedata.decimal(each, each)) for each in text.translate(_TO_ASCII))
    text = text.strip()
    formula = _FORMULA.match(text)
    return (formula[1] if formula else text).strip().removeprefix("'").removeprefix("tel:")


def _read_with_point(plain: str, whole: str, fraction: str) -> Reading | None:
    """Read what may be a decimal number of a spreadsheet's, or a number whose groups are separated by points.

    Behind digits in one piece `.0` is a spreadsheet's. Else what gives a valid number decides, and where both do, or
    neither, the text is not read at all: it could be two people. So it is where only a guess stands before the point:
    `0 08123400000.0` is an Indian number behind a zero too many, or a Japanese one with its last digits apart.
    """
    separated, before = _read_digits(plain), _read_digits(whole)
    is_nought, is_one_piece = not fraction.strip("0"), _ONE_PIECE.match(whole) is not None
    if not is_nought and not is_one_piece:
        return separated
    decimal = Reading(before.identity, before.validity, is_decimal=True) if before is not None and is_nought else None
    if is_nought and is_one_piece:
        return decimal
    is_guess = before is not None and before.validity is Validity.GUESSED
    if is_guess or _is_valid(before) == _is_valid(separated):
        return None
    return separated if _is_valid(separated) else decimal


def _read_digits(plain: str) -> Reading | None:
    """Read digits with separators by the numbering plans: the first spelling that is a valid number is who it is."""
    bare = plain.translate(_WITHOUT_SEPARATORS)
    if not _BARE.match(bare):
        return None
    if len(bare) < _FEWEST_WITH_AREA_CODE and bare.isdecimal():
        return Reading(bare, Validity.SHORT)
    import phonenumbers

    possible = None
    for international, is_certain in _spellings(bare):
        number = _parsed(international)
        if number is None:
            continue
        full = phonenumbers.format_number(number, phonenumbers.PhoneNumberFormat.E164)
        if phonenumbers.is_valid_number(number) or _FOR_EXAMPLES.match(full):
            return Reading(full, Validity.VALID if is_certain else Validity.GUESSED)
        if possible is None and is_certain and phonenumbers.is_possible_number(number):
            possible = Reading(full, Validity.POSSIBLE)
    return possible or Reading(bare.removeprefix("+"), Validity.IMPOSSIBLE)


def _spellings(bare: str) -> Iterator[tuple[str, bool]]:
    """Yield, with a `+`, what digits can mean, and whether they say so themselves: the likelier first."""
    digits = bare.removeprefix("+")
    rest = digits.removeprefix("0")
    is_abroad = digits != bare or digits.startswith("00")
    if is_abroad:
        certain = f"+{digits if digits != bare else digits[2:]}"
    elif rest.startswith(HOME_CODE) and len(rest) > _HOME_DIGITS:
        certain = f"+{rest}"
    else:
        certain = f"+{HOME_CODE}{rest}"
    yield certain, True
    if bare.startswith("+0"):
        return  # no country code begins so: what is behind it may be a number of any country's
    before = digits[:-_HOME_DIGITS]
    if before and _HOME_PREFIXES.match(before):
        yield f"+{HOME_CODE}{digits[-_HOME_DIGITS:]}", False
    foreign = certain if is_abroad else f"+{rest}" if len(rest) > _HOME_DIGITS else None
    if foreign is not None:
        yield from ((spelling, False) for spelling in (foreign, *_once_more(foreign)))


def _once_more(international: str) -> Iterator[str]:
    """Yield a number without what stands twice before it: a trunk zero that its country lacks, its country code."""
    import phonenumbers

    number = _parsed(international)
    if number is not None:
        national = phonenumbers.national_significant_number(number)
        for twice in ("0", str(number.country_code)):
            if national.startswith(twice):
                yield f"+{number.country_code}{national.removeprefix(twice)}"


def _parsed(international: str) -> "phonenumbers.PhoneNumber | None":
    import phonenumbers

    try:
        return phonenumbers.parse(international)
    except phonenumbers.NumberParseException:
        return None


def _is_valid(reading: Reading | None) -> bool:
    return reading is not None and reading.validity is Validity.VALID


@cache
def _plainly_at_home() -> Callable[[str], object]:
    """Return what matches Indian numbers of ten digits as they mostly are written, and can mean nothing else.

    A match takes a quarter of a microsecond, where the library takes 40. A number that is newer than the file is no
    match, and goes to the library.
    """
    return re.compile(AT_HOME.read_text("ascii").strip()).match


def at_home() -> str:
    """Return the pattern of the numbers that are plainly at home, by the library's numbering plan."""
    import phonenumbers

    known = phonenumbers.PhoneMetadata.metadata_for_region(HOME_REGION)
    kinds = () if known is None else (known.mobile, known.fixed_line, known.toll_free)
    assigned = "|".join(kind.national_number_pattern or "(?!)" for kind in kinds if kind) or "(?!)"
    ten_digits = f"[1-9][0-9]{{{_HOME_DIGITS - 1}}}"
    return rf"(?:\+{HOME_CODE}|{HOME_CODE}|0)?(?={ten_digits}\Z)(?:{assigned})\Z"
