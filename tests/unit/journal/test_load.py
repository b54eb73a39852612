"""Loading a plan's calls: identity decides what is new, what goes on, and what is never dialed again."""

import sqlite3
from collections.abc import Iterator
from contextlib import closing
from dataclasses import replace
from pathlib import Path

import pytest
from unit.journal.loading import claimed, load, reload

from orchestrator.journal.queries import Reader
from orchestrator.journal.run import Loaded, NewRun
from orchestrator.journal.sqlite.connection import Connection
from orchestrator.journal.sqlite.file import connect
from orchestrator.journal.transaction import Transaction
from orchestrator.model.call import Field, ResolvedCall, SkippedRow, text_of
from orchestrator.model.diagnostic import Span
from orchestrator.model.errors import CannotProceed, Refused, TakenOver
from orchestrator.model.outcome import Placement
from orchestrator.model.record import AttemptRecord

RUN = NewRun("run-1", "acme1", "cod", "/plan.yaml", "", "sha256:0", "test", "2026-11-22T10:00:00Z")


def call(id_: str, to: str = "+447700900001", **more: str) -> ResolvedCall:
    fields = {"From": "+918123456789", "To": to, "CallerId": "07410410123", **more}
    return ResolvedCall(id_, tuple(Field(n, v, "call") for n, v in fields.items()), Span("plan.yaml", 1))


@pytest.fixture
def db(journal: Path) -> Iterator[sqlite3.Connection]:
    connection = connect(journal)
    yield connection
    connection.close()


def take(db: sqlite3.Connection, run: NewRun, *calls: ResolvedCall | SkippedRow) -> Loaded:
    db.execute("BEGIN IMMEDIATE")
    try:
        loaded = load(Transaction(db), run, calls)
    except Refused:
        db.execute("ROLLBACK")
        raise
    db.execute("COMMIT")
    return loaded


def dial(db: sqlite3.Connection, loaded: Loaded, placement: Placement | None, close: str | None = None) -> None:
    """Give the first due call an attempt with this placement."""
    tx = Transaction(db)
    due = Reader(db).due(loaded.scope, 1.0, 1)[0]
    n = claimed(tx, loaded.scope, due, f"token-{due.key}-{due.attempts}", "at", 1.0, 100.0)
    assert n is not None
    attempt = tx.attempt(due.key, n)
    tx.save(attempt, replace(AttemptRecord(n, "at"), placement=placement))
    if close:
        db.execute("UPDATE calls SET state = 'closed', disposition = ? WHERE key = ?", (close, due.key))


def again(n: int, **more: str) -> NewRun:
    return replace(RUN, id=f"run-{n}", **more)


def test_new_calls_are_due_in_the_plans_order(db: sqlite3.Connection) -> None:
    loaded = take(db, RUN, call("b", "+447700900002"), call("a", "+447700900001"))
    assert (loaded.calls, loaded.to_dial) == (2, 2)
    assert [due.id for due in Reader(db).due(loaded.scope, 1.0, 10)] == ["b", "a"]


@pytest.mark.parametrize("placement", [Placement.ACCEPTED, Placement.UNKNOWN, None])
def test_a_call_that_may_have_rung_is_never_due_again(db: sqlite3.Connection, placement: Placement | None) -> None:
    dial(db, take(db, RUN, call("a")), placement, close="completed" if placement else None)
    loaded = take(db, again(2), call("a"))
    assert loaded.to_dial == 0
    assert Reader(db).due(loaded.scope, 1e12, 10) == []


def test_another_edition_account_or_plan_dials_the_same_id_again(db: sqlite3.Connection) -> None:
    dial(db, take(db, RUN, call("a")), Placement.ACCEPTED, close="completed")
    for n, other in enumerate([{"edition": "2"}, {"account": "acme2"}, {"plan": "other"}]):
        assert take(db, again(n + 2, **other), call("a")).to_dial == 1


def test_a_rejected_call_is_due_again_only_when_its_request_changed(db: sqlite3.Connection) -> None:
    dial(db, take(db, RUN, call("a")), Placement.REJECTED, close="rejected")
    assert take(db, again(2), call("a")).to_dial == 0
    assert take(db, again(3), call("a", TimeOut="30")).to_dial == 1


def test_a_call_that_the_account_refused_is_due_again(db: sqlite3.Connection) -> None:
    dial(db, take(db, RUN, call("a")), Placement.REJECTED, close="not-dialed")
    assert take(db, again(2), call("a")).to_dial == 1


