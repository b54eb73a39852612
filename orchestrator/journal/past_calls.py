"""What a journal's own calls of a plan say of the next ones: how they ended, how long they talked, what they cost."""

import json
import statistics
from collections import Counter, defaultdict
from collections.abc import Mapping

from orchestrator.journal.codec import as_written, price_from_text
from orchestrator.journal.database import Database
from orchestrator.journal.guard_queries import UsageQueries
from orchestrator.model.call import BRIDGE_LEGS, Scope
from orchestrator.model.frozen import frozen
from orchestrator.model.outcome import Ending, Leg

MOST_ATTEMPTS = 5_000
"""The latest attempts of a plan that are looked at."""


@frozen
class PastCalls:
    """The latest attempts of a plan, over all editions: how many ended how, and on average what an ending costs.

    `talks` are the seconds for which To was on the line, of each call that was answered. `currency` is None where no
    price is known.
    """

    endings: Mapping[Ending, int]
    talks: tuple[float, ...]
    prices: Mapping[Ending, float]
    currency: str | None

    @property
    def count(self) -> int:
        """How many attempts have ended."""
        return sum(self.endings.values())


NO_CALLS = PastCalls({}, (), {}, None)


def past_calls(db: Database, account: str, plan: str) -> PastCalls:
    """Read what became of the latest attempts of a plan."""
    return _calls_before(db, _key(db, account, plan), None)


def calls_before_edition(db: Database, scope: Scope) -> PastCalls:
    """Read what became of the latest attempts of a plan that runs made before the first one of this edition."""
    (first,) = db.execute(
        "SELECT min(key) FROM runs WHERE plan = ? AND edition = ?", (scope.plan, scope.edition)
    ).fetchone()
    return _calls_before(db, scope.plan, first)


def _calls_before(db: Database, plan: int | None, run: int | None) -> PastCalls:
    rows = db.execute(
        "SELECT a.ending, a.legs, a.price, a.currency FROM attempts a JOIN calls c ON c.key = a.call"
        " WHERE c.plan = ? AND a.ending IS NOT NULL AND a.ending <> 'unseen' AND a.run < coalesce(?, a.run + 1)"
        " ORDER BY a.key DESC LIMIT ?",
        (plan, run, MOST_ATTEMPTS),
    )
    endings: Counter[Ending] = Counter()
    talks: list[float] = []
    prices: dict[Ending, list[float]] = defaultdict(list)
    currencies: Counter[str] = Counter()
    for word, text, price, currency in rows:
        ending, legs = _ending_and_legs(word, text)
        endings[ending] += 1
        if ending is Ending.COMPLETED and len(legs) == BRIDGE_LEGS and legs[1].duration is not None:
            talks.append(float(legs[1].duration))
        if price is not None and currency is not None:
            prices[ending].append(float(price_from_text(price)))
            currencies[currency] += 1
    is_one_currency = len(currencies) == 1
    means = {ending: statistics.fmean(found) for ending, found in prices.items()} if is_one_currency else {}
    return PastCalls(endings, tuple(talks), means, next(iter(currencies)) if is_one_currency else None)


@as_written
def _ending_and_legs(word: str, legs: str) -> tuple[Ending, list[Leg]]:
    return Ending(word), [Leg(*leg) for leg in json.loads(legs)]


def usage_so_far(db: Database, account: str, plan: str, edition: str) -> UsageQueries | None:
    """Return the questions about how far an edition is; None where the journal does not know the plan."""
    key = _key(db, account, plan)
    return None if key is None else UsageQueries(db, Scope(key, edition, 0, "", 0))


def _key(db: Database, account: str, plan: str) -> int | None:
    row = db.execute("SELECT key FROM plans WHERE account = ? AND name = ?", (account, plan)).fetchone()
    return None if row is None else int(row[0])
