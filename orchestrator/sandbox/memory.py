"""What a sandbox remembers that nobody will resume: a simulated carrier in a test, or in virtual time."""

import contextlib
from collections import defaultdict
from collections.abc import Iterator
from dataclasses import dataclass, replace
from typing import Any

from orchestrator.model.simulated import (
    CallbackEvent,
    CallFilter,
    CallPage,
    OwedCallback,
    ReceivedRequest,
    SimulatedCall,
)
from orchestrator.phone.numbers import identity


@dataclass(slots=True)
class _Callback:
    owed: OwedCallback
    state: str = "pending"
    note: str | None = None


@dataclass(slots=True)
class _Accepted:
    call: SimulatedCall
    agent: str
    customer: str

    def is_listed(self, wanted: CallFilter, account: str, now: float) -> bool:
        """Whether a query asks for it, and it has ended: the list leaves out the others."""
        call = self.call
        return (
            call.account == account
            and call.script.is_over(call.offset(now))
            and (not wanted.from_numbers or self.agent in wanted.from_numbers)
            and (not wanted.to_numbers or self.customer in wanted.to_numbers)
            and (not wanted.exophones or identity(call.asked.caller_id) in wanted.exophones)
            and (not wanted.statuses or call.script.status in wanted.statuses)
            and (not wanted.directions or "outbound-api" in wanted.directions)
            and (wanted.since is None or call.created >= wanted.since)
            and (wanted.until is None or call.created < wanted.until)
        )


class CallsInMemory:
    """Fits `ports.SandboxCalls`, and ends with its process."""

    def __init__(self) -> None:
        self.reset()

    def close(self) -> None:
        """There is nothing to close."""

    def transaction(self) -> contextlib.AbstractContextManager[None]:
        """Do nothing: what is remembered in here cannot fail half-way, and nobody else sees it meanwhile."""
        return contextlib.nullcontext()

    def calls_of_pair(self, agent: str, customer: str) -> int:
        """Return how many calls between these two number identities were accepted."""
        return self._of_pair[agent, customer]

    def add_request(self, received: ReceivedRequest, status: int, sid: str | None) -> None:
        """Remember one connect request and how it was answered."""
        self._requests.append((len(self._requests) + 1, received, status, sid))

    def add_call(self, call: SimulatedCall, agent: str, customer: str) -> None:
        """Remember an accepted call under the identities of its pair."""
        self._calls[call.sid] = _Accepted(call, agent, customer)
        self._of_pair[agent, customer] += 1

    def add_callback(self, owed: OwedCallback) -> None:
        """Remember a callback that a call owes."""
        self._callbacks[owed.call.sid, owed.event] = _Callback(owed)

    def call(self, sid: str) -> SimulatedCall | None:
        """Return one call, or None."""
        accepted = self._calls.get(sid)
        return None if accepted is None else accepted.call

    def page(self, wanted: CallFilter, account: str, now: float) -> CallPage:
        """Return one page of an account's calls that have ended by `now`, in Unix seconds."""
        listed = [each.call for each in self._candidates(wanted) if each.is_listed(wanted, account, now)]
        listed.sort(key=_place, reverse=wanted.newest_first)
        first, last = 0, len(listed)
        if wanted.before is not None:
            last = sum(_comes_first(call, wanted.before, newest_first=wanted.newest_first) for call in listed)
            first = max(0, last - wanted.page_size)
            return CallPage(listed[first:last], len(listed), more_before=first > 0, more_after=True)
        if wanted.after is not None:
            is_behind = (_comes_first(call, wanted.after, newest_first=not wanted.newest_first) for call in listed)
            first = len(listed) - sum(is_behind)
        last = first + wanted.page_size
        return CallPage(
            listed[first:last], len(listed), more_before=wanted.after is not None, more_after=last < len(listed)
        )

    def _candidates(self, wanted: CallFilter) -> Iterator[_Accepted]:
        if not wanted.sids:
            return iter(self._calls.values())
        return (self._calls[sid] for sid in dict.fromkeys(wanted.sids) if sid in self._calls)

    def requests(self) -> list[tuple[int, ReceivedRequest, int, str | None]]:
        """Every connect request in order: its number from 1, itself, the status answered, the Sid given."""
        return self._requests

    def callbacks(self) -> list[dict[str, Any]]:
        """Every callback owed so far: its call and event, its state, the tries made and the last one's fate."""
        return [
            {
                "sid": each.owed.call.sid,
                "event": each.owed.event.value,
                "state": each.state,
                "tries": each.owed.tries,
                "note": each.note,
            }
            for each in sorted(self._callbacks.values(), key=lambda each: each.owed.due)
        ]

    def undelivered(self, since: float) -> list[OwedCallback]:
        """Return the callbacks due since then and not delivered, dropped ones too, their tries forgotten."""
        again: list[OwedCallback] = []
        for each in self._callbacks.values():
            if each.state not in ("pending", "dropped"):
                continue
            each.state = "pending" if each.owed.due >= since else "dropped"
            if each.state == "pending":
                each.owed = replace(each.owed, tries=0)
                again.append(each.owed)
        return sorted(again, key=lambda owed: owed.due)

    def note_try(self, owed: OwedCallback, state: str, note: str) -> bool:
        """Record what came of a try: `delivered`, `dropped`, `not-sent`, or `pending` until `owed.due`.

        Return whether the callback is still known: a reset may have come between.
        """
        known = self._callbacks.get((owed.call.sid, owed.event))
        if known is None:
            return False
        known.owed, known.state, known.note = owed, state, note
        return True

    def reset(self) -> None:
        """Forget everything."""
        self._calls: dict[str, _Accepted] = {}
        self._of_pair: defaultdict[tuple[str, str], int] = defaultdict(int)
        self._requests: list[tuple[int, ReceivedRequest, int, str | None]] = []
        self._callbacks: dict[tuple[str, CallbackEvent], _Callback] = {}


def _place(call: SimulatedCall) -> tuple[float, str]:
    return call.created, call.sid


def _comes_first(call: SimulatedCall, place: tuple[float, str], *, newest_first: bool) -> bool:
    """Whether a call stands before a place of the list."""
    return _place(call) > place if newest_first else _place(call) < place
