"""A plan's calls, resolved: every value as the characters that go on the wire."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field

from orchestrator.model.diagnostic import Span


@dataclass(frozen=True, slots=True)
class Field:
    """One carrier parameter of one call.

    `name` is the table's (`StatusCallbackEvents`, not the indexed form). `value` is the wire text; a list
    parameter has a tuple. `origin` says which part of the plan decided: `defaults`, `call` or `receiver`.
    """

    name: str
    value: str | tuple[str, ...]
    origin: str


def text_of(fields: Sequence[Field], name: str) -> str | None:
    """Return the wire text of a single-valued parameter, None where it is not set."""
    for item in fields:
        if item.name == name and isinstance(item.value, str):
            return item.value
    return None


@dataclass(frozen=True, slots=True)
class Terms:
    """When one call may start, beside the plan's policy: epoch seconds, None without a bound. Higher priority first."""

    priority: int = 0
    not_before: float | None = None
    not_after: float | None = None


@dataclass(frozen=True, slots=True)
class ResolvedCall:
    """One call of a plan, ready to become a connect request. `span` is its entry, or its row's line."""

    id: str
    fields: tuple[Field, ...]
    span: Span
    carry: Mapping[str, str] = field(default_factory=dict)
    terms: Terms = Terms()

    def text(self, name: str) -> str | None:
        """Return the wire text of a single-valued parameter, None where the call does not set it."""
        return text_of(self.fields, name)

    def sets(self, name: str) -> bool:
        """Whether the call sets this parameter."""
        return any(item.name == name for item in self.fields)


@dataclass(frozen=True, slots=True)
class SkippedRow:
    """A row that `bad: skip` leaves out: no call, but it is accounted for.

    `place` is its file's name and line; `id` the call's that it would have been, None where that cannot be told.
    """

    id: str | None
    place: str


@dataclass(frozen=True, slots=True)
class ConnectRequest:
    """One connect request: field names and values as they go on the wire, in order, lists already indexed."""

    pairs: tuple[tuple[str, str], ...]
