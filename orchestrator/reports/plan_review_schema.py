"""The JSON Schema of what `plan --format json` writes, derived from the same words."""

from typing import Any

from orchestrator.model.review import CallState, Change
from orchestrator.reports.finding_json import finding_schema
from orchestrator.reports.report_schema import COUNT, MAYBE_TEXT, MAYBE_TIME, TEXT, record

TEXTS: dict[str, Any] = {"type": "array", "items": TEXT}
VALUE: dict[str, Any] = {"type": ["string", "array", "null"], "items": TEXT}
CHANGED_FIELD = {"name": TEXT, "before": VALUE, "after": VALUE}
NUMBER: dict[str, Any] = {"type": "number"}
MAYBE_NUMBER: dict[str, Any] = {"type": ["number", "null"]}
FLAG: dict[str, Any] = {"type": "boolean"}


def plan_review_schema() -> dict[str, Any]:
    """Return schemas/plan-review.schema.json, in the subset that means the same in draft-07 and 2020-12."""
    states = [state.value for state in CallState if state is not CallState.REMOVED]
    totals = dict.fromkeys(("calls", *states, "changed", "removed"), COUNT)
    reason = record({"why": TEXT, "calls": COUNT}, "Why that is so, in words, and of how many calls.")
    change = {"change": _words(Change), "calls": COUNT, "reasons": {"type": "array", "items": reason}}
    edit = record(
        {**CHANGED_FIELD, "to_dial": COUNT, "called": COUNT},
        "The same change of a parameter in several calls: those still to dial, and those called before without it.",
    )
    person = {"number": TEXT, "count": COUNT, "calls": TEXTS | {"description": "The first ids."}}
    schema = record(
        {
            "format": {"const": 1},
            "digest": {"type": "string", "pattern": "^sha256:[0-9a-f]{64}$"},
            "plan": TEXT,
            "edition": TEXT,
            "target": TEXT,
            "sandbox": FLAG | {"description": "Whether no phone rings."},
            "journal": MAYBE_TEXT,
            "known_runs": {
                "type": ["integer", "null"],
                "description": "Runs of this edition that the journal knows; null where it was not asked.",
            },
            "least_seconds": {"type": ["number", "null"], "description": "The pace lets all calls start in no less."},
            "opens_at": MAYBE_TIME | {"description": "When the first call may start; null for at once."},
            "opens_why": MAYBE_TEXT,
            "at": MAYBE_TIME | {"description": "The moment that the plan was judged for; null for now."},
            "held": MAYBE_TEXT | {"description": "Why nothing starts before somebody resumes it."},
            "lifted_by": TEXTS | {"description": "The commands that resume it."},
            "totals": record(totals, "The plan's calls by state; beside them those changed and those removed."),
            "estimate": _estimate() | {"type": ["object", "null"]},
            "changes": {"type": "array", "items": record(change, "Calls by what a run would change.")},
            "edits": {"type": "array", "items": edit},
            "people": {"type": "array", "items": record(person, "Somebody whom several calls ring.")},
            "findings": {"type": "array", "items": finding_schema()},
            "removed": {"type": "array", "items": _call()},
            "calls": {"type": "array", "items": _call()},
        },
        "What `run` would do now. Numbers are masked unless the review was asked for with --unmask.",
    )
    return {
        "$schema": "http://json-schema.org/draft-07/schema#",
        "title": "orchestrate plan review, format 1",
        **schema,
    }


def _estimate() -> dict[str, Any]:
    times = record({"low": MAYBE_TIME, "high": MAYBE_TIME}, "Null: not within a year.")
    counts = record({"low": COUNT, "high": COUNT}, "A number.")
    numbers = {"low": NUMBER, "high": NUMBER}
    assumption = record({**numbers, "unit": {"enum": ["share", "seconds"]}, "source": TEXT}, "Who says so: `source`.")
    money = {"low": MAYBE_NUMBER, "high": MAYBE_NUMBER, "currency": MAYBE_TEXT, "from": TEXT}
    left = {"low": COUNT, "high": COUNT, "because": MAYBE_TEXT}
    means = {"starts": NUMBER, "finish": MAYBE_TIME, "minutes": NUMBER, "cost": MAYBE_NUMBER}
    estimate = {
        "starts": counts | {"description": "Attempts, redials included."},
        "first_ring": times,
        "last_ring": times,
        "finish": times | {"description": "When the last call is over; null for never, or not within a year."},
        "minutes": record(numbers, "Minutes as `limits.minutes` counts them: from the answer of From to the end."),
        "cost": record(money, "Null where nobody knows what a call costs; `from` says who does, or what is missing."),
        "waits": {
            "type": "object",
            "additionalProperties": record(numbers, "Seconds."),
            "description": "How long nothing can start, by what is waited for: window, stage, redial, ...",
        },
        "left": record(left, "Calls that are not dialed at all."),
        "assumptions": {"type": "object", "additionalProperties": assumption},
        "by_chance": FLAG | {"description": "Of runs of so few calls nine in ten lie within low and high."},
        "expected": record(means, "What such runs come to on average."),
    }
    words = "What is expected of the calls to be dialed: low and high, the same where nothing is guessed or by chance."
    return record(estimate, words)


def _words(words: type[CallState | Change]) -> dict[str, Any]:
    return {"enum": [word.value for word in words]}


def _call() -> dict[str, Any]:
    pair = {"type": "array", "items": TEXT, "minItems": 2, "maxItems": 2}
    request = {
        "method": TEXT,
        "url": TEXT,
        "encoding": TEXT,
        "fields": {"type": "array", "items": pair},
        "origins": {"type": "object", "additionalProperties": TEXT},
        "unlisted": TEXTS | {"description": "What only the target's `accept` admits."},
    }
    call = {
        "id": TEXT,
        "state": _words(CallState),
        "change": _words(Change) | {"description": "What a run would change about it, as a reviewer sees it."},
        "reason": MAYBE_TEXT,
        "not_before": MAYBE_TIME,
        "run": MAYBE_TEXT | {"description": "The run that last touched it."},
        "from": TEXT,
        "to": TEXT,
        "rung_first": {"const": "from"},
        "fields_changed": {
            "type": "array",
            "items": record(CHANGED_FIELD, "A parameter that differs from the request that the journal knows."),
        },
        "request": record(request, "The connect request, without credentials.") | {"type": ["object", "null"]},
    }
    return record(call, "One call of the plan.")
