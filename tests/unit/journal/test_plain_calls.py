"""What SQLite sets aside as plain, the rules for all calls find nothing in, whatever was altered."""
# ruff: noqa: S608 - the names come from the journal's own schema

import sqlite3
from collections.abc import Iterator
from contextlib import closing
from dataclasses import replace
from pathlib import Path

import pytest
from unit.engine.bench import replied
from unit.journal.story import RUN, Story, call

from orchestrator.journal.sqlite.connection import Connection
from orchestrator.journal.sqlite.listening import stored_columns
from orchestrator.journal.sqlite.plain_calls import set_plain_calls_aside
from orchestrator.journal.verify.calls import calls_against_events, others_against_events
from orchestrator.journal.verify.finding import IntegrityFinding

PLAIN, ODD = {"done", "busy", "unheard", "due", "again"}, {"rejected", "redialed", "late", "o'clock \\ é"}


@pytest.fixture(scope="module")
def journal(tmp_path_factory: pytest.TempPathFactory) -> Iterator[sqlite3.Connection]:
    """In memory, without what keeps its events as they are: calls of two editions, some told plainly and some not."""
    path = tmp_path_factory.mktemp("plain") / "journal.db"
    tell(path)
    with closing(sqlite3.connect(path)) as source, closing(sqlite3.connect(":memory:", factory=Connection)) as db:
        source.backup(db)
        db.isolation_level = None
        for (name,) in db.execute("SELECT name FROM sqlite_schema WHERE type = 'trigger'").fetchall():
            db.execute(f"DROP TRIGGER {name}")
        yield db


def tell(path: Path) -> None:
    story = Story(path)
    story.now += 0.6789  # events tell 678 milliseconds: nothing is rounded up
    ids = ("done", "busy", "unheard", "due", "rejected", "redialed", "late", "o'clock \\ é", "again")
    first = story.load(RUN, *(call(id_, n) for n, id_ in enumerate(ids))).scope
    for id_, status, duration in (("done", "completed", 41), ("busy", "busy", None), ("late", "completed", None)):
        token = story.attempt(first, id_, replied(200, f"sid-{id_}"))
        if id_ == "done":
            story.hear(first, token, sid="sid-done", status="in-progress", event="answered")
        story.hear(first, token, sid=f"sid-{id_}", status=status, event="terminal", duration=duration)
        if id_ == "late":
            story.hear(first, token, sid="sid-late", status="completed", event="terminal", duration=7, price="0.6")
    token = story.attempt(first, "unheard", replied(200, "sid-unheard"))
    story.hear(first, token, sid="sid-unheard", status="no-answer", event="terminal")
    story.attempt(first, "rejected", replied(400))
    story.attempt(first, "redialed", replied(429))
    token = story.attempt(first, "redialed", replied(200, "sid-redialed"))
    story.hear(first, token, sid="sid-redialed", status="completed", event="terminal")
    token = story.attempt(first, "o'clock \\ é", replied(200, 'sid"\\é'))
    story.hear(first, token, sid='sid"\\é', status="completed", event="terminal")
    story.end(first, 1)
    second = story.load(replace(RUN, id="20260921T142640m000-bbbb", edition="rising"), call("again", 20)).scope
    token = story.attempt(second, "again", replied(200, "sid-again"))
    story.hear(second, token, sid="sid-again", status="completed", event="terminal")


def found(db: sqlite3.Connection) -> list[IntegrityFinding]:
    return list(calls_against_events(db))  # type: ignore[arg-type]


def found_by_the_rules(db: sqlite3.Connection) -> list[IntegrityFinding]:
    """What the rules find where nothing is set aside."""
    set_plain_calls_aside(db)
    db.execute("DELETE FROM plain")
    db.execute("INSERT OR IGNORE INTO odd SELECT call FROM events WHERE call IS NOT NULL")
    return list(others_against_events(db))  # type: ignore[arg-type]


