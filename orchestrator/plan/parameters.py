"""One carrier parameter as a plan sets it: in `defaults` or in a call, fixed or with holes for a row."""

import re
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import replace
from typing import Protocol

from orchestrator.exotel.call_fields import NUMBERS
from orchestrator.exotel.parameter import Kind, Parameter
from orchestrator.exotel.parameters import BY_SPELLING
from orchestrator.exotel.values import ValueProblem, value_problem
from orchestrator.model.call import Field
from orchestrator.model.diagnostic import Diagnostic, Span, error, warning
from orchestrator.model.frozen import frozen
from orchestrator.phone.numbers import Reading, Validity, must_be_guessed, read
from orchestrator.plan.fixes import rewritten
from orchestrator.plan.rows.templates import MOST_TEMPLATE_PROBLEMS, Template, compile_template
from orchestrator.plan.suggestions import only_word_meant
from orchestrator.plan.yaml.nodes import Entry, MappingNode, ScalarNode, SequenceNode

Accept = Mapping[str, tuple[str, ...]]
"""What a target admits beside the table: more words for a parameter; none for a new one that takes any text."""
NOTHING_MORE: Accept = {}
_MOST_KEYS = 200
"""Keys of a mapping that are compared with the table's; no call has as many."""


def parameter_problems(mapping: MappingNode, accept: Accept) -> Iterator[Diagnostic]:
    """Judge the parameters of `defaults` or of one call.

    Templates (`${...}`) are left to whoever completes them, and an empty value counts as not set.
    """
    seen: dict[str, Entry] = {}
    for entry in mapping.entries:
        row = BY_SPELLING.get(entry.key.text)
        if row is None:
            if entry.key.text in accept:
                yield from _unlisted(entry, accept[entry.key.text])
            continue
        if row.name in seen:
            yield _twice(row, entry, seen[row.name])
        seen[row.name] = entry
        yield from _judge(row, entry, accept.get(row.name))


def misspelled(mapping: MappingNode) -> frozenset[str]:
    """Return the parameters that a key of the mapping means and does not spell: the key itself is reported."""
    texts = (entry.key.text for entry in mapping.entries[:_MOST_KEYS])
    keys = (text for text in texts if text not in BY_SPELLING)
    return frozenset(meant for key in keys if (meant := only_word_meant(key, BY_SPELLING)) is not None)


def _judge(row: Parameter, entry: Entry, accepted: tuple[str, ...] | None) -> Iterator[Diagnostic]:
    if row.refused:
        found = value_problem(row, "")
        if found is not None:
            yield _finding(found, entry.key.span)
    elif row.is_list:
        yield from _list(row, entry, accepted)
    elif isinstance(entry.value, ScalarNode):
        yield from _scalar(row, entry.value, accepted)
    elif row.kind is Kind.PHONE:
        yield _wrong_type(entry, "one value", "write one number: each number that is rung has a call of its own")
    else:
        yield _wrong_type(entry, "one value", f"for example `{row.name}: {row.example}`")


def _list(row: Parameter, entry: Entry, accepted: tuple[str, ...] | None) -> Iterator[Diagnostic]:
    example = f"for example `{row.name}: [{row.example}]`"
    if not isinstance(entry.value, SequenceNode):
        yield _wrong_type(entry, "a list", example)
        return
    if not entry.value.items:
        yield error("empty-list", f"`{row.name}` must have at least one item", entry.value.span, hint=example)
    seen: dict[str, Span] = {}
    for item in entry.value.items:
        if not isinstance(item, ScalarNode):
            yield _wrong_type(Entry(entry.key, item), "a list of single values", example)
            continue
        if item.text in seen:
            yield error("repeated-item", f"`{row.name}` names this twice", item.span, seen[item.text], hint="remove it")
        seen.setdefault(item.text, item.span)
        yield from _scalar(row, item, accepted, may_be_empty=False)


def _scalar(
    row: Parameter, value: ScalarNode, accepted: tuple[str, ...] | None, *, may_be_empty: bool = True
) -> Iterator[Diagnostic]:
    if "${" in value.text or (may_be_empty and not value.text):
        return
    found = value_problem(row, value.text, accepted or ())
    if found is not None:
        finding = _finding(found, value.span)
        yield finding if found.instead is None else replace(finding, fix=rewritten(value, found.instead))


def _unlisted(entry: Entry, words: tuple[str, ...]) -> Iterator[Diagnostic]:
    name = entry.key.text
    if not isinstance(entry.value, ScalarNode):
        yield _wrong_type(entry, "one value", "write one value")
    elif words and "${" not in entry.value.text and entry.value.text not in words:
        listed = ", ".join(words)
        yield error(
            "not-allowed", f"the target accepts `{name}` with: {listed}", entry.value.span, hint="write one of them"
        )


