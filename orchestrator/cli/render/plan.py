"""A plan under review, for people as text, for programs as JSON (format 1, one call a line)."""

import json
from collections.abc import Iterator
from dataclasses import dataclass
from itertools import islice
from typing import Any

import click

from orchestrator.cli.render.findings_for_programs import finding_record
from orchestrator.exotel.masking import Masker
from orchestrator.exotel.parameters import BY_SPELLING
from orchestrator.model.review import CallState, PlannedCall, PlannedRequest, PlanView
from orchestrator.phone.safe_text import cells, visible
from orchestrator.plan.targets import SANDBOX
from orchestrator.progress.times import duration_in_words
from orchestrator.reports.report_json import one_a_line


def masked_pairs(request: PlannedRequest, masker: Masker) -> Iterator[tuple[str, str]]:
    """Return each name on the wire with the value to show."""
    return ((name, masker.parameter(parameter(name), value)) for name, value in request.pairs)


def parameter(wire_name: str) -> str:
    """Return the parameter that a form field belongs to, as the table spells it: without index and `New`."""
    name = wire_name.partition("[")[0]
    row = BY_SPELLING.get(name)
    return name if row is None else row.name


MOST_CALLS_LISTED = 50
"""Calls that are listed unless every one is asked for: three screens, with the figures still in sight."""

MARKS = {
    CallState.TO_DIAL: ("+", "green"),
    CallState.OPEN: ("~", "yellow"),
    CallState.ALREADY_CALLED: (" ", None),
    CallState.REJECTED: ("!", "yellow"),
    CallState.ID_CHANGED: ("!", "yellow"),
    CallState.SUPPRESSED: ("-", None),
    CallState.TOO_LATE: ("!", "yellow"),
    CallState.SUPERSEDED: ("!", "yellow"),
    CallState.BAD_ROW: ("!", "yellow"),
    CallState.REFUSED: ("x", "red"),
    CallState.REMOVED: ("-", None),
}
STATE_WORDS = {
    CallState.TO_DIAL: "to dial",
    CallState.OPEN: "open, left by an earlier run",
    CallState.ALREADY_CALLED: "already called",
    CallState.REJECTED: "rejected before",
    CallState.ID_CHANGED: "under a changed id",
    CallState.SUPPRESSED: "suppressed",
    CallState.TOO_LATE: "too late",
    CallState.SUPERSEDED: "superseded by a newer edition",
    CallState.BAD_ROW: "left out as bad rows",
    CallState.REFUSED: "refused",
    CallState.REMOVED: "no longer in the plan",
}


@dataclass(frozen=True, slots=True)
class PlanText:
    """Writes a review as text. `requests` shows each connect request, `origin` who decided each field."""

    masker: Masker
    colour: bool = False
    requests: bool = False
    origin: bool = False
    every: bool = False

    def render(self, view: PlanView) -> Iterator[str]:
        """Yield the text: the plan, its calls, the figures, the digest."""
        named = "the sandbox" if view.target == SANDBOX.name else f"the sandbox target {visible(view.target)}"
        where = f"{named}: no phone rings" if view.sandbox else f"target {visible(view.target)}: PHONES RING"
        edition = f", edition {visible(view.edition)}" if view.edition else ""
        yield f"{self._bold(visible(view.name))}{edition}, to {where}\n\n"
        for call in islice(view.calls, None if self.every else MOST_CALLS_LISTED):
            yield from self._call(call)
        hidden = view.totals.get("calls", 0) - MOST_CALLS_LISTED
        if hidden > 0 and not self.every:
            yield f"  ... and {hidden:,} more (-v lists them all)\n"
        yield from self._figures(view)
        if view.unlisted:
            words = "; ".join(self.masker.shown(item) for item in view.unlisted)
            yield f"unlisted: {words} (admitted by the target's `accept`)\n"
        yield f"digest {self._bold(visible(view.digest))}\n"

    def _bold(self, text: str) -> str:
        return click.style(text, bold=True) if self.colour else text

    def _call(self, call: PlannedCall) -> Iterator[str]:
        mark, tint = MARKS[call.state]
        show = self.masker
        name = show.shown(call.id)
        padded = name + " " * max(0, 24 - cells(name))
        rings = f"rings {visible(show.number(call.from_number))} then {visible(show.number(call.to_number))}"
        if not call.to_number:  # a bad row
            rings = "is left out"
        why = call.reason or (None if call.state is CallState.TO_DIAL else STATE_WORDS[call.state])
        if call.not_before is not None:
            why = f"not before {call.not_before} because of {call.reason}"
        elif call.state in (CallState.SUPPRESSED, CallState.TOO_LATE):
            why = f"{STATE_WORDS[call.state]}: {call.reason}"
        line = f"{mark} {padded} {rings}{f' ({show.shown(why)})' if why else ''}"
        yield (click.style(line, fg=tint) if self.colour and tint else line) + "\n"
        if self.requests and call.request.url:
            yield from self._request(call.request)

    def _request(self, request: PlannedRequest) -> Iterator[str]:
        yield f"    {request.method} {self.masker.shown(request.url)}\n"
        yield f"    Content-Type: {_content_type(request.encoding)}\n"
        for name, value in masked_pairs(request, self.masker):
            of = parameter(name)
            origin = request.origins.get(of) if self.origin else None
            mark = "   (unlisted)" if {of, f"{of}: {value}"} & {*request.unlisted} else ""
            yield f"      {visible(name)}={visible(value)}{mark}{f'   <- {visible(origin)}' if origin else ''}\n"
        yield "\n"

    def _figures(self, view: PlanView) -> Iterator[str]:
        calls = view.totals.get("calls", 0)
        parts = [
            f"{view.totals[state.value]:,} {STATE_WORDS[state]}" for state in CallState if view.totals.get(state.value)
        ]
        if not self.requests:
            yield "\n"
        yield f"{calls:,} call{'' if calls == 1 else 's'}: {', '.join(parts) or 'none'}.\n"
        if view.least_seconds:
            yield f"Starting them takes at least {duration_in_words(view.least_seconds)} at the plan's pace.\n"
        if view.opens_at is not None:
            when = visible(view.at) if view.at else "now"
            why = self.masker.shown(view.opens_why or "")
            yield f"Nothing starts {when}: not before {visible(view.opens_at)} because of {why}.\n"
        if view.held is not None:
            held = self.masker.shown(view.held)
            ways = " and ".join(f"`{visible(way)}`" for way in view.lifted_by)
            yield f"Nothing starts at all: {held}; lifted by {ways}.\n"
        if view.journal is not None:
            yield f"journal {visible(view.journal)}\n"


def _content_type(encoding: str) -> str:
    return "application/x-www-form-urlencoded" if encoding == "urlencoded" else "multipart/form-data"


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
    yield from one_a_line(_call(call, masker) for call in view.calls)
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
