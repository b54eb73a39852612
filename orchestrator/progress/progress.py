"""How far a run is, measured by the caps of its plan and its target: stages, the slowest rate, what is left."""

from collections import Counter
from collections.abc import Iterator
from dataclasses import replace

from orchestrator.model.call import BRIDGE_LEGS
from orchestrator.model.frozen import frozen
from orchestrator.model.outcome import Ending
from orchestrator.model.policy import Limits, Rate
from orchestrator.policy import stages
from orchestrator.policy.assumptions import SHARES
from orchestrator.policy.estimate import Batch, Outcome, Work
from orchestrator.progress.snapshot import RunSnapshot
from orchestrator.progress.tally import HOUR, MINUTE, Tally

PARTS = 10
"""Parts in which the calls that wait are taken to become due."""

PRESUMED = 5.0
"""Endings that are presumed before the run has any: the first ones of its own do not decide alone."""


@frozen
class Progress:
    """Compares what was counted with the caps."""

    tally: Tally
    snapshot: RunSnapshot

    @property
    def busy(self) -> int:
        """Calls that take one of the places in flight."""
        return len(self.tally.open_requests) if self.snapshot.until_placed else self.tally.open

    @property
    def legs(self) -> int | None:
        """Legs in flight that the account allows."""
        return self.snapshot.rules.legs

    @property
    def slots(self) -> int:
        """Calls at a time, by the plan's concurrency and the account's legs."""
        return self.snapshot.slots if self.legs is None else min(self.snapshot.slots, max(1, self.legs // BRIDGE_LEGS))

    @property
    def binding(self) -> tuple[Rate, str] | None:
        """The slowest of the caps on connects, and whose it is."""
        caps = ((self.snapshot.pace, "plan"), (self.snapshot.account_pace, "target"))
        return max(((rate, whose) for rate, whose in caps if rate), key=lambda cap: cap[0].interval, default=None)

    @property
    def gap(self) -> float:
        """Seconds between two connects."""
        return self.binding[0].interval if self.binding else 0.0

    @property
    def span(self) -> float:
        """Seconds over which the rate is counted: a minute, or an hour where less than one call a minute may start."""
        return HOUR if self.gap > MINUTE else MINUTE

    @property
    def left(self) -> int:
        """Calls still to be dialed in this run, redials that are due or wait included."""
        tally, snapshot = self.tally, self.snapshot
        left = max(0, tally.due - snapshot.passed_over)
        started = tally.dialed + tally.ended["rejected"]  # and those in `to_resend`, whose places are kept for them
        most = [snapshot.limit - started - len(tally.to_resend)] if snapshot.limit is not None else []
        most += [limit - snapshot.dialed - tally.dialed for limit in self._admits()]
        return min([left, *(max(0, limit) + tally.waiting.redials + len(tally.to_resend) for limit in most)])

    def _admits(self) -> list[int]:
        """How many calls of the edition may be dialed at all, by its last stage and its limit."""
        policy = self.snapshot.rules.policy
        found = [] if policy.limits.calls is None else [policy.limits.calls]
        last = stages.admits(policy.stages[-1], self._all) if policy.stages else self._all
        return found if last == self._all else [*found, last]  # a stage of all calls bounds no redial either

    @property
    def _all(self) -> int:
        return self.snapshot.dialed + self.snapshot.rejected + self.snapshot.undialed

    @property
    def _stages(self) -> int:
        return len(self.snapshot.rules.policy.stages)

    @property
    def _room(self) -> stages.Room:
        dialed = self.snapshot.dialed + self.snapshot.rejected + self.tally.dialed + self.tally.ended["rejected"]
        under_way = self.tally.open + self.tally.waiting.redials
        so_far = stages.EditionProgress(dialed, self._all, under_way=under_way)
        return stages.room(self.snapshot.rules.policy.stages, (), so_far)

    @property
    def stage(self) -> str | None:
        """`stage 2 of 3`; None without stages, or behind them."""
        number = self._room.stage
        return f"stage {number} of {self._stages}" if number else None

    @property
    def boundary(self) -> str | None:
        """Why no further call is dialed for the first time: a stage is not over."""
        found = self._room
        return found.reason if found.calls < 1 and not found.is_last and found.reason else None

    def work(self, now: float) -> Work:
        """Return what is left, for the estimate of the end."""
        tally, policy = self.tally, self.snapshot.rules.policy
        length = 0.0 if self.snapshot.until_placed else tally.speed.length
        latest = max((begun.at for begun in tally.in_flight.values()), default=0.0)
        waiting = min(self.left, len(tally.waiting))
        dialed = self.snapshot.dialed + self.snapshot.rejected + tally.dialed + tally.ended["rejected"]
        bounds = Limits(begins=policy.limits.begins)  # what others bound is in `left` already
        return Work(
            batches=[*self._waiting(waiting), *([Batch(self.left - waiting)] if self.left > waiting else [])],
            gap=self.gap,
            slots=self.slots,
            outcomes=self._outcomes(length),
            policy=replace(policy, limits=bounds),
            in_flight={} if self.snapshot.until_placed else self._in_flight(),
            ends=max(now, latest + length) if latest and length is not None else 0.0,
            dialed=dialed,
            calls=self._all,
        )

    def _in_flight(self) -> dict[int, int]:
        """Count the calls under way by the number of their attempt; of those that earlier runs left it is not known."""
        found = Counter(begun.n for begun in self.tally.in_flight.values())
        found[1] += self.tally.left_open
        return {n: count for n, count in found.items() if count > 0}

    def _waiting(self, count: int) -> Iterator[Batch]:
        """Yield so many calls that may start later, as if they came one after the other up to the last one.

        Which one comes when is not asked of each: those with more attempts behind them waited last, and come last.
        """
        waiting = self.tally.waiting
        first, last = waiting.first(), waiting.latest
        begins = first.until if first else 0.0
        kinds = sorted({**waiting.rungs, 0: len(waiting) - waiting.redials}.items())
        before = 0
        for rung, some in kinds:
            several = min(some, count - before)
            parts = min(several, PARTS)
            for part in range(parts):
                share = several * (part + 1) // parts - several * part // parts
                before += share
                yield Batch(share, begins + (last - begins) * before / count, rung)

    def _outcomes(self, length: float | None) -> tuple[Outcome, ...]:
        """Return how attempts go: as often as in this run, and at its beginning as often as is commonly assumed."""
        if length is None:
            return ()
        if not self.snapshot.rules.policy.redial:
            return (Outcome(Ending.COMPLETED, 1.0, length),)
        found = Counter({ending.value: share * PRESUMED for ending, share in SHARES.items()})
        found.update(self.tally.endings)
        return tuple(Outcome(ending, count / found.total(), length) for ending, count in found.items())
