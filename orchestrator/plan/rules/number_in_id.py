"""An id that holds the number of a person who is rung."""

from collections.abc import Iterable, Iterator, Sequence
from itertools import compress, count, islice, repeat
from operator import contains

from orchestrator.exotel.call_fields import AGENT, parties
from orchestrator.model.call import FieldColumn, ResolvedCall
from orchestrator.model.diagnostic import Severity, Span
from orchestrator.phone.numbers import identity
from orchestrator.plan.call_block import CallBlock
from orchestrator.plan.rules.rule import Rule, RuledPlan, Told

_DIGITS = 9
"""Last digits of a number that tell who it is: fewer stand in an order's number by chance."""
_MOST_PLACES = 5
_NOWHERE = "\n"
"""What stands in no id."""


class _Watch:
    """Remembers the first ids that hold a number of their call, and counts the others."""

    def __init__(self, _plan: RuledPlan) -> None:
        self._count = 0
        self._places: list[Span] = []

    def take(self, calls: CallBlock | ResolvedCall) -> Iterator[Told]:
        if isinstance(calls, CallBlock):
            self._take_all(calls)
        elif any(_end(number) in calls.id for number in parties(calls.fields).rung):
            self._add(1, [calls.span])
        return iter(())

    def _take_all(self, calls: CallBlock) -> None:
        agents = next((each for each in calls.fields if each.name == AGENT), None)
        if isinstance(agents, FieldColumn):
            ends = {agent: _end(agent) for agent in set(agents.values)}
            of_agents: Iterable[str] = map(ends.__getitem__, agents.values)
        else:
            of_agents = repeat(_NOWHERE if agents is None else _end(str(agents.value)), len(calls))
        held = {*_held(calls.ids, of_agents), *_held(calls.ids, [person[-_DIGITS:] for person in calls.people])}
        if held:
            self._add(len(held), [calls.rows.span(at) for at in sorted(held)[:_MOST_PLACES]])

    def _add(self, count: int, places: Sequence[Span]) -> None:
        self._count += count
        self._places.extend(islice(places, _MOST_PLACES - len(self._places)))

    def end(self) -> Iterator[Told]:
        if self._count:
            calls = "the id of a call holds" if self._count == 1 else f"the ids of {self._count:,} calls hold"
            message = f"{calls} a phone number that is rung, so that it is shown masked everywhere"
            yield Told(
                message,
                "make the id of the order's number, or of another key that is no phone number",
                tuple(self._places),
            )


def _held(ids: Sequence[str], ends: Iterable[str]) -> Iterator[int]:
    """Yield the positions of the ids in which an end of a number stands, each of its own call."""
    return compress(count(), map(contains, ids, ends))


def _end(number: str) -> str:
    """Return the last digits of a number in any spelling; of one that has fewer _NOWHERE."""
    digits = identity(number)
    return digits[-_DIGITS:] if len(digits) > _DIGITS else _NOWHERE


RULE = Rule(
    "number-in-id",
    Severity.WARNING,
    "The id of a call holds a number that the call rings.",
    "Numbers are shown masked, so that such an id cannot be read in any report. And where the number is corrected, the"
    " call becomes another one. Make ids of the order's number. An id holds a number where the number's last"
    f" {_DIGITS} digits stand in it.",
    bad='calls:\n  - {id: order-9900000001, To: "+919900000001"}\n',
    good='calls:\n  - {id: order-1042, To: "+919900000001"}\n',
    of_calls=_Watch,
)
