"""What one pass over a report's calls adds up to, in bounded memory however many they are."""

from collections import Counter
from collections.abc import Iterable
from dataclasses import dataclass, field
from datetime import datetime, tzinfo
from decimal import Decimal, InvalidOperation
from functools import lru_cache

from orchestrator.model.call import BRIDGE_LEGS
from orchestrator.model.outcome import Disposition, Ending, Leg, Placement, may_have_rung
from orchestrator.model.record import AttemptRecord, CallRecord
from orchestrator.policy.pace import INTENT_TO_FIRST_BYTE

MOST_SPANS = 20_000
"""Spans of time in which departures are counted apart; where a plan takes longer, two become one."""

MOST_AGENTS = 1_000
"""Different numbers that are rung first, of which figures are kept; those that come later are told together."""

MOST_SECONDS = 4 * 3600
"""Seconds up to which lengths are told apart."""

LAST_REDIAL = 6
"""The attempts of a call from this one on are told together."""

END_OF_TIME = 1_000 * 366 * 86_400
"""Epoch seconds from which on no time is taken for one: reckoned on from it, calendars would end."""

MOST_DIGITS = 15
"""Digits before the point of a price: none has more."""

OTHERS = ""
"""Stands for the agents of which no figures are kept."""

_ANSWERED = frozenset({"completed", "answered"})
"""What the carrier says of a leg that was answered."""


