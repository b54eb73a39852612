"""When one call may start, beside the policy: what an entry of `calls` says of it, and in which time zone To is."""

import re
from collections.abc import Callable, Iterator, Mapping, Sequence
from typing import Any

from orchestrator.model.call import CallSchedule
from orchestrator.model.diagnostic import Diagnostic, Span, error
from orchestrator.model.frozen import frozen
from orchestrator.plan.findings import line_excerpt
from orchestrator.plan.rows.templates import Template, compile_template
from orchestrator.plan.text_formats import ParseError, read_moment, read_timezone
from orchestrator.plan.yaml.nodes import MappingNode, ScalarNode

LARGEST_PRIORITY = 1_000_000
"""The largest priority, and the smallest below nought."""

_IMPOSSIBLE = "times-impossible"
_INTEGER = re.compile(r"(?:0|-?[1-9][0-9]{0,6})\Z")


@frozen
class ScheduleTemplate:
    """`priority`, `not_before`, `not_after`, `timezone` of one entry, by their keys. `fixed` where they need no row.

    `broken`: one of them has a problem, which was reported here or by the plan's check.
    """

    templates: tuple[tuple[str, Template], ...]
    fixed: CallSchedule | None
    broken: bool

    def columns(self) -> Iterator[Template]:
        """Yield the templates that need a row."""
        return (template for _, template in self.templates if template.fixed is None)

    def fill(self, row: Mapping[str, str]) -> tuple[CallSchedule, tuple[Diagnostic, ...]]:
        """Return the schedule of a row's call, and what is wrong with them at the plan's own places.

        Whoever knows the row's place puts it first. What comes out empty counts as not set.
        """
        if self.fixed is not None:
            return self.fixed, ()
        return self.read([template.expand(row) for _, template in self.templates])

    def read(self, texts: Sequence[str]) -> tuple[CallSchedule, tuple[Diagnostic, ...]]:
        """Return what `fill` does, of the filled-in texts in the order of `templates`."""
        return _schedule(
            {key: (text, template.span) for (key, template), text in zip(self.templates, texts, strict=True)}
        )


def read_schedule(
    mapping: MappingNode, variables: Mapping[str, str], rows: str | None
) -> tuple[ScheduleTemplate, tuple[Diagnostic, ...]]:
    """Read the schedule of an entry of `calls`; `rows` as for `compile_template`.

    What needs no row is judged here. Values without `${` that are not right are reported by the plan's check.
    """
    compiled: list[tuple[str, Template]] = []
    problems: list[Diagnostic] = []
    literal: set[Span] = set()
    broken = False
    for key in _READERS:
        node = mapping.get(key)
        if not isinstance(node, ScalarNode):
            broken = broken or node is not None
            continue
        template, found = compile_template(node, variables, rows=rows)
        problems += found
        if not found:
            compiled.append((key, template))
        if "${" not in node.text:
            literal.add(template.span)
    texts = {key: (template.fixed, template.span) for key, template in compiled if template.fixed is not None}
    fixed, about = _schedule(texts)
    problems += (each for each in about if each.id == _IMPOSSIBLE or each.spans[0] not in literal)
    is_fixed = len(texts) == len(compiled)
    return ScheduleTemplate(tuple(compiled), fixed if is_fixed else None, broken or bool(problems or about)), tuple(
        problems
    )


def _schedule(values: Mapping[str, tuple[str, Span]]) -> tuple[CallSchedule, tuple[Diagnostic, ...]]:
    found: list[Diagnostic] = []
    read: dict[str, Any] = {}
    for key, (written, span) in values.items():
        text = written.strip()
        value = _READERS[key](text) if text else None
        if isinstance(value, ParseError):
            message = f"`{key}` is `{line_excerpt(text)}`, which {value.reason}"
            found.append(error(value.id, message, span, hint=value.hint))
            value = None
        read[key] = value
    before, after = read.get("not_before"), read.get("not_after")
    if before is not None and after is not None and before > after:
        spans = (values["not_before"][1], values["not_after"][1])
        message = "`not_before` is later than `not_after`: the call could never start"
        found.append(error(_IMPOSSIBLE, message, *spans, hint="exchange them, or correct one"))
    return CallSchedule(int(read.get("priority") or 0), before, after, read.get("timezone")), tuple(found)


def _priority(text: str) -> int | ParseError:
    if _INTEGER.match(text) and abs(int(text)) <= LARGEST_PRIORITY:
        return int(text)
    return ParseError(
        f"is not a whole number from {-LARGEST_PRIORITY} to {LARGEST_PRIORITY}", "for example `10`", "not-an-integer"
    )


def _moment(text: str) -> float | ParseError:
    found = read_moment(text)
    return found if isinstance(found, ParseError) else found.timestamp()


_READERS: dict[str, Callable[[str], float | str | ParseError]] = {
    "priority": _priority,
    "not_before": _moment,
    "not_after": _moment,
    "timezone": read_timezone,
}
"""The keys, and what reads the text of each."""
