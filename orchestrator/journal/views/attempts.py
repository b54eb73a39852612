"""Single attempts, as `settle` and `serve` ask for them."""

from collections.abc import Collection

from orchestrator.journal.codec import ATTEMPT_QUERY, LAST_THAT_MAY_HAVE_RUNG, attempt_with_call
from orchestrator.journal.database import Database
from orchestrator.journal.guard_queries import why_suppressed
from orchestrator.model.call import Attempt
from orchestrator.model.story import Edition

LATEST = "a.n = (SELECT max(n) FROM attempts WHERE call = c.key)"


class Attempts:
    """The journal's attempts, with what stands in the way of another one."""

    def __init__(self, db: Database) -> None:
        self._db = db

    def latest(self, edition: Edition, call: str) -> Attempt | None:
        """Return the latest attempt of a call; None where it has none."""
        return self._first(
            f"c.plan = ? AND c.edition = ? AND c.id = ? AND {LATEST}", edition.plan, edition.edition, call
        )

    def with_sid(self, sid: str) -> Attempt | None:
        """Return the attempt that has this call Sid; None where none has."""
        return self._first("a.sid = ? LIMIT 1", sid)

    def not_found(self, edition: Edition, now: float, limit: int) -> list[Attempt]:
        """Return unknown attempts that look-ups asked about and did not find, and that cannot be live at `now`."""
        rows = self._db.execute(
            f"{ATTEMPT_QUERY} c.plan = ? AND c.edition = ? AND (c.disposition = 'unknown' OR c.state = 'open')"
            f" AND a.placement = 'unknown' AND a.not_found_at IS NOT NULL AND c.pair_free_at <= ? AND {LATEST}"
            " ORDER BY c.position LIMIT ?",
            (edition.plan, edition.edition, now, limit),
        )
        return [attempt_with_call(row) for row in rows]

    def left_open(self, but: Collection[int], limit: int) -> list[Attempt]:
        """Return the attempts of open calls whose ending is written down, of every plan `but` these."""
        others = f" AND c.plan NOT IN ({', '.join('?' * len(but))})" if but else ""
        rows = self._db.execute(
            f"{ATTEMPT_QUERY} a.call IN (SELECT key FROM calls WHERE state = 'open') AND a.ending IS NOT NULL"  # noqa: S608
            f"{others} AND a.n = {LAST_THAT_MAY_HAVE_RUNG} ORDER BY a.key LIMIT ?",
            (*but, limit),
        )
        return [attempt_with_call(row) for row in rows]

    def is_held_by_plan(self, attempt: Attempt) -> bool:
        """Whether the plan, as the attempt's edition was run last, holds its call."""
        row = self._db.execute(
            "SELECT loaded_by >= (SELECT load FROM runs r WHERE r.plan = c.plan AND r.edition = c.edition"
            "   ORDER BY r.key DESC LIMIT 1) FROM calls c WHERE c.key = ?",
            (attempt.call,),
        ).fetchone()
        return bool(row[0])

    def suppressed(self, attempt: Attempt) -> str | None:
        """Return why an attempt's call is not rung again, by a list as last loaded or a person; None where none is."""
        row = self._db.execute("SELECT key, agent, person FROM calls WHERE key = ?", (attempt.call,)).fetchone()
        return why_suppressed(self._db, *row)

    def _first(self, condition: str, *values: str | int) -> Attempt | None:
        row = self._db.execute(f"{ATTEMPT_QUERY} {condition}", values).fetchone()
        return None if row is None else attempt_with_call(row)
