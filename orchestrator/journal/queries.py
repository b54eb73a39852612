"""Questions to the journal, over a connection of their own: readers are never blocked."""

import contextlib
import math
from collections.abc import Collection, Iterable, Iterator, Sequence
from datetime import datetime
from typing import Any

from orchestrator.exotel.call_fields import call_times, parties
from orchestrator.journal.chain import newest_event
from orchestrator.journal.codec import (
    ATTEMPT_COLUMNS,
    ATTEMPT_QUERY,
    LAST_THAT_MAY_HAVE_RUNG,
    LAST_WORD,
    MADE_BY_LOSS,
    MAY_BE_LIVE,
    MAY_HAVE_RUNG,
    MAY_KEEP_PAIR,
    PAIR_FREE,
    attempt_from_row,
    attempt_with_call,
    carry_from_text,
    disposition_from_text,
    dump,
    event_data,
    fields_from_text,
)
from orchestrator.journal.guard_queries import CallQueries, UsageQueries, last_resumed, standing_hold
from orchestrator.journal.sqlite.connection import Connection
from orchestrator.model.events import EventType
from orchestrator.model.hold import Hold
from orchestrator.model.outcome import Disposition, Ending
from orchestrator.model.record import AttemptRecord, CallRecord, RunRecord
from orchestrator.model.refusal import Refusal, RefusedCallbacks
from orchestrator.model.work import Attempt, CallRow, DueCall, Scope, UnmatchedAttempt
from orchestrator.policy.may_start import known_span

ENDINGS = frozenset(ending.value for ending in Ending)

REDIALS = " AND rung > 0"

AMONG = " AND key IN (SELECT value FROM json_each(?))"

MARK_KNOWN = "SELECT 1 FROM numbers n WHERE n.person = due.person AND n.asked BETWEEN ? AND ?"
"""Selects the usable answer about the To of a row of `due`."""

DUE_CALLS = "SELECT * FROM calls WHERE plan = ? AND edition = ? AND state = 'due' AND not_before <= ? AND id GLOB ?"

FREE_CALLS = f"{DUE_CALLS} AND {PAIR_FREE}"
"""Selects due calls whose pair no other call holds."""

SOON_SORTED = 1_000
"""Due calls, of a million perhaps, that are sooner sorted than found one by one in the plan's order."""

MOST_NAMED = 1_000
"""Events that are looked through for the calls that others have changed; of more, all is read again."""

DUE_COLUMNS = (
    "key, id, fields, pair, latest, (SELECT count(*) FROM attempts a WHERE a.call = calls.key), rung,"  # noqa: S608
    f" {LAST_WORD}, (SELECT max(a.ended_at) FROM attempts a WHERE a.call = calls.key), priority, position,"
    " coalesce(listed, 'suppressed because ' || coalesce("
    "(SELECT because FROM suppressed WHERE number = substr(calls.agent, instr(calls.agent, ':') + 1)),"
    " (SELECT because FROM suppressed WHERE number = substr(calls.person, instr(calls.person, ':') + 1))))"
)
"""What `_due` reads of a row of `calls`, but whether its pair is kept."""


