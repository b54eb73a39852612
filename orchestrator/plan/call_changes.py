"""What becomes of each call from one plan to another: both plans' calls, side by side in the order of their ids."""

import json
import re
from collections import Counter
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import IO

from orchestrator.exotel.call_fields import AGENT, NUMBERS, PERSON
from orchestrator.model.plan_diff import CallCounts, CallDiff, Fate, ManyChange
from orchestrator.model.review import FieldChange, FieldValue
from orchestrator.phone.numbers import identity
from orchestrator.plan.duplicates import SeenTexts
from orchestrator.plan.sorted_calls import BESIDE, DEFAULTS, CallLine, Shapes, SortedCalls, nameless_file

FEWEST_IN_COMMON = 2
"""Calls that share a change before it is shown once for them."""
MOST_VALUES = 1_000
"""Different changes of one parameter that are counted: beyond, calls have changes of their own."""
ORDER = "order on the wire"
"""Stands for a call's parameters where only their order differs."""

_LINE = re.compile(r'(\["(?:[^"\\]|\\.)*+"),([0-9]+)(.*)')
"""A line: up to the end of its id, which is the beginning of no other id; the number of its shape; the rest."""

Fields = Mapping[str, tuple[FieldValue, str]]
"""By name, the values of a call and which part of its plan decided them."""


class CallChanges:
    """Compares two plans' calls, once; iterating gives what has changed, as often as wanted, and streams.

    `counts` and `shared` are of all calls. `is_reordered`: both plans have the same ids, and in another order. What has
    not changed takes no memory.
    """

    def __init__(self, old: SortedCalls, new: SortedCalls, shapes: Shapes) -> None:
        self._shapes = shapes
        self._file: IO[str] = nameless_file()
        self._removed = SeenTexts()  # by the pair that is rung
        self._alike: dict[tuple[str, str], _Alike] = {}  # by the shapes of calls whose own values are the same
        self._tally = _Tally()
        self._fates: Counter[Fate] = Counter()
        self._other_numbers = unchanged = 0
        for before, after in _side_by_side(iter(old), iter(new)):
            unchanged += before == after or not self._differ(before, after)
        for alike in self._alike.values():
            self._tally.add(alike.first, alike.more)
        self.shared = self._tally.shared()
        self._in_common = frozenset(each.value for each in self.shared)
        same_pairs, only_shared = self._counted_again()
        added, removed, changed = (self._fates[each] for each in Fate)
        others = self._other_numbers
        self.counts = CallCounts(added, removed, changed, unchanged, only_shared, others, same_pairs)
        self.is_reordered = not added and not removed and old.order != new.order

    def touched_by_default(self, name: str) -> int:
        """Return in how many calls a parameter changed that the defaults decide."""
        return self._tally.by_default[name]

    def __iter__(self) -> Iterator[CallDiff]:
        """Yield what became of each call that is not the same. One iteration at a time."""
        alike = [self._changed(each.first.fields) for each in self._alike.values()]
        self._file.seek(0)
        for line in self._file:
            call_id, what, *values = json.loads(line)
            if isinstance(what, int):
                yield CallDiff(Fate.CHANGED, call_id, *alike[what])
                continue
            fields = tuple(FieldChange(name, _value(before), _value(after)) for name, before, after in values)
            if what == Fate.CHANGED:
                yield CallDiff(Fate.CHANGED, call_id, *self._changed(fields))
            else:
                is_known = what == Fate.ADDED and _pair({each.name: each.after for each in fields}) in self._removed
                yield CallDiff(Fate(what), call_id, fields, same_pair=is_known)

    def close(self) -> None:
        """Let go of the file, which is gone with that."""
        self._file.close()

    def _changed(self, fields: tuple[FieldChange, ...]) -> tuple[tuple[FieldChange, ...], tuple[FieldChange, ...]]:
        """Return the fields of a changed call, and those of them that are shown once for many."""
        return fields, tuple(each for each in fields if each in self._in_common)

    def _differ(self, before: str | None, after: str | None) -> bool:
        """Write down what differs between the lines of one id, None where a plan has it not; return whether any does.

        Where the values of their own are the same, what differs is the same for all calls of these shapes.
        """
        old, new = (None if line is None else _LINE.match(line) for line in (before, after))
        shapes = (old[2], new[2]) if old is not None and new is not None and old[3] == new[3] else None
        alike = None if shapes is None else self._alike.get(shapes)
        if alike is not None and new is not None:
            alike.more += 1
            self._count(alike.first)
            self._file.write(f"{new[1]},{alike.number}]\n")
            return True
        found = _Compared(*(_NOBODY if line is None else self._shapes.read(line) for line in (before, after)))
        if not found.fields:
            return False
        if shapes is not None and self._have_own_alike(*shapes):
            self._alike[shapes] = _Alike(len(self._alike), found)
        self._count(found)
        if found.fate is Fate.CHANGED:
            self._tally.add(found)
        elif found.fate is Fate.REMOVED:
            self._removed.add(_pair_of(found.old.fields), 0)
        values = [[each.name, each.before, each.after] for each in found.fields]
        self._file.write(f"{json.dumps([found.id, found.fate.value, *values])}\n")
        return True

    def _have_own_alike(self, old: str, new: str) -> bool:
        return self._shapes.own(int(old)) == self._shapes.own(int(new))

    def _count(self, found: "_Compared") -> None:
        self._fates[found.fate] += 1
        self._other_numbers += found.has_other_numbers

    def _counted_again(self) -> tuple[int, int]:
        """Count what all changes together tell: added calls of a removed pair, calls with no change of their own."""
        if not self._removed and not self._in_common:
            return 0, 0
        same_pairs = only_shared = 0
        for call in self:
            same_pairs += call.same_pair
            only_shared += call.fields == call.shared
        return same_pairs, only_shared


