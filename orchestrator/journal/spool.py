"""Keeps a plan's calls, as rows for the journal, from when they are read until they are loaded.

Nothing of a plan may come into the journal before all of it was found good, and a million calls do not fit in memory:
they wait in a file without a name, which no other process can open and the system removes with this one.
"""

import contextlib
import pickle
import tempfile
from collections.abc import Callable, Iterable, Iterator
from typing import NamedTuple

from orchestrator.exotel.call_fields import call_times, parties
from orchestrator.journal.codec import dump, fields_to_text
from orchestrator.model.call import CallTimes, Field, ResolvedCall, SkippedRow
from orchestrator.model.diagnostic import Span
from orchestrator.model.errors import CannotProceed
from orchestrator.phone.numbers import identity

CALLS_IN_A_BATCH = 3_000
"""Calls that are loaded in one transaction: less than a tenth of a second, for which others wait to write."""

BYTES_IN_MEMORY = 4_000_000
"""Bytes of rows that are kept in memory: only the calls of larger plans wait in a file."""

NO_CALL = "[]"
"""The `fields` of a row that makes no call."""

NOTHING_CARRIED = "{}"
"""The `carry` of a call whose plan carries nothing along."""


class CallRow(NamedTuple):
    """What a plan says of one call, or of a row that makes none; first the columns that the journal takes as they are.

    `listed` says on which list one of its numbers is. `id` is None where a row has none. `numbers` is the pair without
    its account, which is not known yet when plans are read.
    """

    position: int
    place: str
    fields: str
    carry: str
    priority: int
    earliest: float
    latest: float | None
    listed: str | None
    id: str | None
    numbers: str
    column: int
    end_column: int | None

    @property
    def is_call(self) -> bool:
        """Whether it makes a call."""
        return self.fields != NO_CALL

    @property
    def columns(self) -> tuple[object, ...]:
        """Return position, place, fields, carry, priority, earliest, latest and listed."""
        return self[:8]

    @property
    def stands(self) -> tuple[str, str, str | None]:
        """Return state, disposition and reason of a call that nobody can have heard of."""
        return ("due", "waiting", None) if self.listed is None else ("closed", "suppressed", self.listed)

    @property
    def span(self) -> Span:
        """Return its place in the plan or in the data."""
        file, _, line = self.place.rpartition(":")
        return Span(file, int(line), self.column, self.end_column)

    def pair(self, account: str) -> str:
        """Return the identity of its (From, To) on one account."""
        return f"{account}:{self.numbers}"


Suppressed = Callable[[ResolvedCall], str | None]
"""Says on which list a number of a call stands; None where on none."""


def pair_of(account: str, call: ResolvedCall) -> str:
    """Return the identity of a call's (From, To) on one account, whatever the numbers' spelling."""
    return f"{account}:{_numbers(call)}"


def wire(fields: Iterable[Field]) -> list[tuple[str, str | tuple[str, ...]]]:
    """Return what goes on the wire: where a value comes from is not part of the request."""
    return [(item.name, item.value) for item in fields]


def _numbers(call: ResolvedCall) -> str:
    numbers = parties(call.fields)
    return f"{identity(numbers.agent or '')}>{identity(numbers.person)}"


class CallSpool:
    """The calls and skipped rows of one plan, in its order; `count` of them.

    `shortest` is the least that any of its calls takes. `batch` is how many are loaded in one transaction.
    """

    def __init__(self, batch: int = CALLS_IN_A_BATCH) -> None:
        self._batch = batch
        self.shortest: CallTimes | None = None
        self.count = 0
        self._gathered: list[CallRow] = []
        self._file = tempfile.SpooledTemporaryFile(BYTES_IN_MEMORY)  # noqa: SIM115 - closed below

    def __del__(self) -> None:
        """Let the file go, also a full disk's."""
        with contextlib.suppress(OSError):
            self._file.close()

    def add(self, item: ResolvedCall | SkippedRow, suppressed: Suppressed) -> None:
        """Keep the plan's next call or skipped row. Raises CannotProceed where there is no room for it."""
        if isinstance(item, SkippedRow):
            row = CallRow(self.count, item.place, NO_CALL, NOTHING_CARRIED, 0, 0.0, None, None, item.id, "", 1, None)
        else:
            self.shortest = call_times(item.fields).shortest(self.shortest)
            name, span, schedule = suppressed(item), item.span, item.schedule
            row = CallRow(
                position=self.count,
                place=f"{span.file}:{span.line}",
                fields=fields_to_text(item.fields),
                carry=dump(dict(item.carry)) if item.carry else NOTHING_CARRIED,
                priority=schedule.priority,
                earliest=schedule.not_before or 0.0,
                latest=schedule.not_after,
                listed=None if name is None else f"on {name}",
                id=item.id,
                numbers=_numbers(item),
                column=span.column,
                end_column=span.end_column,
            )
        self._gathered.append(row)
        self.count += 1
        if len(self._gathered) == self._batch:
            self._write()

    def batches(self) -> Iterator[list[CallRow]]:
        """Yield all rows from the first on, a batch at a time."""
        self._write()
        self._file.seek(0)
        while True:
            try:
                rows = pickle.load(self._file)  # noqa: S301 - nobody else can write to this file
            except EOFError:
                return
            yield list(map(CallRow._make, rows))

    def _write(self) -> None:
        if not self._gathered:
            return
        try:
            pickle.dump(list(map(tuple, self._gathered)), self._file)  # twice as quick as by name
            self._file.flush()
        except OSError as problem:
            raise CannotProceed(
                f"the plan's calls cannot be kept in {tempfile.gettempdir()} until they are loaded: {problem.strerror}",
                "make room there, or set TMPDIR to another folder",
            ) from None
        self._gathered = []
