"""Findings as annotations of a pull request: GitHub's workflow commands."""

from collections.abc import Iterable, Iterator

from orchestrator.cli.finding_text import hint_of, message_of
from orchestrator.cli.repository_places import repository_path
from orchestrator.exotel.masking import Masker
from orchestrator.model.diagnostic import Diagnostic, Severity
from orchestrator.phone.visible import printable

COMMANDS = {Severity.ERROR: "error", Severity.WARNING: "warning", Severity.NOTE: "notice"}


def render_github(findings: Iterable[Diagnostic], masker: Masker) -> Iterator[str]:
    """Yield one command a finding. No text of others ever begins a line: it could be a command itself."""
    for finding in findings:
        properties = {"title": finding.id}
        if finding.spans:
            span = finding.spans[0]
            place = {"line": str(span.line), "col": str(span.column)}
            properties = {"file": repository_path(span.file)} | place | properties
            if span.end_column is not None:
                properties |= {"endColumn": str(span.end_column)}
        message, hint = message_of(finding, masker), hint_of(finding, masker)
        if hint:
            message += f"\nhint: {hint}"
        listed = ",".join(f"{name}={_property(value)}" for name, value in properties.items())
        yield f"::{COMMANDS[finding.severity]} {listed}::{_data(message)}"


def _data(text: str) -> str:
    """Escape a text; other control characters are written out, so that a log viewer cannot be moved about."""
    return "%0A".join(printable(line).replace("%", "%25") for line in text.replace("\r", "\n").split("\n"))


def _property(text: str) -> str:
    return _data(text).replace(":", "%3A").replace(",", "%2C")