class Reader:
    """Reads committed facts. All methods are short queries but the streams `calls` and `open_attempts`."""

    def __init__(self, db: Connection) -> None:
        self.db = db

    def meta(self, key: str) -> str | None:
        """Return a setting of the journal, None where it is not set."""
        row = self.db.execute("SELECT value FROM meta WHERE key = ?", (key,)).fetchone()
        return None if row is None else str(row[0])

    def due(
        self,
        scope: Scope,
        now: float,
        limit: int,
        only: str = "*",
        full: Iterable[str] = (),
        *,
        redials: bool = False,
        among: Collection[int] | None = None,
    ) -> list[DueCall]:
        """Return calls that may be dialed at `now`, those of higher priority first, then in the plan's order.

        None whose pair is held, nor of an agent (account and identity of From) that is `full`. `redials`: only calls
        that may have rung before. `among`: only calls with these keys.
        """
        by, keys = ("", AMONG) if among is not None else (self._by(scope, now, redials=redials), "")
        rows = self.db.execute(
            f"SELECT {DUE_COLUMNS}, 0"  # noqa: S608
            f" FROM calls WHERE key IN (SELECT key FROM calls {by}"
            "   WHERE plan = ? AND edition = ? AND state = 'due' AND not_before <= ? AND id GLOB ?"
            "   AND agent NOT IN (SELECT value FROM json_each(?))"
            f"  AND {PAIR_FREE}{REDIALS if redials else ''}{keys} ORDER BY priority DESC, position LIMIT ?)"
            " ORDER BY priority DESC, position",
            (scope.plan, scope.edition, now, only, dump(list(full)), now, *_listed(among), limit),
        )
        return [_due(row) for row in rows]

    def due_batch(
        self,
        scope: Scope,
        now: float,
        limit: int,
        only: str,
        after: tuple[int, int, int],
        *,
        redials: bool,
        but_agents: Collection[str] = (),
        agent: str | None = None,
    ) -> list[DueCall]:
        """Return the next calls that are due at `now`, in the order of dialing, whether their pair is kept or not.

        `after` is a priority, negative, a position and a key: only calls behind that are read. `redials`: those that
        may have rung before, else those that did not. None of `but_agents`; of `agent` only, where it is given.
        """
        of_agent = "" if agent is None else " AND agent = ?"
        others = f" AND agent NOT IN ({', '.join('?' * len(but_agents))})" if but_agents else ""
        rung = "rung > 0" if redials else "rung = 0"
        found: list[DueCall] = []
        for place, values in (
            ("priority = ? AND (position, key) > (?, ?)", (-after[0], *after[1:])),
            ("priority < ?", (-after[0],)),
        ):
            rows = self.db.execute(
                f"SELECT {DUE_COLUMNS}, NOT {PAIR_FREE} FROM calls {self._by(scope, now, redials=redials)}"  # noqa: S608
                f" WHERE plan = ? AND edition = ? AND state = 'due' AND {place} AND not_before <= ? AND {rung}"
                f" AND id GLOB ?{of_agent}{others} ORDER BY priority DESC, position, key LIMIT ?",
                (
                    *(now, scope.plan, scope.edition, *values, now, only),
                    *(() if agent is None else (agent,)),
                    *(*but_agents, limit - len(found)),
                ),
            )
            found += [_due(row) for row in rows]
            if len(found) == limit:
                break
        return found

    def due_among(self, scope: Scope, now: float, keys: Collection[int]) -> list[DueCall]:
        """Return which of these calls are due at `now`, whether their pair is kept or not."""
        found = []
        for key in keys:
            row = self.db.execute(
                f"SELECT {DUE_COLUMNS}, NOT {PAIR_FREE} FROM calls"  # noqa: S608
                " WHERE key = ? AND plan = ? AND edition = ? AND state = 'due' AND not_before <= ?",
                (now, key, scope.plan, scope.edition, now),
            ).fetchone()
            if row is not None:
                found.append(_due(row))
        return found

    def due_after(self, scope: Scope, now: float, only: str, but: Collection[int]) -> float:
        """Return when the first call is due that is not due at `now`, but for some; infinity where none is."""
        rows = self.db.execute(
            "SELECT not_before, key FROM calls INDEXED BY calls_due WHERE plan = ? AND edition = ? AND state = 'due'"
            " AND not_before > ? AND id GLOB ? ORDER BY not_before",
            (scope.plan, scope.edition, now, only),
        )
        return next((float(at) for at, key in rows if key not in but), math.inf)

    def pair_kept_until(self, scope: Scope, call: DueCall, now: float) -> float:
        """Return until when other calls keep a due call's pair: infinity where one of its plan is under way."""
        row = self.db.execute(
            "SELECT max(CASE WHEN state = 'open' AND plan = ? THEN 9e999 ELSE pair_free_at END)"  # noqa: S608
            f" FROM calls INDEXED BY calls_blocking_a_pair WHERE pair = ? AND key <> ? AND {MAY_KEEP_PAIR}",
            (scope.plan, call.pair, call.key),
        ).fetchone()
        return now if row[0] is None else float(row[0])

    def matches(self, id_: str, only: str) -> bool:
        """Whether an id is one that `only` chooses."""
        return bool(self.db.execute("SELECT ? GLOB ?", (id_, only)).fetchone()[0])

    def has_due(self, scope: Scope, only: str, but: Collection[int], *, first: bool) -> bool:
        """Whether a call of the edition waits to be dialed, beside the keys `but`; `first`: that never rang."""
        row = self.db.execute(
            "SELECT 1 FROM calls INDEXED BY calls_by_state WHERE plan = ? AND edition = ? AND state = 'due'"
            " AND id GLOB ? AND (rung = 0 OR ?) AND key NOT IN (SELECT value FROM json_each(?)) LIMIT 1",
            (scope.plan, scope.edition, only, not first, dump(list(but))),
        )
        return row.fetchone() is not None

    def to_be_sent_again(self, keys: Collection[int]) -> tuple[dict[int, float], frozenset[int]]:
        """Return which of these calls are due and never rang, with the epoch second from which each may start.

        And which of them may have rung, as a callback can tell later.
        """
        rows = self.db.execute(
            "SELECT key, state, rung, not_before FROM calls WHERE key IN (SELECT value FROM json_each(?))",
            _listed(keys),
        ).fetchall()
        due = {key: not_before for key, state, rung, not_before in rows if state == "due" and not rung}
        return due, frozenset(key for key, _, rung, _ in rows if rung)

    def _by(self, scope: Scope, now: float, *, redials: bool) -> str:
        """Name the index by which due calls are found: in their order, or by time where few of very many are due."""
        if redials:
            return "INDEXED BY calls_rung"
        found = self.db.execute(
            "SELECT count(*) FROM (SELECT 1 FROM calls INDEXED BY calls_due WHERE plan = ? AND edition = ?"
            " AND state = 'due' AND not_before <= ? LIMIT ?)",
            (scope.plan, scope.edition, now, SOON_SORTED),
        )
        return "INDEXED BY calls_due" if found.fetchone()[0] < SOON_SORTED else "INDEXED BY calls_by_state"

    def lines_free_at(self, now: float) -> float | None:
        """Return the epoch second at which the first of the calls that may be live cannot be any more.

        None where none may be, or one of them is under way: then it may end at any moment.
        """
        free_at, is_open = self.db.execute(
            "SELECT min(pair_free_at), coalesce(max(state = 'open'), 0) FROM calls INDEXED BY calls_blocking_a_pair"  # noqa: S608
            f" WHERE {MAY_BE_LIVE}",
            (now,),
        ).fetchone()
        return None if is_open else free_at

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

    def newest(self) -> tuple[int, str]:
        """Return the newest event's number and hash: another one once anybody has committed more than slots of pace."""
        head = newest_event(self.db)
        return head.seq, head.hash

    @contextlib.contextmanager
    def snapshot(self) -> Iterator[tuple[int, str]]:
        """Answer every question within as of one moment; yields the newest event then."""
        self.db.execute("BEGIN")
        try:
            yield self.newest()
        finally:
            self.db.execute("COMMIT")

    def calls_named_after(self, seq: int) -> set[str] | None:
        """Return the ids of the calls, of any plan, that the events after `seq` name.

        None where one of them concerns more than a call, or where they are very many.
        """
        rows = self.db.execute(
            "SELECT call, type FROM events WHERE seq > ? ORDER BY seq LIMIT ?", (seq, MOST_NAMED)
        ).fetchall()
        if len(rows) == MOST_NAMED or any(call is None and kind != EventType.RUN_WAITING for call, kind in rows):
            return None
        return {call for call, _ in rows if call is not None}

    def call_rows(self, scope: Scope, ids: Iterable[str]) -> list[CallRow]:
        """Return how the calls of the edition with these ids stand."""
        query = f"SELECT {', '.join(CallRow._fields)} FROM calls WHERE plan = ? AND edition = ? AND id = ?"  # noqa: S608
        rows = (self.db.execute(query, (scope.plan, scope.edition, id_)).fetchone() for id_ in ids)
        return [CallRow._make(row) for row in rows if row is not None]

    def open_calls(self, scope: Scope, *, but_placed: bool) -> list[int]:
        """Return the keys of the plan's open calls, of whatever edition.

        `but_placed`: without those of which an attempt is accepted and none has ended.
        """
        placed = (
            " AND NOT EXISTS (SELECT 1 FROM attempts a WHERE a.call = calls.key AND a.placement = 'accepted'"
            " AND a.ending IS NULL)"
        )
        rows = self.db.execute(
            "SELECT key FROM calls INDEXED BY calls_in_flight WHERE plan = ? AND state = 'open'"  # noqa: S608
            f"{placed if but_placed else ''}",
            (scope.plan,),
        )
        return [row[0] for row in rows]

    def live(self) -> list[CallRow]:
        """Return the calls of all plans that may be live."""
        rows = self.db.execute(f"SELECT {', '.join(CallRow._fields)} FROM calls WHERE {MAY_KEEP_PAIR}")  # noqa: S608
        return [CallRow._make(row) for row in rows]

    def account(self, scope: Scope) -> str:
        """Return the carrier account of the plan."""
        return str(self.db.execute("SELECT account FROM plans WHERE key = ?", (scope.plan,)).fetchone()[0])

    def person_starts(self, person: str, since: float) -> list[tuple[int, float, str | None]]:
        """Return the attempts for a To that may have rung and started after `since`: call, start, placement."""
        rows = self.db.execute(
            f"SELECT a.call, a.started, a.placement FROM attempts a WHERE a.person = ? AND a.started > ?"  # noqa: S608
            f" AND {MAY_HAVE_RUNG} ORDER BY a.started",
            (person, since),
        )
        return rows.fetchall()

    def latest_attempts(self, keys: Iterable[int]) -> list[Attempt]:
        """Return the latest attempts of these calls, as far as they are open."""
        query = f"{ATTEMPT_QUERY} c.key = ? AND c.state = 'open' AND a.n = {LAST_THAT_MAY_HAVE_RUNG}"
        rows = (self.db.execute(query, (key,)).fetchone() for key in keys)
        return [attempt_with_call(row) for row in rows if row is not None]

    def next_due(
        self,
        scope: Scope,
        only: str = "*",
        *,
        redials: bool = False,
        but: Collection[int] = (),
        after: float | None = None,
    ) -> float | None:
        """Return the epoch second at which the next due call may start; None where none is due.

        A call whose pair is held by an unknown attempt, or by another plan's, waits until that cannot be live any more.
        `redials`: of the calls that may have rung before. `but`: keys of calls to pass over. `after`: of the calls that
        are due after that epoch second only.
        """
        rows = self.db.execute(
            "SELECT not_before, coalesce((SELECT max(held.pair_free_at) FROM calls held WHERE held.pair = calls.pair"  # noqa: S608
            "   AND (held.disposition = 'unknown' OR (held.state = 'open' AND held.plan <> calls.plan))), 0)"
            f" FROM calls INDEXED BY {'calls_rung' if redials else 'calls_due'}"
            f" WHERE plan = ? AND edition = ? AND state = 'due' AND id GLOB ?{REDIALS if redials else ''}"
            " AND key NOT IN (SELECT value FROM json_each(?)) AND not_before > ? ORDER BY not_before",
            (scope.plan, scope.edition, only, dump(list(but)), -1.0 if after is None else after),
        )
        first: float | None = None
        for not_before, pair_free_at in rows:
            if first is not None and not_before >= first:
                break
            moment = max(not_before, pair_free_at)
            first = moment if first is None else min(first, moment)
        return first

    def unasked(self, scope: Scope, until: float, now: float, ahead: int | None, most: int, only: str) -> list[DueCall]:
        """Return at most `most` calls due `until` then whose To is not known at `now`, in the order of dialing.

        Only the next `ahead` due ones whose pair is free are looked at; None: all. The calls have no fields.
        """
        due, looked_at = (DUE_CALLS, (-1,)) if ahead is None else (FREE_CALLS, (now, ahead))
        rows = self.db.execute(
            f"SELECT key, id, pair FROM ({due} ORDER BY priority DESC, position LIMIT ?) due"  # noqa: S608 - constants only
            f" WHERE NOT EXISTS ({MARK_KNOWN}) LIMIT ?",
            (scope.plan, scope.edition, until, only, *looked_at, *known_span(now), most),
        )
        return [DueCall(key, id_, (), pair, 0) for key, id_, pair in rows]

    def registered(self, scope: Scope, now: float, most: int, only: str) -> tuple[int, list[tuple[str, str | None]]]:
        """Count the due calls to do-not-disturb numbers; return ids and places of the first `most` as well."""
        rows = self.db.execute(
            f"SELECT id, place, count(*) OVER () FROM ({DUE_CALLS}) due WHERE EXISTS ({MARK_KNOWN} AND n.dnd = 'yes')"  # noqa: S608
            " ORDER BY position LIMIT ?",
            (scope.plan, scope.edition, float("inf"), only, *known_span(now), most),
        ).fetchall()
        return (rows[0][2] if rows else 0), [(row[0], row[1]) for row in rows]

    def in_flight(self, scope: Scope) -> int:
        """Return how many calls of the plan are open, of whatever edition."""
        row = self.db.execute(
            "SELECT count(*) FROM calls INDEXED BY calls_in_flight WHERE plan = ? AND state = 'open'", (scope.plan,)
        )
        return int(row.fetchone()[0])

    def count(self, scope: Scope, state: str, only: str = "*") -> int:
        """Return how many calls of the plan's edition are `due`, `open` or `closed`."""
        row = self.db.execute(
            "SELECT count(*) FROM calls WHERE plan = ? AND edition = ? AND state = ? AND id GLOB ?",
            (scope.plan, scope.edition, state, only),
        )
        return int(row.fetchone()[0])

    def open_attempts(self, scope: Scope) -> Iterator[Attempt]:
        """Stream the latest attempt of every open call of the plan, those of other editions too: they are live."""
        rows = self.db.execute(
            f"{ATTEMPT_QUERY} c.plan = ? AND c.state = 'open' AND a.n = {LAST_THAT_MAY_HAVE_RUNG}",
            (scope.plan,),
        )
        return map(attempt_with_call, rows)

    def totals(self, scope: Scope, only: str = "*", *, planned: bool = False) -> dict[str, int]:
        """Return one count a disposition, zero or not, with `calls` first and `attempts` last.

        `planned`: of the calls that the run's plan holds, without those that only earlier runs knew.
        """
        where = (scope.plan, scope.edition, only, scope.load if planned else None)
        counted = dict(
            self.db.execute(
                "SELECT disposition, count(*) FROM calls"
                " WHERE plan = ? AND edition = ? AND id GLOB ? AND loaded_by = coalesce(?, loaded_by)"
                " GROUP BY disposition",
                where,
            )
        )
        attempts = self.db.execute(
            "SELECT count(*) FROM attempts a JOIN calls c ON c.key = a.call"
            " WHERE c.plan = ? AND c.edition = ? AND c.id GLOB ? AND c.loaded_by = coalesce(?, c.loaded_by)",
            where,
        ).fetchone()[0]
        return {
            "calls": sum(counted.values()),
            **{word.value: counted.get(word.value, 0) for word in Disposition},
            "attempts": attempts,
        }

    def not_dialed(self, scope: Scope, only: str = "*") -> dict[str, int]:
        """Return how many of the calls that the run's plan holds were not dialed, or not again, by reason."""
        rows = self.db.execute(
            "SELECT coalesce(reason, ''), count(*) FROM calls"
            " WHERE plan = ? AND edition = ? AND id GLOB ? AND loaded_by = ?"
            " AND (disposition = 'not-dialed' OR (state = 'closed' AND reason = 'cancelled'))"
            " GROUP BY reason",
            (scope.plan, scope.edition, only, scope.load),
        )
        return dict(rows.fetchall())

    def unknown_ids(self, scope: Scope) -> list[str]:
        """Return the ids of calls whose outcome is unknown, in the plan's order."""
        rows = self.db.execute(
            "SELECT id FROM calls WHERE plan = ? AND edition = ? AND disposition = 'unknown' ORDER BY position",
            (scope.plan, scope.edition),
        )
        return [str(row[0]) for row in rows]

    def run(self, run_id: str) -> RunRecord:
        """Return one run. Raises LookupError where there is none of this id."""
        row = self.db.execute(
            "SELECT r.id, p.name, r.edition, r.digest, r.target, r.started_at, r.ended_at, r.exit_code,"
            " (SELECT value FROM meta WHERE key = 'id'), (SELECT 'sha256:' || e.hash FROM events e"
            "   WHERE e.call IS NULL AND e.run = r.id AND e.type = 'run.ended')"
            " FROM runs r JOIN plans p ON p.key = r.plan WHERE r.id = ?",
            (run_id,),
        ).fetchone()
        if row is None:
            raise LookupError(run_id)
        return RunRecord(*row)

    def calls(self, scope: Scope) -> Iterator[CallRecord]:
        """Stream every call of the plan's edition with its attempts, in the plan's order."""
        rows = self.db.execute(
            "SELECT c.key, c.id, r.id, c.disposition, c.reason, c.fields, c.carry"
            " FROM calls c JOIN runs r ON r.key = c.run"
            " WHERE c.plan = ? AND c.edition = ? ORDER BY c.position, c.key",
            (scope.plan, scope.edition),
        )
        for key, id_, run, disposition, reason, fields, carry in rows:
            numbers = parties(fields_from_text(fields))
            yield CallRecord(
                id=id_,
                run=run,
                disposition=disposition_from_text(disposition),
                from_number=numbers.agent or "",
                to_number=numbers.person,
                reason=reason,
                carry=carry_from_text(carry),
                attempts=self._attempts(key),
            )

    def _attempts(self, call: int) -> tuple[AttemptRecord, ...]:
        rows = self.db.execute(f"SELECT {ATTEMPT_COLUMNS} FROM attempts a WHERE call = ? ORDER BY n", (call,))  # noqa: S608
        return tuple(attempt_from_row(row) for row in rows)

    def unmatched(self, since: float) -> list[UnmatchedAttempt]:
        """Return every attempt that may have rung, has no call Sid and is the latest of an open or unknown call.

        Not those that a loss of the journal made: nobody knows when their requests left, if they did.

        Of all plans: each may be the one that a call on the carrier's list belongs to. `since` in epoch seconds. Found
        by the few calls in question (the index of held pairs), not by time: asked several times a second.
        """
        rows = self.db.execute(
            f"{ATTEMPT_QUERY} a.call IN (SELECT key FROM calls WHERE {MAY_KEEP_PAIR})"  # noqa: S608
            f" AND +a.started >= ? AND a.sid IS NULL AND {MAY_HAVE_RUNG} AND NOT {MADE_BY_LOSS}"
            f" AND a.n = {LAST_THAT_MAY_HAVE_RUNG} ORDER BY a.started",
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
            f"{ATTEMPT_QUERY} a.run = ? AND +a.started >= ? AND a.sid IS NOT NULL AND a.ended_at >= ?"
            " AND a.ending IS NOT NULL AND a.ending <> 'unseen' AND (a.duration IS NULL OR a.price IS NULL)"
            " ORDER BY a.ended_at",
            (scope.run, started, ended),
        )
        return [attempt_with_call(row) for row in rows]

    def has_sid(self, sid: str) -> bool:
        """Whether any attempt of any plan has this call Sid."""
        return self.db.execute("SELECT 1 FROM attempts WHERE sid = ? LIMIT 1", (sid,)).fetchone() is not None


