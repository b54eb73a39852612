"""Whether a phone may have rung is decided once, in `model/outcome.py`: the journal's SQL and its counts agree."""

from collections.abc import Iterator
from contextlib import closing
from dataclasses import replace
from pathlib import Path

import pytest
from unit.journal.loading import claimed
from unit.journal.story import RUN, START, Story, call

from orchestrator.journal.codec import MAY_HAVE_RUNG
from orchestrator.journal.queries import Reader
from orchestrator.journal.sqlite.connection import Connection
from orchestrator.journal.sqlite.file import connect
from orchestrator.journal.transaction import Transaction
from orchestrator.model.call import Scope
from orchestrator.model.outcome import Placement, may_have_rung

PLACEMENTS = (None, *Placement)


@pytest.fixture
def db(journal: Path) -> Iterator[Connection]:
    """A journal with one call, whose intent is committed."""
    Story(journal).load(RUN, call("a", 1))
    with closing(connect(journal)) as db:
        begin(db)
        yield db


def begin(db: Connection) -> None:
    scope = Scope(1, "", 1, RUN.id, 1)
    (due,) = Reader(db).due(scope, START, 1)
    assert claimed(Transaction(db), scope, due, f"t{due.attempts}", "at", START, START) == due.attempts + 1


def turns_out(db: Connection, placement: Placement | None) -> None:
    tx = Transaction(db)
    attempt = tx.attempt(1, 1)
    tx.save(attempt, replace(attempt.record, placement=placement))


def counted(db: Connection) -> int:
    return int(db.execute("SELECT rung FROM calls").fetchone()[0])


def test_an_attempt_is_counted_as_it_begins(db: Connection) -> None:
    assert counted(db) == may_have_rung(None) == 1


@pytest.mark.parametrize("before", PLACEMENTS)
@pytest.mark.parametrize("after", PLACEMENTS)
def test_an_attempt_is_counted_as_it_turns_out(
    db: Connection, before: Placement | None, after: Placement | None
) -> None:
    for placement in (before, after, after):
        turns_out(db, placement)
        assert counted(db) == may_have_rung(placement)


def test_the_attempts_of_a_call_are_counted_together(db: Connection) -> None:
    """The first one turns out to have rung only after the second one began."""
    turns_out(db, Placement.UNREACHED)
    db.execute("UPDATE calls SET state = 'due'")
    begin(db)
    assert counted(db) == 1
    turns_out(db, Placement.ACCEPTED)
    assert counted(db) == 2


@pytest.mark.parametrize("placement", PLACEMENTS)
def test_the_questions_to_the_journal_ask_the_same(db: Connection, placement: Placement | None) -> None:
    turns_out(db, placement)
    (found,) = db.execute(f"SELECT {MAY_HAVE_RUNG} FROM attempts a").fetchone()  # noqa: S608 - a constant
    assert found == may_have_rung(placement)


def test_only_what_proves_silence_is_silence() -> None:
    assert [item for item in PLACEMENTS if not may_have_rung(item)] == ["rejected", "throttled", "unreached"]
