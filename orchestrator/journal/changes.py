"""What one transaction changes: by how much the sum of each table, and which rows, for whoever follows commits."""

from collections.abc import Callable
from functools import cache
from hashlib import sha256

from orchestrator.model.frozen import frozen

MODULUS = 2**256
"""Sums of hashes are taken modulo this: the order of rows does not matter."""

FOLLOWED = ("calls", "attempts")
"""Tables whose changed rows are handed to whoever follows commits. `key` is their first column."""

MOST_FOLLOWED = 5_000
"""Changed rows of one transaction that are kept for whoever follows commits: who misses more reads them all again."""

Row = tuple[object, ...]


class Changes:
    """Gathers what one connection changes between two seals: the sum of each table, and the rows of FOLLOWED."""

    def __init__(self) -> None:
        self.forget()

    def forget(self) -> None:
        """Begin anew: what was changed before was sealed, or was rolled back."""
        self._sums: dict[str, int] = {}
        self._before: dict[tuple[str, object], Row | None] = {}
        self._after: dict[tuple[str, object], Row | None] = {}

    def came(self, table: str, *columns: object) -> None:
        """Add a row that was inserted to its table's sum."""
        sums = self._sums
        sums[table] = sums.get(table, 0) + row_hash((table, *columns))
        if table in FOLLOWED:
            self._follow((table, columns[0]), None, columns)

    def went(self, table: str, *columns: object) -> None:
        """Take a row that was deleted from its table's sum."""
        sums = self._sums
        sums[table] = sums.get(table, 0) - row_hash((table, *columns))
        if table in FOLLOWED:
            self._follow((table, columns[0]), columns, None)

    def changed(self, table: str, *columns: object) -> None:
        """Take a row as it was, the first half of the columns, from its table's sum, and add it as it is now."""
        half = len(columns) // 2
        before, after = columns[:half], columns[half:]
        sums = self._sums
        sums[table] = sums.get(table, 0) + row_hash((table, *after)) - row_hash((table, *before))
        if table in FOLLOWED:
            self._follow((table, after[0]), before, after)

    def _follow(self, row: tuple[str, object], before: Row | None, after: Row | None) -> None:
        if len(self._after) <= MOST_FOLLOWED:
            self._before.setdefault(row, before)
            self._after[row] = after

    def take(self) -> tuple[dict[str, int], "Followed"]:
        """Return by how much each table's sum has changed, and which rows changed; begin anew."""
        changed = {table: change % MODULUS for table, change in self._sums.items() if change % MODULUS}
        followed = Followed(frozenset(changed), self._before, self._after)
        self.forget()
        return changed, followed


@frozen
class Followed:
    """What a transaction changed: its tables, and the rows of FOLLOWED by table and key, as they were and are.

    None stands for a row that was not there, or is gone. Of more than MOST_FOLLOWED rows not all are here.
    """

    tables: frozenset[str]
    before: dict[tuple[str, object], Row | None]
    after: dict[tuple[str, object], Row | None]

    @property
    def is_whole(self) -> bool:
        """Whether every changed row is here."""
        return len(self.after) <= MOST_FOLLOWED


def row_hash(row: Row) -> int:
    """Return the hash of a row: its table's name, and its columns."""
    try:
        packed = _packer()(row)
    except UnicodeEncodeError:  # a stranger wrote what is no UTF-8: as bytes it is no text that we wrote
        packed = _packer()(tuple(_as_bytes(value) for value in row))
    return int.from_bytes(sha256(packed).digest(), "big")


def _as_bytes(value: object) -> object:
    return value.encode("utf-8", "surrogateescape") if isinstance(value, str) else value


@cache
def _packer() -> Callable[[Row], bytes]:
    """Return what writes a row as MessagePack. Loaded once a row is hashed: most commands only read."""
    from msgspec.msgpack import Encoder

    return Encoder().encode
