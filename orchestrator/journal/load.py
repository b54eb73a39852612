"""Takes a plan's resolved calls into the journal: new ones become due, known ones keep their history.

A large plan is loaded in many transactions, so that nobody waits long to write between them. All problems are found
before the first one. It takes the fence, so that no earlier run dials on; this run dials after the last one, which
makes its load the edition's. Where that one never comes, because the process was killed, the next run reads and loads
the whole plan again. A small plan is loaded in one transaction.
"""

from abc import ABC, abstractmethod
from array import array
from collections.abc import Sequence
from dataclasses import replace
from itertools import groupby
from operator import attrgetter
from typing import Any, NamedTuple

from orchestrator.journal.codec import CALL_MAY_HAVE_RUNG, LAST_WORD, fields_from_text, in_parts, later, marks
from orchestrator.journal.database import Database
from orchestrator.journal.queries import Reader
from orchestrator.journal.run import Loaded, NewRun, open_run, ready
from orchestrator.journal.spool import CALLS_IN_A_BATCH, CallRow, CallSpool, wire
from orchestrator.journal.transaction import Transaction
from orchestrator.journal.views.plans import TakenIn
from orchestrator.journal.views.view import View
from orchestrator.model.call import Scope, agent_of, person_of
from orchestrator.model.diagnostic import Diagnostic, Span, error
from orchestrator.model.errors import CannotProceed, Refused, TakenOver

INSERT = (
    "INSERT INTO calls (position, place, fields, carry, priority, earliest, latest, listed, pair, agent, person,"
    " loaded_by, not_before, run, state, disposition, reason, plan, edition, id)"
    " VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?)"
)

DIAL_AGAIN = (
    "UPDATE calls SET position = ?, place = ?, fields = ?, carry = ?, priority = ?, earliest = ?, latest = ?,"
    " listed = ?, pair = ?, agent = ?, person = ?, loaded_by = ?, not_before = ?, run = ?, state = ?,"
    " disposition = ?, reason = ?, finished = NULL WHERE key = ?"
)
"""Makes a known call due again, or suppressed where a number of it is on a list."""

GOES_ON = (
    "UPDATE calls SET position = ?, place = ?, fields = ?, carry = ?, priority = ?, earliest = ?, latest = ?,"  # noqa: S608
    f" listed = ?, pair = ?, agent = ?, person = ?, loaded_by = ?, not_before = {later('not_before', '?')}"
    " WHERE key = ?"
)
"""Takes a known call in that goes on, or stays closed; it takes `earliest` twice at its end."""

STAYS = "UPDATE calls SET loaded_by = ?, run = ? WHERE key = ?"
"""Takes a known call in of which nothing else changes, as of nearly all: no index is touched."""

KNOWN = (
    "SELECT position, place, fields, carry, priority, earliest, latest, listed, pair, key, run, state, disposition,"
    " reason, finished, not_before, rung, loaded_by, id FROM calls WHERE plan = ? AND edition = ? AND id"
)

TAKE_UP = (
    "UPDATE calls SET state = 'due', disposition = 'waiting', reason = NULL, finished = NULL, not_before = earliest,"  # noqa: S608
    " run = ? WHERE key = ? AND loaded_by = ? AND coalesce(reason, '') <> 'bad row' AND (disposition = 'not-dialed'"
    "   OR (state = 'due' AND (reason IS NOT NULL OR finished IS NOT NULL OR not_before <> earliest))"
    f"  OR (disposition = 'rejected' AND ?)) AND NOT {CALL_MAY_HAVE_RUNG}"
)
"""Makes a call due again, if it may be dialed, that the last run took in."""

STAYS_DUE = (
    "UPDATE calls SET run = ? WHERE key = ? AND loaded_by = ? AND state = 'due' AND run <> ?"  # noqa: S608
    f" AND NOT {CALL_MAY_HAVE_RUNG}"
)
"""Takes such a call up that is due already: no index is touched."""

NO_REDIAL = f"UPDATE calls SET state = 'closed', disposition = {LAST_WORD}, reason = ?, run = ? WHERE key = ?"  # noqa: S608
"""Closes a call that rang before and is on a list by now."""


class Known(NamedTuple):
    """What the journal holds of a call; first what `CallRow.columns` has."""

    position: int
    place: str
    fields: str
    carry: str
    priority: int
    earliest: float
    latest: float | None
    listed: str | None
    pair: str
    key: int
    run: int
    state: str
    disposition: str
    reason: str | None
    finished: float | None
    not_before: float
    rung: int
    loaded_by: int
    id: str

    @property
    def waits(self) -> bool:
        """Whether it is due as if it were new."""
        return self[11:16] == ("due", "waiting", None, None, self.earliest)


