"""Compares the tables of calls and attempts with the events that report them, side by side in one order."""

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, field
from itertools import chain, groupby
from operator import attrgetter, itemgetter
from typing import Any, NamedTuple

from orchestrator.exotel.call_fields import NUMBERS
from orchestrator.journal.codec import decoded, event_data
from orchestrator.journal.database import Database
from orchestrator.journal.due_queries import ENDINGS
from orchestrator.journal.guard_queries import CANCELLED
from orchestrator.journal.sqlite.connection import Connection
from orchestrator.journal.sqlite.plain_calls import set_plain_calls_aside
from orchestrator.journal.verify.finding import IntegrityFinding, differs
from orchestrator.model.events import EventType, rfc3339
from orchestrator.model.outcome import Disposition, may_have_rung

Key = tuple[int, bytes, bytes]
"""Plan, edition and call id; texts as SQLite compares them."""

Row = tuple[Any, ...]
"""The columns behind the key."""

CALLS = (
    "SELECT c.plan, c.edition, c.id, c.state, c.disposition, c.reason, c.fields, c.rung, c.finished,"
    " a.n, r.id, a.started_at, a.placement, a.evidence, a.sid, a.http_status, a.ending, a.duration"
    " FROM calls c LEFT JOIN attempts a ON a.call = c.key LEFT JOIN runs r ON r.key = a.run"
    " WHERE NOT EXISTS (SELECT 1 FROM plain WHERE plain.key = c.key)"
    " ORDER BY c.plan, c.edition, c.id, a.n"
)

EVENTS = (
    "SELECT r.plan, r.edition, e.call, e.seq, e.type, e.at, e.run, e.attempt, e.data"
    " FROM odd CROSS JOIN events e LEFT JOIN begun b ON b.seq = e.seq CROSS JOIN runs r"  # CROSS: in this order
    " WHERE e.call = odd.call AND r.id = coalesce(b.run, e.run)"
    " ORDER BY r.plan, r.edition, e.call, e.seq"
)
"""An event speaks of a call of the edition of the run that began the attempt."""

NAMES_ANOTHER_RUN = (
    "SELECT e.seq, e.data FROM odd CROSS JOIN events e WHERE e.call = odd.call AND e.data LIKE '%\"begun\":%'"
)
"""Selects the events that may name the run that began the attempt, as few of a million do."""

COLUMNS = ("run", "started_at", "placement", "evidence", "sid", "http_status", "ending", "duration")
"""What is compared of an attempt, in the order of CALLS."""

_columns = attrgetter(*COLUMNS)

WAITS = (Disposition.WAITING, Disposition.NOT_DIALED, Disposition.SUPPRESSED)
"""What a call that nobody may have heard of can become without an event: its plan, lists and window decide."""


NOT_RUNG = (Disposition.REJECTED, Disposition.NOT_DIALED, Disposition.SUPPRESSED)
"""Endings of a call after which a later run may dial it."""

STARTED, PLACED, SETTLED = EventType.ATTEMPT_STARTED, EventType.ATTEMPT_PLACED, EventType.ATTEMPT_SETTLED
PROPOSED, HEARD = EventType.ATTEMPT_PROPOSED, EventType.CALLBACK_RECEIVED
ENDS = (EventType.CALL_ENDED, EventType.CALL_CORRECTED)
BILLED, WAITING = EventType.ATTEMPT_BILLED, EventType.CALL_WAITING

OUTCOME = ("placement", "evidence", "sid", "http_status", "ending", "duration")
"""Fields of `attempt.placed`, `.settled`, `.billed`, `call.waiting`, `.ended` and `.corrected`: what its row holds."""


@dataclass(slots=True)
class ReportedAttempt:
    """One attempt by its events; `seq` is the last that speaks of it. `numbers` are From and To.

    `goes_on`: it ended, and `call.waiting` said that its call may start again.
    """

    seq: int
    run: str | None = None
    started_at: str | None = None
    numbers: tuple[object, object] = (None, None)
    placement: str | None = None
    evidence: str | None = None
    sid: str | None = None
    http_status: int | None = None
    ending: str | None = None
    duration: int | None = None
    goes_on: bool = False

    @property
    def is_live(self) -> bool:
        """Whether it may have rung, and nobody knows how it ended."""
        return may_have_rung(self.placement) and self.ending is None

    def agrees(self, column: str, value: object) -> bool:
        """Whether a column of its row is what was reported; a duration may be learnt later, without an event."""
        reported = getattr(self, column)
        return bool(value == reported) or (column == "duration" and reported is None)


class ReportedEnd(NamedTuple):
    """The last `call.ended` or `call.corrected` that nothing followed."""

    seq: int
    at: str
    disposition: str | None
    reason: str | None


