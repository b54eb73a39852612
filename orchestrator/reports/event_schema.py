"""The JSON Schema of one log line: the journal's closed list of events, as logs show them, and messages."""

from typing import Any

from orchestrator.model.events import EVENT_FIELDS, EventType

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
        "waived": "Who has waived it, until when and why.",
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
        "then": {"properties": dict.fromkeys(EVENT_FIELDS[kind], value)},
    }
