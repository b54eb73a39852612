"""What the evaluator must know of one call.

Asked before it is started, in its intent's transaction, and once more right before its request leaves.
"""

import sqlite3
from dataclasses import dataclass

from orchestrator.journal.codec import LIVE, MAY_HAVE_RUNG
from orchestrator.journal.holds import standing_hold, suppressed_because
from orchestrator.journal.numbers import mark_of
from orchestrator.model.number import DndMark
from orchestrator.model.work import DueCall


@dataclass(frozen=True, slots=True)
class FactsOf:
    """Answers about one call and its numbers, over all plans of the journal; its own attempt under way left out."""

    db: sqlite3.Connection
    call: DueCall

    def suppressed(self) -> str | None:
        """Return why one of its numbers is not rung again, by a list as last loaded or a person; None where none is."""
        return why_suppressed(self.db, self.call.key, self.call.agent, self.call.person)

    def dnd(self, now: float) -> DndMark | None:
        """Return what the carrier said of its To; None where it did not, or longer ago than that is good for."""
        return mark_of(self.db, self.call.person, now)

    def person(self, since: float) -> tuple[float, ...]:
        """Return when the attempts for its To that may have rung started, after `since`, ascending."""
        rows = self.db.execute(
            f"SELECT a.started FROM attempts a WHERE a.person = ? AND a.started > ? AND {MAY_HAVE_RUNG}"  # noqa: S608
            " AND NOT (a.call = ? AND a.placement IS NULL) ORDER BY a.started",
            (self.call.person, since, self.call.key),
        )
        return tuple(row[0] for row in rows)

    def agent(self, now: float) -> int:
        """Return how many calls are in flight for its From."""
        row = self.db.execute(
            f"SELECT count(*) FROM calls INDEXED BY calls_blocking_a_pair WHERE {LIVE} AND agent = ? AND key <> ?",  # noqa: S608
            (now, self.call.agent, self.call.key),
        )
        return int(row.fetchone()[0])

    def others_in_flight(self, now: float) -> int:
        """Return how many other calls are in flight on its account."""
        row = self.db.execute(
            f"SELECT count(*) FROM calls INDEXED BY calls_blocking_a_pair WHERE {LIVE} AND key <> ?"  # noqa: S608
            " AND plan IN (SELECT key FROM plans WHERE account = ?)",
            (now, self.call.key, self.call.account),
        )
        return int(row.fetchone()[0])

    def hold(self) -> str | None:
        """Return what keeps its edition from dialing; None where nothing does."""
        row = self.db.execute("SELECT plan, edition FROM calls WHERE key = ?", (self.call.key,)).fetchone()
        hold = None if row is None else standing_hold(self.db, *row)
        return None if hold is None else f"{hold.kind}: {hold.reason}" if hold.reason else hold.kind


def why_suppressed(db: sqlite3.Connection, call: int, agent: str, person: str) -> str | None:
    """Return why a call with this key, agent and person (account and identity) is not rung; None where it may be."""
    row = db.execute("SELECT listed FROM calls WHERE key = ?", (call,)).fetchone()
    if row is not None and row[0] is not None:
        return str(row[0])
    because = suppressed_because(db, (_number(agent), _number(person)))
    return None if because is None else f"suppressed because {because}"


def _number(account_and_number: str) -> str:
    return account_and_number.partition(":")[2]
