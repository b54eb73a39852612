"""Events: the closed list of their types, how they write a moment, and how the chain of the journal proves them.

The journal writes them; logs and progress follow committed events.
"""

import math
from collections.abc import Callable, Iterable, Mapping
from dataclasses import field
from datetime import UTC, datetime
from enum import StrEnum
from functools import cache, lru_cache
from typing import Any, NamedTuple

from orchestrator.model.frozen import frozen


class EventType(StrEnum):
    """What happened. The names are an interface: documented in schemas/events.schema.json, never renamed."""

    PLAN_REVIEWED = "plan.reviewed"  # a review suppressed more; it is of no run
    PLAN_APPROVED = "plan.approved"  # a person lets a digest run; it is of no run
    APPROVAL_REVOKED = "plan.approval_revoked"  # and takes that back; it is of no run
    JOURNAL_LOSS_ACCEPTED = "journal.loss_accepted"  # it is of no run
    RUN_STARTED = "run.started"
    CALLS_LOADED = "calls.loaded"
    RUN_WAITING = "run.waiting"
    ATTEMPT_STARTED = "attempt.started"
    ATTEMPT_PLACED = "attempt.placed"
    ATTEMPT_SETTLED = "attempt.settled"
    ATTEMPT_PROPOSED = "attempt.proposed"
    ATTEMPT_CONTRADICTED = "attempt.contradicted"
    CALLBACK_RECEIVED = "callback.received"
    ATTEMPT_BILLED = "attempt.billed"  # what came or changed after the ending
    CALL_WAITING = "call.waiting"  # it may start again, not before `until`
    CALL_ENDED = "call.ended"
    CALL_CORRECTED = "call.corrected"  # late news gave a call another end than `call.ended` had reported
    RUN_HALTED = "run.halted"  # no call of the edition starts until `resume`
    RUN_PAUSED = "run.paused"
    RUN_CANCELLED = "run.cancelled"
    RUN_RESUMED = "run.resumed"
    NUMBER_SUPPRESSED = "number.suppressed"
    NUMBER_RELEASED = "number.released"  # it is suppressed no more
    RUN_INTERRUPTED = "run.interrupted"
    RUN_ENDED = "run.ended"
    TABLES_CHANGED = "tables.changed"  # what the journal noted without an event of its own; it is of no run


EVENT_FIELDS: dict[EventType, tuple[str, ...]] = {
    EventType.PLAN_REVIEWED: ("plan", "edition", "digest", "calls", "ids"),
    EventType.PLAN_APPROVED: ("digest", "by"),
    EventType.APPROVAL_REVOKED: ("digest", "by"),
    EventType.JOURNAL_LOSS_ACCEPTED: ("account", "plan", "edition", "since", "by", "because"),
    EventType.RUN_STARTED: ("plan", "edition", "target", "digest", "policy", "source", "approved_by", "rates"),
    EventType.CALLS_LOADED: ("calls", "to_dial", "already"),
    EventType.RUN_WAITING: ("reason", "until"),
    EventType.ATTEMPT_STARTED: ("from", "to"),
    EventType.ATTEMPT_PLACED: ("placement", "evidence", "http_status", "sid", "message", "begun"),
    EventType.ATTEMPT_SETTLED: ("placement", "evidence", "sid", "ending", "begun", "by", "because"),
    EventType.ATTEMPT_PROPOSED: ("sid", "message", "begun"),
    EventType.ATTEMPT_CONTRADICTED: ("message", "evidence", "begun"),
    EventType.CALLBACK_RECEIVED: ("callback_event", "status", "sid", "answered_by"),
    EventType.ATTEMPT_BILLED: ("duration", "price", "currency", "begun"),
    EventType.CALL_WAITING: ("reason", "until", "ending", "duration", "begun"),
    EventType.CALL_ENDED: ("disposition", "reason", "duration", "ending", "begun"),
    EventType.CALL_CORRECTED: ("disposition", "reason", "duration", "ending", "begun"),
    EventType.RUN_HALTED: ("reason",),
    EventType.RUN_PAUSED: ("because", "by", "scope"),
    EventType.RUN_CANCELLED: ("because", "by", "scope", "calls"),
    EventType.RUN_RESUMED: ("because", "by", "scope", "calls"),
    EventType.NUMBER_SUPPRESSED: ("number", "because", "by"),
    EventType.NUMBER_RELEASED: ("number", "because", "by"),
    EventType.RUN_INTERRUPTED: ("signal",),
    EventType.RUN_ENDED: ("exit_code", "unmet"),
    EventType.TABLES_CHANGED: ("tables",),
}
"""What each event carries beside its time, run, call and attempt, as logs show it.

`callback_event` stands in the journal as `event`. `policy` is the hash of the resolved policy that the journal holds,
`ending` the attempt's, `answered_by` who answered To's leg where the carrier judged it, `begun` the run that began the
attempt where it is another one, `by` and `because` who did it and why, where a person did; `scope` what a person
paused, cancelled or resumed: the edition, or the journal. `calls` of a review is how many more it suppressed than those
before it, `ids` the hash of their ids. `approved_by` are the people whose approvals let a run begin, where its target
asks for some; `rates` what talk costs there, where the target says so.
"""

