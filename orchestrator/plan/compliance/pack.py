"""What a pack is: the rules of one country as dated facts, each with its source, and the kind of check that judges it.

The facts are declared in Python, beside each other, and not in files of data: they are checked when the program is, and
take no time to be read when it starts.
"""

from collections.abc import Iterator, Mapping
from dataclasses import field
from datetime import date
from typing import Literal, Protocol

from orchestrator.model.diagnostic import Severity
from orchestrator.model.frozen import frozen
from orchestrator.plan.rules.rule import CallWatch, Rule, RuledPlan, Told

Confidence = Literal["high", "medium", "low"]
"""high: a primary text, or several sources that agree; medium: one decent source; low: a vendor's page, or less."""

COUNSEL = "no legal advice: check with counsel"

NOTICE = "StartPlaybackValue: https://media.acme.example/notice.wav"
"""What announces a recording, for examples."""

PURPOSES = ("transactional", "service", "promotional", "recovery", "survey")


@frozen
class Effect:
    """From when until when a rule holds, both days included; None without a bound. `words` are as the source has it."""

    since: date | None = None
    until: date | None = None
    words: str = "as long as known"

    def holds(self, day: date) -> bool:
        """Whether the rule holds on a day."""
        return (self.since is None or self.since <= day) and (self.until is None or day <= self.until)


ALWAYS = Effect()


class Check(Protocol):
    """A kind of check, with what one rule asks: it makes what watches the calls of a plan."""

    def watch(self, plan: RuledPlan, regions: tuple[str, ...]) -> CallWatch:
        """Return what takes the calls and tells of those in some countries."""


@frozen
class PackRule:
    """One rule of some countries, by their two letters, which holds for plans of some `purposes`."""

    id: str
    regions: tuple[str, ...]
    purposes: tuple[str, ...]
    severity: Severity
    what: str
    why: str
    source: str
    confidence: Confidence
    check: Check
    bad: str
    good: str
    effect: Effect = ALWAYS
    files: Mapping[str, str] = field(default_factory=dict)

    def rule(self, checked: date) -> Rule:
        """Return it as a rule like all others; `checked` is the day on which its source was read."""
        facts = (
            ("Countries", ", ".join(self.regions)),
            ("Purposes", ", ".join(self.purposes)),
            ("In force", self.effect.words),
            ("Confidence", f"{self.confidence}; read on {checked}; {COUNSEL}"),
        )
        return Rule(
            *(self.id, self.severity, self.what, self.why, self.bad, self.good, self.source, facts, self.files),
            of_calls=self._watch,
        )

    def _watch(self, plan: RuledPlan) -> CallWatch:
        if plan.purpose not in self.purposes or not self.effect.holds(plan.today):
            return _NOTHING
        return self.check.watch(plan, self.regions)


class _Nothing:
    """Watches a plan that a rule is not about."""

    def take(self, _calls: object) -> Iterator[Told]:
        return iter(())

    def end(self) -> Iterator[Told]:
        return iter(())


_NOTHING = _Nothing()
