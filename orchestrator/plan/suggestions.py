"""What the writer of an unknown word probably meant."""

import re
from collections.abc import Iterable
from difflib import get_close_matches
from typing import Any

from orchestrator.exotel.parameters import BY_SPELLING
from orchestrator.plan.places import of_key

_INDEXED = re.compile(r"([A-Za-z]+)\[[0-9]*\]\Z")
_LISTED_AT_MOST = 24


def meant(word: str, known: Iterable[str]) -> str | None:
    """Return the known word that is the same but for case, `_` and `-`, else the closest one, else None."""
    words = list(known)
    bare = {_bare(other): other for other in reversed(words)}
    if _bare(word) in bare:
        return bare[_bare(word)]
    near = get_close_matches(_bare(word)[:80], bare, 1, 0.75)
    return bare[near[0]] if near else None


def about_unknown_key(key: str, known: Iterable[str], schema: dict[str, Any]) -> str:
    """Return the hint for a key that does not belong where it stands; `schema` is the whole file's."""
    words = list(known)
    indexed = _INDEXED.match(key)
    if indexed and indexed[1] in words:
        return f"write `{indexed[1]}` as a list: the indexes are added on the wire"
    near = meant(key, words)
    elsewhere = _elsewhere(key, schema)
    if near is not None and (elsewhere is None or _bare(near) == _bare(key)):
        return f"did you mean `{near}`?"
    if elsewhere is not None:
        return elsewhere
    if len(words) <= _LISTED_AT_MOST:
        return f"known here: {', '.join(words)}" if words else "remove it"
    return "carrier parameters begin with a capital letter; a note of your own begins with `x-`"


def _elsewhere(key: str, schema: dict[str, Any]) -> str | None:
    if "calls" not in schema["properties"]:
        return None
    row = BY_SPELLING.get(key) or BY_SPELLING.get(meant(key, BY_SPELLING) or "")
    if row is not None and _bare(row.name) == _bare(key):
        return f"`{row.name}` is a carrier parameter: it stands under `defaults` or in a call"
    if key in schema["properties"]:
        return f"`{key}` stands at the top of the plan"
    if of_key(schema["properties"]["policy"], key) is not None:
        return f"`{key}` stands under `policy`"
    return None


def _bare(word: str) -> str:
    return word.lower().replace("_", "").replace("-", "").strip()