class Loading(ABC):
    """Loads the calls of one run, one `step` a transaction, with `prepare` before all and `read_ahead` before each."""

    def __init__(self, run: NewRun) -> None:
        self._run = run
        self._loaded: Loaded | None = None

    @abstractmethod
    def prepare(self, reader: Reader) -> None:
        """Look for what stands in the way. Raises Refused and CannotProceed."""

    @abstractmethod
    def chooses(self, reader: Reader, only: str) -> bool:
        """Whether the pattern `only` chooses a call of the plan."""

    @abstractmethod
    def read_ahead(self) -> None:
        """Have the next calls at hand, so that others do not wait for that."""

    def step(self, tx: Transaction) -> Loaded | None:
        """Load the calls at hand; return what the run found with the last ones, before that None.

        Raises TakenOver where a later run has begun meanwhile, and Refused where a call was rung meanwhile.
        """
        if self._loaded is None:
            self._loaded = Loaded(self._begin(tx))
        elif not Reader(tx.db).dials(self._loaded.scope):
            raise TakenOver
        if self._take(tx, self._loaded.scope):
            return None
        self._end(tx, self._loaded)
        return ready(tx, self._run, self._loaded)

    def _begin(self, tx: Transaction) -> Scope:
        return open_run(tx, self._run)

    @abstractmethod
    def _take(self, tx: Transaction, scope: Scope) -> bool:
        """Take the calls at hand in, and say whether more may come."""

    @abstractmethod
    def _end(self, tx: Transaction, loaded: Loaded) -> None:
        """Do what is to be done when all calls are taken in."""


