"""Decides when a run ends: calls of which nobody will hear any more are closed, what may still come is awaited."""

import time
from collections.abc import Container
from typing import Protocol

from orchestrator.engine.config import RunConfig
from orchestrator.engine.lookups import LookUps
from orchestrator.engine.ports import Clock, Reader, Writer
from orchestrator.engine.selection import NextWake, Selector
from orchestrator.engine.steps import Steps
from orchestrator.model.outcome import Placement
from orchestrator.model.times import rfc3339
from orchestrator.model.work import Attempt
from orchestrator.policy.rules import NEVER
from orchestrator.policy.verdict import Stop


class Patience:
    """One run's; times are epoch seconds by its own clock. `asker` is set where look-ups are on."""

    def __init__(self, config: RunConfig, clock: Clock) -> None:
        self._config, self._clock = config, clock
        self._began = clock()
        self.asker: LookUps | None = None

    def until(self, attempt: Attempt) -> float:
        """Return until when an open attempt may still be heard of.

        With neither receiver nor look-ups nobody will ever tell, and waiting would be a pretence. One that can be
        asked about is asked about once before it is given up, as long as the carrier answers at all.
        """
        if attempt.record.placement is Placement.ACCEPTED:
            return self._for_its_ending(attempt)
        return self._for_its_placement(attempt)

    def owed_until(self) -> float:
        """Return until when to wait for word on what earlier runs gave up; infinity where nothing is, or no longer."""
        owes = self.asker is not None and self.asker.owes
        until = self._began + self._config.settle_for
        return until if owes and until > self._clock() else float("inf")

    def _for_its_ending(self, attempt: Attempt) -> float:
        if self._config.until_placed:
            return float("inf")
        free_at = attempt.free_at_last(attempt.started if self._is_ours(attempt) else self._began)
        if self.asker is None:
            return free_at if self._hears else 0.0
        if attempt.record.sid is None:
            return free_at  # nobody can be asked
        return max(free_at, self.asker.patience(attempt))

    def _for_its_placement(self, attempt: Attempt) -> float:
        if self._config.until_placed or not (self._hears or self.asker):
            return 0.0
        # An earlier run's that seems to start later than this run did: somebody set the clock back.
        started = attempt.started if self._is_ours(attempt) else min(attempt.started, self._began)
        settled = started + self._config.settle_for
        asked = 0.0 if self.asker is None else self.asker.patience(attempt)
        return max(settled if self._hears else min(settled, attempt.pair_free_at), asked)

    def _is_ours(self, attempt: Attempt) -> bool:
        return attempt.run_id == self._config.scope.run_id

    @property
    def _hears(self) -> bool:
        return self._config.callback_base is not None


SELDOM = 20
"""How many times as long as reading all calls in flight took must pass before the next one."""


class Host(Protocol):
    """The scheduler, as its end sees it."""

    stopped: Stop | None

    def stop(self, why: Stop) -> None:
        """Start no further calls."""


class Completion:
    """One run's."""

    def __init__(
        self,
        config: RunConfig,
        journal: tuple[Writer, Reader],
        patience: Patience,
        chooser: Selector,
        clock: Clock,
        host: Host,
    ) -> None:
        """Take a `clock` that never goes back."""
        self._config, self._scope, self._steps = config, config.scope, Steps(config)
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

    def is_over(self, look: NextWake) -> bool:
        """Whether nothing is left to do here: all ended or not waited for. Stops the run where some are left.

        Asked while no request is under way; `look` is what the next call waits for.
        """
        stopped = self._host.stopped
        if stopped is not None and stopped.is_interruption:
            return True
        if not self._config.until_placed and self._reader.in_flight(self._scope):
            return False
        if self._patience.owed_until() < float("inf"):
            return False
        if stopped is not None:
            return True
        if not self._reader.count(self._scope, "due", self._config.only):
            self._chooser.say_reached()
            return True
        return self._gives_up(look)

    def look_again_at(self, look: NextWake) -> float:
        """Return when to look again, at the latest; what was waited for long enough is no reason any more."""
        is_overdue = look.gives_up is not None and look.at <= self._clock()
        return min(float("inf") if is_overdue else look.at, self._patience.owed_until())

    def _gives_up(self, look: NextWake) -> bool:
        """Whether what calls are left for was waited for long enough; with `--until placed` no ending is waited for."""
        if look.is_bounded:
            never = look.at == NEVER
            since = self._clock() if look.since is None else look.since
            if never or look.at > since + self._config.wait:
                when = "not within the next forty days" if never else f"at {rfc3339(look.at)}"
                self._host.stop(Stop(5, f"the next call may start {when}; a run of the same plan then goes on"))
        elif look.gives_up is not None and look.at <= self._clock():
            words = f"it waited long enough: {look.gives_up}; a run of the same plan goes on then"
            self._host.stop(Stop(5, words))
        elif self._config.until_placed and look == NextWake():
            self._host.stop(Stop(5, "the calls left wait for others to end; a later run dials them"))
        return self._host.stopped is not None
