"""Reads YAML text to nodes with the position of every key and value; nothing else in the program makes values of YAML.

Scalars stay the characters that were typed; nothing is resolved to numbers, booleans or dates here.
"""

import contextlib
import gc
import re
from collections.abc import Iterator
from itertools import islice
from typing import Any

import yaml
from yaml.events import (
    AliasEvent,
    DocumentStartEvent,
    MappingEndEvent,
    ScalarEvent,
    SequenceEndEvent,
    SequenceStartEvent,
    StreamEndEvent,
)

from orchestrator.model.diagnostic import Diagnostic, Span, error
from orchestrator.model.frozen import frozen
from orchestrator.plan.findings import line_excerpt
from orchestrator.plan.yaml.nodes import Entry, MappingNode, Node, ScalarNode, SequenceNode
from orchestrator.plan.yaml.parser import Parser
from orchestrator.plan.yaml.text import (
    MAX_BYTES,
    forbidden_escape,
    source_lines,
    too_large,
    unreadable_characters,
)

_BEGIN = "begin with `version: 1`"
_TEXT_STYLES = frozenset("'\"|>")
_PROPERTIES = re.compile(r"(?:[&!]\S*[ \t]+)*")
MAX_DEPTH = 64
"""Levels of nesting. A plan needs six; every later walk recurses, and Python's stack ends at some hundreds."""

FREE_EXPANSION = 100_000
EXPANSION_FACTOR = 20
"""Aliases may add 100,000 nodes, and 20 more for each node written: ten thousand literal calls that each merge
a dozen defaults add 4 a node, while doubling or quadratic bombs pass any such bound within milliseconds."""
MAX_NODES = 1_000_000
"""Keys, values, lists and mappings of one document, those that aliases repeat included: some 75,000 literal calls, and
250 MB. The bytes of a file bound them badly: eight megabytes of `0,` are four million."""


def read_document(text: str, file: str, *, pure: bool = False) -> tuple[MappingNode | None, tuple[Diagnostic, ...]]:
    """Read one YAML document.

    `file` is the name that diagnostics carry. Aliases and `<<` are expanded (bounded), `x-` keys dropped.
    The mapping is also returned beside errors that leave the rest readable (a duplicate key, a tag), so that
    all problems can be reported at once; it is None where nothing is left. `pure` forces the slower parser.
    """
    text = text.removeprefix("\ufeff")
    if len(text) > MAX_BYTES:
        return None, (too_large(file),)
    problems = unreadable_characters(text, file)
    if problems:
        return None, tuple(problems)
    builder = _Builder(text, file, pure)
    root: MappingNode | None = None
    with _nothing_collected():
        try:
            root = builder.document()
        except yaml.YAMLError as problem:
            from orchestrator.plan.yaml.syntax import syntax_error

            builder.problems.append(syntax_error(problem, text, file))
        except DocumentTooLarge as stop:
            builder.problems.append(stop.diagnostic)
        finally:
            builder.source.dispose()
    return root, tuple(builder.problems)


@contextlib.contextmanager
def _nothing_collected() -> Iterator[None]:
    """Keep the garbage collector from looking through all nodes again and again: no cycle is among them."""
    was_on = gc.isenabled()
    gc.disable()
    try:
        yield
    finally:
        if was_on:
            gc.enable()


