"""What the sandbox remembers, in a small database beside the journal: requests, calls accepted, callbacks owed."""

import contextlib
import errno
import json
import os
import sqlite3
import stat
from collections.abc import Iterator, Sequence
from dataclasses import fields
from pathlib import Path
from typing import Any

from orchestrator.model.errors import CannotProceed
from orchestrator.model.simulated import (
    CallbackEvent,
    CallFilter,
    CallPage,
    LegScript,
    OwedCallback,
    ReceivedRequest,
    RequestedCall,
    Script,
    SimulatedCall,
)
from orchestrator.phone.numbers import identity

VERSION = 1
SCHEMA = """
CREATE TABLE requests (
  n INTEGER PRIMARY KEY, at REAL NOT NULL, encoding TEXT, fields TEXT NOT NULL,
  status INTEGER NOT NULL, sid TEXT
) STRICT;
CREATE TABLE calls (
  sid TEXT PRIMARY KEY, account TEXT NOT NULL, created REAL NOT NULL, speed REAL NOT NULL,
  agent TEXT NOT NULL, customer TEXT NOT NULL, asked TEXT NOT NULL, script TEXT NOT NULL
) STRICT;
CREATE INDEX calls_by_pair ON calls (agent, customer);
CREATE TABLE callbacks (
  sid TEXT NOT NULL REFERENCES calls (sid), event TEXT NOT NULL, due REAL NOT NULL,
  state TEXT NOT NULL CHECK (state IN ('pending', 'delivered', 'dropped', 'not-sent')),
  tries INTEGER NOT NULL, note TEXT,
  PRIMARY KEY (sid, event)
) STRICT;
CREATE INDEX callbacks_by_state ON callbacks (state, due);
"""


