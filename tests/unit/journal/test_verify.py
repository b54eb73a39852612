"""`journal verify`: the tables must be what the events say, and each disagreement is told with its place."""
# ruff: noqa: S608 - the statements are all written here

import contextlib
import os
import shutil
import sqlite3
import tempfile
from contextlib import closing
from dataclasses import replace
from pathlib import Path

import pytest
from unit.engine.bench import HUNG, replied
from unit.journal.story import RUN, Story, call, steps_of
from unit.journal.tampering import tampered, without_triggers

from orchestrator.journal.chain import COLUMNS, PREFIX, Head, seal_of_tables, table_sum
from orchestrator.journal.sqlite.backup import back_up
from orchestrator.journal.sqlite.file import connect
from orchestrator.journal.sqlite.journal import FileJournal
from orchestrator.journal.sqlite.listening import stored_columns
from orchestrator.journal.verify import whole
from orchestrator.journal.verify.whole import verify
from orchestrator.model.errors import CannotProceed
from orchestrator.model.events import EventType
from orchestrator.model.outcome import CallFacts, Evidence

ORDER = "WHERE edition = '' AND plan = 1 AND id = "
ATTEMPT = "WHERE call = (SELECT key FROM calls WHERE plan = 1 AND edition = '' AND id = '{}')"
RUN_A, RUN_B = "'20260921T142640m000-aaaa'", "'20260921T142640m000-bbbb'"


def attempt(id_: str, n: int = 1) -> str:
    return f"{ATTEMPT.format(id_)} AND n = {n}"


@pytest.mark.parametrize(
    ("statement", "what", "seq", "why"),
    [
        # a call
        (f"UPDATE calls SET disposition = 'busy' {ORDER} 'order-1'", "call order-1", 6, "disposition is `busy`"),
        (f"UPDATE calls SET disposition = 'not-dialed' {ORDER} 'order-1'", "call order-1", 6, "disposition"),
        (f"UPDATE calls SET disposition = 'completed' {ORDER} 'order-6'", "call order-6", 32, "disposition"),
        (f"UPDATE calls SET disposition = 'completed' {ORDER} 'order-7'", "call order-7", None, "`waiting`"),
        (f"UPDATE calls SET disposition = 'completed' {ORDER} 'order-3'", "call order-3", 13, "`rejected`"),
        (f"UPDATE calls SET finished = NULL {ORDER} 'order-1'", "call order-1", 6, "finished"),
        (f"UPDATE calls SET finished = finished + 1 {ORDER} 'order-1'", "call order-1", 6, "finished"),
        (f"UPDATE calls SET rung = 0 {ORDER} 'order-1'", "call order-1", 6, "0 attempts are counted"),
        (f"UPDATE calls SET reason = 'x' {ORDER} 'order-3'", "call order-3", 13, "reason is `x`"),
        (f"UPDATE calls SET state = 'due' {ORDER} 'order-1'", "call order-1", 6, "at once"),
        (
            f"UPDATE calls SET state = 'due', disposition = 'waiting' {ORDER} 'order-6'",
            "call order-6", 32, "may still be live",
        ),
        (f"UPDATE calls SET fields = replace(fields, '00002', '00003') {ORDER} 'order-2'", "call order-2", 10, "To"),
        (f"UPDATE calls SET fields = 'x' {ORDER} 'order-2'", "call order-2", 10, "From or To"),
        (f"DELETE FROM calls {ORDER} 'order-1'", "call order-1, attempt 1", 6, "missing"),
        (f"UPDATE calls SET id = 'order-9' {ORDER} 'order-1'", "call order-1, attempt 1", 6, "missing"),
        # an attempt
        (f"DELETE FROM attempts {attempt('order-4')}", "call order-4, attempt 1", 15, "missing"),
        (f"DELETE FROM attempts {attempt('order-4', 2)}", "call order-4, attempt 2", 29, "missing"),
        (f"UPDATE attempts SET n = 3 {attempt('order-4')}", "call order-4, attempt 3", None, "no event"),
        (f"UPDATE attempts SET placement = NULL {attempt('order-6')}", "call order-6, attempt 1", 32, "empty"),
        (f"UPDATE attempts SET evidence = 'person' {attempt('order-5')}", "call order-5, attempt 1", 30, "evidence"),
        (f"UPDATE attempts SET sid = 'sid-9' {attempt('order-1')}", "call order-1, attempt 1", 6, "`sid-1`"),
        (f"UPDATE attempts SET http_status = 200 {attempt('order-3')}", "call order-3, attempt 1", 13, "http_status"),
        (f"UPDATE attempts SET ending = 'busy' {attempt('order-1')}", "call order-1, attempt 1", 6, "ending"),
        (f"UPDATE attempts SET duration = 600 {attempt('order-1')}", "call order-1, attempt 1", 6, "duration"),
        (f"UPDATE attempts SET started_at = '' {attempt('order-2')}", "call order-2, attempt 1", 10, "started_at"),
        (f"UPDATE attempts SET run = 2 {attempt('order-2')}", "call order-2, attempt 1", 10, "run"),
        # a run
        (f"UPDATE runs SET digest = 'x' WHERE id = {RUN_B}", "run " + RUN_B.strip("'"), 22, "digest"),
        (f"UPDATE runs SET policy = '{{}}' WHERE id = {RUN_B}", "run " + RUN_B.strip("'"), 22, "policy"),
        (f"UPDATE runs SET source = 'x' WHERE id = {RUN_B}", "run " + RUN_B.strip("'"), 22, "source"),
        (f"UPDATE runs SET exit_code = 0 WHERE id = {RUN_B}", "run " + RUN_B.strip("'"), 37, "exit_code"),
        (f"UPDATE runs SET ended_at = NULL WHERE id = {RUN_B}", "run " + RUN_B.strip("'"), 37, "time"),
        (f"UPDATE runs SET started_at = '' WHERE id = {RUN_A}", "run " + RUN_A.strip("'"), 1, "time"),
        (f"UPDATE runs SET id = 'x' WHERE id = {RUN_A}", "run " + RUN_A.strip("'"), 1, "missing"),
        (f"UPDATE runs SET id = 'x' WHERE id = {RUN_A}", "run x", None, "run.started"),
        ("UPDATE plans SET name = 'x' WHERE name = 'survey'", "run 20260921T142640m000-cccc", 38, "plan"),
    ],
)  # fmt: skip
def test_what_was_altered_in_a_table_is_found_with_its_place(
    told: Path, statement: str, what: str, seq: int | None, why: str
) -> None:
    found = tampered(told, statement)
    assert any(item.what == what and item.seq == seq and why in item.why for item in found.altered), found.altered
    assert "the chain" not in {item.what for item in found.altered}


