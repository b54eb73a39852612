"""Phone numbers in any text, masked: identifiers of the carrier, digests, dates and times are left whole.

Every pattern is linear: none has an unbounded repetition that another may begin inside, so that no input of others
takes long.
"""

import re
from collections.abc import Callable, Iterator
from functools import cache

FEWEST_DIGITS_MASKED = 9
"""Digits from which on a text is taken for a number, however it is separated; a date has eight."""
MOST_DIGITS_OF_ONE = 17
"""Digits of one number at most: fifteen (E.164), behind the `00` of a call abroad."""
MOST_SEPARATORS = 32
"""Separators at most between two digits of one number."""
LONGEST_SPELLING = FEWEST_DIGITS_MASKED * MOST_SEPARATORS * 10
"""Characters at most in which nine digits of one number stand; the longest separator, `\\U0000a000`, has ten."""

_D = (
    r"[\d\u00b2\u00b3\u00b9\u2070\u2074-\u2079\u2080-\u2089\u2460-\u2468\u2474-\u247c\u2488-\u2490\u24ea"
    r"\u24f5-\u24fd\u24ff\u2776-\u277e\u2780-\u2788\u278a-\u2792]"
)
"""A digit of whatever script (`\\d` is every decimal digit of Unicode), also raised, lowered or in a circle."""
_ESCAPED = (
    r"\x1b\[[0-9;]{0,16}[A-Za-z]|(?<!\*)\*{1,2}(?!\*)|\\x(?:[0-9a-fA-F]?[a-fA-F])?|\\u(?:[0-9a-fA-F]{0,3}[a-fA-F])?|\\U(?:[0-9a-fA-F]{0,7}[a-fA-F])?|\\[A-Za-z]"
    r"|%(?:[0-9a-fA-F]?[a-fA-F])?|&#[xX](?:[0-9a-fA-F]{0,5}[a-fA-F])?|&[A-Za-z]{2,8};"
)
"""A character as YAML, JSON, Python, an address or HTML writes it out, up to its last letter; a colour of a terminal;
one asterisk or two: more are a mask."""
_APART = rf"(?:{_ESCAPED}|[^\w*]|[_xX\u02b0-\u02ff\u115f\u1160\u3164\u30fc\uff70\uffa0])"
"""What may stand between the digits of a number: all that is neither a letter nor a digit, seen or not, and the few
letters that are not seen, look like a dash, or (`x`) stand before an extension. It is wider than what the number reader
passes over (`phone/numbers.py`), so that whatever is read as a number is masked; a test holds the two together."""

_HEX = r"(?![0-9A-Za-z])"
_IDENTIFIER = (
    rf"(?<![0-9A-Za-z])(?:sha256:[0-9a-f]{{64}}{_HEX}"
    rf"|(?=(?:[0-9]{{0,31}}[a-z]){{4}})[0-9a-z]{{32}}{_HEX}"
    rf"|(?=(?:[0-9]{{0,63}}[a-f]){{4}})(?:[0-9a-f]{{64}}|[0-9a-f]{{40}}){_HEX})"
)
"""A digest, a call Sid (32 lower-case letters and digits, docs/carrier.md, replies) or a hash (64 or 40 hexadecimal
digits): every tenth Sid and every third digest holds nine digits in a row, and is useless when masked. Four letters or
more: no phone number has them."""

_BETWEEN = r"[ /:().\u2010-\u2015-]"
_MONTH, _DAY = "(?:0[1-9]|1[0-2])", "(?:0[1-9]|[12][0-9]|3[01])"
_DATE = rf"(?:19|20|21)[0-9]{{2}}(?:-{_MONTH}-{_DAY}|/{_MONTH}/{_DAY})"
_TIME = r"(?:[01][0-9]|2[0-4]):[0-5][0-9](?::[0-5][0-9](?:\.[0-9]{1,9})?)?"
_MOMENT = rf"(?:{_DATE}(?:[T ]{_TIME}(?:[+-][0-9]{{2}}:[0-9]{{2}})?)?|{_TIME})"
_NEAR = r"[^\w,;\"'`\[\]{}\n]"
_ALONE = "".join(f"(?<!{_D}{_NEAR * width})" for width in range(4))
_TIMES = rf"{_ALONE}{_MOMENT}(?:{_BETWEEN}{{1,3}}{_MOMENT})*+(?!{_NEAR}{{0,3}}{_D})"
"""Dates and times of day with colons and a year of four digits, beside which no other digits stand."""

_OCTET = "(?:25[0-5]|2[0-4][0-9]|1[0-9]{2}|[1-9]?[0-9])"
_IPV4 = rf"{_OCTET}(?:\.{_OCTET}){{3}}"
_MACHINE = rf"(?:(?<=//){_IPV4}(?::[0-9]{{1,5}})?|(?<![0-9.]){_IPV4}:[0-9]{{1,5}})(?!\.?{_D})"
"""The address of a machine, in an address of the web or with its port."""

