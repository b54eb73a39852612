"""One entry of `calls`, compiled: `defaults` and its own keys merged, ready to be filled in for each row."""

import re
from collections.abc import Hashable, Iterable, Iterator, Mapping, Sequence

from orchestrator.exotel.call_fields import NUMBERS
from orchestrator.exotel.parameter import Kind
from orchestrator.exotel.parameters import BY_NAME, REQUIRED, TABLE
from orchestrator.exotel.values import AS_DECIMAL
from orchestrator.model.call import Field, ResolvedCall
from orchestrator.model.diagnostic import Diagnostic, Span, error, warning
from orchestrator.model.frozen import frozen
from orchestrator.phone.numbers import identity
from orchestrator.plan.addresses import kind
from orchestrator.plan.call_schedule import ScheduleTemplate
from orchestrator.plan.callee_zone import zone_unknown, zones_of_resolved
from orchestrator.plan.findings import line_excerpt
from orchestrator.plan.parameters import PlannedParameter, ValueContext
from orchestrator.plan.rows.row import Row, is_blank
from orchestrator.plan.rows.templates import Template

LONGEST_ID = 200
_ROUNDED = re.compile(r"[0-9]+(?:[.,][0-9]+)?[eE]\+[0-9]+\Z")
_NOT_A_DIGIT = re.compile(r"[^0-9]")


@frozen
class Slot:
    """One parameter of a call: the settings that may decide it, the stronger first, the last perhaps fixed.

    `field` is the value where none of them needs a row.
    """

    name: str
    settings: tuple[PlannedParameter, ...]
    field: Field | None


def merge_parameters(
    defaults: Mapping[str, PlannedParameter], own: Mapping[str, PlannedParameter], context: ValueContext
) -> tuple[Slot, ...]:
    """Merge in the order of the wire: the defaults' parameters first, then those that only the call has.

    A default that the call overrides keeps its position and is sent once. A value that comes out empty counts as not
    set, so that the default decides where the call's own is empty.
    """
    slots: list[Slot] = []
    for name in (*defaults, *(name for name in own if name not in defaults)):
        settings: list[PlannedParameter] = []
        field: Field | None = None
        for setting in (own.get(name), defaults.get(name)):
            if setting is None or field is not None:
                continue
            if setting.fixed and not setting.broken:
                field, _ = setting.fill({}, context)
                if field is None:
                    continue
            settings.append(setting)
        if settings:
            slots.append(Slot(name, tuple(settings), field if settings[0].fixed else None))
    return tuple(slots)


