"""Events of a run, and what they add up to."""

from datetime import UTC, datetime, timedelta
from typing import Any

from orchestrator.model.events import Event, EventType
from orchestrator.model.policy import Policy, Rate
from orchestrator.policy.may_start import Rules
from orchestrator.progress.snapshot import RunSnapshot
from orchestrator.progress.tally import Tally

START = datetime(2026, 11, 26, 9, 0, tzinfo=UTC)  # 14:30 in Kolkata, a Thursday


def stamp(seconds: float) -> str:
    """An RFC 3339 time, so many seconds after START."""
    return (START + timedelta(seconds=seconds)).isoformat(timespec="milliseconds").replace("+00:00", "Z")


def epoch(seconds: float) -> float:
    """The same in epoch seconds."""
    return (START + timedelta(seconds=seconds)).timestamp()


def event(kind: EventType, call: str | None = None, attempt: int | None = None, s: float = 0, **data: Any) -> Event:
    """A committed event."""
    return Event(kind, stamp(s), "r", call, attempt, data)


def loaded(calls: int = 10, already: int = 0) -> Event:
    """The plan's calls, `already` of them no longer to be dialed."""
    return event(EventType.CALLS_LOADED, calls=calls, to_dial=calls - already, already=already)


def started(call: str, n: int = 1, s: float = 0) -> Event:
    """An attempt begins."""
    return event(EventType.ATTEMPT_STARTED, call, n, s)


def placed(call: str, placement: str = "accepted", n: int = 1, s: float = 0) -> Event:
    """Its request was answered."""
    return event(EventType.ATTEMPT_PLACED, call, n, s, placement=placement)


def ended(call: str, word: str = "completed", n: int = 1, s: float = 0, **data: Any) -> Event:
    """Its call has its disposition."""
    return event(EventType.CALL_ENDED, call, n, s, disposition=word, ending=word, **data)


def redial(call: str, s: float, until: float, n: int = 1) -> Event:
    """Its call is dialed again, not before a time."""
    data = {"reason": "redial after busy", "until": stamp(until), "ending": "busy"}
    return event(EventType.CALL_WAITING, call, n, s, **data)


def waiting(reason: str, until: str | None = None) -> Event:
    """All calls wait."""
    return event(EventType.RUN_WAITING, reason=reason, until=until)


def tally(*events: Event) -> Tally:
    """What events add up to."""
    counted = Tally()
    for one in events:
        counted.add(one)
    return counted


def snapshot(policy: Policy | None = None, legs: int | None = None, **more: Any) -> RunSnapshot:
    """What a run stands on: a call a second, two at a time, unless told otherwise."""
    policy = policy or Policy(pace=Rate(60, 60.0), concurrency=2)
    return RunSnapshot(Rules(policy, legs=legs), policy.pace, Rate(200, 60.0), policy.concurrency, **more)
