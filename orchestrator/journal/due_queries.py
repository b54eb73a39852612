"""Which calls are due: what a run chooses from, in the order of dialing, and when the next may start."""

import math
from collections.abc import Collection, Iterable, Sequence
from datetime import datetime
from typing import Any

from orchestrator.exotel.call_fields import call_times
from orchestrator.journal.codec import AGENT_NUMBER, LAST_WORD, PAIR_FREE, PERSON_NUMBER, fields_from_text
from orchestrator.journal.database import Database
from orchestrator.model.call import DueCall, Scope
from orchestrator.model.outcome import Ending
from orchestrator.policy.may_start import known_span

ENDINGS = frozenset(ending.value for ending in Ending)

REDIALS = " AND rung > 0"

MARK_KNOWN = "SELECT 1 FROM numbers n WHERE n.person = due.person AND n.asked BETWEEN ? AND ?"
"""Selects the usable answer about the To of a row of `due`."""

SOON_SORTED = 1_000
"""Due calls, of a million perhaps, that are sooner sorted than found one by one in the plan's order."""

DUE_COLUMNS = (
    "key, id, fields, pair, latest, (SELECT count(*) FROM attempts a WHERE a.call = calls.key), rung,"  # noqa: S608
    f" {LAST_WORD}, (SELECT max(a.ended_at) FROM attempts a WHERE a.call = calls.key), priority, position,"
    " coalesce(listed, 'suppressed because ' || coalesce("
    f"(SELECT because FROM suppressed WHERE number = {AGENT_NUMBER}),"
    f" (SELECT because FROM suppressed WHERE number = {PERSON_NUMBER})))"
)
"""What `_due` reads of a row of `calls`, but whether its pair is kept."""


