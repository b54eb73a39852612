"""Texts of others made safe to print: nothing in them forges a line, moves the cursor or commands a pipeline.

Azure's and GitHub's runners read every line that a step prints, on stdout and stderr: `##vso[task.setvariable ...]` and
`##[...]` count anywhere in it, `::error::` where it begins, blanks aside.
"""

import re
import unicodedata

ANYWHERE = r"#(?=#[A-Za-z]{0,20}\[)"
_ANYWHERE = re.compile(ANYWHERE)
_ANY_COMMAND = re.compile(rf"{ANYWHERE}|(?:(?<=\s)|\A):(?=:[A-Za-z])")


def commands(text: str) -> list[int]:
    """Return where commands begin in a text that may come to stand at the start of a line."""
    return [found.start() for found in _ANY_COMMAND.finditer(text)]


def disarmed(text: str) -> str:
    r"""Return the text with the first character of each command written out: `\x23#vso[`, `\x3a:error::`."""
    return _ANY_COMMAND.sub(lambda found: written_out(found.group()), text)


def disarmed_json(text: str) -> str:
    r"""Return JSON that means the same, and also any other text, where no command counts that counts anywhere.

    `##` stands in JSON only inside strings, where `\u0023` means `#`.
    """
    return _ANYWHERE.sub(r"\\u0023", text) if "##" in text else text


def written_out(character: str) -> str:
    r"""Return `\x23` for `#`: what a person still reads."""
    return f"\\x{ord(character):02x}"


TAB = "    "
_JOINERS = "\u200c\u200d"
"""Zero-width joiners belong to the spelling of Indian scripts; every other format character is written out."""


_NO_BREAK = "\u00a0"


def shown(character: str) -> str:
    """Return what stands for one character on a screen: itself, four spaces for a tab, or its escape.

    So has the blank that does not break: in a number nobody would see what is wrong with it.
    """
    if character == "\t":
        return TAB
    if character in _JOINERS:
        return character
    if unicodedata.category(character) in ("Cc", "Cf", "Cs", "Co", "Zl", "Zp") or character == _NO_BREAK:
        return character.encode("unicode_escape", "surrogatepass").decode("ascii")
    return character


def printable(text: str) -> str:
    """Return the text on one line, with every control and format character written out."""
    if text.isascii() and text.isprintable():
        return text
    return "".join(shown(character) for character in text)


def visible(text: str) -> str:
    """Return the text as it may be printed, also at the start of a line: on one line, and no pipeline's command."""
    return disarmed(printable(text))


def cells(text: str) -> int:
    """Return how many terminal columns a visible text takes."""
    if text.isascii():
        return len(text)
    width = 0
    for character in text:
        if character in _JOINERS or unicodedata.category(character) in ("Mn", "Me"):
            continue
        width += 2 if unicodedata.east_asian_width(character) in ("W", "F") else 1
    return width
