"""The JSON Schemas by name, as the text that is committed under schemas/."""

import json
from collections.abc import Callable
from typing import Any

from orchestrator.plan import plan_schema, target_schema
from orchestrator.plan.schema.editors import published
from orchestrator.reports.event_schema import event_schema
from orchestrator.reports.report_schema import report_schema

SCHEMAS: dict[str, Callable[[], dict[str, Any]]] = {
    "call-plan": lambda: published(plan_schema()),
    "target": lambda: published(target_schema()),
    "run-report": report_schema,
    "events": event_schema,
}


def schema_text(name: str) -> str:
    """Return the schema of one of the names above. Raises KeyError for another."""
    return json.dumps(SCHEMAS[name](), indent=2, ensure_ascii=False) + "\n"
