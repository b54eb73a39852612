"""Calls: resolved, with every value as the characters on the wire; due, as a run dials them; and their attempts."""

from collections.abc import Mapping, Sequence
from dataclasses import field
from typing import NamedTuple

from orchestrator.model.diagnostic import Span
from orchestrator.model.frozen import frozen
from orchestrator.model.outcome import Ending
from orchestrator.model.record import AttemptRecord

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


@frozen
class Scope:
    """Which calls a run is about: the journal's keys of plan and run, and the edition.

    `load` is the run that took the plan's calls in: the run itself, or an earlier one with the same plan and data.
    """

    plan: int
    edition: str
    run: int
    run_id: str
    load: int


@frozen
class DueCall:
    """A call that may be dialed now. `attempts` is how many it has had, `rung` those that may have rung.

    `pair` is the account and the identities of From and To. `not_after` is the plan's, `ended` when its last attempt
    that may have rung ended as `last` says: both in epoch seconds. `suppressed` says why it is never rung, and
    `is_held` whether another call kept its pair: both as of when it was read.
    """

    key: int
    id: str
    fields: tuple[Field, ...]
    pair: str
    attempts: int
    rung: int = 0
    last: Ending | None = None
    ended: float = 0.0
    not_after: float | None = None
    times: CallTimes = NO_TIME
    priority: int = 0
    position: int = 0
    suppressed: str | None = None
    is_held: bool = False

    @property
    def account(self) -> str:
        """The carrier account that it is dialed on."""
        return account_of(self.pair)

    @property
    def agent(self) -> str:
        """The account and the identity of From."""
        return agent_of(self.pair)

    @property
    def person(self) -> str:
        """The account and the identity of To."""
        return person_of(self.pair)

    @property
    def callee(self) -> str:
        """The identity of To."""
        return self.pair.partition(">")[2]


@frozen
class NewAttempt:
    """The next attempt of a call, whose intent is to be committed: `started` in epoch seconds, `started_at` in words.

    `token_hash` is what its callbacks are known by; at `pair_free_at`, in epoch seconds, it cannot be live any more.
    """

    call: DueCall
    token_hash: str
    started_at: str
    started: float
    pair_free_at: float


def account_of(pair: str) -> str:
    """Return the carrier account of a pair."""
    return pair.partition(":")[0]


def agent_of(pair: str) -> str:
    """Return the account and the identity of From of a pair."""
    return pair.partition(">")[0]


def person_of(pair: str) -> str:
    """Return the account and the identity of To of a pair."""
    return f"{account_of(pair)}:{pair.partition('>')[2]}"


class CallRow(NamedTuple):
    """A call as it stands in the journal, as far as a run follows it; see the journal's schema."""

    key: int
    plan: int
    edition: str
    id: str
    position: int
    pair: str
    state: str
    priority: int
    not_before: float
    pair_free_at: float
    disposition: str
    rung: int
    finished: float | None

    @property
    def may_be_live(self) -> bool:
        """Whether it is under way, or was given up as unknown."""
        return self.state == "open" or self.disposition == "unknown"


class AttemptRow(NamedTuple):
    """An attempt as it stands in the journal, as far as a run follows it."""

    key: int
    call: int
    n: int
    placement: str | None


@frozen
class Committed:
    """What one commit changed: rows as they were and as they are; None for one that was not there.

    `seq` is the number of the last event now, `others` the writer's as of this commit. `is_whole`: no changed row is
    missing here.
    """

    seq: int
    others: int = 0
    tables: frozenset[str] = frozenset()
    calls: Sequence[tuple[CallRow | None, CallRow | None]] = ()
    attempts: Sequence[AttemptRow] = ()
    is_whole: bool = True


@frozen
class Attempt:
    """An attempt and its call, which is of the plan with key `plan`.

    `started` and `pair_free_at` (when it cannot be live any more) are in epoch seconds.
    `state` is its call's (`due`, `open`, `closed`); `latest` is False where the call has had another attempt since.
    """

    key: int
    call: int
    call_id: str
    run_id: str
    state: str
    latest: bool
    started: float
    pair_free_at: float
    record: AttemptRecord
    plan: int
    edition: str

    def free_at_last(self, known_since: float) -> float:
        """Return when it cannot be live any more, at the latest, where the clock that began it may have been ahead.

        It is not waited for longer than such a call may take, counted from when it was known to be there.
        """
        return min(self.pair_free_at, known_since + max(0.0, self.pair_free_at - self.started))


@frozen
class UnmatchedAttempt:
    """An attempt that may have rung and has no call Sid, with what a look-up can find its call by.

    `plan` is its plan's key. Numbers are as the plan spells them; `exophone` None where it names none.
    """

    attempt: Attempt
    plan: int
    from_number: str
    to_number: str
    exophone: str | None
