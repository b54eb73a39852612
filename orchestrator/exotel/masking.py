"""What people and logs see of a text: numbers masked, identifiers of the carrier, digests and times left whole.

A field that is known to be a call Sid is not brought here at all: it is never a phone number. Every pattern is linear:
none has an unbounded repetition that another may begin inside, so that no input of others takes long.
"""

import re
from collections.abc import Iterator
from dataclasses import dataclass

from orchestrator.exotel.parameter import Kind
from orchestrator.exotel.parameters import BY_SPELLING

SHORTEST = 9
"""Digits from which on a text is taken for a number, however it is separated; a date has eight."""
LONGEST = 17
"""Digits of one number at most: fifteen (E.164), behind the `00` of a call abroad."""
APART = 32
"""Separators at most between two digits of one number."""
REACH = SHORTEST * APART * 10
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
passes over (`exotel.numbers`), so that whatever is read as a number is masked; a test holds the two together."""

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
_RUN = rf"\+?(?!{_NOBODYS}){_D}(?:{_APART}{{0,{APART}}}+(?!{_NOBODYS}){_D})*+"
_FOUND = re.compile(rf"(?P<whole>{_IDENTIFIER}|{_NOBODYS})|(?P<run>{_RUN})")
_DIGIT = re.compile(_D)
_MANY = re.compile(rf"(?:(?s:.)*?{_D}){{{SHORTEST}}}")
_GROUP = re.compile(rf"\+?{_D}+")
_NEW = re.compile(rf"(?<=[^\w\s+])\s*+(?=\+{_D})")
"""Where a number begins whatever stands before it: at a `+` after a comma, a quote or the like."""
_USERINFO = re.compile(r"(?:(?<=//)|(?<=\\/\\/))[^/?#\s]*@")

_NAMES = "|".join(sorted((name for name, row in BY_SPELLING.items() if row.kind is Kind.PHONE), key=len, reverse=True))
_FIELD = re.compile(
    rf"""(?<![\w-])(?:{_NAMES})["'`]?(?:\s{{0,4}}[:=]\s{{0,4}}|[ ]is[ ])"""
    r"""(?:"(?P<double>(?:[^"\\\n]|\\.)*+)|'(?P<single>(?:[^'\n]|'')*+)|`(?P<quoted>[^`\n]*+)"""
    r"""|(?<=[:=\s])(?<!\ is\ )(?P<plain>[^\s"'`$&*#,{}\[\]][^#,{}\[\]\n]*+))"""
)
"""A value beside the name of a parameter that is a number, in a source line or in a message."""
_QUOTED = re.compile(r"`([^`]*+)`")


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
    return _without_numbers(mask_userinfo(text))


def excerpt(text: str, longest: int = 60) -> str:
    """Cut a text that is longer than `longest` characters, but never so that a number's part looks like none.

    Masked afterwards, the excerpt shows no more of a number than the whole text would.
    """
    if len(text) <= longest:
        return text
    cut = longest - 3
    for found in _FOUND.finditer(text[: cut + REACH]):
        if found.start() >= cut:
            break
        if found.end() <= cut:
            continue
        is_number = _digits(found.group()) <= LONGEST
        if is_number or _digits(text[found.start() : cut]) < SHORTEST:
            cut = found.start()
    return f"{text[:cut]}..."


@dataclass(frozen=True, slots=True)
class Masker:
    """Shows texts. With `unmask`, as they are."""

    unmask: bool = False

    def number(self, text: str) -> str:
        """Show a text that is known to be a phone number, whatever its length."""
        return text if self.unmask else mask(text)

    def address(self, text: str) -> str:
        """Show an address of the carrier's, such as a recording's: its digits name no phone."""
        return text if self.unmask else mask_userinfo(text)

    def text(self, text: str) -> str:
        """Show any other text: runs of nine digits or more, userinfo, and values that are numbers are masked.

        A value that is a number is known by the name of its parameter before it: `To: "..."`, `CallerId is ...`.
        """
        return text if self.unmask else _masked(text, _FIELD)

    def about_numbers(self, text: str) -> str:
        """Show a text that is about a number: what it quotes is the number, whatever was typed for it."""
        return text if self.unmask else _masked(text, _QUOTED)


def _masked(text: str, known: re.Pattern[str]) -> str:
    """Mask each value that `known` finds as a whole, and what stands between them as any text."""
    text = mask_userinfo(text)
    parts: list[str] = []
    position = 0
    for found in known.finditer(text):
        start, end = _value(found)
        if start < end:
            parts += [_without_numbers(text[position:start]), mask(text[start:end])]
            position = end
    return "".join([*parts, _without_numbers(text[position:])])


def _value(found: re.Match[str]) -> tuple[int, int]:
    """Return where the value stands; nowhere if it has too few digits for a number, or is completed elsewhere."""
    at = found.lastindex or 0
    value = found.group(at).rstrip()
    is_number = _digits(value) >= 3 and "${" not in value
    return found.start(at), found.start(at) + (len(value) if is_number else 0)


def _without_numbers(text: str) -> str:
    if _MANY.match(text) is None:
        return text
    return _FOUND.sub(lambda found: found["whole"] or _masked_run(found["run"]), text)


def _masked_run(run: str) -> str:
    """Mask one run of digits: each number by itself where that is plain, else the run as one number."""
    return "".join(_masked_number(part) for part in _parts(run))


def _parts(run: str) -> Iterator[str]:
    """Divide a run where a number begins with its `+`, if what begins there is long enough for one."""
    start = 0
    ends = [found.end() for found in _NEW.finditer(run)]
    for position, end in enumerate(ends):
        after = ends[position + 1] if position + 1 < len(ends) else len(run)
        if _digits(run[end:after]) >= SHORTEST:
            yield run[start:end]
            start = end
    yield run[start:]


def _masked_number(run: str) -> str:
    if _digits(run) < SHORTEST:
        return run
    groups = [found.span() for found in _GROUP.finditer(run)]
    if len(groups) > 1 and all(end - start >= SHORTEST for start, end in groups):
        return _GROUP.sub(lambda found: mask(found.group()), run)
    end = groups[-1][1]
    return mask(run[:end]) + run[end:]


def _digits(text: str) -> int:
    return len(_DIGIT.findall(text))
