"""The chain of events and the seals of the tables: no event, and no column of any row, can change unseen.

Three sections: the chain, what one transaction changes, the seals that this leads to.

Each event's hash covers its columns and the hash before it. It is SHA-256, in hexadecimal, over one JSON array in ASCII
without spaces, which anybody can write again:
`["orchestrate event 1", hash before, seq, type, at, run, attempt, seal, hash of call, hash of data]`.
What stands before the first event is the hash of `["orchestrate journal 1", the journal's id]`, so that a chain
cannot be moved to another journal.

`call` and `data` may hold phone numbers, so the chain holds hashes of them: whoever shall not see a number is given its
text's hash, and can prove the chain all the same. Each is SHA-256, in hexadecimal, over half of the event's random
salt, a line feed and the column's text, in UTF-8: nobody can find the number by trying all that there are. The first
half of the salt is the call's, the second half the data's. Where there is no call its hash is that of its half alone.

The seals tell what the chain says of every column of every row, also of those no event names. A row's hash is SHA-256
over its table's name and its columns in their order, written as an array in MessagePack: each value in its shortest
form, a REAL in 64 bits. A table's sum is the sum of its rows' hashes, taken as numbers (the first byte weighs most),
modulo 2**256: the order of rows does not matter, and whoever changes a row takes its old hash away and adds the new
one, so that no other row is read. The table `seals` keeps the sums, and the last event of each transaction
carries their hash (`events.seal`), which the chain covers like all else in an event. The changes of a connection are
heard of by temporary triggers, which no other program that opens the file has: what it changes is in no sum.

A million events are proved by their blocks, at a third of what the chain costs: events 1 to 256 are one, 257 to 512 the
next. The seal of the first transaction that goes on behind a block, or behind several, has 64 digits more: the SHA-256
of their events, a line each, which is the JSON array of all columns in UTF-8 without spaces, and a line feed. That
transaction's last event stands in a later block, which proves it in turn: down to the head.
"""

import hashlib
import json
import os
from collections.abc import Callable, Iterable
from functools import cache
from hashlib import sha256
from json.encoder import encode_basestring_ascii as _quoted
from typing import NamedTuple

from orchestrator.journal.database import Database, Statements
from orchestrator.model.errors import CannotProceed
from orchestrator.model.events import HALF, covered, halves
from orchestrator.model.frozen import frozen

RESTORE = "restore it from a copy (`orchestrate journal backup` makes them)"

PREFIX = "sha256:"
"""What a head begins with where people see it."""

COLUMNS = "seq, type, at, run, call, attempt, data, salt, seal"
"""The columns of `events` that the hash covers: all but the hash itself."""

Value = str | int | float | bytes | None
"""What a column may hold once somebody has altered it; we write texts, integers and None."""


def _json(value: Value) -> str:
    """Return a column as JSON; a million events ask for nine of these each. A blob only a stranger can have written."""
    if value is None:
        return "null"
    if type(value) is str:
        return _quoted(value)
    return str(value) if type(value) is int else json.dumps({"foreign": repr(value)})


class Head(NamedTuple):
    """The last event's number and hash; number 0 and `before_all` where there is none."""

    seq: int
    hash: str

    def then(self, *columns: Value) -> str:
        """Return the hash of the event with these COLUMNS that follows this head."""
        return follow(self.hash, *columns)


def before_all(journal: str) -> Head:
    """Return the head of a journal without events."""
    return Head(0, _hash("orchestrate journal 1", journal))


def new_salt() -> str:
    """Return the salt of one event: two halves of 64 random bits, in hexadecimal."""
    return os.urandom(HALF).hex()


def follow(
    before: str, seq: Value, kind: Value, at: Value, run: Value, call: Value, attempt: Value, data: Value,
    salt: Value, seal: Value,
) -> str:  # fmt: skip
    """Return the hash of the event with these COLUMNS that follows one with the hash `before`."""
    of_call, of_data = halves(str(salt))
    return link(
        before,
        f"[{_json(seq)},{_json(kind)},{_json(at)},{_json(run)},{_json(attempt)},{_json(seal)}]",
        covered(of_call, None if call is None else str(call)),
        covered(of_data, str(data)),
    )


def link(before: str, plain: str, call: str, data: str) -> str:
    """Return the hash of an event after one with the hash `before`.

    `plain` is the JSON array of its columns from `seq` to `seal` but for `call` and `data`, of which these are hashes.
    """
    text = f'["orchestrate event 1",{_quoted(before)},{plain[1:-1]},"{call}","{data}"]'
    return hashlib.sha256(text.encode("ascii")).hexdigest()


