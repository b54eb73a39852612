"""Judges one plan by all rules: its text once, the parameters of its calls once for all alike, its calls in blocks."""

from collections.abc import Iterable, Iterator
from dataclasses import dataclass

from orchestrator.model.call import Field, SkippedRow
from orchestrator.model.diagnostic import Diagnostic
from orchestrator.model.target import Target
from orchestrator.plan.resolve import ResolvedBlock
from orchestrator.plan.rules.registry import RULES
from orchestrator.plan.rules.rule import Rule, RuledPlan


@dataclass(frozen=True, slots=True)
class RuleBook:
    """The rules that one plan is judged by. `target` None: where it will be dialed is not known."""

    target: Target | None = None
    rules: tuple[Rule, ...] = RULES

    def of_plan(self, plan: RuledPlan) -> Iterator[Diagnostic]:
        """Yield what the rules tell of the plan itself."""
        for rule in self.rules:
            yield from map(rule.finding, () if rule.of_plan is None else rule.of_plan(plan))

    def matters(self, parameter: str) -> bool:
        """Whether some rule tells of this parameter, beside others or without them."""
        return any(parameter in rule.about for rule in self.rules)

    def of_parameters(self, fields: Iterable[Field]) -> Iterator[tuple[str, Diagnostic]]:
        """Yield (parameter, finding without a place) for the parameters of a call."""
        values = {field.name: field.value for field in fields}
        for rule in self.rules:
            if rule.of_parameters is not None and not rule.about.isdisjoint(values):
                for told in rule.of_parameters(values, self.target):
                    yield told.parameter, Diagnostic(rule.id, rule.severity, told.message, hint=told.hint)

    def of_calls(self, plan: RuledPlan | None, items: Iterable[ResolvedBlock]) -> Iterator[ResolvedBlock]:
        """Yield the calls of a plan as they come, and among them what the rules tell of them."""
        rules = [(rule, rule.of_calls(plan)) for rule in self.rules if plan is not None and rule.of_calls is not None]
        for item in items:
            if not isinstance(item, Diagnostic | SkippedRow):
                for rule, watch in rules:
                    yield from map(rule.finding, watch.take(item))
            yield item
        for rule, watch in rules:
            yield from map(rule.finding, watch.end())


ALL_RULES = RuleBook()
"""What judges a plan where nothing says otherwise."""