class _Builder:
    """Turns the event stream into nodes; findings that leave the rest readable collect in `problems`."""

    def __init__(self, text: str, file: str, pure: bool) -> None:
        self.source: Any = yaml.SafeLoader(text) if pure else Parser(text)
        self._next = self.source.get_event
        self.problems: list[Diagnostic] = []
        self._text = text
        self._file = file
        self._lines: tuple[str, ...] = ()
        self._anchors = _Anchors()

    def document(self) -> MappingNode | None:
        """Read the one document; None where it is empty or no mapping."""
        self._next()  # the stream's start
        if isinstance(self._next(), StreamEndEvent):
            self._report_empty()
            return None
        first = self._next()
        root = self._node(first, 1)
        self._next()  # the document's end
        after = self._next()
        if isinstance(after, DocumentStartEvent):
            self._report("several-documents", "a second YAML document begins here", after, "one plan, one file")
        if isinstance(root, MappingNode):
            return root
        if isinstance(root, ScalarNode) and not root.text and not root.quoted:
            self._report_empty()
            return None
        self._report("not-a-mapping", "the file must be a mapping of keys to values", first, _BEGIN)
        return None

    def _report_empty(self) -> None:
        self.problems.append(error("empty-document", "the file holds nothing", Span(self._file, 1), hint=_BEGIN))

    def _node(self, event: Any, depth: int) -> Node:
        kind = type(event)
        if kind is ScalarEvent and event.anchor is None and event.tag is None:
            anchors = self._anchors
            anchors.written += 1
            start, end = event.start_mark, event.end_mark
            line, column, end_column = start.line, start.column, end.column
            is_one_line = end.line == line and end_column > column
            span = Span(self._file, line + 1, column + 1, end_column + 1 if is_one_line else None)
            if anchors.written > MAX_NODES:
                raise _too_many(span)
            style = event.style
            if style == '"':
                self._check_escapes(event)
            return ScalarNode(event.value, style in _TEXT_STYLES, span)
        if kind is AliasEvent:
            return self._aliased(event, depth)
        span = self._span(event)
        self._anchors.visit(depth, span)
        name: str | None = event.anchor
        before = self._anchors.opened(name, depth) if name is not None else None
        if event.tag is not None:
            self._refuse_tag(event)
        if kind is ScalarEvent:
            self._check_escapes(event)
            node: Node = ScalarNode(event.value, event.style in _TEXT_STYLES, span)
        elif kind is SequenceStartEvent:
            node = self._sequence(span, depth)
        else:
            node = self._mapping(span, depth)
        if name is not None and before is not None:
            self._anchors.closed(name, node, depth, before)
        return node

    def _aliased(self, event: Any, depth: int) -> Node:
        span = self._span(event)
        found = self._anchors.expand(event.anchor, depth, span)
        if isinstance(found, Diagnostic):
            self.problems.append(found)
            return MappingNode((), span)
        return found

    def _check_escapes(self, event: Any) -> None:
        if event.style == '"' and (name := forbidden_escape(event.value)):
            self._report("control-character", f"the value holds {name}", event, "remove the escape")

    def _sequence(self, span: Span, depth: int) -> SequenceNode:
        items: list[Node] = []
        while type(event := self._next()) is not SequenceEndEvent:
            items.append(self._node(event, depth + 1))
        return SequenceNode(tuple(items), span)

    def _mapping(self, span: Span, depth: int) -> MappingNode:
        written: dict[str, ScalarNode] = {}
        groups: list[tuple[Entry, ...]] = []
        merges = False
        while type(event := self._next()) is not MappingEndEvent:
            key = self._node(event, depth + 1)
            value_event = self._next()
            value = self._node(value_event, depth + 1)
            if not isinstance(key, ScalarNode) or not key.text:
                self._refuse_key(key, event)
                continue
            name = key.text
            if name in written:
                self._report_repeated(key, written[name])
                continue
            written[name] = key
            if name == "<<" and not key.quoted:
                merges = True
                groups.append(self._merged(value, value_event))
            elif not name.startswith("x-"):
                groups.append((Entry(key, value),))
        if not merges:
            return MappingNode(tuple([group[0] for group in groups]), span)
        return MappingNode(_own_first(groups, written), span)

    def _refuse_key(self, key: Node, event: Any) -> None:
        hint = "write a plain word as the key"
        if isinstance(key, MappingNode):
            hint += "; a template is written `${row.column}` or `${var.name}`, never `{{ }}`"
        message = "a key is missing here" if isinstance(key, ScalarNode) else "a key must be text"
        self._report("key-not-text", message, event, hint)

    def _report_repeated(self, key: ScalarNode, first: ScalarNode) -> None:
        hint = "keep one of them"
        if key.text == "<<":
            hint = "merge several mappings with one list: `<<: [*a, *b]`"
        message = f"`{line_excerpt(key.text)}` already stands in line {first.span.line} of the same mapping"
        self.problems.append(error("duplicate-key", message, key.span, first.span, hint=hint))

    def _merged(self, value: Node, event: Any) -> tuple[Entry, ...]:
        parts = value.items if isinstance(value, SequenceNode) else (value,)
        entries: dict[str, Entry] = {}
        for part in parts:
            if not isinstance(part, MappingNode):
                self._report("bad-merge", "`<<` takes a mapping or a list of mappings", event, "write `<<: *anchor`")
                return ()
            for entry in part.entries:
                entries.setdefault(entry.key.text, entry)
        return tuple(entries.values())

    def _refuse_tag(self, event: Any) -> None:
        tag = str(event.tag).replace("tag:yaml.org,2002:", "!!")
        hint = "remove it: the kind of the place decides what a value is"
        self._report("yaml-tag", f"the YAML tag `{line_excerpt(tag)}` is not allowed", event, hint)

    def _report(self, problem: str, message: str, event: Any, hint: str) -> None:
        start = event.start_mark
        self.problems.append(error(problem, message, Span(self._file, start.line + 1, start.column + 1), hint=hint))

    def _span(self, event: Any) -> Span:
        start, end = event.start_mark, event.end_mark
        line, column, end_column = start.line, start.column, end.column
        if type(event) is ScalarEvent and (event.anchor is not None or event.tag is not None):
            column = self._past_properties(line, column)
        same_line = end.line == line and end_column > column
        return Span(self._file, line + 1, column + 1, end_column + 1 if same_line else None)

    def _past_properties(self, line: int, column: int) -> int:
        """Return the column of the value in `&anchor value`, whose event begins at the anchor."""
        self._lines = self._lines or source_lines(self._text)
        match = _PROPERTIES.match(self._lines[line], column)
        return column if match is None else match.end()


