"""The chain of all events, for whoever proves it elsewhere."""

from collections.abc import Iterator

from orchestrator.journal.chain import COLUMNS, PREFIX, UNCHAINED, head, journal_id, known_sums
from orchestrator.journal.codec import event_from_row
from orchestrator.journal.database import Database
from orchestrator.model.events import Chain, ChainedEvent


def whole_chain(db: Database) -> Chain:
    """Return the chain as of this moment."""
    types = db.execute("SELECT type, count(*) FROM events GROUP BY type ORDER BY type")

    def events() -> Iterator[ChainedEvent]:
        rows = db.execute(f"SELECT {COLUMNS}, hash FROM events ORDER BY seq")  # noqa: S608 - a constant
        for seq, kind, at, run, call, attempt, data, salt, seal, hash_ in rows:
            yield ChainedEvent(seq, event_from_row(kind, at, run, call, attempt, data), data, salt, seal, hash_)

    return Chain(
        journal=journal_id(db),
        head=PREFIX + head(db).hash,
        types=dict(types),
        sums={table: sum_ for table, sum_ in known_sums(db).items() if table not in UNCHAINED},
        events=events,
    )
