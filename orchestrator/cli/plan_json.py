"""A plan under review for programs: JSON, format 1, one call a line."""

import json
from collections.abc import Iterator
from typing import Any

from orchestrator.cli.diagnostics_json import finding_record
from orchestrator.cli.masked_request import masked_pairs
from orchestrator.exotel.masking import Masker
from orchestrator.model.review import CallState, PlannedCall, PlanView


def render_plan_json(view: PlanView, masker: Masker) -> Iterator[str]:
    """Yield the document: `format`, `digest`, ..., `totals`, `findings`, `calls` at the top."""
    head: dict[str, Any] = {
        "format": 1,
        "digest": view.digest,
        "plan": view.name,
        "edition": view.edition,
        "target": view.target,
        "sandbox": view.sandbox,
        "journal": view.journal,
        "least_seconds": view.least_seconds,
        "opens_at": view.opens_at,
        "opens_why": None if view.opens_why is None else masker.text(view.opens_why),
        "at": view.at,
        "held": None if view.held is None else masker.text(view.held),
        "lifted_by": list(view.lifted_by),
        "totals": dict(view.totals),
        "findings": [finding_record(finding, masker) for finding in view.findings],
    }
    lines = ",\n ".join(f"{json.dumps(key)}: {json.dumps(value)}" for key, value in head.items())
    yield f'{{{lines},\n "calls": ['
    separator = "\n  "
    for call in view.calls:
        yield f"{separator}{json.dumps(_call(call, masker))}"
        separator = ",\n  "
    yield "]}\n"


def _call(call: PlannedCall, masker: Masker) -> dict[str, Any]:
    request = call.request
    return {
        "id": masker.text(call.id),
        "state": call.state.value,
        "reason": None if call.reason is None else masker.text(call.reason),
        "not_before": call.not_before,
        "run": call.earlier_run,
        "from": masker.number(call.from_number),
        "to": masker.number(call.to_number),
        "rung_first": "from",
        "request": None
        if call.state is CallState.BAD_ROW
        else {
            "method": request.method,
            "url": masker.text(request.url),
            "encoding": request.encoding,
            "fields": [list(pair) for pair in masked_pairs(request, masker)],
            "origins": dict(request.origins),
            "unlisted": [masker.text(item) for item in request.unlisted],
        },
    }
