"""The JSON Schemas, as committed in schemas/."""

import json
from collections.abc import Callable
from typing import Any


def schema_text(name: str) -> str:
    """Return the schema of this name. Raises KeyError where no schema has it."""
    from orchestrator.plan.schema.editors import published
    from orchestrator.plan.schema.plan import plan_schema
    from orchestrator.plan.schema.target import target_schema
    from orchestrator.reports.event_schema import event_schema
    from orchestrator.reports.examination_schema import examination_schema
    from orchestrator.reports.plan_diff_schema import plan_diff_schema
    from orchestrator.reports.plan_review_schema import plan_review_schema
    from orchestrator.reports.proof_schema import proof_schema
    from orchestrator.reports.report_schema import line_schema, notification_schema, report_schema

    schemas: dict[str, Callable[[], dict[str, Any]]] = {
        "call-plan": lambda: published(plan_schema()),
        "target": lambda: published(target_schema()),
        "run-report": report_schema,
        "run-report-line": line_schema,
        "proof-line": proof_schema,
        "plan-review": plan_review_schema,
        "plan-diff": plan_diff_schema,
        "events": event_schema,
        "doctor": examination_schema,
        "notification": notification_schema,
    }
    return json.dumps(schemas[name](), indent=2, ensure_ascii=False) + "\n"
