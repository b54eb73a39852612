"""Verdicts on values that come again and again, each found once: on flags, limits, moments, lines of one's own."""

from collections.abc import Callable, Hashable, Sequence
from typing import Generic, TypeVar

_MOST = 4_096
"""Different values of which the verdict is kept."""

Key = TypeVar("Key", bound=Hashable)
Found = TypeVar("Found")


class Remembered(Generic[Key, Found]):
    """Remembers what `find` found of each different value."""

    def __init__(self, find: Callable[[Key], Found]) -> None:
        self._find = find
        self._known: dict[Key, Found] = {}

    def of_all(self, keys: Sequence[Key]) -> list[Found]:
        """Return what is found of each."""
        known = self._known
        if len(known) > _MOST:
            known.clear()
        for key in set(keys) - known.keys():
            known[key] = self._find(key)
        return [known[key] for key in keys]
