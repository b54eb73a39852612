"""Judges one plan by all rules, and each finding by what the repository and the plan say of its rule."""

import time
from collections.abc import Iterable, Iterator
from dataclasses import replace

from orchestrator.model.call import Field, SkippedRow
from orchestrator.model.diagnostic import Diagnostic, Span, Waiver, error, note
from orchestrator.model.target import Target
from orchestrator.plan.findings import is_skipped_row, line_excerpt
from orchestrator.plan.lists.scrub import ScrubMark
from orchestrator.plan.resolve import ResolvedBlock
from orchestrator.plan.rules.registry import OF_SEVERAL_PLANS, RULES, SWITCHED, not_switched
from orchestrator.plan.rules.rule import CallWatch, Rule, RuledPlan
from orchestrator.plan.rules.settings import NO_SETTINGS, RuleSettings

_SAMPLE_USED = "sample-used"


class RuleBook:
    """The rules that one plan is judged by. `target` None: where it will be dialed is not known.

    `at`: the moment for which plans are judged, in epoch seconds; None is now.
    """

    def __init__(
        self, settings: RuleSettings = NO_SETTINGS, target: Target | None = None, at: float | None = None
    ) -> None:
        self.settings = settings
        self.target = target
        self.at = time.time() if at is None else at
        self._rules = tuple(rule for rule in RULES if settings.is_on(rule.id))
        self._about = frozenset(name for rule in self._rules for name in rule.about)
        self._plan: RuledPlan | None = None
        self._waivers: dict[str, Waiver] = {}
        self._used: set[Waiver] = set()
        self._is_whole = True  # nothing kept any rule from seeing all of the plan

    def of_plan(self, plan: RuledPlan) -> Iterator[Diagnostic]:
        """Take the plan, and yield what is wrong with its waivers and what the rules tell of the plan itself."""
        self._plan = plan
        today = plan.today.isoformat()
        yield from waiver_problems(plan, today)
        for waiver in plan.policy.waive:
            if waiver.until >= today:
                self._waivers.setdefault(waiver.rule, waiver)
        for rule in self._rules:
            yield from map(rule.finding, () if rule.of_plan is None else rule.of_plan(plan))

    def know_lists(self, scrubs: tuple[ScrubMark, ...]) -> None:
        """Take how old the lists are that the target names: the rules judge them beside the plan's."""
        if self._plan is not None:
            own = tuple(mark for mark in self._plan.scrubs if mark not in scrubs)
            self._plan = replace(self._plan, scrubs=(*own, *scrubs))

    def matters(self, parameter: str) -> bool:
        """Whether some rule tells of this parameter, beside others or without them."""
        return parameter in self._about

    def of_parameters(self, fields: Iterable[Field]) -> Iterator[tuple[str, Diagnostic]]:
        """Yield (parameter, finding without a place) for the parameters of a call."""
        values = {field.name: field.value for field in fields}
        for rule in self._rules:
            if rule.of_parameters is not None and not rule.about.isdisjoint(values):
                for told in rule.of_parameters(values, self.target):
                    yield told.parameter, Diagnostic(rule.id, rule.severity, told.message, hint=told.hint)

    def of_calls(self, items: Iterable[ResolvedBlock], *, reported_before: bool) -> Iterator[ResolvedBlock]:
        """Yield the calls of the plan as they come, and among them what is told of them.

        `reported_before`: the rules were asked about the same calls, and need not be again.
        """
        watching = () if reported_before else tuple(self._watching())
        for item in items:
            if isinstance(item, Diagnostic):
                yield from self.judged((item,))
                continue
            if not isinstance(item, SkippedRow):
                for rule, watch in watching:
                    yield from self.judged(map(rule.finding, watch.take(item)))
            yield item
        for rule, watch in watching:
            yield from self.judged(map(rule.finding, watch.end()))
        if self._is_whole and self._plan is not None and not reported_before:
            yield from idle_waivers(self._plan, self._used, self._untold())

    def _watching(self) -> Iterator[tuple[Rule, CallWatch]]:
        for rule in self._rules:
            if self._plan is not None and rule.of_calls is not None:
                yield rule, rule.of_calls(self._plan)

    def _untold(self) -> frozenset[str]:
        """Return the rules that may have something to tell of this plan elsewhere."""
        of_targets = (rule.id for rule in RULES if rule.needs_target and self.target is None)
        return frozenset((*of_targets, *OF_SEVERAL_PLANS))

    def judged(self, findings: Iterable[Diagnostic]) -> Iterator[Diagnostic]:
        """Yield findings with the severity that the repository gives their rules, and their waivers; no ignored ones.

        An error, a row that is left out, and what is told of a command and not of a plan stay as they are.
        """
        for found in findings:
            self._is_whole = self._is_whole and not found.is_error and found.id != _SAMPLE_USED
            if found.is_error or found.id not in SWITCHED or is_skipped_row(found):
                yield found
            elif self.settings.is_on(found.id):
                severity, waiver = self.settings.severity.get(found.id), self._waivers.get(found.id)
                if waiver is not None:
                    self._used.add(waiver)
                is_plain = severity is None and waiver is None
                yield found if is_plain else replace(found, severity=severity or found.severity, waiver=waiver)


def waiver_problems(plan: RuledPlan, today: str) -> Iterator[Diagnostic]:
    """Refuse waivers of what is no rule, and those whose day is over."""
    for position, waiver in enumerate(plan.policy.waive):
        if waiver.rule not in SWITCHED:
            yield not_switched(waiver.rule, _place(plan, position, "rule"))
        elif waiver.until < today:
            message = (
                f"the waiver of `{waiver.rule}` ended on {waiver.until}: {line_excerpt(waiver.owner)} answers for it"
            )
            hint = "mend what the rule tells and remove the waiver, or have its owner set another day"
            yield error("waiver-expired", message, _place(plan, position, "until"), hint=hint)


def idle_waivers(plan: RuledPlan, used: set[Waiver], untold: frozenset[str]) -> Iterator[Diagnostic]:
    """Tell of waivers that have waived nothing, but of rules that may be `untold` here."""
    told = SWITCHED - untold
    for position, waiver in enumerate(plan.policy.waive):
        if waiver not in used and waiver.rule in told:
            message = f"the waiver of `{waiver.rule}` waives nothing: the rule has nothing to tell of this plan"
            hint = "remove it: it would hide what comes later"
            yield note("waiver-idle", message, _place(plan, position, "rule"), hint=hint)


def _place(plan: RuledPlan, position: int, key: str) -> Span:
    return plan.place("policy", "waive", position, key)
