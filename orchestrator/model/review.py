"""What `run` would do now, as a value: the review of a plan before anything is dialed."""

from collections.abc import Iterable, Mapping
from dataclasses import field
from enum import StrEnum

from orchestrator.model.diagnostic import Diagnostic
from orchestrator.model.forecast import Forecast
from orchestrator.model.frozen import frozen
from orchestrator.model.outcome import with_reason
from orchestrator.model.policy import Policy
from orchestrator.model.target import Target


class CallState(StrEnum):
    """What a run that starts now would do with a call."""

    TO_DIAL = "to-dial"
    OPEN = "open"  # an earlier run left it unfinished: a run goes on with it
    ALREADY_CALLED = "already-called"  # an attempt may have rung: no run of this edition dials it again
    REJECTED = "rejected"  # refused by the carrier before, and its request has not changed
    ID_CHANGED = "id-changed"  # its pair may have rung under an id that the plan no longer holds
    SUPPRESSED = "suppressed"  # one of its numbers is never rung
    TOO_LATE = "too-late"  # it may not start any more, or only after it must have started
    SUPERSEDED = "superseded"  # a newer edition of the plan was run since
    BAD_ROW = "bad-row"  # `bad: skip` leaves its row out: a run reports it as not dialed
    REFUSED = "refused"  # a finding of its own stands in the way
    REMOVED = "removed"  # the journal has it of this edition, and the plan no longer holds it


STATE_WORDS = {
    CallState.TO_DIAL: "to dial",
    CallState.OPEN: "open, left by an earlier run",
    CallState.ALREADY_CALLED: "already called",
    CallState.REJECTED: "rejected before",
    CallState.ID_CHANGED: "under a changed id",
    CallState.SUPPRESSED: "suppressed",
    CallState.TOO_LATE: "too late",
    CallState.SUPERSEDED: "superseded by a newer edition",
    CallState.BAD_ROW: "left out as bad rows",
    CallState.REFUSED: "refused",
    CallState.REMOVED: "no longer in the plan",
}
"""What people read of a state."""


class Change(StrEnum):
    """What a run would change about a call, in the order in which a reviewer wants to see it."""

    DIAL = "dial"  # to be dialed, for the first time or again
    CHANGED = "changed"  # its request is another than the one that the journal knows
    REFUSED = "refused"  # not dialed until somebody acts: its row, its id or the carrier's refusal stands in the way
    CLOSED = "closed"  # not dialed by its own rules: suppressed, too late, superseded
    REMOVED = "removed"  # the plan no longer holds it
    GOES_ON = "goes-on"  # an earlier run left it under way: it is followed, and not dialed
    FINISHED = "finished"  # nothing changes


_CHANGES = {
    CallState.TO_DIAL: Change.DIAL,
    CallState.OPEN: Change.GOES_ON,
    CallState.ALREADY_CALLED: Change.FINISHED,
    CallState.SUPPRESSED: Change.CLOSED,
    CallState.TOO_LATE: Change.CLOSED,
    CallState.SUPERSEDED: Change.CLOSED,
    CallState.REMOVED: Change.REMOVED,
}
"""What most calls in a state are to a reviewer; those in any other are refused."""


@frozen
class PlannedRequest:
    """One connect request as it would leave, without credentials.

    `url` has the account where it is known, else a placeholder in angle brackets. `pairs` are the wire's form
    fields in order; `origins` says for each parameter (not the indexed form) which part of the plan decided.
    `unlisted` names what only the target's `accept` admits: `NewParam`, or `StatusCallbackEvents: ringing`.
    """

    url: str
    encoding: str
    pairs: tuple[tuple[str, str], ...]
    origins: Mapping[str, str] = field(default_factory=dict)
    method: str = "POST"
    unlisted: tuple[str, ...] = ()


FieldValue = str | tuple[str, ...] | None


@frozen
class FieldChange:
    """One parameter that differs from the request that the journal knows: wire texts, None where it is not set."""

    name: str
    before: FieldValue
    after: FieldValue


