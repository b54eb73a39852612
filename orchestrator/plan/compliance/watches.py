"""Kinds of check that look at calls: what is said of a country's is said once, with the first of them as its places."""

from abc import ABC, abstractmethod
from collections import Counter
from collections.abc import Callable, Iterable, Iterator, Mapping
from itertools import islice, repeat

from orchestrator.exotel.call_fields import EXOPHONE, parties
from orchestrator.model.call import Field, FieldColumn, ResolvedCall, text_of
from orchestrator.model.diagnostic import Span
from orchestrator.model.frozen import frozen
from orchestrator.phone.numbers import HOME_CODE, HOME_REGION, identity
from orchestrator.phone.regions import region_of
from orchestrator.plan.call_block import CallBlock
from orchestrator.plan.rules.rule import CallWatch, RuledPlan, Told

MOST_PLACES = 5
MOST_PEOPLE = 10_000
"""Different numbers that are told apart."""

Texts = Mapping[str, str | None]
"""Some parameters of a call by their names; None where one is not set."""

IsWrong = Callable[[Texts], bool]
Words = Callable[[int, RuledPlan], tuple[str, str]]
"""Says of so many calls what is wrong, and what to do."""


def calls_in_words(count: int, one: str = "", more: str = "") -> str:
    """Return `1 call`, `1,204 calls`; with a verb behind it for `one`, and for `more`."""
    return f"{count:,} call{'' if count == 1 else 's'} {one if count == 1 else more}".rstrip()


class RegionWatch(ABC):
    """Watches the calls to numbers of some countries. The calls of a block ring numbers at home."""

    def __init__(self, regions: tuple[str, ...]) -> None:
        self._regions = regions

    def take(self, calls: CallBlock | ResolvedCall) -> Iterator[Told]:
        """Take what comes next."""
        if isinstance(calls, CallBlock):
            if HOME_REGION in self._regions:
                self._take_block(calls)
        elif region_of(identity(parties(calls.fields).person)) in self._regions:
            self._take_call(calls)
        return iter(())

    @abstractmethod
    def _take_block(self, calls: CallBlock) -> None:
        """Take calls to numbers of the country, in columns."""

    @abstractmethod
    def _take_call(self, call: ResolvedCall) -> None:
        """Take one call to a number of the country."""

    @abstractmethod
    def end(self) -> Iterator[Told]:
        """Tell what only all calls together show."""


@frozen
class ParametersAre:
    """Some parameters of a call have values that they should not; `names` are those that `is_wrong` asks for."""

    names: tuple[str, ...]
    is_wrong: IsWrong
    words: Words

    def watch(self, plan: RuledPlan, regions: tuple[str, ...]) -> CallWatch:
        """Return what counts the calls that are wrong."""
        return _ParametersWatch(self, plan, regions)


class _ParametersWatch(RegionWatch):
    def __init__(self, check: ParametersAre, plan: RuledPlan, regions: tuple[str, ...]) -> None:
        super().__init__(regions)
        self._check, self._plan = check, plan
        self._known: dict[tuple[str | None, ...], bool] = {}
        self._count = 0
        self._places: list[Span] = []

    def _take_block(self, calls: CallBlock) -> None:
        named = {each.name: each for each in calls.fields if each.name in self._check.names}
        fields = [named.get(name) for name in self._check.names]
        if not any(isinstance(each, FieldColumn) for each in fields):
            if self._is_wrong(tuple(None if each is None else _text(each) for each in fields)):
                self._note(len(calls), map(calls.rows.span, range(min(len(calls), MOST_PLACES))))
            return
        columns = [
            each.values if isinstance(each, FieldColumn) else repeat(None if each is None else _text(each))
            for each in fields
        ]
        rows = list(zip(*columns, strict=False))  # some value has a column, and ends it
        wrong = {values for values in set(rows) if self._is_wrong(values)}
        if wrong:
            found = [at for at, values in enumerate(rows) if values in wrong]
            self._note(len(found), map(calls.rows.span, found[:MOST_PLACES]))

    def _take_call(self, call: ResolvedCall) -> None:
        values = {each.name: each.value for each in call.fields}
        found = tuple(value if isinstance(value := values.get(name), str) else None for name in self._check.names)
        if self._is_wrong(found):
            self._note(1, (call.span,))

    def _is_wrong(self, values: tuple[str | None, ...]) -> bool:
        if values not in self._known:
            self._known[values] = self._check.is_wrong(dict(zip(self._check.names, values, strict=True)))
        return self._known[values]

    def _note(self, count: int, places: Iterable[Span]) -> None:
        self._count += count
        if len(self._places) < MOST_PLACES:
            self._places += islice(places, MOST_PLACES - len(self._places))

    def end(self) -> Iterator[Told]:
        if self._count:
            message, hint = self._check.words(self._count, self._plan)
            yield Told(message, hint, tuple(self._places))


