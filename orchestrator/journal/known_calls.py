"""Tells `plan` what the journal knows of an edition's calls, as loading them would find it."""

import sqlite3
from collections.abc import Iterable
from dataclasses import dataclass

from orchestrator.journal.codec import MADE_BY_LOSS, MAY_HAVE_RUNG, fields_from_text
from orchestrator.journal.load import wire
from orchestrator.journal.loss import lost_since
from orchestrator.journal.run import newest_edition
from orchestrator.journal.spool import pair_of
from orchestrator.model.call import ResolvedCall


@dataclass(frozen=True, slots=True)
class KnownCall:
    """A call that the journal holds. `rung`: an attempt may have rung. `moved`: its numbers are others now.

    `changed`: its request is another. `run` is the id of the run that last touched it.
    """

    state: str
    disposition: str
    run: str
    rung: bool
    moved: bool
    changed: bool


class KnownCalls:
    """The calls of one plan's edition on one account, over a connection that may be read-only.

    `held` are the ids of the plan as it stands now. They are read only where somebody may have been rung. `lost_since`:
    from when on what was committed is lost, and the next run makes unknown whom it would dial; mostly empty.
    """

    def __init__(self, db: sqlite3.Connection, account: str, plan: str, edition: str, held: Iterable[str]) -> None:
        self._db, self._account, self._edition = db, account, edition
        row = db.execute("SELECT key FROM plans WHERE account = ? AND name = ?", (account, plan)).fetchone()
        self._plan: int | None = None if row is None else row[0]
        self.lost_since = lost_since(db, account, plan, edition)
        db.execute("CREATE TEMP TABLE gone (pair TEXT PRIMARY KEY) WITHOUT ROWID")
        if self._plan is not None and self._somebody_rang():
            self._find_gone(held)

    def known(self, call: ResolvedCall) -> KnownCall | None:
        """Return what is known of a call by its identity; None where it is new."""
        row = self._db.execute(
            "SELECT c.rung, c.state, c.disposition, r.id, c.pair, c.fields FROM calls c JOIN runs r ON r.key = c.run"
            " WHERE c.plan = ? AND c.edition = ? AND c.id = ?",
            (self._plan, self._edition, call.id),
        ).fetchone()
        if row is None:
            return None
        rung, state, disposition, run, pair, fields = row
        return KnownCall(
            state=state,
            disposition=disposition,
            run=run,
            rung=rung > 0,
            moved=pair != pair_of(self._account, call),
            changed=wire(fields_from_text(fields)) != wire(call.fields),
        )

    def rang_under_another_id(self, call: ResolvedCall) -> bool:
        """Whether the call's pair may have rung under an id that the plan no longer holds."""
        pair = pair_of(self._account, call)
        return self._db.execute("SELECT 1 FROM gone WHERE pair = ?", (pair,)).fetchone() is not None

    def has_word_of_a_loss(self, call: ResolvedCall) -> bool:
        """Whether a call got its attempt when a loss was accepted: what a person said of it since stands."""
        row = self._db.execute(
            f"SELECT 1 FROM calls c JOIN attempts a ON a.call = c.key WHERE c.plan = ? AND c.edition = ? AND c.id = ?"  # noqa: S608
            f" AND {MADE_BY_LOSS}",
            (self._plan, self._edition, call.id),
        ).fetchone()
        return row is not None

    @property
    def is_superseded(self) -> bool:
        """Whether a newer edition of the plan was run since this one was."""
        if self._plan is None:
            return False
        known = self._db.execute(
            "SELECT 1 FROM runs WHERE plan = ? AND edition = ? LIMIT 1", (self._plan, self._edition)
        ).fetchone()
        return known is not None and newest_edition(self._db, self._plan) != self._edition

    def _somebody_rang(self) -> bool:
        row = self._db.execute(
            "SELECT 1 FROM calls c JOIN attempts a ON a.call = c.key WHERE c.plan = ? AND c.edition = ? LIMIT 1",
            (self._plan, self._edition),
        )
        return row.fetchone() is not None

    def _find_gone(self, held: Iterable[str]) -> None:
        self._db.execute("CREATE TEMP TABLE held (id TEXT PRIMARY KEY) WITHOUT ROWID")
        self._db.executemany("INSERT OR IGNORE INTO held VALUES (?)", ((id_,) for id_ in held))
        self._db.execute(
            "INSERT OR IGNORE INTO gone SELECT c.pair FROM calls c JOIN attempts a ON a.call = c.key"  # noqa: S608
            " WHERE c.plan = ? AND c.edition = ? AND c.id NOT IN (SELECT id FROM held)"
            f" AND {MAY_HAVE_RUNG}",
            (self._plan, self._edition),
        )


def known_source(db: sqlite3.Connection, account: str, plan: str) -> str | None:
    """Return the file that the journal knows a plan's name from; None where it does not know the name."""
    row = db.execute("SELECT source FROM plans WHERE account = ? AND name = ?", (account, plan)).fetchone()
    return None if row is None else str(row[0])
