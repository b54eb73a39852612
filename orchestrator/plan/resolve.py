"""A plan's `defaults` and `calls` to a stream of resolved calls, with the findings in between."""

from collections.abc import Iterator, Sequence
from itertools import islice
from pathlib import Path
from typing import TypeAlias

from orchestrator.exotel.parameters import REQUIRED
from orchestrator.model.call import ResolvedCall, SkippedRow
from orchestrator.model.diagnostic import Diagnostic, Severity, Span, error, warning
from orchestrator.plan.call_block import BlockTemplate, CallBlock
from orchestrator.plan.call_schedule import read_schedule
from orchestrator.plan.call_template import CallTemplate, merge_parameters
from orchestrator.plan.duplicates import Again, Duplicates
from orchestrator.plan.findings import MOST_PROBLEMS, SKIPPED, hints, line_excerpt, too_many_problems
from orchestrator.plan.literal_calls import EntryTable, row_of, tables
from orchestrator.plan.parameters import PlannedParameter, ValueContext, misspelled, read_parameters
from orchestrator.plan.paths import NamedFiles
from orchestrator.plan.rows.row import BadRow, Header, Row, RowBlock
from orchestrator.plan.rows.source import RowsSpec, one_by_one, read_rows_spec, row_items
from orchestrator.plan.rows.templates import MOST_TEMPLATE_PROBLEMS, compile_template, unknown_column, unknown_columns
from orchestrator.plan.yaml.nodes import MappingNode, Node, ScalarNode, SequenceNode

Resolved: TypeAlias = ResolvedCall | SkippedRow | Diagnostic
ResolvedBlock: TypeAlias = Resolved | CallBlock


