"""What is looked up without a plan: the JSON Schemas, as committed in schemas/, and a parameter's documentation."""

import difflib
import json
from collections.abc import Callable
from typing import Any

from orchestrator.exotel.parameters import BY_SPELLING
from orchestrator.exotel.reference import explanation
from orchestrator.model.errors import WrongUsage
from orchestrator.phone.masking import excerpt


def schema_text(name: str) -> str:
    """Return the schema of this name. Raises KeyError where no schema has it."""
    from orchestrator.plan import plan_schema, target_schema
    from orchestrator.plan.schema.editors import published
    from orchestrator.reports.event_schema import event_schema
    from orchestrator.reports.plan_diff_schema import plan_diff_schema
    from orchestrator.reports.plan_review_schema import plan_review_schema
    from orchestrator.reports.report_schema import report_schema

    schemas: dict[str, Callable[[], dict[str, Any]]] = {
        "call-plan": lambda: published(plan_schema()),
        "target": lambda: published(target_schema()),
        "run-report": report_schema,
        "plan-review": plan_review_schema,
        "plan-diff": plan_diff_schema,
        "events": event_schema,
    }
    return json.dumps(schemas[name](), indent=2, ensure_ascii=False) + "\n"


LONGEST_PARAMETER_NAME = 64
"""Characters of a name that are compared and repeated; a parameter's has 30 at most."""


def explain(name: str) -> str:
    """Return the documentation of the parameter that `name` spells, in any case, indexed or not.

    Raises WrongUsage for an unknown name, with the nearest ones.
    """
    by_lower = {spelling.lower(): row for spelling, row in BY_SPELLING.items()}
    name = name if len(name) <= LONGEST_PARAMETER_NAME else name[: LONGEST_PARAMETER_NAME - 3] + "..."
    wanted = name.strip().lower().partition("[")[0]
    row = by_lower.get(wanted)
    if row is not None:
        return explanation(row)
    near = difflib.get_close_matches(wanted[:LONGEST_PARAMETER_NAME], by_lower, n=3, cutoff=0.6)
    asked = excerpt(name, LONGEST_PARAMETER_NAME)
    names = list(dict.fromkeys(by_lower[spelling].name for spelling in near))
    if names:
        raise WrongUsage(f"no parameter is called '{asked}'; did you mean {' or '.join(names)}?")
    known = ", ".join(dict.fromkeys(row.name for row in BY_SPELLING.values()))
    raise WrongUsage(f"no parameter is called '{asked}'; these exist: {known}")
