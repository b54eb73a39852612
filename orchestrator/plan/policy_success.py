"""`success`: which shares of the dialed calls make a run one as wished."""

from collections.abc import Iterator

from orchestrator.model.diagnostic import Diagnostic, error, warning
from orchestrator.plan.node_values import share_of
from orchestrator.plan.yaml.nodes import Entry, MappingNode, Node

Shares = tuple[tuple[str, float], ...]


def read_success(node: Node) -> Shares | None:
    """Read `{completed: 60%}` to the least share by disposition; None where one is not right."""
    if not isinstance(node, MappingNode):
        return None
    shares = [(entry.key.text, share_of(entry.value)) for entry in node]
    good = tuple((word, least) for word, least in shares if least is not None)
    return good if good and len(good) == len(shares) else None


def success_problems(entry: Entry, shares: Shares) -> Iterator[Diagnostic]:
    """Tell what no run can reach, and what every run does."""
    if sum(least for _, least in shares) > 1 + 1e-9:
        message = "`policy.success` asks for more than 100% in all, which no run can reach"
        yield error("success-impossible", message, entry.key.span, hint="each share is the least one; lower them")
    for each in entry.value if isinstance(entry.value, MappingNode) else ():
        if share_of(each.value) == 0:
            message = f"`policy.success.{each.key.text}` asks for at least 0%, which every run reaches"
            hint = "shares are the least ones: raise it, or remove it; for `no failures` write `completed: 100%`"
            yield warning("success-always-met", message, each.value.span, hint=hint)
