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
    """Return a call as every JSON document has it: what `encoded` would make of it, in a quarter of the time.

    Of what most calls have nothing is looked up, or handed to another function, that need not be.
    """
    reason, carry, attempts = call.reason, call.carry, call.attempts
    carried = ", ".join([f"{_text(name, masker)}: {_text(carry[name], masker)}" for name in carry]) if carry else ""
    made = [attempt_text(attempt, masker) for attempt in attempts]
    return (
        f'{{"id": {_text(call.id, masker)}, "run": {_word(call.run)}, "disposition": {_quoted(call.disposition)},'
        f' "reason": {"null" if reason is None else _text(reason, masker)},'
        f' "from": {_quoted(masker.number(call.from_number))}, "to": {_quoted(masker.number(call.to_number))},'
        f' "carry": {{{carried}}}, "attempts": [{", ".join(made)}]}}'
    )


def attempt_text(attempt: AttemptRecord, masker: Masker) -> str:
    """Return an attempt as every JSON document has it."""
    placement, evidence, sid, ending = attempt.placement, attempt.evidence, attempt.sid, attempt.ending
    placed_at, ended_at, duration, message = attempt.placed_at, attempt.ended_at, attempt.duration, attempt.message
    url, price, status = attempt.recording_url, attempt.price, attempt.http_status
    cost = "null" if price is None else f'{{"amount": {_quoted(price)}, "currency": {_word(attempt.currency)}}}'
    return (
        f'{{"n": {attempt.n}, "placement": {"null" if placement is None else _quoted(placement)},'
        f' "evidence": {"null" if evidence is None else _quoted(evidence)},'
        f' "sid": {"null" if sid is None else _quoted(sid)},'
        f' "http_status": {status if type(status) is int else _figure(status)},'
        f' "ending": {"null" if ending is None else _quoted(ending)},'
        f' "legs": [{", ".join([_leg(leg, masker) for leg in attempt.legs])}],'
        f' "started_at": {_word(attempt.started_at)},'
        f' "placed_at": {"null" if placed_at is None else _quoted(placed_at)},'
        f' "ended_at": {"null" if ended_at is None else _quoted(ended_at)},'
        f' "duration": {duration if type(duration) is int else _figure(duration)},'
        f' "recording_url": {"null" if url is None else _quoted(masker.address(url))}, "cost": {cost},'
        f' "message": {"null" if message is None else _text(message, masker)}}}'
    )


def _leg(leg: Leg, masker: Masker) -> str:
    status, duration, who = leg.status, leg.duration, leg.answered_by
    return (
        f'{{"status": {"null" if status is None else _text(status, masker)},'
        f' "duration": {duration if type(duration) is int else _figure(duration)},'
        f' "answered_by": {"null" if who is None else _text(who, masker)}}}'
    )


def _text(text: str, masker: Masker) -> str:
    if text.isalpha() and text.isascii():  # nothing of it is masked, and nothing escaped
        return f'"{text}"'
    return _quoted(masker.text(text))


def _word(text: str | None) -> str:
    return "null" if text is None else _quoted(text)


def _figure(figure: int | None) -> str:
    return "null" if figure is None else encoded(figure)
