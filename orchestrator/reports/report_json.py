"""The JSON report, format 1: a view of the journal that streams, and gives the same bytes for the same journal."""

import json
from collections.abc import Iterable, Iterator
from typing import Any

from orchestrator.exotel.masking import Masker
from orchestrator.model.outcome import Disposition, Leg
from orchestrator.model.record import WHOLE, AttemptRecord, CallRecord, RunRecord
from orchestrator.reports.report import Report

TOTALS = ("calls", *(word.value for word in Disposition), "attempts")
"""The keys of `totals`, all of them always there."""


encoded = json.JSONEncoder(check_circular=False).encode
"""Writes what no part of can hold itself: two thirds of the time of `json.dumps`, for each of a million calls."""


def json_report(report: Report, masker: Masker) -> Iterator[str]:
    """Yield the report's text, one call a line.

    The text is ASCII: what callers and the carrier wrote cannot move a terminal's cursor.
    """
    head = ",\n ".join(f'"{name}": {json.dumps(value)}' for name, value in heading(report, masker).items())
    yield f'{{{head},\n "calls": ['
    yield from one_a_line(call_facts(call, masker) for call in report.calls())
    yield "]}\n"


def heading(report: Report, masker: Masker) -> dict[str, Any]:
    """Return what stands before the calls; what was asked for of the edition, where that is not all."""
    facts = {
        "format": 1,
        "run": run_facts(report.run),
        "totals": {key: report.totals.get(key, 0) for key in TOTALS},
    }
    if report.part == WHOLE:
        return facts
    only = None if report.part.only is None else masker.text(report.part.only)
    return {**facts, "part": {"only": only, "dispositions": [word.value for word in report.part.dispositions]}}


def one_a_line(items: Iterable[dict[str, Any]]) -> Iterator[str]:
    """Yield the items of a JSON list, each on a line of its own: what is long is streamed."""
    separator = "\n  "
    for item in items:
        yield f"{separator}{encoded(item)}"
        separator = ",\n  "


def run_facts(run: RunRecord) -> dict[str, Any]:
    """Return a run as every JSON document has it."""
    return {
        "id": run.id,
        "plan": run.plan,
        "edition": run.edition,
        "digest": run.digest,
        "target": run.target,
        "started_at": run.started_at,
        "ended_at": run.ended_at,
        "exit_code": run.exit_code,
        "journal": run.journal,
        "head": run.head,
        "unmet": run.unmet,
    }


def call_facts(call: CallRecord, masker: Masker) -> dict[str, Any]:
    """Return a call as every JSON document has it."""
    return {
        "id": masker.text(call.id),
        "run": call.run,
        "disposition": call.disposition.value,
        "reason": _text(call.reason, masker),
        "from": masker.number(call.from_number),
        "to": masker.number(call.to_number),
        "carry": {masker.text(name): masker.text(value) for name, value in call.carry.items()},
        "attempts": [attempt_facts(attempt, masker) for attempt in call.attempts],
    }


def attempt_facts(attempt: AttemptRecord, masker: Masker) -> dict[str, Any]:
    """Return an attempt as every JSON document has it."""
    cost = None if attempt.price is None else {"amount": attempt.price, "currency": attempt.currency}
    return {
        "n": attempt.n,
        "placement": attempt.placement,
        "evidence": attempt.evidence,
        "sid": attempt.sid,
        "http_status": attempt.http_status,
        "ending": attempt.ending,
        "legs": [_leg(leg, masker) for leg in attempt.legs],
        "started_at": attempt.started_at,
        "placed_at": attempt.placed_at,
        "ended_at": attempt.ended_at,
        "duration": attempt.duration,
        "recording_url": None if attempt.recording_url is None else masker.address(attempt.recording_url),
        "cost": cost,
        "message": _text(attempt.message, masker),
    }


def _leg(leg: Leg, masker: Masker) -> dict[str, Any]:
    return {
        "status": _text(leg.status, masker),
        "duration": leg.duration,
        "answered_by": _text(leg.answered_by, masker),
    }


def _text(text: str | None, masker: Masker) -> str | None:
    return None if text is None else masker.text(text)
