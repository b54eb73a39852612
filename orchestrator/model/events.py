"""The closed list of event types. The journal writes them; logs and progress follow committed events."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from enum import StrEnum


class EventType(StrEnum):
    """What happened. The names are an interface: documented in schemas/events.schema.json, never renamed."""

    PLAN_REVIEWED = "plan.reviewed"  # plan, edition, digest, calls, ids: a review suppressed more; it is of no run
    JOURNAL_LOSS_ACCEPTED = "journal.loss_accepted"  # account, plan, edition, since, by, because: it is of no run
    RUN_STARTED = "run.started"  # plan, edition, target, digest, policy, source
    CALLS_LOADED = "calls.loaded"  # calls, to_dial, already
    RUN_WAITING = "run.waiting"  # reason, until
    ATTEMPT_STARTED = "attempt.started"  # from, to
    ATTEMPT_PLACED = "attempt.placed"  # placement, evidence, http_status, sid, message, begun
    ATTEMPT_SETTLED = "attempt.settled"  # placement, evidence, sid, ending, begun; of a person: by, because
    ATTEMPT_PROPOSED = "attempt.proposed"  # sid, message, begun
    ATTEMPT_CONTRADICTED = "attempt.contradicted"  # message, evidence, begun
    CALLBACK_RECEIVED = "callback.received"  # event, status, sid; answered_by of To's leg, where it is told
    ATTEMPT_BILLED = "attempt.billed"  # duration, price, currency, begun: what came or changed after the ending
    CALL_WAITING = "call.waiting"  # reason, until, ending, duration, begun: it may start again, not before
    CALL_ENDED = "call.ended"  # disposition, reason, duration, ending, begun
    CALL_CORRECTED = "call.corrected"  # the same: late news gave a call another end than `call.ended` had told
    RUN_HALTED = "run.halted"  # reason: no call of the edition starts until `resume`
    RUN_PAUSED = "run.paused"  # because, by, scope
    RUN_CANCELLED = "run.cancelled"  # because, by, scope, calls
    RUN_RESUMED = "run.resumed"  # because, by, scope, calls
    NUMBER_SUPPRESSED = "number.suppressed"  # number, because, by
    RUN_INTERRUPTED = "run.interrupted"  # signal
    RUN_ENDED = "run.ended"  # exit_code
    TABLES_CHANGED = "tables.changed"  # tables: what the journal noted without an event of its own; it is of no run


@dataclass(frozen=True, slots=True)
class Event:
    """One committed event. `at` is RFC 3339 in UTC; `call` and `attempt` are None where they do not apply.

    `data` holds the fields named beside each type; numbers in it are masked where it is shown.
    """

    type: EventType
    at: str
    run: str
    call: str | None = None
    attempt: int | None = None
    data: Mapping[str, str | int | float | None] = field(default_factory=dict)
