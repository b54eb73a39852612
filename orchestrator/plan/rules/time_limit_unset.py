"""Many calls of which each may last as long as the carrier allows."""

from collections.abc import Iterator

from orchestrator.exotel.call_fields import TALK, TALK_SECONDS_UNSET
from orchestrator.model.call import ResolvedCall
from orchestrator.model.diagnostic import Severity
from orchestrator.plan.call_block import CallBlock
from orchestrator.plan.rules.rule import MANY_CALLS, MANY_ROWS, Rule, RuledPlan, Told, how_many

_HOURS = TALK_SECONDS_UNSET // 3600


class _Watch:
    """Counts the calls without a limit."""

    def __init__(self, plan: RuledPlan) -> None:
        self._place = plan.place("defaults") if plan.document.get("defaults") else plan.place("calls")
        self._count = 0

    def take(self, calls: CallBlock | ResolvedCall) -> Iterator[Told]:
        if not any(field.name == TALK for field in calls.fields):
            self._count += how_many(calls)
        return iter(())

    def end(self) -> Iterator[Told]:
        if self._count >= MANY_CALLS:
            message = (
                f"{self._count:,} calls have no {TALK}: each may last {_HOURS} hours, the most that the carrier allows"
            )
            yield Told(message, f"for example `{TALK}: 600` under `defaults`", (self._place,))


_PLAN = (
    "purpose: transactional\n"
    "calls:\n  - id: o-${row.n}\n    rows: data.csv\n    To: ${row.phone}\n    From: ${row.agent}\n"
)

RULE = Rule(
    "time-limit-unset",
    Severity.NOTE,
    f"{MANY_CALLS} calls or more have no {TALK}, so that each may last {_HOURS} hours.",
    "A line that is not hung up costs money and an agent until then, and a call whose outcome is unknown stays so"
    " longer. There is no way to hang up a call from here.",
    bad=_PLAN,
    good=f"{_PLAN}    {TALK}: 600\n",
    source="S0 of the most; that it is taken where none is set is unconfirmed",
    files={"data.csv": MANY_ROWS},
    of_calls=_Watch,
)
