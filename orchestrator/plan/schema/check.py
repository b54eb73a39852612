"""Checks a document against its schema: every problem at once, each with its exact place and a hint."""

import re
from collections.abc import Iterator, Sequence
from operator import and_
from typing import Any

from orchestrator.exotel.parameter import Kind
from orchestrator.exotel.parameters import BY_SPELLING
from orchestrator.exotel.values import texts_fit
from orchestrator.model.diagnostic import Diagnostic, insertion, note
from orchestrator.phone.numbers import not_plainly_at_home
from orchestrator.plan.call_template import LONGEST_ID
from orchestrator.plan.findings import in_order, line_excerpt, up_to_limit
from orchestrator.plan.literal_calls import EntryTable, tables
from orchestrator.plan.parameters import NOTHING_MORE, Accept, parameter_problems
from orchestrator.plan.remembered import Remembered
from orchestrator.plan.schema.judge import fits
from orchestrator.plan.schema.node_types import PASSED, scalar_types, schema_branch, schema_of_key, typed_value
from orchestrator.plan.yaml.nodes import Entry, MappingNode, Node, ScalarNode, SequenceNode


def check(root: MappingNode, schema: dict[str, Any], accept: Accept = NOTHING_MORE) -> list[Diagnostic]:
    """Return what is wrong with a document, in the order of its text.

    `schema` is that of plans or of target files. `accept` is what the target admits beside the table: words
    by parameter, none for any text. Literal carrier parameters are judged by the table, with the messages that
    data rows and the sandbox give; the schema judges the rest.
    """
    shape = _without_parameters(schema, tuple(accept))
    doubtful = _without_right_entries(root, schema, shape, accept) if "calls" in schema["properties"] else root
    found = up_to_limit(_problems(root, doubtful, shape, accept))
    reported = {diagnostic.spans[0] for diagnostic in found if diagnostic.spans}
    found.extend(remark for remark in unquoted_text(doubtful, schema) if remark.spans[0] not in reported)
    return in_order(dict.fromkeys(found))


def _problems(root: MappingNode, doubtful: MappingNode, shape: dict[str, Any], accept: Accept) -> Iterator[Diagnostic]:
    value = typed_value(doubtful, shape)
    if not fits(value, shape):
        from orchestrator.plan.schema.explain import validator
        from orchestrator.plan.schema.messages import diagnostics_of

        for problem in validator(shape).iter_errors(value):
            yield from diagnostics_of(problem, root, shape)
    if "calls" in shape["properties"]:
        for mapping in _parameter_mappings(doubtful):
            yield from parameter_problems(mapping, accept)


def _parameter_mappings(root: MappingNode) -> Iterator[MappingNode]:
    defaults, calls = root.get("defaults"), root.get("calls")
    if isinstance(defaults, MappingNode):
        yield defaults
    if isinstance(calls, SequenceNode):
        yield from (call for call in calls.items if isinstance(call, MappingNode))


def _without_right_entries(
    root: MappingNode, schema: dict[str, Any], shape: dict[str, Any], accept: Accept
) -> MappingNode:
    """Put PASSED in the place of each of the `calls` in which nothing is wrong: of those alike, found by column."""
    calls = root.get("calls")
    if not isinstance(calls, SequenceNode):
        return root
    entry, its_shape = (each["properties"]["calls"]["items"]["properties"] for each in (schema, shape))

    def is_right(value: tuple[str, str, bool]) -> bool:
        """Judge one value of an entry as the whole check does."""
        key, text, quoted = value
        node = ScalarNode(text, quoted, root.span)
        alone = MappingNode((Entry(ScalarNode(key, False, root.span), node),), root.span)
        found = (*parameter_problems(alone, accept), *unquoted_text(node, entry[key]))
        return not found and fits(typed_value(node, its_shape[key]), its_shape[key])

    remembered = Remembered(is_right)
    items: list[Node] = []
    for table in tables(calls.items):
        if not isinstance(table, EntryTable):
            items.append(table)
            continue
        right = [True] * len(table.nodes)
        for key in table.rows.columns:
            values = table.values(key)
            if not _fit(key, values):
                judged = remembered.of_all([(key, value.text, value.quoted) for value in values])
                right = list(map(and_, right, judged))
        items += [PASSED if is_right else node for node, is_right in zip(table.nodes, right, strict=True)]
    doubtful = SequenceNode(tuple(items), calls.span)
    return MappingNode(
        tuple(Entry(each.key, doubtful if each.value is calls else each.value) for each in root.entries), root.span
    )


