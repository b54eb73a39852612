"""The JSON Schema of one log line: the journal's closed list of events, as logs show them, and messages."""

from typing import Any

from orchestrator.model.events import EventType

DATA: dict[EventType, tuple[str, ...]] = {
    EventType.PLAN_REVIEWED: ("plan", "edition", "digest", "calls", "ids"),
    EventType.JOURNAL_LOSS_ACCEPTED: ("account", "plan", "edition", "since", "by", "because"),
    EventType.RUN_STARTED: ("plan", "edition", "target", "digest", "policy", "source"),
    EventType.CALLS_LOADED: ("calls", "to_dial", "already"),
    EventType.RUN_WAITING: ("reason", "until"),
    EventType.ATTEMPT_STARTED: ("from", "to"),
    EventType.ATTEMPT_PLACED: ("placement", "evidence", "http_status", "sid", "message", "begun"),
    EventType.ATTEMPT_SETTLED: ("placement", "evidence", "sid", "ending", "begun", "by", "because"),
    EventType.ATTEMPT_PROPOSED: ("sid", "message", "begun"),
    EventType.ATTEMPT_CONTRADICTED: ("message", "evidence", "begun"),
    EventType.CALLBACK_RECEIVED: ("callback_event", "status", "sid", "answered_by"),
    EventType.ATTEMPT_BILLED: ("duration", "price", "currency", "begun"),
    EventType.CALL_WAITING: ("reason", "until", "ending", "duration", "begun"),
    EventType.CALL_ENDED: ("disposition", "reason", "duration", "ending", "begun"),
    EventType.CALL_CORRECTED: ("disposition", "reason", "duration", "ending", "begun"),
    EventType.RUN_HALTED: ("reason",),
    EventType.RUN_PAUSED: ("because", "by", "scope"),
    EventType.RUN_CANCELLED: ("because", "by", "scope", "calls"),
    EventType.RUN_RESUMED: ("because", "by", "scope", "calls"),
    EventType.NUMBER_SUPPRESSED: ("number", "because", "by"),
    EventType.RUN_INTERRUPTED: ("signal",),
    EventType.RUN_ENDED: ("exit_code",),
    EventType.TABLES_CHANGED: ("tables",),
}
"""What each event carries beside its place. `policy` is the hash of the resolved policy that the journal holds,
`ending` the attempt's, `answered_by` who answered To's leg where the carrier judged it, `begun` the run that began the
attempt where it is another one, `by` and `because` who settled it and why, where a person did; `scope` what a person
paused, cancelled or resumed: the edition, or the journal. `calls` of a review is how many more it suppressed than those
before it, `ids` the hash of their ids."""

MESSAGE = "message"
"""What stands where a terminal would show words: a finding about the plan, why a run ended, a line of the summary."""


def event_schema() -> dict[str, Any]:
    """Return schemas/events.schema.json: one object a line, in the subset that draft-07 and 2020-12 share."""
    return {
        "$schema": "http://json-schema.org/draft-07/schema#",
        "title": "orchestrate log event, one JSON object a line",
        "type": "object",
        "required": ["event", "at", "level"],
        "properties": {
            "event": {"enum": [*(kind.value for kind in EventType), MESSAGE]},
            "at": {"type": "string", "description": "RFC 3339 in UTC: when it was committed to the journal, or told."},
            "level": {"enum": ["info", "warning", "error"]},
            "run": {"type": "string"},
            "call": {"type": "string"},
            "attempt": {"type": "integer", "minimum": 1},
        },
        "allOf": [_message(), *(_fields(kind) for kind in EventType)],
    }


def _message() -> dict[str, Any]:
    """Say what a message has: a text, and not always a run, to which every event belongs."""
    texts = {
        "text": "What is said, in words.",
        "id": "The finding's, as `validate` names it.",
        "place": "Where the finding stands, as file:line:column.",
        "hint": "What to do.",
    }
    return {
        "if": {"properties": {"event": {"const": MESSAGE}}},
        "then": {
            "required": ["text"],
            "properties": {name: {"type": "string", "description": words} for name, words in texts.items()},
        },
        "else": {"required": ["run"]},
    }


def _fields(kind: EventType) -> dict[str, Any]:
    value = {"type": ["string", "integer", "number", "null"]}
    return {
        "if": {"properties": {"event": {"const": kind.value}}},
        "then": {"properties": dict.fromkeys(DATA[kind], value)},
    }
