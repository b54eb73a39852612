"""Approvals stand in the chain, and are judged in the transaction that begins a run."""

import sqlite3
from collections.abc import Iterator
from contextlib import closing
from dataclasses import replace
from datetime import datetime
from pathlib import Path

import pytest
from unit.journal.story import RUN, Story, call

from orchestrator.journal.control import record_approval, revoke_approval
from orchestrator.journal.sqlite.connection import Connection
from orchestrator.journal.sqlite.file import connect
from orchestrator.journal.sqlite.journal import FileJournal
from orchestrator.journal.verify.whole import verify
from orchestrator.journal.views.approvals import Approvals
from orchestrator.model.approval import ApprovalRule
from orchestrator.model.errors import CannotProceed

BEGINS = datetime.fromisoformat(RUN.at).timestamp()
ONE, TWO = ApprovalRule(1, 3600.0), ApprovalRule(2, 3600.0)
OTHER = "sha256:" + "1" * 64


@pytest.fixture
def db(journal: Path) -> Iterator[Connection]:
    """A reader of the journal."""
    with closing(connect(journal, read_only=True)) as reader:
        yield reader


def approve(journal: Path, by: str, digest: str = RUN.digest, ago: float = 60.0) -> None:
    with FileJournal(journal).committing() as tx:
        record_approval(tx, digest, by, BEGINS - ago)


def runs(db: Connection) -> int:
    count: int = db.execute("SELECT count(*) FROM runs").fetchone()[0]
    return count


def test_approvals_are_kept_by_digest_in_their_order(journal: Path, db: Connection) -> None:
    for by, digest in (("asha", RUN.digest), ("ravi", OTHER), ("asha", RUN.digest)):
        approve(journal, by, digest)
    assert [each.by for each in Approvals(db).of(RUN.digest)] == ["asha", "asha"]
    assert [each.by for each in Approvals(db).of(OTHER)] == ["ravi"]
    assert verify(journal).altered == ()


def test_who_revokes_takes_back_what_was_given_so_far_of_one_digest(journal: Path, db: Connection) -> None:
    for by, digest in (("Asha", RUN.digest), ("ravi", RUN.digest), ("asha", OTHER)):
        approve(journal, by, digest)
    with FileJournal(journal).committing() as tx:
        revoke_approval(tx, RUN.digest, "ASHA ", BEGINS - 30)
    assert [each.by for each in Approvals(db).of(RUN.digest, OTHER)] == ["ravi", "asha"]
    with pytest.raises(CannotProceed, match=r"2 people must have .* only ravi"):
        Story(journal).load(replace(RUN, approval=TWO), call("a"))
    approve(journal, "asha", ago=10.0)
    assert [each.by for each in Approvals(db).of(RUN.digest)] == ["ravi", "asha"]
    assert Story(journal).load(replace(RUN, approval=TWO), call("a")).to_dial == 1
    assert verify(journal).altered == ()


def test_a_run_begins_only_where_enough_people_approved_and_leaves_nothing_where_not(
    journal: Path, db: Connection
) -> None:
    asking = replace(RUN, approval=TWO)
    approve(journal, "asha")
    approve(journal, "ravi", OTHER)
    approve(journal, "Ravi", ago=3601.0)
    with pytest.raises(CannotProceed, match=r"only asha .* Ravi .* too long ago"):
        Story(journal).load(asking, call("a"))
    assert runs(db) == 0
    approve(journal, "ravi")
    assert Story(journal).load(asking, call("a")).to_dial == 1
    (data,) = db.execute("SELECT data FROM events WHERE type = 'run.started'").fetchone()
    assert '"approved_by":"asha, ravi"' in data.replace('": "', '":"')
    assert verify(journal).altered == ()


def test_who_approved_any_of_a_plans_digests_approved_it(journal: Path) -> None:
    """One saw a sample of the rows, the other all of them; nobody counts twice."""
    approve(journal, "asha", OTHER)
    known = replace(RUN, approval=TWO, reviewed_as=(RUN.digest, OTHER))
    approve(journal, "Asha")
    with pytest.raises(CannotProceed, match="only Asha"):
        Story(journal).load(known, call("a"))
    approve(journal, "ravi")
    with pytest.raises(CannotProceed, match="only asha"):
        Story(journal).load(replace(known, reviewed_as=(OTHER,)), call("a"))
    assert Story(journal).load(known, call("a")).to_dial == 1


def test_what_was_approved_when_it_was_checked_may_be_too_old_when_the_run_begins(journal: Path) -> None:
    approve(journal, "asha", ago=0.0)
    with closing(connect(journal, read_only=True)) as db:
        assert [each.by for each in Approvals(db).check((RUN.digest,), ONE, RUN.at)] == ["asha"]
    late = replace(RUN, approval=ONE, at="2026-12-31T00:00:00.000Z")
    with pytest.raises(CannotProceed, match="too long ago"):
        Story(journal).load(late, call("a"))


def test_a_digest_is_known_from_the_last_run_of_it(journal: Path, db: Connection) -> None:
    assert Approvals(db).seen(RUN.digest) is None
    Story(journal).load(RUN, call("a"))
    seen = Approvals(db).seen(RUN.digest)
    assert seen is not None
    assert (seen.plan, seen.edition, seen.at) == (RUN.plan, RUN.edition, RUN.at)


@pytest.mark.parametrize("data", ["[]", "no JSON", '{"digest": 7}', '{"by": "asha"}', "{}"])
def test_an_event_that_says_nothing_that_can_be_read_approves_nothing(journal: Path, db: Connection, data: str) -> None:
    approve(journal, "asha")
    with closing(sqlite3.connect(journal)) as other, other:
        other.execute("DROP TRIGGER events_are_never_changed")
        other.execute("UPDATE events SET data = ?", (data,))
    assert Approvals(db).of(RUN.digest) == ()
