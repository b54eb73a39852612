"""Calls that are known by another name than their id: a phone number, a Sid, a CustomField."""

import sqlite3
from typing import NamedTuple

from orchestrator.exotel.call_fields import reference
from orchestrator.journal.codec import dump, fields_from_text
from orchestrator.phone.numbers import read

MOST = 100
"""Calls that one name tells at most, the latest: an agent's number may stand in a million."""

_CALLS = "SELECT p.name, c.edition, c.id, c.fields FROM calls c JOIN plans p ON p.key = c.plan"


class Known(NamedTuple):
    """A call of a plan's edition."""

    plan: str
    edition: str
    id: str


def calls_known_by(db: sqlite3.Connection, name: str) -> list[Known]:
    """Return the calls that a text names, the latest first: by their To, else From, else a Sid, else CustomField.

    A number is found in whatever spelling it was dialed, and is asked for.
    """
    number, found = read(name), list[Known]()
    if number is not None:
        to, from_ = f">{number.identity}", f":{number.identity}>"
        found = _found(db, "substr(c.pair, -length(?1)) = ?1", to) or _found(db, "instr(c.pair, ?1) > 0", from_)
    found = found or _found(db, "c.key IN (SELECT call FROM attempts WHERE sid = ?1)", name)
    return found or _found(db, "instr(c.fields, ?1) > 0", dump(name), custom=name)


def _found(db: sqlite3.Connection, condition: str, value: str, custom: str | None = None) -> list[Known]:
    rows = db.execute(f"{_CALLS} WHERE {condition} ORDER BY c.key DESC LIMIT {MOST}", (value,))
    return [Known(*row[:3]) for row in rows if custom is None or reference(fields_from_text(row[3])) == custom]
