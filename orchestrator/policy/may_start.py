"""Decides whether a call may start now, and if not, when and why: the one evaluator, for review and for dialing.

`gather` asks for what must be known. Every guard is a small function of the call, the rules and that; none of them
asks a clock or a journal.
"""

import math
from collections.abc import Callable, Mapping, Sequence
from dataclasses import field, replace
from typing import Protocol

from orchestrator.model.call import BRIDGE_LEGS, NO_TIME, CallTimes
from orchestrator.model.frozen import frozen
from orchestrator.model.number import DndMark
from orchestrator.model.outcome import Disposition, Ending
from orchestrator.model.policy import Limits, PersonCap, Policy, Window
from orchestrator.model.target import Rates
from orchestrator.policy.callee_zones import in_words
from orchestrator.policy.limits import NO_USAGE, Usage, exceeded, need
from orchestrator.policy.pace import INTENT_TO_FIRST_BYTE
from orchestrator.policy.stages import NO_STAGES, Room
from orchestrator.policy.windows import OpenHours, Zones


@frozen
class CallUnderReview:
    """A call as the evaluator sees it. Moments are epoch seconds.

    `rung` counts its attempts that may have rung, `last` is how the last of them ended, `ended` when. `zones` are all
    that To may be in, and are asked for only where `Rules.follows_callee`.
    """

    times: CallTimes
    not_before: float | None = None
    not_after: float | None = None
    rung: int = 0
    last: Ending | None = None
    ended: float = 0.0
    zones: Zones = ()


@frozen
class Facts:
    """What is known beside the call, of the moment.

    `hold`: why nothing of the edition starts, in words, None where nothing stands. `suppressed`: why its From or To
    is never rung. `person`: starts of the attempts for its To that count, ascending. `dnd`: what the carrier says of
    its To, None where it must be asked first. `agent`: calls in flight for its From, `flying` on its account. `room`:
    what stages and halts leave. `shortest`: what at least any call of the plan takes.
    """

    hold: str | None = None
    suppressed: str | None = None
    person: Sequence[float] = ()
    dnd: DndMark | None = None
    agent: int = 0
    flying: int = 0
    used: Usage = NO_USAGE
    room: Room = NO_STAGES
    shortest: CallTimes = NO_TIME


@frozen
class Start:
    """It may start now."""


START = Start()


@frozen
class NotBefore:
    """It may start at `at` (epoch seconds; NEVER; None: when a call ends).

    `whole`: no other call may before either; `new_only`: but one that was dialed before may be redialed.
    """

    at: float | None
    reason: str
    whole: bool = False
    new_only: bool = False


@frozen
class Closed:
    """It is not to be dialed any more: its disposition, and why."""

    disposition: Disposition
    reason: str | None


@frozen
class Stopped:
    """No call of the edition may start until somebody acts; `halt`: this must be kept in the journal.

    `new_only`: a call that was dialed before may still be redialed. `is_alone`: one that takes less may still start.
    `is_held`: somebody or a halt holds it already.
    """

    reason: str
    halt: bool = False
    new_only: bool = False
    is_alone: bool = False
    is_held: bool = False


Admission = Start | NotBefore | Closed | Stopped

NEVER = math.inf
"""A moment that does not come: no window opens within the days that are looked ahead."""

NO_LIMITS = Limits()


