"""A document against its schema: every problem at once, each with its exact place and a hint."""

from collections.abc import Iterable, Iterator
from typing import Any

from orchestrator.exotel.parameters import BY_SPELLING
from orchestrator.model.diagnostic import Diagnostic, Span, error
from orchestrator.plan.nodes import Mapping, Sequence
from orchestrator.plan.parameter_check import Accept, parameter_problems
from orchestrator.plan.places import data
from orchestrator.plan.quoting import unquoted_text
from orchestrator.plan.schema_errors import diagnostics_of
from orchestrator.plan.validator import validator

NOTHING_MORE: Accept = {}
MOST_PROBLEMS = 5_000
"""Of one file that are told. Whoever has more has named the wrong file, or repeats one slip of the pen."""


def check(root: Mapping, schema: dict[str, Any], accept: Accept = NOTHING_MORE) -> list[Diagnostic]:
    """Return what is wrong with a document, in the order of its text.

    `schema` is that of plans or of target files. `accept` is what the target admits beside the table: words
    by parameter, none for any text. Literal carrier parameters are judged by the table, with the messages that
    data rows and the sandbox give; the schema judges the rest.
    """
    shape = _without_parameters(schema, tuple(accept))
    found = bounded(_problems(root, schema, shape, accept))
    told = {diagnostic.spans[0] for diagnostic in found if diagnostic.spans}
    found.extend(remark for remark in unquoted_text(root, schema) if remark.spans[0] not in told)
    return in_order(dict.fromkeys(found))


def _problems(root: Mapping, schema: dict[str, Any], shape: dict[str, Any], accept: Accept) -> Iterator[Diagnostic]:
    for problem in validator(shape).iter_errors(data(root, shape)):
        yield from diagnostics_of(problem, root, shape)
    if "calls" in schema["properties"]:
        for mapping in _parameter_mappings(root):
            yield from parameter_problems(mapping, accept)


def bounded(problems: Iterator[Diagnostic]) -> list[Diagnostic]:
    """Return the problems up to a number of errors; past it one that says so, and the rest is not even looked for."""
    found: list[Diagnostic] = []
    errors = 0
    for problem in problems:
        errors += problem.is_error
        if errors > MOST_PROBLEMS:
            found.append(too_many_problems(*problem.spans[:1]))
            break
        found.append(problem)
    return found


def too_many_problems(*places: Span, most: int = MOST_PROBLEMS) -> Diagnostic:
    """Say where the looking for problems ends."""
    message = f"the file has more than {most:,} problems: no others are looked for"
    return error("too-many-problems", message, *places, hint="mend these first, and check again")


def in_order(found: Iterable[Diagnostic]) -> list[Diagnostic]:
    """Return findings in the order of the text that they are about."""
    return sorted(found, key=lambda each: [(span.line, span.column) for span in each.spans[:1]])


def _parameter_mappings(root: Mapping) -> Iterator[Mapping]:
    defaults, calls = root.get("defaults"), root.get("calls")
    if isinstance(defaults, Mapping):
        yield defaults
    if isinstance(calls, Sequence):
        yield from (call for call in calls.items if isinstance(call, Mapping))


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
