"""Numbers in Markdown, which others read and keep: a label in place of each, unless they were asked for in full."""

from orchestrator.exotel.call_fields import NUMBERS
from orchestrator.exotel.masking import Masker
from orchestrator.exotel.parameter import Kind
from orchestrator.exotel.parameters import BY_SPELLING
from orchestrator.model.review import FieldValue
from orchestrator.phone.pseudonyms import Pseudonyms
from orchestrator.reports.markdown import code


def is_number(name: str) -> bool:
    """Whether a parameter is a phone number, also as the plan's defaults have it."""
    row = BY_SPELLING.get(name.removeprefix("defaults."))
    return row is not None and row.kind is Kind.PHONE


class People:
    """Shows people as `person k7f3`, and other numbers, also those in texts, as `number k7f3`."""

    def __init__(self, labels: Pseudonyms, *, unmask: bool = False) -> None:
        self._labels = labels
        self.masker = Masker(unmask, lambda number: f"number {labels.short(number)}")

    def person(self, number: str) -> str:
        """Show a number that is rung."""
        return code(number if self.masker.unmask else f"person {self._labels.short(number)}")

    def value(self, name: str, value: FieldValue) -> str:
        """Show the value of a parameter."""
        if value is None:
            return "not set"
        if isinstance(value, tuple):
            return code(self.masker.text(", ".join(value)))
        if "${" in value or not is_number(name):
            return code(self.masker.text(value))
        return self.person(value) if name in NUMBERS else code(self.masker.number(value))

    @property
    def note(self) -> str:
        """What a label means, in our own words."""
        if self.masker.unmask:
            return ""
        elsewhere = (
            " In every output with this key that number has a label that begins so." if self._labels.lasting else ""
        )
        return f"A label such as `person k7f3` stands for one number in this comment, however it is spelled.{elsewhere}"