class CallTemplate:
    """Turns rows into resolved calls. What does not depend on a row is reported once, by `problems`.

    `reported` is shared by the entries of a plan: (id, place) of what the rules have told of parameters so far.
    `misspelled` parameters are set by keys that are reported, and not missed. `is_ruled`: the rules may tell something
    of its parameters.
    """

    def __init__(
        self,
        id_template: Template,
        slots: tuple[Slot, ...],
        carry: tuple[str, ...],
        schedule: ScheduleTemplate,
        context: ValueContext,
        reported: set[tuple[str, Span]],
        misspelled: frozenset[str] = frozenset(),
    ) -> None:
        self.id = id_template
        self.span = id_template.span
        self.slots = slots
        self._fixed = [slot.field for slot in slots]
        self._open = [(position, slot) for position, slot in enumerate(slots) if slot.field is None]
        self._open_names = frozenset(slot.name for _, slot in self._open)
        names = [slot.name for slot in slots]
        self._dialed = tuple(names.index(name) if name in names else None for name in NUMBERS)
        self.carry = carry
        self.schedule = schedule
        self._context = context
        self._conditions_seen: set[tuple[Condition, ...]] = set()
        self._reported = reported
        self._misspelled = misspelled.intersection(REQUIRED).difference(names)
        self.is_ruled = any(context.rules.matters(slot.name) for slot in slots)

    @property
    def is_broken(self) -> bool:
        """Whether some template of it has a problem, so that no call can be made of it."""
        is_unclear = self.schedule.broken or bool(self._misspelled)
        return is_unclear or any(setting.broken for slot in self.slots for setting in slot.settings)

    def templates(self) -> Iterator[Template]:
        """Yield the templates that need a row."""
        yield self.id
        yield from self.schedule.columns()
        for slot in self.slots:
            for setting in slot.settings:
                yield from setting.columns()

    def problems(self) -> Iterator[Diagnostic]:
        """Yield what is wrong whatever the rows are: a parameter nobody sets, one number on both ends."""
        set_somewhere = {slot.name for slot in self.slots}
        for name in REQUIRED:
            if name not in set_somewhere and name not in self._misspelled:
                yield _missing(name, self.id.fixed, self.span)
        fixed = [slot.field for slot in self.slots if slot.field is not None and slot.name in NUMBERS]
        if len(fixed) == 2 and _same_number(*fixed):
            yield _same(self.id.fixed, self.span)

    def resolve(self, row: Row | None) -> tuple[ResolvedCall | None, list[Diagnostic]]:
        """Return the call of a row (None: of an entry without rows), and what is to be reported of it.

        The call is None where one of the findings is an error. The row has every column that `templates` name.
        """
        values: Mapping[str, str] = {} if row is None else row.values
        place = self.span if row is None else row.span
        found: list[Diagnostic] = [] if row is None or not row.rounded else list(self._rounded(row))
        call_id = self.id.expand(values)
        if problem := _bad_id(call_id) or self._empty_in_id(values):
            found.append(
                error("bad-id", problem, *_places(row, self.span), hint="an id has 1 to 200 printable characters")
            )
        fields = self._fields(values, row, call_id, found)
        if row is not None and row.decimals and not any(each.id == AS_DECIMAL for each in found):
            found += self._decimals(row)
        schedule, about_schedule = self.schedule.fill(values)
        found += _in_row(about_schedule, row)
        if found and any(finding.is_error for finding in found):
            return None, found
        if self.is_ruled:
            found += self._told_of_parameters(fields)
        carry = {name: values[name] for name in self.carry}
        call = ResolvedCall(call_id, fields, place, carry, schedule)
        if self._context.follows_callee and not zones_of_resolved(call):
            found.append(zone_unknown(call, "`policy.window`", *_places(row, self.span)))
            return None, found
        return call, found

    def id_of(self, row: Row) -> str | None:
        """Return the id of a row's call; None where it makes none. The row has every column that `templates` name."""
        call_id = self.id.expand(row.values)
        return None if _bad_id(call_id) or self._empty_in_id(row.values) else call_id

    def _empty_in_id(self, values: Mapping[str, str]) -> str | None:
        """Return why the id is of no use where a column that it names is empty: `order-` alone names no order."""
        return next(
            (f"`{line_excerpt(name)}`, which the id names, is empty" for name in self.id.columns if not values[name]),
            None,
        )

    def _fields(
        self, values: Mapping[str, str], row: Row | None, call_id: str, found: list[Diagnostic]
    ) -> tuple[Field, ...]:
        fields = self._fixed.copy()
        for position, slot in self._open:
            problems: list[Diagnostic] = []
            field = self._filled(slot, values, row, problems)
            if problems and field is not None and _is_blank_number(slot, field):
                problems = []
                field = None
            found += problems
            fields[position] = field
            if field is None and slot.name in REQUIRED:
                places = _places(row, slot.settings[0].span)
                found.append(_empty_cell(slot, values, call_id, *places) or _missing(slot.name, call_id, *places))
        one, other = (None if position is None else fields[position] for position in self._dialed)
        if one is not None and other is not None and _same_number(one, other):
            found.append(_same(call_id, *_places(row, self.span)))
        return tuple([field for field in fields if field is not None])

    def _filled(self, slot: Slot, values: Mapping[str, str], row: Row | None, found: list[Diagnostic]) -> Field | None:
        for setting in slot.settings:
            field, problems = setting.fill(values, self._context)
            if field is not None:
                if problems and not setting.fixed:
                    found += _in_row(problems, row)
                return field
        return None

    def _told_of_parameters(self, fields: tuple[Field, ...]) -> Iterable[Diagnostic]:
        """Return what the rules tell of a call's parameters: once for a place of the plan, not once a call."""
        open_ = self._open_names
        key = tuple([(item.name, condition_of(item.name, item.value)) for item in fields if item.name in open_])
        if key in self._conditions_seen:
            return ()
        self._conditions_seen.add(key)
        origins = {item.name: item.origin for item in fields}
        spans = {(slot.name, setting.origin): setting.span for slot in self.slots for setting in slot.settings}
        return [
            Diagnostic(found.id, found.severity, found.message, (span,), found.hint)
            for name, found in self._context.rules.of_parameters(fields)
            if (span := spans[name, origins[name]]) and self._is_new(found.id, span)
        ]

    def _is_new(self, finding: str, span: Span) -> bool:
        if (finding, span) in self._reported:
            return False
        self._reported.add((finding, span))
        return True

    def _rounded(self, row: Row) -> Iterator[Diagnostic]:
        """Report numbers that a spreadsheet has rounded; in a phone parameter the table reports them itself."""
        hint = "export the column again as text: its digits are lost"
        for template, is_id in self._beside_phones():
            for name in dict.fromkeys(template.columns):
                if _ROUNDED.match(row.values[name].strip()):
                    shown = f"`{line_excerpt(name)}` is `{line_excerpt(row.values[name])}`"
                    message = f"{shown}, a number that a spreadsheet has rounded"
                    make = error if is_id else warning
                    yield make("number-destroyed", message, row.span, template.span, hint=hint)

    def _decimals(self, row: Row) -> Iterator[Diagnostic]:
        """Refuse JSON numbers with a fraction as phone numbers, also where their point could be a separator."""
        for slot in self.slots:
            for setting in slot.settings[:1]:
                names = [name for item in setting.columns() for name in item.columns if name in row.decimals]
                if names and setting.row is not None and setting.row.kind is Kind.PHONE:
                    message = (
                        f"{slot.name} is `{line_excerpt(row.values[names[0]])}`, which JSON writes as a decimal number"
                    )
                    yield error(AS_DECIMAL, message, row.span, setting.span, hint="write it in double quotes")

    def _beside_phones(self) -> Iterator[tuple[Template, bool]]:
        yield self.id, True
        for slot in self.slots:
            for setting in slot.settings:
                if setting.row is None or setting.row.kind is not Kind.PHONE:
                    yield from ((template, False) for template in setting.columns())