class Resolver:
    """Resolves one plan, once. Every entry is compiled when its turn comes, every row when it is read.

    `reported_before`: the same plan was read before, and who is rung by several calls was reported then. `again` hears
    of each call to a person who is rung before.
    """

    def __init__(
        self,
        root: MappingNode,
        context: ValueContext,
        files: NamedFiles,
        *,
        reported_before: bool = False,
        again: Again | None = None,
    ) -> None:
        self._root = root
        self._context = context
        self._files = files
        self._defaults: dict[str, PlannedParameter] = {}
        self._misspelled: frozenset[str] = frozenset()  # of the defaults
        self._duplicates = Duplicates(and_people=not reported_before, again=again)
        self._advised: set[tuple[str, Span]] = set()
        self._errors = 0  # of entries, not of rows

    def stream(self) -> Iterator[ResolvedBlock]:
        """Yield calls, in blocks where they are many, and skipped rows in the plan's order, behind what is to be told.

        Who is rung by several calls is reported at the end, unless the policy says how often a person may be rung.
        A call with an error is reported and not yielded. Parts that the plan's check refuses are passed over.
        """
        yield from self._read_defaults()
        calls = self._root.get("calls")
        for item in self._entries(calls.items if isinstance(calls, SequenceNode) else ()):
            if isinstance(item, CallBlock):
                yield from self._unrepeated(item)
            elif isinstance(item, MappingNode):
                yield from self._entry(item)
                if self._errors > MOST_PROBLEMS:
                    yield too_many_problems(item.span)
                    return
        if not _limits_people(self._root):
            yield from self._duplicates.people()

    def _entries(self, nodes: Sequence[Node]) -> Iterator[CallBlock | Node]:
        """Yield the entries in their order; in the place of many alike, of which nothing is to be told, their calls."""
        compiled: dict[tuple[str, ...], BlockTemplate] = {}
        for item in tables(nodes):
            if not isinstance(item, EntryTable):
                yield item
                continue
            keys = item.rows.columns
            if keys not in compiled:
                template, _, _ = self._compiled(*row_of(keys))
                compiled[keys] = BlockTemplate(template, self._context, warns_once=False)
            is_of_use = compiled[keys].is_of_use and all(setting.fixed for setting in self._defaults.values())
            for each in compiled[keys].judge(item.rows) if is_of_use else range(len(item.nodes)):
                yield item.nodes[each] if isinstance(each, int) else each

    def _read_defaults(self) -> Iterator[Diagnostic]:
        node = self._root.get("defaults")
        if not isinstance(node, MappingNode):
            return
        self._defaults, problems = read_parameters(node, "defaults", self._context, None)
        self._misspelled = misspelled(node)
        yield from problems
        yield from self._judged_once(self._defaults)

    def _judged_once(self, settings: dict[str, PlannedParameter]) -> Iterator[Diagnostic]:
        """Report what is wrong with values that need no row: once, and not in every call that they decide."""
        for setting in settings.values():
            if setting.fixed and not setting.broken:
                yield from setting.fill({}, self._context)[1]

    def _entry(self, node: MappingNode) -> Iterator[ResolvedBlock]:
        id_node, rows_node = node.get("id"), node.get("rows")
        if not isinstance(id_node, ScalarNode) or not id_node.text:
            return
        template, spec, found = self._compiled(node, id_node)
        if rows_node is None:
            found += _without_rows(template)
        yield from found
        errors = sum(problem.is_error for problem in found)
        self._errors += errors
        usable = not template.is_broken and not errors
        if rows_node is None:
            if usable:
                yield from self._call(template)
            elif template.id.fixed is not None:  # a broken call takes its id all the same
                repeated = self._duplicates.of_id(template.id.fixed, template.span, template.id)
                yield from () if repeated is None else (repeated,)
        elif spec is not None:
            yield from self._calls(template, spec, usable)

    def _compiled(
        self, node: MappingNode, id_node: ScalarNode
    ) -> tuple[CallTemplate, RowsSpec | None, list[Diagnostic]]:
        """Compile an entry; return it, what its `rows` asks for, and what is wrong with it whatever the rows are."""
        rows_node = node.get("rows")
        reason = None if rows_node is not None else "this call has no `rows`"
        id_template, problems = compile_template(id_node, self._context.variables, rows=reason)
        own, more = read_parameters(node, "call", self._context, reason)
        schedule, about_schedule = read_schedule(node, self._context.variables, reason)
        spec, about_rows = (None, ()) if rows_node is None else read_rows_spec(rows_node, self._context.variables)
        carry = () if spec is None else tuple(name for name, _ in spec.carry)
        slots = merge_parameters(self._defaults, own, self._context)
        lacks_none = {slot.name for slot in slots}.issuperset(REQUIRED)
        unclear = frozenset() if lacks_none else self._misspelled | misspelled(node)
        template = CallTemplate(id_template, slots, carry, schedule, self._context, self._advised, unclear)
        found = [*problems, *more, *about_schedule, *about_rows, *self._judged_once(own), *template.problems()]
        return template, spec, found

    def _call(self, template: CallTemplate) -> Iterator[Resolved]:
        call, found = template.resolve(None)
        yield from found
        if call is not None:
            yield self._judged_against_others(call, template)

    def _calls(self, template: CallTemplate, spec: RowsSpec, usable: bool) -> Iterator[ResolvedBlock]:
        """Stream an entry's rows. Where the entry is not usable its data is read all the same, to report all."""
        needed = frozenset(column for item in template.templates() for column in item.columns) | _named(spec)
        at_once = BlockTemplate(template, self._context)
        items = row_items(spec, self._files, needed)
        if not usable or not at_once.is_of_use:
            items = one_by_one(items)
        rows = matching = bad = lacking = 0
        has_header = False
        for item in items:
            if isinstance(item, Diagnostic):
                yield item
                if item.is_error:
                    return
            elif isinstance(item, BadRow):
                bad += 1
                yield from _bad_row([item.problem], spec, item.problem.spans[0])
            elif isinstance(item, Header):
                has_header = True
                unknown = list(_unknown(template, spec, item))
                yield from unknown
                if unknown:
                    return
            elif isinstance(item, RowBlock):
                chosen = spec.matching(item)
                rows, matching = rows + len(item), matching + len(chosen)
                yield from self._rows(template, at_once, chosen, spec)
            elif not has_header and not needed <= item.values.keys():
                bad += 1
                lacking += 1
                yield from _bad_row(_lacking(template, spec, item, needed, lacking), spec, item.span)
            else:
                is_chosen = spec.chooses(item)
                rows, matching = rows + 1, matching + is_chosen
                made = self._row(template, item, spec) if is_chosen and usable else []
                yield from made
                if template.id.fixed is not None and len(made) and _is_repeated(made[-1]):
                    return
        if not matching and not bad:
            yield _nothing(rows, spec)

    def _rows(
        self, template: CallTemplate, at_once: BlockTemplate, rows: RowBlock, spec: RowsSpec
    ) -> Iterator[ResolvedBlock]:
        """Judge a block of rows: together those of which nothing is to be told, and each other one by itself."""
        for each in at_once.judge(rows):
            if isinstance(each, CallBlock):
                yield from self._unrepeated(each)
            else:
                yield from self._row(template, rows.row(each), spec)

    def _unrepeated(self, calls: CallBlock) -> Iterator[ResolvedBlock]:
        """Judge calls against others: in the place of one whose id is taken, yield the error."""
        taken = self._duplicates.of_ids(calls)
        for each in calls.apart(taken):
            if isinstance(each, CallBlock):
                self._duplicates.note_people(each)
            yield taken[each] if isinstance(each, int) else each

    def _row(self, template: CallTemplate, row: Row, spec: RowsSpec) -> list[Resolved]:
        call, found = template.resolve(row)
        if call is None:
            return list(_bad_row(found, spec, row.span, template.id_of(row)))
        return [*found, self._judged_against_others(call, template)]

    def _judged_against_others(self, call: ResolvedCall, template: CallTemplate) -> ResolvedCall | Diagnostic:
        """Return the call, or the error that its id is taken; whom it rings again is reported at the end."""
        repeated = self._duplicates.of_id(call.id, call.span, template.id)
        if repeated is None:
            self._duplicates.note_person(call)
        return call if repeated is None else repeated


