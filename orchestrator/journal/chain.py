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

import json
import os
from collections.abc import Callable, Iterable
from functools import cache
from hashlib import sha256
from itertools import islice
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


def follow(
    before: str, seq: Value, kind: Value, at: Value, run: Value, call: Value, attempt: Value, data: Value,
    salt: Value, seal: Value,
) -> str:  # fmt: skip
    """Return the hash of the event with these COLUMNS that follows one with the hash `before`."""
    of_call, of_data = halves(str(salt))
    return link(
        before,
        _array(seq, kind, at, run, attempt, seal),
        covered(of_call, None if call is None else str(call)),
        covered(of_data, str(data)),
    )


def link(before: str, plain: str, call: str, data: str) -> str:
    """Return the hash of an event after one with the hash `before`.

    `plain` is the JSON array of its columns from `seq` to `seal` but for `call` and `data`, of which these are hashes.
    """
    text = f'["orchestrate event 1",{_quoted(before)},{plain[1:-1]},"{call}","{data}"]'
    return sha256(text.encode("ascii")).hexdigest()


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


APPEND = f"INSERT INTO events ({COLUMNS}, hash) VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?)"  # noqa: S608 - constants only


class NewEvents:
    """The events that one transaction appends: they wait, to be written all at once, the last one with its seal.

    `newest` is the last event before them, asked for where it is not given.
    """

    def __init__(self, db: Database, newest: Head | None = None) -> None:
        self._db = db
        self.newest = newest if newest is not None and newest.seq else None
        """The last event that is written; None where nobody has asked."""
        self._began: int | None = None  # the last event before all of them
        self._waiting: list[tuple[Value, Value, Value, Value, Value, Value]] = []
        self._unsealed: tuple[Head, tuple[Value, ...]] | None = None  # the last one written, and what is before it

    def append(self, kind: Value, at: Value, run: Value, call: Value, attempt: Value, data: Value) -> None:
        """Take one event in, as its columns from `type` to `data`."""
        self._waiting.append((kind, at, run, call, attempt, data))

    def has_any(self) -> bool:
        """Whether one can say how the tables stand."""
        return bool(self._waiting) or self._unsealed is not None

    def write(self) -> None:
        """Write what waits: whoever asks the journal must find it."""
        self._write(len(self._waiting))

    def seal(self, of_tables: str) -> None:
        """Let the last event say how the tables stand, and what is in the blocks of events that are left."""
        before = self._before()
        began, newest = before.seq if self._began is None else self._began, before.seq + len(self._waiting)
        if before_its_block(began) != before_its_block(newest):
            self._write(len(self._waiting) - 1)  # what is hashed must be there
        seal = of_tables + hash_of_blocks(self._db, began, newest)
        if self._waiting:
            self._write(len(self._waiting), seal)
        elif self._unsealed is not None:
            before, columns = self._unsealed
            self.newest = Head(before.seq + 1, before.then(*columns, seal))
            values = (seal, self.newest.hash, self.newest.seq)
            self._db.execute("UPDATE events SET seal = ?, hash = ? WHERE seq = ?", values)
        self._began = self._unsealed = None

    def _before(self) -> Head:
        self.newest = self.newest or head(self._db)
        return self.newest

    def _write(self, count: int, seal: str | None = None) -> None:
        """Write the first ones that wait; `seal` goes to the last of these."""
        if count <= 0:
            return
        before, salts, rows = self._before(), os.urandom(HALF * count).hex(), []
        self._began = before.seq if self._began is None else self._began
        seq, newest = before
        for place, columns in enumerate(self._waiting[:count], 1):
            salt, own_seal = salts[2 * HALF * (place - 1) : 2 * HALF * place], seal if place == count else None
            if place == count:
                self._unsealed = Head(seq, newest), (seq + 1, *columns, salt)
            seq, newest = seq + 1, follow(newest, seq + 1, *columns, salt, own_seal)
            rows.append((seq, *columns, salt, own_seal, newest))
        self._db.executemany(APPEND, rows)
        self._waiting, self.newest = self._waiting[count:], Head(seq, newest)


def text_hash(text: str) -> str:
    """Return what an event carries of a text that stands elsewhere in the journal."""
    return PREFIX + sha256(text.encode("utf-8", "surrogateescape")).hexdigest()


def _hash(*values: Value) -> str:
    return sha256(_array(*values).encode("ascii")).hexdigest()


def _array(*values: Value) -> str:
    texts = [_quoted(value) if type(value) is str else _json(value) for value in values]  # most are; a call costs time
    return f"[{','.join(texts)}]"


MODULUS = 2**256
"""Sums of hashes are taken modulo this: the order of rows does not matter."""

FOLLOWED = ("calls", "attempts")
"""Tables whose changed rows are handed to whoever follows commits. `key` is their first column."""

MOST_FOLLOWED = 5_000
"""Changed rows of one transaction that are kept for whoever follows commits: who misses more reads them all again."""

Row = tuple[object, ...]
"""A table's name, and the columns of a row of it."""

RowId = tuple[object, object]
"""A table of FOLLOWED, and the key of a row of it."""


class Changes:
    """Gathers what one connection changes between two seals: the sum of each table, and the rows of FOLLOWED.

    Those are hashed once, as they were and as they are in the end.
    """

    def __init__(self) -> None:
        self.forget()

    def forget(self) -> None:
        """Begin anew: what was changed before was sealed, or was rolled back."""
        self._sums: dict[str, int] = {}
        self._before: dict[RowId, Row | None] = {}
        self._after: dict[RowId, Row | None] = {}

    def came(self, *row: object) -> None:
        """Take note of a row that was inserted."""
        self._note(row, None, row)

    def went(self, *row: object) -> None:
        """Take note of a row that was deleted."""
        self._note(row, row, None)

    def changed(self, *rows: object) -> None:
        """Take note of a row as it was, and as it is now."""
        half = len(rows) // 2
        after = rows[half:]
        self._note(after, rows[:half], after)

    def _note(self, named: Row, before: Row | None, after: Row | None) -> None:
        table, known = named[0], self._after
        if table in FOLLOWED:
            row = table, named[1]
            if row in known:
                known[row] = after
                return
            if len(known) <= MOST_FOLLOWED:
                self._before[row], known[row] = before, after
                return
        self._add(str(table), before, after)

    def _add(self, table: str, before: Row | None, after: Row | None) -> None:
        change = (0 if after is None else row_hash(after)) - (0 if before is None else row_hash(before))
        self._sums[table] = self._sums.get(table, 0) + change

    def take(self) -> tuple[dict[str, int], "Followed"]:
        """Return by how much each table's sum has changed, and which rows changed; begin anew."""
        for row, after in self._after.items():
            self._add(str(row[0]), self._before[row], after)
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
    before: dict[RowId, Row | None]
    after: dict[RowId, Row | None]

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
    total = 0
    while some := [*islice(rows, 1_000)]:
        total += _sum_of(some)
    return sum_text(total)


def _sum_of(rows: list[Row]) -> int:
    """Return the sum of some rows' hashes: a call for each of a million rows would cost a tenth more."""
    write, number = _packer(), int.from_bytes
    try:
        return sum([number(sha256(write(row)).digest(), "big") for row in rows])
    except UnicodeEncodeError:
        return sum(map(row_hash, rows))


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
    digest = sha256()
    for behind in range(start, end, BLOCK):
        digest.update(db.events_after(behind, BLOCK).lines)
    return digest.hexdigest()
