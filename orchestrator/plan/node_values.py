"""Single values out of a document's nodes, for readers that may meet what `check` has refused."""

from orchestrator.plan.schema.node_types import data
from orchestrator.plan.text_formats import Misform, duration, share
from orchestrator.plan.yaml.nodes import MappingNode, Node, ScalarNode

_WHOLE = {"type": "integer"}


def text_of(mapping: MappingNode, key: str) -> str:
    """Return the characters of a key's value, none where it has no single value."""
    return text(mapping.get(key))


def text(node: Node | None) -> str:
    """Return the characters of a single value, none for anything else."""
    return node.text if isinstance(node, ScalarNode) else ""


def whole(node: Node | None) -> int | None:
    """Return a whole number above zero, None for anything else."""
    value = None if node is None else data(node, _WHOLE)
    return value if isinstance(value, int) and value >= 1 else None


def seconds(node: Node | None) -> float | None:
    """Return the seconds of a duration, None for anything else."""
    return read(duration(text(node)))


def share_of(node: Node | None) -> float | None:
    """Return a share from 0 to 1, None for anything else."""
    return read(share(text(node)))


def read(value: float | Misform) -> float | None:
    """Return a value that a form has read, None where it could not."""
    return None if isinstance(value, Misform) else value
