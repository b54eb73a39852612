"""Tells `plan` what the journal knows of an edition's calls, as loading them would find it."""

from collections.abc import Iterable, Iterator
from dataclasses import dataclass, replace
from datetime import datetime

from orchestrator.journal.codec import LAST_WORD, MADE_BY_LOSS, MAY_HAVE_RUNG, fields_from_text
from orchestrator.journal.database import Database
from orchestrator.journal.due_queries import ENDINGS
from orchestrator.journal.spool import pair_of, wire
from orchestrator.journal.views.editions import newest_edition
from orchestrator.journal.views.losses import lost_since
from orchestrator.model.call import Field, ResolvedCall
from orchestrator.model.outcome import Ending


@dataclass(frozen=True, slots=True)
class KnownCall:
    """A call that the journal holds. `rung` counts its attempts that may have rung.

    `moved`: its numbers are others now. `fields` are its request as the journal has it, `changed`: it is another now.
    `run` is the id of the run that last touched it. Of one that waits for its redial `last` says how it ended last,
    `ended` when, and `not_before` from when it is due: epoch seconds.
    """

    state: str
    disposition: str
    run: str
    rung: int
    moved: bool
    changed: bool
    fields: tuple[Field, ...] = ()
    last: Ending | None = None
    ended: float = 0.0
    not_before: float = 0.0


@dataclass(frozen=True, slots=True)
class RemovedCall:
    """A call that the last run took in, and the plan no longer holds. `waited`: it was still to be dialed."""

    id: str
    fields: tuple[Field, ...]
    run: str
    disposition: str
    waited: bool


class KnownCalls:
    """The calls of one plan's edition on one account, over a connection that may be read-only.

    `held` are the ids of the plan as it stands now, read only where the journal has calls of the edition. `runs` counts
    its runs; `is_superseded`: a newer edition was run since the last of them. `lost_since`: from when on what was
    committed is lost, and the next run makes unknown whom it would dial; mostly empty.
    """

    def __init__(self, db: Database, account: str, plan: str, edition: str, held: Iterable[str]) -> None:
        self._db, self._account, self._edition = db, account, edition
        row = db.execute("SELECT key FROM plans WHERE account = ? AND name = ?", (account, plan)).fetchone()
        self._plan: int | None = None if row is None else row[0]
        self.lost_since = lost_since(db, account, plan, edition)
        self.runs = self._count_runs()
        self.is_superseded = self.runs > 0 and self._plan is not None and newest_edition(db, self._plan) != edition
        self._is_any_gone = False
        for table, column in (("held", "id"), ("gone", "pair")):  # an earlier question may have left them
            db.execute(f"CREATE TEMP TABLE IF NOT EXISTS {table} ({column} TEXT PRIMARY KEY)")
            db.execute(f"DELETE FROM {table}")  # noqa: S608 - two names
        if self._knows_calls():
            db.executemany("INSERT INTO held VALUES (?) ON CONFLICT DO NOTHING", ((id_,) for id_ in held))
            self._is_any_gone = self._find_gone()

    def known(self, call: ResolvedCall) -> KnownCall | None:
        """Return what is known of a call by its identity; None where it is new."""
        row = self._db.execute(
            "SELECT calls.key, rung, state, disposition, r.id, pair, fields, not_before FROM calls"
            " JOIN runs r ON r.key = calls.run WHERE calls.plan = ? AND calls.edition = ? AND calls.id = ?",
            (self._plan, self._edition, call.id),
        ).fetchone()
        if row is None:
            return None
        key, rung, state, disposition, run, pair, text, not_before = row
        fields = fields_from_text(text)
        known = KnownCall(
            state=state,
            disposition=disposition,
            run=run,
            rung=rung,
            moved=pair != pair_of(self._account, call),
            changed=wire(fields) != wire(call.fields),
            fields=fields,
            not_before=not_before,
        )
        return self._with_its_ending(known, key) if rung and state == "due" else known

    def removed(self) -> Iterator[RemovedCall]:
        """Stream the calls that the last run of the edition took in, and that the plan no longer holds."""
        rows = self._db.execute(
            "SELECT calls.id, fields, r.id, disposition, state FROM calls JOIN runs r ON r.key = calls.run"
            " WHERE calls.plan = ? AND calls.edition = ? AND fields <> '[]' AND loaded_by ="
            " (SELECT load FROM runs WHERE plan = calls.plan AND edition = calls.edition ORDER BY key DESC LIMIT 1)"
            " AND NOT EXISTS (SELECT 1 FROM held WHERE held.id = calls.id) ORDER BY position, calls.key",
            (self._plan, self._edition),
        )
        for id_, text, run, disposition, state in rows:
            yield RemovedCall(id_, fields_from_text(text), run, disposition, state == "due")

    def _with_its_ending(self, known: KnownCall, key: int) -> KnownCall:
        last, ended_at = self._db.execute(
            f"SELECT {LAST_WORD}, (SELECT max(ended_at) FROM attempts WHERE call = calls.key) FROM calls WHERE key = ?",  # noqa: S608
            (key,),
        ).fetchone()
        ended = datetime.fromisoformat(ended_at).timestamp() if ended_at else 0.0
        return replace(known, last=Ending(last) if last in ENDINGS else None, ended=ended)

    def rang_under_another_id(self, call: ResolvedCall) -> bool:
        """Whether the call's pair may have rung under an id that the plan no longer holds."""
        if not self._is_any_gone:
            return False
        pair = pair_of(self._account, call)
        return self._db.execute("SELECT 1 FROM gone WHERE pair = ?", (pair,)).fetchone() is not None

    def has_word_of_a_loss(self, call: ResolvedCall) -> bool:
        """Whether a call got its attempt when a loss was accepted: what a person said of it since stands."""
        row = self._db.execute(
            f"SELECT 1 FROM calls c JOIN attempts a ON a.call = c.key WHERE c.plan = ? AND c.edition = ? AND c.id = ?"  # noqa: S608
            f" AND {MADE_BY_LOSS}",
            (self._plan, self._edition, call.id),
        ).fetchone()
        return row is not None

    def _count_runs(self) -> int:
        found = self._db.execute(
            "SELECT count(*) FROM runs WHERE plan = ? AND edition = ?", (self._plan, self._edition)
        ).fetchone()
        return int(found[0])

    def _knows_calls(self) -> bool:
        row = self._db.execute(
            "SELECT 1 FROM calls WHERE plan = ? AND edition = ? LIMIT 1", (self._plan, self._edition)
        )
        return row.fetchone() is not None

    def _find_gone(self) -> bool:
        """Find the pairs that may have rung under ids that the plan no longer holds, and say whether there are any."""
        self._db.execute(
            "INSERT INTO gone SELECT c.pair FROM calls c JOIN attempts a ON a.call = c.key"  # noqa: S608
            " WHERE c.plan = ? AND c.edition = ? AND c.id NOT IN (SELECT id FROM held)"
            f" AND {MAY_HAVE_RUNG} ON CONFLICT DO NOTHING",
            (self._plan, self._edition),
        )
        return self._db.execute("SELECT 1 FROM gone LIMIT 1").fetchone() is not None
