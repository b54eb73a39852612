"""`halt`: which shares of bad endings stop a plan."""

from collections.abc import Iterator

from orchestrator.model.diagnostic import Diagnostic, error
from orchestrator.model.policy import HaltRule
from orchestrator.plan.node_values import share_of, whole
from orchestrator.plan.yaml.nodes import Entry, MappingNode, Node, SequenceNode

_OF = "of"


def read_halt(node: Node) -> tuple[HaltRule, ...] | None:
    """Read `[{failed: 20%, of: 50}]`; None where a rule is not right."""
    if not isinstance(node, SequenceNode):
        return None
    rules = [_rule(item) for item in node.items]
    good = tuple(rule for rule in rules if rule is not None)
    return good if good and len(good) == len(rules) else None


def _rule(node: Node) -> HaltRule | None:
    if not isinstance(node, MappingNode):
        return None
    of = whole(node.get(_OF))
    shares = [(entry.key.text, share_of(entry.value)) for entry in node if entry.key.text != _OF]
    good = tuple((ending, share) for ending, share in shares if share is not None)
    return None if of is None or not good or len(good) != len(shares) else HaltRule(good, of)


def halt_problems(entry: Entry, rules: tuple[HaltRule, ...]) -> Iterator[Diagnostic]:
    """Tell shares of nought, which every plan has reached before it begins."""
    nodes = entry.value.items if isinstance(entry.value, SequenceNode) else ()
    for node, rule in zip(nodes, rules, strict=True):
        for ending, share in rule.shares:
            written = node.get(ending) if isinstance(node, MappingNode) else None
            if share == 0 and written is not None:
                message = f"`policy.halt` stops at 0% {ending}, which is always reached"
                yield error("halt-always", message, written.span, hint="write the share from which on to stop")
