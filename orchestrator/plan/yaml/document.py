"""YAML text to nodes with the position of every key and value: one dialect, one door.

Scalars stay the characters that were typed; nothing is resolved to numbers, booleans or dates here.
"""

import re
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
from orchestrator.phone.masking import excerpt
from orchestrator.plan.yaml.anchors import MAX_NODES, Anchors, DocumentTooLarge
from orchestrator.plan.yaml.nodes import Entry, MappingNode, Node, ScalarNode, SequenceNode
from orchestrator.plan.yaml.syntax_errors import syntax_error
from orchestrator.plan.yaml.text import (
    MAX_BYTES,
    forbidden_escape,
    source_lines,
    too_large,
    unreadable_characters,
)

try:
    from yaml import CSafeLoader as _FastParser
except ImportError:  # PyYAML was built without libyaml: some 20 times slower
    _FastParser = None  # type: ignore[assignment,misc]

_BEGIN = "begin with `version: 1`"
_TEXT_STYLES = frozenset("'\"|>")
_PROPERTIES = re.compile(r"(?:[&!]\S*[ \t]+)*")


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
    try:
        root = builder.document()
    except yaml.YAMLError as problem:
        builder.problems.append(syntax_error(problem, text, file))
    except DocumentTooLarge as stop:
        builder.problems.append(stop.diagnostic)
    finally:
        builder.source.dispose()
    return root, tuple(builder.problems)


class _Builder:
    """Turns the event stream into nodes; findings that leave the rest readable collect in `problems`."""

    def __init__(self, text: str, file: str, pure: bool) -> None:
        self.source: Any = yaml.SafeLoader(text) if pure or _FastParser is None else _FastParser(text)
        self._next = self.source.get_event
        self.problems: list[Diagnostic] = []
        self._text = text
        self._file = file
        self._lines: tuple[str, ...] = ()
        self._anchors = Anchors()

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
            self._anchors.written += 1
            if self._anchors.written > MAX_NODES:
                self._anchors.count(self._span(event))
            return self._scalar(event)
        if kind is AliasEvent:
            return self._aliased(event, depth)
        span = self._span(event)
        self._anchors.visit(depth, span)
        name: str | None = event.anchor
        before = self._anchors.opened(name, depth) if name is not None else None
        if event.tag is not None:
            self._refuse_tag(event)
        if kind is ScalarEvent:
            node: Node = self._scalar(event)
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

    def _scalar(self, event: Any) -> ScalarNode:
        style = event.style
        if style == '"' and (name := forbidden_escape(event.value)):
            self._report("control-character", f"the value holds {name}", event, "remove the escape")
        return ScalarNode(event.value, style in _TEXT_STYLES, self._span(event))

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
        message = f"`{excerpt(key.text)}` already stands in line {first.span.line} of the same mapping"
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
        self._report("yaml-tag", f"the YAML tag `{excerpt(tag)}` is not allowed", event, hint)

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