def statements(db: sqlite3.Connection, table: str) -> Iterator[tuple[str, tuple[object, ...]]]:
    """Each column of each row given another value that it has elsewhere, a foreign one, or none; rows gone, doubled."""
    key = "seq" if table == "events" else "key"
    rows = [row[0] for row in db.execute(f"SELECT {key} FROM {table} ORDER BY 1")]
    for name in stored_columns(db, table):
        known = {row[0] for row in db.execute(f"SELECT DISTINCT {name} FROM {table}")}
        texts = {"due", "9"} if any(isinstance(value, str) for value in known) else {4711}
        for value in {*sorted(known - {None}, key=str)[:1], *texts, None}:
            yield from ((f"UPDATE {table} SET {name} = ? WHERE {key} = ?", (value, row)) for row in rows)
    for row in rows:
        yield f"DELETE FROM {table} WHERE {key} = ?", (row,)
    own = {"key": "key + 1000", "seq": "seq + 1000", "token": "token || 'x'", "id": "id || 'x'", "n": "n + 1"}
    copied = ", ".join(own.get(name, name) for name in stored_columns(db, table))
    yield from ((f"INSERT INTO {table} SELECT {copied} FROM {table} WHERE {key} = ?", (row,)) for row in rows)


def test_what_is_told_plainly_is_set_aside(journal: sqlite3.Connection) -> None:
    """Else all calls would be judged by the rules for all, and nobody would see but by the time that it takes."""
    assert found(journal) == []
    plain = {row[0] for row in journal.execute("SELECT id FROM calls JOIN plain ON plain.key = calls.key")}
    assert plain == PLAIN
    assert {row[0] for row in journal.execute("SELECT call FROM odd")} == ODD


@pytest.mark.parametrize("table", ["calls", "attempts", "events", "runs"])
def test_the_same_is_found_as_by_the_rules_for_all_calls(journal: sqlite3.Connection, table: str) -> None:
    judged = finding = 0
    for statement, values in list(statements(journal, table)):
        journal.execute("BEGIN")
        try:
            journal.execute(statement, values)
        except sqlite3.IntegrityError:
            continue
        else:
            by_rules = found_by_the_rules(journal)
            assert found(journal) == by_rules, (statement, values)
            judged, finding = judged + 1, finding + bool(by_rules)
        finally:
            journal.execute("ROLLBACK")
    assert finding > judged / 8 > 2, (judged, finding)


def test_two_alterations_that_fit_each_other_are_judged_as_by_the_rules(journal: sqlite3.Connection) -> None:
    """A row and the event that reports it; and the events of a call given to another one of its id."""
    for pair in (
        ("UPDATE calls SET disposition = 'busy' WHERE id = 'done'",
         "UPDATE events SET data = replace(data, 'completed', 'busy') WHERE call = 'done' AND type = 'call.ended'"),
        ("UPDATE calls SET edition = 'rising' WHERE id = 'done'", "UPDATE attempts SET run = 2 WHERE call = 1"),
        ("UPDATE events SET call = 'done' WHERE call = 'again'", "UPDATE calls SET id = 'done' WHERE edition <> ''"),
        ("UPDATE calls SET finished = finished + 0.0001", "UPDATE attempts SET duration = 9"),
        ("UPDATE attempts SET duration = NULL", "UPDATE events SET data = replace(data, ':41', ':null')"),
        ("DELETE FROM events WHERE call = 'done'", "UPDATE calls SET rung = 0 WHERE id = 'done'"),
        ("UPDATE attempts SET call = (SELECT key FROM calls WHERE id = 'due') WHERE placement = 'rejected'",
         "DELETE FROM events WHERE call = 'rejected'"),
        ("UPDATE events SET type = 'attempt.settled' WHERE type = 'callback.received' AND call = 'busy'",
         "UPDATE events SET data = '{\"sid\":\"another\"}' WHERE type = 'attempt.settled' AND call = 'busy'"),
        ("DELETE FROM attempts", "UPDATE calls SET rung = 0, state = 'due', disposition = 'waiting'"),
    ):  # fmt: skip
        journal.execute("BEGIN")
        for statement in pair:
            journal.execute(statement)
        assert found(journal) == found_by_the_rules(journal), pair
        journal.execute("ROLLBACK")