@frozen
class Rules:
    """What decides: the plan's policy, the target's windows beside it, and what calls cost there.

    `zone` is that of holidays where the plan has no window of its own. `legs`: those in flight that the account
    allows; a bridge takes two. `people` are all zones that anybody of the plan may be in, each person's together; empty
    where that is not known.
    """

    policy: Policy = field(default_factory=Policy)
    guardrail: tuple[Window, ...] = ()
    rates: Rates | None = None
    zone: str = "Asia/Kolkata"
    legs: int | None = None
    people: frozenset[Zones] = frozenset()
    guards: tuple["Guard", ...] = field(init=False, repr=False, compare=False)
    """Those of GUARDS that may have something to say under these rules."""
    timed: Mapping[str, "Timed"] = field(init=False, repr=False, compare=False)
    """Those of TIMED that may."""
    is_alike: bool = field(init=False, repr=False, compare=False)
    """Whether none of them looks at more than ALIKE do."""
    hours: OpenHours = field(init=False, repr=False, compare=False)

    def __post_init__(self) -> None:
        """Choose the guards once: each call is judged three times."""
        object.__setattr__(self, "hours", OpenHours(self.window_sets, self.policy.holidays, self.people))
        silent = _silent(self)
        object.__setattr__(self, "guards", tuple(guard for guard in GUARDS if guard not in silent))
        object.__setattr__(self, "timed", {name: guard for name, guard in TIMED.items() if guard not in silent})
        has_room = not self.policy.stages and not self.policy.halt
        others = {*self.guards, *self.timed.values()} - (ALIKE | {_halted, _stage} if has_room else ALIKE)
        object.__setattr__(self, "is_alike", not others and not self.follows_callee)

    @property
    def window_sets(self) -> tuple[Sequence[Window], ...]:
        """The windows that must all be open."""
        windows = self.policy.windows
        if self.policy.holidays and not windows:
            windows = (Window(frozenset(range(7)), 0, 1440, self.zone),)
        return windows, self.guardrail

    @property
    def follows_callee(self) -> bool:
        """Whether a window is meant in the zone of who is rung."""
        return self.hours.follow_callee

    def opens(self, times: CallTimes, moment: float, zones: Zones | None = None) -> float:
        """Return when the windows next let a call ring from its start to the last ring; NEVER if they do not."""
        return self.hours.next(times.ring_span, moment, zones)


class CallQueries(Protocol):
    """Answers about one call and its numbers, each read when it is asked for. Moments are epoch seconds."""

    def hold(self) -> str | None:
        """Return what keeps its edition from dialing."""

    def suppressed(self) -> str | None:
        """Return why one of its numbers is never rung again."""

    def person(self, since: float) -> Sequence[float]:
        """Return when attempts for its To started that may have rung, ascending."""

    def dnd(self, now: float) -> DndMark | None:
        """Return what the carrier said of its To, None where it did not lately."""

    def agent(self, now: float) -> int:
        """Count the other calls in flight for its From."""

    def others_in_flight(self, now: float) -> int:
        """Count the other calls in flight on its account."""


def gather(
    known: CallQueries,
    rules: Rules,
    now: float,
    used: Usage = NO_USAGE,
    room: Room = NO_STAGES,
    shortest: CallTimes = NO_TIME,
) -> Facts:
    """Ask for all that `may_start` must know of a call, for nothing in vain; what calls use up together is given."""
    policy = rules.policy
    return Facts(
        hold=known.hold(),
        suppressed=known.suppressed(),
        person=() if policy.per_person is None else known.person(now - counts_for(policy.per_person)),
        dnd=None if policy.dnd == "ignore" else known.dnd(now),
        agent=0 if policy.per_agent is None else known.agent(now),
        flying=0 if rules.legs is None else known.others_in_flight(now),
        used=used,
        room=room,
        shortest=shortest,
    )


def counts_for(cap: PersonCap) -> float:
    """Return the seconds for which an intent counts against its person's cap: its request may have left later."""
    return cap.within + INTENT_TO_FIRST_BYTE


DND_KNOWN_FOR = 86400.0
"""Seconds for which an answer is used, by all runs on a journal.

Registering takes effect within seven days of the request, so that no answer of a day ago can be wrong about somebody
who was registered in time; and a day is as old as a scrubbed list is commonly allowed to be.
"""

REGISTERED = "dnd: the carrier marks its number as do-not-disturb"
"""Why a call is suppressed."""

UNANSWERED = "dnd"
"""Why a call waits: the carrier has not said yet whether its number may be rung."""


def known_span(now: float) -> tuple[float, float]:
    """Return between which moments an answer must have been asked for to be used at `now`, in epoch seconds.

    One from the future is of before the clock was set back: in truth it is older than it seems, by at most as much.
    """
    return now - DND_KNOWN_FOR, now + DND_KNOWN_FOR


Guard = Callable[[CallUnderReview, float, Rules, Facts], Admission | None]
Timed = Callable[[CallUnderReview, float, Rules, Facts], float]


