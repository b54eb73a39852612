"""Holding an edition or all plans, letting go, and numbers that are never rung: each step, and its proof."""

from collections.abc import Callable, Iterator
from contextlib import closing
from dataclasses import replace
from pathlib import Path
from typing import Any, TypeVar

import pytest
from unit.journal.loading import claimed, latest_edition, load
from unit.journal.tampering import tampered

from orchestrator.journal.control import (
    cancel,
    pause,
    release,
    resume,
    suppress,
)
from orchestrator.journal.guard_queries import (
    last_resumed,
    standing_hold,
    standing_holds,
    suppressed_because,
    suppression,
)
from orchestrator.journal.queries import Reader
from orchestrator.journal.run import NewRun
from orchestrator.journal.sqlite.connection import Connection
from orchestrator.journal.sqlite.file import connect
from orchestrator.journal.sqlite.journal import FileJournal
from orchestrator.journal.transaction import Transaction
from orchestrator.journal.verify.whole import verify
from orchestrator.journal.views.view import View
from orchestrator.model.call import Field, ResolvedCall, Scope
from orchestrator.model.diagnostic import Span
from orchestrator.model.events import EventType
from orchestrator.model.hold import Hold, Suppression
from orchestrator.model.outcome import Ending, Placement
from orchestrator.model.record import AttemptRecord
from orchestrator.model.story import Edition, Standing

T = TypeVar("T")
NOW = 1_790_000_000.25
AT = "2026-09-21T14:13:20.250Z"
RUN = NewRun("run-1", "acme1", "cod", "/plan.yaml", "", "sha256:0", "test", AT)
FROM, TO = "+917410410123", "+918123400000"


def call(id_: str, index: int = 0) -> ResolvedCall:
    fields = {"From": FROM, "To": f"+9181234{index:05d}", "CallerId": "1800123456"}
    return ResolvedCall(id_, tuple(Field(n, v, "call") for n, v in fields.items()), Span("plan.yaml", 1))


class Held:
    """One journal, written to in transactions of their own."""

    def __init__(self, path: Path, db: Connection) -> None:
        self.path, self.db, self.view = path, db, View(db)

    def do(self, work: Callable[[Transaction], T]) -> T:
        with FileJournal(self.path).committing() as tx:
            return work(tx)

    def change(self, statement: str, *values: object) -> None:
        """Write what a step would."""
        self.do(lambda tx: tx.db.execute(statement, values))

    def load(self, run: NewRun = RUN, keys: str = "abc") -> Scope:
        return self.do(lambda tx: load(tx, run, [call(key, index) for index, key in enumerate(keys)])).scope

    def edition(self, run: str | None = None) -> Edition:
        return latest_edition(self.view) if run is None else self.view.editions.of_run(run)

    def standing(self, run: str) -> Standing:
        return self.view.editions.standing(self.view.runs.scope_of(run), self.view.runs.record(run), NOW, asked=False)

    def rang(self, scope: Scope, id_: str, ending: Ending | None, later: float = NOW + 60) -> None:
        """Give a due call an attempt that ended so, and put the call back for its redial; None: throttled."""

        def work(tx: Transaction) -> None:
            (due,) = (item for item in Reader(tx.db).due(scope, 1e12, 100) if item.id == id_)
            n = claimed(tx, scope, due, f"{id_}{due.attempts}", AT, NOW, NOW + 900)
            assert n is not None
            placed = Placement.ACCEPTED if ending else Placement.THROTTLED
            ended = {"ending": ending, "ended_at": AT} if ending else {}
            record = replace(AttemptRecord(n, AT), placement=placed, **ended)  # type: ignore[arg-type]
            tx.save(tx.attempt(due.key, n), record)
            tx.append(EventType.ATTEMPT_PLACED, AT, scope.run_id, id_, n, {"placement": placed})
            tx.put_back(due.key, later, f"redial after {ending}" if ending else "throttled")
            if ending:
                data = {"reason": f"redial after {ending}", "until": "later", "ending": ending, "duration": None}
                tx.append(EventType.CALL_WAITING, AT, scope.run_id, id_, n, data)

        self.do(work)

    def rows(self, query: str) -> list[tuple[Any, ...]]:
        return self.db.execute(query).fetchall()

    def calls(self) -> dict[str, tuple[Any, ...]]:
        return {row[0]: row[1:] for row in self.rows("SELECT id, state, disposition, reason FROM calls ORDER BY key")}

    def said(self) -> list[tuple[str, str]]:
        return self.rows("SELECT type, run FROM events WHERE type NOT IN ('run.started', 'calls.loaded') ORDER BY seq")


