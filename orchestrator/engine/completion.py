"""Decides when a run ends: calls of which nobody will hear any more are closed, what may still come is awaited."""

from collections.abc import Mapping, Sequence

from orchestrator.engine.attempt import Steps
from orchestrator.engine.clock import Clock
from orchestrator.engine.config import RunConfig
from orchestrator.engine.lookups import LookUps
from orchestrator.engine.ports import Reader, Writer
from orchestrator.engine.selection import NextWake, Selector
from orchestrator.engine.state import RunState
from orchestrator.model.call import Attempt
from orchestrator.model.events import rfc3339
from orchestrator.model.frozen import frozen
from orchestrator.model.outcome import Placement
from orchestrator.policy.may_start import NEVER
from orchestrator.policy.verdict import Stop


@frozen
class Completion:
    """Asked by the scheduler, pass after pass. `began`: when the run did, by the clock's `now`."""

    config: RunConfig
    writer: Writer
    reader: Reader
    selector: Selector
    clock: Clock
    state: RunState
    began: float

    async def give_up_what_expired(self, attempts: Sequence[Attempt], lookups: LookUps | None) -> Mapping[int, float]:
        """Close calls of these open attempts of which nothing more can be learnt; return when the others expire."""
        steps, expiries = Steps(self.config), {}
        for attempt in attempts:
            deadline, now = self.awaited_until(attempt, lookups), self.clock.now()
            if attempt.record.ending is not None:  # somebody else heard of it
                await self.writer.write(lambda tx, old=attempt, at=now: steps.conclude(tx, old, at))  # type: ignore[misc]
            elif deadline <= now:
                await self.writer.write(lambda tx, old=attempt, at=now: steps.give_up(tx, old, at))  # type: ignore[misc]
            else:
                expiries[attempt.call] = deadline
        return expiries

    def is_over(self, look: NextWake) -> bool:
        """Whether nothing is left to do here: all ended or not waited for. Stops the run where some are left.

        Asked while no request is under way; `look` is what the next call waits for.
        """
        stopped = self.state.stopped
        if stopped is not None and stopped.is_interruption:
            return True
        if not self.config.until_placed and self.state.memory.in_flight:
            return False
        if self.owed_until() < float("inf"):
            return False
        if stopped is not None:
            return True
        if not self.reader.count(self.config.scope, "due", self.config.only):
            self.selector.say_reached()
            return True
        return self._gives_up(look)

    def owed_until(self) -> float:
        """Return until when to wait for word on what earlier runs gave up; infinity where nothing is, or no longer."""
        until = self.began + self.config.settle_for
        return until if self.state.owes_answers and until > self.clock.now() else float("inf")

    def awaited_until(self, attempt: Attempt, lookups: LookUps | None) -> float:
        """Return until when an open attempt may still be heard of.

        With neither receiver nor look-ups nobody will ever tell, and waiting would be a pretence. One that can be
        asked about is asked about once before it is given up, as long as the carrier answers at all.
        """
        if attempt.record.placement is Placement.ACCEPTED:
            return self._ending_until(attempt, lookups)
        return self._placement_until(attempt, lookups)

    def _ending_until(self, attempt: Attempt, lookups: LookUps | None) -> float:
        if self.config.until_placed:
            return float("inf")
        free_at = attempt.free_at_last(attempt.started if self._is_ours(attempt) else self.began)
        if lookups is None:
            return free_at if self._hears else 0.0
        if attempt.record.sid is None:
            return free_at  # nobody can be asked
        return max(free_at, lookups.patience(attempt))

    def _placement_until(self, attempt: Attempt, lookups: LookUps | None) -> float:
        if self.config.until_placed or not (self._hears or lookups):
            return 0.0
        # An earlier run's that seems to start later than this run did: somebody set the clock back.
        started = attempt.started if self._is_ours(attempt) else min(attempt.started, self.began)
        settled = started + self.config.settle_for
        asked = 0.0 if lookups is None else lookups.patience(attempt)
        return max(settled if self._hears else min(settled, attempt.pair_free_at), asked)

    def _is_ours(self, attempt: Attempt) -> bool:
        return attempt.run_id == self.config.scope.run_id

    @property
    def _hears(self) -> bool:
        return self.config.callback_base is not None

    def _gives_up(self, look: NextWake) -> bool:
        """Whether what calls are left for was waited for long enough; with `--until placed` no ending is waited for."""
        if look.is_bounded:
            never = look.at == NEVER
            since = self.clock.now() if look.since is None else look.since
            if never or look.at > since + self.config.wait:
                if never:
                    words = (
                        "not within the next forty days: no window of plan and target is open together long enough"
                        " for a call; widen one of them"
                    )
                else:
                    words = f"at {rfc3339(look.at)}: run the same command again then, or with a longer --wait"
                self.state.stop(Stop(5, f"the next call may start {words}"))
        elif look.gives_up is not None and look.at <= self.clock.now():
            words = f"the run waited as long as --wait allows ({look.gives_up}): run the same command again to go on"
            self.state.stop(Stop(5, words))
        elif self.config.until_placed and look == NextWake():
            self.state.stop(Stop(5, "the calls left wait for others to end; a later run dials them"))
        return self.state.stopped is not None
