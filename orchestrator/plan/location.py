"""A JSON path to the node, the key and the schema that stand there."""

from collections.abc import Sequence as Path
from dataclasses import dataclass
from typing import Any

from orchestrator.model.diagnostic import Span
from orchestrator.plan.nodes import Mapping, Node, Scalar, Sequence
from orchestrator.plan.places import branch, of_key
from orchestrator.plan.rows import brief


@dataclass(frozen=True, slots=True)
class Place:
    """One place of a document. `name` is dotted (`policy.window[0].hours`), empty for the document itself.

    `key` is the nearest key above it, `span` what a problem of the whole place points at: a single value,
    else the key that holds it, else the first line of the item.
    """

    name: str
    key: str
    node: Node
    schema: Any
    key_span: Span

    @property
    def is_item(self) -> bool:
        """Whether it is an item of a list, which has no key of its own."""
        return self.name.endswith("]")

    @property
    def span(self) -> Span:
        """The value where it is a single one, else its key."""
        if isinstance(self.node, Scalar) and (self.node.text or self.node.quoted):
            return self.node.span
        return self.key_span


def locate(root: Mapping, schema: dict[str, Any], path: Path[str | int]) -> Place:
    """Return the place at a path of keys and indexes, as jsonschema gives them."""
    place = Place("", "", root, schema, root.span)
    for step in path:
        if isinstance(place.node, Mapping):
            entry = place.node.entry(str(step))
            if entry is None:
                break
            name = f"{place.name}.{brief(str(step))}" if place.name else brief(str(step))
            inner = of_key(branch(place.schema, place.node), str(step))
            place = Place(name, str(step), entry.value, inner, entry.key.span)
        elif isinstance(place.node, Sequence):
            item = place.node.items[int(step)]
            inner = branch(place.schema, place.node).get("items")
            place = Place(f"{place.name}[{step}]", place.key, item, inner, item.span)
    return place
