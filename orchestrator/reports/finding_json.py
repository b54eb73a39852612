"""A finding in a document for programs: its record, and the schema of that."""

from typing import Any

from orchestrator.exotel.masking import Masker
from orchestrator.model.diagnostic import Diagnostic, Edit, Span
from orchestrator.reports.report_schema import MAYBE_TEXT, TEXT, record


def finding_record(finding: Diagnostic, masker: Masker) -> dict[str, Any]:
    """Return one finding as the JSON formats show it; `fix` only where it has one, `count` where it stands for more."""
    places = [_place(span) for span in finding.spans]
    edits = edits_shown(finding, masker)
    nowhere = {"file": None, "line": None, "column": None, "end_column": None}
    return {
        "id": finding.id,
        "severity": finding.severity.value,
        "message": masker.message(finding),
        "hint": masker.hint(finding),
        "waived": _waiver(finding, masker),
        **(places[0] if places else nowhere),
        "related": places[1:],
        **({"count": finding.count} if finding.count > 1 else {}),
        **({"fix": [{**_place(edit.span), "text": edit.text} for edit in edits]} if edits else {}),
    }


def edits_shown(finding: Diagnostic, masker: Masker) -> tuple[Edit, ...]:
    """Return the edits that mend a finding, none where one of them would be shown masked, and so be wrong."""
    return finding.fix if all(masker.text(edit.text) == edit.text for edit in finding.fix) else ()


def _waiver(finding: Diagnostic, masker: Masker) -> dict[str, str] | None:
    waiver = finding.waiver
    if waiver is None:
        return None
    return {"owner": masker.text(waiver.owner), "reason": masker.text(waiver.reason), "until": waiver.until}


def _place(span: Span) -> dict[str, str | int | None]:
    return {
        "file": span.file,
        "line": span.line,
        "column": span.column,
        "end_column": span.end_column,
    }


def finding_schema() -> dict[str, Any]:
    """Return the schema of a finding in a document for programs."""
    waiver = record({"owner": TEXT, "reason": TEXT, "until": TEXT}, "Who has set its rule aside, why, until which day.")
    waived = waiver | {"type": ["object", "null"]}
    finding = {"id": TEXT, "severity": TEXT, "message": TEXT, "hint": MAYBE_TEXT, "waived": waived}
    return record(finding, "A warning or a note, as `validate` words it.")
