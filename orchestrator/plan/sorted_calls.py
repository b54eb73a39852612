"""A plan's calls in the order of their ids, in bounded memory: sorted runs on disk, merged as they are read.

Each call is one line of JSON, `["order-1",3,"+919..."]`: its id, its shape, and the values that are its own. The shape
has the names, and the values that many calls have from one place of the plan. So lines of both plans that are the same
text are the same call, which is known without parsing either.
"""

import hashlib
import json
from collections.abc import Callable, Iterable, Iterator, Sequence
from heapq import merge
from json.encoder import encode_basestring_ascii
from typing import IO, NamedTuple

from orchestrator.model.call import CallSchedule, Field, FieldColumn, ResolvedCall
from orchestrator.model.events import rfc3339
from orchestrator.model.review import FieldValue
from orchestrator.plan.call_block import CallBlock

RUN_LINES = 50_000
"""Lines that are sorted in memory: some 10 MB."""
MOST_RUNS = 64
"""Files that are open for one plan; where there would be more they are merged into one."""

DEFAULTS = "defaults"
"""The origin of a value that the plan's defaults decide."""
SUPPRESSED = "suppressed"
"""Says of a call that a list of the plan keeps it from being dialed."""
PRIORITY, NOT_BEFORE, NOT_AFTER, TIMEZONE = "priority", "not_before", "not_after", "timezone"
BESIDE = frozenset((SUPPRESSED, PRIORITY, NOT_BEFORE, NOT_AFTER, TIMEZONE))
"""What stands beside a call's parameters, and does not go on the wire."""


class Slot(NamedTuple):
    """A place for a value in a shape. `shared` None: each call has its own, in its line."""

    name: str
    origin: str
    shared: FieldValue


class Shapes:
    """The shapes of the calls of both plans, each known by its number."""

    def __init__(self) -> None:
        self._numbers: dict[tuple[Slot, ...], int] = {}
        self._shapes: list[tuple[Slot, ...]] = []

    def number(self, slots: Iterable[Slot]) -> int:
        """Return the number of a shape, the same for the same slots."""
        shape = tuple(slots)
        known = self._numbers.setdefault(shape, len(self._shapes))
        if known == len(self._shapes):
            self._shapes.append(shape)
        return known

    def own(self, number: int) -> list[str]:
        """Return the names of the values that are in the lines of a shape."""
        return [slot.name for slot in self._shapes[number] if slot.shared is None]

    def read(self, line: str) -> "CallLine":
        """Read a line."""
        call_id, number, *values = json.loads(line)
        own = iter(values)
        fields: dict[str, tuple[FieldValue, str]] = {}
        for slot in self._shapes[number]:
            value = next(own) if slot.shared is None else slot.shared
            if value:  # what is empty is not set
                fields[slot.name] = (tuple(value) if isinstance(value, list) else value, slot.origin)
        return CallLine(call_id, fields)


class CallLine(NamedTuple):
    """A call as its line has it: by name, in their order on the wire, the values and which part of the plan decided."""

    id: str
    fields: dict[str, tuple[FieldValue, str]]