def _text(field: Field | FieldColumn) -> str | None:
    """Return the value of a parameter that has one for all; None for a list."""
    return field.value if isinstance(field, Field) and isinstance(field.value, str) else None


class AnyCall(RegionWatch):
    """Sees whether any call goes to the country; `tell` then says what is wrong with the plan itself."""

    def __init__(self, regions: tuple[str, ...], tell: Callable[[int], Iterator[Told]]) -> None:
        super().__init__(regions)
        self._tell, self._count = tell, 0

    def _take_block(self, calls: CallBlock) -> None:
        self._count += len(calls)

    def _take_call(self, call: ResolvedCall) -> None:
        self._count += 1

    def end(self) -> Iterator[Told]:
        """Tell of the plan, where any call was seen."""
        return self._tell(self._count) if self._count else iter(())


@frozen
class CustomersFirst:
    """Customers stand as From, and one agent for many of them as To: whoever answers may find nobody there."""

    words: Words

    def watch(self, plan: RuledPlan, regions: tuple[str, ...]) -> CallWatch:
        """Return what compares how many people stand on either end."""
        return _EndsWatch(self, plan, regions)


class _EndsWatch(RegionWatch):
    """Counts the different numbers on both ends of calls, up to a bound."""

    def __init__(self, check: CustomersFirst, plan: RuledPlan, regions: tuple[str, ...]) -> None:
        super().__init__(regions)
        self._check, self._plan = check, plan
        self._first: set[str] = set()
        self._second: set[str] = set()
        self._count = 0

    def _take_block(self, calls: CallBlock) -> None:
        self._add(calls.different("From"), frozenset(calls.people))
        self._count += len(calls)

    def _take_call(self, call: ResolvedCall) -> None:
        numbers = parties(call.fields)
        self._add(frozenset((numbers.agent or "",)), frozenset((numbers.person,)))
        self._count += 1

    def _add(self, first: frozenset[str], second: frozenset[str]) -> None:
        for known, more in ((self._first, first), (self._second, second)):
            if len(known) < MOST_PEOPLE:
                known.update(map(identity, more - known))

    def end(self) -> Iterator[Told]:
        if len(self._first) > 1 and len(self._first) >= 2 * len(self._second):
            message, hint = self._check.words(self._count, self._plan)
            yield Told(message, hint, (self._plan.place("calls", 0),))


def is_of_series(caller_id: str, series: str) -> bool:
    """Whether the national digits of a number, in any spelling, begin so."""
    return identity(caller_id).removeprefix(f"+{HOME_CODE}").lstrip("+0").startswith(series)


def is_of_no_series(series: str, values: Texts) -> bool:
    """Whether a call shows a number that is not of a series; what it does not show is chosen by the carrier."""
    shown = values[EXOPHONE]
    return shown is not None and not is_of_series(shown, series)


@frozen
class OwnSeriesIsShown:
    """Whoever has a number of a `series` shows one; nobody shows one of `never`.

    Who has one is known by the other calls of the plan, and by the numbers that its target allows.
    """

    series: str
    never: str
    words: Words

    def watch(self, plan: RuledPlan, regions: tuple[str, ...]) -> CallWatch:
        """Return what counts the calls by the number that they show."""
        return _ShownWatch(self, plan, regions)


class _ShownWatch(RegionWatch):
    def __init__(self, check: OwnSeriesIsShown, plan: RuledPlan, regions: tuple[str, ...]) -> None:
        super().__init__(regions)
        self._check, self._plan = check, plan
        self._shown: Counter[str] = Counter()
        self._first: dict[str, Span] = {}

    def _take_block(self, calls: CallBlock) -> None:
        field = next((each for each in calls.fields if each.name == EXOPHONE), None)
        if isinstance(field, FieldColumn):
            for number, count in Counter(field.values).items():
                self._note(number, count, calls.rows.span(field.values.index(number)))
        elif field is not None:
            self._note(str(field.value), len(calls), calls.rows.span(0))

    def _take_call(self, call: ResolvedCall) -> None:
        number = text_of(call.fields, EXOPHONE)
        if number is not None:
            self._note(number, 1, call.span)

    def _note(self, number: str, count: int, place: Span) -> None:
        if number in self._shown or len(self._shown) < MOST_PEOPLE:
            self._shown[number] += count
            self._first.setdefault(number, place)

    def end(self) -> Iterator[Told]:
        """Tell of the calls that show another number than they should."""
        series, never = self._check.series, self._check.never
        allowed = () if self._plan.target is None else self._plan.target.guardrails.caller_ids
        has_one = any(is_of_series(number, series) for number in (*self._shown, *allowed))
        wrong = [
            number
            for number in self._shown
            if is_of_series(number, never) or (has_one and not is_of_series(number, series))
        ]
        if wrong:
            count = sum(self._shown[number] for number in wrong)
            message, hint = self._check.words(count, self._plan)
            yield Told(message, hint, tuple(self._first[number] for number in wrong[:5]))