def newest_event(db: Statements) -> Head:
    """Return the newest event's number and hash; number 0 and no hash where there is none."""
    row = db.execute("SELECT seq, hash FROM events ORDER BY seq DESC LIMIT 1").fetchone()
    return Head(0, "") if row is None else Head(*row)


def head(db: Statements) -> Head:
    """Return the last event's number and hash."""
    last = newest_event(db)
    return before_all(journal_id(db)) if last == Head(0, "") else last


def holds_event(db: Statements, hash_: str) -> bool:
    """Whether the journal holds the event with this hash; the head of an empty journal it always holds."""
    if hash_ == before_all(journal_id(db)).hash:
        return True
    row = db.execute("SELECT 1 FROM events WHERE hash = ? ORDER BY seq DESC LIMIT 1", (hash_,)).fetchone()
    return row is not None


def journal_id(db: Statements) -> str:
    """Return the journal's id, which a target file can pin. Raises CannotProceed where it is gone."""
    row = db.execute("SELECT value FROM meta WHERE key = 'id'").fetchone()
    if row is None:
        raise CannotProceed("the journal has lost its id: it is damaged, or was altered", RESTORE)
    return str(row[0])


def text_hash(text: str) -> str:
    """Return what an event carries of a text that stands elsewhere in the journal."""
    return PREFIX + hashlib.sha256(text.encode("utf-8", "surrogateescape")).hexdigest()


def _hash(*values: Value) -> str:
    texts = [_quoted(value) if type(value) is str else _json(value) for value in values]  # most are; a call costs time
    return hashlib.sha256(f"[{','.join(texts)}]".encode("ascii")).hexdigest()


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


UNSEALED = {
    "events": "the chain itself covers them",
    "seals": "the last event's seal is their hash",
    "meta": "the chain begins with `id`; the other settings tell of the file and of who uses it, and of no call",
}
"""Tables that have no sum, and why."""

UNCHAINED = {
    "pace": "each request takes a slot of the pace, and an event for each would be too dear: its sum is in no event",
}
"""Tables that have a sum, which no event carries, and why."""


def table_sum(db: Database, table: str, columns: Iterable[str]) -> str:
    """Return the sum of a table's rows as they stand now."""
    rows = db.execute(f"SELECT '{table}', {', '.join(columns)} FROM {table}")  # noqa: S608 - names from the schema
    return sum_text(sum(map(row_hash, rows)))


def sum_text(number: int) -> str:
    """Return a sum as the table `seals` has it."""
    return f"{number % MODULUS:064x}"


def known_sums(db: Database) -> dict[str, str]:
    """Return the sums that the table `seals` has."""
    return dict(db.execute("SELECT name, sum FROM seals ORDER BY name"))


def sums_with(db: Database, changed: dict[str, int]) -> dict[str, str]:
    """Add what was changed to the sums that the table `seals` has, and return all that it has now."""
    sums = known_sums(db)
    if not changed:
        return sums
    new = {table: sum_text(int(sums.get(table, "0"), 16) + change) for table, change in changed.items()}
    db.executemany(
        "INSERT INTO seals VALUES (?, ?) ON CONFLICT (name) DO UPDATE SET sum = excluded.sum", list(new.items())
    )
    return dict(sorted({**sums, **new}.items()))


def seal_of_tables(db: Database) -> str:
    """Return what an event carries of the tables: the hash of the sums that the table `seals` has."""
    return seal_of(known_sums(db))


OF_TABLES = 32
"""Digits of a seal that are of the tables; those behind them are of blocks of events."""


def seal_of(sums: dict[str, str]) -> str:
    """Return what an event carries of the tables with these sums, in the order of their names."""
    return _combined(*(text for item in sums.items() if item[0] not in UNCHAINED for text in item))


def _combined(*texts: str) -> str:
    """Return one short hash of the names and sums of the tables: 128 bits, since each event of a step has one."""
    return _hash("orchestrate tables 1", *texts)[:OF_TABLES]


SEAL_OF_NOTHING = _combined()
"""The seal of a journal in which nothing was written yet."""

BLOCK = 256
"""Events of a block, which are hashed together."""


def before_its_block(seq: int) -> int:
    """Return the last event before the block in which this one is."""
    return max(seq - 1, 0) // BLOCK * BLOCK


def hash_of_blocks(db: Database, before: int, newest: int) -> str:
    """Return what the seal of event `newest` has of blocks that its transaction, begun after event `before`, left."""
    start, end = before_its_block(before), before_its_block(newest)
    if start == end:
        return ""
    digest = hashlib.sha256()
    for behind in range(start, end, BLOCK):
        digest.update(db.events_after(behind, BLOCK).lines)
    return digest.hexdigest()