@pytest.fixture
def held(journal: Path) -> Iterator[Held]:
    with closing(connect(journal)) as db:
        yield Held(journal, db)
    assert verify(journal).altered == ()


def test_a_pause_stands_until_it_is_resumed_and_twice_is_once(held: Held) -> None:
    scope = held.load()
    edition = held.edition()
    assert standing_hold(held.db, scope.plan, "") is None
    assert held.do(lambda tx: pause(tx, edition, "lunch", "asha", NOW))
    assert not held.do(lambda tx: pause(tx, edition, "again", "ravi", NOW + 1))
    assert standing_holds(held.db, scope.plan, "") == (Hold("paused", "lunch", "asha", AT),)
    assert standing_holds(held.db, scope.plan, "other edition") == ()
    assert held.do(lambda tx: resume(tx, edition, None, "asha", NOW + 2)) == 0
    assert held.do(lambda tx: resume(tx, edition, None, "asha", NOW + 3)) is None
    assert standing_hold(held.db, scope.plan, "") is None
    assert held.do(lambda tx: pause(tx, edition, None, "asha", NOW + 4))
    assert held.said() == [("run.paused", "run-1"), ("run.resumed", "run-1"), ("run.paused", "run-1")]


def test_a_hold_is_told_under_the_latest_run_of_its_edition(held: Held) -> None:
    held.load()
    held.load(replace(RUN, id="run-2"))
    held.load(replace(RUN, id="run-3", plan="other", source=""))
    held.do(lambda tx: pause(tx, held.edition("run-1"), None, "asha", NOW))
    assert held.said() == [("run.paused", "run-2")]
    held.do(lambda tx: pause(tx, tx.view.editions.whole_journal(), None, "asha", NOW))
    assert held.said()[1:] == [("run.paused", "run-3")]


def test_the_whole_journals_pause_holds_every_plan_and_is_not_an_editions_to_end(held: Held) -> None:
    assert held.do(lambda tx: pause(tx, tx.view.editions.whole_journal(), "fire", "asha", NOW))
    scope = held.load()
    hold = Hold("paused", "fire", "asha", AT, whole=True)
    assert standing_hold(held.db, scope.plan, "") == hold
    assert held.do(lambda tx: resume(tx, held.edition(), None, "asha", NOW)) is None
    assert standing_hold(held.db, scope.plan, "") == hold
    assert held.do(lambda tx: resume(tx, tx.view.editions.whole_journal(), None, "asha", NOW)) == 0
    assert standing_hold(held.db, scope.plan, "") is None
    assert held.said() == [("run.paused", ""), ("run.resumed", "run-1")]


def test_the_strongest_hold_is_told_first(held: Held) -> None:
    scope, edition = held.load(), held.edition()
    held.do(lambda tx: pause(tx, tx.view.editions.whole_journal(), None, "asha", NOW))
    held.do(lambda tx: pause(tx, edition, None, "asha", NOW))
    held.do(lambda tx: cancel(tx, edition, None, "asha", NOW))
    held.do(lambda tx: tx.halt(scope, "failed: 20%", NOW))
    found = [(hold.kind, hold.whole) for hold in standing_holds(held.db, scope.plan, "")]
    assert found == [("halted", False), ("cancelled", False), ("paused", False), ("paused", True)]
    held.do(lambda tx: resume(tx, edition, "looked into it", "asha", NOW))
    assert [hold.whole for hold in standing_holds(held.db, scope.plan, "")] == [True]


