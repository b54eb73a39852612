"""How the calls of an edition came to be made as they were: policy, holds, approvals, and what was once unknown."""

from collections import Counter
from collections.abc import Iterator
from itertools import islice

from orchestrator.journal.chain import head
from orchestrator.journal.codec import MOST_ASKED, event_data
from orchestrator.journal.database import Database
from orchestrator.journal.guard_queries import EVERY_PLAN
from orchestrator.journal.past_calls import PastCalls, calls_before_edition
from orchestrator.journal.views.approvals import Approvals
from orchestrator.journal.views.results import meant
from orchestrator.model.background import Background, PastHold
from orchestrator.model.call import Scope
from orchestrator.model.events import EventType
from orchestrator.model.outcome import Placement
from orchestrator.model.policy import Policy
from orchestrator.model.policy_json import policy_from_json
from orchestrator.model.record import Part
from orchestrator.model.target import Rates
from orchestrator.policy.units import LONGEST


class Backgrounds:
    """What stands behind the calls of editions."""

    def __init__(self, db: Database) -> None:
        self._db = db

    def of(self, scope: Scope, part: Part) -> Background:
        """Return what stands behind the calls that are meant."""
        text, digest = self._db.execute("SELECT policy, digest FROM runs WHERE key = ?", (scope.run,)).fetchone()
        policies = self._db.execute(
            "SELECT policy, count(*) FROM runs WHERE plan = ? AND edition = ? GROUP BY policy",
            (scope.plan, scope.edition),
        ).fetchall()
        policy = _policy(text)
        others = [other for each, _ in policies if each != text and (other := _policy(each)) is not None]
        return Background(
            policy=policy,
            head=f"sha256:{head(self._db).hash}",
            runs=sum(count for _, count in policies),
            had_another_pace=policy is not None and any(other.pace != policy.pace for other in others),
            holds=self._holds(scope),
            approvals=Approvals(self._db).of(digest),
            rates=self._rates(scope),
            once_unknown=self._once_unknown(scope, part),
        )

    def _holds(self, scope: Scope) -> tuple[PastHold, ...]:
        """Return what held the edition since its first run began."""
        rows = self._db.execute(
            "SELECT kind, reason, by, began_at, ended_at, plan = ? FROM holds"
            " WHERE ((plan = ? AND edition = ?) OR plan = ?)"
            " AND coalesce(ended_at, '9') > (SELECT min(started_at) FROM runs WHERE plan = ? AND edition = ?)"
            " ORDER BY key",
            (EVERY_PLAN, scope.plan, scope.edition, EVERY_PLAN, scope.plan, scope.edition),
        )
        return tuple(
            PastHold(kind, reason, by, began, ended, bool(whole)) for kind, reason, by, began, ended, whole in rows
        )

    def past_calls(self, scope: Scope) -> PastCalls:
        """Return what was known of the plan's calls before the first run of the edition."""
        return calls_before_edition(self._db, scope)

    def _rates(self, scope: Scope) -> Rates | None:
        """Return what talk cost on the run's target, as its first event says."""
        rows = self._db.execute(
            f"SELECT e.data FROM events e {self._db.by('events_of_runs')} JOIN runs r ON r.id = e.run"  # noqa: S608
            " WHERE e.call IS NULL AND e.type = ? AND r.key = ?",
            (EventType.RUN_STARTED, scope.run),
        )
        return next((Rates.read(str(event_data(text).get("rates"))) for (text,) in rows), None)

    def _once_unknown(self, scope: Scope, part: Part) -> dict[str, int]:
        """Count the attempts that an event says were unknown, by what the journal says of them now."""
        where, values = meant(self._db, scope, part)
        found: Counter[str] = Counter()
        attempts = self._said_unknown(scope)
        while batch := list(islice(attempts, MOST_ASKED)):
            asked = ", ".join("?" * len(batch))
            rows = self._db.execute(
                "SELECT c.id, a.n, a.placement, a.evidence FROM calls c JOIN attempts a ON a.call = c.key"  # noqa: S608
                f" WHERE {where} AND c.id IN ({asked})",
                (*values, *(call for call, _ in batch)),
            )
            wanted = set(batch)
            found.update(_became(placement, evidence) for id_, n, placement, evidence in rows if (id_, n) in wanted)
        return dict(sorted(found.items(), key=lambda item: (-item[1], item[0])))

    def _said_unknown(self, scope: Scope) -> Iterator[tuple[str, int]]:
        """Yield the call's id and the number of each attempt of the edition's runs whose outcome was unknown."""
        mine = {
            run
            for (run,) in self._db.execute(
                "SELECT id FROM runs WHERE plan = ? AND edition = ?", (scope.plan, scope.edition)
            )
        }
        rows = self._db.execute(
            "SELECT call, attempt, run, data FROM events WHERE type = ? AND data LIKE ? ORDER BY seq",
            (EventType.ATTEMPT_PLACED.value, f'%"placement":"{Placement.UNKNOWN.value}"%'),
        )
        return ((call, n) for call, n, run, data in rows if str(event_data(data).get("begun") or run) in mine)


def _policy(text: str) -> Policy | None:
    """Read a run's policy; None for one that no plan can have, in a damaged journal."""
    try:
        policy = policy_from_json(text)
    except ValueError:
        return None
    pace = policy.pace
    return None if pace is not None and not (pace.count > 0 and 0 < pace.seconds <= LONGEST) else policy


def _became(placement: str | None, evidence: str | None) -> str:
    if placement in (None, Placement.UNKNOWN):
        return Placement.UNKNOWN.value
    return f"{'found' if placement == Placement.ACCEPTED else 'not placed'} by {evidence or 'nobody'}"
