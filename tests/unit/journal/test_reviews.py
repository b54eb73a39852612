"""What reviews leave in the journal: only what is new, each with its event, and provable."""

import sqlite3
from collections.abc import Iterator
from contextlib import closing
from dataclasses import replace
from pathlib import Path

import pytest
from unit.journal.loading import reload
from unit.journal.story import RUN, Story, call
from unit.journal.tampering import tampered

from orchestrator.journal.codec import event_data
from orchestrator.journal.reviews import REVIEW_PATIENCE, Review, remember
from orchestrator.journal.sqlite.file import connect
from orchestrator.journal.sqlite.journal import FileJournal
from orchestrator.journal.sqlite.suppressed_ids import SuppressedIds
from orchestrator.journal.verify.whole import verify
from orchestrator.journal.views.reviews import compare
from orchestrator.model.errors import CannotProceed

REVIEW = Review("cod", "", RUN.digest, "2026-09-21T14:00:00.000Z")
OTHER = replace(REVIEW, digest="sha256:" + "1" * 64)
WHY = "on a list when it was reviewed"


@pytest.fixture
def db(journal: Path) -> Iterator[sqlite3.Connection]:
    """A reader of the journal."""
    with closing(connect(journal, read_only=True)) as reader:
        yield reader


def suppressing(journal: Path, *ids: str, review: Review = REVIEW) -> None:
    """Review a plan whose lists suppress these calls."""
    with closing(gathered(*ids)) as found, FileJournal(journal).committing(REVIEW_PATIENCE) as tx:
        remember(tx, review, found)


def gathered(*ids: str) -> SuppressedIds:
    """What one review has found."""
    found = SuppressedIds()
    for id_ in ids:
        found.add(id_)
    return found


def events(db: sqlite3.Connection) -> list[tuple[str, str, str, int]]:
    """Type, run, digest and number of every event."""
    rows = [(kind, run, event_data(data)) for kind, run, data in db.execute("SELECT type, run, data FROM events")]
    return [(kind, run, data["digest"], data["calls"]) for kind, run, data in rows]


def calls(db: sqlite3.Connection) -> dict[str, tuple[str, str | None]]:
    """Disposition and reason of every call of the journal."""
    return {id_: (word, why) for id_, word, why in db.execute("SELECT id, disposition, reason FROM calls")}


def test_what_was_gathered_is_counted_once_and_comes_in_order() -> None:
    with closing(gathered("b", "a", "b")) as found:
        assert (len(found), list(found)) == (2, ["a", "b"])


def test_each_review_adds_what_is_new_with_one_event(journal: Path, db: sqlite3.Connection) -> None:
    suppressing(journal, "a", "b")
    suppressing(journal, "b", "c")
    suppressing(journal, "a", "c")
    suppressing(journal)
    suppressing(journal, "a", review=OTHER)
    assert events(db) == [
        ("plan.reviewed", "", REVIEW.digest, 2),
        ("plan.reviewed", "", REVIEW.digest, 1),
        ("plan.reviewed", "", OTHER.digest, 1),
    ]
    assert db.execute("SELECT * FROM reviewed ORDER BY 1, 2").fetchall() == [(1, "a"), (1, "b"), (2, "c"), (3, "a")]
    assert verify(journal).altered == ()


@pytest.mark.parametrize(
    ("now", "new", "kept"), [("", 0, 2), ("ab", 0, 0), ("bc", 1, 1), ("cd", 2, 2)], ids=["none", "same", "some", "all"]
)
def test_a_review_is_compared_with_those_before(
    journal: Path, db: sqlite3.Connection, now: str, new: int, kept: int
) -> None:
    suppressing(journal, "a", "b")
    suppressing(journal, "a", "c", "d", review=OTHER)
    with closing(gathered(*now)) as found:
        assert compare(db, REVIEW.digest, found) == (new, kept)


def test_a_run_that_expects_the_digest_closes_what_its_reviews_suppressed(
    journal: Path, db: sqlite3.Connection
) -> None:
    suppressing(journal, "a")
    suppressing(journal, "b", "never in the plan")
    suppressing(journal, "c", review=OTHER)
    plan = [call(id_, index) for index, id_ in enumerate("abc")]
    assert Story(journal).load(replace(RUN, keep_suppressed=True), *plan).to_dial == 1
    assert calls(db) == {"a": ("suppressed", WHY), "b": ("suppressed", WHY), "c": ("waiting", None)}
    assert Story(journal).load(replace(RUN, id="run-2"), *plan).to_dial == 3
    assert calls(db) == dict.fromkeys("abc", ("waiting", None))
    assert verify(journal).altered == ()


def test_a_run_that_reads_no_rows_hears_of_a_review_too(journal: Path, db: sqlite3.Connection) -> None:
    story, expecting = Story(journal), replace(RUN, keep_suppressed=True, inputs="same")
    story.load(expecting, call("a"), call("b", 1))
    suppressing(journal, "b")
    again = story.do(lambda tx: reload(tx, replace(expecting, id="run-2")))
    assert again is not None
    assert again.to_dial == 1
    assert calls(db) == {"a": ("waiting", None), "b": ("suppressed", WHY)}


@pytest.mark.parametrize(
    ("statement", "why"),
    [
        ("UPDATE reviewed SET call = 'z' WHERE call = 'b'", "not those of its event"),
        ("DELETE FROM reviewed WHERE call = 'b'", "not those of its event"),
        ("INSERT INTO reviewed VALUES (1, 'z')", "not those of its event"),
        ("DELETE FROM reviewed", "missing"),
        ("INSERT INTO reviewed VALUES (7, 'z')", "no event"),
    ],
)
def test_whoever_changes_what_a_review_said_is_found(journal: Path, statement: str, why: str) -> None:
    suppressing(journal, "a", "b")
    (found,) = tampered(journal, statement).altered
    assert found.what.startswith("review ")
    assert why in found.why


def test_a_journal_that_is_written_by_another_for_long_is_not_waited_for(journal: Path) -> None:
    with closing(connect(journal)) as db, closing(gathered("a")) as found:
        db.execute("BEGIN IMMEDIATE")
        with pytest.raises(CannotProceed, match="locked"), FileJournal(journal).committing(REVIEW_PATIENCE) as tx:
            remember(tx, REVIEW, found)
