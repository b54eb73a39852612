"""The JSON Schema of the JSON report, derived from the same words."""

from typing import Any

from orchestrator.model.outcome import Disposition, Ending, Evidence, Placement
from orchestrator.reports.notification import TYPE
from orchestrator.reports.report_json import TOTALS

TEXT: dict[str, Any] = {"type": "string"}
MAYBE_TEXT: dict[str, Any] = {"type": ["string", "null"]}
COUNT: dict[str, Any] = {"type": "integer", "minimum": 0}
MAYBE_COUNT: dict[str, Any] = {"type": ["integer", "null"], "minimum": 0}
TIME: dict[str, Any] = {
    "type": "string",
    "pattern": "^[0-9]{4}-[0-9]{2}-[0-9]{2}T[0-9:.]+Z$",
    "description": "RFC 3339 in UTC",
}
MAYBE_TIME: dict[str, Any] = TIME | {"type": ["string", "null"]}


def record(properties: dict[str, Any], description: str) -> dict[str, Any]:
    """Return the schema of an object whose keys are all there; later formats may add others."""
    return {
        "type": "object",
        "description": description,
        "required": list(properties),
        "properties": properties,
    }


def _maybe(words: type[Placement | Evidence | Ending]) -> dict[str, Any]:
    return {"enum": [*(word.value for word in words), None]}


def report_schema() -> dict[str, Any]:
    """Return schemas/run-report.schema.json, in the subset that means the same in draft-07 and 2020-12."""
    schema = record(
        {**_heading(), "calls": {"type": "array", "items": _call()}},
        "What became of every call of a plan. Numbers are masked unless the report was asked for with --unmask.",
    )
    schema["properties"]["part"] = _part()
    return {
        "$schema": "http://json-schema.org/draft-07/schema#",
        "title": "orchestrate run report, format 1",
        **schema,
    }


def line_schema() -> dict[str, Any]:
    """Return schemas/run-report-line.schema.json: of one line of a report in JSON Lines."""
    first = record(_heading(), "The first line: the run, and the totals.")
    first["properties"]["part"] = _part()
    return {
        "$schema": "http://json-schema.org/draft-07/schema#",
        "title": "a line of an orchestrate run report in JSON Lines, format 1",
        "description": "The first line is about the run, each other one is a call as the JSON report has it.",
        "anyOf": [first, _call()],
    }


def _heading() -> dict[str, Any]:
    """Return the keys that stand before the calls."""
    return {"format": {"const": 1}, "run": run_schema(), "totals": totals_schema()}


def notification_schema() -> dict[str, Any]:
    """Return schemas/notification.schema.json: of what `run --notify` posts."""
    message = {
        "format": {"const": 1},
        "type": {"const": TYPE},
        "timestamp": TIME | {"description": "When the run ended, RFC 3339 in UTC."},
        "simulated": {"type": "boolean", "description": "Whether no phone rang, because the carrier was simulated."},
        "run": run_schema(),
        "totals": totals_schema(),
    }
    return {
        "$schema": "http://json-schema.org/draft-07/schema#",
        "title": "orchestrate notification of a run's end, format 1",
        **record(message, "How a run ended, and how the calls of its plan stand then; no call and no number is named."),
    }


def run_schema() -> dict[str, Any]:
    """Return the schema of a run, as every JSON document has it."""
    run = {
        "id": TEXT,
        "plan": TEXT,
        "edition": TEXT,
        "digest": {"type": "string", "pattern": "^sha256:[0-9a-f]{64}$"},
        "target": TEXT,
        "started_at": TIME,
        "ended_at": MAYBE_TIME,
        "exit_code": {"type": ["integer", "null"]},
        "journal": TEXT | {"description": "The journal's id."},
        "head": {
            "type": ["string", "null"],
            "pattern": "^sha256:[0-9a-f]{64}$",
            "description": "The hash of the run's last event, for `journal verify --expect-head`.",
        },
        "unmet": MAYBE_TEXT
        | {"description": "Where its calls were not as wished (exit code 1): what was wished, and what it was then."},
    }
    return record(run, "The run that this is about. Its end, exit code and head are null until then.")


def totals_schema() -> dict[str, Any]:
    """Return the schema of the totals."""
    return record(dict.fromkeys(TOTALS, COUNT), "Calls by disposition, all calls, and all attempts.")


def _part() -> dict[str, Any]:
    part = {
        "only": MAYBE_TEXT | {"description": "The pattern of their ids; null for every id."},
        "dispositions": {
            "type": "array",
            "items": {"enum": [word.value for word in Disposition]},
            "description": "Those that were asked for; none for every one.",
        },
    }
    return record(part, "Which calls the report shows and counts, where it was not asked for all.")


def _call() -> dict[str, Any]:
    call = {
        "id": TEXT,
        "run": TEXT | {"description": "The run that last touched this call; an earlier one where it finished there."},
        "disposition": {"enum": [word.value for word in Disposition]},
        "reason": MAYBE_TEXT | {"description": "Why a call was not dialed."},
        "from": TEXT | {"description": "Rung first."},
        "to": TEXT | {"description": "Rung once `from` has answered."},
        "carry": {
            "type": "object",
            "additionalProperties": TEXT,
            "description": "Columns that the plan carries along.",
        },
        "attempts": {"type": "array", "items": _attempt()},
    }
    return record(call, "One call of the plan.")


def _attempt() -> dict[str, Any]:
    leg = {
        "status": MAYBE_TEXT | {"description": "The carrier's word."},
        "duration": MAYBE_COUNT,
        "answered_by": MAYBE_TEXT | {"description": "The carrier's word, such as Human or Machine; null if untold."},
    }
    cost = record(
        {"amount": {"type": "string"}, "currency": MAYBE_TEXT}, "What the carrier charged; null where unknown."
    )
    attempt = {
        "n": {"type": "integer", "minimum": 1},
        "placement": _maybe(Placement) | {"description": "What the request proved; null while it has no outcome."},
        "evidence": _maybe(Evidence) | {"description": "Who says so."},
        "sid": MAYBE_TEXT | {"description": "The carrier's id of the call."},
        "http_status": {"type": ["integer", "null"]},
        "ending": _maybe(Ending),
        "legs": {"type": "array", "items": record(leg, "The first is From's, the second To's.")},
        "started_at": TIME,
        "placed_at": MAYBE_TIME,
        "ended_at": MAYBE_TIME,
        "duration": MAYBE_COUNT | {"description": "Seconds; null where unknown."},
        "recording_url": MAYBE_TEXT,
        "cost": cost | {"type": ["object", "null"]},
        "message": MAYBE_TEXT | {"description": "The carrier's words, or ours, on what happened."},
    }
    return record(attempt, "One connect request.")
