"""Ids that come again in a plan, and people whom several of its calls ring; in bounded memory for a million rows."""

from array import array
from binascii import crc32
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, field
from itertools import repeat
from pathlib import Path

from orchestrator.exotel.call_fields import PERSON
from orchestrator.model.call import ResolvedCall, text_of
from orchestrator.model.diagnostic import Diagnostic, Span, error, warning
from orchestrator.phone.numbers import read
from orchestrator.plan.call_block import CallBlock
from orchestrator.plan.findings import line_excerpt
from orchestrator.plan.rows.templates import Template

_LINE_BITS, _COLUMN_BITS = 32, 12
"""Of the 64 that remember where a text was seen; the other 20 name the file: a plan's 64 MiB name fewer."""
_MOST_PEOPLE = 20
"""Warnings of one plan; the calls to other people are counted."""
_MOST_PLACES = 5
"""Calls of which one warning shows the place, beside the first call's."""
_FIRST_SIZE = 1 << 10
"""Slots that an index begins with; it doubles them when half are taken."""
_HINT = "ring a person once; where several calls are meant, `policy.per_person` says how often"


@dataclass(slots=True)
class _Person:
    first: Span
    call: str
    places: list[Span] = field(default_factory=list)
    calls: int = 0


Again = Callable[[str, str, int], None]
"""Hears of a call to a person who is rung before: who that is, the call's id, and which of the calls rang first."""


class Duplicates:
    """Takes the calls of one plan in order. `and_people` False: who is rung several times need not be found.

    Ids are remembered with their places, and people by which of the ids is that of the first call to them. `again`
    hears of each further call.
    """

    def __init__(self, *, and_people: bool, again: Again | None = None) -> None:
        self._ids = SeenTexts()
        self._numbers = SeenTexts() if and_people else None  # by the identity of the number
        self._again = again
        self._next = 0  # which of the ids the next call of a block has
        self._files: list[str] = []  # of the places, one for each change from file to file
        self._people: dict[str, _Person] = {}
        self._others = 0

    def of_id(self, call_id: str, span: Span, template: Template) -> Diagnostic | None:
        """Take the id of the call at `span`; return why it cannot have it where another call has it already."""
        before = self._ids.add(call_id, self._place(span.file, span.line, span.column))
        is_fixed = template.fixed is not None and span != template.span
        return None if before is None else _taken(call_id, span, self._span(before), every_row=is_fixed)

    def of_ids(self, calls: CallBlock) -> dict[int, Diagnostic]:
        """Take the ids of a block's calls; return, by the positions of those whose id is taken, why."""
        self._next = len(self._ids)
        return {
            position: _taken(calls.ids[position], calls.rows.span(position), self._span(before))
            for position, before in self._ids.add_all(calls.ids, self._places(calls))
        }

    def note_person(self, call: ResolvedCall) -> None:
        """Take whom the call rings whose id came last; of each person some places of further calls are kept."""
        number = None if self._numbers is None else read(text_of(call.fields, PERSON) or "")
        if self._numbers is None or number is None:
            return
        before = self._numbers.add(number.identity, len(self._ids) - 1)
        if before is not None:
            self._rung_again(number.identity, call.id, call.span, before)

    def note_people(self, calls: CallBlock) -> None:
        """Take whom the calls ring, like `note_person`, of the next of a block whose ids came last."""
        first, self._next = self._next, self._next + len(calls)
        if self._numbers is None:
            return
        for position, before in self._numbers.add_all(calls.people, range(first, self._next)):
            self._rung_again(calls.people[position], calls.ids[position], calls.rows.span(position), before)

    def _rung_again(self, person: str, call_id: str, span: Span, before: int) -> None:
        if self._again is not None:
            self._again(person, call_id, before)
        known = self._people.get(person)
        if known is None:
            if len(self._people) == _MOST_PEOPLE:
                self._others += 1
                return
            known = self._people[person] = _Person(self._span(self._ids.number(before)), call_id)
        known.calls += 1
        if len(known.places) < _MOST_PLACES:
            known.places.append(span)

    def people(self) -> Iterator[Diagnostic]:
        """Yield a warning for each person whom several calls ring, and how many calls ring further people again."""
        for known in self._people.values():
            more = f" and {known.calls - 1:,} more ring" if known.calls > 1 else " rings"
            where = _where(known.first, known.places[0])
            message = f"call `{line_excerpt(known.call)}`{more} the same person as the call in {where}"
            yield warning("same-person", message, known.places[0], known.first, *known.places[1:], hint=_HINT)
        if self._others:
            message = f"... and {self._others:,} more calls to other people who are rung before"
            yield warning("same-person", message, hint=_HINT)

    def _place(self, file: str, line: int, column: int = 1) -> int:
        """Return a place in one number, which `_span` reads."""
        if not self._files or self._files[-1] != file:
            self._files.append(file)
        return (len(self._files) - 1 << _LINE_BITS | line) << _COLUMN_BITS | min(column, (1 << _COLUMN_BITS) - 1)

    def _places(self, calls: CallBlock) -> list[int]:
        rows = calls.rows
        if rows.spans is not None:
            return [self._place(span.file, span.line, span.column) for span in rows.spans]
        beginning = self._place(rows.file, 0)
        return [beginning | line << _COLUMN_BITS for line in rows.lines]

    def _span(self, place: int) -> Span:
        file = self._files[place >> _COLUMN_BITS + _LINE_BITS]
        return Span(file, place >> _COLUMN_BITS & ((1 << _LINE_BITS) - 1), place & ((1 << _COLUMN_BITS) - 1))