_BOUND = rf"(?<![0-9,.+])1(?:,000){{3}}(?!,?{_D})"
"""The bound of the plan's counts, `1,000,000,000`: nobody has a number like that."""

_RUN_ID = r"(?<![0-9A-Za-z])(?:19|20|21)[0-9]{6}T[0-9]{6}m[0-9]{3}-[a-z]{4}(?![0-9A-Za-z])"
"""The id of a run, which begins with its date."""

_NOBODYS = rf"{_TIMES}|{_RUN_ID}|{_MACHINE}|{_BOUND}"
_RUN = rf"\+?(?!{_NOBODYS}){_D}(?:{_APART}{{0,{MOST_SEPARATORS}}}+(?!{_NOBODYS}){_D})*+"
_DIGIT = re.compile(_D)
_MANY = re.compile(rf"(?:(?s:.)*?{_D}){{{FEWEST_DIGITS_MASKED}}}")
_GROUP = re.compile(rf"\+?{_D}+")
_NEW = re.compile(rf"(?<=[^\w\s+])\s*+(?=\+{_D})")
"""Where a number begins whatever stands before it: at a `+` after a comma, a quote or the like."""
_USERINFO = re.compile(r"(?:(?<=//)|(?<=\\/\\/))[^/?#\s]*@")


@cache
def _found() -> re.Pattern[str]:
    """Return what finds numbers, and what is none. It takes long to compile: only for a text that may hold a number."""
    return re.compile(rf"(?P<whole>{_IDENTIFIER}|{_NOBODYS})|(?P<run>{_RUN})")


def mask(number: str) -> str:
    """Hide the middle, keeping the length: first 5 and last 2 of 12 characters or more, else first 2 and last 2."""
    head = 5 if len(number) >= 12 else 2
    hidden = len(number) - head - 2
    return number if hidden <= 0 else number[:head] + "*" * hidden + number[-2:]


def mask_userinfo(text: str) -> str:
    """Hide what stands before the host of an address."""
    return _USERINFO.sub("***@", text) if "@" in text else text


def mask_text(text: str) -> str:
    """Mask every run of nine digits or more, however separated, and userinfo in addresses.

    What is nobody's number stays whole: digests and Sids, dates and times of day, the addresses of machines.
    """
    return mask_numbers(mask_userinfo(text))


def excerpt(text: str, longest: int = 60) -> str:
    """Cut a text that is longer than `longest` characters, but never so that a number's part looks like none.

    Masked afterwards, the excerpt shows no more of a number than the whole text would.
    """
    if len(text) <= longest:
        return text
    cut = longest - 3
    for found in _found().finditer(text[: cut + LONGEST_SPELLING]):
        if found.start() >= cut:
            break
        if found.end() <= cut:
            continue
        is_number = digits_in(found.group()) <= MOST_DIGITS_OF_ONE
        if is_number or digits_in(text[found.start() : cut]) < FEWEST_DIGITS_MASKED:
            cut = found.start()
    return f"{text[:cut]}..."


def mask_numbers(text: str, hide: Callable[[str], str] = mask) -> str:
    """Mask every number in a text, and leave user names in addresses as they are; `hide` says what stands for one."""
    if _MANY.match(text) is None:
        return text
    return _found().sub(lambda found: found["whole"] or _masked_run(found["run"], hide), text)


def _masked_run(run: str, hide: Callable[[str], str]) -> str:
    """Mask one run of digits: each number by itself where that is plain, else the run as one number."""
    return "".join(_masked_number(part, hide) for part in _parts(run))


def _parts(run: str) -> Iterator[str]:
    """Divide a run where a number begins with its `+`, if what begins there is long enough for one."""
    start = 0
    ends = [found.end() for found in _NEW.finditer(run)]
    for position, end in enumerate(ends):
        after = ends[position + 1] if position + 1 < len(ends) else len(run)
        if digits_in(run[end:after]) >= FEWEST_DIGITS_MASKED:
            yield run[start:end]
            start = end
    yield run[start:]


def _masked_number(run: str, hide: Callable[[str], str]) -> str:
    if digits_in(run) < FEWEST_DIGITS_MASKED:
        return run
    groups = [found.span() for found in _GROUP.finditer(run)]
    if len(groups) > 1 and all(end - start >= FEWEST_DIGITS_MASKED for start, end in groups):
        return _GROUP.sub(lambda found: hide(found.group()), run)
    end = groups[-1][1]
    return hide(run[:end]) + run[end:]


def digits_in(text: str) -> int:
    """Return how many digits a text has, of whatever script."""
    return len(_DIGIT.findall(text))