def test_numbers_changed_under_an_attempt_that_may_have_rung_refuse_the_run(db: sqlite3.Connection) -> None:
    dial(db, take(db, RUN, call("a"), call("b", "+447700900002")), Placement.UNKNOWN)
    with pytest.raises(Refused) as refused:
        take(db, again(2), call("a", "+447700900009"), call("b", "+447700900002"), call("c"))
    assert [item.id for item in refused.value.diagnostics] == ["numbers-changed"]
    assert db.execute("SELECT count(*) FROM runs").fetchone()[0] == 1
    assert db.execute("SELECT count(*) FROM calls").fetchone()[0] == 2


def test_another_spelling_of_the_same_number_is_no_change(db: sqlite3.Connection) -> None:
    dial(db, take(db, RUN, call("a", "+917410410123")), Placement.ACCEPTED, close="completed")
    assert take(db, again(2), call("a", "07410410123")).to_dial == 0


def test_numbers_may_be_corrected_while_nobody_was_rung(db: sqlite3.Connection) -> None:
    dial(db, take(db, RUN, call("a")), Placement.REJECTED, close="rejected")
    loaded = take(db, again(2), call("a", "+447700900009"))
    assert text_of(Reader(db).due(loaded.scope, 1.0, 1)[0].fields, "To") == "+447700900009"


def test_what_the_plan_no_longer_holds_is_not_dialed(db: sqlite3.Connection) -> None:
    take(db, RUN, call("a"), call("b", "+447700900002"))
    loaded = take(db, again(2), call("a"))
    assert [due.id for due in Reader(db).due(loaded.scope, 1.0, 10)] == ["a"]
    assert {record.id: record.reason for record in Reader(db).view.results.calls(loaded.scope)} == {
        "a": None,
        "b": "removed",
    }
    assert Reader(db).view.results.not_dialed(loaded.scope) == {}, "it is not held against the plan's calls"
    assert take(db, again(3), call("a"), call("b", "+447700900002")).to_dial == 2


def test_a_pair_in_flight_holds_every_other_call_to_it(db: sqlite3.Connection) -> None:
    loaded = take(db, RUN, call("a", "+917410410123"), call("b", "07410410123"), call("c", "+447700900003"))
    reader, tx = Reader(db), Transaction(db)
    both = reader.due(loaded.scope, 1.0, 10)
    assert claimed(tx, loaded.scope, both[0], "t1", "at", 1.0, 100.0) == 1
    assert claimed(tx, loaded.scope, both[1], "t2", "at", 1.0, 100.0) is None
    assert [due.id for due in reader.due(loaded.scope, 1.0, 10)] == ["c"]
    db.execute("UPDATE calls SET state = 'closed', disposition = 'unknown' WHERE id = 'a'")
    assert [due.id for due in reader.due(loaded.scope, 99.0, 10)] == ["c"]
    assert reader.next_due(loaded.scope) == 0.0
    assert [due.id for due in reader.due(loaded.scope, 101.0, 10)] == ["b", "c"]


def test_an_intent_cannot_be_committed_twice(db: sqlite3.Connection) -> None:
    loaded = take(db, RUN, call("a"))
    due = Reader(db).due(loaded.scope, 1.0, 1)[0]
    tx = Transaction(db)
    assert claimed(tx, loaded.scope, due, "t1", "at", 1.0, 100.0) == 1
    assert claimed(tx, loaded.scope, due, "t2", "at", 1.0, 100.0) is None
    with pytest.raises(sqlite3.IntegrityError):
        db.execute("INSERT INTO attempts (call, n, run, token, started_at, started) VALUES (1, 1, 1, 'x', 'at', 1.0)")


def test_numbers_keep_their_characters_in_the_journal(db: sqlite3.Connection) -> None:
    loaded = take(db, RUN, call("a", "02226543210", CustomField="007"))
    due = Reader(db).due(loaded.scope, 1.0, 1)[0]
    assert (text_of(due.fields, "To"), text_of(due.fields, "CustomField")) == ("02226543210", "007")


