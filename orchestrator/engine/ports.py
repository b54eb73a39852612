"""What the engine asks for; `app/` hands in what fits by shape."""

from collections.abc import Awaitable, Callable, Collection, Iterable, Iterator, Mapping, Sequence
from contextlib import AbstractContextManager
from typing import Protocol, TypeVar

from orchestrator.model.call import (
    Attempt,
    CallRow,
    CallTimes,
    Committed,
    ConnectRequest,
    DueCall,
    NewAttempt,
    Scope,
    UnmatchedAttempt,
)
from orchestrator.model.events import EventType
from orchestrator.model.hold import Hold
from orchestrator.model.number import DndMark
from orchestrator.model.outcome import Disposition, Exchange
from orchestrator.model.record import AttemptRecord
from orchestrator.policy.limits import Spent
from orchestrator.policy.may_start import CallQueries
from orchestrator.policy.pace import Cap

T = TypeVar("T")


class Carrier(Protocol):
    """Speaks to the carrier and reports facts."""

    async def place(self, request: ConnectRequest, leave: Callable[[], Awaitable[None]]) -> Exchange:
        """Send one connect request. `leave` is awaited right before its first byte; where it raises, none is sent."""

    async def details(self, sid: str, leave: Callable[[], Awaitable[None]]) -> Exchange:
        """Read one call's details; `leave` as in `place`."""

    async def listing(self, query: Sequence[tuple[str, str]], leave: Callable[[], Awaitable[None]]) -> Exchange:
        """Read one page of the list of calls; `leave` as in `place`."""

    async def number(self, number: str, leave: Callable[[], Awaitable[None]]) -> Exchange:
        """Read what is known of a phone number; `leave` as in `place`."""


class UsageQueries(Protocol):
    """How far an edition is, and what it has used up; see journal/guard_queries.py."""

    def dialed(self) -> tuple[int, int, int]:
        """Count the calls that may have rung, were rejected, and are still to be dialed for the first time."""

    def base(self) -> int:
        """Return how many calls the stages count over, as the run was loaded."""

    def shortest(self) -> CallTimes:
        """Return the least that a call of the plan may take."""

    def attempts(self) -> int:
        """Count the attempts that may have rung."""

    def spent(self) -> Iterator[Spent]:
        """Stream what is known of them."""

    def under_way(self) -> int:
        """Count the calls that have begun and are not over."""

    def endings(self, since: float, most: int) -> Sequence[str]:
        """Return how the last calls ended, the latest first."""

    def unknown(self, since: float) -> int:
        """Count the calls given up as unknown."""

    def rejected(self, since: float) -> int:
        """Count the calls that the carrier rejected."""


class Transaction(Protocol):
    """What a step may change, all or nothing; see journal/transaction.py."""

    @property
    def others(self) -> int:
        """The writer's `others`, with this transaction counted."""

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

    def begin_attempts(self, scope: Scope, wanted: Sequence[NewAttempt]) -> list[int | None]:
        """Commit intents, each of another call; their numbers, or None where the call may not start."""

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

    def accept(self, call: int, record: AttemptRecord) -> bool:
        """Write down that an attempt was accepted, where nothing is known of it yet."""

    def save(self, attempt: Attempt, record: AttemptRecord) -> None:
        """Write what is known of an attempt by now."""

    def close_call(self, call: int, disposition: Disposition, now: float, reason: str | None = None) -> bool:
        """Give a call its disposition; whether it had been given one before, since it was last due."""

    def explain_call(self, call: int, reason: str | None) -> None:
        """Give a closed call another reason."""

    def reopen_call(self, call: int) -> None:
        """Wait for a call's ending again."""

    def rung(self, call: int, scope: Scope) -> int:
        """Count the attempts that may have rung of a call that may be redialed."""

    def is_due(self, call: int) -> bool:
        """Whether a call waits to be dialed."""

    def facts(self, call: DueCall) -> CallQueries:
        """Ask about a call inside the transaction."""

    def halt(self, scope: Scope, reason: str, now: float) -> bool:
        """Hold the edition until somebody resumes it."""

    def close_due(self, plan: int, edition: str, reason: str) -> int:
        """Close what is due in an edition."""

    def close_undialed(self, scope: Scope, reason: str) -> int:
        """Close what is not dialed, until a later run takes it up."""

    def put_back(self, call: int, not_before: float, reason: str | None) -> None:
        """Make a call due again."""

    def note_numbers(self, marks: Iterable[tuple[str, DndMark]], now: float, at: str) -> None:
        """Remember what the carrier said of numbers."""

    def take_slots(
        self, plan: int, caps: Sequence[Cap], now: float, lead: float, within: float, most: int = 1
    ) -> tuple[list[float], float]:
        """Take the next `most` slots of the pace that are near enough; return them, and when the one after them is."""

    def hold_slots(self, plan: int, cap: Cap, until: float) -> None:
        """Give out no slot of a cap before an epoch second."""


Newest = tuple[int, str]
"""The newest event, by its number and hash."""


