"""What `settle` asks of the journal and does to it, beside a dialer that may be running."""

import contextlib
import sqlite3
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

from orchestrator.journal.codec import ATTEMPT_QUERY, LAST_WORD, attempt_with_call
from orchestrator.journal.guard_queries import why_suppressed
from orchestrator.journal.sqlite.file import BUSY_PATIENCE, connect
from orchestrator.journal.transaction import Transaction
from orchestrator.model.errors import CannotProceed
from orchestrator.model.work import Attempt

LATEST = "a.n = (SELECT max(n) FROM attempts WHERE call = c.key)"


@dataclass(frozen=True, slots=True)
class Edition:
    """One edition of one plan: its journal key, and the plan's name. `run` is the id of its latest run."""

    plan: int
    name: str
    edition: str
    run: str

    @property
    def label(self) -> str:
        """The plan's name with the edition, where it has one."""
        return self.name + (f", edition {self.edition}" if self.edition else "")


@contextlib.contextmanager
def committing(path: Path, patience: float = BUSY_PATIENCE) -> Iterator[Transaction]:
    """Commit what is done to the transaction, or nothing of it.

    Raises CannotProceed where the journal cannot be written, or another process writes for longer than `patience`, in
    seconds.
    """
    with contextlib.closing(connect(path)) as db:
        try:
            db.execute(f"PRAGMA busy_timeout = {round(patience * 1000)}")
            db.begin_writing()
            tx = Transaction(db)
            yield tx
            tx.seal()
            db.announce_commit()
            db.execute("COMMIT")
        except sqlite3.Error as problem:
            hint = "nothing was changed; try again, and if that fails too check the disk and the permissions"
            raise CannotProceed(f"the journal {path} cannot be written: {problem}", hint) from None
        finally:
            if db.in_transaction:
                with contextlib.suppress(sqlite3.Error):  # closing takes back what this could not
                    db.execute("ROLLBACK")


def edition_of_run(db: sqlite3.Connection, run: str | None) -> Edition | None:
    """Return the edition that a run is of, by default the latest run; None where there is no such run."""
    row = db.execute(
        "SELECT p.key, p.name, r.edition, (SELECT id FROM runs WHERE plan = r.plan AND edition = r.edition"
        "   ORDER BY key DESC LIMIT 1)"
        " FROM runs r JOIN plans p ON p.key = r.plan WHERE r.id = coalesce(?, r.id) ORDER BY r.key DESC LIMIT 1",
        (run,),
    ).fetchone()
    return None if row is None else Edition(*row)


def editions_of_call(db: sqlite3.Connection, call: str, run: str | None) -> list[Edition]:
    """Return the editions that hold a call of this id, the latest first; of `run`'s only, where one is named."""
    rows = db.execute(
        "SELECT p.key, p.name, c.edition, max(r.key), r.id FROM calls c JOIN plans p ON p.key = c.plan"
        " JOIN runs r ON r.plan = c.plan AND r.edition = c.edition WHERE c.id = ?"
        " AND (? IS NULL OR EXISTS (SELECT 1 FROM runs WHERE id = ? AND plan = c.plan AND edition = c.edition))"
        " GROUP BY c.key ORDER BY max(r.key) DESC",
        (call, run, run),
    )
    return [Edition(plan, name, edition, id_) for plan, name, edition, _, id_ in rows]


def latest_attempt(db: sqlite3.Connection, edition: Edition, call: str) -> Attempt | None:
    """Return the latest attempt of a call; None where it has none."""
    row = db.execute(
        f"{ATTEMPT_QUERY} c.plan = ? AND c.edition = ? AND c.id = ? AND {LATEST}",
        (edition.plan, edition.edition, call),
    ).fetchone()
    return None if row is None else attempt_with_call(row)


def holder_of_sid(db: sqlite3.Connection, sid: str) -> Attempt | None:
    """Return the attempt that has this call Sid; None where none has."""
    row = db.execute(f"{ATTEMPT_QUERY} a.sid = ? LIMIT 1", (sid,)).fetchone()
    return None if row is None else attempt_with_call(row)


def not_found(db: sqlite3.Connection, edition: Edition, now: float, limit: int) -> list[Attempt]:
    """Return unknown attempts that look-ups asked about and did not find, and that cannot be live at `now`."""
    rows = db.execute(
        f"{ATTEMPT_QUERY} c.plan = ? AND c.edition = ? AND (c.disposition = 'unknown' OR c.state = 'open')"
        f" AND a.placement = 'unknown' AND a.not_found_at IS NOT NULL AND c.pair_free_at <= ? AND {LATEST}"
        " ORDER BY c.position LIMIT ?",
        (edition.plan, edition.edition, now, limit),
    )
    return [attempt_with_call(row) for row in rows]


def is_held_by_plan(db: sqlite3.Connection, attempt: Attempt) -> bool:
    """Whether the plan, as the attempt's edition was run last, holds its call."""
    row = db.execute(
        "SELECT loaded_by >= (SELECT load FROM runs r WHERE r.plan = c.plan AND r.edition = c.edition"
        "   ORDER BY r.key DESC LIMIT 1) FROM calls c WHERE c.key = ?",
        (attempt.call,),
    ).fetchone()
    return bool(row[0])


def suppressed(db: sqlite3.Connection, attempt: Attempt) -> str | None:
    """Return why the attempt's call is not rung again, by a list as last loaded or a person; None where none is."""
    row = db.execute("SELECT key, agent, person FROM calls WHERE key = ?", (attempt.call,)).fetchone()
    return why_suppressed(db, *row)


def drop(tx: Transaction, attempt: Attempt, reason: str) -> None:
    """Close the due call of an attempt for good, as loading would: with its last ending, where it ever rang."""
    tx.db.execute(
        f"UPDATE calls SET state = 'closed', disposition = {LAST_WORD}, reason = ? WHERE key = ? AND state = 'due'",  # noqa: S608
        (reason, attempt.call),
    )