def may_start(call: CallUnderReview, now: float, rules: Rules, facts: Facts) -> Admission:
    """Judge one call at `now`, in epoch seconds."""
    for guard in rules.guards:
        found = guard(call, now, rules, facts)
        if found is not None:
            return found
    at, reason = _earliest(call, now, rules, facts, rules.timed)
    if at == now:
        return START
    whole = _keeps_all_back(call, at, now, rules, facts)
    if reason != "window" or not rules.follows_callee or whole:
        return _too_late(call, at, rules, reason, whole=whole) or NotBefore(at, reason, whole)
    found = _too_late(call, at, rules, f"window in {in_words(call.zones)}", whole=False)
    if found is None and rules.people:
        first = rules.hours.next_for_anybody(facts.shortest.ring_span, now)
        if first > now:
            return NotBefore(first, reason, whole=True)
    return found or NotBefore(at, f"window in {in_words(call.zones)}")


def all_start_until(times: CallTimes, now: float, rules: Rules) -> float:
    """Return until when all calls that are alike and take these times may start; `now` where that cannot be said.

    Alike are calls that were never dialed, have no `not_after` and no number that is suppressed, and whose edition
    nothing holds: under most plans nothing else tells one from another, so that they are judged together.
    """
    if not rules.is_alike or may_start(CallUnderReview(times), now, rules, Facts()) is not START:
        return now
    return rules.hours.open_until(times.ring_span, now)


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
    """Whether all others wait until `at` too: a call that is too long for a window leaves it to shorter ones.

    Others may be elsewhere: what keeps them back is not a window in the callee's zone.
    """
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
    if rules.policy.limits == NO_LIMITS:
        return None
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
    if rules.legs is None or facts.flying * BRIDGE_LEGS + legs <= max(legs, rules.legs):
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
    return rules.opens(call.times, at, call.zones)


def _window_of_all(call: CallUnderReview, at: float, rules: Rules, _facts: Facts) -> float:
    return rules.opens(call.times, at)


def _silent(rules: Rules) -> set[Guard | Timed]:
    """Return the guards that have nothing to say of any call: what they obey is not set."""
    policy = rules.policy
    unset: dict[Guard | Timed, bool] = {
        _dnd: policy.dnd == "ignore",
        _dnd_unanswered: policy.dnd == "ignore",
        _within_limits: policy.limits == NO_LIMITS,
        _legs: rules.legs is None,
        _agent: policy.per_agent is None,
        _begins: policy.limits.begins is None,
        _person: policy.per_person is None,
        _window: not any(rules.window_sets),
    }
    return {guard for guard, is_unset in unset.items() if is_unset}


TIMED: dict[str, Timed] = {
    "limits.from": _begins,
    "not_before": _not_before,
    "redial": _spacing,
    "per_person": _person,
    "window": _window,
}
ALIKE = frozenset({_suppressed, _redialed_enough, _over, _held, _not_before, _spacing, _window})
"""Guards that say the same of all calls that are alike (`all_start_until`)."""

FOR_ALL: dict[str, Timed] = {"limits.from": _begins, "window": _window_of_all}
"""What keeps every other call back as well; a window those that ring as long, which is nearly all."""


def _too_late(call: CallUnderReview, at: float, rules: Rules, reason: str, *, whole: bool) -> Admission | None:
    """Judge a call that could start only after it must have, or never; `whole`: no other call could before either."""
    until = rules.policy.limits.until
    if at == NEVER and not whole:
        where = " in all of them at once" if len(call.zones) > 1 else ""
        return _closed(call, f"{reason}: it is never open long enough{where} for both legs to ring, 2 x TimeOut")
    if call.not_after is not None and at > call.not_after:
        return _closed(call, f"{reason}: it could start only after its not_after")
    if until is not None and at > until:
        if whole:
            return Stopped(f"limits.until comes before the next start ({reason})")
        return _closed(call, f"{reason}: it could start only after limits.until")
    return None


def _closed(call: CallUnderReview, reason: str) -> Closed:
    return Closed(Disposition.NOT_DIALED if call.last is None else Disposition(call.last), reason)