class Load(Loading):
    """Loads the calls of a plan that was read."""

    def __init__(self, run: NewRun, spool: CallSpool) -> None:
        super().__init__(run)
        self._spool, self._batches = spool, spool.batches()
        self._rows: list[CallRow] = []
        self._unread = spool.count
        self._calls = 0
        self._left = 0  # calls that the journal knows and this load has not come to
        self._knows_calls = True
        self._changed: list[Diagnostic] = []

    def prepare(self, reader: Reader) -> None:
        """Raise Refused where numbers changed under an attempt that may have rung."""
        found = reader.db.execute(
            "SELECT p.key FROM plans p WHERE account = ? AND name = ?"
            " AND EXISTS (SELECT 1 FROM calls WHERE plan = p.key AND edition = ? AND rung > 0)",
            (self._run.account, self._run.plan, self._run.edition),
        ).fetchone()
        if found is None:
            return
        for rows in self._spool.batches():
            held = _held(reader.db, (found[0], self._run.edition), rows)
            for row in rows:
                known = held.get(row.id)
                if row.is_call and known is not None and known.rung and known.pair != row.pair(self._run.account):
                    self._changed.append(numbers_changed(str(row.id), row.span))
        self._refuse_changed()

    def chooses(self, reader: Reader, only: str) -> bool:
        """Whether the pattern `only` chooses a call of the plan."""
        ids = (row.id or row.place for rows in self._spool.batches() for row in rows)
        return any(reader.matches(id_, only) for id_ in ids)

    def read_ahead(self) -> None:
        """Have the next rows of the spool at hand."""
        self._rows = next(self._batches, [])
        self._unread -= len(self._rows)

    def _begin(self, tx: Transaction) -> Scope:
        scope = super()._begin(tx)
        (self._left,) = tx.db.execute(
            "SELECT count(*) FROM calls WHERE plan = ? AND edition = ?", (scope.plan, scope.edition)
        ).fetchone()
        self._knows_calls = self._left > 0  # else none of a million has to be looked for
        return scope

    def _take(self, tx: Transaction, scope: Scope) -> bool:
        for is_call, rows in groupby(self._rows, key=attrgetter("is_call")):
            if is_call:
                self._take_calls(tx, scope, list(rows))
            else:
                self._knows_calls = True  # a call may come with the id of a row
                for row in rows:
                    self._skip(tx, scope, row)
        self._refuse_changed()
        return self._unread > 0

    def _take_calls(self, tx: Transaction, scope: Scope, rows: Sequence[CallRow]) -> None:
        new: list[tuple[Any, ...]] = []
        stay: list[tuple[int, int, int]] = []
        held = _held(tx.db, (scope.plan, scope.edition), rows) if self._knows_calls else {}
        for row in rows:
            key, pair = (scope.plan, scope.edition, row.id), row.pair(self._run.account)
            known = held.get(row.id)
            self._count(scope, known)
            if known is None:
                new.append((*row.columns, *_numbers(pair), scope.run, row.earliest, scope.run, *row.stands, *key))
            elif known[:9] == (*row.columns, pair) and (known.rung or known.waits) and row.listed is None:
                stay.append((scope.run, known.run if known.rung else scope.run, known.key))
            elif known.rung:
                self._take_rung(tx, scope, row, known)
            else:
                self._take_known(tx, scope, row, known)
        tx.db.executemany(INSERT, new)
        tx.db.executemany(STAYS, stay)

    def _take_rung(self, tx: Transaction, scope: Scope, row: CallRow, known: Known) -> None:
        """Take in a call that may have rung: its request stays as it is."""
        if known.pair != row.pair(self._run.account):
            self._changed.append(numbers_changed(str(row.id), row.span))
        columns = row._replace(fields=known.fields, carry=known.carry).columns
        tx.db.execute(GOES_ON, (*columns, *_numbers(known.pair), scope.run, row.earliest, row.earliest, known.key))
        if known.state == "due" and row.listed is not None:
            tx.db.execute(NO_REDIAL, (row.listed, scope.run, known.key))

    def _take_known(self, tx: Transaction, scope: Scope, row: CallRow, known: Known) -> None:
        """Take in a call that nobody can have heard of; unless it stays closed it is dialed, as its row is now."""
        changed = known.fields != row.fields and _wire_of(known.fields) != _wire_of(row.fields)
        if changed:  # earlier attempts keep the request that they made
            tx.db.execute("UPDATE attempts SET fields = ? WHERE call = ? AND fields IS NULL", (known.fields, known.key))
        again = changed or known.state != "closed" or known.disposition == "not-dialed"
        again = again or (known.disposition == "rejected" and self._run.retry_rejected)
        again = again or (known.disposition == "suppressed" and not self._run.keep_suppressed)
        held = (*row.columns, *_numbers(row.pair(self._run.account)), scope.run, row.earliest)
        if again:
            tx.db.execute(DIAL_AGAIN, (*held, scope.run, *row.stands, known.key))
        else:
            tx.db.execute(GOES_ON, (*held, row.earliest, known.key))

    def _skip(self, tx: Transaction, scope: Scope, row: CallRow) -> None:
        """Account for a row that makes no call, under the id of that call where it has one and no other call took it.

        What is known of a call that this row made before stays: only what is still due is closed.
        """
        edition, call = (scope.plan, scope.edition), row.id or row.place
        known = _known(tx.db, (*edition, call))
        if known is not None and known.loaded_by == scope.run:
            call = row.place
            known = _known(tx.db, (*edition, call))
        self._count(scope, known)
        tx.db.execute(
            "INSERT INTO calls (plan, edition, id, position, place, fields, pair, agent, person, carry, loaded_by, run,"
            " state) VALUES (?, ?, ?, ?, ?, '[]', '', '', '', '{}', ?, ?, 'due')"
            " ON CONFLICT (plan, edition, id) DO UPDATE SET loaded_by = excluded.loaded_by,"
            " position = excluded.position, place = excluded.place, listed = 'bad row'",
            (*edition, call, row.position, row.place, scope.run, scope.run),
        )
        tx.db.execute(
            f"UPDATE calls SET state = 'closed', disposition = {LAST_WORD}, reason = 'bad row', run = ?"  # noqa: S608
            " WHERE plan = ? AND edition = ? AND id = ? AND coalesce(reason, '') <> 'bad row'"
            " AND (state = 'due' OR disposition = 'not-dialed')",
            (scope.run, *edition, call),
        )

    def _count(self, scope: Scope, known: Known | None) -> None:
        """Count a call or a row that is taken in, unless it takes the place of one that this load took in."""
        if known is None:
            self._calls += 1
        elif known.loaded_by != scope.run:
            self._calls += 1
            self._left -= 1

    def _refuse_changed(self) -> None:
        if self._changed:
            raise Refused(tuple(self._changed))

    def _end(self, tx: Transaction, loaded: Loaded) -> None:
        scope = loaded.scope = replace(loaded.scope, load=loaded.scope.run)
        if self._spool.shortest is not None:
            tx.db.execute(
                "UPDATE runs SET time_out = ?, time_limit = ? WHERE key = ?",
                (self._spool.shortest.ring_seconds, self._spool.shortest.talk_seconds, scope.run),
            )
        loaded.calls, loaded.dropped = self._calls, self._left > 0
        if loaded.dropped:
            _drop_removed(tx, scope)


def _known(db: Database, key: tuple[int, str, str]) -> Known | None:
    """Return what the journal holds of a call, by its plan, edition and id."""
    row = db.execute(f"{KNOWN} = ?", key).fetchone()
    return None if row is None else Known._make(row)


