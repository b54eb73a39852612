"""What people and logs see of a text: numbers masked, identifiers of the carrier and digests left whole.

A field that is known to be a call Sid is not brought here at all: it is never a phone number.
"""

import re
from dataclasses import dataclass

from orchestrator.exotel.numbers import mask, mask_text, mask_userinfo

_IDENTIFIER = re.compile(
    r"(?<![0-9A-Za-z])(?:(?=(?:[0-9]*[a-z]){4})[0-9a-z]{32}|(?=(?:[0-9]*[a-f]){4})[0-9a-f]{64})(?![0-9A-Za-z])"
)
"""A call Sid (32 lower-case letters and digits, exotel-voice-v1.md 2.2) or a digest (64 hexadecimal digits): every
tenth Sid and every third digest holds nine digits in a row, and is useless when masked. Four letters or more:
no phone number has them."""


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
        """Show any other text: runs of nine digits or more and userinfo in addresses are masked."""
        if self.unmask:
            return text
        parts: list[str] = []
        position = 0
        for found in _IDENTIFIER.finditer(text):
            parts += [mask_text(text[position : found.start()]), found.group()]
            position = found.end()
        return "".join([*parts, mask_text(text[position:])])
