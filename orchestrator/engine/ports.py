"""What the engine asks for; `app/` hands in what fits by shape."""

from collections.abc import Awaitable, Callable, Iterator, Mapping, Sequence
from typing import Protocol, TypeVar

from orchestrator.model.call import ConnectRequest
from orchestrator.model.events import EventType
from orchestrator.model.outcome import Disposition, Exchange
from orchestrator.model.record import AttemptRecord
from orchestrator.model.work import Attempt, DueCall, Scope, Sought

T = TypeVar("T")


class Carrier(Protocol):
    """Speaks to the carrier and reports facts."""

    async def place(self, request: ConnectRequest, leave: Callable[[], Awaitable[None]]) -> Exchange:
        """Send one connect request. `leave` is awaited right before its first byte; where it raises, none is sent."""

    async def details(self, sid: str, leave: Callable[[], Awaitable[None]]) -> Exchange:
        """Read one call's details; `leave` as in `place`."""

    async def listing(self, query: Sequence[tuple[str, str]], leave: Callable[[], Awaitable[None]]) -> Exchange:
        """Read one page of the list of calls; `leave` as in `place`."""


class Transaction(Protocol):
    """What a step may change, all or nothing; see journal/transaction.py."""

    def append(
        self,
        kind: EventType,
        at: str,
        run: str,
        call: str | None = None,
        attempt: int | None = None,
        data: Mapping[str, str | int | float | None] | None = None,
    ) -> None:
        """Append an event."""

    def open_attempt(
        self, scope: Scope, call: DueCall, token_hash: str, at: str, now: float, pair_free_at: float
    ) -> int | None:
        """Commit an intent; its number, or None where the call may not start."""

    def attempt(self, call: int, n: int) -> Attempt:
        """Return one attempt."""

    def last_that_may_have_rung(self, call: int) -> Attempt | None:
        """Return the call's last attempt that may have rung, None where none may."""

    def attempt_by_token(self, token_hash: str) -> Attempt | None:
        """Return the attempt that a callback speaks of."""

    def has_sid(self, sid: str) -> bool:
        """Whether any attempt has this call Sid."""

    def not_found(self, keys: Sequence[int], at: str) -> None:
        """Note that a look-up did not show these attempts' calls."""

    def save(self, key: int, record: AttemptRecord) -> None:
        """Write an attempt."""

    def close_call(self, call: int, disposition: Disposition, reason: str | None = None) -> None:
        """Give a call its disposition."""

    def reopen_call(self, call: int) -> None:
        """Wait for a call's ending again."""

    def put_back(self, call: int, not_before: float, reason: str | None) -> None:
        """Make a call due again."""


class Writer(Protocol):
    """Commits."""

    async def write(self, work: Callable[[Transaction], T]) -> T:
        """Run `work` in a transaction; return its result once it is durable."""


class Reader(Protocol):
    """Reads committed facts; see journal/reading.py."""

    def due(self, scope: Scope, now: float, limit: int, only: str = "*") -> list[DueCall]:
        """Return calls that may be dialed."""

    def next_due(self, scope: Scope, only: str = "*") -> float | None:
        """Return when the next due call may start."""

    def in_flight(self, scope: Scope) -> int:
        """Count the plan's open calls, of whatever edition."""

    def count(self, scope: Scope, state: str, only: str = "*") -> int:
        """Count calls in a state."""

    def open_attempts(self, scope: Scope) -> Iterator[Attempt]:
        """Stream the latest attempts of open calls."""

    def sought(self, since: float) -> list[Sought]:
        """Return attempts of all plans that may have rung and have no call Sid."""

    def described(self, attempt: Attempt) -> Sought:
        """Return an attempt with its numbers."""

    def incomplete(self, scope: Scope, started: float, ended: str) -> list[Attempt]:
        """Return ended attempts without duration or price."""

    def has_sid(self, sid: str) -> bool:
        """Whether any attempt has this call Sid."""


class Clock(Protocol):
    """The time, in epoch seconds."""

    def __call__(self) -> float:
        """Return now."""
