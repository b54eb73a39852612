"""A journal of every format that was ever released is opened, brought up to date, and goes on.

`golden/format-N.sql` is the story of story.py as format N wrote it. Files of old formats are never made again; the
newest one is made where it is missing by `UPDATE_EXPECTED=1 pytest tests/unit/journal/test_formats.py`.
"""

import os
import sqlite3
from contextlib import closing
from dataclasses import replace
from pathlib import Path

import pytest
from unit.engine.bench import replied
from unit.journal.golden import NEWEST, golden, restored
from unit.journal.story import RUN, Story, call, tell

from orchestrator.journal.queries import Reader
from orchestrator.journal.sqlite.file import APPLICATION_ID, connect
from orchestrator.journal.verify.whole import verify
from orchestrator.model.call import Scope
from orchestrator.model.errors import CannotProceed, Refused
from orchestrator.model.outcome import Disposition, Evidence, Placement

FIRST, LAST = "20260921T142640m000-aaaa", "20260921T142640m000-cccc"


@pytest.fixture(params=range(1, NEWEST + 1), ids=lambda format_: f"format-{format_}")
def old(request: pytest.FixtureRequest, tmp_path: Path) -> Path:
    """A journal as a program of that format left it."""
    return restored(request.param, tmp_path / "old.db")


def test_the_newest_format_has_its_golden_file(tmp_path: Path) -> None:
    """And the story that it tells is whole as today's program tells it."""
    tell(tmp_path / "told.db")
    assert verify(tmp_path / "told.db").altered == ()
    newest = golden(NEWEST)
    if os.environ.get("UPDATE_EXPECTED") == "1" and not newest.exists():
        with closing(connect(tmp_path / "told.db", read_only=True)) as db:
            pragmas = [f"PRAGMA application_id = {APPLICATION_ID};", f"PRAGMA user_version = {NEWEST};"]
            newest.write_text("\n".join([*pragmas, *db.iterdump(), ""]), "utf-8")
    assert newest.exists(), "a new migration adds a golden file: run this test once with UPDATE_EXPECTED=1"


def test_an_old_journal_is_brought_up_to_date_and_is_whole(old: Path) -> None:
    with closing(connect(old)) as db:
        assert db.execute("PRAGMA user_version").fetchone()[0] == NEWEST
    found = verify(old)
    assert (found.altered, found.events) == ((), 43)


def test_an_old_journals_calls_are_read_as_they_were(old: Path) -> None:
    with closing(connect(old)) as db:
        reader = Reader(db)
        run, last = reader.view.runs.record(FIRST), reader.view.runs.record(LAST)
        calls = {record.id: record for record in reader.view.results.calls(Scope(1, "", 1, FIRST, 1))}
    assert (run.plan, run.edition, run.exit_code, last.plan, last.exit_code) == ("cod", "", 5, "survey", 4)
    assert run.head is not None
    assert verify(old, run.head.removeprefix("sha256:")).count == 0
    assert {id_: record.disposition.value for id_, record in calls.items()} == {
        "order-1": "completed", "order-2": "busy", "order-3": "rejected", "order-4": "unseen",
        "order-5": "unseen", "order-6": "unknown", "order-7": "not-dialed",
    }  # fmt: skip
    (attempt,) = calls["order-1"].attempts
    assert (attempt.placement, attempt.evidence, attempt.sid) == (Placement.ACCEPTED, Evidence.REPLY, "sid-1")
    assert (attempt.duration, attempt.price, attempt.currency) == (41, "1.200", "INR")
    assert calls["order-1"].to_number == "+918123400001"
    assert calls["order-7"].reason == "superseded"


def test_a_run_goes_on_in_an_old_journal_and_rings_nobody_again(old: Path) -> None:
    with closing(connect(old)) as db:
        head = Reader(db).view.runs.record(FIRST).head
    story = Story(old)
    again = replace(RUN, id="20260922T142640m000-dddd", edition="rising", retry_rejected=True)
    loaded = story.load(again, *(call(f"order-{n}", n) for n in (8, 2)), call("order-9", 10))
    assert (loaded.calls, loaded.to_dial) == (3, 2)
    with closing(connect(old, read_only=True)) as db:
        due = [item.id for item in Reader(db).due(loaded.scope, 1e12, 10)]
    assert due == ["order-2", "order-9"], "order-8 may have rung"
    story.attempt(loaded.scope, "order-9", replied(200, "sid-9"))
    assert verify(old).altered == ()
    with closing(connect(old, read_only=True)) as db:
        assert (Reader(db).view.runs.record(FIRST).head, Reader(db).view.runs.record(again.id).head) == (head, None)
    with pytest.raises(Refused):
        story.load(replace(again, id="other"), call("order-8", 99))


def test_a_journal_of_a_newer_format_or_no_journal_is_refused_and_left_alone(old: Path) -> None:
    for pragma in ("user_version", "application_id"):
        with closing(sqlite3.connect(old)) as db:
            db.execute(f"PRAGMA {pragma} = 4711")
        before = old.read_bytes()
        for look in (connect, verify):
            with pytest.raises(CannotProceed, match="newer" if pragma == "user_version" else "not a journal"):
                look(old)
        assert old.read_bytes() == before


def test_an_unknown_outcome_in_an_old_journal_stays_unknown(old: Path) -> None:
    with closing(connect(old)) as db:
        assert Reader(db).view.results.unknown_ids(Scope(1, "", 1, FIRST, 1)) == ["order-6"]
        assert Reader(db).view.results.totals(Scope(1, "", 1, FIRST, 1))[Disposition.UNKNOWN] == 1
