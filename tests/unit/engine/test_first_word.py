"""An answer is mostly the first word on its attempt, and written in one step; a callback may be sooner."""

from contextlib import closing
from pathlib import Path

import pytest
from unit.engine.bench import replied
from unit.journal.story import RUN, START, Story, call, steps_of

from orchestrator.exotel.placement import verdict
from orchestrator.journal.queries import Reader
from orchestrator.journal.sqlite.file import connect
from orchestrator.journal.verify.whole import verify
from orchestrator.model.outcome import Ending, Evidence, Placement
from orchestrator.model.record import AttemptRecord
from orchestrator.policy.next_step import Follow


@pytest.mark.parametrize("is_heard", [False, True], ids=["the answer first", "a callback first"])
def test_an_answer_takes_nothing_from_what_a_callback_said_before(tmp_path: Path, is_heard: bool) -> None:
    journal = tmp_path / "journal.db"
    story = Story(journal)
    scope = story.load(RUN, call("a", 1)).scope
    with closing(connect(journal, read_only=True)) as db:
        (due,) = Reader(db).due(scope, START, 1)
    steps, token, answer = steps_of(scope), "f" * 64, replied(200, "sid-of-the-answer")
    n = story.do(lambda tx: steps.intend(tx, [(due, token, story.now)])[0])
    assert n == 1
    if is_heard:
        story.hear(scope, token, sid="sid-of-the-callback", status="busy", event="terminal")
    step = story.do(lambda tx: steps.record(tx, due, 1, answer, verdict(answer), story.now))
    found = story.do(lambda tx: tx.attempt(due.key, 1)).record
    assert (step, found.placement, found.http_status) == (Follow(), Placement.ACCEPTED, 200)
    heard = ("sid-of-the-callback", Evidence.CALLBACK, Ending.BUSY)
    assert (found.sid, found.evidence, found.ending) == (
        heard if is_heard else ("sid-of-the-answer", Evidence.REPLY, None)
    )
    assert ("sid-of-the-answer" in (found.message or "")) == is_heard
    assert verify(journal).altered == ()


@pytest.mark.parametrize("placement", Placement)
def test_nothing_is_written_over_by_an_acceptance(tmp_path: Path, placement: Placement) -> None:
    story = Story(tmp_path / "journal.db")
    scope = story.load(RUN, call("a", 1)).scope
    with closing(connect(tmp_path / "journal.db", read_only=True)) as db:
        (due,) = Reader(db).due(scope, START, 1)
    story.do(lambda tx: steps_of(scope).intend(tx, [(due, "f" * 64, story.now)])[0])
    known = story.do(lambda tx: tx.attempt(due.key, 1))
    later = AttemptRecord(1, "", Placement.ACCEPTED, Evidence.REPLY, "sid", 200, placed_at="later")
    before = AttemptRecord(1, known.record.started_at, placement, placed_at="before")
    story.do(lambda tx: tx.save(known, before))
    assert not story.do(lambda tx: tx.accept(due.key, later))
    assert story.do(lambda tx: tx.attempt(due.key, 1)).record == before
