"""What a run asks the journal while it dials, over a connection of its own: readers are never blocked."""

import contextlib
from collections.abc import Iterable, Iterator
from functools import cached_property

from orchestrator.journal.chain import newest_event
from orchestrator.journal.codec import event_from_row
from orchestrator.journal.database import Database
from orchestrator.journal.due_queries import DueQueries
from orchestrator.journal.flight_queries import FlightQueries
from orchestrator.journal.guard_queries import CallQueries, UsageQueries, last_resumed, standing_hold
from orchestrator.journal.views.view import View
from orchestrator.model.events import Event, EventType
from orchestrator.model.hold import Hold
from orchestrator.model.work import CallRow, DueCall, Scope

MOST_NAMED = 1_000
"""Events that are looked through for the calls that others have changed; of more, all is read again."""


class Reader(DueQueries, FlightQueries):
    """Reads committed facts. All methods are short queries but the stream `open_attempts`."""

    def __init__(self, db: Database) -> None:
        super().__init__(db)

    @cached_property
    def view(self) -> View:
        """What people ask, over the same connection."""
        return View(self.db)

    def meta(self, key: str) -> str | None:
        """Return a setting of the journal, None where it is not set."""
        row = self.db.execute("SELECT value FROM meta WHERE key = ?", (key,)).fetchone()
        return None if row is None else str(row[0])

    def facts(self, call: DueCall) -> CallQueries:
        """Return the questions that guards ask about a call."""
        return CallQueries(self.db, call)

    def usage(self, scope: Scope) -> UsageQueries:
        """Return the questions about how far an edition is, and what it has used up."""
        return UsageQueries(self.db, scope)

    def hold(self, scope: Scope) -> Hold | None:
        """Return what holds the edition now; None where nothing does."""
        return standing_hold(self.db, scope.plan, scope.edition)

    def last_resumed(self, scope: Scope) -> float:
        """Return when the edition's last halt was lifted, in epoch seconds; 0 if none was."""
        return last_resumed(self.db, scope.plan, scope.edition)

    def dials(self, scope: Scope) -> bool:
        """Whether intents are taken from this run: no later one has taken the plan over."""
        row = self.db.execute("SELECT dialer FROM plans WHERE key = ?", (scope.plan,)).fetchone()
        return row is not None and row[0] == scope.run

    def account(self, scope: Scope) -> str:
        """Return the carrier account of the plan."""
        return str(self.db.execute("SELECT account FROM plans WHERE key = ?", (scope.plan,)).fetchone()[0])

    def count(self, scope: Scope, state: str, only: str = "*") -> int:
        """Return how many calls of the plan's edition are `due`, `open` or `closed`."""
        return self.view.results.count(scope, state, only)

    def newest(self) -> tuple[int, str]:
        """Return the newest event's number and hash: another one once anybody has committed more than slots of pace."""
        head = newest_event(self.db)
        return head.seq, head.hash

    @contextlib.contextmanager
    def snapshot(self) -> Iterator[tuple[int, str]]:
        """Answer every question within as of one moment; yields the newest event then."""
        self.db.begin_reading()
        try:
            yield self.newest()
        finally:
            self.db.execute("COMMIT")

    def events_after(self, seq: int, most: int) -> list[tuple[int, Event]]:
        """Return the first events that follow the one with a number, each with its own: there is no gap in these."""
        rows = self.db.execute(
            "SELECT seq, type, at, run, call, attempt, data FROM events WHERE seq > ? ORDER BY seq LIMIT ?", (seq, most)
        )
        return [(row[0], event_from_row(*row[1:])) for row in rows]

    def calls_named_after(self, seq: int) -> set[str] | None:
        """Return the ids of the calls, of any plan, that the events after `seq` name.

        None where one of them concerns more than a call, or where they are very many.
        """
        events = [event for _, event in self.events_after(seq, MOST_NAMED)]
        of_more = (each for each in events if each.call is None and each.type != EventType.RUN_WAITING)
        if len(events) == MOST_NAMED or any(of_more):
            return None
        return {each.call for each in events if each.call is not None}

    def call_rows(self, scope: Scope, ids: Iterable[str]) -> list[CallRow]:
        """Return how the calls of the edition with these ids stand."""
        query = f"SELECT {', '.join(CallRow._fields)} FROM calls WHERE plan = ? AND edition = ? AND id = ?"  # noqa: S608
        rows = (self.db.execute(query, (scope.plan, scope.edition, id_)).fetchone() for id_ in ids)
        return [CallRow._make(row) for row in rows if row is not None]