NUMBER_KEYS = frozenset({"from", "to", "number"})
"""Keys of an event's data whose values are phone numbers, however short."""


@frozen
class Event:
    """One committed event. `at` is RFC 3339 in UTC; `call` and `attempt` are None where they do not apply.

    `data` holds the fields that EVENT_FIELDS lists; numbers in it are masked where it is shown, and no `repr` has it.
    """

    type: EventType
    at: str
    run: str
    call: str | None = None
    attempt: int | None = None
    data: Mapping[str, str | int | float | None] = field(default_factory=dict, repr=False)


def rfc3339(epoch: float) -> str:
    """Return the time in UTC with milliseconds, as reports and events write it."""
    fraction, seconds = math.modf(epoch)
    carried, micros = divmod(round(fraction * 1_000_000), 1_000_000)
    return f"{_second(int(seconds) + carried)}.{micros // 1000:03d}Z"


@lru_cache(16)
def _second(epoch: int) -> str:
    """Return a whole second: the next ones of a run are mostly the same."""
    return datetime.fromtimestamp(epoch, UTC).isoformat(timespec="seconds").removesuffix("+00:00")


class ChainedEvent(NamedTuple):
    """One event with what its row has beside it; `data` is the event's, written as the chain covers it."""

    seq: int
    event: Event
    data: str
    salt: str
    seal: str | None
    hash: str


@frozen
class Chain:
    """All events of a journal as of one moment, how many there are of each type, and the sums that the last one seals.

    `head` is the last one's hash. `events` streams them in their order, anew each time.
    """

    journal: str = ""
    head: str = ""
    types: Mapping[str, int] = field(default_factory=dict)
    sums: Mapping[str, str] = field(default_factory=dict)
    events: Callable[[], Iterable[ChainedEvent]] = tuple


HALF = 16
"""Characters of each half of an event's salt: one is for its `call`, the other for its `data`."""


def covered(salt: str, text: str | None) -> str:
    """Return the hash that the chain holds of a text, or that there is none, by its half of a salt.

    Nobody finds the text from the hash by trying all that there are.
    """
    salted = salt if text is None else f"{salt}\n{text}"
    digest: str = _sha256()(salted.encode("utf-8", "surrogatepass")).hexdigest()
    return digest


@cache
def _sha256() -> Callable[[bytes], Any]:
    """Return what hashes. Loaded once something is hashed: most commands that know of events hash nothing."""
    from hashlib import sha256

    return sha256


def halves(salt: str) -> tuple[str, str]:
    """Return the salt of an event's `call` and that of its `data`."""
    return salt[:HALF], salt[HALF:]