@dataclass(slots=True)
class Departures:
    """How many requests left in which `width` seconds, as far as the journal knows.

    An intent stands in the journal before its request leaves, at most `INTENT_TO_FIRST_BYTE` before, and the answer
    after it: a request left somewhere between these two. Whoever counts intents counts some of them in a second in
    which their requests only waited for their turn, and a run that kept its cap seems to have broken it.

    `counts` has them by the first and the last span in which each may have left; spans are whole widths since 1970.
    """

    width: int = 1
    counts: Counter[tuple[int, int]] = field(default_factory=Counter)

    def add(self, intent: float, answer: float | None) -> None:
        """Count a request by the epoch seconds of its intent and of its answer; None where that is not known."""
        latest = intent + INTENT_TO_FIRST_BYTE
        if answer is not None and intent <= answer < latest:
            latest = answer
        self.counts[int(intent // self.width), int(latest // self.width)] += 1
        while len(self.counts) > MOST_SPANS:
            self.width *= 2
            wider: Counter[tuple[int, int]] = Counter()
            for (begin, end), count in self.counts.items():
                wider[begin // 2, end // 2] += count
            self.counts = wider

    def by_span(self, most: int | None) -> Counter[int]:
        """Return how many requests left in each span, where a cap let `most` of them leave in one; None for no cap.

        What the journal leaves open is told by the cap: a request stands in the first span that has room for it. More
        than `most` stand in one only where they cannot all have left in others; without a cap each stands in its first.
        """
        told: Counter[int] = Counter()
        waiting: Counter[int] = Counter()
        coming = sorted(self.counts.items(), reverse=True)
        span = 0
        while coming or waiting:
            span = span + 1 if waiting else coming[-1][0][0]
            while coming and coming[-1][0][0] == span:
                (_, end), count = coming.pop()
                waiting[end] += count
            for end in sorted(waiting):
                left = waiting[end] if most is None or end <= span else min(waiting[end], max(0, most - told[span]))
                told[span] += left
                waiting[end] -= left
            waiting = +waiting
        return told


@dataclass(slots=True)
class AgentFigures:
    """What came of the calls of one From: of `rung` attempts that were accepted it answered `answered`."""

    calls: int = 0
    rung: int = 0
    answered: int = 0
    completed: int = 0
    talked: int = 0


@dataclass(slots=True)
class Figures:
    """All that is counted, of `every`-th call the record itself.

    A call counts as `dialed` by an attempt that may have rung, as `accepted` by one of which the carrier gave a Sid.
    `asked_by_hour` counts, by hour of the day, the attempts in which To was rung, `answered_by_hour` those in which it
    answered. `rings` and `talks` count by seconds. `asked_by_turn` counts attempts by whether they were the first of
    their call that may have rung, the second ...; `completed_by_turn` those that completed.
    """

    departures: Departures
    zone: tzinfo
    every: int = 1
    calls: int = 0
    dialed: int = 0
    accepted: int = 0
    from_answered: int = 0
    to_answered: int = 0
    attempts: int = 0
    asked_by_hour: Counter[int] = field(default_factory=Counter)
    answered_by_hour: Counter[int] = field(default_factory=Counter)
    rings: Counter[int] = field(default_factory=Counter)
    talks: Counter[int] = field(default_factory=Counter)
    asked_by_turn: Counter[int] = field(default_factory=Counter)
    completed_by_turn: Counter[int] = field(default_factory=Counter)
    agents: dict[str, AgentFigures] = field(default_factory=dict)
    cost: dict[str, Decimal] = field(default_factory=dict)
    priced: int = 0
    sample: list[CallRecord] = field(default_factory=list)

    def add(self, call: CallRecord) -> None:
        """Count one call."""
        if self.calls % self.every == 0:
            self.sample.append(call)
        self.calls += 1
        agent = self._agent(call.from_number)
        agent.calls += 1
        agent.completed += call.disposition is Disposition.COMPLETED
        turn, accepted, from_answered, to_answered = 0, False, False, False
        for attempt in call.attempts:
            self.attempts += 1
            self._time(attempt)
            self._price(attempt)
            if not may_have_rung(attempt.placement):
                continue
            turn += 1
            self.asked_by_turn[min(turn, LAST_REDIAL)] += 1
            self.completed_by_turn[min(turn, LAST_REDIAL)] += attempt.ending is Ending.COMPLETED
            if attempt.placement is Placement.ACCEPTED:
                accepted, (first, second) = True, answered(attempt)
                from_answered, to_answered = from_answered or first, to_answered or second
                agent.rung += 1
                agent.answered += first
                agent.talked += self._lengths(attempt, second)
        self.dialed += turn > 0
        self.accepted += accepted
        self.from_answered += from_answered
        self.to_answered += to_answered

    def _agent(self, number: str) -> AgentFigures:
        name = number if number in self.agents or len(self.agents) < MOST_AGENTS else OTHERS
        return self.agents.setdefault(name, AgentFigures())

    def _time(self, attempt: AttemptRecord) -> None:
        moment = epoch(attempt.started_at)
        if moment is not None and attempt.placement is not Placement.UNREACHED:
            self.departures.add(moment, epoch(attempt.placed_at))

    def _price(self, attempt: AttemptRecord) -> None:
        price = price_of(attempt)
        if price is not None:
            currency = attempt.currency or ""
            self.cost[currency] = self.cost.get(currency, Decimal(0)) + price
            self.priced += 1

    def _lengths(self, attempt: AttemptRecord, second: bool) -> int:
        """Count how long To rang, when, and how long it talked; return the latter."""
        talk = talked(attempt)
        if attempt.ending not in (None, Ending.UNSEEN, Ending.AGENT_NO_ANSWER):
            moment = epoch(attempt.placed_at or attempt.started_at)
            if moment is not None:
                hour = _hour(moment // 900, self.zone)
                self.asked_by_hour[hour] += 1
                self.answered_by_hour[hour] += second
        ring = rang(attempt)
        if ring is not None:
            self.rings[min(ring, MOST_SECONDS)] += 1
        if talk is not None:
            self.talks[min(talk, MOST_SECONDS)] += 1
        return talk or 0


def gathered(calls: Iterable[CallRecord], zone: tzinfo, every: int, width: int) -> Figures:
    """Pass over the calls once. Departures are counted for each `width` seconds or for a multiple of them."""
    figures = Figures(Departures(width), zone, every)
    for call in calls:
        figures.add(call)
    return figures


def answered(attempt: AttemptRecord) -> tuple[bool, bool]:
    """Return whether From answered, and To: as far as the carrier's words for the legs or the ending prove it."""
    legs = attempt.legs
    second = attempt.ending is Ending.COMPLETED or (len(legs) > 1 and _answered(legs[1]))
    return second or (len(legs) > 0 and _answered(legs[0])), second


def talked(attempt: AttemptRecord) -> int | None:
    """Return for how many seconds To was on the line; None where nobody answered or said so."""
    if attempt.ending is not Ending.COMPLETED:
        return None
    told = attempt.legs[1].duration if len(attempt.legs) > 1 else None
    return attempt.duration if told is None else told


def rang(attempt: AttemptRecord) -> int | None:
    """Return for how many seconds To rang: while From was on the line alone; None where the legs do not say so."""
    if len(attempt.legs) < BRIDGE_LEGS or attempt.legs[0].duration is None or not _answered(attempt.legs[0]):
        return None
    both = attempt.legs[1].duration or 0
    return max(0, attempt.legs[0].duration - both) if attempt.legs[1].status is not None else None


def price_of(attempt: AttemptRecord) -> Decimal | None:
    """Return what an attempt cost, as far as the carrier has told."""
    try:
        price = None if attempt.price is None else Decimal(attempt.price)
    except InvalidOperation:  # a damaged journal
        return None
    return price if price is not None and price.is_finite() and price.adjusted() < MOST_DIGITS else None


def epoch(text: str | None) -> float | None:
    """Return an RFC 3339 time as epoch seconds; None for none, and for what is no time of a run: a damaged journal."""
    try:
        moment = datetime.fromisoformat(text).timestamp() if text else None
    except (ValueError, OverflowError):
        return None
    return moment if moment is not None and 0 <= moment < END_OF_TIME else None


def quantile(counts: Counter[int], share: float) -> int:
    """Return the least length that so large a share of those counted does not exceed; 0 for none."""
    wanted, so_far = share * counts.total(), 0
    for length in sorted(counts):
        so_far += counts[length]
        if so_far >= wanted:
            return length
    return 0


def _answered(leg: Leg) -> bool:
    return (leg.status or "").lower() in _ANSWERED


@lru_cache(4096)
def _hour(quarter: float, zone: tzinfo) -> int:
    """Return the hour of a quarter of an hour since 1970: no zone's clock differs from UTC by less."""
    return datetime.fromtimestamp(quarter * 900, zone).hour
