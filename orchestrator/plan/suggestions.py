"""What the writer of an unknown word probably meant."""

import re
from collections.abc import Iterable
from difflib import get_close_matches
from heapq import nlargest
from itertools import islice
from typing import Any

from orchestrator.exotel.parameters import BY_SPELLING
from orchestrator.plan.schema.node_types import schema_of_key

_INDEXED = re.compile(r"([A-Za-z]+)\[[0-9]*\]\Z")
_MOST_KEYS_LISTED = 24
_LONGEST_WORD = 80
"""Characters of a word that are compared."""
_MOST_WORDS = 1_000
"""Known words that are looked at: a file's columns or variables, which may be tens of thousands."""
_MOST_COMPARED = 20
_ENDS = (1, 2, 4, 8)
"""Characters at either end that are compared first."""


def closest_word(word: str, known: Iterable[str]) -> str | None:
    """Return the known word that is the same but for case, `_` and `-`, else the closest one, else None."""
    wanted = _bare(word[:_LONGEST_WORD])
    bare: dict[str, str] = {}
    for other in islice(known, _MOST_WORDS):
        bare.setdefault(_bare(other[:_LONGEST_WORD]), other)
    return bare.get(wanted) or bare.get(closest_spelling(wanted, bare) or "")


def closest_spelling(word: str, known: Iterable[str]) -> str | None:
    """Return the known word that is written most like this one, None where none is.

    Comparing takes some 20 us a word, and a file may hold thousands of them: of the words of about the length those
    twenty are compared that begin and end most alike.
    """
    candidates = (other for other in known if 5 * min(len(word), len(other)) >= 3 * max(len(word), len(other)))
    ends = [(slice(length), word[:length]) for length in _ENDS] + [
        (slice(-length, None), word[-length:]) for length in _ENDS
    ]
    alike = nlargest(_MOST_COMPARED, candidates, key=lambda other: sum(other[part] == end for part, end in ends))
    near = get_close_matches(word, alike, 1, 0.75)
    return near[0] if near else None


def about_unknown_key(key: str, known: Iterable[str], schema: dict[str, Any]) -> str:
    """Return the hint for a key that does not belong where it stands; `schema` is the whole file's."""
    words = list(known)
    key = key[:_LONGEST_WORD]
    indexed = _INDEXED.match(key)
    if indexed and indexed[1] in words:
        return f"write `{indexed[1]}` as a list: the indexes are added on the wire"
    near = closest_word(key, words)
    elsewhere = _elsewhere(key, schema)
    if near is not None and (elsewhere is None or _bare(near) == _bare(key)):
        return f"did you mean `{near}`?"
    if elsewhere is not None:
        return elsewhere
    if len(words) <= _MOST_KEYS_LISTED:
        return f"known here: {', '.join(words)}" if words else "remove it"
    return "carrier parameters begin with a capital letter; a note of your own begins with `x-`"


def _elsewhere(key: str, schema: dict[str, Any]) -> str | None:
    if "calls" not in schema["properties"]:
        return None
    row = BY_SPELLING.get(key) or BY_SPELLING.get(closest_word(key, BY_SPELLING) or "")
    if row is not None and _bare(row.name) == _bare(key):
        return f"`{row.name}` is a carrier parameter: it stands under `defaults` or in a call"
    if key in schema["properties"]:
        return f"`{key}` stands at the top of the plan"
    if schema_of_key(schema["properties"]["policy"], key) is not None:
        return f"`{key}` stands under `policy`"
    return None


def _bare(word: str) -> str:
    return word.lower().replace("_", "").replace("-", "").strip()
