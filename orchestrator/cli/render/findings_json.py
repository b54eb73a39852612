"""Findings for programs: one JSON document, format 1."""

import json
from collections.abc import Iterable
from typing import Any

from orchestrator.cli.render.findings import hint_of, message_of
from orchestrator.exotel.masking import Masker
from orchestrator.model.diagnostic import Diagnostic, Severity, Span


def render_json(findings: Iterable[Diagnostic], masker: Masker) -> str:
    """Return the document: `format`, `errors`, `warnings`, `notes`, `findings`. Keys may be added, none is renamed."""
    found = tuple(findings)
    document: dict[str, Any] = {"format": 1}
    for severity in Severity:
        document[f"{severity.value}s"] = sum(1 for finding in found if finding.severity is severity)
    document["findings"] = [finding_record(finding, masker) for finding in found]
    return json.dumps(document, indent=2) + "\n"


def finding_record(finding: Diagnostic, masker: Masker) -> dict[str, Any]:
    """Return one finding as the JSON formats show it."""
    places = [_place(span) for span in finding.spans]
    nowhere = {"file": None, "line": None, "column": None, "end_column": None}
    return {
        "id": finding.id,
        "severity": finding.severity.value,
        "message": message_of(finding, masker),
        "hint": hint_of(finding, masker),
        **(places[0] if places else nowhere),
        "related": places[1:],
    }


def _place(span: Span) -> dict[str, str | int | None]:
    return {
        "file": span.file,
        "line": span.line,
        "column": span.column,
        "end_column": span.end_column,
    }