class DueQueries:
    """Answers about the due calls of one edition."""

    def __init__(self, db: Database) -> None:
        self.db = db

    def due(
        self,
        scope: Scope,
        now: float,
        limit: int,
        only: str = "*",
        full: Iterable[str] = (),
        *,
        redials: bool = False,
        among: Collection[int] | None = None,
    ) -> list[DueCall]:
        """Return calls that may be dialed at `now`, those of higher priority first, then in the plan's order.

        None whose pair is held, nor of an agent (account and identity of From) that is `full`. `redials`: only calls
        that may have rung before. `among`: only calls with these keys.
        """
        if among is not None and not among:
            return []
        by = self._by(scope, now, redials=redials) if among is None else ""
        busy, chosen = tuple(full), tuple(among or ())
        rows = self.db.execute(
            f"SELECT {DUE_COLUMNS}, FALSE"  # noqa: S608
            f" FROM calls WHERE key IN (SELECT key FROM calls {by}"
            f"   WHERE plan = ? AND edition = ? AND state = 'due' AND not_before <= ? AND {self.db.glob('id')}"
            f"{_none_of('agent', busy)}{_any_of('key', chosen)}{REDIALS if redials else ''} AND {PAIR_FREE}"
            "   ORDER BY priority DESC, position LIMIT ?)"
            " ORDER BY priority DESC, position",
            (scope.plan, scope.edition, now, only, *busy, *chosen, now, limit),
        )
        return [_due(row) for row in rows]

    def due_batch(
        self,
        scope: Scope,
        now: float,
        limit: int,
        only: str,
        after: tuple[int, int, int],
        *,
        redials: bool,
        but_agents: Collection[str] = (),
        agent: str | None = None,
    ) -> list[DueCall]:
        """Return the next calls that are due at `now`, in the order of dialing, whether their pair is kept or not.

        `after` is a priority, negative, a position and a key: only calls behind that are read. `redials`: those that
        may have rung before, else those that did not. None of `but_agents`; of `agent` only, where it is given.
        """
        of_agent = "" if agent is None else " AND agent = ?"
        rung = "rung > 0" if redials else "rung = 0"
        found: list[DueCall] = []
        for place, values in (
            ("priority = ? AND (position, key) > (?, ?)", (-after[0], *after[1:])),
            ("priority < ?", (-after[0],)),
        ):
            rows = self.db.execute(
                f"SELECT {DUE_COLUMNS}, NOT {PAIR_FREE} FROM calls {self._by(scope, now, redials=redials)}"  # noqa: S608
                f" WHERE plan = ? AND edition = ? AND state = 'due' AND {place} AND not_before <= ? AND {rung}"
                f" AND {self.db.glob('id')}{of_agent}{_none_of('agent', but_agents)}"
                " ORDER BY priority DESC, position, key LIMIT ?",
                (
                    *(now, scope.plan, scope.edition, *values, now, only),
                    *(() if agent is None else (agent,)),
                    *(*but_agents, limit - len(found)),
                ),
            )
            found += [_due(row) for row in rows]
            if len(found) == limit:
                break
        return found

    def due_among(self, scope: Scope, now: float, keys: Collection[int]) -> list[DueCall]:
        """Return which of these calls are due at `now`, whether their pair is kept or not."""
        found = []
        for key in keys:
            row = self.db.execute(
                f"SELECT {DUE_COLUMNS}, NOT {PAIR_FREE} FROM calls"  # noqa: S608
                " WHERE key = ? AND plan = ? AND edition = ? AND state = 'due' AND not_before <= ?",
                (now, key, scope.plan, scope.edition, now),
            ).fetchone()
            if row is not None:
                found.append(_due(row))
        return found

    def due_after(self, scope: Scope, now: float, only: str, but: Collection[int]) -> float:
        """Return when the first call is due that is not due at `now`, but for some; infinity where none is."""
        rows = self.db.execute(
            f"SELECT not_before, key FROM calls {self.db.by('calls_due')} WHERE plan = ? AND edition = ?"  # noqa: S608
            f" AND state = 'due' AND not_before > ? AND {self.db.glob('id')} ORDER BY not_before",
            (scope.plan, scope.edition, now, only),
        )
        return next((float(at) for at, key in rows if key not in but), math.inf)

    def matches(self, id_: str, only: str) -> bool:
        """Whether an id is one that `only` chooses."""
        query = f"SELECT {self.db.glob('id')} FROM (SELECT ? AS id) named"  # noqa: S608 - no text of others
        return bool(self.db.execute(query, (only, id_)).fetchone()[0])

    def has_due(self, scope: Scope, only: str, but: Collection[int], *, first: bool) -> bool:
        """Whether a call of the edition waits to be dialed, beside the keys `but`; `first`: that never rang."""
        never_rang = " AND rung = 0" if first else ""
        rows = self.db.execute(
            f"SELECT key FROM calls {self.db.by('calls_by_state')} WHERE plan = ? AND edition = ? AND state = 'due'"  # noqa: S608
            f" AND {self.db.glob('id')}{never_rang}",
            (scope.plan, scope.edition, only),
        )
        return any(key not in but for (key,) in rows)

    def to_be_sent_again(self, keys: Collection[int]) -> tuple[dict[int, float], frozenset[int]]:
        """Return which of these calls are due and never rang, with the epoch second from which each may start.

        And which of them may have rung, as a callback can tell later.
        """
        query = "SELECT key, state, rung, not_before FROM calls WHERE key = ?"
        rows = [row for key in keys if (row := self.db.execute(query, (key,)).fetchone()) is not None]
        due = {key: not_before for key, state, rung, not_before in rows if state == "due" and not rung}
        return due, frozenset(key for key, _, rung, _ in rows if rung)

    def next_due(
        self,
        scope: Scope,
        only: str = "*",
        *,
        redials: bool = False,
        but: Collection[int] = (),
        after: float | None = None,
    ) -> float | None:
        """Return the epoch second at which the next due call may start; None where none is due.

        A call whose pair is held by an unknown attempt, or by another plan's, waits until that cannot be live any more.
        `redials`: of the calls that may have rung before. `but`: keys of calls to pass over. `after`: of the calls that
        are due after that epoch second only.
        """
        rows = self.db.execute(
            "SELECT not_before, coalesce((SELECT max(held.pair_free_at) FROM calls held WHERE held.pair = calls.pair"  # noqa: S608
            "   AND (held.disposition = 'unknown' OR (held.state = 'open' AND held.plan <> calls.plan))), 0)"
            f", key FROM calls {self.db.by('calls_rung' if redials else 'calls_due')} WHERE plan = ? AND edition = ?"
            f" AND state = 'due' AND {self.db.glob('id')}{REDIALS if redials else ''} AND not_before > ?"
            " ORDER BY not_before",
            (scope.plan, scope.edition, only, -1.0 if after is None else after),
        )
        first: float | None = None
        for not_before, pair_free_at, key in rows:
            if key in but:
                continue
            if first is not None and not_before >= first:
                break
            moment = max(not_before, pair_free_at)
            first = moment if first is None else min(first, moment)
        return first

    def unasked(self, scope: Scope, until: float, now: float, ahead: int | None, most: int, only: str) -> list[DueCall]:
        """Return at most `most` calls due `until` then whose To is not known at `now`, in the order of dialing.

        Only the next `ahead` due ones whose pair is free are looked at; None: all. The calls have no fields.
        """
        looked_at: tuple[float, ...] = () if ahead is None else (now, ahead)
        next_ones = f" AND {PAIR_FREE} ORDER BY priority DESC, position LIMIT ?" if looked_at else ""
        rows = self.db.execute(
            f"SELECT key, id, pair FROM ({self._due_calls()}{next_ones}) due"  # noqa: S608 - constants only
            f" WHERE NOT EXISTS ({MARK_KNOWN}) ORDER BY priority DESC, position LIMIT ?",
            (scope.plan, scope.edition, until, only, *looked_at, *known_span(now), most),
        )
        return [DueCall(key, id_, (), pair, 0) for key, id_, pair in rows]

    def registered(self, scope: Scope, now: float, most: int, only: str) -> tuple[int, list[tuple[str, str | None]]]:
        """Count the due calls to do-not-disturb numbers; return ids and places of the first `most` as well."""
        rows = self.db.execute(
            f"SELECT id, place, count(*) OVER () FROM ({self._due_calls()}) due"  # noqa: S608
            f" WHERE EXISTS ({MARK_KNOWN} AND n.dnd = 'yes') ORDER BY position LIMIT ?",
            (scope.plan, scope.edition, float("inf"), only, *known_span(now), most),
        ).fetchall()
        return (rows[0][2] if rows else 0), [(row[0], row[1]) for row in rows]

    def _by(self, scope: Scope, now: float, *, redials: bool) -> str:
        """Name the index by which due calls are found: in their order, or by time where few of very many are due."""
        if redials:
            return self.db.by("calls_rung")
        found = self.db.execute(
            f"SELECT count(*) FROM (SELECT 1 FROM calls {self.db.by('calls_due')} WHERE plan = ? AND edition = ?"  # noqa: S608
            " AND state = 'due' AND not_before <= ? LIMIT ?) soon",
            (scope.plan, scope.edition, now, SOON_SORTED),
        )
        return self.db.by("calls_due" if found.fetchone()[0] < SOON_SORTED else "calls_by_state")

    def _due_calls(self) -> str:
        """Select the edition's calls that are due until a moment, with ids like a pattern."""
        return (
            "SELECT * FROM calls WHERE plan = ? AND edition = ? AND state = 'due' AND not_before <= ?"  # noqa: S608
            f" AND {self.db.glob('id')}"
        )


def _any_of(column: str, values: Collection[object]) -> str:
    """Return a condition for as many values as there are; none where there are none."""
    return f" AND {column} IN ({', '.join('?' * len(values))})" if values else ""


def _none_of(column: str, values: Collection[object]) -> str:
    return f" AND {column} NOT IN ({', '.join('?' * len(values))})" if values else ""


def _due(row: Sequence[Any]) -> DueCall:
    key, id_, text, pair, latest, attempts, rung, last, ended_at, priority, position, suppressed, is_held = row
    ended = datetime.fromisoformat(ended_at).timestamp() if rung and ended_at else 0.0
    fields = fields_from_text(text)
    return DueCall(
        key,
        id_,
        fields,
        pair,
        attempts,
        rung=rung,
        last=Ending(last) if last in ENDINGS else None,
        ended=ended,
        not_after=latest,
        times=call_times(fields),
        priority=priority,
        position=position,
        suppressed=suppressed,
        is_held=bool(is_held),
    )
