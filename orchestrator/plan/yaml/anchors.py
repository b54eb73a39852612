"""Anchors and aliases, expanded within bounds: a small text must not become a large document."""

from dataclasses import dataclass
from itertools import islice

from orchestrator.model.diagnostic import Diagnostic, Span, error
from orchestrator.plan.findings import line_excerpt
from orchestrator.plan.yaml.nodes import Node

MAX_DEPTH = 64
"""Levels of nesting. A plan needs six; every later walk recurses, and Python's stack ends at some hundreds."""

FREE_EXPANSION = 100_000
EXPANSION_FACTOR = 20
"""Aliases may add 100,000 nodes, and 20 more for each node written: ten thousand literal calls that each merge
a dozen defaults add 4 a node, while doubling or quadratic bombs pass any such bound within milliseconds."""


MAX_NODES = 1_000_000
"""Keys, values, lists and mappings of one document, those that aliases repeat included: some 75,000 literal calls, and
250 MB. The bytes of a file bound them badly: eight megabytes of `0,` are four million."""


class DocumentTooLarge(Exception):  # noqa: N818 - stops the reading of one document, and never leaves plan/
    """The document is too deep, or grows too large; nothing of it can be used."""

    def __init__(self, diagnostic: Diagnostic) -> None:
        super().__init__(diagnostic.message)
        self.diagnostic = diagnostic


@dataclass(frozen=True, slots=True)
class _Anchored:
    node: Node
    size: int  # nodes, aliases in it expanded
    height: int  # levels below it


class Anchors:
    """Counts nodes and levels while a document is built, and remembers what the anchors name.

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