class SortedCalls:
    """Takes the calls of one plan in any order; iterating gives their lines sorted, as often as wanted.

    `is_suppressed` says whether a list holds a number of a call, `may_be` whether that may be so for any of many.
    """

    def __init__(
        self,
        shapes: Shapes,
        is_suppressed: Callable[[ResolvedCall], bool],
        may_be: Callable[[CallBlock], bool],
    ) -> None:
        self._shapes = shapes
        self._is_suppressed = is_suppressed
        self._may_be = may_be
        self._lines: list[str] = []
        self._runs: list[IO[str]] = []
        self._order = hashlib.sha256()

    @property
    def order(self) -> str:
        """A hash of the ids in the order in which they were taken, one to a line: none holds a line's end."""
        return self._order.hexdigest()

    def add(self, item: CallBlock | ResolvedCall) -> None:
        """Take calls."""
        ids = item.ids if isinstance(item, CallBlock) else (item.id,)
        self._order.update("".join(f"{call_id}\n" for call_id in ids).encode("utf-8", "surrogatepass"))
        if isinstance(item, CallBlock):
            self._lines += self._lines_of(item)
        else:
            self._lines.append(self._line(item))
        if len(self._lines) >= RUN_LINES:
            self._lines.sort()
            self._runs.append(_written(self._lines))
            self._lines = []
            if len(self._runs) == MOST_RUNS:
                whole = _written(merge(*self._rewound()))
                self._close()
                self._runs = [whole]

    def __iter__(self) -> Iterator[str]:
        """Yield the lines in order. One iteration at a time: each reads the same files."""
        self._lines.sort()
        return merge(*self._rewound(), self._lines) if self._runs else iter(self._lines)

    def close(self) -> None:
        """Let go of the files, which are gone with that."""
        self._close()
        self._runs, self._lines = [], []

    def _close(self) -> None:
        for run in self._runs:
            run.close()

    def _rewound(self) -> list[IO[str]]:
        for run in self._runs:
            run.seek(0)
        return self._runs

    def _line(self, call: ResolvedCall) -> str:
        fields = (*call.fields, *_schedule(call.schedule), *_suppressed(is_so=self._is_suppressed(call)))
        shape = self._shapes.number(Slot(each.name, each.origin, None) for each in fields)
        return f"{json.dumps([call.id, shape, *(each.value for each in fields)], separators=(',', ':'))}\n"

    def _lines_of(self, calls: CallBlock) -> Iterator[str]:
        """Write the lines of many calls together: what is the same in all of them is in their shape."""
        fields: list[Field | FieldColumn] = [*calls.fields, *_schedules(calls.schedules)]
        if self._may_be(calls):
            fields.append(
                FieldColumn(SUPPRESSED, ["yes" if self._is_suppressed(call) else "" for call in calls], "call")
            )
        columns = [each.values for each in fields if isinstance(each, FieldColumn)]
        slots = (Slot(each.name, each.origin, each.value if isinstance(each, Field) else None) for each in fields)
        line = f"[%s,{self._shapes.number(slots)}{',%s' * len(columns)}]\n"
        encoded = (map(encode_basestring_ascii, column) for column in (calls.ids, *columns))
        return map(line.__mod__, zip(*encoded, strict=True))


def nameless_file() -> IO[str]:
    """Open a file for lines that nobody else can open: it will hold numbers, and is gone once it is closed."""
    from tempfile import TemporaryFile

    return TemporaryFile("w+", encoding="ascii", newline="\n")


def _written(lines: Iterable[str]) -> IO[str]:
    file = nameless_file()
    file.writelines(lines)
    return file


def _suppressed(*, is_so: bool) -> tuple[Field, ...]:
    return (Field(SUPPRESSED, "yes", "call"),) if is_so else ()


def _schedule(schedule: CallSchedule) -> Iterator[Field]:
    """Yield when a call may start, as the plan's own keys are named."""
    if schedule.priority:
        yield Field(PRIORITY, str(schedule.priority), "call")
    if schedule.not_before is not None:
        yield Field(NOT_BEFORE, _moment(schedule.not_before), "call")
    if schedule.not_after is not None:
        yield Field(NOT_AFTER, _moment(schedule.not_after), "call")
    if schedule.timezone is not None:
        yield Field(TIMEZONE, schedule.timezone, "call")


def _moment(epoch: float) -> str:
    return rfc3339(epoch).replace(".000Z", "Z")


def _schedules(schedules: Sequence[CallSchedule]) -> Iterator[Field | FieldColumn]:
    """Yield when calls may start: once where that is the same for all, else by columns, empty where nothing is set."""
    first = schedules[0]
    if schedules.count(first) == len(schedules):
        yield from _schedule(first)
        return
    found = [{each.name: str(each.value) for each in _schedule(schedule)} for schedule in schedules]
    for name in (PRIORITY, NOT_BEFORE, NOT_AFTER, TIMEZONE):
        yield FieldColumn(name, [each.get(name, "") for each in found], "call")
