"""Kinds of check that look at the plan itself, where any of its calls goes to the country."""

from collections.abc import Callable, Iterator
from datetime import timedelta

from orchestrator.model.diagnostic import Span
from orchestrator.model.frozen import frozen
from orchestrator.plan.compliance.watches import AnyCall
from orchestrator.plan.rules.rule import CallWatch, RuledPlan, Told


@frozen
class PlanIs:
    """The plan itself is not as it should be: `tell` says how, given how many of its calls go to the country."""

    tell: Callable[[RuledPlan, int], Iterator[Told]]

    def watch(self, plan: RuledPlan, regions: tuple[str, ...]) -> CallWatch:
        """Return what waits for a call to the country."""
        return AnyCall(regions, lambda count: self.tell(plan, count))


@frozen
class ListsAreFresh:
    """A list that keeps people from being rung was scrubbed at most so many `days` ago, or says nothing of it."""

    days: int
    register: str

    def watch(self, plan: RuledPlan, regions: tuple[str, ...]) -> CallWatch:
        """Return what waits for a call to the country."""
        return AnyCall(regions, lambda _count: self._tell(plan))

    def _tell(self, plan: RuledPlan) -> Iterator[Told]:
        today = plan.today
        for mark in plan.scrubs:
            if mark.day is None:
                continue
            age = (today - mark.day).days
            source = f" against {mark.source}" if mark.source else ""
            places = (mark.span,) if mark.span is not None else ()
            if age > self.days:
                most = f"{self.days} days are the most"
                message = f"the list `{mark.name}` was scrubbed{source} {age} days ago, and {most}"
                yield Told(message, f"compare it with {self.register} again, and renew its `# scrubbed:` line", places)
            elif mark.day > today + timedelta(days=1):  # a day may have begun elsewhere
                message = f"the list `{mark.name}` was scrubbed{source} on {mark.day}, which is still to come"
                yield Told(message, "correct its `# scrubbed:` line: the day is year, month and day", places)


@frozen
class ListsAreMarked:
    """Some list says when it was scrubbed, so that its age can be told."""

    register: str

    def watch(self, plan: RuledPlan, regions: tuple[str, ...]) -> CallWatch:
        """Return what waits for a call to the country."""
        return AnyCall(regions, lambda _count: self._tell(plan))

    def _tell(self, plan: RuledPlan) -> Iterator[Told]:
        unmarked = [mark for mark in plan.scrubs if mark.day is None and not mark.is_unreadable]
        if unmarked and len(unmarked) == len(plan.scrubs):
            places: tuple[Span, ...] = tuple(mark.span for mark in unmarked[:1] if mark.span is not None)
            message = f"no list says when it was compared with {self.register}"
            yield Told(message, "put a line such as `# scrubbed: 2026-11-20 ncpr` above the list's first one", places)
