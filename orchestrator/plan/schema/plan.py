"""The JSON Schema of the call-plan language."""

from functools import cache
from typing import Any

from orchestrator.exotel.schema import parameter_properties
from orchestrator.plan import text_formats
from orchestrator.plan.call_schedule import LARGEST_PRIORITY
from orchestrator.plan.policy.registry import policy_schema
from orchestrator.plan.schema.build import DRAFT, IGNORED, Schema, choice, closed, listing, text, whole


@cache
def plan_schema() -> Schema:
    """Return the schema of a call plan. The same object each time: do not change it."""
    properties: dict[str, Any] = {
        "version": {"description": "The version of the plan language.", "enum": [1]},
        "name": text(
            "The plan's identity in the journal: small letters, digits and dashes.",
            "cod-confirmations",
            pattern=text_formats.NAME,
        ),
        "edition": text(
            "A new edition dials the same ids again, on purpose.", "2026-11-22", pattern=text_formats.EDITION
        ),
        "description": text("What the plan is for, in a sentence.", "Confirm cash-on-delivery orders before dispatch"),
        "purpose": choice(
            "Why people are called; the compliance rules judge by it.",
            "transactional",
            "service",
            "promotional",
            "recovery",
            "survey",
        ),
        "numbers": choice("How From and To go out: as typed, or as +91...", "as-typed", "e164", default="as-typed"),
        "vars": _texts("Values for `${var.name}`."),
        "defaults": closed("Carrier parameters for every call.", parameter_properties()),
        "calls": listing("The calls, or templates that become one call a row.", _call()),
        "policy": policy_schema(),
    }
    return {
        "$schema": DRAFT,
        "title": "orchestrate call plan",
        **closed(
            "Which calls to place, with which parameters, under which policy.", properties, ("version", "name", "calls")
        ),
    }


def _call() -> Schema:
    own = {
        "id": text(
            "Unique in the plan and stable; with `rows` it names a column.",
            "vip-1",
            "order-${row.order_id}",
            minLength=1,
            maxLength=200,
        ),
        "rows": _rows(),
        "priority": {
            "description": "Calls with a higher number start first.",
            "anyOf": [
                whole("A number.", -LARGEST_PRIORITY, LARGEST_PRIORITY, 10),
                text("A template.", pattern=text_formats.TEMPLATE),
            ],
        },
        "not_before": _moment("The call does not start before."),
        "not_after": _moment("The call does not start after."),
        "timezone": text(
            "Where To is, for windows in the callee's zone; without it the number decides.",
            "America/New_York",
            "${row.timezone}",
            pattern=text_formats.ZONE_OR_TEMPLATE,
        ),
    }
    return closed("One call, or one call a row.", {**own, **parameter_properties()}, ("id",))


def _moment(description: str) -> Schema:
    return text(description, "2026-11-22T09:30:00+05:30", "${row.start}", pattern=text_formats.MOMENT_OR_TEMPLATE)


def _rows() -> Schema:
    name = text("A column's name.", "order_id", minLength=1)
    condition = {
        "description": "The value, or one of the values, that the column must have.",
        "anyOf": [{"type": "string"}, listing("Any of these.", {"type": "string"})],
    }
    where = {
        "description": "Which rows become calls: all of these conditions hold.",
        "type": "object",
        "patternProperties": IGNORED,
        "additionalProperties": condition,
    }
    properties = {
        "file": text("CSV with a header line, or JSON Lines.", "../data/orders.csv", minLength=1),
        "columns": listing("The columns that the file must have.", name, uniqueItems=True),
        "sample": text("Stands for the file where it is missing.", "../data/orders.sample.csv", minLength=1),
        "where": where,
        "carry": listing("Columns that the report shows with each call.", name, uniqueItems=True),
        "bad": choice(
            "What a bad row does: refuse the plan, or be listed and left out.", "refuse", "skip", default="refuse"
        ),
    }
    return {
        "description": "One call a row: a data file, an inline list, or a mapping that says more about a file.",
        "anyOf": [
            text("A data file, relative to the plan.", "../data/orders.csv", minLength=1),
            {"type": "array", "items": _texts("One row: its columns.")},
            closed("A data file and how to read it.", properties, ("file",)),
        ],
    }


def _texts(description: str) -> Schema:
    return {
        "description": description,
        "type": "object",
        "patternProperties": IGNORED,
        "additionalProperties": {"type": "string"},
    }