def test_a_halt_stands_once_and_is_judged_afresh_after_its_resume(held: Held) -> None:
    scope = held.load()
    assert last_resumed(held.db, scope.plan, "") == 0.0
    assert held.do(lambda tx: tx.halt(scope, "failed: 20%", NOW))
    assert not held.do(lambda tx: tx.halt(scope, "busy: 90%", NOW))
    assert standing_hold(held.db, scope.plan, "") == Hold("halted", "failed: 20%", "", AT)
    assert last_resumed(held.db, scope.plan, "") == 0.0
    held.do(lambda tx: resume(tx, held.edition(), "fixed", "asha", NOW + 7))
    assert last_resumed(held.db, scope.plan, "") == NOW + 7
    assert last_resumed(held.db, scope.plan, "other") == 0.0
    held.do(lambda tx: pause(tx, held.edition(), None, "asha", NOW + 8))
    held.do(lambda tx: resume(tx, held.edition(), None, "asha", NOW + 9))
    assert last_resumed(held.db, scope.plan, "") == NOW + 7, "a pause is no halt"


def test_cancel_closes_what_is_due_and_resume_takes_that_back(held: Held) -> None:
    scope = held.load(keys="abcd")
    held.rang(scope, "a", Ending.BUSY, NOW + 60)
    held.rang(scope, "b", Ending.NO_ANSWER, NOW + 1)
    held.rang(scope, "b", None, NOW + 30)
    held.change("UPDATE calls SET earliest = ? WHERE id = 'd'", NOW + 500)
    held.change("UPDATE calls SET state = 'closed', disposition = 'not-dialed', reason = 'bad row' WHERE id = 'c'")
    assert held.do(lambda tx: cancel(tx, held.edition(), "wrong list", "asha", NOW)) == 3
    assert held.calls() == {
        "a": ("closed", "busy", "cancelled"),
        "b": ("closed", "no-answer", "cancelled"),
        "c": ("closed", "not-dialed", "bad row"),
        "d": ("closed", "not-dialed", "cancelled"),
    }
    assert verify(held.path).altered == ()
    assert held.do(lambda tx: cancel(tx, held.edition(), None, "ravi", NOW)) is None
    assert held.do(lambda tx: resume(tx, held.edition(), None, "asha", NOW + 5)) == 3
    assert held.calls() == {
        **dict.fromkeys("abd", ("due", "waiting", None)),
        "c": ("closed", "not-dialed", "bad row"),
    }
    times = dict(held.rows("SELECT id, not_before FROM calls"))
    assert (times["a"], times["b"], times["d"]) == (NOW + 60, NOW + 30, NOW + 500)


def test_resume_makes_due_only_what_the_plan_still_holds(held: Held) -> None:
    held.load(keys="ab")
    held.do(lambda tx: cancel(tx, held.edition(), None, "asha", NOW))
    held.load(replace(RUN, id="run-2"), keys="a")
    assert held.do(lambda tx: resume(tx, held.edition(), None, "asha", NOW)) == 1
    assert held.calls()["a"][:2] == ("due", "waiting")
    assert held.calls()["b"][:2] == ("closed", "not-dialed")


def test_resume_makes_nothing_due_in_an_edition_that_a_newer_one_superseded(held: Held) -> None:
    held.load(keys="a")
    held.do(lambda tx: cancel(tx, held.edition(), None, "asha", NOW))
    held.load(replace(RUN, id="run-2", edition="2"), keys="a")
    assert held.do(lambda tx: resume(tx, held.edition("run-1"), None, "asha", NOW)) == 0
    assert held.rows("SELECT edition, state FROM calls ORDER BY edition") == [("", "closed"), ("2", "due")]


def test_a_number_is_suppressed_once_and_keeps_its_first_reason(held: Held) -> None:
    assert suppressed_because(held.db, [FROM, TO]) is None
    assert held.do(lambda tx: suppress(tx, TO, "asked us to", "asha", NOW))
    held.load()
    assert not held.do(lambda tx: suppress(tx, TO, "again", "ravi", NOW + 1))
    assert suppression(held.db, TO) == Suppression("asked us to", "asha", AT)
    assert suppressed_because(held.db, [FROM, TO]) == "asked us to"
    assert suppressed_because(held.db, [FROM]) is None
    assert suppressed_because(held.db, []) is None
    held.do(lambda tx: suppress(tx, FROM, "agent left", "asha", NOW + 2))
    assert held.said() == [("number.suppressed", ""), ("number.suppressed", "run-1")]