@frozen
class PlannedCall:
    """One call of the plan. `from_number` is rung first, `to_number` once it has answered; both as typed.

    A bad row that is left out has no numbers, and a request without an address and fields.
    `reason` says in a few words why a call is not simply to be dialed; `not_before` (RFC 3339
    in UTC) from when one that is to be dialed may start, None where that is at once. `earlier_run` is the run that
    dialed it. `changes` is how its request differs from the one that the journal knows. `redials`: it rang before, and
    is dialed again.
    """

    id: str
    state: CallState
    from_number: str = field(repr=False)
    to_number: str = field(repr=False)
    request: PlannedRequest = field(repr=False)
    reason: str | None = None
    earlier_run: str | None = None
    not_before: str | None = None
    changes: tuple[FieldChange, ...] = field(default=(), repr=False)
    redials: bool = False

    @property
    def change(self) -> Change:
        """What a run would change about it, as a reviewer sees it."""
        return change_of(self.state, self.changes, redials=self.redials)

    @property
    def why(self) -> str:
        """Why that is so, in a few words without a time; "" where it is simply to be dialed."""
        return why_of(self.state, self.reason, self.changes)


def change_of(state: CallState, changes: tuple[FieldChange, ...], *, redials: bool) -> Change:
    """Return what a run would change about a call, as a reviewer sees it."""
    if changes and state is CallState.TO_DIAL:
        return Change.CHANGED
    return Change.DIAL if redials else _CHANGES.get(state, Change.REFUSED)


def why_of(state: CallState, reason: str | None, changes: tuple[FieldChange, ...]) -> str:
    """Say why that is so, in a few words without a time; "" where a call is simply to be dialed."""
    if state is CallState.TO_DIAL:
        return ", ".join(change.name for change in changes) or reason or ""
    if state in (CallState.SUPPRESSED, CallState.TOO_LATE) and reason:
        return with_reason(STATE_WORDS[state], reason)
    return reason or STATE_WORDS[state]


@frozen
class ChangeGroup:
    """The calls about which a run would change the same.

    `reasons` counts them by why that is so, in a few words ("" where nothing is to be said), the most first; there is
    a bounded number of them, and of the calls in `sample`, which has calls of each reason, in the plan's order.
    """

    change: Change
    count: int
    reasons: Mapping[str, int]
    sample: tuple[PlannedCall, ...]


@frozen
class Edit:
    """The same change of one parameter in several calls: in `to_dial` it is sent, `called` ones were sent without."""

    change: FieldChange
    to_dial: int
    called: int


@frozen
class SharedPerson:
    """One person, in whatever spelling, whom `count` calls ring: the first spelling, and the ids of the first calls."""

    number: str
    count: int
    calls: tuple[str, ...]


@frozen
class PlanView:
    """A plan under review.

    `totals` counts the calls by state, with `calls` for all of the plan; those that it no longer holds are counted as
    `removed` beside them, and those with another request as `changed`. `calls` may be iterated once or more, and
    streams; so does `removed`. `groups` are the calls in the order of interest, those without any left out. `edits` are
    some of the changes of parameters, the widest first. `people` are some of those whom several calls ring,
    `more_repeats` counts further calls to others. `asked` is where the plan would be dialed. `known_runs` are the
    journal's of this edition, None where it was not asked. `zone` is that of the plan's window, `moment` what the plan
    is judged for, in epoch seconds, and `at` the same where somebody chose it, RFC 3339 in UTC. `least_seconds` is the
    least time in which the pace lets every call to be dialed start. `opens_at` is RFC 3339 in UTC when no call may
    start at `moment` yet, else None; `opens_why` is what they wait for. `held`: why nothing starts before somebody
    resumes it; `lifted_by` are the commands that do so, all of them needed. `findings` are warnings and notes: a plan
    with errors is `Refused` instead. `unlisted` is what any of the calls has so. `read` are the files that were read.
    `zones` counts the calls to be dialed by the zones that To may be in, where a window asks for them, most first.
    """

    name: str
    edition: str
    digest: str
    target: str
    sandbox: bool
    totals: Mapping[str, int]
    calls: Iterable[PlannedCall]
    findings: tuple[Diagnostic, ...] = ()
    journal: str | None = None
    least_seconds: float | None = None
    opens_at: str | None = None
    opens_why: str | None = None
    at: str | None = None
    unlisted: tuple[str, ...] = ()
    held: str | None = None
    lifted_by: tuple[str, ...] = ()
    groups: tuple[ChangeGroup, ...] = ()
    removed: Iterable[PlannedCall] = ()
    edits: tuple[Edit, ...] = ()
    people: tuple[SharedPerson, ...] = ()
    more_repeats: int = 0
    policy: Policy = field(default_factory=Policy)
    asked: Target | None = None
    purpose: str | None = None
    known_runs: int | None = None
    zone: str = "Asia/Kolkata"
    moment: float = 0.0
    estimate: Forecast | None = None
    read: tuple[str, ...] = ()
    zones: Mapping[str, int] = field(default_factory=dict)
