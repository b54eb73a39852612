"""People whom several calls of a plan ring, in whatever spelling, named by the calls' ids; in bounded memory."""

import tempfile
from bisect import bisect_right
from itertools import islice

from orchestrator.model.call import ResolvedCall
from orchestrator.model.review import SharedPerson
from orchestrator.plan.call_block import CallBlock

MOST_PEOPLE = 20
"""People who are named; calls to others are counted."""
MOST_CALLS = 5
"""Calls that are named of one person."""
_APART = 1_000
"""Calls at the least between two places that are remembered of the file with their ids."""
_IN_MEMORY = 1 << 20
"""Bytes of ids that are kept in memory: those of some 70,000 calls. More go to a file."""


class SharedPeople:
    """Takes the calls of one plan in order, and of whoever looks for duplicates who is rung again.

    Of the first call to a person it is told which of all calls that is, and finds the id when it is asked.
    """

    def __init__(self) -> None:
        self._ids = tempfile.SpooledTemporaryFile(_IN_MEMORY)  # noqa: SIM115 - `close` ends it
        self._count, self._end = 0, 0
        self._starts: list[tuple[int, int]] = []  # of some calls: which of all it is, and where its id stands
        self._people: dict[str, tuple[int, list[str]]] = {}
        self._counts: dict[str, int] = {}
        self.more_repeats = 0

    def add(self, item: CallBlock | ResolvedCall) -> None:
        """Take what comes next in the plan."""
        ids = item.ids if isinstance(item, CallBlock) else [item.id]
        if not self._starts or self._count - self._starts[-1][0] >= _APART:
            self._starts.append((self._count, self._end))
        self._count += len(ids)
        self._end += self._ids.write("".join(f"{id_}\n" for id_ in ids).encode("utf-8", "surrogatepass"))

    def rung_again(self, person: str, call: str, first: int) -> None:
        """Take a call to a person who is rung before, by the call that came as the `first` of all, from 0."""
        if person not in self._people:
            if len(self._people) == MOST_PEOPLE:
                self.more_repeats += 1
                return
            self._people[person], self._counts[person] = (first, []), 1
        self._counts[person] += 1
        _, calls = self._people[person]
        if len(calls) < MOST_CALLS - 1:
            calls.append(call)

    def people(self) -> tuple[SharedPerson, ...]:
        """Return the first of them, in the order in which they are rung again."""
        return tuple(
            SharedPerson(who, self._counts[who], (self._id_of(first), *calls))
            for who, (first, calls) in self._people.items()
        )

    def close(self) -> None:
        """Let the file go."""
        self._ids.close()

    def _id_of(self, call: int) -> str:
        start, place = self._starts[bisect_right(self._starts, call, key=lambda item: item[0]) - 1]
        self._ids.seek(place)
        found: bytes = next(islice(self._ids, call - start, None))
        self._ids.seek(self._end)
        return found.decode("utf-8", "surrogatepass").removesuffix("\n")
