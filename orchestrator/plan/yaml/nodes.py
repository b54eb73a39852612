"""What a YAML text becomes: values with their places, not yet interpreted.

Nobody changes a node once it is read. They are not frozen all the same: a large plan has a million of them, and making
a frozen one takes twice as long.
"""

from collections.abc import Iterator
from dataclasses import dataclass, field
from typing import TypeAlias

from orchestrator.model.diagnostic import Span

_MOST_UNINDEXED = 32
"""Entries of a mapping that are looked through; a larger one gets an index when it is first asked."""


@dataclass(slots=True)
class ScalarNode:
    """One value as typed. `text` is its characters after YAML unquoting, never resolved to another type.

    `quoted` is whether quotes or a block style (`|`, `>`) mark it as text for every YAML reader.
    """

    text: str
    quoted: bool
    span: Span


@dataclass(slots=True)
class SequenceNode:
    """A list of nodes, in the order of the text."""

    items: "tuple[Node, ...]"
    span: Span


@dataclass(slots=True)
class Entry:
    """One key and its value. An entry that came through `<<` keeps the place where it was written."""

    key: ScalarNode
    value: "Node"


@dataclass(slots=True)
class MappingNode:
    """A mapping in the order of the text; no key stands twice, and `x-` keys are gone."""

    entries: tuple[Entry, ...]
    span: Span
    _by_key: "dict[str, Entry] | None" = field(default=None, init=False, repr=False, compare=False)

    def get(self, key: str) -> "Node | None":
        """Return the value of `key`, None where the mapping does not have it."""
        entry = self.entry(key)
        return None if entry is None else entry.value

    def entry(self, key: str) -> Entry | None:
        """Return the entry of `key`, None where the mapping does not have it."""
        if len(self.entries) <= _MOST_UNINDEXED:
            return next((entry for entry in self.entries if entry.key.text == key), None)
        if self._by_key is None:
            self._by_key = {entry.key.text: entry for entry in reversed(self.entries)}
        return self._by_key.get(key)

    def __iter__(self) -> Iterator[Entry]:
        return iter(self.entries)


Node: TypeAlias = ScalarNode | SequenceNode | MappingNode