def _taken(call_id: str, span: Span, first: Span, *, every_row: bool = False) -> Diagnostic:
    hint = "give each call its own id: it is the call's identity in the journal"
    if every_row:
        hint = "every row has this id: name a column in it, such as `order-${row.order_id}`"
    message = f"the id `{call_id}` is already taken by the call in {_where(first, span)}"
    return error("duplicate-id", message, span, first, hint=hint)


def _where(first: Span, span: Span) -> str:
    return f"line {first.line}" if first.file == span.file else f"line {first.line} of {Path(first.file).name}"


class SeenTexts:
    """Remembers texts with a number each in about 25 bytes, and finds a text that comes again.

    A text is known by 96 bits: Python's 64-bit hash (keyed at random in each process) and an independent CRC-32.
    Two different texts among a million agree in all of them with a probability below 1e-17: there is no second look.
    Laid out as a dict is, in typed arrays: slots that hold positions, and positions that hold the texts.
    """

    def __init__(self) -> None:
        self._slots = array("I", bytes(4 * _FIRST_SIZE))  # position + 1; 0 is free
        self._hashes = array("q")
        self._checks = array("I")
        self._numbers = array("Q")

    def __len__(self) -> int:
        return len(self._hashes)

    def number(self, position: int) -> int:
        """Return the number of the text that came as this one of all different ones, from 0."""
        return self._numbers[position]

    def add(self, text: str, number: int) -> int | None:
        """Remember the text with a number of 64 bits; return the number of the same text where it is known already."""
        return next((before for _, before in self.add_all((text,), (number,))), None)

    def __contains__(self, text: str) -> bool:
        """Whether the text is remembered."""
        value, check, mask = hash(text), crc32(text.encode("utf-8", "surrogatepass")), len(self._slots) - 1
        slot = value & mask
        while taken := self._slots[slot]:
            if self._hashes[taken - 1] == value and self._checks[taken - 1] == check:
                return True
            slot = (slot + 1) & mask
        return False

    def add_all(self, texts: Sequence[str], numbers: Sequence[int]) -> Iterator[tuple[int, int]]:
        """Do as `add` does for each text in turn; yield the position and the first number of each that is known."""
        while 2 * (len(self) + len(texts)) > len(self._slots):
            self._grow()
        slots, hashes, checks, known = self._slots, self._hashes, self._checks, self._numbers
        mask = len(slots) - 1
        encoded = map(str.encode, texts, repeat("utf-8"), repeat("surrogatepass"))
        found = zip(map(hash, texts), map(crc32, encoded), numbers, strict=True)
        for position, (value, check, number) in enumerate(found):
            slot = value & mask
            while taken := slots[slot]:
                if hashes[taken - 1] == value and checks[taken - 1] == check:
                    yield position, known[taken - 1]
                    break
                slot = (slot + 1) & mask
            else:
                hashes.append(value)
                checks.append(check)
                known.append(number)
                slots[slot] = len(hashes)

    def _grow(self) -> None:
        self._slots = slots = array("I", bytes(8 * len(self._slots)))
        mask = len(slots) - 1
        for position, value in enumerate(self._hashes, 1):
            slot = value & mask
            while slots[slot]:
                slot = (slot + 1) & mask
            slots[slot] = position
