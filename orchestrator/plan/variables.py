"""A plan's `vars`: texts for `${var.name}`, each of which may use those written above it."""

from orchestrator.model.diagnostic import Diagnostic, error
from orchestrator.plan.rows.templates import compile_template
from orchestrator.plan.schema.check import too_many_problems
from orchestrator.plan.yaml.nodes import MappingNode, Node, ScalarNode

MOST_PROBLEMS = 1_000
"""Of variables that are told: each is compared with those above it for its hint."""
LONGEST = 10_000
"""Characters of one variable: each may hold the one above it twice, so some thirty would fill any memory."""


def read_variables(node: Node | None) -> tuple[dict[str, str], tuple[Diagnostic, ...]]:
    """Return the variables with their values; one with a problem has an empty value, so that it is told once."""
    values: dict[str, str] = {}
    problems: list[Diagnostic] = []
    if not isinstance(node, MappingNode):
        return values, ()
    for entry in node.entries:
        if not isinstance(entry.value, ScalarNode):
            continue
        reason = "variables are the same for every row"
        template, found = compile_template(entry.value, values, rows=reason)
        value = "" if found else template.fixed or ""
        if len(value) > LONGEST:
            message = f"`{entry.key.text}` becomes longer than {LONGEST:,} characters"
            found, value = (error("value-too-long", message, entry.value.span, hint="shorten it"),), ""
        problems.extend(found)
        if len(problems) > MOST_PROBLEMS:
            problems.append(too_many_problems(entry.value.span, most=MOST_PROBLEMS))
            break
        values[entry.key.text.strip()] = value
    return values, tuple(problems)
