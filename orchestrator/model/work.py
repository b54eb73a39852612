"""What the engine works with: the plan's place in the journal, a call that is due, an attempt with its call."""

from collections.abc import Sequence
from typing import NamedTuple

from orchestrator.model.call import NO_TIME, CallTimes, Field
from orchestrator.model.frozen import frozen
from orchestrator.model.outcome import Ending
from orchestrator.model.record import AttemptRecord


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
