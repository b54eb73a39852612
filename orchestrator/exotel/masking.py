"""What people and logs see of texts: the one masking point, which knows the parameters that are numbers.

A field that is known to be a call Sid is not brought here at all: it is never a phone number.
"""

import re
from collections.abc import Callable

from orchestrator.exotel.parameter import Kind
from orchestrator.exotel.parameters import BY_SPELLING, parameter_of
from orchestrator.model.diagnostic import Diagnostic
from orchestrator.model.frozen import frozen
from orchestrator.phone.masking import digits_in, mask, mask_numbers, mask_userinfo
from orchestrator.phone.safe_text import visible

_NAMES = "|".join(sorted((name for name, row in BY_SPELLING.items() if row.kind is Kind.PHONE), key=len, reverse=True))
_FIELD = re.compile(
    rf"""(?<![\w-])(?:{_NAMES})["'`]?(?:\s{{0,4}}[:=]\s{{0,4}}|[ ]is[ ])"""
    r"""(?:"(?P<double>(?:[^"\\\n]|\\.)*+)|'(?P<single>(?:[^'\n]|'')*+)|`(?P<quoted>[^`\n]*+)"""
    r"""|(?<=[:=\s])(?<!\ is\ )(?P<plain>[^\s"'`$&*#,{}\[\]][^#,{}\[\]\n]*+))"""
)
"""A value beside the name of a parameter that is a number, in a source line or in a message."""
_WORD = re.compile(r"[A-Za-z-]*+[0-9]{0,8}+[A-Za-z-]*+")
"""A word such as `order-1042`: what most texts are, and too short of digits to hold a number."""
_QUOTED = re.compile(r"`([^`]*+)`")


@frozen
class Masker:
    """Shows texts. With `unmask`, as they are; else `hide` says what stands for a number."""

    unmask: bool = False
    hide: Callable[[str], str] = mask

    def number(self, text: str) -> str:
        """Show a text that is known to be a phone number, whatever its length."""
        return text if self.unmask else self.hide(text)

    def parameter(self, name: str, value: str) -> str:
        """Show the value of a parameter. The table says which are numbers, however short."""
        row = BY_SPELLING.get(name)
        return self.number(value) if row is not None and row.kind is Kind.PHONE else self.text(value)

    def field(self, name: str, value: str) -> str:
        """Show the value of a form field, by its name on the wire."""
        return self.parameter(parameter_of(name), value)

    def address(self, text: str) -> str:
        """Show an address of the carrier's, such as a recording's: its digits name no phone."""
        return text if self.unmask else mask_userinfo(text)

    def text(self, text: str) -> str:
        """Show any other text: runs of nine digits or more, userinfo, and values that are numbers are masked.

        A value that is a number is known by the name of its parameter before it: `To: "..."`, `CallerId is ...`.
        """
        is_word = text.isalpha() or _WORD.fullmatch(text)
        return text if self.unmask or is_word else _masked(text, _FIELD, self.hide)

    def shown(self, text: str) -> str:
        """Return a text as a terminal or a log may show it: masked, on one line, and no command of a pipeline."""
        return visible(self.text(text))

    def message(self, finding: Diagnostic) -> str:
        """Show what a finding says."""
        return self.about_numbers(finding.message) if finding.quotes_numbers else self.text(finding.message)

    def hint(self, finding: Diagnostic) -> str | None:
        """Show the hint of a finding; None where it has none."""
        return self.text(finding.hint) if finding.hint else None

    def about_numbers(self, text: str) -> str:
        """Show a text that is about a number: what it quotes is the number, whatever was typed for it."""
        return text if self.unmask else _masked(text, _QUOTED, self.hide)


def _masked(text: str, known: re.Pattern[str], hide: Callable[[str], str]) -> str:
    """Mask each value that `known` finds as a whole, and what stands between them as any text."""
    text = mask_userinfo(text)
    parts: list[str] = []
    position = 0
    for found in known.finditer(text):
        start, end = _value(found)
        if start < end:
            parts += [mask_numbers(text[position:start], hide), hide(text[start:end])]
            position = end
    return "".join([*parts, mask_numbers(text[position:], hide)])


def _value(found: re.Match[str]) -> tuple[int, int]:
    """Return where the value stands; nowhere if it has too few digits for a number, or is completed elsewhere."""
    at = found.lastindex or 0
    value = found.group(at).rstrip()
    is_number = digits_in(value) >= 3 and "${" not in value
    return found.start(at), found.start(at) + (len(value) if is_number else 0)
