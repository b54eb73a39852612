"""Lists of numbers that are never rung: read once, whole, in 8 bytes a number."""

import hashlib
import os
from array import array
from bisect import bisect_left
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

from orchestrator.model.diagnostic import Diagnostic, Span, error
from orchestrator.plan.lists.list_file import ListFile
from orchestrator.plan.lists.numbers import key_of, keys_if_hashed
from orchestrator.plan.paths import Refusal, named_file, open_inside


@dataclass(frozen=True, slots=True)
class Lists:
    """Lists by their names, in the order in which they were named. False where there is none.

    Each holds the keys of its numbers, ascending: hashes, not the numbers. `fingerprint` is over the files' bytes,
    empty without lists. `have_hashes`: whether numbers stand hashed in a file.
    """

    lists: "tuple[tuple[str, array[int]], ...]" = ()
    fingerprint: str = ""
    have_hashes: bool = False

    def naming(self, number: str) -> str | None:
        """Return the name of the first list that holds this number, in whatever spelling; None where none does."""
        if not self.lists:
            return None
        sought = [key_of(number), *(keys_if_hashed(number) if self.have_hashes else ())]
        return next((name for name, keys in self.lists if any(_holds(keys, key) for key in sought)), None)

    def __bool__(self) -> bool:
        return bool(self.lists)


NO_LISTS = Lists()


def read_lists(
    root: Path, folder: Path, names: Sequence[str], at: Sequence[Span | None] = (), closed: Sequence[str] = ()
) -> tuple[Lists, tuple[Diagnostic, ...]]:
    """Read the lists that a plan or a target in `folder` names, all inside `root`; and what is wrong with them.

    `at` are the places of the names. Where a finding is an error the lists are not whole, and nothing may be dialed.
    `closed`: what no plan may read.
    """
    lists: list[tuple[str, array[int]]] = []
    found: list[Diagnostic] = []
    hashed = hashlib.sha256()
    have_hashes = False
    for position, name in enumerate(names):
        place = at[position] if position < len(at) else None
        opened = open_inside(root, folder, name, closed)
        if isinstance(opened, Refusal):
            spans = () if place is None else (place,)
            found.append(error(opened.id, opened.message, *spans, hint=opened.hint))
            continue
        read = ListFile(opened, _shown(folder, name, place), place)
        lists.append((name, array("Q", sorted(read.keys))))
        found += read.found
        hashed.update(read.hash)
        have_hashes = have_hashes or read.has_hashes
    return Lists(tuple(lists), f"sha256:{hashed.hexdigest()}" if lists else "", have_hashes), tuple(found)


def _holds(keys: "array[int]", key: int) -> bool:
    position = bisect_left(keys, key)
    return position < len(keys) and keys[position] == key


def _shown(folder: Path, name: str, place: Span | None) -> str:
    """Return a list's name as the user would write it: relative to what names it, else to the working directory."""
    if place is not None:
        return named_file(os.path.dirname(place.file), folder, name)  # noqa: PTH120 - pathlib turns `` into `.`
    path = os.path.normpath(os.path.join(folder, name))  # noqa: PTH118 - pathlib keeps `..`
    here = os.path.relpath(path)
    return path if here.startswith("..") else here