def test_a_number_that_is_released_is_not_suppressed_and_may_be_again(held: Held) -> None:
    assert not held.do(lambda tx: release(tx, TO, "a mistake", "asha", NOW))
    held.do(lambda tx: suppress(tx, TO, "asked us to", "asha", NOW))
    held.do(lambda tx: suppress(tx, FROM, "agent left", "asha", NOW + 1))
    assert held.do(lambda tx: release(tx, TO, "a mistake", "ravi", NOW + 2))
    assert not held.do(lambda tx: release(tx, TO, "a mistake", "ravi", NOW + 3))
    assert suppressed_because(held.db, [TO]) is None
    assert [number for number, _ in held.view.holds.suppressions()] == [FROM]
    assert held.said() == [("number.suppressed", ""), ("number.suppressed", ""), ("number.released", "")]
    held.do(lambda tx: suppress(tx, TO, "asked us again", "asha", NOW + 4))
    assert [because.because for _, because in held.view.holds.suppressions()] == ["asked us again", "agent left"]
    assert verify(held.path).altered == ()


def test_what_holds_is_asked_of_an_index(held: Held) -> None:
    from orchestrator.journal.guard_queries import STANDING

    plan = held.db.execute(f"EXPLAIN QUERY PLAN {STANDING}", (1, "")).fetchall()
    assert any("USING INDEX holds_that_hold" in row[3] for row in plan), plan


def test_status_says_what_holds_and_why_a_call_waits(held: Held) -> None:
    scope = held.load(keys="a")
    held.rang(scope, "a", Ending.BUSY, NOW + 60)
    told = held.standing(RUN.id)
    assert (told.holds, told.next_why) == ((), "redial after busy")
    assert told.next_at == "2026-09-21T14:14:20.250Z"
    held.do(lambda tx: pause(tx, held.edition(), "lunch", "asha", NOW))
    told = held.standing(RUN.id)
    assert (told.holds, told.next_at, told.next_why) == ((Hold("paused", "lunch", "asha", AT),), None, "paused")


def test_a_calls_story_tells_what_held_it(held: Held) -> None:
    scope = held.load(keys="a")
    held.rang(scope, "a", Ending.BUSY)
    held.load(replace(RUN, id="elsewhere", plan="other", source=""), keys="a")
    held.do(lambda tx: pause(tx, tx.view.editions.whole_journal(), "fire", "asha", NOW))
    held.do(lambda tx: suppress(tx, TO, "asked us to", "asha", NOW))
    held.do(lambda tx: suppress(tx, "+919812345678", "somebody else", "asha", NOW))
    held.do(lambda tx: cancel(tx, held.edition("run-1"), "wrong list", "asha", NOW))
    story = next(item for item in held.view.calls.stories("a", None, NOW) if item.plan == "cod")
    kinds = [event.type for event in story.events]
    assert kinds[-4:] == [
        EventType.CALL_WAITING,
        EventType.RUN_PAUSED,
        EventType.NUMBER_SUPPRESSED,
        EventType.RUN_CANCELLED,
    ]
    assert (story.disposition, story.reason, story.holds) == ("busy", "cancelled", ())
    held.do(lambda tx: resume(tx, held.edition("run-1"), None, "asha", NOW))
    story = next(item for item in held.view.calls.stories("a", None, NOW) if item.plan == "cod")
    assert [hold.whole for hold in story.holds] == [True]
    assert story.events[-1].type is EventType.RUN_RESUMED


SUPPRESSED, HOLDS = "UPDATE suppressed SET", "UPDATE holds SET"