@dataclass(slots=True)
class ReportedCall:
    """One call by its events. `end` is None while it goes on.

    `perhaps_reopened`: a callback came after it; `reworded`: its reason grew by a proposal after it.
    """

    seq: int | None = None
    attempts: dict[int, ReportedAttempt] = field(default_factory=dict)
    end: ReportedEnd | None = None
    perhaps_reopened: bool = False
    reworded: bool = False

    @property
    def last_attempt(self) -> ReportedAttempt | None:
        """The attempt with the highest number."""
        return self.attempts[max(self.attempts)] if self.attempts else None

    @property
    def last_rung(self) -> ReportedAttempt | None:
        """The last attempt that a person may have heard: from the first one on the call's numbers stay."""
        rung = [n for n, attempt in self.attempts.items() if may_have_rung(attempt.placement)]
        return self.attempts[max(rung)] if rung else None

    def _rang_later(self, n: int | None) -> bool:
        """Whether an attempt after the n-th may have rung: that one has the last word, whatever becomes of the n-th."""
        return n is not None and any(m > n and may_have_rung(later.placement) for m, later in self.attempts.items())

    def _attempt(self, n: int, seq: int) -> ReportedAttempt:
        attempt = self.attempts.get(n)
        if attempt is None:
            attempt = self.attempts[n] = ReportedAttempt(seq)
        attempt.seq = seq
        return attempt

    def take(self, seq: int, kind: str, at: str, run: str, n: int | None, data: Mapping[str, Any]) -> None:
        """Take the call's next event; those of a kind that changes nothing here are let pass."""
        self.seq = seq
        attempt = None if n is None else self._attempt(n, seq)
        if kind in ENDS:
            self.end = ReportedEnd(seq, at, data.get("disposition"), data.get("reason"))
            self.perhaps_reopened = self.reworded = False
        elif kind in (STARTED, WAITING) or (kind == SETTLED and not self._rang_later(n)):
            self.end = None
        elif kind == PROPOSED:
            self.reworded = True
        if attempt is None:
            return
        if kind == STARTED:
            attempt.run, attempt.started_at = run, at
            attempt.numbers = (data.get("from"), data.get("to"))
        elif kind == HEARD:
            attempt.sid = attempt.sid or data.get("sid")
            self.perhaps_reopened = self.perhaps_reopened or attempt.ending is None
        elif kind in (PLACED, SETTLED, BILLED, WAITING, *ENDS):
            attempt.goes_on = kind == WAITING or (attempt.goes_on and kind not in ENDS)
            for name in OUTCOME:
                if name in data:
                    setattr(attempt, name, data[name])


def calls_against_events(db: Connection) -> Iterator[IntegrityFinding]:
    """Yield calls and attempts that are missing, unheard of, or not what the last events say."""
    set_plain_calls_aside(db)
    yield from others_against_events(db)


def others_against_events(db: Database) -> Iterator[IntegrityFinding]:
    """Judge the calls that are not in the temporary table `plain`, by the events of those whose ids are in `odd`."""
    _find_begun(db)
    for key, rows, events in _together(_grouped(db.execute(CALLS)), _grouped(db.execute(EVENTS))):
        reported = ReportedCall()
        for seq, kind, at, run, n, data in events:
            reported.take(seq, kind, at, run, n, event_data(data))
        name = f"call {key[2].decode('utf-8', 'surrogateescape')}"
        attempts = {row[6]: row[7:] for row in rows if row[6] is not None}
        yield from _attempts(name, attempts, reported)
        if rows:
            yield from _call(name, rows[0], reported)
            yield from _count(name, rows[0][4], attempts, reported)
            yield from _finish(name, rows[0][1], rows[0][5], reported)


def _find_begun(db: Database) -> None:
    """Fill the temporary table `begun` with the events that name the run that began their attempt, and that run."""
    db.execute("CREATE TEMP TABLE IF NOT EXISTS begun (seq INTEGER PRIMARY KEY, run TEXT NOT NULL)")
    db.execute("DELETE FROM begun")
    for seq, text in db.execute(NAMES_ANOTHER_RUN).fetchall():
        run = event_data(text).get("begun")
        if isinstance(run, str) and run.isascii():  # as a run's id is; that another was altered is told by the chain
            db.execute("INSERT INTO begun VALUES (?, ?)", (seq, run))


def _attempts(name: str, rows: dict[int, Row], reported: ReportedCall) -> Iterator[IntegrityFinding]:
    for n in sorted(rows.keys() | reported.attempts.keys()):
        attempt = reported.attempts.get(n)
        if attempt is not None and _columns(attempt) == rows.get(n):
            continue  # of a million nearly all
        what = f"{name}, attempt {n}"
        if attempt is None or attempt.started_at is None:
            yield IntegrityFinding(what, attempt.seq if attempt else None, "no event reports its start")
        elif n not in rows:
            yield IntegrityFinding(what, attempt.seq, "events report it, and its row is missing")
        else:
            for column, value in zip(COLUMNS, rows[n], strict=True):
                if not attempt.agrees(column, value):
                    yield IntegrityFinding(what, attempt.seq, differs(column, value, getattr(attempt, column)))


