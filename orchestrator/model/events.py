"""The closed list of event types. The journal writes them; logs and progress follow committed events."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from enum import StrEnum


class EventType(StrEnum):
    """What happened. The names are an interface: documented in schemas/events.schema.json, never renamed."""

    RUN_STARTED = "run.started"  # plan, edition, target, digest
    CALLS_LOADED = "calls.loaded"  # calls, to_dial, already
    RUN_WAITING = "run.waiting"  # reason, until
    ATTEMPT_STARTED = "attempt.started"  # from, to
    ATTEMPT_PLACED = "attempt.placed"  # placement, http_status, sid, message
    ATTEMPT_SETTLED = "attempt.settled"  # placement, evidence, sid
    CALLBACK_RECEIVED = "callback.received"  # event, status
    CALL_ENDED = "call.ended"  # disposition, reason, duration
    RUN_INTERRUPTED = "run.interrupted"  # signal
    RUN_ENDED = "run.ended"  # exit_code


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
