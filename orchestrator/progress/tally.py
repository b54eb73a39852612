"""What a run's committed events add up to: calls done, in flight and waiting, and how fast they go."""

from collections import Counter, deque
from datetime import datetime
from heapq import heappop, heappush

from orchestrator.model.events import Event, EventType
from orchestrator.model.frozen import frozen
from orchestrator.model.outcome import may_have_rung

MINUTE, HOUR = 60.0, 3600.0
"""Seconds."""

PROVISIONAL = ("unknown", "unseen", "rejected")
"""Ends of a call that late news may correct."""


def epoch_of(text: object) -> float | None:
    """Return an RFC 3339 time in epoch seconds, None for anything else."""
    try:
        return datetime.fromisoformat(str(text)).timestamp()
    except ValueError:
        return None


class Speed:
    """Takes times in epoch seconds, in order. `last` is the last start; a rate is counted in `span` seconds."""

    def __init__(self) -> None:
        self.span, self.last = MINUTE, 0.0
        self._first: float | None = None
        self._starts: deque[float] = deque()
        self._lasted, self._ended = 0.0, 0

    @property
    def length(self) -> float | None:
        """Seconds from a call's start to its ending, on average; None until one has ended."""
        return self._lasted / self._ended if self._ended else None

    def start(self, at: float) -> None:
        """Count an attempt that began."""
        self._first = at if self._first is None else self._first
        self._starts.append(at)
        self._forget(at)
        self.last = at

    def end(self, lasted: float) -> None:
        """Count a call's way from its start to its ending."""
        self._lasted += max(0.0, lasted)
        self._ended += 1

    def rate(self, now: float) -> float | None:
        """Return the connects in the last `span` seconds, or at that rate since the first; None at the beginning.

        The first one is not counted: evenly spaced starts never seem faster than their cap.
        """
        if self._first is None or now - self._first < 1:
            return None
        since = self._forget(now)
        return len(self._starts) * self.span / (now - since)

    def _forget(self, now: float) -> float:
        """Forget the starts up to where the rate begins; return that moment."""
        since = now - self.span if self._first is None else max(self._first, now - self.span)
        while self._starts and self._starts[0] <= since:
            self._starts.popleft()
        return since


@frozen
class WaitingCall:
    """Until when (epoch seconds) a call waits, and why; `rung` is its last attempt's number, 0 before the first."""

    until: float
    reason: str
    rung: int

    @property
    def rang(self) -> bool:
        """Whether it was dialed before."""
        return self.rung > 0


class WaitingCalls:
    """Which calls wait. `redials` of them rang before, `rungs` counts these by the number of their last attempt.

    `latest` is the latest time that any was given.
    """

    def __init__(self) -> None:
        self.redials = 0
        self.rungs: Counter[int] = Counter()
        self.latest = 0.0
        self._calls: dict[str, WaitingCall] = {}
        self._queue: list[tuple[float, str]] = []

    def __len__(self) -> int:
        return len(self._calls)

    def add(self, call: str, until: float, reason: str, rung: int) -> None:
        """Let a call wait, perhaps again: one that rang before stays one that rang."""
        before = self.remove(call)
        later = WaitingCall(until, reason, rung or (0 if before is None else before.rung))
        self._calls[call] = later
        self.redials += later.rang
        self.rungs[later.rung] += later.rang
        self.latest = max(self.latest, until)
        heappush(self._queue, (until, call))

    def remove(self, call: str) -> WaitingCall | None:
        """Let a call wait no longer; return what it waited for."""
        later = self._calls.pop(call, None)
        if later is not None:
            self.redials -= later.rang
            self.rungs[later.rung] -= later.rang
        return later

    def first(self) -> WaitingCall | None:
        """Return the call that may start first."""
        while self._queue:
            until, call = self._queue[0]
            later = self._calls.get(call)
            if later is not None and later.until == until:
                return later
            heappop(self._queue)
        return None


@frozen
class StartedAttempt:
    """When a call's attempt began, its number, and whether the call was dialed for the first time with it."""

    at: float
    fresh: bool
    n: int


