"""Many calls of a plan that does not say what they are for."""

from collections.abc import Iterator

from orchestrator.model.call import ResolvedCall
from orchestrator.model.diagnostic import Severity
from orchestrator.plan.call_block import CallBlock
from orchestrator.plan.rules.rule import MANY_CALLS, MANY_ROWS, Rule, RuledPlan, Told, how_many


class _Watch:
    """Counts the calls."""

    def __init__(self, plan: RuledPlan) -> None:
        self._is_told = plan.purpose is None
        self._place = plan.place("name")
        self._count = 0

    def take(self, calls: CallBlock | ResolvedCall) -> Iterator[Told]:
        self._count += how_many(calls)
        return iter(())

    def end(self) -> Iterator[Told]:
        if self._is_told and self._count >= MANY_CALLS:
            message = f"nothing says what these {self._count:,} calls are for: what countries ask of them is not judged"
            yield Told(message, "for example `purpose: transactional` beside `name`", (self._place,))


_PLAN = (
    "calls:\n  - id: o-${row.n}\n    rows: data.csv\n    To: ${row.phone}\n    From: ${row.agent}\n    TimeLimit: 600\n"
)

RULE = Rule(
    "purpose-missing",
    Severity.NOTE,
    f"{MANY_CALLS} calls or more, and the plan has no `purpose`.",
    "Hours, number series, lists to scrub by and notices depend on why people are called. Without a purpose no rule of"
    " a country is judged; `plan` says so of a plan of any size, in its line `purpose`.",
    bad=_PLAN,
    good=f"purpose: transactional\n{_PLAN}",
    files={"data.csv": MANY_ROWS},
    of_calls=_Watch,
)
