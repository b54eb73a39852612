"""Forecasts the run of a plan under review: when it would be over, how long people talk, what it costs."""

import math
import statistics
from collections import Counter
from collections.abc import Callable, Mapping, Sequence
from dataclasses import replace
from typing import TypeVar

from orchestrator.app.planned import PlannedCalls
from orchestrator.app.review import rules_of
from orchestrator.app.survey import Kind, Survey
from orchestrator.journal.past_calls import NO_CALLS, PastCalls
from orchestrator.journal.views.view import View
from orchestrator.model.background import CostEstimate
from orchestrator.model.call import BRIDGE_LEGS, CallTimes
from orchestrator.model.forecast import Forecast, Foretold, Range
from orchestrator.model.frozen import frozen
from orchestrator.model.outcome import Ending
from orchestrator.model.policy import Limits, Policy
from orchestrator.model.target import Rates, Target
from orchestrator.plan.targets import SANDBOX
from orchestrator.policy.assumptions import RING_UNSET, Assumed, guessed, with_given
from orchestrator.policy.estimate import Batch, Outcome, Played, Work, plays
from orchestrator.policy.limits import NO_USAGE, Usage, need, spent
from orchestrator.policy.may_start import NEVER, Rules
from orchestrator.policy.pace import Cap
from orchestrator.sandbox.script import SCENARIOS

Number = TypeVar("Number", int, float)

ENOUGH_CALLS = 20
"""Ended attempts of the journal from which on they are believed rather than a guess."""
SURE = 1.64
"""Standard errors to either side of a mean in which the true one lies in nine of ten cases."""
BEYOND = 0.05
"""The share of runs that lie below a range, and of those above it."""
MOST_BATCHES = 500
"""Different times at which calls may start that are told apart."""


MOST_ZONES = 50
"""Groups of zones, the largest, whose hours an estimate looks at."""


NOTHING = Kind(CallTimes(), RING_UNSET, 0.0, 0)
"""What stands for the calls where none is to be dialed."""


def forecast(calls: PlannedCalls, survey: Survey, view: View | None, given: Mapping[str, float]) -> Forecast:
    """Forecast a run from the moment of the review on. `view` is the journal's, `given` what the user assumes."""
    target, account = calls.target, calls.account
    past = NO_CALLS if view is None or account is None else view.plans.past_calls(account, calls.plan.name)
    assumed = with_given(_assumed(target, past), given)
    money = _Money.of(target, past)
    hours = _Hours(rules_of(calls.plan.policy, target), survey.work)
    rests = _Rest.of(calls, hours.by_zone(survey.work, calls.at), survey, view)
    played = [
        plays(calls.at, work, hours.opens)
        for work in (
            _work(calls, rests, variant.outcomes(rests.patience, rests.longest, target.rates, past.prices))
            for variant in assumed.variants()
        )
    ]
    most = max((each for variant in played for each in variant), key=lambda each: each.left)
    costs = _range(played, lambda each: round(each.cost, 2))
    return Forecast(
        starts=_range(played, lambda each: each.starts),
        first_ring=_moments(played, lambda each: each.first),
        last_ring=_moments(played, lambda each: each.last),
        finish=_moments(played, lambda each: each.finish if each.starts else NEVER),
        minutes=_range(played, lambda each: round(each.duration / 60, 1)),
        cost=costs if money.currency is not None or not most.starts else None,
        currency=money.currency,
        cost_from=money.source,
        waits=_waits(played, is_by_zone=hours.are_apart),
        left=_range(played, lambda each: each.left),
        left_because=most.stopped_by,
        assumptions=assumed.listed(),
        by_chance=any(len(variant) > 1 for variant in played),
    )


def expected_cost(target: str, rates: Rates | None, policy: Policy, calls: int, past: PastCalls) -> CostEstimate | None:
    """Return what so many calls, none dialed yet, were expected to cost on a target; None where nobody knew prices.

    It rests on what `plan` rests on, as far as the journal keeps it: `rates` of the target, what was known of the
    plan's calls before, else a guess; a leg rings as long as where TimeOut is not set.
    """
    asked = replace(SANDBOX, rates=rates) if target == SANDBOX.name else replace(SANDBOX, kind="exotel", rates=rates)
    assumed, money = _assumed(asked, past), _Money.of(asked, past)
    if money.currency is None or not calls:
        return None
    limits = replace(policy.limits, begins=None, until=None)
    played = [
        plays(
            0.0,
            Work(
                batches=(Batch(calls),),
                gap=0.0 if policy.pace is None else policy.pace.interval,
                slots=policy.concurrency,
                outcomes=variant.outcomes(RING_UNSET, math.inf, rates, past.prices),
                policy=replace(policy, limits=limits),
            ),
            lambda moment: moment,
        )
        for variant in assumed.variants()
    ]
    found = _range(played, lambda each: round(each.cost, 2))
    return CostEstimate(found.low, found.high, money.currency, money.source)


