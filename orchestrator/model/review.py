"""What `run` would do now, as a value: the review of a plan before anything is dialed."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from enum import StrEnum

from orchestrator.model.diagnostic import Diagnostic
from orchestrator.model.forecast import Forecast
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


class Change(StrEnum):
    """What a run would change about a call, in the order in which a reviewer wants to see it."""

    DIAL = "dial"  # to be dialed, for the first time or again
    CHANGED = "changed"  # its request is another than the one that the journal knows
    REFUSED = "refused"  # not dialed until somebody acts: its row, its id or the carrier's refusal stands in the way
    CLOSED = "closed"  # not dialed by its own rules: suppressed, too late, superseded
    REMOVED = "removed"  # the plan no longer holds it
    GOES_ON = "goes-on"  # an earlier run left it under way: it is followed, and not dialed
    FINISHED = "finished"  # nothing changes


@dataclass(frozen=True, slots=True)
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


@dataclass(frozen=True, slots=True)
class FieldChange:
    """One parameter that differs from the request that the journal knows: wire texts, None where it is not set."""

    name: str
    before: FieldValue
    after: FieldValue


@dataclass(frozen=True, slots=True)
class PlannedCall:
    """One call of the plan. `from_number` is rung first, `to_number` once it has answered; both as typed.

    A bad row that is left out has no numbers, and a request without an address and fields.
    `reason` says in a few words why a call is not simply to be dialed; `not_before` (RFC 3339
    in UTC) from when one that is to be dialed may start, None where that is at once. `earlier_run` is the run that
    dialed it. `changes` is how its request differs from the one that the journal knows.
    """

    id: str
    state: CallState
    from_number: str
    to_number: str
    request: PlannedRequest
    reason: str | None = None
    earlier_run: str | None = None
    not_before: str | None = None
    changes: tuple[FieldChange, ...] = ()


@dataclass(frozen=True, slots=True)
class ChangeGroup:
    """The calls about which a run would change the same.

    `reasons` counts them by why that is so, in a few words ("" where nothing is to be said), the most first; there is
    a bounded number of them, and of the calls in `sample`, which has calls of each reason, in the plan's order.
    """

    change: Change
    count: int
    reasons: Mapping[str, int]
    sample: tuple[PlannedCall, ...]


@dataclass(frozen=True, slots=True)
class SharedPerson:
    """One person, in whatever spelling, whom `count` calls ring: the first spelling, and the ids of the first calls."""

    number: str
    count: int
    calls: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class PlanView:
    """A plan under review.

    `totals` counts the calls by state, with `calls` for all of the plan; those that it no longer holds are counted as
    `removed` beside them, and those with another request as `changed`. `calls` may be iterated once or more, and
    streams; so does `removed`. `groups` are the calls in the order of interest, those without any left out; `people`
    are some of those whom several calls ring, `more_people` counts the others. `asked` is where the plan would be
    dialed. `known_runs` are the journal's of this edition, None where it was not asked. `zone` is that of the plan's
    window. `least_seconds` is the least time in which the pace lets every call to be dialed start. `opens_at` is
    RFC 3339 in UTC when no call may start at `at` yet, else None; `opens_why` is what they wait for. `held`: why
    nothing starts before somebody resumes it; `lifted_by` are the commands that do so, all of them needed. `findings`
    are warnings and notes: a plan with errors is `Refused` instead. `unlisted` is what any of the calls has so.
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
    people: tuple[SharedPerson, ...] = ()
    more_people: int = 0
    policy: Policy = field(default_factory=Policy)
    asked: Target | None = None
    purpose: str | None = None
    known_runs: int | None = None
    zone: str = "Asia/Kolkata"
    estimate: Forecast | None = None
