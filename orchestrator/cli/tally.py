"""What a run's committed events add up to: calls done, in flight and waiting, and how fast they go."""

from collections import Counter
from dataclasses import dataclass
from datetime import datetime

from orchestrator.cli.later import Waiting
from orchestrator.cli.speed import Speed
from orchestrator.model.events import Event, EventType

NOT_RUNG = ("rejected", "throttled", "unreached")

PROVISIONAL = ("unknown", "unseen", "rejected")
"""Ends of a call that late news may correct."""


def moment(text: object) -> float | None:
    """Return an RFC 3339 time in epoch seconds, None for anything else."""
    try:
        return datetime.fromisoformat(str(text)).timestamp()
    except ValueError:
        return None


@dataclass(frozen=True, slots=True)
class Begun:
    """When a call's attempt began, and whether the call was dialed for the first time with it."""

    at: float
    fresh: bool


class Tally:
    """Counts events. `calls` are all of the plan; `already` those that were no longer to be dialed when it began.

    A call is in one of `flying`, `later` (it may start again, not before a time), `refused` (it did not ring, and is
    sent again) and `ended`, or it has not had its turn. `after` is the longest wait for a redial. `told`: reason and
    time of the last `run.waiting`, as long as nothing shows that it is over.
    """

    def __init__(self) -> None:
        self.calls = self.already = self.dialed = self.left_open = 0
        self.ended: Counter[str] = Counter()
        self.flying: dict[str, Begun] = {}
        self.asking: set[str] = set()
        self.unknown: set[str] = set()
        self.refused: dict[str, str] = {}
        self.later, self.speed = Waiting(), Speed()
        self.told: tuple[str, str | None] | None = None
        self.paused_by = ""
        self.halted: str | None = None
        self.after = 0.0
        self._fresh_ended = self._fresh_again = 0
        self._provisional: dict[str, str] = {}  # calls whose end in this run may be corrected, with that end

    @property
    def done(self) -> int:
        """Calls with a disposition."""
        return max(0, self.already - self.left_open) + self.ended.total()

    @property
    def open(self) -> int:
        """Calls under way, those that earlier runs left so included."""
        return len(self.flying) + self.left_open

    @property
    def due(self) -> int:
        """Calls that are still to be dialed, or dialed again."""
        return max(0, self.calls - self.done - self.open)

    @property
    def again(self) -> float:
        """Share of the calls dialed for the first time that must be dialed again."""
        return self._fresh_again / self._fresh_ended if self._fresh_ended else 0.0

    def add(self, event: Event) -> None:
        """Count one event."""
        handle = HANDLERS.get(event.type)
        if handle is not None:
            handle(self, event)

    def _loaded(self, event: Event) -> None:
        self.calls, self.already = (int(event.data.get(name) or 0) for name in ("calls", "already"))

    def _started(self, event: Event) -> None:
        call, at = str(event.call), moment(event.at) or 0.0
        later = self.later.wakes(call)
        fresh = event.attempt == 1 or (call in self.refused if later is None else not later.rang)
        self.refused.pop(call, None)
        self.flying[call] = Begun(at, fresh)
        self.asking.add(call)
        self.dialed += fresh
        self.speed.start(at)
        if self.told is not None and (fresh or not self.told[0].startswith("stage ")):
            self.told = None

    def _placed(self, event: Event) -> None:
        call, placement = str(event.call), str(event.data.get("placement"))
        self.asking.discard(call)
        if placement == "unknown":
            self.unknown.add(call)
        elif placement in NOT_RUNG and (begun := self.flying.pop(call, None)) is not None:
            self.dialed -= begun.fresh
            self.refused[call] = placement

    def _settled(self, event: Event) -> None:
        self.unknown.discard(str(event.call))

    def _waits(self, event: Event) -> None:
        call, rang = str(event.call), event.data.get("ending") is not None
        until = moment(event.data.get("until")) or 0.0
        if rang and not self._taken_back(call):
            begun = self._over(event)
            self._fresh_again += begun is not None and begun.fresh
            self.after = max(self.after, until - (moment(event.at) or until))
        self.later.wait(call, until, str(event.data.get("reason")), rang=rang)

    def _ended(self, event: Event) -> None:
        call, word = str(event.call), str(event.data.get("disposition"))
        self._over(event)
        self.later.wakes(call)
        self.ended[word] += 1
        if word in PROVISIONAL:
            self._provisional[call] = word

    def _corrected(self, event: Event) -> None:
        """Count a call's end anew: one of an earlier run's was among those that were no longer to be dialed."""
        if not self._taken_back(str(event.call)):
            self.already = max(0, self.already - 1)
        self.ended[str(event.data.get("disposition"))] += 1

    def _taken_back(self, call: str) -> bool:
        """Count the end of a call no more; whether it was told in this run."""
        word = self._provisional.pop(call, None)
        if word is not None:
            self.ended[word] -= 1
        return word is not None

    def _over(self, event: Event) -> Begun | None:
        """Take a call out of where it was under way."""
        call = str(event.call)
        self.refused.pop(call, None)
        for some in (self.asking, self.unknown):
            some.discard(call)
        begun = self.flying.pop(call, None)
        if begun is None and event.data.get("begun") is not None:
            self.left_open = max(0, self.left_open - 1)
            self.already = max(0, self.already - 1)
        elif begun is not None and event.data.get("ending") is not None:
            self.speed.end((moment(event.at) or begun.at) - begun.at)
            self._fresh_ended += begun.fresh
        return begun

    def _run_waits(self, event: Event) -> None:
        until = event.data.get("until")
        self.told = (str(event.data.get("reason")), None if until is None else str(until))

    def _held(self, event: Event) -> None:
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
    EventType.RUN_HALTED: Tally._held,
}
