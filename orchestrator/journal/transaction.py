"""What a step may do to the journal, inside one transaction; each function is one readable change."""

import sqlite3
from collections.abc import Mapping, Sequence

from orchestrator.journal.chain import COLUMNS, Head
from orchestrator.journal.codec import ATTEMPT_QUERY, LAST, RANG, attempt_with_call, dump, legs_to_text
from orchestrator.journal.store import head
from orchestrator.model.errors import TakenOver
from orchestrator.model.events import Event, EventType
from orchestrator.model.outcome import Disposition
from orchestrator.model.record import AttemptRecord
from orchestrator.model.work import Attempt, DueCall, Scope

HOLDS = (
    "(held.state = 'open' OR held.disposition = 'unknown')"
    " AND ((held.state = 'open' AND held.plan = calls.plan) OR held.pair_free_at > ?)"
)
"""Whether the call `held` keeps a pair from `calls` at a moment: until its attempt cannot be live any more, and in the
same plan until its run has closed it. One of another plan may have no run left that would."""

APPEND = f"INSERT INTO events ({COLUMNS}, hash) VALUES (?, ?, ?, ?, ?, ?, ?, ?)"  # noqa: S608 - constants only


class Transaction:
    """The open transaction. `events` gathers what was appended, for whoever follows committed events."""

    def __init__(self, db: sqlite3.Connection) -> None:
        self.db = db
        self.events: list[Event] = []
        self._head: Head | None = None  # of this transaction only: one that was rolled back left another

    def append(
        self,
        kind: EventType,
        at: str,
        run: str,
        call: str | None = None,
        attempt: int | None = None,
        data: Mapping[str, str | int | float | None] | None = None,
    ) -> None:
        """Append one event to the chain.

        `run`, `call` and `attempt` must tell which attempt is meant: where another run than `run` began it, `data`
        has that run's id as `begun`.
        """
        event = Event(kind, at, run, call, attempt, dict(data or {}))
        before = self._head or head(self.db)
        columns = (before.seq + 1, kind.value, at, run, call, attempt, dump(event.data))
        self._head = Head(before.seq + 1, before.then(*columns))
        self.db.execute(APPEND, (*columns, self._head.hash))
        self.events.append(event)

    def open_attempt(
        self, scope: Scope, call: DueCall, token_hash: str, at: str, now: float, pair_free_at: float
    ) -> int | None:
        """Commit the intent: claim the call and insert its next attempt; return its number.

        None where the call is no longer due or may have rung, or another open or unknown attempt holds its pair:
        judged here, inside the transaction, so that no second sender can slip between check and claim. Raises
        TakenOver where a later run has taken the journal over: the number of the run that dials is its fence.
        """
        self._check_fence(scope)
        claimed = self.db.execute(
            "UPDATE calls SET state = 'open', run = ?, reason = NULL, disposition = 'waiting', pair_free_at = ?"  # noqa: S608 - constants only
            f" WHERE key = ? AND state = 'due' AND NOT {RANG} AND NOT EXISTS ("
            f"   SELECT 1 FROM calls held WHERE held.pair = calls.pair AND held.key <> calls.key AND {HOLDS})",
            (scope.run, pair_free_at, call.key, now),
        )
        if claimed.rowcount != 1:
            return None
        n = call.attempts + 1
        self.db.execute(
            "INSERT INTO attempts (call, n, run, token, started_at, started) VALUES (?, ?, ?, ?, ?, ?)",
            (call.key, n, scope.run, token_hash, at, now),
        )
        data = {"from": call.text("From"), "to": call.text("To")}
        self.append(EventType.ATTEMPT_STARTED, at, scope.run_id, call.id, n, data)
        return n

    def _check_fence(self, scope: Scope) -> None:
        row = self.db.execute("SELECT value FROM meta WHERE key = 'dialer'").fetchone()
        if row is None or int(row[0]) != scope.run:
            raise TakenOver("another process has taken over and dials from the journal now")

    def attempt(self, call: int, n: int) -> Attempt:
        """Return attempt `n` of the call with key `call`."""
        found = self._find("a.call = ? AND a.n = ?", (call, n))
        if found is None:
            raise LookupError(f"no attempt {n} of call {call}")
        return found

    def last_that_may_have_rung(self, call: int) -> Attempt | None:
        """Return the call's last attempt that may have rung; None where none may."""
        return self._find(f"a.call = ? AND a.n = {LAST}", (call,))

    def attempt_by_token(self, token_hash: str) -> Attempt | None:
        """Return the attempt whose callback token has this hash, open or not."""
        return self._find("a.token = ?", (token_hash,))

    def has_sid(self, sid: str) -> bool:
        """Whether any attempt of any plan has this call Sid."""
        return self.db.execute("SELECT 1 FROM attempts WHERE sid = ? LIMIT 1", (sid,)).fetchone() is not None

    def not_found(self, keys: Sequence[int], at: str) -> None:
        """Note for these attempts that a look-up did not show their calls, though it should have."""
        self.db.executemany("UPDATE attempts SET not_found_at = ? WHERE key = ?", [(at, key) for key in keys])

    def _find(self, where: str, values: tuple[int | str, ...]) -> Attempt | None:
        row = self.db.execute(ATTEMPT_QUERY + where, values).fetchone()
        return None if row is None else attempt_with_call(row)

    def save(self, key: int, record: AttemptRecord) -> None:
        """Write everything that is known of an attempt."""
        self.db.execute(
            "UPDATE attempts SET placement = ?, evidence = ?, sid = ?, http_status = ?, ending = ?, legs = ?,"
            " placed_at = ?, ended_at = ?, duration = ?, recording_url = ?, price = ?, currency = ?, message = ?"
            " WHERE key = ?",
            (
                record.placement,
                record.evidence,
                record.sid,
                record.http_status,
                record.ending,
                legs_to_text(record.legs),
                record.placed_at,
                record.ended_at,
                record.duration,
                record.recording_url,
                record.price,
                record.currency,
                record.message,
                key,
            ),
        )

    def close_call(self, call: int, disposition: Disposition, reason: str | None = None) -> None:
        """Give a call its disposition."""
        self.db.execute(
            "UPDATE calls SET state = 'closed', disposition = ?, reason = ? WHERE key = ?",
            (disposition, reason, call),
        )

    def reopen_call(self, call: int) -> None:
        """Wait for a call's ending again: its unknown attempt turned out to have been placed."""
        self.db.execute(
            "UPDATE calls SET state = 'open', disposition = 'waiting', reason = NULL WHERE key = ?", (call,)
        )

    def put_back(self, call: int, not_before: float, reason: str | None) -> None:
        """Make a call due again, not before the given epoch second."""
        self.db.execute(
            "UPDATE calls SET state = 'due', disposition = 'waiting', not_before = ?, reason = ? WHERE key = ?",
            (not_before, reason, call),
        )

    def end_run(self, scope: Scope, at: str, exit_code: int) -> None:
        """Close the run."""
        self.db.execute("UPDATE runs SET ended_at = ?, exit_code = ? WHERE key = ?", (at, exit_code, scope.run))
        self.append(EventType.RUN_ENDED, at, scope.run_id, data={"exit_code": exit_code})

    def set_meta(self, key: str, value: str) -> None:
        """Remember one setting of the journal."""
        self.db.execute(
            "INSERT INTO meta VALUES (?, ?) ON CONFLICT (key) DO UPDATE SET value = excluded.value",
            (key, value),
        )
