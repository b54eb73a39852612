"""Rows judged many at once, column by column: the calls of those of which certainly nothing is to be reported.

`CallTemplate.resolve` decides, and explains, one row. What stands here asks the same table and the same numbers about a
thousand cells in a few steps, and says of a row only that it is right; every other row goes to `resolve`.
"""

from collections.abc import Callable, Hashable, Iterable, Iterator
from itertools import repeat

from orchestrator.exotel.call_fields import AGENT, NUMBERS, PERSON
from orchestrator.exotel.values import texts_fit
from orchestrator.model.call import CallSchedule, Field, FieldColumn, ResolvedCall
from orchestrator.model.frozen import frozen
from orchestrator.phone.numbers import home_identity, identity, not_plainly_at_home
from orchestrator.plan.call_template import DECIDING, LONGEST_ID, CallTemplate, conditions_of
from orchestrator.plan.parameters import PlannedParameter, ValueContext
from orchestrator.plan.remembered import Remembered
from orchestrator.plan.rows.row import RowBlock


@frozen
class CallBlock:
    """Calls of rows that come one after the other, in columns; iterating makes each of them.

    `fields` are in their order on the wire, those without a column the same for all. `people` are the identities of the
    numbers that must not be rung twice. `carried` names the columns that the report shows.
    """

    rows: RowBlock
    ids: list[str]
    fields: tuple[Field | FieldColumn, ...]
    people: list[str]
    schedules: list[CallSchedule]
    carried: tuple[str, ...]

    def __len__(self) -> int:
        return len(self.ids)

    def __iter__(self) -> Iterator[ResolvedCall]:
        columns = [
            repeat(each) if isinstance(each, Field) else map(Field, repeat(each.name), each.values, repeat(each.origin))
            for each in self.fields
        ]
        fields = zip(*columns, strict=False)  # some value has a column, and ends it
        places = map(self.rows.span, range(len(self)))
        cells = zip(*map(self.rows.column, self.carried), strict=True) if self.carried else repeat(())
        carry = (dict(zip(self.carried, each, strict=True)) for each in cells)
        return map(ResolvedCall, self.ids, fields, places, carry, self.schedules)

    def call(self, position: int) -> ResolvedCall:
        """Return one of the calls."""
        return next(iter(self._part(position, position + 1)))

    def summary(self) -> Iterator[Field]:
        """Yield the fields of all the calls together, those of a column with each different value."""
        for each in self.fields:
            yield each if isinstance(each, Field) else Field(each.name, tuple(frozenset(each.values)), each.origin)

    def different(self, name: str) -> frozenset[str]:
        """Return the different values of a single-valued parameter; none where the calls do not have it."""
        field = next((each for each in self.fields if each.name == name), None)
        if isinstance(field, FieldColumn):
            return frozenset(field.values)
        return frozenset() if field is None or not isinstance(field.value, str) else frozenset((field.value,))

    def apart(self, positions: Iterable[int]) -> "Iterator[CallBlock | int]":
        """Yield these positions, ascending, and between them the calls that stand there."""
        start = 0
        for position in positions:
            if start < position:
                yield self._part(start, position)
            yield position
            start = position + 1
        if start < len(self):
            yield self._part(start, len(self)) if start else self

    def _part(self, start: int, stop: int) -> "CallBlock":
        fields = (
            each if isinstance(each, Field) else FieldColumn(each.name, each.values[start:stop], each.origin)
            for each in self.fields
        )
        rows, ids, people = self.rows.only(range(start, stop)), self.ids[start:stop], self.people[start:stop]
        return CallBlock(rows, ids, tuple(fields), people, self.schedules[start:stop], self.carried)