class Tally:
    """Counts a run's events. `calls` are all of the plan; `already` had a disposition, or were open, when it began.

    A call is in one of `in_flight`, `waiting` (it may start again, not before a time), `to_resend` (its request did
    not ring anybody, and is sent again) and `ended`, or it has not had its turn. `open_requests` are the calls in
    flight whose request has no answer yet. `endings` are those of attempts of this run. `waiting_for`: the reason and
    the time of the last `run.waiting`, as long as no event shows that the wait is over.
    """

    def __init__(self) -> None:
        self.calls = self.already = self.dialed = self.left_open = 0
        self.ended: Counter[str] = Counter()
        self.endings: Counter[str] = Counter()
        self.in_flight: dict[str, StartedAttempt] = {}
        self.open_requests: set[str] = set()
        self.unknown: set[str] = set()
        self.to_resend: dict[str, str] = {}
        self.waiting, self.speed = WaitingCalls(), Speed()
        self.waiting_for: tuple[str, str | None] | None = None
        self.paused_by = ""
        self.halted: str | None = None
        self._provisional: dict[str, str] = {}  # calls whose end in this run may be corrected, with that end

    @property
    def done(self) -> int:
        """Calls with a disposition."""
        return max(0, self.already - self.left_open) + self.ended.total()

    @property
    def open(self) -> int:
        """Calls under way, those that earlier runs left so included."""
        return len(self.in_flight) + self.left_open

    @property
    def due(self) -> int:
        """Calls that are still to be dialed, or dialed again."""
        return max(0, self.calls - self.done - self.open)

    def add(self, event: Event) -> None:
        """Count one event."""
        handle = HANDLERS.get(event.type)
        if handle is not None:
            handle(self, event)

    def _loaded(self, event: Event) -> None:
        self.calls, self.already = (int(event.data.get(name) or 0) for name in ("calls", "already"))

    def _started(self, event: Event) -> None:
        call, at = str(event.call), epoch_of(event.at) or 0.0
        waited = self.waiting.remove(call)
        fresh = event.attempt == 1 or (call in self.to_resend if waited is None else not waited.rang)
        self.to_resend.pop(call, None)
        self.in_flight[call] = StartedAttempt(at, fresh, event.attempt or 1)
        self.open_requests.add(call)
        self.dialed += fresh
        self.speed.start(at)
        if self.waiting_for is not None and (fresh or not self.waiting_for[0].startswith("stage ")):
            self.waiting_for = None

    def _placed(self, event: Event) -> None:
        call, placement = str(event.call), str(event.data.get("placement"))
        self.open_requests.discard(call)
        if placement == "unknown":
            self.unknown.add(call)
        elif not may_have_rung(placement) and (begun := self.in_flight.pop(call, None)) is not None:
            self.dialed -= begun.fresh
            self.to_resend[call] = placement

    def _settled(self, event: Event) -> None:
        self.unknown.discard(str(event.call))

    def _waits(self, event: Event) -> None:
        call, rang = str(event.call), event.data.get("ending") is not None
        until = epoch_of(event.data.get("until")) or 0.0
        if rang and not self._taken_back(call):
            self._over(event)
        self.waiting.add(call, until, str(event.data.get("reason")), (event.attempt or 1) if rang else 0)

    def _ended(self, event: Event) -> None:
        call, word = str(event.call), str(event.data.get("disposition"))
        self._over(event)
        self.waiting.remove(call)
        self.ended[word] += 1
        if word in PROVISIONAL:
            self._provisional[call] = word

    def _corrected(self, event: Event) -> None:
        """Count a call's end anew: one of an earlier run's was among those that were no longer to be dialed."""
        if not self._taken_back(str(event.call)):
            self.already = max(0, self.already - 1)
        self.ended[str(event.data.get("disposition"))] += 1

    def _taken_back(self, call: str) -> bool:
        """Count the end of a call no more; whether it was reported in this run."""
        word = self._provisional.pop(call, None)
        if word is not None:
            self.ended[word] -= 1
        return word is not None

    def _over(self, event: Event) -> None:
        """Take a call out of where it was under way."""
        call = str(event.call)
        self.to_resend.pop(call, None)
        for some in (self.open_requests, self.unknown):
            some.discard(call)
        begun = self.in_flight.pop(call, None)
        if begun is None and event.data.get("begun") is not None:
            self.left_open = max(0, self.left_open - 1)
            self.already = max(0, self.already - 1)
        elif begun is not None and event.data.get("ending") is not None:
            self.speed.end((epoch_of(event.at) or begun.at) - begun.at)
            self.endings[str(event.data["ending"])] += 1

    def _run_waits(self, event: Event) -> None:
        until = event.data.get("until")
        self.waiting_for = (str(event.data.get("reason")), None if until is None else str(until))

    def _halted(self, event: Event) -> None:
        self.halted = f"halted: {event.data.get('reason')}"


HANDLERS = {
    EventType.CALLS_LOADED: Tally._loaded,
    EventType.ATTEMPT_STARTED: Tally._started,
    EventType.ATTEMPT_PLACED: Tally._placed,
    EventType.ATTEMPT_SETTLED: Tally._settled,
    EventType.CALL_WAITING: Tally._waits,
    EventType.CALL_ENDED: Tally._ended,
    EventType.CALL_CORRECTED: Tally._corrected,
    EventType.RUN_WAITING: Tally._run_waits,
    EventType.RUN_HALTED: Tally._halted,
}
