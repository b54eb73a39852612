"""What the journal answers people: one call's whole story, which run is meant, and where a plan's edition stands."""

from collections.abc import Iterable, Mapping
from dataclasses import field
from decimal import Decimal
from typing import NamedTuple

from orchestrator.model.approval import Approval
from orchestrator.model.call import Attempt, Field, Scope
from orchestrator.model.events import Event
from orchestrator.model.frozen import frozen
from orchestrator.model.hold import Hold
from orchestrator.model.outcome import Disposition
from orchestrator.model.policy import Policy
from orchestrator.model.record import RunRecord
from orchestrator.model.refusal import RefusedCallbacks

CALLS_OF_A_NAME = 100
"""Calls that one name tells at most, the latest: an agent's number may stand in a million."""


@frozen
class Edition:
    """One edition of one plan: the plan's key in the journal, and its name. `run` is the id of its latest run."""

    plan: int
    name: str
    edition: str
    run: str

    @property
    def label(self) -> str:
        """The plan's name with the edition, where it has one."""
        return self.name + (f", edition {self.edition}" if self.edition else "")


@frozen
class RunNamed:
    """A run that was found, with what tells it from others. `plan` is its plan's key, `source` that plan's file."""

    run: str
    plan: int
    name: str
    edition: str
    source: str
    account: str

    @property
    def label(self) -> str:
        """Return `RUN (plan P, edition E)`."""
        return f"{self.run} (plan {self.name}{f', edition {self.edition}' if self.edition else ''})"


class CallNamed(NamedTuple):
    """A call of a plan's edition."""

    plan: str
    edition: str
    id: str


@frozen
class LatestRun:
    """A plan's latest run, and the rules of redialing that it was started with: of its policy nothing else is read."""

    scope: Scope
    policy: Policy


@frozen
class Story:
    """Everything about one call of one plan's edition.

    `run` is the run that last touched it. `place` is `file:line` of its entry or row, None where it is not known.
    `fields` are its parameters as last loaded, `requests` those of the attempts, by number, that were made with others.
    `not_before` is the RFC 3339 time before which it may not start, None
    where nothing holds it or it has its disposition; `holds` what keeps its edition from dialing while it is due, the
    strongest first. `events` are those of the call and of the runs that dealt with it, and what was said of its
    numbers or of the whole journal meanwhile, in the order of their commits. `waits` are those in which one of these
    runs said that all its calls wait: they are the run's, whichever of its calls is asked about.
    """

    id: str
    plan: str
    edition: str
    run: str
    state: str
    disposition: Disposition
    reason: str | None
    place: str | None
    fields: tuple[Field, ...]
    carry: Mapping[str, str] = field(default_factory=dict)
    not_before: str | None = None
    holds: tuple[Hold, ...] = ()
    attempts: tuple[Attempt, ...] = ()
    requests: Mapping[int, tuple[Field, ...]] = field(default_factory=dict)
    events: tuple[Event, ...] = ()
    waits: tuple[Event, ...] = ()


def run_waits(stories: Iterable[Story]) -> dict[str, list[Event]]:
    """Return what each run waited for with all its calls, as any of these stories tells it: the latest run first."""
    told = {(event.run, event.at, str(event.data)): event for story in stories for event in story.waits}
    waits: dict[str, list[Event]] = {}
    for (run, _, _), event in sorted(told.items()):
        waits.setdefault(run, []).append(event)
    return dict(sorted(waits.items(), reverse=True))


@frozen
class RunLine:
    """One run of the journal, and how many calls its plan held."""

    run: RunRecord
    calls: int


@frozen
class OwnFigures:
    """What came of a run's own attempts: how many, by ending or else by placement, and those without either.

    `seconds` is the sum of their durations, `cost` of their prices by currency: as far as the carrier has told.
    """

    attempts: int
    outcomes: Mapping[str, int]
    seconds: int
    cost: Mapping[str, Decimal]


PULSE = 1.0
"""Seconds between two signs of life of a process that dials."""


@frozen
class Dialer:
    """The process that took the dialer's lock last. `silent`: seconds since its last sign of life.

    `alive`: it dials, or will go on to. A process that was stopped (SIGSTOP) is not, until it wakes.
    """

    pid: str
    silent: float
    alive: bool


@frozen
class Standing:
    """Where a plan's edition stands over all its runs, and its run that was asked for, or the latest.

    `asked`: that run was asked for by its id; `attempts_of_run` are its own; `alive`: its process dials. `totals` has
    one count a disposition, with `calls` and `attempts`. `due` calls wait to be dialed, `open` ones for an outcome.
    `holds` is what keeps the edition from dialing, the strongest first. `next_at` is the RFC 3339 time at which a due
    call may start, None where none is due, something holds them all, or none ever may; `next_why` what it waits for,
    if for anything. `refused` are the callbacks that receivers of the journal have refused, whatever plan was meant.
    `approvals` are those of the run's digest.
    """

    run: RunRecord
    asked: bool
    runs: int
    totals: Mapping[str, int]
    due: int
    open: int
    attempts_of_run: int
    alive: bool = False
    dialer: Dialer | None = None
    holds: tuple[Hold, ...] = ()
    next_at: str | None = None
    next_why: str | None = None
    refused: RefusedCallbacks = field(default_factory=RefusedCallbacks)
    approvals: tuple[Approval, ...] = ()