class BlockTemplate:
    """A `CallTemplate` that is filled in for many rows at once.

    `is_of_use` False: its rows go to `resolve` alone. `warns_once`: what the rules tell of parameters is told for the
    first row that has them, and not for each.
    """

    def __init__(self, template: CallTemplate, context: ValueContext, *, warns_once: bool = True) -> None:
        self._template = template
        self._e164 = context.e164
        self._open = {slot.name: slot.settings[0] for slot in template.slots if slot.field is None}
        self._doubts = {name: _doubts_about(setting, context) for name, setting in self._open.items()}
        self._schedule = Remembered(self._read_schedule)
        self._rules = context.rules
        self._conditions: set[Hashable] = set()
        self._warns_once = warns_once

    @property
    def is_of_use(self) -> bool:
        """Whether every row has an id and a person of its own, and nothing is wrong whatever the rows are."""
        template = self._template
        is_own = template.id.fixed is None and PERSON in self._open
        is_plain = is_own and not any(setting.is_list for setting in self._open.values())
        return is_plain and not template.is_broken and not any(template.problems())

    def judge(self, rows: RowBlock) -> Iterator[CallBlock | int]:
        """Return the block's calls in its order, and among them the position of each row for `resolve` to judge."""
        if not len(rows):
            return iter(())
        calls, doubtful = self._judged(rows)
        return calls.apart(sorted(doubtful))

    def _judged(self, rows: RowBlock) -> tuple[CallBlock, set[int]]:
        """Return the block's calls, and which of them may be none: of those the values mean nothing."""
        template = self._template
        ids = template.id.expand_all(rows)
        texts = {name: setting.items[0].expand_all(rows) for name, setting in self._open.items()}
        doubtful = set(self._bad_ids(ids, rows))
        for name, column in texts.items():
            doubtful.update(_empty(column), self._doubts[name](column))
        identities = {name: list(map(home_identity, texts[name])) for name in NUMBERS if name in texts}
        doubtful.update(self._same_numbers(identities))
        if self._e164:
            texts.update(identities)
        schedules = self._schedules(rows, doubtful)
        fields = tuple(
            slot.field or FieldColumn(slot.name, texts[slot.name], slot.settings[0].origin) for slot in template.slots
        )
        calls = CallBlock(rows, ids, fields, identities[PERSON], schedules, template.carry)
        if template.is_ruled:
            doubtful.update(self._told_of_parameters(calls, doubtful))
        return calls, doubtful

    def _bad_ids(self, ids: list[str], rows: RowBlock) -> Iterable[int]:
        template = self._template
        is_whole = all(all(rows.column(name)) for name in template.id.columns) and all(map(str.strip, ids))
        if is_whole and "".join(ids).isprintable() and max(map(len, ids)) <= LONGEST_ID:
            return ()
        return (position for position, row in enumerate(rows) if template.id_of(row) is None)

    def _same_numbers(self, identities: dict[str, list[str]]) -> Iterable[int]:
        """Yield the positions of the rows in which both ends may be one number."""
        people, agents = identities[PERSON], identities.get(AGENT)
        if agents is None:
            fixed = next(slot.field for slot in self._template.slots if slot.name == AGENT)
            agent = identity(fixed.value) if fixed is not None and isinstance(fixed.value, str) else ""
            if agent not in people:
                return ()
            agents = [agent] * len(people)
        return (position for position, pair in enumerate(zip(people, agents, strict=True)) if pair[0] == pair[1])

    def _schedules(self, rows: RowBlock, doubtful: set[int]) -> list[CallSchedule]:
        schedule = self._template.schedule
        if schedule.fixed is not None:
            return [schedule.fixed] * len(rows)
        texts = zip(*(each.expand_all(rows) for _, each in schedule.templates), strict=True)
        found = self._schedule.of_all(list(texts))
        doubtful.update(position for position, each in enumerate(found) if each is None)
        return [each or CallSchedule() for each in found]

    def _read_schedule(self, texts: tuple[str, ...]) -> CallSchedule | None:
        schedule, problems = self._template.schedule.read(texts)
        return None if problems else schedule

    def _told_of_parameters(self, calls: CallBlock, doubtful: set[int]) -> Iterable[int]:
        """Yield the rows, else right, of whose parameters the rules tell something: `resolve` has to say so."""
        deciding = (each for each in calls.fields if isinstance(each, FieldColumn) and each.name in DECIDING)
        columns = [conditions_of(each.name, each.values) for each in deciding]
        found: list[Hashable] = list(zip(*columns, strict=True)) if columns else [()] * len(calls)
        for conditions in set(found) - self._conditions:
            positions = [at for at, each in enumerate(found) if each == conditions and at not in doubtful]
            is_told = any(self._rules.of_parameters(calls.call(positions[0]).fields)) if positions else False
            if positions and (self._warns_once or not is_told):
                self._conditions.add(conditions)
            if is_told:
                yield from positions[:1] if self._warns_once else positions


def _empty(texts: list[str]) -> Iterable[int]:
    return () if all(texts) else (position for position, text in enumerate(texts) if not text)


def _doubts_about(setting: PlannedParameter, context: ValueContext) -> Callable[[list[str]], Iterable[int]]:
    """Compile the check of one parameter: it returns the positions of the texts that may not be right."""
    if setting.name in NUMBERS:
        return lambda texts: not_plainly_at_home(texts, prefixed=not context.e164)
    fits = Remembered[str, bool](lambda text: setting.fits(text, context))

    def doubts(texts: list[str]) -> Iterable[int]:
        if setting.row is not None and texts_fit(setting.row, texts):
            return ()
        return (position for position, each in enumerate(fits.of_all(texts)) if not each)

    return doubts
