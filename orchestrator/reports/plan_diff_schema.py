"""The JSON Schema of what `diff --format json` writes, derived from the same words."""

from typing import Any

from orchestrator.model.plan_diff import Fate
from orchestrator.reports.finding_json import finding_schema
from orchestrator.reports.plan_review_schema import FLAG, TEXTS, VALUE
from orchestrator.reports.report_schema import COUNT, MAYBE_TEXT, TEXT, record

LABELS: dict[str, Any] = {
    "type": "array",
    "items": {"type": ["string", "null"]},
    "description": "Of a number, before and after: labels that are equal for equal numbers, in whatever spelling.",
}


def plan_diff_schema() -> dict[str, Any]:
    """Return schemas/plan-diff.schema.json, in the subset that means the same in draft-07 and 2020-12."""
    setting = record(
        {"name": TEXT, "before": MAYBE_TEXT, "after": MAYBE_TEXT, "meaning": TEXTS},
        "A setting before and after, in words, null where it is not set; and what the change means.",
    )
    call = {
        "id": TEXT,
        "change": {"enum": [word.value for word in Fate]},
        "same_pair": FLAG | {"description": "An added call that rings the numbers of a removed one."},
        "fields": {"type": "array", "items": _field({})},
    }
    totals = dict.fromkeys(("added", "removed", "changed", "unchanged", "other_numbers", "same_pairs"), COUNT)
    calls = {"type": ["integer", "null"], "minimum": 0, "description": "In so many calls; null where nobody counts."}
    many = {"type": "array", "items": _field({"calls": calls})}
    schema = record(
        {
            "format": {"const": 1},
            "old": _side(),
            "new": _side(),
            "target": TEXT,
            "sandbox": FLAG | {"description": "Whether no phone rings."},
            "moved": FLAG | {"description": "Whether the plan stood elsewhere in the commit."},
            "pseudonyms": {
                "enum": ["lasting", "of-this-output"],
                "description": "Where else the labels mean the same.",
            },
            "totals": record(
                totals, "How many calls became what; some of the changed ring others, some of the added too."
            ),
            "consequences": TEXTS | {"description": "What the changed calls mean for who is rung."},
            "identity": {"type": "array", "items": setting},
            "policy": {"type": "array", "items": setting},
            "written": many | {"description": "Changes in `vars` and `defaults`, as they are written there."},
            "shared": many | {"description": "Other changes that several calls have in common."},
            "findings": {"type": "array", "items": finding_schema()},
            "calls": {
                "type": "array",
                "items": record(call, "What became of one call: added and removed with all fields."),
            },
        },
        "What changes from one plan to another. Numbers are masked unless it was asked for with --unmask.",
    )
    return {
        "$schema": "http://json-schema.org/draft-07/schema#",
        "title": "orchestrate plan diff, format 1",
        **schema,
    }


def _field(more: dict[str, Any]) -> dict[str, Any]:
    schema = record({"name": TEXT, "before": VALUE, "after": VALUE, **more}, "What differs; null where it is not set.")
    return {**schema, "properties": {**schema["properties"], "pseudonyms": LABELS}}


def _side() -> dict[str, Any]:
    there = {
        "plan": TEXT,
        "edition": TEXT,
        "digest": {"type": "string", "pattern": "^sha256:[0-9a-f]{64}$"},
        "calls": COUNT,
        "left_out": COUNT,
    }
    schema = record({"file": TEXT, "exists": FLAG}, "One of the two plans; where it exists, what it is.")
    return {**schema, "properties": {**schema["properties"], **there}}
