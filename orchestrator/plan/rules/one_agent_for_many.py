"""Many calls that ring one agent first, with nothing to keep them apart."""

from collections import Counter
from collections.abc import Iterator

from orchestrator.exotel.call_fields import AGENT
from orchestrator.model.call import FieldColumn, ResolvedCall
from orchestrator.model.diagnostic import Severity
from orchestrator.phone.numbers import identity
from orchestrator.plan.call_block import CallBlock
from orchestrator.plan.rules.rule import MANY_CALLS, Rule, RuledPlan, Told, how_many

_MOST_AGENTS = 10_000
"""Spellings of numbers that are counted: of more agents none is the one for many."""


class _Watch:
    """Counts the calls of each agent, by how the number is written."""

    def __init__(self, plan: RuledPlan) -> None:
        self._policy = plan.policy
        self._place = plan.place("policy") if plan.document.get("policy") else plan.place("calls")
        self._calls: Counter[str] = Counter()

    def take(self, calls: CallBlock | ResolvedCall) -> Iterator[Told]:
        agents = next((field for field in calls.fields if field.name == AGENT), None)
        if len(self._calls) > _MOST_AGENTS:
            pass
        elif isinstance(agents, FieldColumn):
            self._calls.update(agents.values)
        elif agents is not None:
            self._calls[str(agents.value)] += how_many(calls)
        return iter(())

    def end(self) -> Iterator[Told]:
        at_once = self._policy.concurrency
        if self._policy.per_agent is not None or at_once == 1 or len(self._calls) > _MOST_AGENTS:
            return
        of_people: Counter[str] = Counter()
        for written, count in self._calls.items():
            of_people[identity(written)] += count
        agent, calls = next(iter(of_people.most_common(1)), ("", 0))
        if calls >= MANY_CALLS:
            others = sum(count >= MANY_CALLS for count in of_people.values()) - 1
            more = f", and so do as many of {others:,} other numbers" if others else ""
            message = f"{calls:,} calls ring {agent} first, up to {at_once:,} at a time{more}"
            yield Told(message, "set `policy.per_agent` to the lines that the agent has", (self._place,))


_PLAN = (
    "purpose: transactional\ncalls:\n  - id: o-${row.n}\n    rows: data.csv\n    To: ${row.phone}\n    TimeLimit: 600\n"
)

RULE = Rule(
    "one-agent-for-many",
    Severity.NOTE,
    f"{MANY_CALLS} calls or more ring the same From first, and nothing says how many at a time.",
    "An agent with one line hears a busy tone in all calls but one, and those calls end without their customer ever"
    " being rung. `policy.per_agent` keeps the others back. A number with many lines has room for as many.",
    bad=_PLAN,
    good=f"{_PLAN}policy:\n  per_agent: 1\n",
    files={"data.csv": "n,phone\n" + "".join(f"{n},+9199000{n:05}\n" for n in range(MANY_CALLS))},
    of_calls=_Watch,
)
