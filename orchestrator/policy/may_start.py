"""May this call start now, and if not, when and why? The one evaluator: for the review and right before each request.

Every guard is a small function of the call, the rules and what is known; none of them asks a clock or a journal.
"""

from collections.abc import Callable, Mapping
from dataclasses import replace

from orchestrator.model.number import DndMark
from orchestrator.model.outcome import Disposition
from orchestrator.policy.dnd import REGISTERED, UNANSWERED
from orchestrator.policy.judgement import Admission, CallUnderReview, Closed, Facts, NotBefore, Start, Stopped
from orchestrator.policy.limits import counts_for
from orchestrator.policy.rules import NEVER, Rules
from orchestrator.policy.spend import exceeded, need

Guard = Callable[[CallUnderReview, float, Rules, Facts], Admission | None]
Timed = Callable[[CallUnderReview, float, Rules, Facts], float]


def may_start(call: CallUnderReview, now: float, rules: Rules, facts: Facts) -> Admission:
    """Judge one call at `now`, in epoch seconds."""
    for guard in GUARDS:
        found = guard(call, now, rules, facts)
        if found is not None:
            return found
    at, reason = _earliest(call, now, rules, facts, TIMED)
    if at == now:
        return Start()
    whole = _keeps_all_back(call, at, now, rules, facts)
    return _too_late(call, at, rules, reason, whole=whole) or NotBefore(at, reason, whole)


def _earliest(
    call: CallUnderReview, now: float, rules: Rules, facts: Facts, guards: Mapping[str, Timed]
) -> tuple[float, str]:
    """Return the first moment that every one of these guards admits, and the guard that moved it last."""
    at, reason = now, ""
    moved = True
    while moved and at < NEVER:
        moved = False
        for name, guard in guards.items():
            later = guard(call, at, rules, facts)
            if later > at:
                at, reason, moved = later, name, True
    return at, reason


def _keeps_all_back(call: CallUnderReview, at: float, now: float, rules: Rules, facts: Facts) -> bool:
    """Whether all others wait until `at` too: a call that is too long for a window leaves it to shorter ones."""
    shortest = replace(call, times=facts.shortest)
    return _earliest(shortest, now, rules, facts, FOR_ALL)[0] == at


def _held(_call: CallUnderReview, _now: float, _rules: Rules, facts: Facts) -> Admission | None:
    return None if facts.hold is None else Stopped(facts.hold, is_held=True)


def _suppressed(call: CallUnderReview, _now: float, _rules: Rules, facts: Facts) -> Admission | None:
    if facts.suppressed is None:
        return None
    word = Disposition.SUPPRESSED if call.last is None else Disposition(call.last)
    return Closed(word, facts.suppressed)


def _dnd(call: CallUnderReview, _now: float, rules: Rules, facts: Facts) -> Admission | None:
    """Whether the carrier marks To as do-not-disturb, where the plan minds."""
    if rules.policy.dnd == "ignore" or facts.dnd is not DndMark.YES:
        return None
    return Closed(Disposition.SUPPRESSED if call.last is None else Disposition(call.last), REGISTERED)


def _redialed_enough(call: CallUnderReview, _now: float, rules: Rules, _facts: Facts) -> Admission | None:
    """Whether the rule for its last ending, if there is one, admits no further attempt."""
    if call.last is None:
        return None
    rule = dict(rules.policy.redial).get(call.last)
    return None if rule is not None and call.rung < rule.attempts else Closed(Disposition(call.last), None)


def _over(call: CallUnderReview, now: float, rules: Rules, _facts: Facts) -> Admission | None:
    """Whether the time is up, for the call or for all."""
    until = rules.policy.limits.until
    if until is not None and now > until:
        return Stopped("limits.until has passed")
    if call.not_after is not None and now > call.not_after:
        return _closed(call, "its not_after has passed")
    return None


def _halted(_call: CallUnderReview, _now: float, _rules: Rules, facts: Facts) -> Admission | None:
    return None if facts.room.halt is None else Stopped(facts.room.halt, halt=True)


