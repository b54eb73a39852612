"""Tells `plan` what the journal knows of an edition's calls, as loading them would find it; of many calls at once."""

from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import replace
from datetime import datetime
from typing import Any, Protocol

from orchestrator.exotel.call_fields import AGENT
from orchestrator.journal.codec import (
    LAST_WORD,
    MADE_BY_LOSS,
    MAY_HAVE_RUNG,
    fields_from_text,
    fields_to_texts,
    in_parts,
    marks,
)
from orchestrator.journal.database import Database
from orchestrator.journal.due_queries import ENDINGS
from orchestrator.journal.spool import wire
from orchestrator.journal.views.editions import newest_edition
from orchestrator.journal.views.losses import lost_since
from orchestrator.model.call import Field, FieldColumn
from orchestrator.model.frozen import frozen
from orchestrator.model.outcome import Ending
from orchestrator.phone.numbers import identity


class Columns(Protocol):
    """Calls of a plan, one after the other, in columns. `people` are the identities of their To."""

    @property
    def ids(self) -> Sequence[str]:
        """Their ids."""

    @property
    def fields(self) -> Sequence[Field | FieldColumn]:
        """Their parameters, in the order on the wire; those without a column are the same for all."""

    @property
    def people(self) -> Sequence[str]:
        """Whom they ring behind From."""


@frozen
class KnownCall:
    """A call that the journal holds. `rung` counts its attempts that may have rung.

    `run` is the id of the run that last touched it. `moved`: its numbers are others now. `changed`: its request is
    another now, and `fields` are the one that the journal has. They are known too of one that waits for its redial, and
    goes out so: `last` says how it ended last, `ended` when, and `not_before` from when it is due, in epoch seconds.
    """

    state: str
    disposition: str
    run: str
    rung: int
    moved: bool = False
    changed: bool = False
    fields: tuple[Field, ...] = ()
    last: Ending | None = None
    ended: float = 0.0
    not_before: float = 0.0

    @property
    def waits_for_redial(self) -> bool:
        """Whether it rang and is due again."""
        return self.rung > 0 and self.state == "due"


@frozen
class RemovedCall:
    """A call that the last run took in, and the plan no longer holds. `waited`: it was still to be dialed."""

    id: str
    fields: tuple[Field, ...]
    run: str
    disposition: str
    waited: bool


