"""What `doctor` found out, for programs: JSON, format 1."""

import json
from typing import Any

from orchestrator.exotel.masking import Masker
from orchestrator.model.check import Check, Examination, Health

ABOUT_A_NUMBER = "caller-id"
"""The check whose `where` is a phone number."""


def examination_json(found: Examination, exit_code: int, masker: Masker) -> str:
    """Return the document: `target`, `plan`, the exit code, `totals` and every check; numbers masked."""
    document: dict[str, Any] = {
        "format": 1,
        "target": masker.text(found.target),
        "plan": None if found.plan is None else masker.text(found.plan),
        "exit_code": exit_code,
        "totals": {health.value: found.count(health) for health in Health},
        "checks": [_facts(check, masker) for check in found.checks],
    }
    return json.dumps(document, indent=1) + "\n"


def _facts(check: Check, masker: Masker) -> dict[str, Any]:
    return {
        "area": check.area.value,
        "id": check.id,
        "health": check.health.value,
        "what": masker.text(check.what),
        "where": where_of(check, masker),
        "hint": None if check.hint is None else masker.text(check.hint),
    }


def where_of(check: Check, masker: Masker) -> str | None:
    """Return what a check is about, as people may see it."""
    if check.where is None:
        return None
    return masker.number(check.where) if check.id == ABOUT_A_NUMBER else masker.text(check.where)
