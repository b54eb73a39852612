"""The JSON Schema of a line of a proof."""

from typing import Any

from orchestrator.model.events import EventType
from orchestrator.reports.report_schema import COUNT, MAYBE_TEXT, TEXT, TIME, record, run_schema, totals_schema

HASH: dict[str, Any] = {"type": "string", "pattern": "^[0-9a-f]{64}$"}


def proof_schema() -> dict[str, Any]:
    """Return schemas/proof-line.schema.json."""
    digest = record({"sha256": HASH}, "The last line: the SHA-256 of all bytes before it.")
    return {
        "$schema": "http://json-schema.org/draft-07/schema#",
        "title": "a line of an orchestrate proof, format 1",
        "description": "A heading, all events of the journal in their order, and the digest of all this.",
        "anyOf": [_heading(), _event(), digest],
    }


def _heading() -> dict[str, Any]:
    heading = {
        "format": {"const": 1},
        "proof": {"const": "orchestrate"},
        "journal": TEXT | {"description": "The journal's id."},
        "events": COUNT,
        "head": TEXT | {"description": "`sha256:` and the hash of the last event."},
        "types": {"type": "object", "additionalProperties": COUNT, "description": "How many events of each type."},
        "sums": {"type": "object", "additionalProperties": HASH, "description": "The sum of each table's rows."},
        "run": run_schema(),
        "totals": totals_schema(),
        "rule": {"type": "array", "items": TEXT, "description": "How to prove all this, in words."},
    }
    return record(heading, "The first line.")


def _event() -> dict[str, Any]:
    event = {
        "seq": {"type": "integer", "minimum": 1},
        "type": {"enum": [kind.value for kind in EventType]},
        "at": TIME,
        "run": TEXT | {"description": "Empty for an event of no run."},
        "attempt": {"type": ["integer", "null"], "minimum": 1},
        "seal": MAYBE_TEXT | {"description": "Of the last event of a transaction: the hash of the tables' sums."},
        "call": _proved(MAYBE_TEXT, MAYBE_TEXT, "The call's id."),
        "data": _proved(TEXT, {"type": "object"}, "What the event carries, a JSON object."),
        "hash": HASH,
    }
    return record(event, "One event.")


def _proved(text: dict[str, Any], shown: dict[str, Any], what: str) -> dict[str, Any]:
    told = record({"text": text, "salt": TEXT}, f"{what} Its hash is that of the salt, a line feed and the text.")
    withheld = record({"shown": shown, "hash": HASH}, f"{what} It holds a number: what may be shown, and its hash.")
    return {"anyOf": [told, withheld]}
