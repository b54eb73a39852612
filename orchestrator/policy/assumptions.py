"""What an estimate assumes of attempts: how often they end how, how long people ring and talk, what it costs. Pure."""

import math
import re
from collections.abc import Mapping
from dataclasses import replace

from orchestrator.model.forecast import Assumption, Range
from orchestrator.model.frozen import frozen
from orchestrator.model.outcome import Ending
from orchestrator.model.target import Rates
from orchestrator.policy.estimate import Outcome
from orchestrator.policy.units import parse_duration

SHARES = {
    Ending.COMPLETED: 0.55,
    Ending.NO_ANSWER: 0.18,
    Ending.BUSY: 0.10,
    Ending.AGENT_NO_ANSWER: 0.09,
    Ending.FAILED: 0.06,
    Ending.CANCELED: 0.02,
}
"""How first attempts end where nothing else is known: a guess from vendors' figures, which are indicative only."""
ANSWER = Range(0.45, 0.65)
TALK = Range(30.0, 120.0)
"""Seconds of a conversation where nothing else is known."""
RING = Range(5.0, 12.0)
"""Seconds that a leg rings until it is answered where nothing else is known."""
RING_UNSET = 30.0
"""Seconds that a leg rings which nobody answers, where the call's TimeOut is not set: a guide's figure, unconfirmed."""
TONE = 2.5
"""Seconds after which a call ends that meets a busy or a dead line."""

GUESS = "a guess"
GIVEN = "--assume"
NAMES = {"answer": Ending.COMPLETED, **{ending.value: ending for ending in SHARES if ending is not Ending.COMPLETED}}
"""The shares that a user may name, by what they are called there."""
_SHARE = re.compile(r"([0-9]{1,3}(?:\.[0-9]{1,6})?)\s?%\Z")


@frozen
class Assumed:
    """What is assumed. `shares` sum to 1, as they are expected; `answer` is the range of the share that is answered.

    `talk` and `ring` are in seconds on average; by chance a talk is longer or shorter, by `swing` at most. `prices` are
    what an attempt with such an ending costs, where only earlier calls say so. `sources` says who says so, by name:
    `answer`, `talk`, `ring`.
    """

    shares: Mapping[Ending, float]
    answer: Range[float]
    talk: Range[float]
    ring: Range[float]
    prices: Mapping[Ending, float] | None = None
    sources: Mapping[str, str] | None = None
    swing: float = 0.0

    def listed(self) -> tuple[Assumption, ...]:
        """Return each by its name, for people to read and to change."""
        sources = self.sources or {}
        others = (
            Assumption(name, Range(share, share), True, sources.get("answer", GUESS))
            for name, ending in NAMES.items()
            if ending is not Ending.COMPLETED and (share := self.shares.get(ending, 0.0))
        )
        return (
            Assumption("answer", self.answer, True, sources.get("answer", GUESS)),
            *others,
            Assumption("talk", self.talk, False, sources.get("talk", GUESS)),
            Assumption("ring", self.ring, False, sources.get("ring", GUESS)),
        )

    def variants(self) -> tuple["Variant", ...]:
        """Return what is to be played: the corners of what is guessed, one where nothing is."""
        answers = dict.fromkeys((self.answer.low, self.answer.high))
        lengths = dict.fromkeys(((self.talk.low, self.ring.low, False), (self.talk.high, self.ring.high, True)))
        if self.talk.low == self.talk.high and self.ring.low == self.ring.high:
            lengths = dict.fromkeys([(self.talk.low, self.ring.low, False)])
        return tuple(
            Variant(with_answer(self.shares, answer), talk, ring, spread and self.talk.low < self.talk.high, self.swing)
            for answer in answers
            for talk, ring, spread in lengths
        )


