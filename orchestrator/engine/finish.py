"""When a run ends: what nobody will hear of any more is closed, and what may still come is waited for."""

import time
from collections.abc import Container
from typing import Protocol

from orchestrator.engine.chooser import Chooser
from orchestrator.engine.conduct import Conduct
from orchestrator.engine.patience import Patience
from orchestrator.engine.ports import Clock, Reader, Writer
from orchestrator.engine.steps import Steps
from orchestrator.engine.waits import Look
from orchestrator.model.times import rfc3339
from orchestrator.policy.rules import NEVER
from orchestrator.policy.verdict import Stop

SELDOM = 20
"""How many times as long as reading all calls in flight took must pass before the next one."""


class Host(Protocol):
    """The scheduler, as its end sees it."""

    stopped: Stop | None

    def stop(self, why: Stop) -> None:
        """Start no further calls."""


class Finish:
    """One run's."""

    def __init__(
        self,
        conduct: Conduct,
        journal: tuple[Writer, Reader],
        patience: Patience,
        chooser: Chooser,
        clock: Clock,
        host: Host,
    ) -> None:
        """Take a `clock` that never goes back."""
        self._conduct, self._scope, self._steps = conduct, conduct.scope, Steps(conduct)
        self._writer, self._reader = journal
        self._patience, self._chooser, self._clock, self._host = patience, chooser, clock, host
        self._read_again_at = 0.0  # by a clock that nobody sets

    async def give_up_what_expired(self, placing: Container[int]) -> float:
        """Close open calls of which nothing more can be learnt; return when the next one expires.

        Not those whose requests are under way, which `placing` holds by key. Hundreds of calls in flight are not looked
        through at every pass, of which each start takes two.
        """
        began = time.monotonic()
        if began < self._read_again_at:
            return self._clock() + self._read_again_at - began
        next_expiry = float("inf")
        attempts = list(self._reader.open_attempts(self._scope))
        read = time.monotonic()
        self._read_again_at = read + SELDOM * (read - began)
        for attempt in attempts:
            if attempt.call in placing:
                continue
            deadline, now = self._patience.until(attempt), self._clock()
            if attempt.record.ending is not None:  # somebody else heard of it
                await self._writer.write(lambda tx, old=attempt, at=now: self._steps.conclude(tx, old, at))  # type: ignore[misc]
            elif deadline <= now:
                await self._writer.write(lambda tx, old=attempt, at=now: self._steps.give_up(tx, old, at))  # type: ignore[misc]
            else:
                next_expiry = min(next_expiry, deadline)
        return next_expiry

    def is_over(self, look: Look) -> bool:
        """Whether nothing is left to do here: all ended or not waited for. Stops the run where some are left.

        Asked while no request is under way; `look` is what the next call waits for.
        """
        stopped = self._host.stopped
        if stopped is not None and stopped.is_interruption:
            return True
        if not self._conduct.until_placed and self._reader.in_flight(self._scope):
            return False
        if self._patience.owed_until() < float("inf"):
            return False
        if stopped is not None:
            return True
        if not self._reader.count(self._scope, "due", self._conduct.only):
            self._chooser.say_reached()
            return True
        return self._gives_up(look)

    def look_again_at(self, look: Look) -> float:
        """Return when to look again, at the latest; what was waited for long enough is no reason any more."""
        is_overdue = look.gives_up is not None and look.at <= self._clock()
        return min(float("inf") if is_overdue else look.at, self._patience.owed_until())

    def _gives_up(self, look: Look) -> bool:
        """Whether what calls are left for was waited for long enough; with `--until placed` no ending is waited for."""
        if look.is_bounded:
            never = look.at == NEVER
            since = self._clock() if look.since is None else look.since
            if never or look.at > since + self._conduct.wait:
                when = "not within the next forty days" if never else f"at {rfc3339(look.at)}"
                self._host.stop(Stop(5, f"the next call may start {when}; a run of the same plan then goes on"))
        elif look.gives_up is not None and look.at <= self._clock():
            words = f"it waited long enough: {look.gives_up}; a run of the same plan goes on then"
            self._host.stop(Stop(5, words))
        elif self._conduct.until_placed and look == Look():
            self._host.stop(Stop(5, "the calls left wait for others to end; a later run dials them"))
        return self._host.stopped is not None
