"""Runs: found by their id, the beginning of one, their plan, or as those that dial now."""

from collections.abc import Iterator, Sequence
from typing import Any

from orchestrator.journal.codec import event_data
from orchestrator.journal.database import Database
from orchestrator.journal.guard_queries import EVERY_PLAN
from orchestrator.model.call import Scope
from orchestrator.model.policy_json import policy_from_json
from orchestrator.model.record import RunRecord
from orchestrator.model.story import LatestRun, RunLine, RunNamed

NAMED = "SELECT r.id, p.key, p.name, r.edition, p.source, p.account FROM runs r JOIN plans p ON p.key = r.plan"

RECORD = (
    "SELECT r.id, p.name, r.edition, r.digest, r.target, r.started_at, r.ended_at, r.exit_code,"
    " (SELECT value FROM meta WHERE key = 'id'), 'sha256:' || e.hash, e.data, r.calls"
    " FROM runs r JOIN plans p ON p.key = r.plan"
    " LEFT JOIN events e ON e.call IS NULL AND e.run = r.id AND e.type = 'run.ended'"
)


class Runs:
    """The journal's runs."""

    def __init__(self, db: Database) -> None:
        self._db = db

    def by_id(self, run: str) -> RunNamed | None:
        """Return the run of this id; None where there is none."""
        return next(self._named("r.id = ?", run), None)

    def beginning(self, text: str) -> list[RunNamed]:
        """Return the runs whose ids begin so, the latest first."""
        return list(self._named("substr(r.id, 1, ?) = ?", len(text), text))

    def latest(self) -> RunNamed | None:
        """Return the journal's latest run; None where it has none."""
        return next(self._named("r.key = (SELECT max(key) FROM runs)"), None)

    def latest_of(self, plan: str, edition: str | None) -> list[RunNamed]:
        """Return the latest run of every plan of this name, one an account; of one edition where it is given."""
        of_edition, values = ("", ()) if edition is None else (" AND edition = ?", (edition,))
        of_plan = "plan IN (SELECT key FROM plans WHERE name = ?)"
        latest = f"r.key IN (SELECT max(key) FROM runs WHERE {of_plan}{of_edition} GROUP BY plan)"  # noqa: S608
        return list(self._named(latest, plan, *values))

    def that_dial(self) -> list[RunNamed]:
        """Return the runs that go on in a process that lives, the latest first; also those that somebody has paused."""
        dialed = self.plans_dialed()
        return [run for run in self._named("r.key = p.dialer") if run.plan in dialed]

    def plans_dialed(self, plan: int = EVERY_PLAN) -> frozenset[int]:
        """Return the keys of the plans, or only `plan`'s, whose latest run goes on in a process that lives."""
        rows = self._db.execute(
            "SELECT p.key FROM plans p JOIN runs r ON r.key = p.dialer WHERE r.ended_at IS NULL"
        ).fetchall()
        keys = [key for (key,) in rows if plan in (EVERY_PLAN, key)]
        return frozenset(key for key in keys if self.has_dialer(key))

    def has_dialer(self, plan: int) -> bool:
        """Whether a process that lives dials a plan; for EVERY_PLAN, whether one dials any."""
        return any(dialer.alive for dialer in self._db.dialers(plan))

    def lines(self) -> Iterator[RunLine]:
        """Stream the runs, the latest first."""
        return map(_line, self._db.execute(f"{RECORD} ORDER BY r.key DESC"))

    def scope_of(self, run: str) -> Scope:
        """Return which calls a run is about. Raises LookupError where there is none of this id."""
        row = self._db.execute("SELECT plan, edition, key, id, load FROM runs WHERE id = ?", (run,)).fetchone()
        if row is None:
            raise LookupError(run)
        return Scope(*row)

    def record(self, run: str) -> RunRecord:
        """Return one run. Raises LookupError where there is none of this id."""
        row = self._db.execute(f"{RECORD} WHERE r.id = ?", (run,)).fetchone()
        if row is None:
            raise LookupError(run)
        return _line(row).run

    def redialing_of(self, plan: int) -> LatestRun | None:
        """Return a plan's latest run; None where its rules of redialing cannot be read, as in an altered journal."""
        row = self._db.execute(
            "SELECT edition, key, id, load, policy FROM runs WHERE plan = ? ORDER BY key DESC LIMIT 1", (plan,)
        ).fetchone()
        if row is None:
            return None
        *of, policy = row
        try:
            return LatestRun(Scope(plan, *of), policy_from_json(policy, only=("redial",)))
        except ValueError:
            return None

    def _named(self, condition: str, *values: str | int) -> Iterator[RunNamed]:
        rows = self._db.execute(f"{NAMED} WHERE {condition} ORDER BY r.key DESC", values)
        return (RunNamed(*row) for row in rows)


def _line(row: Sequence[Any]) -> RunLine:
    """Read a run selected with RECORD."""
    *known, ended, calls = row
    unmet = None if ended is None else event_data(ended).get("unmet")
    known.append(unmet if isinstance(unmet, str) else None)
    return RunLine(RunRecord(*known), calls)
