"""Findings for code-scanning services: SARIF 2.1.0."""

import json
from collections.abc import Iterable
from typing import Any
from urllib.parse import quote

from orchestrator import __version__
from orchestrator.cli.finding_text import hint_of, message_of
from orchestrator.cli.repository_places import repository_path
from orchestrator.exotel.masking import Masker
from orchestrator.model.diagnostic import Diagnostic, Span

SCHEMA = "https://docs.oasis-open.org/sarif/sarif/v2.1.0/os/schemas/sarif-schema-2.1.0.json"


def render_sarif(findings: Iterable[Diagnostic], masker: Masker) -> str:
    """Return one run with one result a finding. Severities are SARIF's own words: error, warning, note."""
    found = tuple(findings)
    rules = sorted({finding.id for finding in found})
    driver = {"name": "orchestrate", "version": __version__, "rules": [{"id": rule} for rule in rules]}
    run = {
        "tool": {"driver": driver},
        "columnKind": "unicodeCodePoints",
        "results": [_result(finding, rules.index(finding.id), masker) for finding in found],
    }
    return json.dumps({"$schema": SCHEMA, "version": "2.1.0", "runs": [run]}, indent=2) + "\n"


def _result(finding: Diagnostic, rule: int, masker: Masker) -> dict[str, Any]:
    text, hint = message_of(finding, masker), hint_of(finding, masker)
    if hint:
        text += f"\nHint: {hint}"
    result: dict[str, Any] = {
        "ruleId": finding.id,
        "ruleIndex": rule,
        "level": finding.severity.value,
        "message": {"text": text},
        "locations": [_location(span) for span in finding.spans[:1]],
    }
    if finding.spans[1:]:
        result["relatedLocations"] = [_location(span) for span in finding.spans[1:]]
    return result


def _location(span: Span) -> dict[str, Any]:
    region = {"startLine": span.line, "startColumn": span.column}
    if span.end_column is not None and span.end_column > span.column:
        region["endColumn"] = span.end_column
    return {"physicalLocation": {"artifactLocation": {"uri": _uri(span.file)}, "region": region}}


def _uri(file: str) -> str:
    """Return a relative reference for a file of the repository, which services match with it, else a file URI."""
    path = repository_path(file)
    escaped = quote(path.encode("utf-8", "surrogateescape"))
    return f"file://{escaped}" if path.startswith("/") else escaped