class Writer(Protocol):
    """Commits to the journal, one transaction after another."""

    async def write(self, work: Callable[[Transaction], T], *, is_long: bool = False) -> T:
        """Run `work` in a transaction; return its result once it is durable. It may be run more than once."""

    def follow(self, follower: Callable[[Committed], None]) -> None:
        """Let somebody know what each commit has changed, before those who wait for it go on."""

    @property
    def is_alone(self) -> bool:
        """Whether nobody else can commit to the journal."""

    @property
    def others(self) -> int:
        """How often a commit has found that others had committed since the one before it."""

    def is_own(self, newest: Newest) -> bool:
        """Whether an event is the last one of this writer's last commit, or of the one that is under way."""


class Reader(Protocol):
    """Reads committed facts; see journal/queries.py."""

    def due(
        self,
        scope: Scope,
        now: float,
        limit: int,
        only: str = "*",
        full: Iterable[str] = (),
        *,
        redials: bool = False,
        among: Collection[int] | None = None,
    ) -> list[DueCall]:
        """Return calls that may be dialed, none of an agent that is full; `among`: of these keys only."""

    def due_batch(
        self,
        scope: Scope,
        now: float,
        limit: int,
        only: str,
        after: tuple[int, int, int],
        *,
        redials: bool,
        but_agents: Collection[str] = (),
        agent: str | None = None,
    ) -> list[DueCall]:
        """Return the next calls that are due behind a place in the order of dialing."""

    def due_among(self, scope: Scope, now: float, keys: Collection[int]) -> list[DueCall]:
        """Return which of these calls are due."""

    def due_after(self, scope: Scope, now: float, only: str, but: Collection[int]) -> float:
        """Return when the first call is due that is not due yet, but for some."""

    def pair_kept_until(self, scope: Scope, call: DueCall, now: float) -> float:
        """Return until when other calls keep a call's pair."""

    def matches(self, id_: str, only: str) -> bool:
        """Whether an id is one that `only` chooses."""

    def newest(self) -> Newest:
        """Return the newest event."""

    def snapshot(self) -> AbstractContextManager[Newest]:
        """Answer every question within as of one moment; yields the newest event then."""

    def calls_named_after(self, seq: int) -> Collection[str] | None:
        """Return the ids of the calls that later events name; None where one concerns more than a call."""

    def call_rows(self, scope: Scope, ids: Iterable[str]) -> Iterable[CallRow]:
        """Return how these calls of the edition stand."""

    def open_calls(self, scope: Scope, *, but_placed: bool) -> Iterable[int]:
        """Return the keys of the plan's open calls; `but_placed`: that are not known to be placed."""

    def live(self) -> Iterable[CallRow]:
        """Return the calls of all plans that may be live."""

    def account(self, scope: Scope) -> str:
        """Return the carrier account of the plan."""

    def person_starts(self, person: str, since: float) -> Sequence[tuple[int, float, str | None]]:
        """Return the attempts for a To that may have rung: call, start, placement."""

    def latest_attempts(self, keys: Iterable[int]) -> list[Attempt]:
        """Return the latest attempts of these calls, as far as they are open."""

    def has_due(self, scope: Scope, only: str, but: Collection[int], *, first: bool) -> bool:
        """Whether a call waits to be dialed, beside some; `first`: for the first time."""

    def to_be_sent_again(self, keys: Collection[int]) -> tuple[Mapping[int, float], frozenset[int]]:
        """Return which of these calls are due and never rang, with when; and which may have rung."""

    def facts(self, call: DueCall) -> CallQueries:
        """Ask about a call."""

    def usage(self, scope: Scope) -> UsageQueries:
        """Ask about an edition."""

    def hold(self, scope: Scope) -> Hold | None:
        """Return what holds the edition."""

    def last_resumed(self, scope: Scope) -> float:
        """Return when its last halt was lifted."""

    def dials(self, scope: Scope) -> bool:
        """Whether no later run has taken the plan over."""

    def next_due(
        self,
        scope: Scope,
        only: str = "*",
        *,
        redials: bool = False,
        but: Collection[int] = (),
        after: float | None = None,
    ) -> float | None:
        """Return when the next due call may start, of those that `after` then may, but some by their keys."""

    def lines_free_at(self, now: float) -> float | None:
        """Return when the next line is free for certain; None where a call may end before."""

    def unasked(self, scope: Scope, until: float, now: float, ahead: int | None, most: int, only: str) -> list[DueCall]:
        """Return the next due calls of whose To the carrier said nothing lately."""

    def registered(self, scope: Scope, now: float, most: int, only: str) -> tuple[int, list[tuple[str, str | None]]]:
        """Count the due calls to do-not-disturb numbers; return ids and places of the first."""

    def in_flight(self, scope: Scope) -> int:
        """Count the plan's open calls, of whatever edition."""

    def count(self, scope: Scope, state: str, only: str = "*") -> int:
        """Count calls in a state."""

    def open_attempts(self, scope: Scope) -> Iterator[Attempt]:
        """Stream the latest attempts of open calls."""

    def unmatched(self, since: float) -> list[UnmatchedAttempt]:
        """Return attempts of all plans that may have rung and have no call Sid."""

    def described(self, attempt: Attempt) -> UnmatchedAttempt:
        """Return an attempt with its numbers."""

    def incomplete(self, scope: Scope, started: float, ended: str) -> list[Attempt]:
        """Return ended attempts without duration or price."""

    def has_sid(self, sid: str) -> bool:
        """Whether any attempt has this call Sid."""