def _own_first(groups: list[tuple[Entry, ...]], written: dict[str, ScalarNode]) -> tuple[Entry, ...]:
    """Put merged entries where `<<` stands, except those that the mapping writes itself."""
    return tuple(
        entry for group in groups for entry in group if (own := written.get(entry.key.text)) is None or own is entry.key
    )


class DocumentTooLarge(Exception):  # noqa: N818 - stops the reading of one document, and never leaves plan/
    """The document is too deep, or grows too large; nothing of it can be used."""

    def __init__(self, diagnostic: Diagnostic) -> None:
        super().__init__(diagnostic.message)
        self.diagnostic = diagnostic


@frozen
class _Anchored:
    node: Node
    size: int  # nodes, aliases in it expanded
    height: int  # levels below it


class _Anchors:
    """Counts nodes and levels while a document is built, and expands aliases within bounds.

    A small text must not become a large document.

    `written` counts the nodes of the text; plain scalars count themselves there, and are no level of their own.
    """

    def __init__(self) -> None:
        self.written = 0
        self._expanded = 0
        self._deepest = 0
        self._named: dict[str, _Anchored | None] = {}  # None while the anchored node is still open

    def count(self, span: Span) -> None:
        """Count one node of the text. Raises DocumentTooLarge past their bound."""
        self.written += 1
        if self.written > MAX_NODES:
            raise _too_many(span)

    def visit(self, depth: int, span: Span) -> None:
        """Count one list, mapping or anchored value. Raises DocumentTooLarge below 64 levels."""
        self.count(span)
        if depth > self._deepest:
            if depth > MAX_DEPTH:
                raise _too_deep(span)
            self._deepest = depth

    def opened(self, name: str, depth: int) -> tuple[int, int]:
        """Note that `&name` begins; returns what `closed` needs to know."""
        before = (self.written + self._expanded, self._deepest)
        self._deepest = depth
        self._named[name] = None
        return before

    def closed(self, name: str, node: Node, depth: int, before: tuple[int, int]) -> None:
        """Note that the node of `&name` is complete."""
        size = self.written + self._expanded - before[0] + 1
        self._named[name] = _Anchored(node, size, self._deepest - depth)
        self._deepest = max(self._deepest, before[1])

    def expand(self, name: str, depth: int, span: Span) -> Node | Diagnostic:
        """Return what `*name` stands for, or why it stands for nothing. Raises DocumentTooLarge past the bounds."""
        anchored = self._named.get(name)
        if anchored is None:
            return self._unusable(name, span)
        self._expanded += anchored.size
        if self._expanded > FREE_EXPANSION + EXPANSION_FACTOR * self.written:
            raise DocumentTooLarge(
                error(
                    "too-many-aliases",
                    f"aliases expand to more than {FREE_EXPANSION:,} values",
                    span,
                    hint="write less with anchors: `defaults` and a data file serve many calls",
                )
            )
        if self._expanded + self.written > MAX_NODES:
            raise _too_many(span)
        if depth + anchored.height > MAX_DEPTH:
            raise _too_deep(span)
        self._deepest = max(self._deepest, depth + anchored.height)
        return anchored.node

    def _unusable(self, name: str, span: Span) -> Diagnostic:
        if name in self._named:
            message = f"`*{line_excerpt(name)}` stands inside `&{line_excerpt(name)}` itself"
            return error("cyclic-alias", message, span, hint="remove the alias")
        known = ", ".join(f"`&{line_excerpt(other)}`" for other in islice(self._named, 10))
        hint = f"anchors above this line: {known}" if known else f"define it above with `&{line_excerpt(name)}`"
        return error(
            "unknown-alias", f"no `&{line_excerpt(name)}` stands above this `*{line_excerpt(name)}`", span, hint=hint
        )


def _too_deep(span: Span) -> DocumentTooLarge:
    message = f"the nesting is deeper than {MAX_DEPTH} levels"
    return DocumentTooLarge(error("too-deep", message, span, hint="look for a bracket that is never closed"))


def _too_many(span: Span) -> DocumentTooLarge:
    message = f"the file holds more than {MAX_NODES:,} keys and values"
    return DocumentTooLarge(
        error("too-many-values", message, span, hint="keep the calls in a data file and name it with `rows:`")
    )
