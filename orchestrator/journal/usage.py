"""How far an edition is, over all its runs, and what it has used up: what stages, halts and limits are judged by."""

import sqlite3
from collections.abc import Iterator

from orchestrator.journal.codec import MAY_HAVE_RUNG, dump, fields_from_text
from orchestrator.model.call import text_of
from orchestrator.model.outcome import Ending
from orchestrator.model.work import Scope
from orchestrator.policy.limits import RING, TALK, Shortest
from orchestrator.policy.spend import Spent

ENDINGS = dump([ending.value for ending in Ending])

NEVER_DIALED = "disposition IN ('not-dialed', 'rejected')"
"""As the index has it."""


class Standings:
    """One edition's. Every question may read all of its calls or attempts: who asks often keeps the answer."""

    def __init__(self, db: sqlite3.Connection, scope: Scope) -> None:
        self._db, self._edition = db, (scope.plan, scope.edition)

    def dialed(self) -> tuple[int, int, int]:
        """Return how many calls may have rung, were rejected, and are still to be dialed for the first time."""
        rejected = self._count("count(*)", "calls_never_dialed", f"AND {NEVER_DIALED} AND disposition = 'rejected'")
        due = self._count("count(*)", "calls_by_state", "AND state = 'due'")
        return self._count("count(*)", "calls_rung", "AND rung > 0"), rejected, due - self._redials()

    def attempts(self) -> int:
        """Return how many attempts may have rung."""
        return self._count("sum(rung)", "calls_rung", "AND rung > 0")

    def shortest(self) -> Shortest:
        """Return the least that a call takes of those that the edition's latest run holds."""
        row = self._db.execute(
            "SELECT time_out, time_limit FROM runs WHERE key ="
            " (SELECT load FROM runs WHERE plan = ? AND edition = ? ORDER BY key DESC LIMIT 1)",
            self._edition,
        ).fetchone()
        return Shortest() if row is None else Shortest(*row)

    def spent(self) -> Iterator[Spent]:
        """Stream what is known of the attempts that may have rung."""
        rows = self._db.execute(
            "SELECT a.price, a.duration, a.ending, c.fields, (julianday(a.ended_at) - julianday(a.placed_at)) * 86400"  # noqa: S608
            f" FROM attempts a JOIN calls c ON c.key = a.call WHERE c.plan = ? AND c.edition = ? AND {MAY_HAVE_RUNG}",
            self._edition,
        )
        for price, duration, ending, fields, lasted in rows:
            if duration is not None:
                yield Spent(price, float(duration), 0.0)
                continue
            known = fields_from_text(fields)
            most = float(text_of(known, "TimeLimit") or TALK)
            if ending is not None and ending != "unseen":
                most = min(most, max(0.0, lasted or 0.0))  # its seconds come later; it cannot have lasted longer
                yield Spent(price, most, 0.0)
            else:
                yield Spent(price, None, most, float(text_of(known, "TimeOut") or RING))

    def under_way(self) -> int:
        """Return how many calls have begun and are not over: in flight, or waiting for their redial."""
        return self._count("count(*)", "calls_in_flight", "AND state = 'open'") + self._redials()

    def endings(self, since: float, most: int) -> list[str]:
        """Return how the last calls ended that were finished after `since`, in epoch seconds; the latest first.

        A call that waits for its redial is not finished, however its last attempt ended.
        """
        rows = self._db.execute(
            "SELECT disposition FROM calls INDEXED BY calls_finished WHERE plan = ? AND edition = ? AND finished > ?"
            " AND disposition IN (SELECT value FROM json_each(?)) ORDER BY finished DESC LIMIT ?",
            (*self._edition, since, ENDINGS, most),
        )
        return [str(row[0]) for row in rows]

    def unknown(self, since: float) -> int:
        """Return how many calls are given up as unknown whose attempt started after `since`, in epoch seconds."""
        return self._count(
            "count(*)",
            "calls_blocking_a_pair",
            "AND (state = 'open' OR disposition = 'unknown') AND disposition = 'unknown'"
            " AND EXISTS"
            " (SELECT 1 FROM attempts a WHERE a.call = calls.key AND a.started > ? AND a.placement = 'unknown')",
            since,
        )

    def rejected(self, since: float) -> int:
        """Return how many calls were rejected after `since`, in epoch seconds."""
        return self._count("count(*)", "calls_finished", "AND disposition = 'rejected' AND finished > ?", since)

    def _redials(self) -> int:
        return self._count("count(*)", "calls_rung", "AND rung > 0 AND state = 'due'")

    def _count(self, what: str, index: str, which: str = "", *values: float) -> int:
        sql = f"SELECT coalesce({what}, 0) FROM calls INDEXED BY {index} WHERE plan = ? AND edition = ? {which}"  # noqa: S608
        return int(self._db.execute(sql, (*self._edition, *values)).fetchone()[0])