class SandboxCalls:
    """One open state file. For the event loop's thread only."""

    def __init__(self, path: Path) -> None:
        self._db = _open(path)

    def close(self) -> None:
        """Close the file."""
        self._db.close()

    def transaction(self) -> contextlib.AbstractContextManager[None]:
        """Make everything inside durable together, or nothing."""
        return _transaction(self._db)

    def calls_of_pair(self, agent: str, customer: str) -> int:
        """Return how many calls between these two number identities were accepted."""
        row = self._db.execute("SELECT count(*) FROM calls WHERE agent = ? AND customer = ?", (agent, customer))
        return int(row.fetchone()[0])

    def add_request(self, received: ReceivedRequest, status: int, sid: str | None) -> None:
        """Remember one connect request and how it was answered."""
        fields = json.dumps(list(received.fields))
        self._db.execute(
            "INSERT INTO requests (at, encoding, status, sid, fields) VALUES (?, ?, ?, ?, ?)",
            (received.at, received.encoding, status, sid, fields),
        )

    def add_call(self, call: SimulatedCall, agent: str, customer: str) -> None:
        """Remember an accepted call under the identities of its pair."""
        texts = (json.dumps(call.asked, default=_members), json.dumps(call.script, default=_members))
        self._db.execute(
            "INSERT INTO calls VALUES (?, ?, ?, ?, ?, ?, ?, ?)",
            (call.sid, call.account, call.created, call.speed, agent, customer, *texts),
        )

    def add_callback(self, owed: OwedCallback) -> None:
        """Remember a callback that a call owes."""
        self._db.execute(
            "INSERT INTO callbacks (sid, event, due, state, tries) VALUES (?, ?, ?, 'pending', ?)",
            (owed.call.sid, owed.event.value, owed.due, owed.tries),
        )

    def call(self, sid: str) -> SimulatedCall | None:
        """Return one call, or None."""
        row = self._db.execute(
            "SELECT sid, account, created, speed, asked, script FROM calls WHERE sid = ?", (sid,)
        ).fetchone()
        return _call(row) if row else None

    def page(self, wanted: CallFilter, account: str, now: float) -> CallPage:
        """Return one page of an account's calls that have ended by `now`, in Unix seconds."""
        inside, values = _condition(wanted, account, now)
        (total,) = self._db.execute(f"SELECT count(*) FROM calls WHERE {inside}", values).fetchone()  # noqa: S608 - ours
        # Backwards from a `Before`, so that the page is the one next to it; one call more tells whether there are more.
        backwards = wanted.before is not None
        descending = wanted.newest_first != backwards
        place = wanted.before or wanted.after or ()
        beyond = f"(created, sid) {'<' if descending else '>'} (?, ?)" if place else "1"
        order = "DESC" if descending else "ASC"
        rows = self._db.execute(
            f"SELECT sid, account, created, speed, asked, script FROM calls WHERE {inside} AND {beyond}"  # noqa: S608 - as above
            f" ORDER BY created {order}, sid {order} LIMIT ?",
            (*values, *place, wanted.page_size + 1),
        ).fetchall()
        more, calls = len(rows) > wanted.page_size, [_call(row) for row in rows[: wanted.page_size]]
        if backwards:
            return CallPage(calls[::-1], total, more_before=more, more_after=True)
        return CallPage(calls, total, more_before=wanted.after is not None, more_after=more)

    def requests(self) -> list[tuple[int, ReceivedRequest, int, str | None]]:
        """Every connect request in order: its number from 1, itself, the status answered, the Sid given."""
        rows = self._db.execute("SELECT n, at, encoding, fields, status, sid FROM requests ORDER BY n")
        return [
            (n, ReceivedRequest(at, encoding, [(name, value) for name, value in json.loads(fields)]), status, sid)
            for n, at, encoding, fields, status, sid in rows
        ]

    def callbacks(self) -> list[dict[str, Any]]:
        """Every callback owed so far: its call and event, its state, the tries made and the last one's fate."""
        rows = self._db.execute("SELECT sid, event, state, tries, note FROM callbacks ORDER BY due, rowid")
        return [dict(zip(("sid", "event", "state", "tries", "note"), row, strict=True)) for row in rows]

    def undelivered(self, since: float) -> list[OwedCallback]:
        """Return the callbacks due since then and not delivered, dropped ones too, their tries forgotten."""
        with self.transaction():
            self._db.execute("UPDATE callbacks SET state = 'dropped' WHERE state = 'pending' AND due < ?", (since,))
            self._db.execute(
                "UPDATE callbacks SET state = 'pending', tries = 0 WHERE state IN ('pending', 'dropped') AND due >= ?",
                (since,),
            )
        rows = self._db.execute(
            "SELECT event, due, c.sid, account, created, speed, asked, script"
            " FROM callbacks b JOIN calls c USING (sid) WHERE state = 'pending' ORDER BY due, b.rowid"
        )
        return [OwedCallback(_call(row), CallbackEvent(event), due) for event, due, *row in rows]

    def note_try(self, owed: OwedCallback, state: str, note: str) -> bool:
        """Record what came of a try: `delivered`, `dropped`, `not-sent`, or `pending` until `owed.due`.

        Return whether the callback is still known: a reset may have come between.
        """
        cursor = self._db.execute(
            "UPDATE callbacks SET state = ?, tries = ?, due = ?, note = ? WHERE sid = ? AND event = ?",
            (state, owed.tries, owed.due, note, owed.call.sid, owed.event.value),
        )
        return cursor.rowcount == 1

    def reset(self) -> None:
        """Forget everything."""
        with self.transaction():
            for table in ("callbacks", "calls", "requests"):
                self._db.execute(f"DELETE FROM {table}")  # noqa: S608 - our own three names


