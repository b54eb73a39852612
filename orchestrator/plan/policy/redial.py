"""`redial` and `per_person`: how often a call, and a person, may be tried."""

from collections.abc import Iterator

from orchestrator.model.diagnostic import Diagnostic, warning
from orchestrator.model.outcome import Ending
from orchestrator.model.policy import PersonCap, Redial
from orchestrator.plan.policy.key import PolicyKey, all_read, seconds_of, whole_number_of
from orchestrator.plan.schema import build
from orchestrator.plan.yaml.nodes import Entry, MappingNode, Node


def _person_cap_schema() -> build.Schema:
    properties = {
        "attempts": build.whole("Most attempts that may have rung.", 1, 1000, 3),
        "within": build.duration("The length of the time in which they count.", "24h"),
    }
    return build.closed(
        "Most attempts for one To, over all runs and plans of the journal.", properties, ("attempts", "within")
    )


def _read_person_cap(node: Node) -> PersonCap | None:
    """Read `{attempts: 3, within: 24h}`."""
    if not isinstance(node, MappingNode):
        return None
    attempts, within = whole_number_of(node.get("attempts")), seconds_of(node.get("within"))
    return None if attempts is None or within is None else PersonCap(attempts, within)


PER_PERSON = PolicyKey(
    name="per_person",
    field="per_person",
    example="{attempts: 3, within: 24h}",
    bad="{attempts: 3}",
    finding="missing-key",
    schema=_person_cap_schema(),
    read=_read_person_cap,
    documentation="All spellings of a number are one person. A call that would be one too many waits.",
)


def _redial_schema() -> build.Schema:
    properties = {
        "attempts": build.whole("Most attempts of a call in all, the first included.", 1, 1000, 3),
        "after": build.duration("How long to wait before the next attempt.", "15m"),
    }
    rule = build.closed("When to try again after this ending.", properties, ("attempts", "after"))
    endings = {ending.value: rule for ending in Ending if ending is not Ending.COMPLETED}
    return build.closed("What to do after an ending that was not wished.", endings, minProperties=1)


def _read_redial(node: Node) -> tuple[tuple[str, Redial], ...] | None:
    """Read the rules by ending, in the plan's order."""
    return all_read(_rule(entry) for entry in node) if isinstance(node, MappingNode) else None


def _rule(entry: Entry) -> tuple[str, Redial] | None:
    if not isinstance(entry.value, MappingNode):
        return None
    attempts, after = whole_number_of(entry.value.get("attempts")), seconds_of(entry.value.get("after"))
    return None if attempts is None or after is None else (entry.key.text, Redial(attempts, after))


def _problems(entry: Entry, rules: tuple[tuple[str, Redial], ...], _plan: MappingNode) -> Iterator[Diagnostic]:
    """Warn of rules that never dial again, since `attempts` counts the first one too."""
    for ending, rule in rules:
        written = entry.value.get(ending) if isinstance(entry.value, MappingNode) else None
        attempts = written.get("attempts") if isinstance(written, MappingNode) else None
        if rule.attempts == 1 and attempts is not None:
            message = f"`policy.redial.{ending}` never dials again: the first attempt is included"
            yield warning("redial-never", message, attempts.span, hint="write 2 or more, or remove the rule")


REDIAL = PolicyKey(
    name="redial",
    field="redial",
    example="{busy: {attempts: 3, after: 15m}, no-answer: {attempts: 2, after: 2h}}",
    bad="{completed: {attempts: 2, after: 15m}}",
    finding="unknown-key",
    schema=_redial_schema(),
    read=_read_redial,
    problems=_problems,
    documentation="""
    The rule is chosen by how the last attempt ended. `agent-no-answer`, where To was never rung, has a rule of its
    own.
    """,
)
