"""What became of an edition's calls: counts, the report's rows, and the record of a run's end."""

from collections.abc import Iterator, Sequence
from decimal import Decimal
from itertools import islice

from orchestrator.journal.codec import (
    CALL_COLUMNS,
    NOTHING_CARRIED,
    calls_from_rows,
    carry_from_text,
    marks,
    price_from_text,
)
from orchestrator.journal.database import Database
from orchestrator.model.call import Scope
from orchestrator.model.outcome import Disposition
from orchestrator.model.record import WHOLE, CallRecord, Part
from orchestrator.model.story import OwnFigures

CALLS_AT_ONCE = 500
"""Calls that are asked about in one statement: a statement for each took as long as all else that a report does."""


class Results:
    """The calls of editions, counted and one by one."""

    def __init__(self, db: Database) -> None:
        self._db = db

    def count(self, scope: Scope, state: str, only: str = "*") -> int:
        """Return how many calls of the plan's edition are `due`, `open` or `closed`; `only`: with ids like this."""
        row = self._db.execute(
            f"SELECT count(*) FROM calls WHERE plan = ? AND edition = ? AND state = ? AND {self._db.glob('id')}",  # noqa: S608
            (scope.plan, scope.edition, state, only),
        )
        return int(row.fetchone()[0])

    def totals(
        self, scope: Scope, only: str = "*", *, planned: bool = False, dispositions: Sequence[Disposition] = ()
    ) -> dict[str, int]:
        """Return one count a disposition, zero or not, with `calls` first and `attempts` last.

        `planned`: of the calls that the run's plan holds, without those that only earlier runs knew. `dispositions`: of
        calls with one of these, where any is named.
        """
        where, values = meant(self._db, scope, Part(only, tuple(dispositions)))
        where, values = (
            f"{where} AND c.loaded_by = coalesce(?, c.loaded_by)",
            (*values, scope.load if planned else None),
        )
        counted = dict(
            self._db.execute(
                f"SELECT c.disposition, count(*) FROM calls c WHERE {where} GROUP BY c.disposition",  # noqa: S608
                values,
            ).fetchall()
        )
        attempts = self._db.execute(
            f"SELECT count(*) FROM attempts a JOIN calls c ON c.key = a.call WHERE {where}",  # noqa: S608
            values,
        ).fetchone()[0]
        return {
            "calls": sum(counted.values()),
            **{word.value: counted.get(word.value, 0) for word in Disposition},
            "attempts": attempts,
        }

    def not_dialed(self, scope: Scope, only: str = "*") -> dict[str, int]:
        """Return how many of the calls that the run's plan holds were not dialed, or not again, by reason."""
        rows = self._db.execute(
            "SELECT coalesce(reason, ''), count(*) FROM calls"  # noqa: S608
            f" WHERE plan = ? AND edition = ? AND {self._db.glob('id')} AND loaded_by = ?"
            " AND (disposition = 'not-dialed' OR (state = 'closed' AND reason = 'cancelled'))"
            " GROUP BY reason",
            (scope.plan, scope.edition, only, scope.load),
        )
        return dict(rows.fetchall())

    def unknown_ids(self, scope: Scope) -> list[str]:
        """Return the ids of calls whose outcome is unknown, in the plan's order."""
        rows = self._db.execute(
            "SELECT id FROM calls WHERE plan = ? AND edition = ? AND disposition = 'unknown' ORDER BY position",
            (scope.plan, scope.edition),
        )
        return [str(row[0]) for row in rows]

    def own_figures(self, scope: Scope) -> OwnFigures:
        """Return what came of the attempts that a run made itself."""
        rows = self._db.execute(
            "SELECT coalesce(ending, placement, 'open'), count(*), coalesce(sum(duration), 0) FROM attempts"
            " WHERE run = ? GROUP BY coalesce(ending, placement, 'open')",
            (scope.run,),
        ).fetchall()
        outcomes = {word: count for word, count, _ in sorted(rows, key=lambda row: (-row[1], row[0]))}
        cost: dict[str, Decimal] = {}
        for price, currency, count in self._db.execute(
            "SELECT price, currency, count(*) FROM attempts WHERE run = ? AND price IS NOT NULL"
            " GROUP BY price, currency",
            (scope.run,),
        ):
            cost[currency or ""] = cost.get(currency or "", Decimal(0)) + price_from_text(price) * count
        return OwnFigures(sum(outcomes.values()), outcomes, sum(row[2] for row in rows), cost)

    def carried(self, scope: Scope) -> list[str]:
        """Return the names of the columns that calls carry along, in the order in which the plan first has them."""
        where, values = meant(self._db, scope, WHOLE)
        rows = self._db.execute(
            f"SELECT c.carry FROM calls c WHERE {where} AND c.carry <> ? ORDER BY c.position, c.key",  # noqa: S608
            (*values, NOTHING_CARRIED),
        )
        names: dict[str, None] = {}
        for (carry,) in rows:
            names.update(dict.fromkeys(carry_from_text(carry)))
        return [*names]

    def calls(self, scope: Scope, part: Part = WHOLE) -> Iterator[CallRecord]:
        """Stream the calls of the plan's edition that are meant with their attempts, in the plan's order."""
        where, values = meant(self._db, scope, part)
        keys = self._db.execute(f"SELECT c.key FROM calls c WHERE {where} ORDER BY c.position, c.key", values)  # noqa: S608
        while batch := [key for (key,) in islice(keys, CALLS_AT_ONCE)]:
            yield from self._calls(batch)

    def _calls(self, keys: Sequence[int]) -> Iterator[CallRecord]:
        """Return the calls with these keys, in that order."""
        rows = self._db.execute(
            f"SELECT {CALL_COLUMNS} FROM calls c JOIN runs r ON r.key = c.run LEFT JOIN attempts a ON a.call = c.key"  # noqa: S608
            f" WHERE c.key IN ({marks(keys)}) ORDER BY c.key, a.n",
            keys,
        )
        return map(calls_from_rows(rows).__getitem__, keys)


def meant(db: Database, scope: Scope, part: Part) -> tuple[str, tuple[str | int | None, ...]]:
    """Return the condition for the calls `c` of an edition that are meant, and its values.

    Where all are, no id is looked at: SQLite then answers from an index what it would read the whole table for.
    """
    where = "c.plan = ? AND c.edition = ?"
    values: tuple[str | int | None, ...] = (scope.plan, scope.edition)
    if part.only not in (None, "*"):
        where, values = f"{where} AND {db.glob('c.id')}", (*values, part.only)
    if part.dispositions:
        where = f"{where} AND c.disposition IN ({marks(part.dispositions)})"
        values = (*values, *part.dispositions)
    return where, values