def test_in_a_large_journal_the_same_is_found(told: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """There tables are compared with events only where the chain, a sum or the seal shows that something is amiss."""
    statements = (
        f"UPDATE calls SET disposition = 'busy' {ORDER} 'order-1'",
        f"UPDATE calls SET carry = '{{}} ' {ORDER} 'order-1'",
        f"DELETE FROM calls {ORDER} 'order-1'",
        f"UPDATE attempts SET duration = 600 {attempt('order-1')}",
        f"UPDATE attempts SET run = 2 {attempt('order-2')}",
        f"UPDATE attempts SET message = 'x' {attempt('order-2')}",
        f"DELETE FROM attempts {attempt('order-4')}",
        "UPDATE events SET data = '{}' WHERE seq = 6",
        "UPDATE seals SET sum = 'x' WHERE name = 'calls'",
        "UPDATE events SET seal = 'x' WHERE seq = 43",
        "UPDATE holds SET reason = 'x'",
        "UPDATE runs SET exit_code = 0",
    )
    wanted = [tampered(told, statement) for statement in statements]
    heads = [verify(told), verify(told, "0" * 64)]
    monkeypatch.setattr(whole, "COMPARED", 0)
    assert [tampered(told, statement) for statement in statements] == wanted
    assert [verify(told), verify(told, "0" * 64)] == heads
    assert [found.count for found in heads] == [0, 1]


def test_what_no_event_tells_of_is_found_up_to_some_size_though_all_is_sealed(
    told: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """A fault of our own: whoever seals a row that no event tells of proves it, and nothing was altered."""
    back_up(told, tmp_path / "j.db")
    with FileJournal(tmp_path / "j.db").committing() as tx:
        tx.explain_call(1, "x")
    assert [(item.what, item.seq) for item in verify(tmp_path / "j.db").altered] == [("call order-1", 6)]
    monkeypatch.setattr(whole, "COMPARED", 43)
    assert verify(tmp_path / "j.db").altered == ()


def forge(journal: Path, statement: str) -> None:
    """Change a call, and write the sum of calls, and the seal and the hash of the last event, as if all was so."""
    with closing(sqlite3.connect(journal, isolation_level=None)) as db, without_triggers(db):
        db.execute(statement)
        db.execute(
            "UPDATE seals SET sum = ? WHERE name = 'calls'", (table_sum(db, "calls", stored_columns(db, "calls")),)
        )
        before, last = db.execute("SELECT seq, hash FROM events ORDER BY seq DESC LIMIT 2").fetchall()[::-1]
        db.execute("UPDATE events SET seal = ? WHERE seq = ?", (seal_of_tables(db), last[0]))
        columns = db.execute(f"SELECT {COLUMNS} FROM events WHERE seq = ?", (last[0],)).fetchone()
        db.execute("UPDATE events SET hash = ? WHERE seq = ?", (Head(*before).then(*columns), last[0]))


def test_a_row_that_is_forged_up_to_the_head_is_found_by_the_head_in_a_journal_of_any_size(
    told: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """And by what its events say, up to some size."""
    forged = tmp_path / "j.db"
    back_up(told, forged)
    head = verify(forged).head.removeprefix(PREFIX)
    forge(forged, f"UPDATE calls SET disposition = 'busy' {ORDER} 'order-1'")
    assert [item.what for item in verify(forged).altered] == ["call order-1"]
    monkeypatch.setattr(whole, "COMPARED", 0)
    assert verify(forged).altered == ()
    assert {item.what for item in verify(forged, head).altered} == {"the chain", "call order-1"}
    with closing(connect(forged, read_only=True)) as db:
        (earlier,) = db.execute("SELECT hash FROM events WHERE seq = 40").fetchone()
    assert verify(forged, earlier).altered == ()


def test_one_change_is_found_once(told: Path) -> None:
    assert tampered(told, f"UPDATE calls SET disposition = 'busy' {ORDER} 'order-1'").count == 1
    assert tampered(told, f"UPDATE attempts SET sid = 'x' {attempt('order-1')}").count == 1
    assert tampered(told, "UPDATE events SET at = 'x' WHERE seq = 5").count == 1


def test_an_attempt_that_no_event_tells_of_is_found(told: Path) -> None:
    columns = "call, n, run, person, token, started_at, started"
    more = (
        f"INSERT INTO attempts ({columns}) SELECT key, 1, 2, person, 'more', 'at', 0.0 FROM calls WHERE id = 'order-7'"
    )
    found = tampered(told, more)
    assert [(item.what, item.seq, item.why) for item in found.altered] == [
        ("call order-7, attempt 1", None, "no event reports its start"),
        ("call order-7", None, "0 attempts are counted as such that may have rung, and 1 may"),
    ]


def test_what_later_runs_do_to_a_call_nobody_heard_of_is_no_alteration(told: Path, tmp_path: Path) -> None:
    """A rejected call dialed again, one that the plan dropped, one put back: each waits or is not dialed."""
    story = Story(tmp_path / "j.db")
    scope = story.load(RUN, call("a", 1), call("b", 2), call("c", 3), call("d", 4)).scope
    for name in ("a", "b", "c"):
        story.attempt(scope, name, replied(400))
    again = replace(RUN, id="again", retry_rejected=True)
    second = story.load(again, call("a", 1), call("b", 5)).scope
    assert verify(tmp_path / "j.db").count == 0
    story.attempt(second, "a", replied(200, "sid-a"))
    story.load(replace(RUN, id="third"), call("a", 1), call("b", 6))
    assert verify(tmp_path / "j.db").count == 0


def test_an_ending_learnt_behind_a_later_attempt_is_told_by_an_event(tmp_path: Path) -> None:
    """Attempt 1 was throttled, and its callback comes, complete, while attempt 2 is under way."""
    story = Story(tmp_path / "j.db")
    scope = story.load(RUN, call("a", 1)).scope
    first = story.attempt(scope, "a", replied(429))
    story.attempt(scope, "a", None)
    story.hear(scope, first, sid="sid-1", status="in-progress", event="answered")
    story.hear(scope, first, sid="sid-1", status="completed", event="terminal", duration=9)
    assert verify(tmp_path / "j.db").altered == ()
    with closing(connect(tmp_path / "j.db", read_only=True)) as db:
        settled = db.execute("SELECT data FROM events WHERE type = 'attempt.settled' ORDER BY seq").fetchall()
        assert ['"ending":"completed"' in data for (data,) in settled] == [False, True]
        assert db.execute("SELECT ending FROM attempts WHERE n = 1").fetchone() == ("completed",)


def test_a_look_up_reopens_an_unknown_call(tmp_path: Path) -> None:
    story = Story(tmp_path / "j.db")
    scope = story.load(RUN, call("a", 1)).scope
    story.attempt(scope, "a", HUNG)
    story.give_up(scope)
    facts = CallFacts(sid="sid-1", status="in-progress")
    story.do(lambda tx: steps_of(scope).apply_evidence(tx, tx.attempt(1, 1), facts, Evidence.LOOK_UP, story.now))
    assert verify(tmp_path / "j.db").altered == ()
    for word in ("unknown", "not-dialed"):
        found = tampered(tmp_path / "j.db", f"UPDATE calls SET state = 'closed', disposition = '{word}'")
        assert [item.what for item in found.altered] == ["call a"]


def test_a_rejected_call_that_is_dialed_again_cannot_be_called_rejected_while_it_rings(tmp_path: Path) -> None:
    story = Story(tmp_path / "j.db")
    scope = story.load(RUN, call("a", 1)).scope
    story.attempt(scope, "a", replied(400))
    scope = story.load(replace(RUN, id="again", retry_rejected=True), call("a", 1)).scope
    story.attempt(scope, "a", replied(200, "sid-1"))
    for word in ("rejected", "not-dialed"):
        found = tampered(tmp_path / "j.db", f"UPDATE calls SET state = 'closed', disposition = '{word}'")
        assert [item.what for item in found.altered] == ["call a"]


def test_a_sid_that_only_a_later_callback_tells_is_told_by_its_event(tmp_path: Path) -> None:
    story = Story(tmp_path / "j.db")
    scope = story.load(RUN, call("a", 1)).scope
    token = story.attempt(scope, "a", HUNG)
    story.hear(scope, token, status="in-progress", event="answered")
    story.hear(scope, token, sid="sid-1", status="in-progress", event="answered")
    assert verify(tmp_path / "j.db").altered == ()
    assert tampered(tmp_path / "j.db", "UPDATE attempts SET sid = NULL").count == 1


def test_a_callback_may_reopen_a_call_that_a_later_attempt_had_closed(tmp_path: Path) -> None:
    story = Story(tmp_path / "j.db")
    scope = story.load(RUN, call("a", 1)).scope
    first = story.attempt(scope, "a", replied(429))
    second = story.attempt(scope, "a", replied(200, "sid-2"))
    story.hear(scope, first, sid="sid-1", status="in-progress", event="answered")
    story.hear(scope, second, sid="sid-2", status="busy", event="terminal")
    story.hear(scope, first, sid="sid-1", status="in-progress", event="answered")
    assert verify(tmp_path / "j.db").altered == ()


def test_verify_sees_one_moment_and_leaves_a_writer_alone(told: Path, tmp_path: Path) -> None:
    story = Story(tmp_path / "j.db")
    story.load(RUN, call("a", 1))
    with closing(connect(tmp_path / "j.db")) as writer:
        writer.execute("BEGIN IMMEDIATE")
        assert verify(tmp_path / "j.db").events == 2
        writer.execute("ROLLBACK")


def test_what_is_no_journal_or_cannot_be_read_is_told(told: Path, tmp_path: Path) -> None:
    with pytest.raises(CannotProceed, match="no journal at"):
        verify(tmp_path / "none.db")
    torn = tmp_path / "torn.db"
    torn.write_bytes(told.read_bytes()[: 4096 * 3])
    with pytest.raises(CannotProceed, match="cannot be"):
        verify(torn)
    older = tmp_path / "older.db"
    older.write_bytes(told.read_bytes())
    with closing(sqlite3.connect(older)) as db:
        db.execute("ALTER TABLE events RENAME COLUMN hash TO other")
    with pytest.raises(CannotProceed, match="cannot be read"):
        verify(older)


def test_every_event_of_an_attempt_finds_it_whatever_run_was_under_way(told: Path) -> None:
    """The second run is another edition, with an `order-2` of its own: its events name the run that began them."""
    with closing(connect(told, read_only=True)) as db:
        rows = db.execute("SELECT type, data FROM events WHERE call = 'order-4' AND run = " + RUN_B).fetchall()
    assert [(kind, '"begun":' + RUN_A.replace("'", '"') in data) for kind, data in rows] == [
        (EventType.CALL_ENDED, True)
    ]


def test_a_read_only_file_in_a_read_only_folder_is_verified(told: Path) -> None:
    """By a process that is not root, who may write everywhere."""
    with tempfile.TemporaryDirectory() as name:
        folder = Path(name)
        shutil.copy(told, folder / "j.db").chmod(0o444)
        folder.chmod(0o555)
        child = os.fork()
        if child == 0:
            with contextlib.suppress(Exception):
                if os.geteuid() == 0:
                    os.setgid(65534)
                    os.setuid(65534)
                os._exit(verify(folder / "j.db").events)
            os._exit(255)
        status = os.waitstatus_to_exitcode(os.waitpid(child, 0)[1])
        folder.chmod(0o755)
        assert status == 43
        assert [item.name for item in folder.iterdir()] == ["j.db"]
