"""Labels that stand for numbers: the same for every spelling of one, and of no use to whoever lacks the key.

A plain hash of a number is no secret: a country has so few numbers that all of them are hashed in minutes. A label is
the beginning of a keyed hash (HMAC-SHA256), so that only the holder of the key can try numbers.
"""

import hmac
from base64 import b32encode

from orchestrator.phone.numbers import identity

FEWEST_KEY_BYTES = 16
"""Bytes of a key: fewer can be tried like numbers."""
WHOLE = 20
"""Characters of a whole label, a hundred bits: nobody ever sees two people under one."""
SHORT = 4
"""Characters of a short label, the beginning of the whole one; more where two people would share it."""
MOST_SHORT = 20_000
"""Short labels that are given: more than anybody reads, and what is remembered of them takes a few MB."""


class Pseudonyms:
    """Gives labels under one key, in bounded memory.

    `lasting`: the key is kept, so that other outputs have the same labels.
    """

    def __init__(self, key: bytes, *, lasting: bool) -> None:
        if len(key) < FEWEST_KEY_BYTES:
            raise ValueError(f"a key has {FEWEST_KEY_BYTES} bytes at least")
        self._key = key
        self.lasting = lasting
        self._given: dict[str, str] = {}

    @property
    def an_example(self) -> str | None:
        """A short label that was given; None where none was."""
        return next(iter(self._given), None)

    def whole(self, number: str) -> str:
        """Return the whole label of a number, such as `k7f3q2m4x6b5t3n7a2c4`."""
        digest = hmac.digest(self._key, identity(number).encode("utf-8", "surrogatepass"), "sha256")
        return b32encode(digest).decode("ascii").lower()[:WHOLE]

    def short(self, number: str) -> str:
        """Return the short label of a number, such as `k7f3`, which nobody else has that was asked about before.

        Whoever is asked about first when MOST_SHORT have theirs has a whole one.
        """
        whole = self.whole(number)
        length = SHORT
        while (holder := self._given.get(whole[:length])) not in (None, whole):
            length += 1
        if holder is None:
            if len(self._given) >= MOST_SHORT:
                return whole
            self._given[whole[:length]] = whole
        return whole[:length]
