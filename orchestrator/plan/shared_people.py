"""People whom several calls of a plan ring, in whatever spelling, named by the calls' ids; in bounded memory."""

import tempfile
from collections.abc import Sequence
from itertools import accumulate

from orchestrator.exotel.call_fields import parties
from orchestrator.model.call import ResolvedCall
from orchestrator.model.review import SharedPerson
from orchestrator.phone.numbers import identity
from orchestrator.plan.call_block import CallBlock
from orchestrator.plan.duplicates import SeenTexts

MOST_PEOPLE = 20
"""People who are named; calls to others are counted."""
MOST_CALLS = 5
"""Calls that are named of one person."""
_IN_MEMORY = 1 << 20
"""Bytes of ids that are kept in memory: those of some 70,000 calls. More go to a file."""


class SharedPeople:
    """Takes the calls of one plan in order.

    A person is remembered by where the id of the first call stands among all ids.
    """

    def __init__(self) -> None:
        self._seen, self._end = SeenTexts(), 0
        self._ids = tempfile.SpooledTemporaryFile(_IN_MEMORY)  # noqa: SIM115 - `close` ends it
        self._people: dict[str, list[str]] = {}
        self._counts: dict[str, int] = {}
        self.more_repeats = 0

    def add(self, item: CallBlock | ResolvedCall) -> None:
        """Take what comes next in the plan."""
        if isinstance(item, CallBlock):
            self._add_all(item.ids, item.people)
        else:
            self._add_all([item.id], [identity(parties(item.fields).person)])

    def people(self) -> tuple[SharedPerson, ...]:
        """Return the first of them, in the order in which they are rung again."""
        return tuple(SharedPerson(who, self._counts[who], tuple(calls)) for who, calls in self._people.items())

    def close(self) -> None:
        """Let the file go."""
        self._ids.close()

    def _add_all(self, ids: Sequence[str], people: Sequence[str]) -> None:
        lines = [f"{id_}\n".encode("utf-8", "surrogatepass") for id_ in ids]
        places = list(accumulate(map(len, lines[:-1]), initial=self._end))
        repeated = list(self._seen.add_all(people, places))
        self._ids.write(b"".join(lines))
        self._end = places[-1] + len(lines[-1])
        for position, place in repeated:
            self._rung_again(people[position], ids[position], place)

    def _rung_again(self, person: str, call: str, first: int) -> None:
        if person not in self._people:
            if len(self._people) == MOST_PEOPLE:
                self.more_repeats += 1
                return
            self._people[person], self._counts[person] = [self._id_at(first)], 1
        self._counts[person] += 1
        if len(self._people[person]) < MOST_CALLS:
            self._people[person].append(call)

    def _id_at(self, place: int) -> str:
        self._ids.seek(place)
        found: bytes = self._ids.readline()
        self._ids.seek(self._end)
        return found.decode("utf-8", "surrogatepass").removesuffix("\n")