def _limits_people(root: MappingNode) -> bool:
    policy = root.get("policy")
    return isinstance(policy, MappingNode) and policy.get("per_person") is not None


def _is_repeated(item: Resolved) -> bool:
    return isinstance(item, Diagnostic) and item.id == "duplicate-id"


def _without_rows(template: CallTemplate) -> Iterator[Diagnostic]:
    """Report defaults that need a row, in a call that has none and does not override them."""
    for item in template.templates():
        if item.columns:
            name = item.columns[0]
            message = f"`${{row.{name}}}` decides a value of this call, which has no `rows`"
            hint = "set the parameter in the call, or name its data with `rows:`"
            yield error("row-without-rows", message, template.span, item.span, hint=hint)


def _named(spec: RowsSpec) -> frozenset[str]:
    return frozenset((*(name for name, _ in (*spec.columns, *spec.carry)), *(each.column for each in spec.where)))


def _unknown(template: CallTemplate, spec: RowsSpec, data: Header | Row) -> Iterator[Diagnostic]:
    """Report each column that the plan names and the data does not have, at its place in the plan."""
    known = data.columns if isinstance(data, Header) else tuple(data.values)
    for item in template.templates():
        yield from _placed(unknown_columns(item, known), data)
    named = (*spec.columns, *((each.column, each.span) for each in spec.where), *spec.carry)
    has = frozenset(known)
    missing = ((name, span) for name, span in named if name not in has)
    yield from _placed(
        (unknown_column(name, known, span) for name, span in islice(missing, MOST_TEMPLATE_PROBLEMS)), data
    )


def _lacking(template: CallTemplate, spec: RowsSpec, row: Row, needed: frozenset[str], rows: int) -> list[Diagnostic]:
    """Report the columns that a row lacks; one of them after many `rows`, since what was meant was said of those."""
    if rows <= MOST_TEMPLATE_PROBLEMS:
        return list(_unknown(template, spec, row))
    message = f"the data has no column `{line_excerpt(min(needed - row.values.keys()))}`"
    return [error("unknown-column", message, row.span, hint="as in the rows above")]


def _placed(found: Iterator[Diagnostic], data: Header | Row) -> Iterator[Diagnostic]:
    """Add the data's place: behind the plan's for what a header lacks, before it for what a row lacks."""
    for item in found:
        spans = (*item.spans, data.span) if isinstance(data, Header) else (data.span, *item.spans)
        yield Diagnostic(item.id, item.severity, item.message, spans, item.hint)


def _bad_row(
    found: list[Diagnostic], spec: RowsSpec, place: Span, call_id: str | None = None
) -> Iterator[Diagnostic | SkippedRow]:
    """Report a bad row: as it is, or under `bad: skip` as one warning that counts the row and warnings for the rest."""
    if not spec.skip_bad:
        yield from found if spec.file is None else map(_with_way_out, found)
        return
    first = next(position for position, item in enumerate(found) if item.is_error)
    for position, item in enumerate(found):
        message = SKIPPED + item.message if position == first else item.message
        severity = Severity.WARNING if item.is_error else item.severity
        yield Diagnostic(item.id, severity, message, item.spans, item.hint)
    yield SkippedRow(call_id, f"{Path(place.file).name}:{place.line}")


def _with_way_out(found: Diagnostic) -> Diagnostic:
    """Name `bad: skip` in the hint of a bad row; a column that the plan misspells is no fault of the row."""
    if not found.is_error or found.id == "unknown-column":
        return found
    hint = hints(found.hint or "", "or `rows: {file: ..., bad: skip}` lists bad rows and dials the rest")
    return Diagnostic(found.id, found.severity, found.message, found.spans, hint)


def _nothing(rows: int, spec: RowsSpec) -> Diagnostic:
    if rows:
        return warning(
            "no-rows",
            f"none of the {rows:,} rows meets `where`",
            spec.span,
            hint="`where` compares texts exactly, capitals and blanks too",
        )
    return warning(
        "no-rows", "the data has no rows, so this makes no calls", spec.span, hint="add rows, or remove the call"
    )
