"""Entries of `calls` that are written alike: a table of their own, judged as the rows of a data file are.

Thousands of entries mostly have the same keys, each with one value. `tables` gathers those that follow each other, and
`row_of` is the one entry of which they all could be rows.
"""

from collections.abc import Iterable, Iterator
from functools import lru_cache

from orchestrator.exotel.parameters import BY_SPELLING
from orchestrator.model.diagnostic import Span
from orchestrator.model.frozen import frozen
from orchestrator.plan.rows.row import RowBlock
from orchestrator.plan.yaml.nodes import Entry, MappingNode, Node, ScalarNode, SequenceNode

OWN_KEYS = ("id", "priority", "not_before", "not_after", "timezone")
"""The keys of an entry beside the carrier's parameters, but for `rows`."""

_FEWEST, _MOST = 16, 1_000
"""Entries of one table: fewer are judged one by one in less time, and more take no less time together."""


@frozen
class EntryTable:
    """Entries that follow each other and have the same keys, each with one value and no template in it."""

    nodes: list[MappingNode]
    rows: RowBlock

    def values(self, key: str) -> list[ScalarNode]:
        """Return the values of one key."""
        position = self.rows.columns.index(key)
        values = [node.entries[position].value for node in self.nodes]
        return [value for value in values if isinstance(value, ScalarNode)]


def tables(entries: Iterable[Node]) -> Iterator[EntryTable | Node]:
    """Yield the entries in their order: by themselves, or gathered where a table is of use."""
    keys: tuple[str, ...] = ()
    gathered: list[MappingNode] = []
    for node in entries:
        found = _keys(node)
        if found != keys or len(gathered) == _MOST:
            yield from _gathered(keys, gathered)
            keys, gathered = found, []
        if found and isinstance(node, MappingNode):
            gathered.append(node)
        else:
            yield node
    yield from _gathered(keys, gathered)


def _keys(node: Node) -> tuple[str, ...]:
    """Return the keys of an entry that may stand in a table; none of any other."""
    if not isinstance(node, MappingNode):
        return ()
    for entry in node.entries:
        value = entry.value
        if not isinstance(value, ScalarNode) or not value.text or "$" in value.text:
            return ()
    keys = tuple([entry.key.text for entry in node.entries])
    return keys if _fit_a_table(keys) else ()


@lru_cache(maxsize=64)
def _fit_a_table(keys: tuple[str, ...]) -> bool:
    """Whether each key is known, takes one value, and none is another's second spelling."""
    parameters = [BY_SPELLING.get(key) for key in keys if key not in OWN_KEYS]
    names = {row.name for row in parameters if row is not None and not row.refused and not row.is_list}
    return "id" in keys and len(names) == len(parameters)


def _gathered(keys: tuple[str, ...], nodes: list[MappingNode]) -> Iterator[EntryTable | Node]:
    if len(nodes) < _FEWEST:
        yield from nodes
        return
    rows = RowBlock(nodes[0].span.file, keys)
    table = EntryTable(nodes, rows)
    rows.cells = [
        list(cells) for cells in zip(*([value.text for value in table.values(key)] for key in keys), strict=True)
    ]
    rows.spans = [value.span for value in table.values("id")]
    rows.lines = [span.line for span in rows.spans]
    yield table


def row_of(keys: tuple[str, ...]) -> tuple[MappingNode, ScalarNode]:
    """Return the entry, and its id, that has each of these keys with a column of that name, and rows."""
    nowhere = Span("", 0)
    texts = ((ScalarNode(key, False, nowhere), ScalarNode(f"${{row.{key}}}", False, nowhere)) for key in keys)
    rows = Entry(ScalarNode("rows", False, nowhere), SequenceNode((), nowhere))
    node = MappingNode((*(Entry(key, value) for key, value in texts), rows), nowhere)
    return node, ScalarNode("${row.id}", False, nowhere)
