"""What people ask of one call is answered without reading a table of calls, attempts or events from end to end."""

import re
import sqlite3
from contextlib import closing
from pathlib import Path

import pytest
from unit.journal.story import tell

from orchestrator.journal.queries import Reader
from orchestrator.journal.sqlite.file import connect

THROUGH = re.compile(r"\bSCAN (c|calls|a|attempts|e|events)\b(?! USING INDEX events_of_runs)")
"""What SQLite says of a statement that reads one of the large tables, or an index of it, from end to end; the events
that are no call's are few."""


@pytest.fixture(scope="module")
def told(tmp_path_factory: pytest.TempPathFactory) -> Path:
    path = tmp_path_factory.mktemp("told") / "told.db"
    tell(path)
    return path


def read_through(path: Path, call: str, run: str | None = None) -> list[str]:
    """Ask for the stories of a call; return what SQLite reads through for them."""
    with closing(connect(path, read_only=True)) as db:
        asked: list[str] = []
        db.set_trace_callback(asked.append)
        stories = list(Reader(db).view.calls.stories(call, run, 1e9))
        db.set_trace_callback(None)
        assert {story.id for story in stories} == {call}
        assert len(stories[-1].events) > 3
        return [step for sql in asked for step in _steps(db, sql) if THROUGH.search(step)]


def _steps(db: sqlite3.Connection, sql: str) -> list[str]:
    if not sql.startswith("SELECT"):
        return []
    return [row[3] for row in db.execute(f"EXPLAIN QUERY PLAN {sql}")]


@pytest.mark.parametrize("run", [None, "20260921T142640m000-aaaa"])
def test_a_calls_story_reads_no_table_through(told: Path, run: str | None) -> None:
    assert read_through(told, "order-1", run) == []


def test_what_reads_a_table_through_is_seen(told: Path) -> None:
    with closing(connect(told, read_only=True)) as db:
        steps = _steps(db, "SELECT seq FROM events WHERE data = 'x'")
    assert any(map(THROUGH.search, steps))
