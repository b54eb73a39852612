"""When will it be over, and what will it use up? Pure.

A run is played through with what an attempt is assumed to come to, and calls wait for what they wait for in a run:
pace, places in flight, windows, stages, redials, limits. Endings come as evenly as their shares allow, and each lasts
as long as that ending does on average; many calls are played in steps of several: a million take as long as a thousand.
A run of few calls is played many times, by chance: it waits for the longest of some calls, which no average tells.
"""

import heapq
import math
from collections import defaultdict
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from decimal import Decimal
from itertools import accumulate
from random import Random

from orchestrator.model.frozen import frozen
from orchestrator.model.outcome import Ending
from orchestrator.model.policy import Limits, Policy
from orchestrator.policy.limits import NO_USAGE, Usage, exceeded
from orchestrator.policy.may_start import NEVER
from orchestrator.policy.stages import NO_STAGES, EditionProgress, room

LONGEST_ESTIMATE = 14 * 86400.0
"""Seconds looked ahead by who watches a run: nobody plans by what takes longer."""

LONGEST_FORECAST = 366 * 86400.0
"""Seconds looked ahead by who reviews a plan."""

STEPS = 1_000
"""Steps in which the calls are started; fewer calls are started one by one."""

STEPS_OF_AN_ESTIMATE = 200
"""The same for who watches a run: it is asked again and again, and the run needs the processor."""

MOST_PLAYS, FEWEST_PLAYS = 100, 10
"""How often a run of few calls is played by chance; one that could not be so often is played once, evenly."""

BUDGET = 6_000
"""Calls that are started in all plays of a run together: a tenth of a second."""

Opens = Callable[[float], float]
"""When the windows let a call start, from a moment on; the moment itself where they are open, NEVER if not at all."""


@frozen
class Outcome:
    """One way in which an attempt may go, and how often: its share of all. `lasts` is in seconds of its way.

    `ending` is what redial rules ask for. `duration` is in seconds, of what `limits.minutes` counts: from the moment
    when From answers to the end. `cost` is what such an attempt costs. By chance it is longer or shorter, by `swing`
    seconds at most.
    """

    ending: str
    share: float
    lasts: float
    duration: float = 0.0
    cost: float = 0.0
    swing: float = 0.0


@frozen
class Batch:
    """So many calls alike that are still to be dialed: not before `at`, after `rung` attempts that may have rung."""

    count: int
    at: float = 0.0
    rung: int = 0


@frozen
class Work:
    """What is left to do. Times are epoch seconds.

    Each start comes `gap` seconds after another at the earliest, `slots` calls at a time. `outcomes` are empty where
    nothing is known of them yet. `busiest` is the largest share of the calls that one agent has, who takes `per_agent`
    of them at a time. `in_flight` counts the calls under way by the number of their attempt; the last of them should
    end at `ends`. `dialed` calls count for the stages beside those to come, `calls` are all that they count over, 0 for
    both together; `used` is what limits count so far, `most` what one attempt may use up.
    """

    batches: Sequence[Batch]
    gap: float
    slots: int
    outcomes: Sequence[Outcome]
    policy: Policy = field(default_factory=Policy)
    busiest: float = 0.0
    in_flight: Mapping[int, int] = field(default_factory=dict)
    ends: float = 0.0
    dialed: int = 0
    calls: int = 0
    used: Usage = NO_USAGE
    most: Usage = NO_USAGE


@dataclass(slots=True)
class Played:
    """How a run went that was played through. Moments are epoch seconds, NEVER where they lie beyond the horizon.

    `starts` are attempts, `duration` is all of theirs in seconds, `left` calls were not dialed, because of what
    `stopped_by` says. `waits` has the seconds in which nothing could start, by what was waited for.
    """

    starts: int = 0
    first: float = 0.0
    last: float = 0.0
    finish: float = 0.0
    duration: float = 0.0
    cost: float = 0.0
    waits: dict[str, float] = field(default_factory=lambda: defaultdict(float))
    left: int = 0
    stopped_by: str | None = None


