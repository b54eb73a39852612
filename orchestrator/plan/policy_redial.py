"""How often a call and a person may be tried: `redial` and `per_person`."""

from collections.abc import Iterator

from orchestrator.model.diagnostic import Diagnostic, warning
from orchestrator.model.policy import PersonCap, Redial
from orchestrator.plan.node_values import seconds, whole
from orchestrator.plan.yaml.nodes import Entry, MappingNode, Node


def read_person_cap(node: Node) -> PersonCap | None:
    """Read `{attempts: 3, within: 24h}`; None where it is not right."""
    if not isinstance(node, MappingNode):
        return None
    attempts, within = whole(node.get("attempts")), seconds(node.get("within"))
    return None if attempts is None or within is None else PersonCap(attempts, within)


def read_redial(node: Node) -> tuple[tuple[str, Redial], ...] | None:
    """Read the rules by ending, in the plan's order; None where one is not right."""
    if not isinstance(node, MappingNode):
        return None
    rules = [(entry.key.text, _rule(entry.value)) for entry in node]
    good = tuple((ending, rule) for ending, rule in rules if rule is not None)
    return good if good and len(good) == len(rules) else None


def _rule(node: Node) -> Redial | None:
    if not isinstance(node, MappingNode):
        return None
    attempts, after = whole(node.get("attempts")), seconds(node.get("after"))
    return None if attempts is None or after is None else Redial(attempts, after)


def redial_problems(entry: Entry, rules: tuple[tuple[str, Redial], ...]) -> Iterator[Diagnostic]:
    """Tell rules that never dial again, since `attempts` counts the first one too."""
    for ending, rule in rules:
        written = entry.value.get(ending) if isinstance(entry.value, MappingNode) else None
        attempts = written.get("attempts") if isinstance(written, MappingNode) else None
        if rule.attempts == 1 and attempts is not None:
            message = f"`policy.redial.{ending}` never dials again: the first attempt is included"
            yield warning("redial-never", message, attempts.span, hint="write 2 or more, or remove the rule")
