"""Single calls: found by what a person knows of them, and told from their first event to their last."""

from collections.abc import Iterator, Sequence
from itertools import islice
from typing import NamedTuple

from orchestrator.exotel.call_fields import parties, reference
from orchestrator.journal.codec import (
    ATTEMPT_QUERY,
    attempt_with_call,
    carry_from_text,
    disposition_from_text,
    dump,
    event_data,
    event_from_row,
    fields_from_text,
)
from orchestrator.journal.database import Database
from orchestrator.journal.guard_queries import CANCELLED, standing_holds
from orchestrator.journal.views.editions import Editions
from orchestrator.model.call import Attempt, Field
from orchestrator.model.events import Event, EventType, rfc3339
from orchestrator.model.story import CALLS_OF_A_NAME, CallNamed, Edition, Story
from orchestrator.phone.numbers import identity, read

OF_NUMBERS = (EventType.NUMBER_SUPPRESSED, EventType.NUMBER_RELEASED)
"""Events that are of a number, whatever run they stand under."""

EVENT = "seq, type, at, run, call, attempt, data"

EventRow = tuple[int, str, str, str, str | None, int | None, str]
"""What EVENT selects."""


class Calls:
    """The journal's calls."""

    def __init__(self, db: Database) -> None:
        self._db = db

    def known_by(self, name: str) -> list[CallNamed]:
        """Return the calls that a text names, the latest first: by their To, else From, else a Sid, else CustomField.

        A number is found in whatever spelling it was dialed, and is asked for.
        """
        number, found = read(name), list[CallNamed]()
        if number is not None:
            found = self._with_number("person", number.identity) or self._with_number("agent", number.identity)
        found = found or self._found("c.key IN (SELECT call FROM attempts WHERE sid = ?)", name)
        return found or self._found("c.fields LIKE ? ESCAPE '!'", f"%{_literally(dump(name))}%", custom=name)

    def _with_number(self, column: str, number: str) -> list[CallNamed]:
        """Find calls by their From or To on every account that the journal knows."""
        known = [f"{row[0]}:{number}" for row in self._db.execute("SELECT DISTINCT account FROM plans")]
        return self._found(f"c.{column} IN ({', '.join('?' * len(known))})", *known) if known else []

    def _found(self, condition: str, *values: str, custom: str | None = None) -> list[CallNamed]:
        rows = self._db.execute(
            "SELECT p.name, c.edition, c.id, c.fields FROM calls c JOIN plans p ON p.key = c.plan"  # noqa: S608
            f" WHERE {condition} ORDER BY c.key DESC",
            values,
        )
        named = (row for row in rows if custom is None or reference(fields_from_text(row[3])) == custom)
        return [CallNamed(*row[:3]) for row in islice(named, CALLS_OF_A_NAME)]

    def stories(self, call: str, run: str | None, now: float, *, only: str | None = None) -> Iterator[Story]:
        """Stream the story of every call of this id, the latest edition first; of `run`'s edition, where it is named.

        `only`: what only that run did. `now` in epoch seconds.
        """
        return (self._story(edition, call, only, now) for edition in Editions(self._db).with_call(call, run))

    def _story(self, edition: Edition, call: str, run: str | None, now: float) -> Story:
        key, last, state, disposition, reason, place, fields, carry, not_before = self._db.execute(
            "SELECT c.key, r.id, c.state, c.disposition, c.reason, c.place, c.fields, c.carry,"
            " c.not_before FROM calls c JOIN runs r ON r.key = c.run"
            " WHERE c.plan = ? AND c.edition = ? AND c.id = ?",
            (edition.plan, edition.edition, call),
        ).fetchone()
        due, asked_for = state == "due", fields_from_text(fields)
        told = self._events(edition, call, run, _End(last, reason, state == "closed"), asked_for)
        return Story(
            id=call,
            plan=edition.name,
            edition=edition.edition,
            run=last,
            state=state,
            disposition=disposition_from_text(disposition),
            reason=reason,
            place=place,
            fields=asked_for,
            carry=carry_from_text(carry),
            not_before=rfc3339(not_before) if due and not_before > now else None,
            holds=standing_holds(self._db, edition.plan, edition.edition) if due else (),
            attempts=self._attempts(key, run),
            requests=self._requests(key),
            events=tuple(event for event in told if event.type != EventType.RUN_WAITING),
            waits=tuple(event for event in told if event.type == EventType.RUN_WAITING),
        )

    def _requests(self, call: int) -> dict[int, tuple[Field, ...]]:
        """Return the requests of attempts that were made before the call's was corrected, by their numbers."""
        rows = self._db.execute(
            "SELECT n, fields FROM attempts WHERE call = ? AND fields IS NOT NULL ORDER BY n", (call,)
        )
        return {n: fields_from_text(fields) for n, fields in rows}

    def _attempts(self, call: int, run: str | None) -> tuple[Attempt, ...]:
        rows = self._db.execute(f"{ATTEMPT_QUERY} a.call = ? AND r.id = coalesce(?, r.id) ORDER BY a.n", (call, run))
        return tuple(map(attempt_with_call, rows))

    def _events(
        self, edition: Edition, call: str, run: str | None, end: "_End", asked_for: Sequence[Field]
    ) -> tuple[Event, ...]:
        """Return a call's own events with those of the runs that dealt with it, in order.

        A run dealt with it that made, heard of or waited with it: not one that came when it had its disposition. An
        attempt of an older edition may be followed by a run of a newer one, which its events then name beside their
        own. What was said to all plans, or of the call's numbers, stands under whichever run was the latest then.
        """
        own, of_runs = self._own_events(edition, call), self._events_of_runs(edition)
        dealt = {row[3] for row in own}
        if not end.final:
            dealt |= {end.run}
        elif end.reason == CANCELLED:
            dealt |= {row[3] for row in of_runs if row[1] == EventType.RUN_CANCELLED}
        ended = own and end.final and own[-1][1] != EventType.CALL_WAITING  # else it waited, and was closed with others
        before = own[-1][0] if ended else float("inf")
        dealt |= {row[3] for row in of_runs if row[1] == EventType.RUN_WAITING and row[0] < before}
        told = {
            row[0]: event_from_row(*row[1:]) for row in (*own, *of_runs) if row[3] in dealt and row[1] not in OF_NUMBERS
        }
        told |= self._to_all({identity(number) for number in parties(asked_for).rung}, before)
        return tuple(event for _, event in sorted(told.items()) if run in (None, event.run, event.data.get("begun")))

    def _own_events(self, edition: Edition, call: str) -> list[EventRow]:
        """Return the events of a call of this id whose attempts runs of the edition began."""
        key = (edition.plan, edition.edition)
        mine = {row[0] for row in self._db.execute("SELECT id FROM runs WHERE plan = ? AND edition = ?", key)}
        rows = self._db.execute(f"SELECT {EVENT} FROM events WHERE call = ? ORDER BY seq", (call,))  # noqa: S608
        return [row for row in rows if str(event_data(row[6]).get("begun") or row[3]) in mine]

    def _events_of_runs(self, edition: Edition) -> list[EventRow]:
        """Return the events of the edition's runs that are no call's."""
        return self._db.execute(
            f"SELECT {EVENT} FROM events {self._db.by('events_of_runs')} WHERE call IS NULL AND run IN"  # noqa: S608
            " (SELECT id FROM runs WHERE plan = ? AND edition = ?) ORDER BY seq",
            (edition.plan, edition.edition),
        ).fetchall()

    def _to_all(self, numbers: set[str], before: float) -> dict[int, Event]:
        """Return what was said to every plan on the journal, or of these numbers, by its place in the journal."""
        rows = self._db.execute(
            f"SELECT {EVENT} FROM events {self._db.by('events_of_runs')}"  # noqa: S608
            " WHERE call IS NULL AND type IN (?, ?, ?, ?) AND seq < ?",
            (EventType.RUN_PAUSED, EventType.RUN_RESUMED, *OF_NUMBERS, before),
        )
        said = {row[0]: event_from_row(*row[1:]) for row in rows}
        return {
            seq: event
            for seq, event in said.items()
            if event.data.get("scope") == "journal" or event.data.get("number") in numbers
        }


class _End(NamedTuple):
    """How a call stands: the last run that touched it, why it is closed, and whether it is."""

    run: str
    reason: str | None
    final: bool


def _literally(text: str) -> str:
    """Return a pattern of LIKE that means the text itself, with `!` before its signs."""
    return "".join(f"!{sign}" if sign in "!%_" else sign for sign in text)