def play(now: float, work: Work, opens: Opens, longest: float = LONGEST_FORECAST, steps: int = STEPS) -> Played:
    """Play a run through from `now` on. Halts, and limits of a person's attempts, are not foreseen."""
    return _Play(now, work, opens, now + longest, steps).through()


def plays(now: float, work: Work, opens: Opens) -> tuple[Played, ...]:
    """Play a run of few calls through many times, by chance, and one of many once: they come to what is expected.

    The same work is always played alike.
    """
    calls = sum(batch.count for batch in work.batches)
    times = min(MOST_PLAYS, BUDGET // max(1, calls))
    possible = [outcome for outcome in work.outcomes if outcome.share]
    is_certain = not calls or (len(possible) == 1 and not possible[0].swing)
    if is_certain or times < FEWEST_PLAYS:
        return (play(now, work, opens),)
    chance = Random(calls)  # noqa: S311 - no secret is made of it
    return tuple(_Play(now, work, opens, now + LONGEST_FORECAST, calls, chance).through() for _ in range(times))


@frozen
class Estimate:
    """About when all is over, NEVER beyond the horizon. `held`: not before it, since a window closes until then."""

    at: float
    held: bool = False


def estimate(now: float, work: Work, opens: Opens) -> Estimate | None:
    """Guess the end of a run that goes on; None as long as nothing is known that a guess could rest on."""
    calls = sum(batch.count for batch in work.batches)
    if not calls and not work.outcomes:
        return Estimate(max(now, work.ends)) if work.ends else None
    if not calls and not work.in_flight:
        return None
    played = play(now, work, opens, LONGEST_ESTIMATE, STEPS_OF_AN_ESTIMATE)
    held = bool(played.waits["window"] + played.waits["limits.from"])
    return Estimate(played.finish, held) if work.outcomes or held else None


UNKNOWN = Outcome("", 1.0, 0.0)
"""How an attempt goes of which nothing is known: it takes no time."""


@frozen
class _Wait:
    """Nothing starts before `until`, because of `reason`: None for pace, places and endings, which go by themselves."""

    until: float
    reason: str | None = None


@frozen
class _End:
    """Nothing starts any more."""

    reason: str


class _Play:
    """The calls of one run on their way: to be dialed, by when they may start; to be dialed again; and in flight."""

    def __init__(
        self, now: float, work: Work, opens: Opens, horizon: float, steps: int, chance: Random | None = None
    ) -> None:
        self._work, self._opens, self._horizon = work, opens, horizon
        self._outcomes = tuple(work.outcomes) or (UNKNOWN,)
        self._redial = dict(work.policy.redial)
        self._is_unlimited = replace(work.policy.limits, begins=None, until=None) == Limits()
        self._fresh = sorted((batch.at, batch.count) for batch in work.batches if not batch.rung)
        self._again = sorted((batch.at, batch.rung, batch.count) for batch in work.batches if batch.rung)
        self._new = sum(count for _, count in self._fresh)
        self._waiting = sum(count for _, _, count in self._again)
        self._all = work.calls or work.dialed + self._new
        total = self._new + self._waiting
        self._step = max(1, math.ceil(total / steps))
        self._spacing, self._places = self._rate(total)
        # By their end: how often rung, how many, which outcome, and by how much longer than that is on average.
        self._flying: list[tuple[float, int, int, int, float]] = []
        self._in_flight = 0
        self._chance = chance
        self._odds = list(accumulate(outcome.share for outcome in self._outcomes))
        self._owed: dict[int, list[float]] = defaultdict(lambda: [0.0] * len(self._outcomes))
        self._dialed, self._calls, self._attempts = work.dialed, work.used.calls, work.used.attempts
        self._now = self._slot = now
        self._played = Played(first=NEVER, last=NEVER, finish=now)
        self._take_over(now)

    def _rate(self, total: int) -> tuple[float, float]:
        """Return the seconds between two starts, and the places in flight.

        Where several calls are started in one step the places are a rate, as is what the busiest agent can take.
        """
        work = self._work
        length = sum(outcome.share * outcome.lasts for outcome in self._outcomes)
        agents = work.policy.per_agent
        slowest = [work.gap]
        if agents is not None and total * work.busiest > agents:
            slowest.append(length * work.busiest / agents)
        if self._step == 1:
            return max(slowest), work.slots
        return max(*slowest, length / work.slots), math.inf

    def _take_over(self, now: float) -> None:
        """Take the calls that are in flight already: they end one after the other, the last one when it should."""
        for rung, count in self._work.in_flight.items():
            parts = min(count, 20)
            for part in range(parts):
                several = count * (part + 1) // parts - count * part // parts
                until = now + max(0.0, self._work.ends - now) * (part + 1) / parts
                self._fly(until, rung, several, self._outcome(rung, several))

    def through(self) -> Played:
        """Play until all calls are over, or none may start any more."""
        played = self._played
        begins = self._work.policy.limits.begins
        if begins is not None and begins > self._now and (self._fresh or self._again):
            until_then = _Wait(begins, "limits.from")
            if begins > self._horizon:
                self._give_up(until_then)
                return played
            self._advance(until_then)
        while self._fresh or self._again or self._flying:
            self._land()
            if not self._fresh and not self._again:
                if self._flying:
                    self._advance(_Wait(self._flying[0][0]))
                continue
            found = self._found()
            if isinstance(found, _End):
                played.stopped_by = found.reason
                break
            if found.until > self._horizon:
                self._give_up(found)
                return played
            self._advance(found)
        while self._flying:
            self._now = self._flying[0][0]
            self._land()
        played.left = self._new + self._waiting
        return played

    def _found(self) -> _Wait | _End:
        """Start what may start now, and say what is waited for then."""
        if self._now < self._slot:
            return _Wait(self._slot)
        again = bool(self._again) and self._again[0][0] <= self._now
        fresh = bool(self._fresh) and self._fresh[0][0] <= self._now
        space = NO_STAGES if again else room(self._work.policy.stages, (), self._so_far())
        if not again and (not fresh or space.calls < 1):
            return self._nothing_due(fresh and space.calls < 1, space.reason, space.calls)
        if self._in_flight >= self._places:
            return _Wait(self._flying[0][0])
        opens = self._opens(self._now)
        if opens > self._now:
            return _Wait(opens, "window")
        limits = self._work.policy.limits
        if limits.until is not None and self._now > limits.until:
            return _End("limits.until")
        reason = self._exceeded(again=again)
        if reason is not None:
            return self._stopped(reason)
        self._start(again=again, most=math.inf if again else space.calls)
        return _Wait(self._slot)

    def _nothing_due(self, is_stage: bool, reason: str | None, places: float) -> _Wait | _End:
        """Wait for what is due first: an ending, a redial, a call that may start later."""
        moments: list[tuple[float, str | None]] = [(self._flying[0][0], None)] if self._flying else []
        moments += [(self._again[0][0], "redial")] if self._again else []
        moments += [(self._fresh[0][0], "not_before")] if self._fresh and places >= 1 else []
        if not moments:
            return _End(reason or "stages")
        first, waited_for = min(moments, key=lambda moment: moment[0])
        return _Wait(first, "stage" if is_stage else waited_for)

    def _stopped(self, reason: str) -> _Wait | _End:
        """Wait for what may give room under a limit: an ending, or a redial where only new calls are kept back."""
        if self._flying:
            return _Wait(self._flying[0][0])
        if self._again and self._again[0][0] > self._now and self._exceeded(again=True) is None:
            return _Wait(self._again[0][0], "redial")
        return _End(reason)

    def _so_far(self) -> EditionProgress:
        return EditionProgress(self._dialed, self._all, under_way=self._in_flight + self._waiting)

    def _exceeded(self, *, again: bool) -> str | None:
        """Say which limit keeps one more call back, or a redial."""
        if self._is_unlimited:
            return None
        limits = replace(self._work.policy.limits, calls=None) if again else self._work.policy.limits
        most, played, used = self._work.most, self._played, self._work.used
        live = min(self._in_flight, self._work.slots) + 1
        cost = Decimal(str(played.cost)) + used.cost + live * most.cost
        seconds = used.seconds + played.duration + live * most.seconds
        return exceeded(limits, Usage(self._calls + 1, self._attempts + 1, seconds, cost))

    def _start(self, *, again: bool, most: float) -> None:
        """Start one step of calls, no more than what keeps them back admits."""
        limits = self._work.policy.limits
        at, rung, count = self._again[0] if again else (self._fresh[0][0], 0, self._fresh[0][1])
        left = [limits.attempts - self._attempts] if limits.attempts is not None else []
        left += [limits.calls - self._calls] if limits.calls is not None and not again else []
        wanted = self._while_open(int(min(self._step, count, most, *left)))
        rest = count - wanted
        if again:
            heapq.heapreplace(self._again, (at, rung, rest)) if rest else heapq.heappop(self._again)
            self._waiting -= wanted
        else:
            heapq.heapreplace(self._fresh, (at, rest)) if rest else heapq.heappop(self._fresh)
            self._new -= wanted
            self._dialed += wanted
            self._calls += wanted
        self._attempts += wanted
        played, last = self._played, self._now + (wanted - 1) * self._spacing
        played.starts += wanted
        played.first, played.last = min(played.first, self._now), last
        self._slot = self._now + wanted * self._spacing
        outcome = self._outcome(rung + 1, wanted)
        self._fly(last + self._outcomes[outcome].lasts, rung + 1, wanted, outcome)

    def _while_open(self, wanted: int) -> int:
        """Return how many of so many calls start before the window closes."""
        fits, too_many = 1, wanted + 1
        if wanted > 1 and not self._is_open_for(wanted):
            while too_many - fits > 1:
                middle = (fits + too_many) // 2
                fits, too_many = (middle, too_many) if self._is_open_for(middle) else (fits, middle)
            return fits
        return wanted

    def _is_open_for(self, count: int) -> bool:
        last = self._now + (count - 1) * self._spacing
        return self._opens(last) <= last

    def _outcome(self, rung: int, count: int) -> int:
        """Choose how a step of calls goes: what is owed most, by the shares, among calls that rang as often."""
        if self._chance is not None:
            return self._chance.choices(range(len(self._odds)), cum_weights=self._odds)[0]
        owed = self._owed[rung]
        for place, outcome in enumerate(self._outcomes):
            owed[place] += count * outcome.share
        chosen = max(range(len(owed)), key=owed.__getitem__)
        owed[chosen] -= count
        return chosen

    def _fly(self, until: float, rung: int, count: int, outcome: int) -> None:
        swing = self._outcomes[outcome].swing
        longer = 0.0 if self._chance is None else self._chance.uniform(-swing, swing)
        heapq.heappush(self._flying, (until + longer, rung, count, outcome, longer))
        self._in_flight += count

    def _land(self) -> None:
        """End what is over by now; what its rule redials waits for that."""
        played = self._played
        while self._flying and self._flying[0][0] <= self._now:
            at, rung, count, place, longer = heapq.heappop(self._flying)
            outcome = self._outcomes[place]
            self._in_flight -= count
            played.duration += count * (outcome.duration + longer)
            played.cost += count * outcome.cost
            played.finish = max(played.finish, at)
            rule = self._redial.get(outcome.ending)
            if rule is not None and rung < rule.attempts and outcome.ending != Ending.COMPLETED:
                heapq.heappush(self._again, (at + rule.after, rung, count))
                self._waiting += count

    def _advance(self, wait: _Wait) -> None:
        if wait.reason is not None:
            self._played.waits[wait.reason] += wait.until - self._now
        self._now = max(self._now, wait.until)

    def _give_up(self, wait: _Wait) -> None:
        """Stop where nothing more happens before the horizon."""
        played = self._played
        if wait.reason is not None:
            played.waits[wait.reason] += self._horizon - self._now
        played.finish, played.left = NEVER, self._new + self._waiting
        if wait.until == NEVER:
            played.stopped_by = "window"
