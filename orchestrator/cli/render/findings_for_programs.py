"""Findings for programs: JSON (format 1), SARIF 2.1.0, and annotations for GitHub as its workflow commands."""

import json
import os
from collections.abc import Iterable, Iterator
from pathlib import Path, PurePath
from typing import Any
from urllib.parse import quote

from orchestrator.app.explain import finding_pages
from orchestrator.app.stdin import STDIN
from orchestrator.cli.render.findings import waiver_of
from orchestrator.exotel.masking import Masker
from orchestrator.model.diagnostic import Diagnostic, Edit, Severity, Span
from orchestrator.model.program import DOCUMENTATION, VERSION
from orchestrator.phone.safe_text import printable
from orchestrator.reference.page_markdown import FINDINGS_FILE, anchor, section_markdown
from orchestrator.reference.page_text import WIDEST, page_text
from orchestrator.reports.finding_json import edits_shown, finding_record


def render_json(findings: Iterable[Diagnostic], masker: Masker) -> str:
    """Return the document: `format`, `errors`, `warnings`, `notes`, `waived`, `findings`; its keys stay."""
    found = tuple(findings)
    document: dict[str, Any] = {"format": 1}
    for severity in Severity:
        counted = (finding for finding in found if finding.severity is severity and finding.waiver is None)
        document[f"{severity.value}s"] = sum(finding.count for finding in counted)
    document["waived"] = sum(finding.count for finding in found if finding.waiver is not None)
    document["findings"] = [finding_record(finding, masker) for finding in found]
    return json.dumps(document, indent=2) + "\n"


SARIF_SCHEMA = "https://docs.oasis-open.org/sarif/sarif/v2.1.0/os/schemas/sarif-schema-2.1.0.json"


def render_sarif(findings: Iterable[Diagnostic], masker: Masker) -> str:
    """Return one run with one result a finding. Severities are SARIF's own words: error, warning, note."""
    found = tuple(findings)
    rules = sorted({finding.id for finding in found})
    driver: dict[str, Any] = {"name": "orchestrate", "version": VERSION, "informationUri": DOCUMENTATION}
    driver["rules"] = [_rule(rule, masker) for rule in rules]
    run = {
        "tool": {"driver": driver},
        "columnKind": "unicodeCodePoints",
        "results": [_result(finding, rules.index(finding.id), masker) for finding in found],
    }
    return json.dumps({"$schema": SARIF_SCHEMA, "version": "2.1.0", "runs": [run]}, indent=2) + "\n"


def _rule(id_: str, masker: Masker) -> dict[str, Any]:
    """Return what is documented of a finding, which readers of SARIF show beside it; its examples hold numbers too."""
    page = finding_pages().get(id_)
    if page is None:
        return {"id": id_}
    return {
        "id": id_,
        "shortDescription": {"text": masker.text(page.what)},
        "fullDescription": {"text": masker.text(f"{page.what} {page.why}")},
        "help": {"text": masker.text(page_text(page, WIDEST)), "markdown": masker.text(section_markdown(page))},
        "helpUri": f"{DOCUMENTATION}/{FINDINGS_FILE}{anchor(page)}",
    }


def _result(finding: Diagnostic, rule: int, masker: Masker) -> dict[str, Any]:
    text, hint = masker.message(finding), masker.hint(finding)
    if hint:
        text += f"\nHint: {hint}"
    result: dict[str, Any] = {
        "ruleId": finding.id,
        "ruleIndex": rule,
        "level": finding.severity.value,
        "message": {"text": _without_links(text)},
        "locations": [_location(span) for span in finding.spans[:1]],
    }
    if finding.spans[1:]:
        result["relatedLocations"] = [_location(span) for span in finding.spans[1:]]
    edits = edits_shown(finding, masker)
    if edits:
        changes = {
            "artifactLocation": {"uri": _uri(edits[0].span.file)},
            "replacements": list(map(_replacement, edits)),
        }
        result["fixes"] = [{"description": {"text": hint or text}, "artifactChanges": [changes]}]
    waiver = waiver_of(finding, masker)
    if waiver:
        result["suppressions"] = [{"kind": "inSource", "status": "accepted", "justification": waiver}]
    return result


def _without_links(text: str) -> str:
    """Return a text in which SARIF sees no link such as `[text](address)`: backslashes take the brackets' meaning."""
    return text.replace("[", "\\[").replace("]", "\\]") if "](" in text else text


def _replacement(edit: Edit) -> dict[str, Any]:
    span = edit.span
    region = {"startLine": span.line, "startColumn": span.column, "endLine": span.line, "endColumn": span.end_column}
    return {"deletedRegion": region, "insertedContent": {"text": edit.text}}


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


GITHUB_COMMANDS = {Severity.ERROR: "error", Severity.WARNING: "warning", Severity.NOTE: "notice"}


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
        message, hint = masker.message(finding), masker.hint(finding)
        if hint:
            message += f"\nhint: {hint}"
        waiver = waiver_of(finding, masker)
        if waiver:
            message += f"\n{waiver}"
        command = GITHUB_COMMANDS[finding.severity if waiver is None else Severity.NOTE]
        listed = ",".join(f"{name}={_property(value)}" for name, value in properties.items())
        yield f"::{command} {listed}::{_data(message)}"


def _data(text: str) -> str:
    """Escape a text; other control characters are written out, so that a log viewer cannot be moved about."""
    return "%0A".join(printable(line).replace("%", "%25") for line in text.replace("\r", "\n").split("\n"))


def _property(text: str) -> str:
    return _data(text).replace(":", "%3A").replace(",", "%2C")


STDIN_NAME = "stdin"
"""What standard input is called where a place must be a path."""


def repository_path(file: str) -> str:
    """Return a file's path relative to its repository, with forward slashes and without `.`, `..` and links.

    The repository is the nearest folder with `.git` above the file as it is named, else as links lead to it; without
    one the working directory stands for it. A link that leads out of the repository is what the repository has.
    What lies outside keeps its absolute path. `-` becomes `stdin`.
    """
    if file == STDIN:
        return STDIN_NAME
    here = os.path.realpath(os.curdir)
    named = os.path.normpath(os.path.join(here, file))  # noqa: PTH118 - pathlib keeps `..`
    real = os.path.realpath(os.path.join(here, file))  # noqa: PTH118 - as above
    root = os.path.realpath(_repository(named) or _repository(real) or here)
    for path in (real, named):
        if path.startswith(root.rstrip(os.sep) + os.sep):
            return PurePath(os.path.relpath(path, root)).as_posix()
    return PurePath(named).as_posix()


def _repository(path: str) -> Path | None:
    for folder in Path(path).parents:
        if os.path.lexists(folder / ".git"):
            return folder
    return None
