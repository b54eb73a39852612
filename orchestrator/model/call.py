"""A plan's calls, resolved: every value as the characters that go on the wire."""

from collections.abc import Mapping, Sequence
from dataclasses import field
from typing import NamedTuple

from orchestrator.model.diagnostic import Span
from orchestrator.model.frozen import frozen

CARRIER_SETTLES_WITHIN = 300.0
"""Seconds for which the carrier may still change what it says of an ended call, where a target says nothing else."""


class Field(NamedTuple):
    """One carrier parameter of one call; a million rows make many millions of them.

    `name` is the table's (`StatusCallbackEvents`, not the indexed form). `value` is the wire text; a list
    parameter has a tuple. `origin` says which part of the plan decided: `defaults`, `call` or `receiver`.
    """

    name: str
    value: str | tuple[str, ...]
    origin: str


@frozen
class FieldColumn:
    """One carrier parameter of many calls: a `Field` with a value for each of them."""

    name: str
    values: list[str]
    origin: str


def text_of(fields: Sequence[Field], name: str) -> str | None:
    """Return the wire text of a single-valued parameter, None where it is not set."""
    for item in fields:
        if item.name == name and isinstance(item.value, str):
            return item.value
    return None


@frozen
class Parties:
    """The numbers of a call as its plan spells them.

    `agent` is rung first, None where a call rings one person only; `person` must not be rung twice; `exophone` is the
    account's line that the call goes out on, None where it names none.
    """

    agent: str | None
    person: str
    exophone: str | None = None

    @property
    def rung(self) -> tuple[str, ...]:
        """The numbers that are rung, in this order."""
        return (self.person,) if self.agent is None else (self.agent, self.person)


BRIDGE_LEGS = 2
"""Lines of the account that a call takes which rings From, then To: no call takes more."""


@frozen
class CallTimes:
    """How long a call may take, in seconds: ring each of its legs, one after the other, and then last."""

    ring_seconds: int = 0
    talk_seconds: int = 0
    legs: int = BRIDGE_LEGS

    @property
    def ring_span(self) -> int:
        """Seconds in which the call may still start to ring somebody."""
        return self.legs * self.ring_seconds

    def horizon(self, settling: float) -> float:
        """Return the seconds after which the call cannot be live any more: rings, talk, the carrier's `settling`."""
        return self.ring_span + self.talk_seconds + settling

    def shortest(self, other: "CallTimes | None") -> "CallTimes":
        """Return the least of both, each for itself."""
        if other is None:
            return self
        ring, talk = min(self.ring_seconds, other.ring_seconds), min(self.talk_seconds, other.talk_seconds)
        return CallTimes(ring, talk, min(self.legs, other.legs))


NO_TIME = CallTimes()


@frozen
class CallSchedule:
    """When one call may start, beside the plan's policy: epoch seconds, None without a bound. Higher priority first.

    `timezone` is where the plan says that To is, None where it leaves that to the number.
    """

    priority: int = 0
    not_before: float | None = None
    not_after: float | None = None
    timezone: str | None = None


@frozen
class ResolvedCall:
    """One call of a plan, ready to become a connect request. `span` is its entry, or its row's line."""

    id: str
    fields: tuple[Field, ...]
    span: Span
    carry: Mapping[str, str] = field(default_factory=dict)
    schedule: CallSchedule = CallSchedule()


@frozen
class SkippedRow:
    """A row that `bad: skip` leaves out: no call, but it is accounted for.

    `place` is its file's name and line; `id` the call's that it would have been, None where that is not known.
    """

    id: str | None
    place: str


@frozen
class ConnectRequest:
    """One connect request: field names and values as they go on the wire, in order, lists already indexed."""

    pairs: tuple[tuple[str, str], ...]
