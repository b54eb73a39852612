"""What the guards must know of a call, of what holds its edition, and of what the edition has used up.

Asked before a call is started, in its intent's transaction, and once more right before its request leaves; what is used
up is what stages, halts and limits are judged by.
"""

from collections.abc import Iterator, Sequence
from datetime import datetime

from orchestrator.journal.codec import MAY_BE_LIVE, MAY_HAVE_RUNG, times_from_text
from orchestrator.journal.database import Database
from orchestrator.model.call import CallTimes, DueCall, Scope
from orchestrator.model.frozen import frozen
from orchestrator.model.hold import Hold, Suppression
from orchestrator.model.number import DndMark
from orchestrator.policy.limits import Spent
from orchestrator.policy.may_start import known_span

EVERY_PLAN = 0
"""The `plan` of a hold on every plan of the journal, also on runs that start later."""

CANCELLED = "cancelled"
"""Why a call is closed that becomes due again on `resume`."""

STANDING = (
    "SELECT kind, reason, by, began_at, plan = 0 FROM holds WHERE ended IS NULL"
    " AND (plan, edition) IN (VALUES (?, ?), (0, ''))"
    " ORDER BY plan = 0, CASE kind WHEN 'halted' THEN 0 WHEN 'cancelled' THEN 1 ELSE 2 END"
)
"""What holds an edition now, the strongest first."""

ENDED = "finished IS NOT NULL AND disposition NOT IN ('unknown', 'rejected', 'not-dialed', 'suppressed')"
"""Whether a call was finished by an ending, in the words of the index."""

WITHOUT_ENDING = "disposition IN ('not-dialed', 'rejected', 'unknown')"
"""Whether a call was closed without one, in the words of the index: few are, where thousands may be in flight."""


@frozen
class CallQueries:
    """Answers about one call and its numbers, over all plans of the journal; its own attempt under way left out."""

    db: Database
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
            f"SELECT count(*) FROM calls {self.db.by('calls_blocking_a_pair')}"  # noqa: S608
            f" WHERE {MAY_BE_LIVE} AND agent = ? AND key <> ?",
            (now, self.call.agent, self.call.key),
        )
        return int(row.fetchone()[0])

    def others_in_flight(self, now: float) -> int:
        """Return how many other calls are in flight on its account."""
        row = self.db.execute(
            f"SELECT count(*) FROM calls {self.db.by('calls_blocking_a_pair')} WHERE {MAY_BE_LIVE} AND key <> ?"  # noqa: S608
            " AND plan IN (SELECT key FROM plans WHERE account = ?)",
            (now, self.call.key, self.call.account),
        )
        return int(row.fetchone()[0])

    def hold(self) -> str | None:
        """Return what keeps its edition from dialing; None where nothing does."""
        row = self.db.execute("SELECT plan, edition FROM calls WHERE key = ?", (self.call.key,)).fetchone()
        hold = None if row is None else standing_hold(self.db, *row)
        return None if hold is None else hold.in_words


def why_suppressed(db: Database, call: int, agent: str, person: str) -> str | None:
    """Return why a call with this key, agent and person (account and identity) is not rung; None where it may be."""
    row = db.execute("SELECT listed FROM calls WHERE key = ?", (call,)).fetchone()
    if row is not None and row[0] is not None:
        return str(row[0])
    because = suppressed_because(db, (_number(agent), _number(person)))
    return None if because is None else f"suppressed because {because}"


def _number(account_and_number: str) -> str:
    return account_and_number.partition(":")[2]


def mark_of(db: Database, person: str, now: float) -> DndMark | None:
    """Return what the carrier says of a number; None where nobody knows, or not recently enough."""
    row = db.execute(
        "SELECT dnd FROM numbers WHERE person = ? AND asked BETWEEN ? AND ?", (person, *known_span(now))
    ).fetchone()
    return None if row is None else DndMark(row[0])


def standing_holds(db: Database, plan: int, edition: str) -> tuple[Hold, ...]:
    """Return what holds an edition now, the strongest first: a halt, a cancellation, its pause, the journal's."""
    rows = db.execute(STANDING, (plan, edition))
    return tuple(Hold(kind, reason, by, began_at, bool(whole)) for kind, reason, by, began_at, whole in rows)


def standing_hold(db: Database, plan: int, edition: str) -> Hold | None:
    """Return the strongest of what holds an edition now; None where nothing does."""
    return next(iter(standing_holds(db, plan, edition)), None)


