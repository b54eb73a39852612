"""What a key of `policy` declares, and how single values are read out of a document's nodes."""

from collections.abc import Callable, Iterable, Iterator
from typing import Any, TypeVar

from orchestrator.model.diagnostic import Diagnostic
from orchestrator.model.frozen import frozen
from orchestrator.plan.schema.build import Schema
from orchestrator.plan.schema.node_types import typed_value
from orchestrator.plan.text_formats import ParseError, read_duration, read_share
from orchestrator.plan.yaml.nodes import Entry, MappingNode, Node, ScalarNode

Value = TypeVar("Value")

_WHOLE_NUMBER = {"type": "integer"}


def no_problems(_entry: Entry, _value: Any, _plan: MappingNode) -> Iterator[Diagnostic]:
    """Yield nothing: for a key whose shape says all that can be wrong."""
    return iter(())


@frozen
class PolicyKey:
    """The declaration of one key of `policy`.

    `example` is a value as plans write it, `bad` one that is told with the `finding` of this id; `documentation` says
    in Markdown what the key does, beside its shape.
    `read` takes the key's node to the value of that `field` of `model.policy.Policy`, and returns None for
    a value that is not right, of which the schema check has reported why. It is None for a key whose value comes from
    elsewhere, or that is not obeyed. `problems` yields what a value that has its shape may be wrong in, given the whole
    plan. `obeyed` False: the engine does not obey the key yet, so that a plan which has it is refused.
    """

    name: str
    field: str
    example: str
    bad: str
    finding: str
    schema: Schema
    documentation: str
    read: Callable[[Node], Any] | None = None
    problems: Callable[[Entry, Any, MappingNode], Iterator[Diagnostic]] = no_problems
    obeyed: bool = True


def text_of(node: Node | None) -> str:
    """Return the characters of a single value, none for anything else."""
    return node.text if isinstance(node, ScalarNode) else ""


def whole_number_of(node: Node | None) -> int | None:
    """Return a whole number above zero, None for anything else."""
    value = None if node is None else typed_value(node, _WHOLE_NUMBER)
    return value if isinstance(value, int) and value >= 1 else None


def seconds_of(node: Node | None) -> float | None:
    """Return the seconds of a duration, None for anything else."""
    return parsed(read_duration(text_of(node)))


def share_of(node: Node | None) -> float | None:
    """Return a share from 0 to 1, None for anything else."""
    return parsed(read_share(text_of(node)))


def shares_of(mapping: MappingNode, but: str = "") -> tuple[tuple[str, float], ...] | None:
    """Return the shares of a mapping by their keys, without the key `but`; None where one is not right or none is."""
    shares = [(entry.key.text, share_of(entry.value)) for entry in mapping if entry.key.text != but]
    return all_read(None if share is None else (word, share) for word, share in shares)


def all_read(values: Iterable[Value | None]) -> tuple[Value, ...] | None:
    """Return the values where there are some and each could be read, else None; nothing is read after a bad one."""
    good: list[Value] = []
    for value in values:
        if value is None:
            return None
        good.append(value)
    return tuple(good) or None


def parsed(value: Value | ParseError) -> Value | None:
    """Return a value that could be read from its text, None where it could not."""
    return None if isinstance(value, ParseError) else value