def _in_row(problems: Iterable[Diagnostic], row: Row | None) -> Iterator[Diagnostic]:
    """Put a row's place before those in the plan."""
    before = () if row is None else (row.span,)
    return (Diagnostic(each.id, each.severity, each.message, (*before, *each.spans), each.hint) for each in problems)


def _places(row: Row | None, span: Span) -> tuple[Span, ...]:
    return (span,) if row is None else (row.span, span)


def _bad_id(call_id: str) -> str | None:
    if not call_id.strip():
        return "the id comes out empty"
    if len(call_id) > LONGEST_ID:
        return f"the id `{line_excerpt(call_id)}` has {len(call_id)} characters"
    if not call_id.isprintable():
        return f"the id `{line_excerpt(call_id)}` holds a character that cannot be printed"
    return None


def _is_blank_number(slot: Slot, field: Field) -> bool:
    """Whether a parameter that must be a phone number is nothing but white space."""
    return slot.name in REQUIRED and isinstance(field.value, str) and is_blank(field.value)


def _empty_cell(slot: Slot, values: Mapping[str, str], call_id: str, *places: Span) -> Diagnostic | None:
    """Report which cell it is that leaves a parameter without a value; None where no cell decides it."""
    templates = (template for setting in slot.settings for template in setting.columns())
    name = next((name for template in templates for name in template.columns if is_blank(values[name])), None)
    if name is None:
        return None
    who = f"call `{line_excerpt(call_id)}`" if call_id else "the call"
    message = f"{who} has no {slot.name}: the cell `{line_excerpt(name)}` of this row is empty"
    return error("missing-parameter", message, *places, hint="fill the cell, or remove the row")


def _missing(name: str, call_id: str | None, *places: Span) -> Diagnostic:
    who = f"call `{line_excerpt(call_id)}`" if call_id else "the call"
    return error(
        "missing-parameter", f"{who} has no {name}", *places, hint=f"set `{name}` in the call or under `defaults`"
    )


def _same(call_id: str | None, *places: Span) -> Diagnostic:
    who = f"call `{line_excerpt(call_id)}`" if call_id else "the call"
    return error("same-number", f"{who} has the same number as From and To", *places, hint="a call bridges two numbers")


def _same_number(one: Field, other: Field) -> bool:
    """Whether two fields hold one phone number, in whatever spelling.

    Spellings of one number end alike, and few others do: that is looked at first, since reading a number takes 90 us.
    """
    if not isinstance(one.value, str) or not isinstance(other.value, str) or one.value[-1] != other.value[-1]:
        return False
    if _NOT_A_DIGIT.sub("", one.value)[-4:] != _NOT_A_DIGIT.sub("", other.value)[-4:]:
        return False
    return identity(one.value) == identity(other.value)


Condition = Hashable
"""What the rules may go by of one parameter of a call."""

_FEW_VALUES = (Kind.FLAG, Kind.CHOICE, Kind.CHOICES)
DECIDING = frozenset(row.name for row in TABLE if row.kind in _FEW_VALUES or row.kind is Kind.URL)
"""The parameters whose values rules may go by: of all others they see whether they are set."""


def condition_of(name: str, value: str | tuple[str, ...]) -> Condition:
    """Return what the rules may go by of a parameter: its value where it is one of a few, of an address its kind."""
    return conditions_of(name, (value,))[0]


def conditions_of(name: str, values: Sequence[str | tuple[str, ...]]) -> Sequence[Condition]:
    """Return what the rules may go by of many values of one parameter."""
    if name not in DECIDING:
        return (name,) * len(values)
    if BY_NAME[name].kind is Kind.URL:
        return [kind(value) for value in values if isinstance(value, str)]
    return values
