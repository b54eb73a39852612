"""Kinds of check that look at which number a call shows: countries keep series of numbers for kinds of calls."""

from collections import Counter
from collections.abc import Iterator

from orchestrator.exotel.call_fields import EXOPHONE
from orchestrator.model.call import FieldColumn, ResolvedCall, text_of
from orchestrator.model.diagnostic import Span
from orchestrator.model.frozen import frozen
from orchestrator.phone.numbers import HOME_CODE, identity
from orchestrator.plan.call_block import CallBlock
from orchestrator.plan.compliance.watches import MOST_PEOPLE, RegionWatch, Texts, Words
from orchestrator.plan.rules.rule import CallWatch, RuledPlan, Told


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
