"""`${row.column}`, `${var.name}` and `$$` in a value: compiled once, filled in for each row; and a plan's `vars`.

What is filled in is data: it is never looked at again, so a `${` in a cell stays a `${`.
"""

import re
from collections.abc import Iterator, Mapping
from itertools import islice, repeat

from orchestrator.model.diagnostic import Diagnostic, Span, error
from orchestrator.model.frozen import frozen
from orchestrator.plan.findings import line_excerpt, secret_in_file, too_many_problems
from orchestrator.plan.rows.row import RowBlock
from orchestrator.plan.suggestions import closest_spelling, closest_word
from orchestrator.plan.yaml.nodes import MappingNode, Node, ScalarNode

_MARK = re.compile(r"\$(?:(?P<dollar>\$)|\{(?P<name>[^{}\r\n]*)\})?")
_MOST_NAMES_LISTED = 16
MOST_TEMPLATE_PROBLEMS = 100
"""Problems of one value that are reported: it may hold a template in every four characters."""


@frozen
class Template:
    """A value with holes. `parts` alternates text and column name, beginning and ending with text."""

    parts: tuple[str, ...]
    span: Span

    @property
    def columns(self) -> tuple[str, ...]:
        """The columns that the value needs."""
        return self.parts[1::2]

    @property
    def fixed(self) -> str | None:
        """The value where it needs no row, else None."""
        return self.parts[0] if len(self.parts) == 1 else None

    def expand(self, row: Mapping[str, str]) -> str:
        """Fill the holes. Raises KeyError for a column that the row does not have: check `columns` first."""
        parts = self.parts
        if len(parts) == 3:
            return parts[0] + row[parts[1]] + parts[2]
        return "".join([row[part] if index & 1 else part for index, part in enumerate(parts)])

    def expand_all(self, rows: RowBlock) -> list[str]:
        """Fill the holes for each row of a block, which has every column that is needed."""
        parts = self.parts
        if len(parts) == 3:
            before, column, after = parts
            cells = rows.column(column)
            return [f"{before}{cell}{after}" for cell in cells] if before or after else cells
        columns = (rows.column(part) if index & 1 else repeat(part, len(rows)) for index, part in enumerate(parts))
        return list(map("".join, zip(*columns, strict=True)))


def compile_template(
    scalar: ScalarNode, variables: Mapping[str, str], *, rows: str | None = None
) -> tuple[Template, tuple[Diagnostic, ...]]:
    """Compile a scalar. Variables are filled in at once, columns are left as holes.

    `rows` None: rows are known here; else the reason why `${row...}` cannot stand here. The template of a
    scalar with problems has empty text in their places.
    """
    problems: list[Diagnostic] = []
    parts: list[str] = []
    pieces: list[str] = []  # of the text since the last column
    end = 0
    for mark in _MARK.finditer(scalar.text):
        pieces.append(scalar.text[end : mark.start()])
        end = mark.end()
        piece = _piece(mark, scalar, variables, rows)
        if isinstance(piece, Diagnostic):
            problems.append(piece)
            if len(problems) == MOST_TEMPLATE_PROBLEMS:
                break
        elif isinstance(piece, _Column):
            parts += ["".join(pieces), piece.name]
            pieces = []
        else:
            pieces.append(piece)
    parts.append("".join([*pieces, scalar.text[end:]]))
    return Template(tuple(parts), scalar.span), tuple(problems)


def unknown_columns(
    template: Template, known: tuple[str, ...] | Mapping[str, str], *places: Span
) -> Iterator[Diagnostic]:
    """Report each column of a template that the data does not have, as far as that is of use."""
    has = frozenset(known)
    missing = (name for name in dict.fromkeys(template.columns) if name not in has)
    for name in islice(missing, MOST_TEMPLATE_PROBLEMS):
        yield unknown_column(name, known, template.span, *places)


def unknown_column(name: str, known: tuple[str, ...] | Mapping[str, str], *places: Span) -> Diagnostic:
    """Report a column that the data does not have, and those that it has."""
    near = closest_word(name, known)
    hint = f"did you mean `{near}`?" if near else f"the columns are: {_listed(tuple(known))}"
    return error("unknown-column", f"the data has no column `{line_excerpt(name)}`", *places, hint=hint)


@frozen
class _Column:
    name: str


def _piece(
    mark: re.Match[str], scalar: ScalarNode, variables: Mapping[str, str], rows: str | None
) -> str | _Column | Diagnostic:
    if mark["dollar"]:
        return "$"
    span = _span(scalar, mark)
    if mark["name"] is None:
        return _malformed(scalar.text[mark.end() : mark.end() + 1], span)
    kind, dot, name = (part.strip() for part in mark["name"].partition("."))
    if kind == "row" and name:
        return (
            _Column(name)
            if rows is None
            else error("row-without-rows", f"`{mark[0]}` cannot stand here: {rows}", span, hint=_NO_ROWS)
        )
    if kind == "var" and name:
        return variables[name] if name in variables else _unknown_variable(name, variables, span)
    return _unknown_name(mark[0], kind if not dot else "", variables, span)