def test_a_pair_that_may_have_rung_is_not_dialed_again_under_a_new_id(db: sqlite3.Connection) -> None:
    dial(db, take(db, RUN, call("a")), Placement.ACCEPTED, close="completed")
    loaded = take(db, again(2), call("b"), call("c", "+447700900003"))
    assert [due.id for due in Reader(db).due(loaded.scope, 1e12, 10)] == ["c"]
    assert Reader(db).view.results.not_dialed(loaded.scope) == {"id changed": 1}
    assert take(db, again(3), call("b"), call("c", "+447700900003")).to_dial == 1


def test_a_pair_may_be_dialed_under_a_new_id_on_request_in_a_new_edition_or_beside_its_old_id(
    db: sqlite3.Connection,
) -> None:
    dial(db, take(db, RUN, call("a")), Placement.ACCEPTED, close="completed")
    assert take(db, again(2), call("a"), call("b")).to_dial == 1
    assert take(db, again(3), call("c")).to_dial == 0
    assert take(db, again(4, new_ids=True), call("c")).to_dial == 1
    assert take(db, again(5, edition="2"), call("b")).to_dial == 1


def test_the_verdict_is_on_the_plans_calls_and_not_on_those_it_no_longer_holds(db: sqlite3.Connection) -> None:
    dial(db, take(db, RUN, call("a")), Placement.ACCEPTED, close="busy")
    loaded = take(db, again(2), call("b", "+447700900002"))
    judged = Reader(db).view.results.totals(loaded.scope, planned=True)
    assert (judged["calls"], judged["busy"], judged["waiting"]) == (1, 0, 1)


def test_a_call_that_is_due_again_belongs_to_the_run_that_holds_it_now(db: sqlite3.Connection) -> None:
    take(db, RUN, call("a"))
    loaded = take(db, again(2), call("a"))
    assert [record.run for record in Reader(db).view.results.calls(loaded.scope)] == ["run-2"]


def reasons(db: sqlite3.Connection, loaded: Loaded) -> dict[str, str | None]:
    return {
        record.id: record.reason or record.disposition.value for record in Reader(db).view.results.calls(loaded.scope)
    }


def test_a_skipped_row_is_accounted_for_and_dialed_when_it_is_mended(db: sqlite3.Connection) -> None:
    loaded = take(db, RUN, call("a"), SkippedRow("b", "d.csv:3"), SkippedRow(None, "d.csv:4"))
    assert reasons(db, loaded) == {"a": "waiting", "b": "bad row", "d.csv:4": "bad row"}
    assert [due.id for due in Reader(db).due(loaded.scope, 1.0, 9)] == ["a"]
    mended = take(db, again(2), call("a"), call("b", "+447700900002"))
    assert reasons(db, mended) == {"a": "waiting", "b": "waiting"}
    assert [due.id for due in Reader(db).due(mended.scope, 1.0, 9)] == ["a", "b"]


def test_a_row_that_went_bad_after_its_call_keeps_what_became_of_it(db: sqlite3.Connection) -> None:
    dial(db, take(db, RUN, call("a"), call("b", "+447700900002")), Placement.ACCEPTED, close="completed")
    loaded = take(db, again(2), SkippedRow("a", "d.csv:2"), SkippedRow("b", "d.csv:3"))
    assert reasons(db, loaded) == {"a": "completed", "b": "bad row"}
    assert Reader(db).due(loaded.scope, 1e12, 9) == []


def test_a_skipped_row_never_takes_the_place_of_a_call_with_its_id(db: sqlite3.Connection) -> None:
    loaded = take(
        db, RUN, call("a"), SkippedRow("a", "d.csv:2"), SkippedRow("c", "d.csv:3"), call("c", "+447700900003")
    )
    assert reasons(db, loaded) == {"a": "waiting", "d.csv:2": "bad row", "c": "waiting"}


def test_an_earlier_run_can_commit_no_intent_any_more(db: sqlite3.Connection) -> None:
    first = take(db, RUN, call("a"))
    due = Reader(db).due(first.scope, 1.0, 1)[0]
    take(db, again(2), call("a"))
    with pytest.raises(TakenOver):
        claimed(Transaction(db), first.scope, due, "token", "at", 1.0, 100.0)


def test_an_open_call_of_another_plan_holds_its_pair_until_it_cannot_be_live_any_more(db: sqlite3.Connection) -> None:
    dial(db, take(db, RUN, call("a")), None)
    loaded = take(db, again(2, plan="other", source="/other.yaml"), call("b"), call("c", "+447700900003"))
    reader = Reader(db)
    assert [due.id for due in reader.due(loaded.scope, 99.0, 9)] == ["c"]
    assert [due.id for due in reader.due(loaded.scope, 101.0, 9)] == ["b", "c"]
    take(db, again(3, plan="other", source="/other.yaml"), call("b"))
    assert reader.next_due(loaded.scope) == 100.0