class KnownCalls:
    """The calls of one plan's edition on one account, over a connection that may be read-only.

    `held` yields the ids of the plan as it stands now, many at a time: it is asked only where the plan was not gone
    through yet. `runs` counts the edition's runs; `is_superseded`: a newer edition was run since the last of them.
    `lost_since`: from when on what was committed is lost, and the next run makes unknown whom it would dial; mostly
    empty.
    """

    def __init__(
        self, db: Database, account: str, plan: str, edition: str, held: Callable[[], Iterable[Sequence[str]]]
    ) -> None:
        self._db, self._account, self._held = db, account, held
        row = db.execute("SELECT key FROM plans WHERE account = ? AND name = ?", (account, plan)).fetchone()
        key: int | None = None if row is None else row[0]
        self._scope = (key, edition)
        self.lost_since = lost_since(db, account, plan, edition)
        (self.runs,) = self._row("SELECT count(*) FROM runs WHERE plan = ? AND edition = ?")
        self.is_superseded = self.runs > 0 and key is not None and newest_edition(db, key) != edition
        edges = (
            "SELECT count(*), coalesce(min(key), 0), coalesce(max(key), 0) FROM calls WHERE plan = ? AND edition = ?"
        )
        self._count, self._first, last = self._row(edges)
        self._seen = bytearray(last - self._first + 1)  # of the keys: whether the plan holds the call
        rung = f"SELECT max(rung) FROM calls {db.by('calls_rung')} WHERE plan = ? AND edition = ? AND rung > 0"  # noqa: S608
        self._has_rung = self._row(rung) != (None,)
        self._is_all_seen = False
        self._alike: dict[tuple[Any, ...], KnownCall] = {}

    def known(self, calls: Columns) -> list[KnownCall | None]:
        """Return what is known of some calls of the plan by their identity; None for each that is new.

        Of those whose request has not changed it is the same object where the same is known.
        """
        if not self._count:
            return [None] * len(calls.ids)
        rows = {row[0]: row for row in self._of_ids(_KNOWN, calls.ids)}
        if not rows:
            return [None] * len(calls.ids)
        texts, pairs = fields_to_texts(calls.fields, len(calls.ids)), _pairs(self._account, calls)
        found: list[KnownCall | None] = []
        for position, (id_, text, pair) in enumerate(zip(calls.ids, texts, pairs, strict=False)):
            row = rows.get(id_)
            if row is None:
                found.append(None)
                continue
            self._seen[row[1] - self._first] = 1
            known = self._alike.get(row[5:]) or self._standing(row[5:])
            if row[3] != text or row[2] != pair or known.waits_for_redial:
                known = self._in_full(known, row, pair, calls.fields, position)
            found.append(known)
        return found

    def see(self, ids: Sequence[str]) -> None:
        """Take it that the plan holds these ids, of calls or of rows that make none."""
        if self._count:
            for (key,) in self._of_ids("SELECT key FROM calls", ids):
                self._seen[key - self._first] = 1

    def saw_all(self) -> None:
        """Take it that the plan was gone through: all its ids were asked for, or seen."""
        self._is_all_seen = True

    def removed(self) -> Iterator[RemovedCall]:
        """Stream the calls that the last run of the edition took in, and that the plan no longer holds."""
        self._see_all()
        if self._seen.count(1) == self._count:
            return
        self._db.execute("CREATE TEMP TABLE IF NOT EXISTS gone (key INTEGER PRIMARY KEY)")
        self._db.execute("DELETE FROM gone")  # an earlier question may have left some
        keys = self._db.execute("SELECT key FROM calls WHERE plan = ? AND edition = ?", self._scope)
        self._db.executemany(
            "INSERT INTO gone VALUES (?)", (row for row in keys if not self._seen[row[0] - self._first])
        )
        rows = self._db.execute(
            "SELECT calls.id, fields, r.id, disposition, state FROM gone JOIN calls ON calls.key = gone.key"
            " JOIN runs r ON r.key = calls.run WHERE calls.plan = ? AND calls.edition = ? AND fields <> '[]'"
            " AND loaded_by ="
            " (SELECT load FROM runs WHERE plan = calls.plan AND edition = calls.edition ORDER BY key DESC LIMIT 1)"
            " ORDER BY position, calls.key",
            self._scope,
        )
        for id_, text, run, disposition, state in rows:
            yield RemovedCall(id_, fields_from_text(text), run, disposition, state == "due")

    def rang_under_other_ids(self, calls: Columns, positions: Sequence[int]) -> set[int]:
        """Return which of these calls have a pair that may have rung under an id that the plan no longer holds."""
        if not self._has_rung or not positions:
            return set()
        people = [f"{self._account}:{calls.people[position]}" for position in positions]
        by_person = self._db.by("attempts_by_person")
        found = [
            (pair, key)
            for some in in_parts(people)
            for pair, key in self._db.execute(
                f"SELECT c.pair, c.key FROM attempts a {by_person} CROSS JOIN calls c"  # noqa: S608
                f" WHERE a.person IN ({marks(some)}) AND {MAY_HAVE_RUNG}"  # the attempts come first
                " AND c.key = a.call AND c.plan = ? AND c.edition = ?",
                (*some, *self._scope),
            )
        ]
        pairs = list(_pairs(self._account, calls)) if found else []
        wanted = {pairs[position] for position in positions} if found else set()
        found = [(pair, key) for pair, key in found if pair in wanted]
        if any(not self._seen[key - self._first] for _, key in found):
            self._see_all()
        gone = {pair for pair, key in found if not self._seen[key - self._first]}
        return {position for position in positions if pairs[position] in gone} if gone else set()

    def has_word_of_a_loss(self, call: str) -> bool:
        """Whether a call got its attempt when a loss was accepted: what a person said of it since stands."""
        (found,) = self._row(
            "SELECT count(*) FROM calls c JOIN attempts a ON a.call = c.key"  # noqa: S608
            f" WHERE c.plan = ? AND c.edition = ? AND c.id = ? AND {MADE_BY_LOSS}",
            call,
        )
        return bool(found)

    def _standing(self, stands: tuple[Any, ...]) -> KnownCall:
        """Return a call of which this is known, and nothing that is its own."""
        state, disposition, run, rung = stands
        (name,) = self._db.execute("SELECT id FROM runs WHERE key = ?", (run,)).fetchone()
        known = self._alike[stands] = KnownCall(state, disposition, name, rung)
        return known

    def _in_full(
        self, known: KnownCall, row: Sequence[Any], pair: str, fields: Sequence[Field | FieldColumn], position: int
    ) -> KnownCall:
        """Return a call with what is its own: its request has changed, or it waits for its redial."""
        _, key, known_pair, text, not_before, *_ = row
        before = fields_from_text(text)
        now = [(each.name, each.value if isinstance(each, Field) else each.values[position]) for each in fields]
        moved, changed = known_pair != pair, wire(before) != now
        if not (moved or changed or known.waits_for_redial):
            return known
        known = replace(known, moved=moved, changed=changed, fields=before, not_before=not_before)
        return self._with_its_ending(known, key) if known.waits_for_redial else known

    def _with_its_ending(self, known: KnownCall, key: int) -> KnownCall:
        last, ended_at = self._db.execute(
            f"SELECT {LAST_WORD}, (SELECT max(ended_at) FROM attempts WHERE call = calls.key) FROM calls WHERE key = ?",  # noqa: S608
            (key,),
        ).fetchone()
        ended = datetime.fromisoformat(ended_at).timestamp() if ended_at else 0.0
        return replace(known, last=Ending(last) if last in ENDINGS else None, ended=ended)

    def _see_all(self) -> None:
        if not self._is_all_seen and self._count:
            for ids in self._held():
                self.see(ids)
        self._is_all_seen = True

    def _of_ids(self, select: str, ids: Sequence[str]) -> Iterator[Any]:
        """Ask for the edition's calls with these ids."""
        for some in in_parts(ids):
            where = f" WHERE plan = ? AND edition = ? AND id IN ({marks(some)})"
            yield from self._db.execute(select + where, (*self._scope, *some)).fetchall()

    def _row(self, sql: str, *more: object) -> Any:
        """Return the one row that a question about the edition has."""
        return self._db.execute(sql, (*self._scope, *more)).fetchone()


_KNOWN = "SELECT id, key, pair, fields, not_before, state, disposition, run, rung FROM calls"


def _pairs(account: str, calls: Columns) -> Iterator[str]:
    """Return the identity of each call's (From, To) on an account, whatever the numbers' spelling."""
    agents = next((each for each in calls.fields if each.name == AGENT), None)
    if isinstance(agents, FieldColumn):
        read = {text: identity(text) for text in frozenset(agents.values)}
        return (f"{account}:{read[agent]}>{person}" for agent, person in zip(agents.values, calls.people, strict=True))
    agent = identity(agents.value) if agents is not None and isinstance(agents.value, str) else ""
    return (f"{account}:{agent}>{person}" for person in calls.people)
