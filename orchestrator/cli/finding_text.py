"""What people see of a finding's words, in every format."""

from orchestrator.exotel.masking import Masker
from orchestrator.model.diagnostic import Diagnostic


def message_of(finding: Diagnostic, masker: Masker) -> str:
    """Return the message, masked: of a finding about a number, whatever it quotes as one."""
    return masker.about_numbers(finding.message) if finding.quotes_numbers else masker.text(finding.message)


def hint_of(finding: Diagnostic, masker: Masker) -> str | None:
    """Return the hint, masked; None where there is none."""
    return masker.text(finding.hint) if finding.hint else None
