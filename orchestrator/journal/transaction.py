"""What a step may do to the journal, inside one transaction; each function is one readable change."""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import astuple
from typing import Protocol

from orchestrator.exotel.call_fields import parties
from orchestrator.journal.chain import (
    UNCHAINED,
    Changes,
    Followed,
    Head,
    NewEvents,
    seal_of,
    sums_with,
)
from orchestrator.journal.codec import (
    AGENT_NUMBER,
    ATTEMPT_QUERY,
    CALL_MAY_HAVE_RUNG,
    KEEPS_PAIR,
    LAST_WORD,
    LATEST_ATTEMPT_QUERY,
    MAY_HAVE_RUNG,
    PERSON_NUMBER,
    UNSETTLED,
    attempt_with_call,
    dump,
    dump_flat,
    in_parts,
    later,
    legs_to_text,
    marks,
)
from orchestrator.journal.database import Database
from orchestrator.journal.guard_queries import CallQueries
from orchestrator.journal.views.refusals import REFUSED_CALLBACKS, refused_callbacks
from orchestrator.journal.views.view import View
from orchestrator.model.call import Attempt, DueCall, NewAttempt, Scope
from orchestrator.model.errors import TakenOver
from orchestrator.model.events import Event, EventType, rfc3339
from orchestrator.model.hold import HoldKind
from orchestrator.model.number import DndMark
from orchestrator.model.outcome import Disposition, may_have_rung
from orchestrator.model.record import AttemptRecord
from orchestrator.model.refusal import Refusal
from orchestrator.policy.pace import INTENT_TO_FIRST_BYTE, Cap, CapKind, Kept, next_slot

SUPPRESSED = f"EXISTS (SELECT 1 FROM suppressed WHERE number IN ({AGENT_NUMBER}, {PERSON_NUMBER}))"  # noqa: S608 - constants only
"""Whether somebody said never to ring one of the call's numbers again."""

HELD = (
    "EXISTS (SELECT 1 FROM holds WHERE holds.ended IS NULL"
    " AND (holds.plan = 0 OR (holds.plan = calls.plan AND holds.edition = calls.edition)))"
)
"""Whether a halt, a pause or a cancellation keeps the call's edition from dialing."""

CLAIMABLE = (
    f"SELECT key, pair FROM calls WHERE state = 'due' AND NOT {UNSETTLED} AND NOT {SUPPRESSED} AND NOT {HELD}"  # noqa: S608
    " AND NOT EXISTS ("
    f"   SELECT 1 FROM calls held WHERE held.pair = calls.pair AND held.key <> calls.key AND {KEEPS_PAIR}) AND key IN"
)
"""Selects which of some calls may be claimed at a moment; their keys follow."""

CLAIM = (
    "UPDATE calls SET state = 'open', run = ?, reason = NULL, disposition = 'waiting', pair_free_at = ?,"
    " rung = rung + 1 WHERE key = ?"
)

COUNT_RUNG = (
    f"UPDATE calls SET rung = (SELECT count(*) FROM attempts a WHERE a.call = calls.key AND {MAY_HAVE_RUNG})"  # noqa: S608
    " WHERE key = ?"
)
"""Counts anew the attempts of a call that may have rung."""

SAVE_SLOT = (
    "INSERT INTO pace (cap, last, hold) VALUES (?, ?, ?)"
    " ON CONFLICT (cap) DO UPDATE SET last = excluded.last, hold = excluded.hold"
)


class WritableDatabase(Database, Protocol):
    """A connection that hears of every row it changes."""

    def changes(self) -> Changes:
        """Return what this connection changes; it is listened to from the first call of this on."""


