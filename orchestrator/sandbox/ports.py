"""What the sandbox remembers, and asks for: `memory.py` fits, and what `app/` hands in to outlive the process."""

from collections.abc import Sequence
from contextlib import AbstractContextManager
from typing import Any, Protocol

from orchestrator.model.simulated import CallFilter, CallPage, OwedCallback, ReceivedRequest, SimulatedCall


class SandboxCalls(Protocol):
    """Requests received, calls accepted, callbacks owed: what is in here outlives the process that accepted it."""

    def transaction(self) -> AbstractContextManager[None]:
        """Make everything inside durable together, or nothing."""

    def calls_of_pair(self, agent: str, customer: str) -> int:
        """Return how many calls between these two number identities were accepted."""

    def add_request(self, received: ReceivedRequest, status: int, sid: str | None) -> None:
        """Remember one connect request and how it was answered."""

    def add_call(self, call: SimulatedCall, agent: str, customer: str) -> None:
        """Remember an accepted call under the identities of its pair."""

    def add_callback(self, owed: OwedCallback) -> None:
        """Remember a callback that a call owes."""

    def call(self, sid: str) -> SimulatedCall | None:
        """Return one call, or None."""

    def page(self, wanted: CallFilter, account: str, now: float) -> CallPage:
        """Return one page of an account's calls that have ended by `now`, in Unix seconds."""

    def requests(self) -> Sequence[tuple[int, ReceivedRequest, int, str | None]]:
        """Every connect request in order: its number from 1, itself, the status answered, the Sid given."""

    def callbacks(self) -> Sequence[dict[str, Any]]:
        """Every callback owed so far: its call and event, its state, the tries made and the last one's fate."""

    def undelivered(self, since: float) -> Sequence[OwedCallback]:
        """Return the callbacks due since then and not delivered, dropped ones too, their tries forgotten."""

    def note_try(self, owed: OwedCallback, state: str, note: str) -> bool:
        """Record what came of a try: `delivered`, `dropped`, `not-sent`, or `pending` until `owed.due`.

        Return whether the callback is still known: a reset may have come between.
        """

    def reset(self) -> None:
        """Forget everything."""