def _fit(key: str, values: Sequence[ScalarNode]) -> bool:
    """Whether all values of a key are right, as is seen at one look; False proves nothing."""
    texts = [value.text for value in values]
    if any(not value.quoted and re.match(_MISREAD, value.text) for value in values):
        return False
    row = BY_SPELLING.get(key)
    if row is None:
        return key == "id" and max(map(len, texts)) <= LONGEST_ID
    return texts_fit(row, texts) or (row.kind is Kind.PHONE and not not_plainly_at_home(texts, prefixed=False))


def _without_parameters(schema: dict[str, Any], accepted: tuple[str, ...]) -> dict[str, Any]:
    """Return the schema with every carrier parameter allowed any value: the table judges those, and faster."""
    if "calls" not in schema["properties"]:
        return schema
    properties = dict(schema["properties"])
    properties["defaults"] = _open(properties["defaults"], accepted)
    calls = properties["calls"]
    properties["calls"] = {**calls, "items": _open(calls["items"], accepted)}
    return {**schema, "properties": properties}


def _open(mapping: dict[str, Any], accepted: tuple[str, ...]) -> dict[str, Any]:
    anything = dict.fromkeys((*(key for key in mapping["properties"] if key in BY_SPELLING), *accepted), True)
    return {**mapping, "properties": {**mapping["properties"], **anything}}


_NUMBER = r"[-+]?(?:0[xX][0-9a-fA-F_]+|0[oO][0-7_]+|0[bB][01_]+|\.?[0-9][0-9_]*(?:\.[0-9_]*)?(?:[eE][-+]?[0-9]+)?)"
_SEXAGESIMAL = r"[-+]?[0-9][0-9_]*(?::[0-5]?[0-9])+(?:\.[0-9_]*)?"
_DATE = r"[0-9]{4}-[0-9]{1,2}-[0-9]{1,2}(?:[Tt\s].*)?"
_WORD = r"~|[-+]?\.(?:inf|Inf|INF)|\.(?:nan|NaN|NAN)|(?i:null|true|false|yes|no|on|off|y|n)"
_MISREAD = rf"(?:{_NUMBER}|{_SEXAGESIMAL}|{_DATE}|{_WORD})\Z"


def unquoted_text(node: Node, schema: Any, key: str = "") -> Iterator[Diagnostic]:
    """Find the text places whose unquoted value a YAML 1.1 or 1.2 reader takes for a number, flag, date or nothing."""
    if isinstance(node, ScalarNode):
        if not node.quoted and re.match(_MISREAD, node.text) and _is_free_text(schema):
            yield _quote(node, key)
        return
    chosen = schema_branch(schema, node)
    if isinstance(node, SequenceNode):
        for item in node.items:
            yield from unquoted_text(item, chosen.get("items"), key)
        return
    for entry in node.entries:
        yield from unquoted_text(entry.value, schema_of_key(chosen, entry.key.text), entry.key.text)


def _is_free_text(schema: Any) -> bool:
    """Words of a closed list (`lookups: off`) are safe without quotes, and dates are, for readers of YAML 1.2."""
    if scalar_types(schema) != {"string"} or "format" in schema:
        return False
    return not any("enum" in part for part in (schema, *schema.get("anyOf", ())))


def _quote(node: ScalarNode, key: str) -> Diagnostic:
    """Tell that a value should have quotes; the fix inserts them."""
    start, end = node.span.column, node.span.end_column
    places = () if end is None else (start, end)  # a value of several lines is left to its writer
    return note(
        "quote-the-number",
        f"`{line_excerpt(key)}` is typed without quotes:"
        " it is taken as typed, but editors and other tools read it otherwise",
        node.span,
        hint="put it in double quotes",
        fix=tuple(insertion(node.span, column, '"') for column in places),
    )
