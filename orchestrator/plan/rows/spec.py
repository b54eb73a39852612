"""What a call's `rows:` asks for: which data, which of its rows, and what to do with a bad one."""

from collections.abc import Mapping
from dataclasses import dataclass

from orchestrator.model.diagnostic import Diagnostic, Span
from orchestrator.plan.rows.templates import MOST_TEMPLATE_PROBLEMS, compile_template
from orchestrator.plan.yaml.nodes import MappingNode, Node, ScalarNode, SequenceNode


@dataclass(frozen=True, slots=True)
class RowCondition:
    """Rows pass whose `column` has exactly one of `texts`."""

    column: str
    texts: frozenset[str]
    span: Span


@dataclass(frozen=True, slots=True)
class RowsSpec:
    """The `rows:` of one call: either `file` or `inline`. `columns` and `carry` are (name, place), names trimmed."""

    span: Span
    file: ScalarNode | None = None
    inline: SequenceNode | None = None
    sample: ScalarNode | None = None
    columns: tuple[tuple[str, Span], ...] = ()
    where: tuple[RowCondition, ...] = ()
    carry: tuple[tuple[str, Span], ...] = ()
    skip_bad: bool = False


def read_rows_spec(node: Node, variables: Mapping[str, str]) -> tuple[RowsSpec | None, tuple[Diagnostic, ...]]:
    """Read a `rows:` node; None where its shape is wrong, which the schema check reports.

    File and column names are literal. The values of `where` may use `${var.name}`.
    """
    if isinstance(node, ScalarNode):
        return (RowsSpec(node.span, file=node) if node.text else None), ()
    if isinstance(node, SequenceNode):
        return RowsSpec(node.span, inline=node), ()
    file = _scalar(node.get("file"))
    if file is None:
        return None, ()
    where, problems = _where(node.get("where"), variables)
    bad = _scalar(node.get("bad"))
    spec = RowsSpec(
        span=file.span,
        file=file,
        sample=_scalar(node.get("sample")),
        columns=_names(node.get("columns")),
        where=where,
        carry=_names(node.get("carry")),
        skip_bad=bad is not None and bad.text == "skip",
    )
    return spec, problems


def _scalar(node: Node | None) -> ScalarNode | None:
    return node if isinstance(node, ScalarNode) and node.text else None


def _names(node: Node | None) -> tuple[tuple[str, Span], ...]:
    items = node.items if isinstance(node, SequenceNode) else ()
    return tuple((item.text.strip(), item.span) for item in items if isinstance(item, ScalarNode))


def _where(node: Node | None, variables: Mapping[str, str]) -> tuple[tuple[RowCondition, ...], tuple[Diagnostic, ...]]:
    conditions: list[RowCondition] = []
    problems: list[Diagnostic] = []
    for entry in node.entries if isinstance(node, MappingNode) else ():
        texts: set[str] = set()
        for item in entry.value.items if isinstance(entry.value, SequenceNode) else (entry.value,):
            if isinstance(item, ScalarNode):
                template, found = compile_template(item, variables, rows="`where` chooses the rows")
                problems += found
                texts.add(template.fixed or "")
                if len(problems) >= MOST_TEMPLATE_PROBLEMS:
                    return (), tuple(problems)
        conditions.append(RowCondition(entry.key.text.strip(), frozenset(texts), entry.key.span))
    return tuple(conditions), tuple(problems)
