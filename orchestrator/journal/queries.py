"""What a run asks the journal while it dials, over a connection of its own: readers are never blocked."""

import contextlib
import math
from collections.abc import Iterable, Iterator
from functools import cached_property, partial

from orchestrator.exotel.call_fields import parties
from orchestrator.journal.chain import newest_event
from orchestrator.journal.codec import (
    ATTEMPT_QUERY,
    LATEST_ATTEMPT_QUERY,
    MADE_BY_LOSS,
    MAY_BE_LIVE,
    MAY_HAVE_RUNG,
    MAY_KEEP_PAIR,
    attempt_with_call,
    event_from_row,
    fields_from_text,
)
from orchestrator.journal.database import Database
from orchestrator.journal.due_queries import DueQueries
from orchestrator.journal.guard_queries import CallQueries, UsageQueries, last_resumed, standing_hold
from orchestrator.journal.views.view import View
from orchestrator.model.call import Attempt, CallRow, DueCall, Scope, UnmatchedAttempt
from orchestrator.model.events import Event, EventType
from orchestrator.model.hold import Hold

MOST_NAMED = 1_000
"""Events that are looked through for the calls that others have changed; of more, all is read again."""


class FlightQueries:
    """Answers about calls that have begun and are not over, of one plan or of all."""

    def __init__(self, db: Database) -> None:
        self.db = db

    def in_flight(self, scope: Scope) -> int:
        """Return how many calls of the plan are open, of whatever edition."""
        row = self.db.execute(
            f"SELECT count(*) FROM calls {self.db.by('calls_in_flight')} WHERE plan = ? AND state = 'open'",  # noqa: S608
            (scope.plan,),
        )
        return int(row.fetchone()[0])

    def open_calls(self, scope: Scope, *, but_placed: bool) -> list[int]:
        """Return the keys of the plan's open calls, of whatever edition.

        `but_placed`: without those of which an attempt is accepted and none has ended.
        """
        placed = (
            " AND NOT EXISTS (SELECT 1 FROM attempts a WHERE a.call = calls.key AND a.placement = 'accepted'"
            " AND a.ending IS NULL)"
        )
        rows = self.db.execute(
            f"SELECT key FROM calls {self.db.by('calls_in_flight')} WHERE plan = ? AND state = 'open'"  # noqa: S608
            f"{placed if but_placed else ''}",
            (scope.plan,),
        )
        return [row[0] for row in rows]

    def open_attempts(self, scope: Scope) -> Iterator[Attempt]:
        """Stream the latest attempt of every open call of the plan, those of other editions too: they are live."""
        rows = self.db.execute(
            f"{LATEST_ATTEMPT_QUERY} c.plan = ? AND c.state = 'open'",
            (scope.plan,),
        )
        return map(attempt_with_call, rows)

    def latest_attempts(self, keys: Iterable[int]) -> list[Attempt]:
        """Return the latest attempts of these calls, as far as they are open."""
        query = f"{LATEST_ATTEMPT_QUERY} c.key = ? AND c.state = 'open'"
        rows = (self.db.execute(query, (key,)).fetchone() for key in keys)
        return [attempt_with_call(row) for row in rows if row is not None]

    def live(self) -> list[CallRow]:
        """Return the calls of all plans that may be live."""
        rows = self.db.execute(f"SELECT {', '.join(CallRow._fields)} FROM calls WHERE {MAY_KEEP_PAIR}")  # noqa: S608
        return [CallRow._make(row) for row in rows]

    def lines_free_at(self, now: float) -> float | None:
        """Return the epoch second at which the first of the calls that may be live cannot be any more.

        None where none may be, or one of them is under way: then it may end at any moment.
        """
        free_at, open_calls = self.db.execute(
            "SELECT min(pair_free_at), count(CASE WHEN state = 'open' THEN 1 END)"  # noqa: S608
            f" FROM calls {self.db.by('calls_blocking_a_pair')} WHERE {MAY_BE_LIVE}",
            (now,),
        ).fetchone()
        return None if open_calls else free_at

    def pair_kept_until(self, scope: Scope, call: DueCall, now: float) -> float:
        """Return until when other calls keep a due call's pair: infinity where one of its plan is under way."""
        row = self.db.execute(
            "SELECT max(CASE WHEN state = 'open' AND plan = ? THEN ? ELSE pair_free_at END)"  # noqa: S608
            f" FROM calls {self.db.by('calls_blocking_a_pair')} WHERE pair = ? AND key <> ? AND {MAY_KEEP_PAIR}",
            (scope.plan, math.inf, call.pair, call.key),
        ).fetchone()
        return now if row[0] is None else float(row[0])

    def person_starts(self, person: str, since: float) -> list[tuple[int, float, str | None]]:
        """Return the attempts for a To that may have rung and started after `since`: call, start, placement."""
        rows = self.db.execute(
            f"SELECT a.call, a.started, a.placement FROM attempts a WHERE a.person = ? AND a.started > ?"  # noqa: S608
            f" AND {MAY_HAVE_RUNG} ORDER BY a.started",
            (person, since),
        )
        return rows.fetchall()

    def unmatched(self, since: float) -> list[UnmatchedAttempt]:
        """Return every attempt that may have rung, has no call Sid and is the latest of an open or unknown call.

        Not those that a loss of the journal made: nobody knows when their requests left, if they did.

        Of all plans: each may be the one that a call on the carrier's list belongs to. `since` in epoch seconds. Found
        by the few calls in question (the index of held pairs), not by time: asked several times a second.
        """
        rows = self.db.execute(
            f"{LATEST_ATTEMPT_QUERY} a.call IN (SELECT key FROM calls WHERE {MAY_KEEP_PAIR})"  # noqa: S608
            f" AND a.started + 0 >= ? AND a.sid IS NULL AND {MAY_HAVE_RUNG} AND NOT {MADE_BY_LOSS} ORDER BY a.started",
            (since,),
        )
        return [self.described(attempt_with_call(row)) for row in rows]

    def described(self, attempt: Attempt) -> UnmatchedAttempt:
        """Return an attempt with its plan and the numbers of its call."""
        plan, text = self.db.execute("SELECT plan, fields FROM calls WHERE key = ?", (attempt.call,)).fetchone()
        numbers = parties(fields_from_text(text))
        return UnmatchedAttempt(attempt, plan, numbers.agent or "", numbers.person, numbers.exophone)

    def incomplete(self, scope: Scope, started: float, ended: str) -> list[Attempt]:
        """Return this run's attempts that ended and lack duration or price.

        Only those begun at or after `started`, in epoch seconds, and ended at or after `ended`, in RFC 3339.
        """
        rows = self.db.execute(
            f"{ATTEMPT_QUERY} a.run = ? AND a.started + 0 >= ? AND a.sid IS NOT NULL AND a.ended_at >= ?"
            " AND a.ending IS NOT NULL AND a.ending <> 'unseen' AND (a.duration IS NULL OR a.price IS NULL)"
            " ORDER BY a.ended_at",
            (scope.run, started, ended),
        )
        return [attempt_with_call(row) for row in rows]

    def has_sid(self, sid: str) -> bool:
        """Whether any attempt of any plan has this call Sid."""
        return self.db.execute("SELECT 1 FROM attempts WHERE sid = ? LIMIT 1", (sid,)).fetchone() is not None


class Reader(DueQueries, FlightQueries):
    """Reads committed facts. All methods are short queries but the stream `open_attempts`."""

    def __init__(self, db: Database) -> None:
        super().__init__(db)
        self.newest = partial(newest_event, db)
        """Return the newest event's number and hash: another one once anybody has committed more than slots of pace.

        It is asked for each call right before its request leaves.
        """

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