_NOBODY = CallLine("", {})


class _Compared:
    """A call in both plans, `_NOBODY` in one that has it not, and what differs."""

    def __init__(self, old: CallLine, new: CallLine) -> None:
        self.old, self.new = old, new
        self.id = new.id or old.id
        self.fields = _differing(old.fields, new.fields)
        self.fate = Fate.ADDED if old is _NOBODY else Fate.REMOVED if new is _NOBODY else Fate.CHANGED
        is_in_doubt = self.fate is Fate.CHANGED and any(each.name in NUMBERS for each in self.fields)
        self.has_other_numbers = is_in_doubt and _pair_of(old.fields) != _pair_of(new.fields)


@dataclass(slots=True)
class _Alike:
    """Calls in which the same differs: the first of them, and how many more there are."""

    number: int
    first: _Compared
    more: int = 0


class _Tally:
    """Counts changes that calls may have in common."""

    def __init__(self) -> None:
        self._seen: dict[str, Counter[FieldChange]] = {}
        self.by_default: Counter[str] = Counter()

    def add(self, found: _Compared, calls: int = 1) -> None:
        """Take so many calls in which the same differs."""
        for each in found.fields:
            seen = self._seen.setdefault(each.name, Counter())
            if each in seen or len(seen) < MOST_VALUES:
                seen[each] += calls
            origins = {side.fields[each.name][1] for side in (found.old, found.new) if each.name in side.fields}
            self.by_default[each.name] += calls if origins == {DEFAULTS} else 0

    def shared(self) -> tuple[ManyChange, ...]:
        """Return the changes that several calls have in common, those of most calls first."""
        counted = (item for seen in self._seen.values() for item in seen.items())
        many = [(value, calls) for value, calls in counted if calls >= FEWEST_IN_COMMON]
        return tuple(ManyChange(value, calls) for value, calls in sorted(many, key=lambda item: -item[1]))


def _side_by_side(old: Iterator[str], new: Iterator[str]) -> Iterator[tuple[str | None, str | None]]:
    """Yield the lines of both plans, those of one id together; None where the other plan has no such call."""
    before, after = next(old, None), next(new, None)
    while before is not None or after is not None:
        if before == after:
            yield before, after
            before, after = next(old, None), next(new, None)
            continue
        first, second = _key(before), _key(after)
        is_old = after is None or (before is not None and first <= second)
        is_new = before is None or (after is not None and second <= first)
        yield before if is_old else None, after if is_new else None
        before = next(old, None) if is_old else before
        after = next(new, None) if is_new else after


def _key(line: str | None) -> str:
    """Return a line up to the end of its id, by which lines are sorted; empty for none."""
    found = None if line is None else _LINE.match(line)
    return "" if found is None else found[1]


def _differing(before: Fields, after: Fields) -> tuple[FieldChange, ...]:
    """Return what differs; where nothing but the order of the parameters does, that."""
    names = dict.fromkeys((*after, *before))
    found = (FieldChange(name, before.get(name, _UNSET)[0], after.get(name, _UNSET)[0]) for name in names)
    differing = tuple(each for each in found if each.before != each.after)
    was, now = (tuple(name for name in fields if name not in BESIDE) for fields in (before, after))
    return differing if differing or was == now else (FieldChange(ORDER, was, now),)


_UNSET: tuple[None, str] = (None, "")


def _value(read: str | list[str] | None) -> FieldValue:
    return tuple(read) if isinstance(read, list) else read


def _pair_of(fields: Fields) -> str:
    return _pair({name: fields[name][0] for name in NUMBERS if name in fields})


def _pair(values: Mapping[str, FieldValue]) -> str:
    """Return whom a call rings, in whatever spelling."""
    numbers = (values.get(AGENT), values.get(PERSON))
    return " ".join(identity(each) if isinstance(each, str) else "" for each in numbers)
