"""What a change of a YAML text changes: whether two texts mean the same, and which values stand in several places."""

import re
from collections.abc import Callable, Iterable, Iterator
from itertools import zip_longest
from typing import Any

import yaml
from yaml.events import AliasEvent, CollectionEndEvent, CollectionStartEvent, ScalarEvent

from orchestrator.plan.yaml.parser import Parser

Place = tuple[int, int]
_PLAIN = (None, "")
_COMMENT = re.compile("#[^\r\n]*")


def mean_the_same(before: str, after: str, changed: Iterable[Place] = ()) -> bool:
    """Whether two texts mean the same, and have the same comments, but for values at the places `changed`.

    Those are places of the first text, lines and columns counted from 0. A plain value may have got quotes: our reader
    takes both as typed. Raises yaml.YAMLError where one of the texts cannot be read.
    """
    places = tuple(changed)
    pairs = zip_longest(_events(before), _events(after))
    return all(_alike(one, other, places) for one, other in pairs) and _comments(before) == _comments(after)


def _events(text: str) -> Iterator[Any]:
    return yaml.parse(text, Loader=Parser)


def _alike(one: Any, other: Any, changed: tuple[Place, ...]) -> bool:
    if type(one) is not type(other):
        return False
    if any(getattr(one, name, None) != getattr(other, name, None) for name in ("anchor", "tag")):
        return False
    if not isinstance(one, ScalarEvent):
        return True
    if one.style != other.style and not (one.style in _PLAIN and other.style in ('"', *_PLAIN)):
        return False
    return one.value == other.value or _holds_one(one, changed)


def _holds_one(event: Any, changed: tuple[Place, ...]) -> bool:
    start, end = ((mark.line, mark.column) for mark in (event.start_mark, event.end_mark))
    return any(start <= place <= end for place in changed)


def aliased_places(text: str) -> Callable[[Place], bool]:
    """Return what tells whether a place is in a value that an alias repeats elsewhere."""
    begun: list[tuple[str | None, Place]] = []
    last: dict[str, tuple[Place, Place]] = {}
    repeated: list[tuple[Place, Place]] = []
    for event in _events(text) if "*" in text else ():
        start, end = ((mark.line, mark.column) for mark in (event.start_mark, event.end_mark))
        if isinstance(event, AliasEvent):
            repeated.append(last[str(event.anchor)])
        elif isinstance(event, CollectionStartEvent):
            begun.append((event.anchor, start))
        elif isinstance(event, CollectionEndEvent):
            anchor, start = begun.pop()
            last |= {} if anchor is None else {anchor: (start, end)}
        elif isinstance(event, ScalarEvent) and event.anchor is not None:
            last[event.anchor] = (start, end)
    return lambda place: any(start <= place <= end for start, end in repeated)


def _comments(text: str) -> list[str]:
    """Return all comments outside of the values, in their order."""
    found: list[str] = []
    end = 0
    for token in yaml.scan(text, Loader=Parser):
        found += _COMMENT.findall(text, end, token.start_mark.index)
        end = max(end, token.end_mark.index)
    return [comment.rstrip() for comment in (*found, *_COMMENT.findall(text, end))]
