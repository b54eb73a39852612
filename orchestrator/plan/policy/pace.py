"""`pace`, `concurrency` and `per_agent`: how fast a plan dials, and how many calls are in flight."""

from orchestrator.model.policy import Rate
from orchestrator.plan.policy.key import PolicyKey, parsed, text_of, whole_number_of
from orchestrator.plan.schema import build
from orchestrator.plan.text_formats import read_rate
from orchestrator.plan.yaml.nodes import Node


def _read_pace(node: Node) -> Rate | None:
    return parsed(read_rate(text_of(node)))


PACE = PolicyKey(
    name="pace",
    field="pace",
    example="150/minute",
    schema=build.rate("Connect requests never leave faster than this, in any window of that length.", "150/minute"),
    read=_read_pace,
    documentation="""
    Requests are evenly spread, and what was missed is not caught up. The target's `pace` caps all requests,
    look-ups included, over all processes on the journal.
    """,
)
CONCURRENCY = PolicyKey(
    name="concurrency",
    field="concurrency",
    example="20",
    schema=build.whole("Calls in flight at once.", 1, 10_000, 20, default=20),
    read=whole_number_of,
    documentation="Beside it the target's `legs` caps the lines of the account; a call takes two.",
)
PER_AGENT = PolicyKey(
    name="per_agent",
    field="per_agent",
    example="4",
    schema=build.whole("Calls in flight at once for one From.", 1, 10_000, 4),
    read=whole_number_of,
    documentation="Without it an agent's number has no limit of its own.",
)