def _held(db: Database, edition: tuple[int, str], rows: Sequence[CallRow]) -> dict[str | None, Known]:
    """Return what the journal holds of the calls of these rows, by their ids: asked for many at once."""
    held: dict[str | None, Known] = {}
    for some in in_parts([row.id for row in rows if row.id is not None]):
        for known in map(Known._make, db.execute(f"{KNOWN} IN ({marks(some)})", (*edition, *some))):
            held[known.id] = known
    return held


def _numbers(pair: str) -> tuple[str, str, str]:
    """Return the columns that tell whose numbers a call has: its pair, its agent and its person."""
    return pair, agent_of(pair), person_of(pair)


def _wire_of(fields: str) -> list[tuple[str, str | tuple[str, ...]]]:
    return wire(fields_from_text(fields))


def numbers_changed(call: str, place: Span) -> Diagnostic:
    """Refuse a call whose numbers are not those that may have been rung under its id."""
    return error(
        "numbers-changed",
        f"the numbers of call `{call}` differ from those that may already have been rung under this id",
        place,
        hint="give the corrected call a new id, or raise the plan's `edition` to dial everybody again on purpose",
    )


def _drop_removed(tx: Transaction, scope: Scope) -> None:
    """Close what the plan no longer holds: it is never dialed. A bad row that is gone was never a call."""
    held_no_more = (scope.plan, scope.edition, scope.run)
    tx.db.execute(
        "DELETE FROM calls WHERE plan = ? AND edition = ? AND loaded_by <> ? AND fields = '[]'"
        " AND NOT EXISTS (SELECT 1 FROM attempts WHERE call = calls.key)",
        held_no_more,
    )
    tx.db.execute(
        f"UPDATE calls SET state = 'closed', disposition = {LAST_WORD}, reason = 'removed', run = ?"  # noqa: S608
        " WHERE plan = ? AND edition = ? AND loaded_by <> ? AND state = 'due'",
        (scope.run, *held_no_more),
    )


class Reload(Loading):
    """Loads the calls of a plan that has not changed since the last run, as they stand in the journal.

    Gives the same result as reading the plan again.
    """

    def __init__(self, run: NewRun, batch: int = CALLS_IN_A_BATCH) -> None:
        super().__init__(run)
        self._batch = batch
        self._keys = self._now = array("q")
        self._at = self._calls = 0

    def prepare(self, reader: Reader) -> None:
        """Look for the calls that may be dialed. Raises CannotProceed where the plan must be read after all."""
        before = self._taken_in(reader.view)
        values = (before.plan, self._run.edition)
        rows = reader.db.execute(
            "SELECT key FROM calls WHERE plan = ? AND edition = ? AND state = 'due' UNION ALL"
            " SELECT key FROM calls WHERE plan = ? AND edition = ? AND disposition IN ('not-dialed', 'rejected')",
            (*values, *values),
        )
        self._keys = array("q", (row[0] for row in rows))

    def chooses(self, reader: Reader, only: str) -> bool:
        """Whether the pattern `only` chooses a call of the plan."""
        before = self._taken_in(reader.view)
        row = reader.db.execute(
            f"SELECT 1 FROM calls WHERE plan = ? AND edition = ? AND loaded_by = ? AND {reader.db.glob('id')} LIMIT 1",  # noqa: S608
            (before.plan, self._run.edition, before.load, only),
        )
        return row.fetchone() is not None

    def read_ahead(self) -> None:
        """Have the next keys at hand."""
        self._at += len(self._now)
        self._now = self._keys[self._at : self._at + self._batch]

    def _begin(self, tx: Transaction) -> Scope:
        self._calls = self._taken_in(tx.view).calls
        return super()._begin(tx)

    def _take(self, tx: Transaction, scope: Scope) -> bool:
        retry = self._run.retry_rejected
        tx.db.executemany(TAKE_UP, ((scope.run, key, scope.load, retry) for key in self._now))
        tx.db.executemany(STAYS_DUE, ((scope.run, key, scope.load, scope.run) for key in self._now))
        return self._at + len(self._now) < len(self._keys)

    def _end(self, tx: Transaction, loaded: Loaded) -> None:
        loaded.calls = self._calls

    def _taken_in(self, view: View) -> TakenIn:
        run = self._run
        before = view.plans.taken_in(
            run.account, run.plan, run.edition, run.inputs, keep_suppressed=run.keep_suppressed
        )
        if before is None:
            raise CannotProceed("another run has changed the plan's calls meanwhile", "run the command again")
        return before
