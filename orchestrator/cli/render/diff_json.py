"""What changes from one plan to another as JSON, for programs: format 1 of schemas/plan-diff.schema.json."""

import json
from collections.abc import Iterator
from typing import Any

from orchestrator.cli.render.changed_settings import changed_settings
from orchestrator.cli.render.people import is_number
from orchestrator.cli.render.rung_again import SettingChange, changed_identity, consequences
from orchestrator.exotel.masking import Masker
from orchestrator.model.plan_diff import CallDiff, ManyChange, PlanDiff, PlanSide
from orchestrator.model.review import FieldChange, FieldValue
from orchestrator.phone.pseudonyms import Pseudonyms
from orchestrator.reports.finding_json import finding_record
from orchestrator.reports.report_json import one_a_line


def render_diff_json(diff: PlanDiff, masker: Masker, labels: Pseudonyms) -> Iterator[str]:
    """Yield the document, one call a line."""
    counts = diff.counts
    head: dict[str, Any] = {
        "format": 1,
        "old": _side(diff.old, masker),
        "new": _side(diff.new, masker),
        "target": masker.text(diff.new.target.name),
        "sandbox": not diff.new.target.is_live,
        "moved": diff.moved,
        "pseudonyms": "lasting" if labels.lasting else "of-this-output",
        "totals": {
            "added": counts.added,
            "removed": counts.removed,
            "changed": counts.changed,
            "unchanged": counts.unchanged,
            "other_numbers": counts.other_numbers,
            "same_pairs": counts.same_pairs,
        },
        "consequences": [masker.text(text) for text in consequences(diff)],
        "identity": [_setting(change, masker) for change in changed_identity(diff)],
        "policy": [_setting(change, masker) for change in changed_settings(diff)],
        "written": [_many(change, masker, labels) for change in diff.written],
        "shared": [_many(change, masker, labels) for change in diff.shared],
        "findings": [finding_record(finding, masker) for finding in diff.findings],
    }
    lines = ",\n ".join(f"{json.dumps(key)}: {json.dumps(value)}" for key, value in head.items())
    yield f'{{{lines},\n "calls": ['
    yield from one_a_line(_call(call, masker, labels) for call in diff.calls)
    yield "]}\n"


def _side(side: PlanSide, masker: Masker) -> dict[str, Any]:
    if not side.exists:
        return {"file": masker.text(side.file), "exists": False}
    return {
        "file": masker.text(side.file),
        "exists": True,
        "plan": masker.text(side.name),
        "edition": masker.text(side.edition),
        "digest": side.digest,
        "calls": side.calls,
        "left_out": side.left_out,
    }


def _setting(change: SettingChange, masker: Masker) -> dict[str, Any]:
    before, after = (None if text is None else masker.text(text) for text in (change.before, change.after))
    meaning = [masker.text(text) for text in change.meaning]
    return {"name": masker.text(change.name), "before": before, "after": after, "meaning": meaning}


def _many(change: ManyChange, masker: Masker, labels: Pseudonyms) -> dict[str, Any]:
    return {**_field(change.value, masker, labels), "calls": change.calls}


def _call(call: CallDiff, masker: Masker, labels: Pseudonyms) -> dict[str, Any]:
    return {
        "id": masker.text(call.id),
        "change": call.fate.value,
        "same_pair": call.same_pair,
        "fields": [_field(change, masker, labels) for change in call.fields],
    }


def _field(change: FieldChange, masker: Masker, labels: Pseudonyms) -> dict[str, Any]:
    before, after = (_value(change.name, value, masker) for value in (change.before, change.after))
    found: dict[str, Any] = {"name": masker.text(change.name), "before": before, "after": after}
    if is_number(change.name):
        found["pseudonyms"] = [_label(value, labels) for value in (change.before, change.after)]
    return found


def _value(name: str, value: FieldValue, masker: Masker) -> str | list[str] | None:
    if isinstance(value, tuple):
        return list(map(masker.text, value))
    if value is None:
        return None
    return masker.number(value) if is_number(name) and "${" not in value else masker.text(value)


def _label(value: FieldValue, labels: Pseudonyms) -> str | None:
    return labels.whole(value) if isinstance(value, str) and "${" not in value else None