@frozen
class Variant:
    """One set of assumptions without a range. `spread`: conversations differ widely, as they do between people."""

    shares: Mapping[Ending, float]
    talk: float
    ring: float
    spread: bool = False
    swing: float = 0.0

    def outcomes(
        self, patience: float, most: float, rates: Rates | None, prices: Mapping[Ending, float] | None
    ) -> tuple[Outcome, ...]:
        """Return the ways in which an attempt goes: a leg rings `patience` seconds at most, a talk lasts `most`."""
        ring, talk = min(self.ring, patience), min(self.talk, most)
        seconds = {
            Ending.COMPLETED: (2 * ring + talk, ring + talk, talk),
            Ending.NO_ANSWER: (ring + patience, patience, 0.0),
            Ending.BUSY: (ring + TONE, TONE, 0.0),
            Ending.FAILED: (ring + TONE, TONE, 0.0),
            Ending.CANCELED: (2 * ring, ring, 0.0),
            Ending.AGENT_NO_ANSWER: (patience, 0.0, 0.0),
        }
        found = []
        for ending, share in self.shares.items():
            lasts, first, second = seconds.get(ending, (ring, 0.0, 0.0))
            cost = self._charge(first, rates) + self._charge(second, rates)
            if rates is None:
                cost = (prices or {}).get(ending, 0.0)
            swing = min(talk if self.spread else self.swing, talk) if ending is Ending.COMPLETED else 0.0
            found.append(Outcome(ending.value, share, lasts, first, cost, swing))
        return tuple(found)

    def _charge(self, seconds: float, rates: Rates | None) -> float:
        """Return what a leg costs that lasts so long: by started pulses, of which a spread has more than its mean."""
        if rates is None or seconds <= 0:
            return 0.0
        pulses = 1 / (1 - math.exp(-rates.pulse / seconds)) if self.spread else math.ceil(seconds / rates.pulse)
        return pulses * float(rates.per_minute) * rates.pulse / 60


def guessed() -> Assumed:
    """Return what is assumed where nobody knows better."""
    return Assumed(SHARES, ANSWER, TALK, RING)


def with_answer(shares: Mapping[Ending, float], answer: float) -> Mapping[Ending, float]:
    """Return the shares with another one that is answered; the others keep their proportions."""
    rest = 1 - shares.get(Ending.COMPLETED, 0.0)
    others = {ending: share for ending, share in shares.items() if ending is not Ending.COMPLETED}
    if rest <= 0:
        others = {ending: share for ending, share in SHARES.items() if ending is not Ending.COMPLETED}
        rest = sum(others.values())
    return {Ending.COMPLETED: answer, **{ending: share / rest * (1 - answer) for ending, share in others.items()}}


class NoAssumption(ValueError):  # noqa: N818 - named for what it says
    """The text of an assumption means nothing; its own text says why."""


def read_assumptions(text: str) -> dict[str, float]:
    """Read `answer=45%,talk=60s,ring=8s`, also `busy=10%`. Raises NoAssumption."""
    found: dict[str, float] = {}
    for part in filter(None, (part.strip() for part in text.split(","))):
        name, separator, value = (piece.strip() for piece in part.partition("="))
        if not separator or (name not in NAMES and name not in ("talk", "ring")):
            known = ", ".join((*NAMES, "talk", "ring"))
            raise NoAssumption(f"`{part}` is no assumption; write NAME=VALUE, where NAME is one of {known}")
        if name in found:
            raise NoAssumption(f"`{name}` is assumed twice")
        found[name] = _seconds(name, value) if name in ("talk", "ring") else _share(name, value)
    total = sum(found.get(name, 0.0) for name in NAMES)
    if total > 1 + 1e-9:
        raise NoAssumption(f"the shares come to {total * 100:.6g}%, and no more than all attempts can end")
    return found


def _share(name: str, value: str) -> float:
    match = _SHARE.match(value)
    if match is None or float(match[1]) > 100:
        raise NoAssumption(f"`{name}={value}`: a share is written as 45%, from 0% to 100%")
    return float(match[1]) / 100


def _seconds(name: str, value: str) -> float:
    seconds = parse_duration(value)
    if seconds is None:
        raise NoAssumption(f"`{name}={value}`: a duration is written as 60s, 90s or 2m")
    return seconds


def with_given(base: Assumed, given: Mapping[str, float]) -> Assumed:
    """Return the assumptions with those that the user gave; shares that were not named share what is left."""
    sources = dict(base.sources or {})
    named = {ending: given[name] for name, ending in NAMES.items() if name in given}
    if named:
        free = {ending: share for ending, share in base.shares.items() if share and ending not in named}
        free = free or {ending: share for ending, share in SHARES.items() if ending not in named}
        rest, left = sum(free.values()), 1 - sum(named.values())
        shares = {**{ending: share / rest * left for ending, share in free.items()}, **named}
        shares = {ending: share / sum(shares.values()) for ending, share in shares.items() if share > 0}
        answer = shares.get(Ending.COMPLETED, 0.0)
        base = replace(base, shares=shares, answer=Range(answer, answer))
        sources["answer"] = GIVEN
    talk, ring = (Range(given[name], given[name]) if name in given else None for name in ("talk", "ring"))
    sources |= {name: GIVEN for name in ("talk", "ring") if name in given}
    swing = 0.0 if talk else base.swing
    return replace(base, talk=talk or base.talk, ring=ring or base.ring, sources=sources, swing=swing)
