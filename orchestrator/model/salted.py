"""How a text of the chain is proved by a hash, from which nobody finds the text by trying all that there are."""

import hashlib

HALF = 16
"""Characters of each half of a salt."""


def covered(salt: str, text: str | None) -> str:
    """Return the hash that the chain holds of a text, or that there is none, by its half of a salt."""
    salted = salt if text is None else f"{salt}\n{text}"
    return hashlib.sha256(salted.encode("utf-8", "surrogatepass")).hexdigest()


def halves(salt: str) -> tuple[str, str]:
    """Return the salt of an event's `call` and that of its `data`."""
    return salt[:HALF], salt[HALF:]
