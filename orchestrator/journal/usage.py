"""How far an edition is, over all its runs, and what it has used up: what stages, halts and limits are judged by."""

import sqlite3
from collections.abc import Iterator

from orchestrator.journal.codec import LAST, MAY_HAVE_RUNG, RANG, fields_from_text
from orchestrator.model.call import text_of
from orchestrator.model.outcome import Disposition
from orchestrator.model.work import Scope
from orchestrator.policy.limits import RING, TALK
from orchestrator.policy.spend import Spent


class Standings:
    """One edition's. Every question may read all of its calls or attempts: who asks often keeps the answer."""

    def __init__(self, db: sqlite3.Connection, scope: Scope) -> None:
        self._db, self._edition = db, (scope.plan, scope.edition)

    def dialed(self) -> tuple[int, int]:
        """Return how many calls may have rung, and how many are still to be dialed for the first time."""
        row = self._db.execute(
            "SELECT coalesce(sum(rang), 0), coalesce(sum(NOT rang AND state = 'due'), 0)"  # noqa: S608 - constants only
            f" FROM (SELECT state, {RANG} AS rang FROM calls WHERE plan = ? AND edition = ?)",
            self._edition,
        )
        dialed, due = row.fetchone()
        return int(dialed), int(due)

    def attempts(self) -> int:
        """Return how many attempts may have rung."""
        row = self._db.execute(
            "SELECT count(*) FROM attempts a JOIN calls c ON c.key = a.call"  # noqa: S608 - constants only
            f" WHERE c.plan = ? AND c.edition = ? AND {MAY_HAVE_RUNG}",
            self._edition,
        )
        return int(row.fetchone()[0])

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

    def open(self) -> int:
        """Return how many calls are under way."""
        row = self._db.execute(
            "SELECT count(*) FROM calls INDEXED BY calls_in_flight WHERE plan = ? AND state = 'open' AND edition = ?",
            self._edition,
        )
        return int(row.fetchone()[0])

    def endings(self, since: str, most: int) -> list[str]:
        """Return how the last calls ended after `since` (RFC 3339), the latest first; of each its last attempt."""
        rows = self._db.execute(
            "SELECT a.ending FROM attempts a INDEXED BY attempts_by_ending JOIN calls c ON c.key = a.call"  # noqa: S608
            " WHERE a.ended_at > ? AND c.plan = ? AND c.edition = ? AND a.ending IS NOT NULL"
            f" AND a.n = {LAST} ORDER BY a.ended_at DESC LIMIT ?",
            (since, *self._edition, most),
        )
        return [str(row[0]) for row in rows]

    def unknown(self, since: float) -> int:
        """Return how many calls are given up as unknown whose attempt started after `since`, in epoch seconds."""
        row = self._db.execute(
            "SELECT count(*) FROM calls c WHERE c.disposition = ? AND c.plan = ? AND c.edition = ? AND EXISTS"
            " (SELECT 1 FROM attempts a WHERE a.call = c.key AND a.started > ? AND a.placement = 'unknown')",
            (Disposition.UNKNOWN, *self._edition, since),
        )
        return int(row.fetchone()[0])
