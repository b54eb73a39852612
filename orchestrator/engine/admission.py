"""Asks the one evaluator: when a call is chosen, in its intent's transaction, and right before its request leaves."""

from collections.abc import Callable
from dataclasses import replace

from orchestrator.engine.clock import Clock
from orchestrator.engine.config import REREAD_BACKOFF, RunConfig
from orchestrator.engine.ports import Reader
from orchestrator.engine.state import RunState
from orchestrator.exotel.call_fields import call_times
from orchestrator.model.work import DueCall
from orchestrator.policy.limits import ENDLESS, Usage, exceeded, need, spent
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
from orchestrator.policy.stages import EditionProgress, Room, is_full, room


class Evaluator:
    """Judges the calls of one run, with what its edition has used up.

    That is read once, and again where it stands in the way, or ends a stage.

    Between two readings each attempt that was begun counts with the most that it may take, also one that did not ring.
    """

    def __init__(self, config: RunConfig, reader: Reader, clock: Clock, state: RunState) -> None:
        self._config, self._rules, self._reader = config, config.rules, reader
        self._clock, self._state = clock, state
        self._usage = reader.usage(config.scope)
        rules = config.rules.policy
        self._has_stages = bool(rules.stages or rules.halt)
        self._counts = self._has_stages or exceeded(rules.limits, ENDLESS) is not None
        self._shortest = self._usage.shortest()
        self._base, self._calls, self._rejected = Usage(), self._usage.base(), 0
        self._is_read, self._version = False, 0
        self._read_again_at = 0.0  # by the steady clock

    def need(self, call: DueCall) -> Usage | None:
        """Return the most that one attempt of a call may use up; None where neither stage nor limit counts it."""
        return need(call_times(call.fields), self._rules.rates, is_first=call.rung == 0) if self._counts else None

    def judge(self, call: DueCall) -> Admission:
        """Judge a call that is to be begun."""
        found = self._judge(call, self._reader.facts(call), self._used())
        if self._is_outdated(found):
            self._read()
            found = self._judge(call, self._reader.facts(call), self._used())
        return found

    def judge_again(self, call: DueCall) -> Admission:
        """Judge a call whose attempt is committed, right before its request leaves."""
        return self._judge(call, self._reader.facts(call), self._used_by_others(call), own=_own(call))

    def guard(self, call: DueCall) -> Callable[[CallQueries], bool]:
        """Return what judges a call that was begun in its intent's transaction: it runs in the writer's thread."""
        used = self._used_by_others(call)
        room = self._room(used.calls, own=_own(call))

        def holds(source: CallQueries) -> bool:
            return isinstance(self._answer(call, source, used, room), Start)

        return holds

    def _is_outdated(self, found: Admission) -> bool:
        """Whether the answer rests on what is remembered, and the journal has changed since.

        Never while an intent is being committed: whether the journal counts it already cannot be told. While calls are
        in flight a reading that takes long is not repeated at every commit.
        """
        if not self._counts or self._state.intended or self._version == self._reader.changes():
            return False
        match found:
            case Start():
                return is_full(self._rules.policy.stages, self._used().calls + self._rejected, self._calls)
            case Stopped(is_held=False) | NotBefore(new_only=True):
                return self._clock.steady() >= self._read_again_at or not self._reader.in_flight(self._config.scope)
        return False

    def _judge(self, call: DueCall, known: CallQueries, used: Usage, own: int = 0) -> Admission:
        return self._answer(call, known, used, self._room(used.calls, own))

    def _answer(self, call: DueCall, known: CallQueries, used: Usage, room: Room) -> Admission:
        now = self._clock.wall()
        facts = replace(gather(known, self._rules, now), used=used, room=room, shortest=self._shortest)
        return may_start(_under_review(call), now, self._rules, facts)

    def _room(self, dialed: int, own: int = 0) -> Room:
        """Judge stages and halts where so many other calls were dialed; `own`: 1 for the call itself, if it counts."""
        if not self._has_stages:
            return Room()
        rules, usage = self._rules.policy, self._usage
        resumed = self._reader.last_resumed(self._config.scope)
        progress = EditionProgress(dialed + self._rejected, self._calls)
        if is_full(rules.stages, progress.dialed, progress.all):
            progress = replace(  # first what is under way: what ends meanwhile is then among the endings too
                progress,
                under_way=usage.under_way() + self._state.intended - own,
                unknown=usage.unknown(resumed),
                rejected=usage.rejected(resumed),
            )
        most = max((rule.of for rule in rules.halt), default=1)  # any ending shows that not all were rejected
        return room(rules.stages, rules.halt, replace(progress, endings=usage.endings(resumed, most)))

    def _used(self) -> Usage:
        if not self._counts:
            return self._base
        if not self._is_read:
            self._read()
        return self._base + self._state.used_with_intended()

    def _used_by_others(self, call: DueCall) -> Usage:
        """Return what all calls use up but this one, which is begun."""
        own = self.need(call)
        return self._base if own is None else self._used() - own

    def _read(self) -> None:
        """Ask the journal what the edition has used up."""
        began, self._version = self._clock.steady(), self._reader.changes()
        limits = self._rules.policy.limits
        dialed, self._rejected, waiting = self._usage.dialed()
        if limits.minutes is not None or limits.cost is not None:
            used = spent(self._usage.spent(), self._rules.rates)
        else:
            used = Usage(attempts=self._usage.attempts())
        self._base = used + Usage(calls=dialed)
        self._state.journal_was_read()
        # A stage that shrinks would have ended without a judgement.
        self._calls = max(self._calls, dialed + self._rejected + waiting)
        self._is_read = True
        ended = self._clock.steady()
        self._read_again_at = ended + REREAD_BACKOFF * (ended - began)


def _own(call: DueCall) -> int:
    """Return 1 for a call that is under way by what is judged now; a redial has been under way before."""
    return int(call.rung == 0)


def _under_review(call: DueCall) -> CallUnderReview:
    """Return the call without its not_before: the journal makes it due no earlier."""
    return CallUnderReview(call_times(call.fields), None, call.not_after, call.rung, call.last, call.ended)