def _open(path: Path) -> sqlite3.Connection:
    try:
        _make(path)
    except OSError as problem:
        reason = problem.strerror or type(problem).__name__
        hint = "the sandbox keeps its calls beside the journal: remove what is there, or name another journal"
        raise CannotProceed(f"the sandbox's state {path} cannot be opened: {reason}", hint) from None
    db = sqlite3.connect(path, isolation_level=None, timeout=10)
    try:
        db.execute("PRAGMA journal_mode = WAL")
        # NORMAL survives kill -9 of the process, which is what a simulated carrier owes; a power cut may cost
        # the last calls, and no person rang.
        db.execute("PRAGMA synchronous = NORMAL")
        db.execute("PRAGMA foreign_keys = ON")
        db.create_function("identity", 1, identity, deterministic=True)
        _create(db, path)
    except sqlite3.DatabaseError as error:
        db.close()
        raise CannotProceed(f"{path} is not the state of a sandbox: {error}", "name another file") from error
    except BaseException:
        db.close()
        raise
    return db


def _make(path: Path) -> None:
    """Make the file where it is missing. Raises OSError where it cannot be, or is no regular file of its own."""
    path.parent.mkdir(parents=True, exist_ok=True)
    # It holds phone numbers; SQLite gives its -wal and -shm files the mode of this one. A link that somebody has put
    # there is not followed, and a pipe not waited for.
    descriptor = os.open(path, os.O_RDWR | os.O_CREAT | os.O_NOFOLLOW | os.O_NONBLOCK | os.O_CLOEXEC, 0o600)
    is_file = stat.S_ISREG(os.fstat(descriptor).st_mode)
    os.close(descriptor)
    if not is_file:
        raise OSError(errno.EINVAL, "it is no regular file")


@contextlib.contextmanager
def _transaction(db: sqlite3.Connection) -> Iterator[None]:
    # IMMEDIATE: a transaction that reads first and writes later fails at once beside another writer.
    db.execute("BEGIN IMMEDIATE")
    try:
        yield
    except BaseException:
        db.execute("ROLLBACK")
        raise
    db.execute("COMMIT")


def _create(db: sqlite3.Connection, path: Path) -> None:
    with _transaction(db):
        version = db.execute("PRAGMA user_version").fetchone()[0]
        if version == VERSION:
            return
        if version != 0:
            raise CannotProceed(
                f"{path} is the state of another version of the sandbox ({version}, not {VERSION})",
                "delete it, or name another file",
            )
        for statement in filter(str.strip, SCHEMA.split(";")):
            db.execute(statement)
        db.execute(f"PRAGMA user_version = {VERSION}")


def _condition(wanted: CallFilter, account: str, now: float) -> tuple[str, tuple[str | float, ...]]:
    """Return SQL for the calls that are wanted and over (the list leaves out the others), with its values."""
    words: dict[str, tuple[str, ...]] = {
        "sid": wanted.sids,
        "agent": wanted.from_numbers,
        "customer": wanted.to_numbers,
        "identity(json_extract(asked, '$.caller_id'))": wanted.exophones,
        "json_extract(script, '$.status')": wanted.statuses,
        "'outbound-api'": wanted.directions,
    }
    terms = ["account = ?", "(? - created) * speed >= json_extract(script, '$.ends_at')"]
    values: list[str | float] = [account, now]
    for column, allowed in words.items():
        if allowed:
            terms.append(f"{column} IN ({', '.join('?' * len(allowed))})")
            values += allowed
    for term, bound in (("created >= ?", wanted.since), ("created < ?", wanted.until)):
        if bound is not None:
            terms.append(term)
            values.append(bound)
    return " AND ".join(terms), tuple(values)


def _members(record: Any) -> dict[str, Any]:
    """Return a record's fields by their names, as `asdict` does, at a tenth of its cost."""
    return {field.name: getattr(record, field.name) for field in fields(record)}


def _call(row: Sequence[Any]) -> SimulatedCall:
    sid, account, created, speed, asked, script = row
    wanted, played = json.loads(asked), json.loads(script)
    wanted["events"] = tuple(wanted["events"])
    played["agent"], played["customer"] = LegScript(**played["agent"]), LegScript(**played["customer"])
    return SimulatedCall(sid, account, created, speed, RequestedCall(**wanted), Script(**played))
