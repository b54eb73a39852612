"""Call ids of a whole plan, remembered in about 25 bytes each: a million rows must not fill the memory."""

from array import array
from binascii import crc32
from collections.abc import Iterator
from dataclasses import dataclass, field
from pathlib import Path

from orchestrator.model.diagnostic import Diagnostic, Span, warning
from orchestrator.plan.rows.row import brief

_FIRST_SIZE = 1 << 10


class SeenIds:
    """Remembers ids with a number each, and finds an id that comes again.

    An id is known by 96 bits: Python's 64-bit hash (keyed at random in each process) and an independent CRC-32.
    Two different ids among a million agree in all of them with a probability below 1e-17, so there is no second look.
    Laid out as a dict is, in typed arrays: slots that hold positions, and positions that hold the ids.
    """

    def __init__(self) -> None:
        self._slots = array("I", bytes(4 * _FIRST_SIZE))  # position + 1; 0 is free
        self._hashes = array("q")
        self._checks = array("I")
        self._numbers = array("Q")

    def __len__(self) -> int:
        return len(self._hashes)

    def add(self, call_id: str, number: int) -> int | None:
        """Remember the id with a number of 64 bits; return the number of the same id where it is known already."""
        hashes = self._hashes
        value, check = hash(call_id), crc32(call_id.encode("utf-8", "surrogatepass"))
        mask = len(self._slots) - 1
        slot = value & mask
        while position := self._slots[slot]:
            if hashes[position - 1] == value and self._checks[position - 1] == check:
                return self._numbers[position - 1]
            slot = (slot + 1) & mask
        hashes.append(value)
        self._checks.append(check)
        self._numbers.append(number)
        self._slots[slot] = len(hashes)
        if 2 * len(hashes) > len(self._slots):
            self._grow()
        return None

    def _grow(self) -> None:
        size = 2 * len(self._slots)
        self._slots = slots = array("I", bytes(4 * size))
        mask = size - 1
        for position, value in enumerate(self._hashes, 1):
            slot = value & mask
            while slots[slot]:
                slot = (slot + 1) & mask
            slots[slot] = position


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