def _twice(row: Parameter, entry: Entry, first: Entry) -> Diagnostic:
    message = f"`{entry.key.text}` and `{first.key.text}` are two spellings of one parameter"
    return error("duplicate-key", message, entry.key.span, first.key.span, hint=f"keep `{row.name}`")


def _wrong_type(entry: Entry, wanted: str, hint: str) -> Diagnostic:
    return error("wrong-type", f"`{entry.key.text}` must be {wanted}", entry.value.span, hint=hint)


def _finding(found: ValueProblem, *spans: Span) -> Diagnostic:
    make = error if found.serious else warning
    return make(found.id, found.message, *spans, hint=found.hint)


_LONGEST_VALUE = 10_000
"""Characters of a filled-in value. A row's cells may stand in it more than once."""


class ParameterRules(Protocol):
    """What is told of parameters that are right each by itself."""

    def matters(self, parameter: str) -> bool:
        """Whether anything may be told of this parameter."""

    def of_parameters(self, fields: Iterable[Field]) -> Iterator[tuple[str, Diagnostic]]:
        """Yield (parameter, finding without a place) for the parameters of a call."""


@frozen
class ValueContext:
    """What values mean in one plan: its variables, how numbers go out, and what the target admits beside the table.

    `accept` maps a parameter to more words; none means any text. `follows_callee`: a window of the plan is meant in the
    zone of To, which must be known.
    """

    variables: Mapping[str, str]
    e164: bool
    accept: Mapping[str, tuple[str, ...]]
    rules: ParameterRules
    follows_callee: bool = False


@frozen
class PlannedParameter:
    """A parameter under its table name.

    `row` is None for one that only the target's `accept` knows. `literal`: written without `${`, so that the plan's
    check has judged it. `fixed`: needs no row. `broken`: its shape or a template has a problem, which was reported.
    """

    name: str
    row: Parameter | None
    items: tuple[Template, ...]
    is_list: bool
    origin: str
    span: Span
    literal: bool
    fixed: bool
    broken: bool

    def columns(self) -> Iterator[Template]:
        """Yield the templates that need a row."""
        return (item for item in self.items if item.fixed is None)

    def fill(self, row: Mapping[str, str], context: ValueContext) -> tuple[Field | None, tuple[Diagnostic, ...]]:
        """Return the wire value for a row, None where it comes out empty, and what is wrong with it.

        Every problem has the plan's own place; whoever knows the row's puts it first.
        """
        if not self.is_list:
            text = self.items[0].expand(row)
            if not text:
                return None, ()
            text, found = self._judged(text, context)
            problems = () if found is None else (_placed(found, self.items[0].span),)
            return Field(self.name, text, self.origin), problems
        texts: list[str] = []
        problems_of_items: list[Diagnostic] = []
        for item in self.items:
            text = item.expand(row)
            if text:
                text, found = self._judged(text, context)
                texts.append(text)
                problems_of_items += () if found is None else (_placed(found, item.span),)
        return (Field(self.name, tuple(texts), self.origin) if texts else None), tuple(problems_of_items)

    def fits(self, text: str, context: ValueContext) -> bool:
        """Whether a filled-in text goes out as it is, with nothing to report; of a list, one of its items."""
        return self._judged(text, context) == (text, None)

    def _judged(self, text: str, context: ValueContext) -> tuple[str, Diagnostic | None]:
        """Judge one text by the table. A literal one was judged when the plan was checked: nothing is said again."""
        if len(text) > _LONGEST_VALUE:
            return text, error(
                "value-too-long", f"{self.name} becomes longer than {_LONGEST_VALUE:,} characters", hint="shorten it"
            )
        found = self._misfit(text, context.accept.get(self.name))
        if found is not None:
            return text, None if self.literal else found
        if self.name not in NUMBERS:
            return text, None
        return _dialed(self.name, text, e164=context.e164)

    def _misfit(self, text: str, accepted: tuple[str, ...] | None) -> Diagnostic | None:
        if self.row is None:
            if not accepted or text in accepted:
                return None
            words = ", ".join(accepted)
            return error("not-allowed", f"the target accepts `{self.name}` with: {words}", hint="write one of them")
        if accepted == () and not self.row.refused:
            return None
        found = value_problem(self.row, text, accepted or ())
        return None if found is None else _finding(found)


