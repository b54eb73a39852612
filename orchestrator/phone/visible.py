"""Texts from plans, data and the carrier, made safe to print: nothing in them can forge a line or move the cursor."""

import unicodedata

from orchestrator.phone.safe_text import disarmed

TAB = "    "
_JOINERS = "\u200c\u200d"
"""Zero-width joiners belong to the spelling of Indian scripts; every other format character is written out."""


def shown(character: str) -> str:
    """Return what stands for one character on a screen: itself, four spaces for a tab, or its escape."""
    if character == "\t":
        return TAB
    if character in _JOINERS:
        return character
    if unicodedata.category(character) in ("Cc", "Cf", "Cs", "Co", "Zl", "Zp"):
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
