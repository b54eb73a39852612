"""A plan under review as JSON, for programs: format 1 of schemas/plan-review.schema.json, one call a line."""

import json
from collections.abc import Iterator
from typing import Any

from orchestrator.exotel.masking import Masker
from orchestrator.model.events import rfc3339
from orchestrator.model.forecast import Forecast, Range
from orchestrator.model.review import CallState, FieldChange, FieldValue, PlannedCall, PlanView
from orchestrator.reports.finding_json import finding_record
from orchestrator.reports.report_json import one_a_line


def render_plan_json(view: PlanView, masker: Masker) -> Iterator[str]:
    """Yield the document: `format`, `digest`, ..., `totals`, `findings`, `calls` at the top."""
    head: dict[str, Any] = {
        "format": 1,
        "digest": view.digest,
        "plan": masker.text(view.name),
        "edition": masker.text(view.edition),
        "target": masker.text(view.target),
        "sandbox": view.sandbox,
        "journal": view.journal,
        "known_runs": view.known_runs,
        "least_seconds": view.least_seconds,
        "opens_at": view.opens_at,
        "opens_why": None if view.opens_why is None else masker.text(view.opens_why),
        "at": view.at,
        "held": None if view.held is None else masker.text(view.held),
        "lifted_by": list(view.lifted_by),
        "totals": dict(view.totals),
        "estimate": None if view.estimate is None else _estimate(view.estimate),
        "changes": [
            {"change": group.change.value, "calls": group.count, "reasons": _reasons(group.reasons, masker)}
            for group in view.groups
        ],
        "edits": [
            {**_field_change(edit.change, masker), "to_dial": edit.to_dial, "called": edit.called}
            for edit in view.edits
        ],
        "people": [
            {"number": masker.number(one.number), "count": one.count, "calls": list(map(masker.text, one.calls))}
            for one in view.people
        ],
        "findings": [finding_record(finding, masker) for finding in view.findings],
    }
    lines = ",\n ".join(f"{json.dumps(key)}: {json.dumps(value)}" for key, value in head.items())
    yield f'{{{lines},\n "removed": ['
    yield from one_a_line(_call(call, masker) for call in view.removed)
    yield '],\n "calls": ['
    yield from one_a_line(_call(call, masker) for call in view.calls)
    yield "]}\n"


def _estimate(found: Forecast) -> dict[str, Any]:
    """Return the estimate: times as RFC 3339, null where they never come; `waits` and times assumed in seconds."""
    cost = found.cost
    return {
        "starts": _span(found.starts),
        "first_ring": _times(found.first_ring),
        "last_ring": _times(found.last_ring),
        "finish": _times(found.finish),
        "minutes": _span(found.minutes),
        "cost": {
            **({"low": None, "high": None} if cost is None else _span(cost)),
            "currency": found.currency,
            "from": found.cost_from,
        },
        "waits": {name: _span(waited) for name, waited in found.waits.items()},
        "left": {**_span(found.left), "because": found.left_because},
        "assumptions": {
            each.name: {**_span(each.value), "unit": "share" if each.is_share else "seconds", "source": each.source}
            for each in found.assumptions
        },
        "by_chance": found.by_chance,
        "expected": {
            "starts": found.starts.expected,
            "finish": _time(found.finish.expected),
            "minutes": found.minutes.expected,
            "cost": None if cost is None else cost.expected,
        },
    }


def _span(found: Range[Any]) -> dict[str, Any]:
    return {"low": found.low, "high": found.high}


def _times(found: Range[float | None]) -> dict[str, Any]:
    return {name: _time(moment) for name, moment in _span(found).items()}


def _time(moment: float | None) -> str | None:
    return None if moment is None else rfc3339(moment)


def _reasons(reasons: Any, masker: Masker) -> list[dict[str, Any]]:
    return [{"why": masker.text(why), "calls": count} for why, count in reasons.items()]


def _call(call: PlannedCall, masker: Masker) -> dict[str, Any]:
    request = call.request
    return {
        "id": masker.text(call.id),
        "state": call.state.value,
        "change": call.change.value,
        "reason": None if call.reason is None else masker.text(call.reason),
        "not_before": call.not_before,
        "run": call.earlier_run,
        "from": masker.number(call.from_number),
        "to": masker.number(call.to_number),
        "rung_first": "from",
        "fields_changed": [_field_change(change, masker) for change in call.changes],
        "request": None
        if call.state is CallState.BAD_ROW
        else {
            "method": request.method,
            "url": masker.text(request.url),
            "encoding": request.encoding,
            "fields": [[name, masker.field(name, value)] for name, value in request.pairs],
            "origins": dict(request.origins),
            "unlisted": [masker.text(item) for item in request.unlisted],
        },
    }


def _field_change(change: FieldChange, masker: Masker) -> dict[str, Any]:
    before, after = (_value(change.name, value, masker) for value in (change.before, change.after))
    return {"name": change.name, "before": before, "after": after}


def _value(name: str, value: FieldValue, masker: Masker) -> str | list[str] | None:
    if value is None:
        return None
    return masker.parameter(name, value) if isinstance(value, str) else [masker.parameter(name, one) for one in value]