class _Hours:
    """When somebody may be rung: where windows are meant in the callee's zone, as soon as in any of those zones."""

    def __init__(self, rules: Rules, work: Counter[Kind]) -> None:
        self._rules, self._times = rules, _commonest(work).times
        counted: Counter[tuple[str, ...]] = Counter()
        for kind, count in work.items():
            counted[kind.zones] += count
        self._groups = [zones for zones, _ in counted.most_common(MOST_ZONES)] or [()]
        self._closed: dict[tuple[str, ...], tuple[float, float]] = {}

    def by_zone(self, work: Counter[Kind], now: float) -> Counter[Kind]:
        """Return the calls so that those whom a window opens later than the first wait for it at the start."""
        first, found = self.opens(now), Counter[Kind]()
        for kind, count in work.items():
            opens = self._opens(kind.zones, now)
            found[replace(kind, at=max(kind.at, opens)) if first < opens < NEVER else kind] += count
        return found

    @property
    def are_apart(self) -> bool:
        """Whether the windows of some people open at other times than those of others."""
        return len(self._groups) > 1

    def opens(self, moment: float) -> float:
        """Return the first moment from one on at which somebody may be rung, NEVER if none comes."""
        first = NEVER
        for zones in self._groups:
            first = min(first, self._opens(zones, moment))
            if first == moment:
                break
        return first

    def _opens(self, zones: tuple[str, ...], moment: float) -> float:
        """Ask the rules, and remember until when a group's windows stay closed: each step of an estimate asks."""
        since, until = self._closed.get(zones, (NEVER, NEVER))
        if since <= moment < until:
            return until
        found = self._rules.opens(self._times, moment, zones)
        if found > moment:
            self._closed[zones] = moment, found
        return found


