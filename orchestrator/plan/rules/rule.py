"""What a rule is: its id, how much it matters, its documentation with two examples, and what judges a plan by it."""

from collections.abc import Callable, Iterable, Iterator, Mapping
from dataclasses import field
from datetime import UTC, date, datetime
from typing import TYPE_CHECKING, NamedTuple, Protocol, TypeAlias

from orchestrator.model.call import ResolvedCall
from orchestrator.model.diagnostic import Diagnostic, Severity, Span
from orchestrator.model.frozen import frozen
from orchestrator.model.policy import CALLEE, Policy, Window
from orchestrator.model.target import Target
from orchestrator.plan.lists.scrub import ScrubMark
from orchestrator.plan.yaml.nodes import MappingNode, Node, SequenceNode

if TYPE_CHECKING:
    from orchestrator.model.page import Page
    from orchestrator.plan.call_block import CallBlock

Values: TypeAlias = Mapping[str, str | tuple[str, ...]]
"""The carrier parameters of one call, by their names in the table."""


@frozen
class RuledPlan:
    """What a rule may know of a plan whose policy could be read. `target` None: where it will be dialed is not known.

    `purpose` None: the plan names none. `scrubs` say how old the lists are that its policy names, and its target. `at`
    is the moment for which it is judged, in epoch seconds.
    """

    document: MappingNode
    policy: Policy
    purpose: str | None = None
    target: Target | None = None
    scrubs: tuple[ScrubMark, ...] = ()
    at: float = 0.0

    @property
    def today(self) -> date:
        """The day for which it is judged, where its people are rung; in UTC where nothing tells."""
        zone = next((each.timezone for each in self.policy.windows if each.timezone != CALLEE), None)
        if zone is None:
            return datetime.fromtimestamp(self.at, UTC).date()
        from zoneinfo import ZoneInfo

        return datetime.fromtimestamp(self.at, ZoneInfo(zone)).date()

    @property
    def window_sets(self) -> tuple[tuple[Window, ...], ...]:
        """The hours that must all be open for a call to start: the plan's, and those of a target that is known."""
        return (self.policy.windows, () if self.target is None else self.target.guardrails.windows)

    def place(self, *path: str | int) -> Span:
        """Return the place of a key's value, or of an item of a list; of the nearest one around it that is there."""
        node: Node = self.document
        for step in path:
            inner: Node | None = None
            if isinstance(step, str) and isinstance(node, MappingNode):
                inner = node.get(step)
            elif isinstance(step, int) and isinstance(node, SequenceNode) and step < len(node.items):
                inner = node.items[step]
            if inner is None:
                break
            node = inner
        return node.span


@frozen
class Told:
    """What a rule has to tell, at places of the plan or its data: one finding, of however many calls it is."""

    message: str
    hint: str
    spans: tuple[Span, ...] = ()


class ToldOfParameter(NamedTuple):
    """What a rule has to tell of a parameter that is set: at its place in the plan, once for all calls it decides."""

    parameter: str
    message: str
    hint: str


MANY_CALLS = 50
"""Calls from which on nobody watches each of them, so that what one of them may do is worth a word."""

MANY_ROWS = "n,phone,agent\n" + "".join(f"{n},+9199000{n:05},+9180691{n:05}\n" for n in range(MANY_CALLS))
"""Rows of so many calls, each of an agent of its own, for examples."""

LIVE_TARGET = "kind: exotel\naccount: acme1\n"
"""The beginning of a target file, for examples."""


def how_many(calls: "CallBlock | ResolvedCall") -> int:
    """Return how many calls a watch is given at once."""
    return 1 if isinstance(calls, ResolvedCall) else len(calls)


class CallWatch(Protocol):
    """Takes the calls of one plan in their order, mostly a thousand of them at a time, and tells what it sees."""

    def take(self, calls: "CallBlock | ResolvedCall") -> Iterable[Told]:
        """Take what comes next; looked at by columns, since a plan has a million of them."""

    def end(self) -> Iterable[Told]:
        """Tell what only all calls together show."""


@frozen
class Rule:
    """One rule.

    `what` says in one sentence what it tells of, `why` what follows from that and what to do; `source` names who says
    so, by the marks of docs/carrier.md. `bad` is a piece of a plan of which it tells, `good` one of which nothing is
    told, both beside the same `files`, a target file among them where it needs one. It judges by one of three: the
    parameters of a call (asked once for all calls that have the same of them; it tells of those in `about` only), what
    stands in the plan itself, or its calls. `needs_target`: without one it has nothing to tell.
    """

    id: str
    severity: Severity
    what: str
    why: str
    bad: str
    good: str
    source: str = ""
    facts: tuple[tuple[str, str], ...] = ()
    files: Mapping[str, str] = field(default_factory=dict)
    about: frozenset[str] = frozenset()
    of_parameters: Callable[[Values, Target | None], Iterator[ToldOfParameter]] | None = None
    of_plan: Callable[[RuledPlan], Iterator[Told]] | None = None
    of_calls: Callable[[RuledPlan], CallWatch] | None = None
    needs_target: bool = False

    def finding(self, told: Told) -> Diagnostic:
        """Return what it tells as a finding."""
        return Diagnostic(self.id, self.severity, told.message, told.spans, told.hint)

    def page(self) -> "Page":
        """Return its documentation."""
        from orchestrator.model.page import FINDING, Example, Page, Subject

        facts = (*self.facts, *((("Source", self.source),) if self.source else ()))
        good, bad = Example(self.good, files=self.files), Example(self.bad, self.id, self.files)
        standing = f"{FINDING}{self.severity.value}"
        return Page(Subject.FINDING, self.id, standing, self.what, self.why, facts, good=good, bad=bad)
