"""How far an edition is, over all its runs, and what it has used up: what stages, halts and limits are judged by."""

import sqlite3
from collections.abc import Iterator

from orchestrator.exotel.call_fields import call_times
from orchestrator.journal.codec import BLOCKS, MAY_HAVE_RUNG, fields_from_text
from orchestrator.model.call import CallTimes
from orchestrator.model.work import Scope
from orchestrator.policy.limits import Spent

ENDED = "finished IS NOT NULL AND disposition NOT IN ('unknown', 'rejected', 'not-dialed', 'suppressed')"
"""Whether a call was finished by an ending, in the words of the index."""


class Standings:
    """One edition's. Every question may read all of its calls or attempts: who asks often keeps the answer."""

    def __init__(self, db: sqlite3.Connection, scope: Scope) -> None:
        self._db, self._edition = db, (scope.plan, scope.edition)

    def dialed(self) -> tuple[int, int, int]:
        """Return how many calls may have rung, were rejected, and are still to be dialed for the first time."""
        due = self._count("calls_by_state", "state = 'due'")
        return self._count("calls_rung", "rung > 0"), self.rejected(), due - self._redials()

    def attempts(self) -> int:
        """Return how many attempts may have rung."""
        row = self._db.execute(
            "SELECT coalesce(sum(rung), 0) FROM calls WHERE plan = ? AND edition = ? AND rung > 0", self._edition
        )
        return int(row.fetchone()[0])

    def base(self) -> int:
        """Return how many calls the stages of the edition's latest run count over, as it was loaded."""
        row = self._db.execute(
            "SELECT base FROM runs WHERE plan = ? AND edition = ? ORDER BY key DESC LIMIT 1", self._edition
        ).fetchone()
        return 0 if row is None else int(row[0])

    def shortest(self) -> CallTimes:
        """Return the least that a call takes of those that the edition's latest run holds."""
        row = self._db.execute(
            "SELECT time_out, time_limit FROM runs WHERE key ="
            " (SELECT load FROM runs WHERE plan = ? AND edition = ? ORDER BY key DESC LIMIT 1)",
            self._edition,
        ).fetchone()
        return CallTimes() if row is None else CallTimes(*row)

    def spent(self) -> Iterator[Spent]:
        """Stream what is known of the attempts that may have rung, those that lasted and cost the same as one."""
        attempts = (
            "FROM calls c INDEXED BY calls_rung CROSS JOIN attempts a ON a.call = c.key"
            f" WHERE c.plan = ? AND c.edition = ? AND c.rung > 0 AND {MAY_HAVE_RUNG}"
        )
        for price, duration, times in self._db.execute(
            f"SELECT a.price, a.duration, count(*) {attempts} AND a.duration IS NOT NULL GROUP BY 1, 2",
            self._edition,
        ):
            yield Spent(price, float(duration), 0.0, times=times)
        rows = self._db.execute(
            "SELECT a.price, a.ending, c.fields, (julianday(a.ended_at) - julianday(a.placed_at)) * 86400"
            f" {attempts} AND a.duration IS NULL",
            self._edition,
        )
        for price, ending, fields, lasted in rows:
            times = call_times(fields_from_text(fields))
            most = float(times.talk_seconds)
            if ending is not None and ending != "unseen":
                most = min(most, max(0.0, lasted or 0.0))  # its seconds come later; it cannot have lasted longer
                yield Spent(price, most, 0.0)
            else:
                yield Spent(price, None, most, times.ring_seconds, legs=times.legs)

    def under_way(self) -> int:
        """Return how many calls have begun and are not over: in flight, or waiting for their redial."""
        return self._count("calls_in_flight", "state = 'open'") + self._redials()

    def endings(self, since: float, most: int) -> list[str]:
        """Return how the last calls ended that were finished after `since`, in epoch seconds; the latest first.

        A call that waits for its redial is not finished, however its last attempt ended; one that was reopened is not
        either, though the journal knows when it was.
        """
        rows = self._db.execute(
            "SELECT disposition FROM calls INDEXED BY calls_finished WHERE plan = ? AND edition = ?"  # noqa: S608
            f" AND {ENDED} AND disposition <> 'waiting' AND finished > ? ORDER BY finished DESC LIMIT ?",
            (*self._edition, since, most),
        )
        return [str(row[0]) for row in rows]

    def unknown(self, since: float) -> int:
        """Return how many calls are given up as unknown whose attempt started after `since`, in epoch seconds."""
        return self._count(
            "calls_blocking_a_pair",
            f"{BLOCKS} AND disposition = 'unknown' AND EXISTS"  # noqa: S608
            " (SELECT 1 FROM attempts a WHERE a.call = calls.key AND a.started > ? AND a.placement = 'unknown')",
            since,
        )

    def rejected(self, since: float = 0.0) -> int:
        """Return how many calls were rejected after `since`, in epoch seconds."""
        which = "disposition IN ('not-dialed', 'rejected') AND disposition = 'rejected' AND finished > ?"
        return self._count("calls_never_dialed", which, since)

    def _redials(self) -> int:
        return self._count("calls_rung", "rung > 0 AND state = 'due'")

    def _count(self, index: str, which: str, *values: float) -> int:
        sql = f"SELECT count(*) FROM calls INDEXED BY {index} WHERE plan = ? AND edition = ? AND {which}"  # noqa: S608
        return int(self._db.execute(sql, (*self._edition, *values)).fetchone()[0])
