"""Calls of one plan that ring a person whom an earlier one rings: told once a person, and bounded."""

from collections.abc import Iterator
from dataclasses import dataclass, field
from pathlib import Path

from orchestrator.model.diagnostic import Diagnostic, Span, warning
from orchestrator.plan.rows import brief

_MOST_PEOPLE = 20
"""Warnings of one plan; the calls to other people are counted."""
_MOST_PLACES = 5
"""Calls of which one warning shows the place, beside the first call's."""


@dataclass(slots=True)
class _Person:
    first: Span
    call: str
    places: list[Span] = field(default_factory=list)
    calls: int = 0


class RungAgain:
    """Gathers the calls to a person who is rung before, in bounded memory whatever the plan."""

    def __init__(self) -> None:
        self._people: dict[str, _Person] = {}
        self._others = 0

    def add(self, person: str, call: str, place: Span, first: Span) -> None:
        """Take a call to a person (the identity of the number) whom the call at `first` rings already."""
        known = self._people.get(person)
        if known is None:
            if len(self._people) == _MOST_PEOPLE:
                self._others += 1
                return
            known = self._people[person] = _Person(first, call)
        known.calls += 1
        if len(known.places) < _MOST_PLACES:
            known.places.append(place)

    def findings(self) -> Iterator[Diagnostic]:
        """Yield one warning a person, with the places of the calls, and how many calls ring further people again."""
        for known in self._people.values():
            more = f" and {known.calls - 1:,} more ring" if known.calls > 1 else " rings"
            first = known.first
            where = (
                f"line {first.line}" if first.file == known.places[0].file else f"line {first.line} of {_name(first)}"
            )
            message = f"call `{brief(known.call)}`{more} the same person as the call in {where}"
            yield warning("same-person", message, known.places[0], first, *known.places[1:], hint=_HINT)
        if self._others:
            message = f"... and {self._others:,} more calls to other people who are rung before"
            yield warning("same-person", message, hint=_HINT)


_HINT = "ring a person once; where several calls are meant, `policy.per_person` sets them apart"


def _name(span: Span) -> str:
    return Path(span.file).name
