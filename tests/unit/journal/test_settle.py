"""What a verdict does to who may be dialed, and whose story is told."""

import os
from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path

import pytest
from unit.journal.loading import load

from orchestrator.journal.run import NewRun
from orchestrator.journal.sqlite.connection import Connection
from orchestrator.journal.sqlite.file import connect
from orchestrator.journal.sqlite.journal import FileJournal, dialer_lock
from orchestrator.journal.sqlite.mark import DialerEntry
from orchestrator.journal.transaction import Transaction
from orchestrator.journal.views.view import View
from orchestrator.model.call import Field, ResolvedCall, Scope
from orchestrator.model.diagnostic import Span
from orchestrator.model.errors import CannotProceed
from orchestrator.model.events import EventType
from orchestrator.model.outcome import Disposition

RUN = NewRun("run-1", "acme1", "cod", "/plan.yaml", "", "sha256:0", "test", "2026-11-22T10:00:00Z")


def call(id_: str, line: int = 1) -> ResolvedCall:
    fields = {"From": "+918123456789", "To": "+447700900001", "CallerId": "07410410123"}
    return ResolvedCall(id_, tuple(Field(n, v, "call") for n, v in fields.items()), Span("plan.yaml", line))


@pytest.fixture
def db(journal: Path) -> Iterator[Connection]:
    connection = connect(journal)
    yield connection
    connection.close()


def taken(db: Connection, run: NewRun, *calls: ResolvedCall) -> Scope:
    db.execute("BEGIN IMMEDIATE")
    scope = load(Transaction(db), run, calls).scope
    db.execute("COMMIT")
    return scope


def test_the_blocking_of_pairs_is_answered_by_its_index(db: Connection) -> None:
    from orchestrator.journal.transaction import KEEPS_PAIR

    query = "EXPLAIN QUERY PLAN SELECT 1 FROM calls WHERE EXISTS (SELECT 1 FROM calls held"
    plan = db.execute(f"{query} WHERE held.pair = calls.pair AND {KEEPS_PAIR})", (1.0,)).fetchall()
    assert any("USING INDEX calls_blocking_a_pair" in row[3] for row in plan)


def test_a_failure_leaves_nothing_behind(journal: Path, db: Connection) -> None:
    taken(db, RUN, call("a"))

    def fail() -> None:
        with FileJournal(journal).committing() as tx:
            tx.close_call(1, Disposition.UNSEEN, 1.0)
            raise ZeroDivisionError

    with pytest.raises(ZeroDivisionError):
        fail()
    assert db.execute("SELECT state FROM calls").fetchone() == ("due",)


def test_a_journal_that_cannot_be_written_is_no_bug(journal: Path) -> None:
    with pytest.raises(CannotProceed, match="cannot be written"), FileJournal(journal).committing() as tx:
        tx.db.execute("INSERT INTO nowhere VALUES (1)")


def test_the_latest_edition_comes_first_and_a_run_names_its_own(db: Connection) -> None:
    taken(db, RUN, call("a"))
    taken(db, replace(RUN, id="run-2", edition="2"), call("a"))
    view = View(db)
    assert [found.edition for found in view.editions.with_call("a", None)] == ["2", ""]
    assert [found.edition for found in view.editions.with_call("a", "run-1")] == [""]
    assert view.attempts.latest(view.editions.with_call("a", None)[0], "a") is None


def test_an_older_editions_attempt_that_a_newer_run_followed_stays_in_its_own_story(db: Connection) -> None:
    taken(db, RUN, call("a", 7))
    taken(db, replace(RUN, id="run-2", edition="2"), call("a", 9))
    tx = Transaction(db)
    tx.append(EventType.ATTEMPT_STARTED, "t1", "run-1", "a", 1, {})
    tx.append(EventType.CALL_ENDED, "t2", "run-2", "a", 1, {"begun": "run-1"})
    tx.append(EventType.ATTEMPT_STARTED, "t3", "run-2", "a", 1, {})
    tx.seal()
    newer, older = View(db).calls.stories("a", None, 1.0)
    assert [event.at for event in older.events if event.call] == ["t1", "t2"]
    assert [event.at for event in newer.events if event.call] == ["t3"]
    assert (older.place, newer.place) == ("plan.yaml:7", "plan.yaml:9")


def test_a_dialer_is_alive_while_it_holds_the_lock_and_shows_it(journal: Path, db: Connection) -> None:
    taken(db, RUN, call("a"))
    assert list(db.dialers(0)) == []
    with dialer_lock(journal, DialerEntry("acme1", "cod", "", "run-1", os.getpid())):
        (found,) = db.dialers(0)
        assert (found.alive, found.pid) == (True, str(os.getpid()))
        assert list(db.dialers(99)) == []
        os.utime(journal, (1, 1))
        assert not next(db.dialers(1)).alive, "it was stopped"
        os.utime(journal)
    assert list(db.dialers(0)) == []