def holds_on(db: Database, account: str, plan: str, edition: str) -> tuple[tuple[Hold, ...], str]:
    """Return what holds a plan's edition, or the journal, the strongest first, and the id of the edition's latest run.

    The id is empty where it has none.
    """
    row = db.execute(
        "SELECT key, (SELECT id FROM runs WHERE plan = plans.key AND edition = ? ORDER BY key DESC LIMIT 1)"
        " FROM plans WHERE account = ? AND name = ?",
        (edition, account, plan),
    ).fetchone()
    key, run = row or (EVERY_PLAN, None)
    return standing_holds(db, key, edition), run or ""


def last_resumed(db: Database, plan: int, edition: str) -> float:
    """Return the epoch second at which the edition's last halt was lifted, 0 if none was.

    A halt is judged only on what ended after it: else it would come again at once.
    """
    row = db.execute(
        "SELECT coalesce(max(ended), 0.0) FROM holds WHERE kind = 'halted' AND plan = ? AND edition = ?",
        (plan, edition),
    )
    return float(row.fetchone()[0])


def suppression(db: Database, number: str) -> Suppression | None:
    """Return why a number, named by its identity, is not rung; None where it may be."""
    row = db.execute("SELECT because, by, at FROM suppressed WHERE number = ?", (number,)).fetchone()
    return None if row is None else Suppression(*row)


def suppressed_because(db: Database, numbers: Sequence[str]) -> str | None:
    """Return why the first of these identities that is suppressed may not be rung; None where all may."""
    found = (suppression(db, number) for number in numbers)
    return next((item.because for item in found if item is not None), None)


class UsageQueries:
    """Answers how far one edition is, over all its runs, and what it used up.

    Every question may read all of its calls or attempts: who asks often keeps the answer.
    """

    def __init__(self, db: Database, scope: Scope) -> None:
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
            f"FROM calls c {self._db.by('calls_rung')} CROSS JOIN attempts a"  # the calls come first
            f" WHERE a.call = c.key AND c.plan = ? AND c.edition = ? AND c.rung > 0 AND {MAY_HAVE_RUNG}"
        )
        for price, duration, times in self._db.execute(
            f"SELECT a.price, a.duration, count(*) {attempts} AND a.duration IS NOT NULL GROUP BY 1, 2",
            self._edition,
        ):
            yield Spent(price, float(duration), 0.0, times=times)
        rows = self._db.execute(
            f"SELECT a.price, a.ending, c.fields, a.placed_at, a.ended_at {attempts} AND a.duration IS NULL",
            self._edition,
        )
        for price, ending, fields, placed_at, ended_at in rows:
            times = times_from_text(fields)
            most = float(times.talk_seconds)
            if ending is not None and ending != "unseen":
                most = min(most, _seconds_between(placed_at, ended_at))  # its seconds come later, and are no more
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
            f"SELECT disposition FROM calls {self._db.by('calls_finished')} WHERE plan = ? AND edition = ?"  # noqa: S608
            f" AND {ENDED} AND disposition <> 'waiting' AND finished > ? ORDER BY finished DESC LIMIT ?",
            (*self._edition, since, most),
        )
        return [str(row[0]) for row in rows]

    def unknown(self, since: float) -> int:
        """Return how many calls are given up as unknown whose attempt started after `since`, in epoch seconds."""
        return self._count(
            "calls_without_ending",
            f"{WITHOUT_ENDING} AND disposition = 'unknown' AND EXISTS"  # noqa: S608
            " (SELECT 1 FROM attempts a WHERE a.call = calls.key AND a.started > ? AND a.placement = 'unknown')",
            since,
        )

    def rejected(self, since: float = 0.0) -> int:
        """Return how many calls were rejected after `since`, in epoch seconds."""
        which = f"{WITHOUT_ENDING} AND disposition = 'rejected' AND finished > ?"
        return self._count("calls_without_ending", which, since)

    def _redials(self) -> int:
        return self._count("calls_rung", "rung > 0 AND state = 'due'")

    def _count(self, index: str, which: str, *values: float) -> int:
        sql = f"SELECT count(*) FROM calls {self._db.by(index)} WHERE plan = ? AND edition = ? AND {which}"  # noqa: S608
        return int(self._db.execute(sql, (*self._edition, *values)).fetchone()[0])


def _seconds_between(began: str | None, ended: str | None) -> float:
    """Return the seconds between two times in RFC 3339, none where one of them is not known or comes first."""
    if began is None or ended is None:
        return 0.0
    return max(0.0, (datetime.fromisoformat(ended) - datetime.fromisoformat(began)).total_seconds())