def _call(name: str, row: Row, reported: ReportedCall) -> Iterator[IntegrityFinding]:
    state, disposition, reason, fields = row[:4]
    last, end = reported.last_attempt, reported.end
    if (state == "closed") == (disposition == Disposition.WAITING):
        yield IntegrityFinding(name, reported.seq, f"it cannot be `{state}` and `{disposition}` at once")
    if state == "due" and last is not None and last.is_live:
        yield IntegrityFinding(name, last.seq, "it is due, while an attempt of it may still be live")
    if disposition not in _possible(reported, last):
        stands = end.disposition if end else Disposition.WAITING
        yield IntegrityFinding(name, end.seq if end else reported.seq, differs("disposition", disposition, stands))
    elif end and disposition not in WAITS and not reported.reworded and reason != end.reason:
        yield IntegrityFinding(name, end.seq, differs("reason", reason, end.reason))
    if last is not None and reported.last_rung is not None and not _are_in(last.numbers, fields):
        yield IntegrityFinding(name, last.seq, "its From or To is not what the event says was dialed")


def _count(name: str, rung: object, attempts: dict[int, Row], reported: ReportedCall) -> Iterator[IntegrityFinding]:
    placement = COLUMNS.index("placement")
    counted = sum(may_have_rung(attempt[placement]) for attempt in attempts.values())
    if rung != counted:
        yield IntegrityFinding(
            name, reported.seq, f"{rung} attempts are counted as such that may have rung, and {counted} may"
        )


def _finish(name: str, disposition: str, finished: object, reported: ReportedCall) -> Iterator[IntegrityFinding]:
    """Compare when a call was finished by an ending: halts look at those that were finished last."""
    end = reported.end
    if end is None or disposition != end.disposition or disposition not in ENDINGS or end.reason == CANCELLED:
        return
    try:
        at = rfc3339(finished) if isinstance(finished, float) else None
    except (ValueError, OverflowError):
        at = str(finished)
    if at != end.at:
        yield IntegrityFinding(name, end.seq, differs("finished", at, end.at))


def _possible(reported: ReportedCall, last: ReportedAttempt | None) -> tuple[str | None, ...]:
    """Return the dispositions that a call may have after its events."""
    end, rung = reported.end, reported.last_rung
    if end is None:
        if last is not None and last.is_live:
            return (Disposition.WAITING,)
        # it waits for its redial, or nobody wants one any more: its plan dropped it, or a person cancelled
        return (Disposition.WAITING, rung.ending) if rung is not None and rung.goes_on else WAITS
    if end.disposition in NOT_RUNG:
        return (end.disposition, *WAITS)  # a later run dials it again, or does not
    again = reported.perhaps_reopened or end.reason == CANCELLED
    return (end.disposition, Disposition.WAITING) if again else (end.disposition,)


def _are_in(numbers: tuple[object, object], fields: str) -> bool:
    """Whether a call's `fields` have this From and To."""
    if all(f'["{name}","{number}",' in fields for name, number in zip(NUMBERS, numbers, strict=True)):
        return True  # nearly all of a million: the text need not be read
    try:
        values = {name: value for name, value, _ in decoded(fields)}
    except (ValueError, TypeError):
        return False
    return tuple(map(values.get, NUMBERS)) == numbers


def _grouped(rows: Iterable[Row]) -> Iterator[tuple[Key, list[Row]]]:
    """Yield each call's rows without their key."""
    for (plan, edition, call), group in groupby(rows, key=itemgetter(0, 1, 2)):
        key = (plan, edition.encode("utf-8", "surrogateescape"), call.encode("utf-8", "surrogateescape"))
        yield key, [row[3:] for row in group]


def _together(
    left: Iterator[tuple[Key, list[Row]]], right: Iterator[tuple[Key, list[Row]]]
) -> Iterator[tuple[Key, list[Row], list[Row]]]:
    """Walk along two streams in one order; one that lacks a key has no rows for it."""
    one, other = next(left, None), next(right, None)
    while one and other:
        if one[0] == other[0]:
            yield *one, other[1]
            one, other = next(left, None), next(right, None)
        elif one[0] < other[0]:
            yield *one, []
            one = next(left, None)
        else:
            yield other[0], [], other[1]
            other = next(right, None)
    for key, rows in chain([one] if one else [], left):
        yield key, rows, []
    for key, rows in chain([other] if other else [], right):
        yield key, [], rows