def read_parameters(
    mapping: MappingNode, origin: str, context: ValueContext, rows: str | None
) -> tuple[dict[str, PlannedParameter], tuple[Diagnostic, ...]]:
    """Read the carrier parameters of `defaults` or of one call, under their table names, in the plan's order.

    `rows`: as for `compile_template`. Keys that do not belong there are left out: the check reports them. A setting
    that has a problem is kept, so that it is not reported as missing too.
    """
    settings: dict[str, PlannedParameter] = {}
    problems: list[Diagnostic] = []
    for entry in mapping.entries:
        row = BY_SPELLING.get(entry.key.text)
        name = entry.key.text if row is None else row.name
        if (row is None and name not in context.accept) or name in settings:
            continue
        scalars = _scalars(entry, row)
        compiled = list(_compiled(scalars or (), context, rows))
        problems += (problem for _, found in compiled for problem in found)
        settings[name] = PlannedParameter(
            name=name,
            row=row,
            items=tuple(template for template, _ in compiled),
            is_list=row is not None and row.is_list,
            origin=origin,
            span=entry.value.span,
            literal=not any("${" in scalar.text for scalar in scalars or ()),
            fixed=all(template.fixed is not None for template, _ in compiled),
            broken=scalars is None or any(found for _, found in compiled),
        )
    return settings, tuple(problems)


def _compiled(
    scalars: tuple[ScalarNode, ...], context: ValueContext, rows: str | None
) -> Iterator[tuple[Template, tuple[Diagnostic, ...]]]:
    """Compile the items of one value; those after a number of problems are left out, since no call is made of it."""
    problems = 0
    for scalar in scalars:
        template, found = compile_template(scalar, context.variables, rows=rows)
        yield template, found
        problems += len(found)
        if problems >= MOST_TEMPLATE_PROBLEMS:
            return


def _scalars(entry: Entry, row: Parameter | None) -> tuple[ScalarNode, ...] | None:
    if row is None or not row.is_list:
        return (entry.value,) if isinstance(entry.value, ScalarNode) else None
    if not isinstance(entry.value, SequenceNode):
        return None
    return tuple(item for item in entry.value.items if isinstance(item, ScalarNode))


def _placed(found: Diagnostic, span: Span) -> Diagnostic:
    return Diagnostic(found.id, found.severity, found.message, (span,), found.hint)


def _dialed(name: str, text: str, *, e164: bool) -> tuple[str, Diagnostic | None]:
    """Return the number as it goes out, and a warning where the carrier must guess it, an error under `e164`."""
    found = read(text)
    if found is not None and found.validity is Validity.VALID and found.identity == text:
        return text, None
    if found is None or found.validity is Validity.IMPOSSIBLE:
        message = f"{name} is `{text}`: no country has such numbers"
        return text, error("number-not-valid", message, hint="check its digits and its country code")
    if not e164 and _NO_STD_CODE.match(text) and found.validity in (Validity.SHORT, Validity.POSSIBLE):
        return text, _no_std_code(name, text)
    if found.validity in (Validity.GUESSED, Validity.POSSIBLE):
        return text, _not_valid(name, text, found, serious=e164)
    if not e164:
        return text, _to_guess(name, text)
    if found.validity is Validity.VALID:
        return found.identity, None
    message = f"{name} is `{text}`, which has no E.164 form: it is too short for a number with its country"
    return text, error("not-e164", message, hint="write it with its country code, or leave `numbers: e164` out")


_NO_STD_CODE = re.compile("[2-7][0-9]{5,7}\\Z")
"""How people write the landline of a neighbour: Indian ones have six to eight digits behind their STD code."""


def _no_std_code(name: str, text: str) -> Diagnostic:
    message = f"{name} is `{text}`, a landline without its STD code: the carrier cannot know of which town"
    return warning("no-std-code", message, hint="put the STD code in front of it, such as 080 for Bengaluru")


def _not_valid(name: str, text: str, found: Reading, *, serious: bool) -> Diagnostic:
    make = error if serious else warning
    if found.validity is Validity.GUESSED:
        message = f"{name} is `{text}`, which is a phone number only if it is read as {found.identity}"
        return make("number-not-valid", message, hint="write it so if that is who is meant")
    message = f"{name} is `{text}`, which is no number of its country's numbering plan: perhaps nobody has it"
    return make("number-not-valid", message, hint="check its digits; no list and no `suppress` takes such a number")


def _to_guess(name: str, text: str) -> Diagnostic | None:
    if not must_be_guessed(text):
        return None
    message = f"{name} is `{text}`: the carrier has to guess {'its country' if text.isdecimal() else 'how it is meant'}"
    lost = " (spreadsheets drop both)" if text.isdecimal() else ""
    hint = f"write digits only, behind the country code (+91...) or one leading 0{lost}, or set `numbers: e164`"
    return warning("number-to-guess", message, hint=hint)