def test_other_editions_open_calls_are_followed_and_their_due_ones_closed(db: sqlite3.Connection) -> None:
    dial(db, take(db, again(1, edition="1"), call("a"), call("b", "+447700900002")), Placement.ACCEPTED)
    loaded = take(db, again(2, edition="2"), call("b", "+447700900002"))
    assert [attempt.call_id for attempt in Reader(db).open_attempts(loaded.scope)] == ["a"]
    assert Reader(db).in_flight(loaded.scope) == 1
    back = take(db, again(3, edition="1"), call("a"), call("b", "+447700900002"))
    assert back.newest == "2"
    assert Reader(db).due(back.scope, 1.0, 9) == [], "what was superseded stays so, whoever runs it again"
    again_2 = take(db, again(4, edition="2"), call("b", "+447700900002"))
    assert [due.id for due in Reader(db).due(again_2.scope, 1.0, 9)] == ["b"]


def test_a_name_from_another_file_is_refused_until_it_is_said_to_have_moved(db: sqlite3.Connection) -> None:
    take(db, RUN, call("a"))
    with pytest.raises(Refused) as refused:
        take(db, again(2, source="other.yaml"), call("a"))
    assert [item.id for item in refused.value.diagnostics] == ["name-taken"]
    take(db, again(3, source=""), call("a"))  # stdin is no file
    take(db, again(4, source="other.yaml", moved=True), call("a"))
    take(db, again(5, source="other.yaml"), call("a"))


def states(db: sqlite3.Connection) -> list[tuple[object, ...]]:
    return db.execute(
        "SELECT id, state, disposition, reason, run, not_before FROM calls ORDER BY position, id"
    ).fetchall()


@pytest.mark.parametrize("options", [{}, {"retry_rejected": True}, {"new_ids": True}])
def test_taking_up_unchanged_calls_gives_what_loading_them_again_gives(
    db: sqlite3.Connection, tmp_path: Path, options: dict[str, bool]
) -> None:
    """All kinds of calls: finished, rejected, unknown, open, due, bad, removed, under a changed id."""
    numbers = {key: f"+4477009001{n:02d}" for n, key in enumerate("abcdefghi")}
    plan = [call(key, to) for key, to in numbers.items()]
    first = take(db, replace(RUN, inputs="one"), *plan)
    dial(db, first, Placement.ACCEPTED, close="completed")
    dial(db, first, Placement.REJECTED, close="rejected")
    dial(db, first, Placement.UNKNOWN, close="unknown")
    dial(db, first, None)
    dial(db, first, Placement.REJECTED, close="not-dialed")
    second = [call("a2", numbers["a"]), *plan[1:8], SkippedRow(None, "d.csv:9")]
    take(db, again(2, inputs="two"), *second)
    with closing(sqlite3.connect(tmp_path / "copy", factory=Connection)) as copy:
        db.backup(copy)
        copy.isolation_level = None
        slow = take(copy, again(3, inputs="two", **options), *second)
        with closing(sqlite3.connect(tmp_path / "fast", isolation_level=None, factory=Connection)) as other:
            db.backup(other)
            fast = reload(Transaction(other), again(3, inputs="two", **options))
            assert states(other) == states(copy)
            assert (fast.calls, fast.to_dial, fast.id_changed) == (slow.calls, slow.to_dial, slow.id_changed)
            assert Reader(other).view.results.totals(fast.scope, planned=True) == Reader(copy).view.results.totals(
                slow.scope, planned=True
            )


def test_other_inputs_are_not_taken_up(db: sqlite3.Connection) -> None:
    take(db, replace(RUN, inputs="one"), call("a"))
    take(db, again(2, inputs="two"), call("a"))
    for other in ({"inputs": "one"}, {"inputs": ""}, {"inputs": "three"}, {"inputs": "two", "edition": "2"}):
        with pytest.raises(CannotProceed, match="changed the plan's calls meanwhile"):
            reload(Transaction(db), again(3, **other))
    assert db.execute("SELECT count(*) FROM runs").fetchone() == (2,)
