"""Editions of plans: which is meant, which a newer one closed, whether it is over, and where it stands."""

from typing import get_args

from orchestrator.journal.codec import event_data
from orchestrator.journal.database import Database
from orchestrator.journal.due_queries import DueQueries
from orchestrator.journal.guard_queries import CANCELLED, EVERY_PLAN, standing_holds
from orchestrator.journal.views.results import Results
from orchestrator.model.call import Scope
from orchestrator.model.events import EventType, rfc3339
from orchestrator.model.hold import Hold, HoldKind
from orchestrator.model.record import RunRecord
from orchestrator.model.story import Edition, Standing

LATEST_RUN = "(SELECT max(latest.key) FROM runs latest WHERE latest.plan = r.plan AND latest.edition = r.edition)"
"""The key of the latest run of the edition of run `r`."""


class Editions:
    """The editions that the journal knows."""

    def __init__(self, db: Database) -> None:
        self._db = db

    def whole_journal(self) -> Edition:
        """Return what stands for every plan of the journal; its `run` is the latest of all, empty for none."""
        row = self._db.execute("SELECT id FROM runs ORDER BY key DESC LIMIT 1").fetchone()
        return Edition(EVERY_PLAN, "", "", "" if row is None else row[0])

    def of_run(self, run: str) -> Edition:
        """Return the edition that a run is of. Raises LookupError where there is no such run."""
        row = self._db.execute(
            "SELECT p.key, p.name, r.edition, (SELECT id FROM runs WHERE key ="  # noqa: S608 - constants only
            f" {LATEST_RUN}) FROM runs r JOIN plans p ON p.key = r.plan WHERE r.id = ?",
            (run,),
        ).fetchone()
        if row is None:
            raise LookupError(run)
        return Edition(*row)

    def with_call(self, call: str, run: str | None) -> list[Edition]:
        """Return the editions that hold a call of this id, the latest first; of `run`'s only, where one is named."""
        of_run = " AND EXISTS (SELECT 1 FROM runs n WHERE n.id = ? AND n.plan = r.plan AND n.edition = r.edition)"
        rows = self._db.execute(  # each edition is asked for the id: a journal has few of them, and many calls
            "SELECT p.key, p.name, r.edition, r.id FROM runs r JOIN plans p ON p.key = r.plan"  # noqa: S608 - constants only
            " JOIN calls c ON c.plan = r.plan AND c.edition = r.edition AND c.id = ?"
            " WHERE r.key IN (SELECT max(key) FROM runs GROUP BY plan, edition)"
            f"{'' if run is None else of_run} ORDER BY r.key DESC",
            (call,) if run is None else (call, run),
        )
        return [Edition(*row) for row in rows]

    def newest(self, plan: int) -> str:
        """Return the edition of a plan that was run for the first time last: it closes the others."""
        return newest_edition(self._db, plan)

    def superseded_by(self, plan: int, edition: str) -> str | None:
        """Return, in words, the newer edition that closed this one of the plan; None where this is the newest."""
        newest = self.newest(plan)
        return None if newest == edition else edition_in_words(newest)

    def is_over(self, edition: Edition) -> bool:
        """Whether nothing is left of what the plan held last: no call waits, is under way, or was kept back."""
        key = (edition.plan, edition.edition)
        row = self._db.execute(
            "SELECT 1 FROM calls WHERE plan = ? AND edition = ? AND (state <> 'closed' OR reason = ?"
            "   OR (disposition = 'not-dialed' AND (reason IS NULL OR reason <> 'bad row')))"
            " AND loaded_by >= (SELECT load FROM runs WHERE plan = ? AND edition = ? ORDER BY key DESC LIMIT 1)"
            " LIMIT 1",
            (*key, CANCELLED, *key),
        )
        return row.fetchone() is None

    def held(self) -> int:
        """Return how many plans are held by themselves, in the edition that is still dialed."""
        rows = self._db.execute(
            "SELECT DISTINCT plan, edition FROM holds WHERE ended IS NULL AND plan <> ?", (EVERY_PLAN,)
        ).fetchall()
        return sum(self.newest(plan) == edition for plan, edition in rows)

    def standing(self, scope: Scope, run: RunRecord, now: float, *, asked: bool) -> Standing:
        """Return where a plan's edition stands at an epoch second, with its run that was asked for, or the latest."""
        results, edition = Results(self._db), (scope.plan, scope.edition)
        due = results.count(scope, "due")
        runs = self._db.execute("SELECT count(*) FROM runs WHERE plan = ? AND edition = ?", edition).fetchone()[0]
        attempts = self._db.execute("SELECT count(*) FROM attempts WHERE run = ?", (scope.run,)).fetchone()[0]
        dialer = next(self._db.dialers(scope.plan), None)
        (fence,) = self._db.execute("SELECT dialer FROM plans WHERE key = ?", (scope.plan,)).fetchone()
        holds = standing_holds(self._db, *edition)
        next_at, why = self._next(scope, now, holds) if due else (None, None)
        return Standing(
            run=run,
            asked=asked,
            runs=runs,
            totals=results.totals(scope),
            due=due,
            open=results.count(scope, "open"),
            attempts_of_run=attempts,
            alive=dialer is not None and dialer.alive and fence == scope.run and run.ended_at is None,
            dialer=dialer,
            holds=holds,
            next_at=next_at,
            next_why=why,
        )

    def _next(self, scope: Scope, now: float, holds: tuple[Hold, ...]) -> tuple[str | None, str | None]:
        """Return when the next due call may start, and why not before.

        What holds them all, what the journal says of the first that may start, or what the latest run was last told.
        """
        if holds:
            return None, holds[0].kind
        held = max(DueQueries(self._db).next_due(scope) or 0.0, now)
        until, reason = self._last_told(scope)
        if until == "never" or (until is None and reason is not None):
            return None, reason
        if until is not None and until > rfc3339(held):
            return until, reason
        return rfc3339(held), self._why_later(scope, held) if held > now else None

    def _last_told(self, scope: Scope) -> tuple[str | None, str | None]:
        """Return until when, and for what, the edition's latest run last said that its calls wait; None for nothing.

        Without a time it waits for calls that end: that is over where it started one since, or a person held it then.
        """
        row = self._db.execute(
            f"SELECT e.at, e.data, r.key FROM events e {self._db.by('events_of_runs')} JOIN runs r ON r.id = e.run"  # noqa: S608
            " WHERE e.call IS NULL AND e.type = ? AND e.run = (SELECT id FROM runs WHERE plan = ? AND edition = ?"
            "   ORDER BY key DESC LIMIT 1) ORDER BY e.seq DESC LIMIT 1",
            (EventType.RUN_WAITING, scope.plan, scope.edition),
        ).fetchone()
        if row is None:
            return None, None
        at, data, run = row[0], event_data(row[1]), row[2]
        until, reason = data.get("until"), str(data.get("reason"))
        if until is None:
            (started,) = self._db.execute("SELECT max(started_at) FROM attempts WHERE run = ?", (run,)).fetchone()
            if at < (started or "") or reason.startswith(get_args(HoldKind)):
                return None, None
        return until, reason

    def _why_later(self, scope: Scope, held: float) -> str:
        """Return why no due call may start before `held`: what the first says, or another call with its numbers."""
        first, reason = self._db.execute(
            "SELECT not_before, reason FROM calls WHERE plan = ? AND edition = ? AND state = 'due'"
            " ORDER BY not_before LIMIT 1",
            (scope.plan, scope.edition),
        ).fetchone()
        if first < held:
            return "a pair that is held"
        return str(reason or "not_before")


def newest_edition(db: Database, plan: int) -> str:
    """Return the edition of a plan that was run for the first time last: it closes the others."""
    row = db.execute(
        "SELECT edition FROM runs WHERE plan = ? GROUP BY edition ORDER BY min(key) DESC LIMIT 1", (plan,)
    ).fetchone()
    return str(row[0])


def edition_in_words(edition: str) -> str:
    """Return `edition 2`, or what stands for an edition without a name."""
    return f"edition {edition}" if edition else "the plan without an edition"