class Transaction:
    """The open transaction, to be sealed before it is committed.

    `events` gathers what was appended, and `followed` what was changed, for whoever follows commits. `others` is how
    often its writer has found that others had committed: who judged by what they remember of an earlier time judges
    again. `newest` is the last event as it began, asked for where it is not given.
    """

    def __init__(self, db: WritableDatabase, others: int = 0, newest: Head | None = None) -> None:
        self._db, self.others = db, others
        self.events: list[Event] = []
        self.followed = Followed(frozenset(), {}, {})
        self._new_events = NewEvents(db, newest)  # of this transaction only: one that was rolled back left others
        self._changes = db.changes()
        self._changes.forget()  # another transaction on this connection may have been rolled back
        self._slots: dict[str, Kept] = {}  # caps of the pace, as they stand in this transaction
        self._unsaved_slots: set[str] = set()
        self._named: tuple[int, Sequence[Cap], Mapping[CapKind, str]] | None = None  # a plan's caps, by name
        self._dialer: tuple[int, int | None] | None = None  # of a plan, the run that dials

    @property
    def db(self) -> Database:
        """The connection, for whoever asks what no method here does: the events that were appended are there then."""
        self._new_events.write()
        return self._db

    @property
    def newest(self) -> Head | None:
        """The last event as this transaction leaves it; None where it has not asked."""
        return self._new_events.newest

    @property
    def view(self) -> View:
        """What people ask, answered as this transaction has left the journal so far."""
        return View(self.db)

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
        self._new_events.append(kind.value, at, run, call, attempt, dump_flat(event.data))
        self.events.append(event)

    def seal(self) -> None:
        """Let the last event say how the tables stand; to be called when all is done, right before the commit.

        What was changed without an event gets one: nobody but the chain needs to hear of it.
        """
        db, events = self._db, self._new_events
        if self._unsaved_slots:
            db.executemany(SAVE_SLOT, [(name, *astuple(self._slots[name])) for name in sorted(self._unsaved_slots)])
            self._unsaved_slots.clear()
        changed, self.followed = self._changes.take()
        sums = sums_with(db, changed)
        unsaid = sorted(changed.keys() - UNCHAINED.keys())
        if unsaid and not events.has_any():
            last = db.execute("SELECT at FROM events ORDER BY seq DESC LIMIT 1").fetchone()
            at, tables = last[0] if last else "", ", ".join(unsaid)
            events.append(EventType.TABLES_CHANGED.value, at, "", None, None, dump({"tables": tables}))
        if events.has_any():
            events.seal(seal_of(sums))

    def begin_attempts(self, scope: Scope, wanted: Sequence[NewAttempt]) -> list[int | None]:
        """Commit intents, each of another call: claim the call and insert its next attempt; return their numbers.

        None where the call is no longer due, an attempt of it is not settled, a number of it is suppressed, the edition
        is held, or another open or unknown attempt holds its pair: judged here, inside the transaction, so that no
        second sender can slip between check and claim. Raises TakenOver where a later run has taken the plan over: the
        number of the run that dials is its fence.
        """
        self._check_fence(scope)
        pairs = self._claimable(wanted)
        numbers, opened, kept = list[int | None](), list[NewAttempt](), set[str]()
        for new in wanted:
            pair = pairs.get(new.call.key)
            if pair is None or pair in kept:
                numbers.append(None)
            else:
                kept.add(pair)
                opened.append(new)
                numbers.append(new.call.attempts + 1)
        self._db.executemany(CLAIM, [(scope.run, new.pair_free_at, new.call.key) for new in opened])
        self._db.executemany(
            "INSERT INTO attempts (call, n, run, person, token, started_at, started) VALUES (?, ?, ?, ?, ?, ?, ?)",
            [
                (call.key, call.attempts + 1, scope.run, call.person, new.token_hash, new.started_at, new.started)
                for new in opened
                for call in (new.call,)
            ],
        )
        for new in opened:
            call, numbers_of = new.call, parties(new.call.fields)
            data = {"from": numbers_of.agent, "to": numbers_of.person or None}
            self.append(EventType.ATTEMPT_STARTED, new.started_at, scope.run_id, call.id, call.attempts + 1, data)
        return numbers

    def _claimable(self, wanted: Sequence[NewAttempt]) -> dict[int, str]:
        """Return of these calls those that may be claimed, with their pairs, by what is committed."""
        now, found = min((new.started for new in wanted), default=0.0), dict[int, str]()
        for some in in_parts([new.call.key for new in wanted]):
            keys = [*some, *[some[-1]] * ((1 << (len(some) - 1).bit_length()) - len(some))]  # few sizes: few statements
            found.update(self._db.execute(f"{CLAIMABLE} ({marks(keys)})", (now, *keys)))
        return found

    def _check_fence(self, scope: Scope) -> None:
        if self._dialer is None or self._dialer[0] != scope.plan:  # nobody else can take it over in this transaction
            row = self._db.execute("SELECT dialer FROM plans WHERE key = ?", (scope.plan,)).fetchone()
            self._dialer = scope.plan, row and row[0]
        if self._dialer[1] != scope.run:
            raise TakenOver

    def attempt(self, call: int, n: int) -> Attempt:
        """Return attempt `n` of the call with key `call`."""
        found = self._find("a.call = ? AND a.n = ?", (call, n))
        if found is None:
            raise LookupError(f"no attempt {n} of call {call}")
        return found

    def last_that_may_have_rung(self, call: int) -> Attempt | None:
        """Return the call's last attempt that may have rung; None where none may."""
        return self._find("a.call = ?", (call,), LATEST_ATTEMPT_QUERY)

    def attempt_by_token(self, token_hash: str) -> Attempt | None:
        """Return the attempt whose callback token has this hash, open or not."""
        return self._find("a.token = ?", (token_hash,))

    def has_sid(self, sid: str) -> bool:
        """Whether any attempt of any plan has this call Sid."""
        return self._db.execute("SELECT 1 FROM attempts WHERE sid = ? LIMIT 1", (sid,)).fetchone() is not None

    def not_found(self, keys: Sequence[int], at: str) -> None:
        """Note for these attempts that a look-up did not show their calls, though it should have."""
        self._db.executemany("UPDATE attempts SET not_found_at = ? WHERE key = ?", [(at, key) for key in keys])

    def _find(self, where: str, values: tuple[int | str, ...], query: str = ATTEMPT_QUERY) -> Attempt | None:
        row = self._db.execute(query + where, values).fetchone()
        return None if row is None else attempt_with_call(row)

    def accept(self, call: int, record: AttemptRecord) -> bool:
        """Write down by what an attempt of a call was accepted; False where something is known of it already."""
        accepted = self._db.execute(
            "UPDATE attempts SET placement = ?, evidence = ?, sid = ?, http_status = ?, placed_at = ?"
            " WHERE call = ? AND n = ? AND placement IS NULL",
            (record.placement, record.evidence, record.sid, record.http_status, record.placed_at, call, record.n),
        )
        return accepted.rowcount == 1

    def save(self, attempt: Attempt, record: AttemptRecord) -> None:
        """Write everything that is known of an attempt by now, and keep the count of those that may have rung."""
        self._db.execute(
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
                attempt.key,
            ),
        )
        if not (may_have_rung(attempt.record.placement) and may_have_rung(record.placement)):
            self._db.execute(COUNT_RUNG, (attempt.call,))

    def close_call(self, call: int, disposition: Disposition, now: float, reason: str | None = None) -> bool:
        """Give a call its disposition at `now`, in epoch seconds.

        Return whether it had been given one before, since it was last due: also one that was taken back since.
        """
        before = self._db.execute("SELECT finished FROM calls WHERE key = ?", (call,)).fetchone()
        self._db.execute(
            "UPDATE calls SET state = 'closed', disposition = ?, reason = ?, finished = ? WHERE key = ?",
            (disposition, reason, now, call),
        )
        return before is not None and before[0] is not None

    def explain_call(self, call: int, reason: str | None) -> None:
        """Give a closed call another reason."""
        self._db.execute("UPDATE calls SET reason = ? WHERE key = ? AND state = 'closed'", (reason, call))

    def reopen_call(self, call: int) -> None:
        """Wait for a call's ending again: its unknown attempt turned out to have been placed.

        That it was finished once stays: its end was told, and the next one corrects that.
        """
        self._db.execute(
            "UPDATE calls SET state = 'open', disposition = 'waiting', reason = NULL WHERE key = ?",
            (call,),
        )

    def rung(self, call: int, scope: Scope) -> int:
        """Return how many attempts of a call may have rung; 0 for one of another edition, or that the plan dropped."""
        row = self._db.execute(
            "SELECT rung FROM calls WHERE key = ? AND plan = ? AND edition = ? AND loaded_by = ?",
            (call, scope.plan, scope.edition, scope.load),
        ).fetchone()
        return 0 if row is None else int(row[0])

    def facts(self, call: DueCall) -> CallQueries:
        """Return the questions that guards ask about a call, answered inside this transaction."""
        return CallQueries(self._db, call)

    def is_due(self, call: int) -> bool:
        """Whether a call waits to be dialed."""
        return self._db.execute("SELECT 1 FROM calls WHERE key = ? AND state = 'due'", (call,)).fetchone() is not None

    def hold(self, kind: HoldKind, plan: int, edition: str, reason: str, by: str, now: float) -> bool:
        """Keep an edition (plan 0: every plan) from dialing, from `now` in epoch seconds; False where it is held so."""
        began = self._db.execute(
            "INSERT INTO holds (kind, plan, edition, reason, by, began, began_at) VALUES (?, ?, ?, ?, ?, ?, ?)"
            " ON CONFLICT DO NOTHING",
            (kind, plan, edition, reason, by, now, rfc3339(now)),
        )
        return began.rowcount == 1

    def halt(self, scope: Scope, reason: str, now: float) -> bool:
        """Hold the edition until somebody resumes it with a reason; False where a halt stands already."""
        began = self.hold("halted", scope.plan, scope.edition, reason, "", now)
        if began:
            self.append(EventType.RUN_HALTED, rfc3339(now), scope.run_id, data={"reason": reason})
        return began

    def close_due(self, plan: int, edition: str, reason: str) -> int:
        """Close what is due in an edition, each call with its last ending if it ever rang; return how many."""
        return self._db.execute(
            f"UPDATE calls SET state = 'closed', disposition = {LAST_WORD}, reason = ?"  # noqa: S608
            " WHERE plan = ? AND edition = ? AND state = 'due'",
            (reason, plan, edition),
        ).rowcount

    def close_undialed(self, scope: Scope, reason: str) -> int:
        """Close what the edition has not dialed, until a later run takes it up again; return how many.

        Calls that rang and wait for their redial stay due: they have no other word yet.
        """
        return self._db.execute(
            "UPDATE calls SET state = 'closed', disposition = 'not-dialed', reason = ?"  # noqa: S608
            f" WHERE plan = ? AND edition = ? AND state = 'due' AND NOT {CALL_MAY_HAVE_RUNG}",
            (reason, scope.plan, scope.edition),
        ).rowcount

    def put_back(self, call: int, not_before: float, reason: str | None) -> None:
        """Make a call due again, not before the given epoch second, nor before its plan's own."""
        self._db.execute(
            f"UPDATE calls SET state = 'due', disposition = 'waiting', not_before = {later('earliest', '?')},"  # noqa: S608
            " reason = ?, finished = NULL WHERE key = ?",
            (not_before, not_before, reason, call),
        )

    def note_numbers(self, marks: Iterable[tuple[str, DndMark]], now: float, at: str) -> None:
        """Remember what the carrier said of numbers (account and identity) at `now`, in epoch seconds."""
        self._db.executemany(
            "INSERT INTO numbers (person, dnd, asked, asked_at) VALUES (?, ?, ?, ?) ON CONFLICT (person) DO UPDATE"
            " SET dnd = excluded.dnd, asked = excluded.asked, asked_at = excluded.asked_at",
            [(person, mark.value, now, at) for person, mark in marks],
        )

    def end_run(self, scope: Scope, at: str, exit_code: int, unmet: Sequence[str] = ()) -> None:
        """Close the run. `unmet` says of each wish that was not fulfilled what was wished, and what it is."""
        self._db.execute("UPDATE runs SET ended_at = ?, exit_code = ? WHERE key = ?", (at, exit_code, scope.run))
        told = {"unmet": "; ".join(unmet)} if unmet else {}
        self.append(EventType.RUN_ENDED, at, scope.run_id, data={"exit_code": exit_code, **told})

    def take_slots(
        self, plan: int, caps: Sequence[Cap], now: float, lead: float, within: float, most: int = 1
    ) -> tuple[list[float], float]:
        """Take the next `most` slots of the pace under all `caps` at once; return them, and when the one after them is.

        What one process takes, no other one has; a restart finds what was taken. Times are epoch seconds, `now` the
        wall's at this moment. No slot is before `now + lead`; one that is more than `within` seconds away is only told:
        ask again `within` seconds before it. `plan` is the key of the plan that dials.
        """
        names = self._cap_names(plan, caps)
        kept = {kind: self._rebased(name, now) for kind, name in names.items()}
        taken: list[float] = []
        at, gap = next_slot(caps, kept, now, lead), max(cap.gap for cap in caps)
        while len(taken) < most and at <= now + within:
            taken.append(at)
            at += gap
        if taken:
            for kind, name in names.items():
                self._keep_slot(name, Kept(taken[-1], kept[kind].hold))
        return taken, at

    def hold_slots(self, plan: int, cap: Cap, until: float) -> None:
        """Give out no slot under a cap before an epoch second. A longer hold that stands already goes on."""
        (name,) = self._cap_names(plan, (cap,)).values()
        row = self._last_slot(name)
        if until > row.hold:
            self._keep_slot(name, Kept(row.last, until))

    def _cap_names(self, plan: int, caps: Sequence[Cap]) -> Mapping[CapKind, str]:
        """Return the names of a plan's caps by their kinds; nearly always those that were asked for last."""
        known = self._named
        if known is None or known[0] != plan or known[1] is not caps:
            account = self._db.execute("SELECT account FROM plans WHERE key = ?", (plan,)).fetchone()[0]
            names = {cap.kind: f"plan:{plan}" if cap.kind == "plan" else f"{cap.kind}:{account}" for cap in caps}
            self._named = known = plan, caps, names
        return known[2]

    def _rebased(self, name: str, now: float) -> Kept:
        """Return how a cap stands at a moment, and keep that where the clock was set back."""
        known = self._last_slot(name)
        rebased = known.rebased(now)
        if rebased is not known:
            self._keep_slot(name, rebased)
        return rebased

    def _last_slot(self, name: str) -> Kept:
        """Return a cap's row. Where it is missing the attempts tell when anybody's last request may have left."""
        known = self._slots.get(name)
        if known is None:
            row = self._db.execute("SELECT last, hold FROM pace WHERE cap = ?", (name,)).fetchone()
            if row is not None:
                known = Kept(*row)
            else:
                started = self._db.execute("SELECT max(started) FROM attempts").fetchone()[0]
                known = Kept(0.0 if started is None else started + INTENT_TO_FIRST_BYTE)
            self._slots[name] = known
        return known

    def _keep_slot(self, name: str, now: Kept) -> None:
        """Note how a cap's row stands, to be written once, at the end of the transaction."""
        self._slots[name] = now
        self._unsaved_slots.add(name)

    def add_refused(self, counts: Mapping[Refusal, int], at: str) -> None:
        """Add to what the receivers refused: one row of the settings, which no stranger can make grow."""
        known = refused_callbacks(self._db).counts
        sums = {why: known.get(why, 0) + counts.get(why, 0) for why in Refusal}
        self.set_meta(REFUSED_CALLBACKS, dump({"counts": sums, "last_at": at}))

    def set_meta(self, key: str, value: str) -> None:
        """Remember one setting of the journal."""
        self._db.execute(
            "INSERT INTO meta VALUES (?, ?) ON CONFLICT (key) DO UPDATE SET value = excluded.value",
            (key, value),
        )
