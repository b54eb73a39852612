"""The JSON report, format 1: a view of the journal that streams, and gives the same bytes for the same journal."""

import json
from collections.abc import Iterable, Iterator
from json.encoder import encode_basestring_ascii as _quoted
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
    yield from each_on_a_line(call_text(call, masker) for call in report.calls())
    yield "]}\n"


def heading(report: Report, masker: Masker) -> dict[str, Any]:
    """Return what stands before the calls; what was asked for of the edition, where that is not all."""
    facts = {
        "format": 1,
        "run": run_facts(report.run, masker),
        "totals": {key: report.totals.get(key, 0) for key in TOTALS},
    }
    if report.part == WHOLE:
        return facts
    only = None if report.part.only is None else masker.text(report.part.only)
    return {**facts, "part": {"only": only, "dispositions": [word.value for word in report.part.dispositions]}}


def one_a_line(items: Iterable[dict[str, Any]]) -> Iterator[str]:
    """Yield the items of a JSON list, each on a line of its own: what is long is streamed."""
    return each_on_a_line(map(encoded, items))


def each_on_a_line(texts: Iterable[str]) -> Iterator[str]:
    """Yield the items of a JSON list, written already."""
    separator = "\n  "
    for text in texts:
        yield f"{separator}{text}"
        separator = ",\n  "


def run_facts(run: RunRecord, masker: Masker) -> dict[str, Any]:
    """Return a run as every JSON document has it."""
    return {
        "id": run.id,
        "plan": masker.text(run.plan),
        "edition": masker.text(run.edition),
        "digest": run.digest,
        "target": masker.text(run.target),
        "started_at": run.started_at,
        "ended_at": run.ended_at,
        "exit_code": run.exit_code,
        "journal": run.journal,
        "head": run.head,
        "unmet": run.unmet,
    }


def call_text(call: CallRecord, masker: Masker) -> str:
    """Return a call as every JSON document has it: what `encoded` would make of it, in a third of the time."""
    carry = [f"{_text(name, masker)}: {_text(value, masker)}" for name, value in call.carry.items()]
    return (
        f'{{"id": {_text(call.id, masker)}, "run": {_word(call.run)}, "disposition": {_word(call.disposition)},'
        f' "reason": {_text(call.reason, masker)}, "from": {_quoted(masker.number(call.from_number))},'
        f' "to": {_quoted(masker.number(call.to_number))}, "carry": {{{", ".join(carry)}}},'
        f' "attempts": [{", ".join([attempt_text(attempt, masker) for attempt in call.attempts])}]}}'
    )


def attempt_text(attempt: AttemptRecord, masker: Masker) -> str:
    """Return an attempt as every JSON document has it."""
    url, price = attempt.recording_url, attempt.price
    cost = "null" if price is None else f'{{"amount": {_word(price)}, "currency": {_word(attempt.currency)}}}'
    return (
        f'{{"n": {attempt.n}, "placement": {_word(attempt.placement)}, "evidence": {_word(attempt.evidence)},'
        f' "sid": {_word(attempt.sid)}, "http_status": {_figure(attempt.http_status)},'
        f' "ending": {_word(attempt.ending)}, "legs": [{", ".join([_leg(leg, masker) for leg in attempt.legs])}],'
        f' "started_at": {_word(attempt.started_at)}, "placed_at": {_word(attempt.placed_at)},'
        f' "ended_at": {_word(attempt.ended_at)}, "duration": {_figure(attempt.duration)},'
        f' "recording_url": {_word(None if url is None else masker.address(url))}, "cost": {cost},'
        f' "message": {_text(attempt.message, masker)}}}'
    )


def _leg(leg: Leg, masker: Masker) -> str:
    return (
        f'{{"status": {_text(leg.status, masker)}, "duration": {_figure(leg.duration)},'
        f' "answered_by": {_text(leg.answered_by, masker)}}}'
    )


def _text(text: str | None, masker: Masker) -> str:
    return "null" if text is None else _quoted(masker.text(text))


def _word(text: str | None) -> str:
    return "null" if text is None else _quoted(text)


def _figure(figure: int | None) -> str:
    return "null" if figure is None else str(figure) if type(figure) is int else encoded(figure)
