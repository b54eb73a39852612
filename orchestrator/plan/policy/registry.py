"""All keys of a plan's `policy`: their schema, and how a plan's policy is read and judged."""

from collections.abc import Sequence
from datetime import date
from typing import Any

from orchestrator.model.diagnostic import Diagnostic, error
from orchestrator.model.policy import Policy
from orchestrator.plan.policy.key import PolicyKey
from orchestrator.plan.policy.limits import CONCURRENCY, LIMITS, PACE, PER_AGENT
from orchestrator.plan.policy.redial import PER_PERSON, REDIAL
from orchestrator.plan.policy.stages import HALT, STAGES
from orchestrator.plan.policy.success import SUCCESS, WAIVE
from orchestrator.plan.policy.suppress import DND, SUPPRESS
from orchestrator.plan.policy.window import HOLIDAYS, WINDOW
from orchestrator.plan.schema.build import Schema, closed
from orchestrator.plan.yaml.nodes import Entry, MappingNode

POLICY_KEYS = (
    *(PACE, CONCURRENCY, PER_AGENT, PER_PERSON, WINDOW, HOLIDAYS, REDIAL, SUPPRESS, DND, STAGES, HALT, LIMITS),
    *(SUCCESS, WAIVE),
)
"""In the order in which people read them."""

NO_DATES: frozenset[date] = frozenset()


def policy_schema() -> Schema:
    """Return the schema of `policy`."""
    properties: dict[str, Any] = {key.name: key.schema for key in POLICY_KEYS}
    return closed("How the plan wants to be dialed: when, how fast, how many.", properties)


def read_policy(
    plan: MappingNode, holidays: frozenset[date] = NO_DATES, keys: Sequence[PolicyKey] = POLICY_KEYS
) -> tuple[Policy | None, tuple[Diagnostic, ...]]:
    """Read the policy of a plan that `check` was called on. `holidays` are the dates of the file that it names.

    Returns None where a value is not what the schema wants (`check` has reported why), and beside an error. The
    diagnostics are those that only the values together show, and one for each of `keys` that is not obeyed.
    """
    node = plan.get("policy")
    if node is None:
        return Policy(), ()
    if not isinstance(node, MappingNode):
        return None, ()
    by_name = {key.name: key for key in keys}
    values: dict[str, Any] = {HOLIDAYS.field: holidays}
    found: list[Diagnostic] = []
    for entry in node:
        key = by_name.get(entry.key.text)
        if key is None:
            continue
        if not key.obeyed:
            found.append(_not_obeyed(entry))
        if key.read is None:
            continue
        value = values[key.field] = key.read(entry.value)
        if value is not None:
            found += key.problems(entry, value, plan)
    unread = any(value is None for value in values.values())
    return None if unread or any(each.is_error for each in found) else Policy(**values), tuple(found)


def _not_obeyed(entry: Entry) -> Diagnostic:
    """Refuse, at its place, a key that would be ignored: each of them is a guard."""
    refused = "and refuses the plan, because a guard is never ignored"
    message = f"this version does not obey `policy.{entry.key.text}` yet, {refused}"
    return error("policy-not-obeyed", message, entry.key.span, hint="remove it")
