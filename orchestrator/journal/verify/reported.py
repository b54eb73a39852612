"""What the events say of one call and its attempts, folded one after another; pure."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any, NamedTuple

from orchestrator.model.events import EventType
from orchestrator.model.outcome import Disposition, Placement

NOT_RUNG = (Disposition.REJECTED, Disposition.NOT_DIALED, Disposition.SUPPRESSED)
"""Endings of a call after which a later run may dial it."""

RANG = (None, Placement.ACCEPTED, Placement.UNKNOWN)
"""Placements after which a phone may have rung; an intent without an outcome perhaps did."""

STARTED, PLACED, SETTLED = EventType.ATTEMPT_STARTED, EventType.ATTEMPT_PLACED, EventType.ATTEMPT_SETTLED
PROPOSED, HEARD = EventType.ATTEMPT_PROPOSED, EventType.CALLBACK_RECEIVED
ENDS = (EventType.CALL_ENDED, EventType.CALL_CORRECTED)
BILLED, WAITING = EventType.ATTEMPT_BILLED, EventType.CALL_WAITING

OUTCOME = ("placement", "evidence", "sid", "http_status", "ending", "duration")
"""Fields of `attempt.placed`, `.settled`, `.billed`, `call.waiting`, `.ended` and `.corrected`: what its row holds."""


@dataclass(slots=True)
class ReportedAttempt:
    """One attempt by its events; `seq` is the last that speaks of it. `numbers` are From and To.

    `goes_on`: it ended, and `call.waiting` said that its call may start again.
    """

    seq: int
    run: str | None = None
    started_at: str | None = None
    numbers: tuple[object, object] = (None, None)
    placement: str | None = None
    evidence: str | None = None
    sid: str | None = None
    http_status: int | None = None
    ending: str | None = None
    duration: int | None = None
    goes_on: bool = False

    @property
    def is_live(self) -> bool:
        """Whether it may have rung, and nobody knows how it ended."""
        return self.placement in RANG and self.ending is None

    def agrees(self, column: str, value: object) -> bool:
        """Whether a column of its row is what was reported; a duration may be learnt later, without an event."""
        reported = getattr(self, column)
        return bool(value == reported) or (column == "duration" and reported is None)


class ReportedEnd(NamedTuple):
    """The last `call.ended` or `call.corrected` that nothing followed."""

    seq: int
    at: str
    disposition: str | None
    reason: str | None


@dataclass(slots=True)
class ReportedCall:
    """One call by its events. `end` is None while it goes on.

    `perhaps_reopened`: a callback came after it; `reworded`: its reason grew by a proposal after it.
    """

    seq: int | None = None
    attempts: dict[int, ReportedAttempt] = field(default_factory=dict)
    end: ReportedEnd | None = None
    perhaps_reopened: bool = False
    reworded: bool = False

    @property
    def last_attempt(self) -> ReportedAttempt | None:
        """The attempt with the highest number."""
        return self.attempts[max(self.attempts)] if self.attempts else None

    @property
    def last_rung(self) -> ReportedAttempt | None:
        """The last attempt that a person may have heard: from the first one on the call's numbers stay."""
        rung = [n for n, attempt in self.attempts.items() if attempt.placement in RANG]
        return self.attempts[max(rung)] if rung else None

    def _rang_later(self, n: int | None) -> bool:
        """Whether an attempt after the n-th may have rung: that one has the last word, whatever becomes of the n-th."""
        return n is not None and any(m > n and later.placement in RANG for m, later in self.attempts.items())

    def _attempt(self, n: int, seq: int) -> ReportedAttempt:
        attempt = self.attempts.get(n)
        if attempt is None:
            attempt = self.attempts[n] = ReportedAttempt(seq)
        attempt.seq = seq
        return attempt

    def take(self, seq: int, kind: str, at: str, run: str, n: int | None, data: Mapping[str, Any]) -> None:
        """Take the call's next event; those of a kind that changes nothing here are let pass."""
        self.seq = seq
        attempt = None if n is None else self._attempt(n, seq)
        if kind in ENDS:
            self.end = ReportedEnd(seq, at, data.get("disposition"), data.get("reason"))
            self.perhaps_reopened = self.reworded = False
        elif kind in (STARTED, WAITING) or (kind == SETTLED and not self._rang_later(n)):
            self.end = None
        elif kind == PROPOSED:
            self.reworded = True
        if attempt is None:
            return
        if kind == STARTED:
            attempt.run, attempt.started_at = run, at
            attempt.numbers = (data.get("from"), data.get("to"))
        elif kind == HEARD:
            attempt.sid = attempt.sid or data.get("sid")
            self.perhaps_reopened = self.perhaps_reopened or attempt.ending is None
        elif kind in (PLACED, SETTLED, BILLED, WAITING, *ENDS):
            attempt.goes_on = kind == WAITING or (attempt.goes_on and kind not in ENDS)
            for name in OUTCOME:
                if name in data:
                    setattr(attempt, name, data[name])