def _work(calls: PlannedCalls, rests: "_Rest", outcomes: Sequence[Outcome]) -> Work:
    policy, target = calls.plan.policy, calls.target
    caps = [Cap("account", target.pace), *([Cap("plan", policy.pace)] if policy.pace else [])]
    slots = policy.concurrency if target.legs is None else min(policy.concurrency, max(1, target.legs // BRIDGE_LEGS))
    return Work(
        batches=rests.batches,
        gap=max(cap.gap for cap in caps),
        slots=slots,
        outcomes=outcomes,
        policy=policy,
        busiest=rests.busiest,
        dialed=rests.dialed,
        used=rests.used,
        most=need(rests.commonest.times, target.rates, is_first=True),
    )


@frozen
class _Rest:
    """What is left to dial, and how far the edition is. `longest` is the most seconds that a talk may last."""

    batches: tuple[Batch, ...]
    commonest: Kind
    patience: float
    longest: float
    busiest: float
    dialed: int
    used: Usage

    @classmethod
    def of(cls, calls: PlannedCalls, work: Counter[Kind], survey: Survey, view: View | None) -> "_Rest":
        """Gather it from what was found of all calls, and from the journal."""
        total, commonest = work.total(), _commonest(work)
        dialed, used = _so_far(calls, view)
        return cls(
            batches=_batches(work),
            commonest=commonest,
            patience=_mean(work, lambda kind: kind.patience) or commonest.patience,
            longest=_mean(work, lambda kind: float(kind.times.talk_seconds)) or math.inf,
            busiest=max(survey.agents.values(), default=0) / total if total else 0.0,
            dialed=dialed,
            used=used,
        )


def _so_far(calls: PlannedCalls, view: View | None) -> tuple[int, Usage]:
    """Return how many calls of the edition its stages count as dialed, and what its limits count as used up."""
    policy, account = calls.plan.policy, calls.account
    usage = None if view is None or account is None else view.plans.usage(account, calls.plan.name, calls.edition)
    if usage is None or not (policy.stages or policy.limits != Limits()):
        return 0, NO_USAGE
    rung, rejected, _ = usage.dialed()
    used = spent(usage.spent(), calls.target.rates)
    return rung + rejected, Usage(rung, usage.attempts(), used.seconds, used.cost)


def _commonest(work: Counter[Kind]) -> Kind:
    return work.most_common(1)[0][0] if work else NOTHING


def _batches(work: Mapping[Kind, int]) -> tuple[Batch, ...]:
    """Return the calls by when they may start and how often they rang; of very many times, the later of several."""
    found: Counter[tuple[int, float]] = Counter()
    for kind, count in work.items():
        found[kind.rung, kind.at] += count
    merged: list[Batch] = []
    several = math.ceil(len(found) / MOST_BATCHES)
    for place, ((rung, at), count) in enumerate(sorted(found.items())):
        if place % several and merged[-1].rung == rung:
            merged[-1] = Batch(merged[-1].count + count, at, rung)
        else:
            merged.append(Batch(count, at, rung))
    return tuple(merged)


def _mean(work: Mapping[Kind, int], value: Callable[[Kind], float]) -> float:
    total = sum(work.values())
    return sum(value(kind) * count for kind, count in work.items()) / total if total else 0.0


@frozen
class _Money:
    """Who says what a call costs, and in which currency; None where nobody does."""

    currency: str | None
    source: str

    @classmethod
    def of(cls, target: Target, past: PastCalls) -> "_Money":
        """Ask the target's rates first, then the journal."""
        if target.rates is not None:
            return cls(target.rates.currency, "the target's rates")
        if past.currency is not None:
            return cls(past.currency, f"the prices of {past.count:,} calls of this plan in the journal")
        return cls(None, "the target has no `rates`, and the journal no prices of this plan's calls")


def _assumed(target: Target, past: PastCalls) -> Assumed:
    """Return what is known best: the journal's own calls of the plan, the sandbox's scenario, or a guess."""
    base = guessed() if target.is_live else _of_scenario(target)
    if past.count < ENOUGH_CALLS:
        return base
    shares = {ending: count / past.count for ending, count in past.endings.items()}
    answered = shares.get(Ending.COMPLETED, 0.0)
    doubt = SURE * math.sqrt(answered * (1 - answered) / past.count)
    words = f"{past.count:,} calls of this plan in the journal"
    sources = {**(base.sources or {}), "answer": words}
    talk = base.talk
    if len(past.talks) >= ENOUGH_CALLS:
        mean, error = statistics.fmean(past.talks), statistics.stdev(past.talks) / math.sqrt(len(past.talks))
        talk = Range(max(0.0, mean - SURE * error), mean + SURE * error)
        sources["talk"] = words
    answer = Range(max(0.0, answered - doubt), min(1.0, answered + doubt))
    return Assumed(shares, answer, talk, base.ring, past.prices, sources)


def _of_scenario(target: Target) -> Assumed:
    """Return how people behave in the sandbox: no guess, since the scenario says so."""
    scenario = SCENARIOS[target.scenario]
    total = sum(scenario.weights.values())
    shares = {ending: weight / total for ending, weight in scenario.weights.items()}
    answer, talk = shares.get(Ending.COMPLETED, 0.0), statistics.fmean(scenario.talks)
    ring = statistics.fmean((*scenario.agent_rings, *scenario.customer_rings))
    words = f"the sandbox's scenario {target.scenario}"
    sources = dict.fromkeys(("answer", "talk", "ring"), words)
    swing = (scenario.talks[1] - scenario.talks[0]) / 2
    return Assumed(shares, Range(answer, answer), Range(talk, talk), Range(ring, ring), None, sources, swing)


_Runs = Sequence[Sequence[Played]]
"""How runs went that were played through, of each set of assumptions."""


def _range(played: _Runs, value: Callable[[Played], Number]) -> Foretold[Number]:
    """Return between which values nine of ten runs come out, from the least set of assumptions to the greatest."""
    ends: list[tuple[Number, Number]] = []
    expected = statistics.fmean(value(each) for runs in played for each in runs)
    for runs in played:
        found = sorted(map(value, runs))
        beyond = int(len(found) * BEYOND)
        ends.append((found[beyond], found[-1 - beyond]))
    return Foretold(min(low for low, _ in ends), max(high for _, high in ends), round(expected, 2))


def _moments(played: _Runs, value: Callable[[Played], float]) -> Foretold[float | None]:
    """Return the earliest and the latest of some moments, to the second; None for one that does not come."""
    found = _range(played, value)
    moments = found.low, found.high, found.expected or 0.0
    return Foretold(*(float(round(moment)) if moment < NEVER else None for moment in moments))


def _waits(played: _Runs, *, is_by_zone: bool) -> dict[str, Foretold[float]]:
    """Return what is waited for, and how long; `is_by_zone`: for a window as for a `not_before`."""
    every = [each.waits for runs in played for each in runs]
    for waits in every:
        if is_by_zone and "not_before" in waits:
            waits["window"] += waits.pop("not_before")
    names = dict.fromkeys(name for waits in every for name in waits)
    return {name: _range(played, lambda each, name=name: float(round(each.waits.get(name, 0.0)))) for name in names}  # type: ignore[misc]