def _within_limits(call: CallUnderReview, _now: float, rules: Rules, facts: Facts) -> Admission | None:
    is_first = call.rung == 0
    limits = rules.policy.limits if is_first else replace(rules.policy.limits, calls=None)
    used = facts.used + need(call.times, rules.rates, is_first=is_first)
    reason = exceeded(limits, used)
    if reason is None:
        return None
    least = facts.used + need(facts.shortest, rules.rates, is_first=is_first)
    return Stopped(
        reason,
        new_only=exceeded(replace(limits, calls=None), used) is None,
        is_alone=exceeded(limits, least) is None,
    )


def _stage(call: CallUnderReview, _now: float, _rules: Rules, facts: Facts) -> Admission | None:
    if call.rung or facts.room.calls >= 1:
        return None
    if facts.room.is_last:
        return Stopped(facts.room.reason or "stages", new_only=True)
    return NotBefore(None, facts.room.reason or "stages", new_only=True)


def _agent(_call: CallUnderReview, _now: float, rules: Rules, facts: Facts) -> Admission | None:
    most = rules.policy.per_agent
    return None if most is None or facts.agent < most else NotBefore(None, "per_agent")


def _legs(call: CallUnderReview, _now: float, rules: Rules, facts: Facts) -> Admission | None:
    """Whether the account has legs free for the call: of a bridge the first and, once it answered, the second."""
    legs = call.times.legs
    if rules.legs is None or (facts.flying + 1) * legs <= max(legs, rules.legs):
        return None
    return NotBefore(None, "legs")


def _dnd_unanswered(_call: CallUnderReview, _now: float, rules: Rules, facts: Facts) -> Admission | None:
    """Whether the carrier must be asked about To first."""
    return None if rules.policy.dnd == "ignore" or facts.dnd is not None else NotBefore(None, UNANSWERED)


GUARDS: tuple[Guard, ...] = (
    _suppressed,
    _dnd,
    _redialed_enough,
    _over,
    _held,
    _halted,
    _within_limits,
    _stage,
    _legs,
    _agent,
    _dnd_unanswered,
)
"""In the order of their weight: what closes the call first, then what stops all, then what only waits."""


def _begins(_call: CallUnderReview, _at: float, rules: Rules, _facts: Facts) -> float:
    return rules.policy.limits.begins or 0.0


def _not_before(call: CallUnderReview, _at: float, _rules: Rules, _facts: Facts) -> float:
    return call.not_before or 0.0


def _spacing(call: CallUnderReview, _at: float, rules: Rules, _facts: Facts) -> float:
    rule = None if call.last is None else dict(rules.policy.redial).get(call.last)
    return 0.0 if rule is None else call.ended + rule.after


def _person(_call: CallUnderReview, at: float, rules: Rules, facts: Facts) -> float:
    """Return when so many of To's attempts are older than the cap's time that one more may follow."""
    cap = rules.policy.per_person
    if cap is None:
        return 0.0
    counted = [start for start in facts.person if start + counts_for(cap) > at]
    return 0.0 if len(counted) < cap.attempts else counted[-cap.attempts] + counts_for(cap)


def _window(call: CallUnderReview, at: float, rules: Rules, _facts: Facts) -> float:
    return rules.opens(call.times, at)


TIMED: dict[str, Timed] = {
    "limits.from": _begins,
    "not_before": _not_before,
    "redial": _spacing,
    "per_person": _person,
    "window": _window,
}
FOR_ALL = {name: TIMED[name] for name in ("limits.from", "window")}
"""What keeps every other call back as well; a window those that ring as long, which is nearly all."""


def _too_late(call: CallUnderReview, at: float, rules: Rules, reason: str, *, whole: bool) -> Admission | None:
    """Judge a call that could start only after it must have, or never; `whole`: no other call could before either."""
    until = rules.policy.limits.until
    if at == NEVER and not whole:
        return _closed(call, f"{reason}: it is never open long enough for both legs to ring, 2 x TimeOut")
    if call.not_after is not None and at > call.not_after:
        return _closed(call, f"{reason}: it could start only after its not_after")
    if until is not None and at > until:
        if whole:
            return Stopped(f"limits.until comes before the next start ({reason})")
        return _closed(call, f"{reason}: it could start only after limits.until")
    return None


def _closed(call: CallUnderReview, reason: str) -> Closed:
    return Closed(Disposition.NOT_DIALED if call.last is None else Disposition(call.last), reason)
