"""Calls in flight: which they are, whose pairs they keep, and what is known of their attempts."""

import math
from collections.abc import Iterable, Iterator

from orchestrator.exotel.call_fields import parties
from orchestrator.journal.codec import (
    ATTEMPT_QUERY,
    LATEST_ATTEMPT_QUERY,
    MADE_BY_LOSS,
    MAY_BE_LIVE,
    MAY_HAVE_RUNG,
    MAY_KEEP_PAIR,
    attempt_with_call,
    fields_from_text,
)
from orchestrator.journal.database import Database
from orchestrator.model.work import Attempt, CallRow, DueCall, Scope, UnmatchedAttempt


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