def _listed(keys: Collection[int] | None) -> tuple[str, ...]:
    """Return the keys as the one value that AMONG takes; no value where there is no such condition."""
    return () if keys is None else (dump(list(keys)),)


def _due(row: Sequence[Any]) -> DueCall:
    key, id_, text, pair, latest, attempts, rung, last, ended_at, priority, position, suppressed, is_held = row
    ended = datetime.fromisoformat(ended_at).timestamp() if rung and ended_at else 0.0
    fields = fields_from_text(text)
    return DueCall(
        key,
        id_,
        fields,
        pair,
        attempts,
        rung=rung,
        last=Ending(last) if last in ENDINGS else None,
        ended=ended,
        not_after=latest,
        times=call_times(fields),
        priority=priority,
        position=position,
        suppressed=suppressed,
        is_held=bool(is_held),
    )


REFUSED_CALLBACKS = "refused_callbacks"


def refused_callbacks(db: Connection) -> RefusedCallbacks:
    """Return what was refused since the journal was made."""
    row = db.execute("SELECT value FROM meta WHERE key = ?", (REFUSED_CALLBACKS,)).fetchone()
    noted = event_data(row[0]) if row else {}
    counts, at = noted.get("counts"), noted.get("last_at")
    if not isinstance(counts, dict):
        return RefusedCallbacks()
    known = {why: counts[why] for why in Refusal if isinstance(counts.get(why), int)}
    return RefusedCallbacks(known, at if isinstance(at, str) else None)
