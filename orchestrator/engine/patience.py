"""Until when a run waits to hear of attempts that are under way or unknown."""

from orchestrator.engine.conduct import Conduct
from orchestrator.engine.followup import FollowUp
from orchestrator.engine.ports import Clock
from orchestrator.model.outcome import Placement
from orchestrator.model.work import Attempt


class Patience:
    """One run's; times are epoch seconds by its own clock. `asker` is set where look-ups are on."""

    def __init__(self, conduct: Conduct, clock: Clock) -> None:
        self._conduct, self._clock = conduct, clock
        self._began = clock()
        self.asker: FollowUp | None = None

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
        until = self._began + self._conduct.settle_for
        return until if owes and until > self._clock() else float("inf")

    def _for_its_ending(self, attempt: Attempt) -> float:
        if self._conduct.until_placed:
            return float("inf")
        free_at = attempt.free_at_last(attempt.started if self._is_ours(attempt) else self._began)
        if self.asker is None:
            return free_at if self._hears else 0.0
        if attempt.record.sid is None:
            return free_at  # nobody can be asked
        return max(free_at, self.asker.patience(attempt))

    def _for_its_placement(self, attempt: Attempt) -> float:
        if self._conduct.until_placed or not (self._hears or self.asker):
            return 0.0
        # An earlier run's that seems to start later than this run did: somebody set the clock back.
        started = attempt.started if self._is_ours(attempt) else min(attempt.started, self._began)
        settled = started + self._conduct.settle_for
        asked = 0.0 if self.asker is None else self.asker.patience(attempt)
        return max(settled if self._hears else min(settled, attempt.pair_free_at), asked)

    def _is_ours(self, attempt: Attempt) -> bool:
        return attempt.run_id == self._conduct.scope.run_id

    @property
    def _hears(self) -> bool:
        return self._conduct.callback_base is not None