@pytest.fixture(scope="module")
def whole(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A journal in which everything was said once; not to be changed."""
    from orchestrator.journal.sqlite.file import create

    path = tmp_path_factory.mktemp("held") / "journal.db"
    create(path)
    with closing(connect(path)) as db:
        held = Held(path, db)
        scope = held.load(keys="ab")
        held.rang(scope, "a", Ending.BUSY)
        edition = held.edition()
        held.do(lambda tx: pause(tx, tx.view.editions.whole_journal(), "fire", "asha", NOW))
        held.do(lambda tx: tx.halt(scope, "failed: 20%", NOW))
        held.do(lambda tx: resume(tx, edition, "fixed", "asha", NOW + 1))
        held.do(lambda tx: pause(tx, edition, None, "asha", NOW + 2))
        held.do(lambda tx: cancel(tx, edition, "wrong list", "asha", NOW + 3))
        held.do(lambda tx: suppress(tx, TO, "asked us to", "asha", NOW + 4))
    assert verify(path).altered == ()
    return path


@pytest.mark.parametrize(
    ("statement", "what", "why"),
    [
        ("DELETE FROM suppressed", f"suppressed number {TO}", "missing"),
        (f"{SUPPRESSED} number = '{FROM}'", f"suppressed number {FROM}", "no event"),
        (f"{SUPPRESSED} because = 'x'", f"suppressed number {TO}", "because is `x`"),
        (f"{SUPPRESSED} at = 'x'", f"suppressed number {TO}", "its at is `x`"),
        ("INSERT INTO suppressed VALUES ('1', 'x', 'y', 'z')", "suppressed number 1", "no event"),
        (f"{HOLDS} ended = 1.5, ended_at = 'x' WHERE plan = 0", "the whole journal, paused", "ended_at is `x`"),
        (f"{HOLDS} ended = 1.5 WHERE plan = 0", "the whole journal, paused", "ended is"),
        (f"{HOLDS} ended = 9e99 WHERE plan = 0", "the whole journal, paused", "ended is"),
        (f"{HOLDS} ended = NULL, ended_at = NULL WHERE kind = 'halted'", "plan cod, halted", "ended is empty"),
        (f"{HOLDS} ended = ended + 60 WHERE kind = 'halted'", "plan cod, halted", "ended is"),
        (f"{HOLDS} reason = 'x' WHERE kind = 'halted'", "plan cod, halted", "reason is `x`"),
        (f"{HOLDS} by = 'ravi' WHERE kind = 'cancelled'", "plan cod, cancelled", "by is `ravi`"),
        (f"{HOLDS} edition = 'x' WHERE kind = 'cancelled'", "plan cod, edition x, cancelled", "no event"),
        ("DELETE FROM holds WHERE kind = 'paused' AND plan = 1", "plan cod, paused", "missing"),
        ("UPDATE calls SET disposition = 'completed' WHERE id = 'a'", "call a", "disposition is `completed`"),
        ("UPDATE calls SET disposition = 'not-dialed' WHERE id = 'a'", "call a", "disposition is `not-dialed`"),
        ("UPDATE calls SET disposition = 'busy' WHERE id = 'b'", "call b", "disposition is `busy`"),
    ],
)  # fmt: skip
def test_what_was_altered_by_hand_is_found(whole: Path, statement: str, what: str, why: str) -> None:
    found = tampered(whole, statement)
    assert any(item.what == what and why in item.why for item in found.altered), found.altered


def test_a_call_may_have_the_last_ending_or_wait_only_if_it_was_said_to_wait(whole: Path, tmp_path: Path) -> None:
    """The events of the call name nothing that is wrong with it; without `call.waiting` they do."""
    waits = "UPDATE calls SET state = 'due', disposition = 'waiting', reason = NULL"
    assert [item.what for item in tampered(whole, waits).altered] == ["the table `calls`"]
    dropped = "DELETE FROM events WHERE type = 'call.waiting'"
    assert "call a" in {item.what for item in tampered(whole, dropped).altered}


def test_an_ending_after_a_redial_has_the_last_word(held: Held) -> None:
    scope = held.load(keys="a")
    held.rang(scope, "a", Ending.BUSY)
    held.rang(scope, "a", Ending.NO_ANSWER)
    held.change("UPDATE calls SET state = 'closed', disposition = 'no-answer', reason = 'removed'")
    assert verify(held.path).altered == ()
    found = tampered(held.path, "UPDATE calls SET disposition = 'busy'")
    assert [item.what for item in found.altered] == ["call a"]
