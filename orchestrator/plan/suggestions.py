"""Finds the known word that the writer of an unknown one probably meant."""

from collections.abc import Iterable
from functools import lru_cache
from heapq import nlargest
from itertools import islice

LONGEST_WORD = 80
"""Characters of a word that are compared."""
_MOST_WORDS = 1_000
"""Known words that are looked at: a file's columns or variables, which may be tens of thousands."""
_MOST_COMPARED = 20
_SHORTEST_SLIP = 4
"""Letters of a word in which a slip is seen: one letter more or less makes too many of a shorter one."""
_ENDS = (1, 2, 4, 8)
"""Characters at either end that are compared first."""


def closest_word(word: str, known: Iterable[str]) -> str | None:
    """Return the known word that is the same but for case, `_` and `-`, else the closest one, else None."""
    wanted = bare_word(word[:LONGEST_WORD])
    known_bare: dict[str, str] = {}
    for other in islice(known, _MOST_WORDS):
        known_bare.setdefault(bare_word(other[:LONGEST_WORD]), other)
    return known_bare.get(wanted) or known_bare.get(closest_spelling(wanted, known_bare) or "")


def only_word_meant(word: str, known: Iterable[str]) -> str | None:
    """Return the one known word that is the same but for case, `_` and `-`, else the one that a single slip makes it.

    None where none or several are: then nobody can tell which was meant.
    """
    words = list(islice(known, _MOST_WORDS))
    bare = bare_word(word[:LONGEST_WORD])
    same = [other for other in words if bare_word(other[:LONGEST_WORD]) == bare]
    meant = same or [other for other in words if len(bare) >= _SHORTEST_SLIP and is_one_slip(bare, bare_word(other))]
    return meant[0] if len(meant) == 1 else None


def is_one_slip(word: str, other: str) -> bool:
    """Whether one letter too many, too few, another, or two letters exchanged make one word of the other."""
    if abs(len(word) - len(other)) > 1:
        return False
    start = next((at for at, (one, two) in enumerate(zip(word, other, strict=False)) if one != two), None)
    start = min(len(word), len(other)) if start is None else start
    one, two = word[start:], other[start:]
    exchanged = len(two) > 1 and one[:2] == two[1::-1] and one[2:] == two[2:]
    return word != other and (exchanged or one[1:] == two[1:] or one[1:] == two or one == two[1:])


def closest_spelling(word: str, known: Iterable[str]) -> str | None:
    """Return the known word that is written most like this one, None where none is.

    Comparing takes some 20 us a word, and a file may hold thousands of them: of the words of about the length those
    twenty are compared that begin and end most alike.
    """
    size = len(word)
    candidates = [other for other in known if 3 * size <= 5 * len(other) and 3 * len(other) <= 5 * size]
    starts = [(slice(length), word[:length]) for length in _ENDS]
    tails = [(slice(-length, None), word[-length:]) for length in _ENDS]
    begin, end = word[:1], word[-1:]
    resembling = [other for other in candidates if other[:1] == begin or other[-1:] == end]
    alike = nlargest(_MOST_COMPARED, resembling, key=lambda other: _alike(other, starts) + _alike(other, tails))
    alike += islice((other for other in candidates if other not in alike), _MOST_COMPARED - len(alike))
    from difflib import get_close_matches  # few texts have a misspelled word

    near = get_close_matches(word, alike, 1, 0.75)
    return near[0] if near else None


def _alike(word: str, ends: list[tuple[slice, str]]) -> int:
    """Count how many of these ends, each longer than the one before it, a word has."""
    for count, (part, end) in enumerate(ends):
        if word[part] != end:
            return count
    return len(ends)


@lru_cache(_MOST_WORDS)
def bare_word(word: str) -> str:
    """Return a word without what people spell differently: case, `_` and `-`."""
    return word.lower().replace("_", "").replace("-", "").strip()