_NO_ROWS = "name the data with `rows:`, or write the value itself"


def _malformed(after: str, span: Span) -> Diagnostic:
    if after == "{":
        message, hint = (
            "this `${` is not closed, or holds `{`",
            "write `${row.column}` or `${var.name}`; a plain `${` is `$${`",
        )
    else:
        message, hint = "a `$` stands alone", "write `$$` for a dollar; a template is `${row.column}` or `${var.name}`"
    return error("bad-template", message, span, hint=hint)


def _unknown_variable(name: str, variables: Mapping[str, str], span: Span) -> Diagnostic:
    near = closest_word(name, variables)
    hint = f"did you mean `{near}`?" if near else "the plan has no `vars`"
    if not near and variables:
        hint = f"the variables are: {_listed(tuple(variables))}"
    return error("unknown-variable", f"there is no variable `{line_excerpt(name)}`", span, hint=hint)


_SOURCES = {"row": "column", "var": "name"}
"""What a template takes its text from, and what it names there."""


def _unknown_name(written: str, bare: str, variables: Mapping[str, str], span: Span) -> Diagnostic:
    hint = "names begin with `row.` or `var.`; the environment is not read: a plan means the same everywhere"
    source, _, name = written[2:-1].strip().partition(".")
    if bare in _SOURCES:
        hint = f"name a {_SOURCES[bare]}, `${{{bare}.{_SOURCES[bare]}}}`; a variable `{bare}` is `${{var.{bare}}}`"
    elif name and (near := closest_spelling(source, _SOURCES)) is not None:
        hint = f"did you mean `${{{near}.{line_excerpt(name)}}}`?"
    elif bare:
        hint = (
            f"write `${{var.{bare}}}`"
            if bare in variables
            else f"write `${{row.{line_excerpt(bare)}}}` or `${{var.{line_excerpt(bare)}}}`"
        )
    return error("unknown-name", f"`{line_excerpt(written)}` names nothing", span, hint=hint)


def _span(scalar: ScalarNode, mark: re.Match[str]) -> Span:
    """Return the place of the template itself, where quotes and escapes leave no doubt about it."""
    span = scalar.span
    width = len(scalar.text) + (2 if scalar.quoted else 0)
    if span.end_column is None or span.end_column - span.column != width:
        return span
    start = span.column + (1 if scalar.quoted else 0) + mark.start()
    return Span(span.file, span.line, start, start + len(mark[0]))


def _listed(names: tuple[str, ...]) -> str:
    more = "" if len(names) <= _MOST_NAMES_LISTED else f" and {len(names) - _MOST_NAMES_LISTED} more"
    return ", ".join(line_excerpt(name) for name in names[:_MOST_NAMES_LISTED]) + more if names else "none"


MOST_VARIABLE_PROBLEMS = 1_000
"""Problems of `vars` that are reported: each variable is compared with those above it for its hint."""
LONGEST_VARIABLE = 10_000
"""Characters of one variable: each may hold the one above it twice, so some thirty would fill any memory."""


_CREDENTIAL = r"^exotel_?(?:api|key|token)|api[_-]?(?:key|token)|passw|secret|credential"
"""Names of variables that only secrets have: `token` alone may be the number of somebody's turn."""


def read_variables(node: Node | None) -> tuple[dict[str, str], tuple[Diagnostic, ...]]:
    """Return the variables with their values; one with a problem has an empty value, so that it is reported once."""
    values: dict[str, str] = {}
    problems: list[Diagnostic] = []
    if not isinstance(node, MappingNode):
        return values, ()
    for entry in node.entries:
        if not isinstance(entry.value, ScalarNode):
            continue
        if re.search(_CREDENTIAL, entry.key.text, re.IGNORECASE):
            problems.append(secret_in_file(entry.key.text, entry.key.span))
        reason = "variables are the same for every row"
        template, found = compile_template(entry.value, values, rows=reason)
        value = "" if found else template.fixed or ""
        if len(value) > LONGEST_VARIABLE:
            message = f"`{entry.key.text}` becomes longer than {LONGEST_VARIABLE:,} characters"
            found, value = (error("value-too-long", message, entry.value.span, hint="shorten it"),), ""
        problems.extend(found)
        if len(problems) > MOST_VARIABLE_PROBLEMS:
            problems.append(too_many_problems(entry.value.span, most=MOST_VARIABLE_PROBLEMS))
            break
        values[entry.key.text.strip()] = value
    return values, tuple(problems)
