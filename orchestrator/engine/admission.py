"""Asks the one evaluator: when a call is chosen, in its intent's transaction, and right before its request leaves."""

from collections.abc import Callable
from dataclasses import replace

from orchestrator.engine.clock import Clock
from orchestrator.engine.config import REREAD_BACKOFF, RunConfig
from orchestrator.engine.memory import Memory
from orchestrator.engine.ports import Reader, Transaction
from orchestrator.model.call import DueCall
from orchestrator.model.errors import TakenOver
from orchestrator.policy.limits import NO_USAGE, Usage, need, spent
from orchestrator.policy.may_start import (
    Admission,
    CallQueries,
    CallUnderReview,
    NotBefore,
    Start,
    Stopped,
    gather,
    may_start,
)
from orchestrator.policy.stages import NO_STAGES, EditionProgress, Room, is_full, room


class Evaluator:
    """Judges the calls of one run by what is remembered, or by the journal where others have changed it.

    How many calls and attempts were made is counted along. What they last and cost is read once, and again where it
    stands in the way: between two readings each attempt that was begun counts with the most that it may take.
    """

    def __init__(self, config: RunConfig, reader: Reader, clock: Clock, memory: Memory) -> None:
        self._config, self._rules, self._reader = config, config.rules, reader
        self._clock, self._memory = clock, memory
        self._usage = reader.usage(config.scope)
        policy, limits = config.rules.policy, config.rules.policy.limits
        self._has_stages = bool(policy.stages or policy.halt)
        self._has_spent = limits.minutes is not None or limits.cost is not None
        self._counts = self._has_stages or self._has_spent or limits.calls is not None or limits.attempts is not None
        self._most_endings = max((rule.of for rule in policy.halt), default=1)  # any shows that not all were rejected
        self._shortest = self._usage.shortest()
        self._spent, self._calls = NO_USAGE, self._usage.base()
        self._endings: tuple[tuple[int, float], list[str]] | None = None
        self._read_to = -1  # the newest event when what was spent was read
        self._read_again_at = 0.0  # by the steady clock

    def need(self, call: DueCall) -> Usage | None:
        """Return the most that one attempt of a call may use up; None where neither stage nor limit counts it."""
        return need(call.times, self._rules.rates, is_first=call.rung == 0) if self._counts else None

    def judge(self, call: DueCall) -> Admission:
        """Judge a call that is to be begun."""
        if self._is_unread():
            self._read()
        found = self._answer(call, self._memory.facts(call), self._used(), self._room())
        if self._is_outdated(found):
            self._read()
            found = self._answer(call, self._memory.facts(call), self._used(), self._room())
        return found

    def judge_again(self, call: DueCall) -> Admission:
        """Judge a call whose attempt is committed, right before its request leaves."""
        is_current = self._memory.is_current()
        if not (self._memory.is_dialer if is_current else self._reader.dials(self._config.scope)):
            return Stopped(str(TakenOver()))
        known = self._memory.facts(call) if is_current else self._reader.facts(call)
        return self._answer(call, known, self._used_by_others(call), self._room(call))

    def guard(self, call: DueCall) -> Callable[[Transaction], bool]:
        """Return what judges a chosen call in its intent's transaction, which runs in the writer's thread.

        It has been judged by what is remembered: the journal is asked only where others have committed since.
        """
        used, room, others = self._used_by_others(call), self._room(call), self._memory.others

        def holds(tx: Transaction) -> bool:
            return tx.others == others or isinstance(self._answer(call, tx.facts(call), used, room), Start)

        return holds

    def _is_unread(self) -> bool:
        """Whether others have changed what is counted, and it is time to count again."""
        is_unknown = self._counts and not self._memory.are_counts_known and not self._memory.intended
        return is_unknown and self._clock.steady() >= self._read_again_at

    def _is_outdated(self, found: Admission) -> bool:
        """Whether the answer rests on what was spent, and that may be less by now.

        Never while an intent is being committed: whether the journal counts it already cannot be told. While calls are
        in flight a reading that takes long is not repeated at every commit.
        """
        if not self._counts or self._memory.intended or self._is_exact():
            return False
        match found:
            case Start():
                return not self._memory.are_counts_known and is_full(self._rules.policy.stages, *self._dialed())
            case Stopped(is_held=False) | NotBefore(new_only=True):
                return self._clock.steady() >= self._read_again_at or not self._memory.in_flight
        return False

    def _is_exact(self) -> bool:
        """Whether nothing has changed what is used up since it was read, but for what was counted along."""
        return self._memory.are_counts_known and (not self._has_spent or self._memory.seq == self._read_to)

    def _answer(self, call: DueCall, known: CallQueries, used: Usage, room: Room) -> Admission:
        now = self._clock.wall()
        facts = gather(known, self._rules, now, used, room, self._shortest)
        return may_start(self._under_review(call), now, self._rules, facts)

    def _under_review(self, call: DueCall) -> CallUnderReview:
        """Return the call without its not_before: the journal makes it due no earlier."""
        zones = self._config.zones.zones(call.position, call.callee) if self._rules.follows_callee else ()
        return CallUnderReview(call.times, None, call.not_after, call.rung, call.last, call.ended, zones)

    def _dialed(self) -> tuple[int, int]:
        """Return how many calls the stages count as dialed, with those that are just beginning, and of how many."""
        counts = self._memory.counts
        # A stage that shrinks would have ended without a judgement.
        self._calls = max(self._calls, counts.dialed + counts.rejected + counts.undialed)
        return counts.dialed + counts.rejected + self._memory.intended_use.calls, self._calls

    def _room(self, begun: DueCall | None = None) -> Room:
        """Judge stages and halts as they stand for a call, which may be begun."""
        if not self._has_stages:
            return NO_STAGES
        own = 0 if begun is None else _own(begun)
        rules, (dialed, calls) = self._rules.policy, self._dialed()
        progress = EditionProgress(dialed - own, calls)
        resumed = self._memory.last_resumed
        if is_full(rules.stages, progress.dialed, progress.all):
            progress = replace(  # first what is under way: what ends meanwhile is then among the endings too
                progress,
                under_way=self._memory.counts.under_way + self._memory.intended - own,
                unknown=self._usage.unknown(resumed),
                rejected=self._usage.rejected(resumed),
            )
        return room(rules.stages, rules.halt, replace(progress, endings=self._last_endings(resumed)))

    def _last_endings(self, resumed: float) -> list[str]:
        """Return how the last calls ended, the latest first; read again once one more has."""
        known_for = self._memory.counts.endings, resumed
        if self._endings is None or self._endings[0] != known_for or not self._memory.are_counts_known:
            self._endings = known_for, list(self._usage.endings(resumed, self._most_endings))
        return self._endings[1]

    def _used(self) -> Usage:
        if not self._counts:
            return NO_USAGE
        counts, intended = self._memory.counts, self._memory.intended_use
        calls, attempts = counts.dialed + intended.calls, counts.attempts + intended.attempts
        if not self._has_spent:
            return Usage(calls, attempts)
        return replace(self._spent + self._memory.used + intended, calls=calls, attempts=attempts)

    def _used_by_others(self, call: DueCall) -> Usage:
        """Return what all calls use up but this one, which is begun."""
        own = self.need(call)
        return NO_USAGE if own is None else self._used() - own

    def _read(self) -> None:
        """Ask the journal how far the edition is, and what it has used up."""
        began = self._clock.steady()
        with self._reader.snapshot() as newest:
            self._memory.read_counts(self._usage, newest[0])
            if self._has_spent:
                self._spent, self._read_to = spent(self._usage.spent(), self._rules.rates), newest[0]
        ended = self._clock.steady()
        self._read_again_at = ended + REREAD_BACKOFF * (ended - began)


def _own(call: DueCall) -> int:
    """Return 1 for a call that is under way by what is judged now; a redial has been under way before."""
    return int(call.rung == 0)
