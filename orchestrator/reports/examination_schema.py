"""The JSON Schema of what `doctor --format json` writes, derived from the same words."""

from typing import Any

from orchestrator.model.check import Area, Health
from orchestrator.reports.report_schema import COUNT, MAYBE_TEXT, TEXT, record


def examination_schema() -> dict[str, Any]:
    """Return schemas/doctor.schema.json, in the subset that means the same in draft-07 and 2020-12."""
    check = record(
        {
            "area": {"enum": [area.value for area in Area]},
            "id": TEXT,
            "health": {"enum": [health.value for health in Health]},
            "what": TEXT,
            "where": MAYBE_TEXT,
            "hint": MAYBE_TEXT,
        },
        "One check: what was found, of which variable, file, address or number, and what to do.",
    )
    schema = record(
        {
            "format": {"const": 1},
            "target": TEXT,
            "plan": MAYBE_TEXT,
            "exit_code": {"enum": [0, 3, 4]},
            "totals": record({health.value: COUNT for health in Health}, "How many checks stand how."),
            "checks": {"type": "array", "items": check},
        },
        "The environment of a run, looked at without dialing. Numbers are masked unless asked for with --unmask.",
    )
    return {"$schema": "http://json-schema.org/draft-07/schema#", "title": "orchestrate doctor, format 1", **schema}
