"""What the engine works with: the plan's place in the journal, a call that is due, an attempt with its call."""

from dataclasses import dataclass

from orchestrator.model.call import Field
from orchestrator.model.outcome import Ending
from orchestrator.model.record import AttemptRecord


@dataclass(frozen=True, slots=True)
class Scope:
    """Which calls a run is about: the journal's keys of plan and run, and the edition.

    `load` is the run that took the plan's calls in: the run itself, or an earlier one with the same plan and data.
    """

    plan: int
    edition: str
    run: int
    run_id: str
    load: int


@dataclass(frozen=True, slots=True)
class DueCall:
    """A call that may be dialed now. `attempts` is how many it has had, `rung` those that may have rung.

    `pair` is the account and the identities of From and To. `not_after` is the plan's, `ended` when its last attempt
    that may have rung ended as `last` says: both in epoch seconds.
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

    @property
    def account(self) -> str:
        """The carrier account that it is dialed on."""
        return self.pair.partition(":")[0]

    @property
    def agent(self) -> str:
        """The account and the identity of From."""
        return self.pair.partition(">")[0]

    @property
    def person(self) -> str:
        """The account and the identity of To."""
        return f"{self.account}:{self.pair.partition('>')[2]}"


@dataclass(frozen=True, slots=True)
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


@dataclass(frozen=True, slots=True)
class UnmatchedAttempt:
    """An attempt that may have rung and has no call Sid, with what a look-up can find its call by.

    `plan` is its plan's key. Numbers are as the plan spells them; `exophone` None where it names none.
    """

    attempt: Attempt
    plan: int
    from_number: str
    to_number: str
    exophone: str | None
