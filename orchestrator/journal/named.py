"""Finds the run or the call that a person names.

A run is named by its id, the beginning of one, its plan, or as the one that dials now; a call by its phone number, Sid
or CustomField.
"""

from dataclasses import dataclass
from pathlib import Path
from typing import NamedTuple

from orchestrator.exotel.call_fields import reference
from orchestrator.journal.codec import dump, fields_from_text
from orchestrator.journal.history import dialed_now
from orchestrator.journal.sqlite.connection import Connection
from orchestrator.phone.numbers import read


@dataclass(frozen=True, slots=True)
class RunNamed:
    """A run that was found, with what tells it from others. `plan` is its plan's key, `source` that plan's file."""

    run: str
    plan: int
    name: str
    edition: str
    source: str
    account: str

    @property
    def label(self) -> str:
        """Return `RUN (plan P, edition E)`."""
        return f"{self.run} (plan {self.name}{f', edition {self.edition}' if self.edition else ''})"


SELECT = "SELECT r.id, p.key, p.name, r.edition, p.source, p.account FROM runs r JOIN plans p ON p.key = r.plan WHERE "


def run_by_id(db: Connection, run: str) -> RunNamed | None:
    """Return the run of this id; None where there is none."""
    row = db.execute(f"{SELECT} r.id = ?", (run,)).fetchone()
    return None if row is None else RunNamed(*row)


def runs_beginning(db: Connection, beginning: str) -> list[RunNamed]:
    """Return the runs whose ids begin so, the latest first."""
    rows = db.execute(f"{SELECT} substr(r.id, 1, length(?1)) = ?1 ORDER BY r.key DESC", (beginning,))
    return [RunNamed(*row) for row in rows]


def latest_run(db: Connection) -> RunNamed | None:
    """Return the journal's latest run; None where it has none."""
    row = db.execute(f"{SELECT} 1 ORDER BY r.key DESC LIMIT 1").fetchone()
    return None if row is None else RunNamed(*row)


def latest_runs_of(db: Connection, plan: str, edition: str | None) -> list[RunNamed]:
    """Return the latest run of every plan of this name, one an account; of one edition where it is given."""
    rows = db.execute(
        f"{SELECT} r.key IN (SELECT max(key) FROM runs WHERE edition = coalesce(?2, edition)"  # noqa: S608
        "   AND plan IN (SELECT key FROM plans WHERE name = ?1) GROUP BY plan) ORDER BY r.key DESC",
        (plan, edition),
    )
    return [RunNamed(*row) for row in rows]


def runs_that_dial(db: Connection, journal: Path) -> list[RunNamed]:
    """Return the runs that go on in a process that lives, the latest first; also those that somebody has paused."""
    dialed = dialed_now(db, journal)
    rows = db.execute(f"{SELECT} r.key = p.dialer ORDER BY r.key DESC")
    return [run for run in (RunNamed(*row) for row in rows) if run.plan in dialed]


CALLS_OF_A_NAME = 100
"""Calls that one name tells at most, the latest: an agent's number may stand in a million."""

_CALLS = "SELECT p.name, c.edition, c.id, c.fields FROM calls c JOIN plans p ON p.key = c.plan"


class CallNamed(NamedTuple):
    """A call of a plan's edition."""

    plan: str
    edition: str
    id: str


def calls_known_by(db: Connection, name: str) -> list[CallNamed]:
    """Return the calls that a text names, the latest first: by their To, else From, else a Sid, else CustomField.

    A number is found in whatever spelling it was dialed, and is asked for.
    """
    number, found = read(name), list[CallNamed]()
    if number is not None:
        to, from_ = f">{number.identity}", f":{number.identity}>"
        found = _found(db, "substr(c.pair, -length(?1)) = ?1", to) or _found(db, "instr(c.pair, ?1) > 0", from_)
    found = found or _found(db, "c.key IN (SELECT call FROM attempts WHERE sid = ?1)", name)
    return found or _found(db, "instr(c.fields, ?1) > 0", dump(name), custom=name)


def _found(db: Connection, condition: str, value: str, custom: str | None = None) -> list[CallNamed]:
    rows = db.execute(f"{_CALLS} WHERE {condition} ORDER BY c.key DESC LIMIT {CALLS_OF_A_NAME}", (value,))
    return [CallNamed(*row[:3]) for row in rows if custom is None or reference(fields_from_text(row[3])) == custom]
