"""Invariants 1, 2 and 6 under random plans, replies, callbacks and restarts, against a model of who may have rung."""

import json
import shutil
import sqlite3
import tempfile
from collections.abc import Callable
from contextlib import closing
from dataclasses import dataclass, replace
from functools import cache
from pathlib import Path
from typing import TypeVar

import pytest
from hypothesis import HealthCheck, Phase, settings
from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, initialize, invariant, precondition, rule
from unit.engine.bench import HUNG, UNREACHED, replied
from unit.journal.loading import load

from orchestrator.app.report import report_of
from orchestrator.engine.attempt import Steps, hash_token
from orchestrator.engine.config import RunConfig
from orchestrator.exotel.masking import Masker
from orchestrator.exotel.placement import verdict
from orchestrator.journal.queries import Reader
from orchestrator.journal.run import NewRun
from orchestrator.journal.sqlite.file import connect, create
from orchestrator.journal.transaction import Transaction
from orchestrator.journal.verify.whole import verify
from orchestrator.model.call import Attempt, DueCall, Field, ResolvedCall, Scope
from orchestrator.model.diagnostic import Span
from orchestrator.model.errors import TakenOver
from orchestrator.model.outcome import CallFacts, Evidence
from orchestrator.reports.report_json import json_report

T = TypeVar("T")
IDS = ("a", "b", "c", "d")
TO = {"a": "+447700900101", "b": "+447700900101", "c": "+447700900102", "d": "+447700900103"}  # a and b: one pair
TIMEOUT, TIME_LIMIT, SETTLING = 10, 60, 300.0
HORIZON = 2 * TIMEOUT + TIME_LIMIT + SETTLING  # seconds after which an attempt cannot be live any more

REPLIES = {
    "accepted": lambda n: replied(200, f"sid-{n}"),
    "rejected": lambda _: replied(400),
    "account": lambda _: replied(402),
    "throttled": lambda _: replied(429, **{"retry-after": "3"}),
    "unreached": lambda _: UNREACHED,
    "hung": lambda _: HUNG,
    "broken": lambda _: replied(502),
}
WORDS = (*REPLIES, "throttled", "throttled", "unreached")  # what leads to a further attempt, more often
MAY_HAVE_RUNG = ("accepted", "hung", "broken")
ENDINGS = ("completed", "busy", "no-answer", "failed", "canceled")


@dataclass
class Sent:
    """An attempt as the model knows it: `rang` is None while its request is under way."""

    call: str
    n: int
    token: str
    started: float
    due: DueCall
    process: int
    rang: bool | None = None
    over: bool = False
    answered: bool = False

    @property
    def may_have_rung(self) -> bool:
        return self.rang is not False


class Dialing(RuleBasedStateMachine):
    """One journal, its runs one after another; what people may have heard is kept beside it."""

    def __init__(self) -> None:
        super().__init__()
        self.folder = tempfile.TemporaryDirectory()
        self.journal = Path(self.folder.name) / "journal.db"
        self.journal.write_bytes(blank())
        self.db = opened(self.journal)
        self.now, self.process = 1_800_000_000.0, 0
        self.sent: list[Sent] = []
        self.scopes: list[Scope] = []
        self.plan: tuple[str, ...] = ()

    def teardown(self) -> None:
        """What died before its commit is in no seal, and the rest is."""
        self.db.close()
        assert verify(self.journal).altered == ()
        self.folder.cleanup()

    @property
    def steps(self) -> Steps:
        return Steps(replace(RunConfig(self.scopes[-1], 1, None, None), settling=SETTLING))

    def write(self, work: Callable[[Transaction], T], *, commits: bool = True) -> T:
        """One transaction; the process may die before it commits."""
        self.db.execute("BEGIN IMMEDIATE")
        try:
            tx = Transaction(self.db)
            result = work(tx)
            tx.seal()
        except BaseException:
            self.db.execute("ROLLBACK")
            raise
        self.db.execute("COMMIT" if commits else "ROLLBACK")
        return result

    # -- runs -------------------------------------------------------------------------------------------

    @initialize(plan=st.permutations(IDS))
    def first_run(self, plan: list[str]) -> None:
        self.start(plan)

    @rule(plan=st.permutations(IDS), left_out=st.sets(st.sampled_from(IDS), max_size=2))
    def killed_and_run_again(self, plan: list[str], left_out: set[str]) -> None:
        """The process dies, whatever was under way; the next one has the same plan, or another order, or fewer."""
        self.db.close()
        self.db = opened(self.journal)
        self.start([key for key in plan if key not in left_out])

    @precondition(lambda self: self.due())
    @rule(data=st.data())
    def killed_before_the_intent_is_committed(self, data: st.DataObject) -> None:
        call = data.draw(st.sampled_from(self.due()))
        self.write(lambda tx: self.steps.intend(tx, [(call, hash_token("lost"), self.now)])[0], commits=False)
        self.killed_and_run_again(list(self.plan), set())

    def start(self, plan: list[str]) -> None:
        """Take the plan in, and name what a dead process left under way."""
        self.process += 1
        self.plan = tuple(plan)
        at = "2026-11-22T10:00:00Z"
        run = NewRun(f"run-{self.process}", "acme1", "plan", "/plan.yaml", "1", "sha256:0", "test", at)
        loaded = self.write(lambda tx: load(tx, run, [call(key) for key in plan]))
        self.scopes.append(loaded.scope)
        for attempt in list(Reader(self.db).open_attempts(loaded.scope)):
            if attempt.record.placement is None:
                self.write(lambda tx, lost=attempt: self.steps.find_lost(tx, lost, self.now))  # type: ignore[misc]

    @rule(seconds=st.sampled_from([5.0, 60.0, HORIZON + 1]))
    def time_passes(self, seconds: float) -> None:
        self.now += seconds

    # -- attempts ---------------------------------------------------------------------------------------

    def due(self) -> list[DueCall]:
        return Reader(self.db).due(self.scopes[-1], self.now, 10) if self.scopes else []

    @precondition(lambda self: self.due())
    @rule(data=st.data())
    def a_due_call_is_started(self, data: st.DataObject) -> None:
        self.intend(data.draw(st.sampled_from(self.due())))

    @precondition(lambda self: len(self.due()) > 1)
    @rule()
    def everything_that_is_due_is_started_at_once(self) -> None:
        """As the scheduler saw it a moment ago: what the first of them took, the next must not have."""
        for call in self.due():
            self.intend(call)

    def intend(self, call: DueCall) -> None:
        token = f"token-{len(self.sent)}"
        n = self.write(lambda tx: self.steps.intend(tx, [(call, hash_token(token), self.now)])[0])
        if n is None:
            return
        before = [item for item in self.sent if item.call == call.id]
        assert call.id in self.plan, "what the plan no longer holds is never dialed"
        assert not any(item.may_have_rung for item in before), "an attempt after one that may have rung"
        assert n == len(before) + 1
        others = [item for item in self.sent if TO[item.call] == TO[call.id] and item.call != call.id]
        assert not any(self.live(item) for item in others), "two open attempts for one pair"
        gone = [item for item in others if item.call not in self.plan]
        assert not any(item.may_have_rung for item in gone), "rung before, under an id that the plan no longer holds"
        self.sent.append(Sent(call.id, n, token, self.now, call, self.process))

    def live(self, sent: Sent) -> bool:
        """Whether phones may be ringing or people talking because of an attempt, for all that we know."""
        return sent.may_have_rung and not sent.over and self.now < sent.started + HORIZON

    @precondition(lambda self: len(self.scopes) > 1 and self.due())
    @rule(data=st.data())
    def a_process_that_was_taken_over_wakes(self, data: st.DataObject) -> None:
        """Its next intent meets the fence."""
        call = data.draw(st.sampled_from(self.due()))
        old = Steps(RunConfig(self.scopes[-2], 1, None, None))
        with pytest.raises(TakenOver):
            self.write(lambda tx: old.intend(tx, [(call, hash_token("zombie"), self.now)])[0])

    def under_way(self) -> list[Sent]:
        """Requests of this process without an answer, called back or not."""
        return [item for item in self.sent if not item.answered and item.process == self.process]

    @precondition(lambda self: self.under_way())
    @rule(data=st.data(), word=st.sampled_from(WORDS))
    def an_answer_is_recorded(self, data: st.DataObject, word: str) -> None:
        sent = data.draw(st.sampled_from(self.under_way()))
        if sent.rang and word == "unreached":
            word = "throttled"  # it was called back: its request cannot have stayed here
        exchange = REPLIES[word](len(self.sent))
        self.write(lambda tx: self.steps.record(tx, sent.due, sent.n, exchange, verdict(exchange), self.now))
        sent.answered, sent.rang = True, bool(sent.rang) or word in MAY_HAVE_RUNG

    @precondition(lambda self: self.sent)
    @rule(data=st.data(), status=st.sampled_from(["in-progress", *ENDINGS]))
    def a_callback_is_heard(self, data: st.DataObject, status: str) -> None:
        """At any time, in any order, again and again, of this run's attempts and of those before."""
        sent = data.draw(st.sampled_from(self.sent))
        event = "answered" if status == "in-progress" else "terminal"
        facts = CallFacts(sid=f"called-{sent.token}", status=status, event=event)
        assert self.write(lambda tx: self.steps.receive_callback(tx, hash_token(sent.token), facts, self.now))
        assert not self.write(lambda tx: self.steps.receive_callback(tx, hash_token("nobody's"), facts, self.now))
        sent.rang = True
        sent.over = sent.over or event == "terminal"

    @rule(data=st.data(), status=st.sampled_from(["in-progress", *ENDINGS]))
    def accepted_calls_are_looked_up(self, data: st.DataObject, status: str) -> None:
        for attempt in list(Reader(self.db).open_attempts(self.scopes[-1])):
            if attempt.record.sid is None:
                continue
            self.look_up(attempt, CallFacts(sid=attempt.record.sid, status=status))
            sent = next(s for s in self.sent if (s.call, s.n) == (attempt.call_id, attempt.record.n))
            sent.over = sent.over or status != "in-progress"

    def look_up(self, found: Attempt, facts: CallFacts) -> None:
        call, n, now = found.call, found.record.n, self.now
        self.write(lambda tx: self.steps.apply_evidence(tx, tx.attempt(call, n), facts, Evidence.LOOK_UP, now))

    @rule()
    def what_expired_is_given_up(self) -> None:
        for attempt in list(Reader(self.db).open_attempts(self.scopes[-1])):
            sent = next(s for s in self.sent if (s.call, s.n) == (attempt.call_id, attempt.record.n))
            if attempt.record.placement is not None and self.now >= sent.started + HORIZON:
                self.write(lambda tx, old=attempt: self.steps.give_up(tx, old, self.now))  # type: ignore[misc]

    @rule()
    def unknown_ones_are_given_up_early(self) -> None:
        """As after `--settle-for`: the call is closed, and its pair is kept until it cannot be live any more."""
        for attempt in list(Reader(self.db).open_attempts(self.scopes[-1])):
            if attempt.record.placement == "unknown":
                self.write(lambda tx, old=attempt: self.steps.give_up(tx, old, self.now))  # type: ignore[misc]

    # -- what always holds ------------------------------------------------------------------------------

    @invariant()
    def the_journal_knows_every_attempt_and_forgets_no_ring(self) -> None:
        rows = self.db.execute("SELECT c.id, a.n, a.placement FROM attempts a JOIN calls c ON c.key = a.call")
        found = {(key, n): placement for key, n, placement in rows}
        assert found.keys() == {(item.call, item.n) for item in self.sent}
        for item in self.sent:
            assert (found[item.call, item.n] in (None, "accepted", "unknown")) == item.may_have_rung

    @precondition(lambda self: self.scopes)
    @invariant()
    def nothing_is_due_that_may_have_rung(self) -> None:
        rang = {item.call for item in self.sent if item.may_have_rung}
        assert not rang & {call.id for call in self.due()}

    @invariant()
    def an_end_is_told_once(self) -> None:
        """What late news make of it is a correction, until the call is dialed again."""
        ended: set[str] = set()
        told = "SELECT type, call FROM events WHERE type IN (?, 'call.ended', 'call.corrected') ORDER BY seq"
        for kind, key in self.db.execute(told, ("attempt.started",)):
            assert (key in ended) == (kind == "call.corrected") or kind == "attempt.started", (kind, key)
            ended.discard(key) if kind == "attempt.started" else ended.add(key)

    @rule()
    def the_same_journal_gives_the_same_bytes(self) -> None:
        """Read again, and from a copy of its files on another machine."""
        copy = Path(self.folder.name) / "copy.db"
        for suffix in ("", "-wal"):
            shutil.copy(f"{self.journal}{suffix}", f"{copy}{suffix}")
        with closing(connect(copy)) as other:
            text, again, elsewhere = (report(db, self.scopes[-1]) for db in (self.db, self.db, other))
        assert text == again == elsewhere
        told = json.loads(text)
        assert sum(len(item["attempts"]) for item in told["calls"]) == told["totals"]["attempts"] == len(self.sent)
        for suffix in ("", "-wal", "-shm"):
            copy.with_name(copy.name + suffix).unlink(missing_ok=True)


def call(key: str) -> ResolvedCall:
    fields = {"From": "+918123456789", "To": TO[key], "CallerId": "07410410123", "CustomField": key}
    fields |= {"TimeOut": str(TIMEOUT), "TimeLimit": str(TIME_LIMIT)}
    return ResolvedCall(key, tuple(Field(name, value, "call") for name, value in fields.items()), Span("plan.yaml", 1))


def report(db: sqlite3.Connection, scope: Scope) -> str:
    return "".join(json_report(report_of(Reader(db).view, scope), Masker()))


def opened(journal: Path) -> sqlite3.Connection:
    """The journal as the product opens it, but for the disk's cache: no power fails here."""
    db = connect(journal)
    db.execute("PRAGMA synchronous = OFF")
    return db


@cache
def blank() -> bytes:
    """An unused journal."""
    with tempfile.TemporaryDirectory() as folder:
        create(Path(folder) / "journal.db")
        return (Path(folder) / "journal.db").read_bytes()


TestDialing = Dialing.TestCase
TestDialing.settings = settings(
    max_examples=80,
    stateful_step_count=40,
    deadline=None,
    derandomize=True,
    database=None,
    phases=[Phase.generate],  # shrinking takes minutes
    suppress_health_check=[HealthCheck.too_slow, HealthCheck.filter_too_much, HealthCheck.data_too_large],
)


def test_a_call_whose_first_attempt_was_called_back_is_not_dialed_a_third_time() -> None:
    """The callback comes while attempt 2 is under way, and attempt 2 does not ring."""
    machine = Dialing()
    try:
        machine.start(["a", "c"])
        machine.intend(machine.due()[0])
        answer(machine, 0, "throttled")
        machine.now += 5
        machine.intend(machine.due()[0])
        call_back(machine, 0)
        answer(machine, 1, "throttled")
        machine.now += 5
        machine.nothing_is_due_that_may_have_rung()
        machine.start(["a", "c"])
        machine.nothing_is_due_that_may_have_rung()
    finally:
        machine.teardown()


@pytest.mark.parametrize("late", ["ending", "answered and ending", "twice"])
@pytest.mark.parametrize("first", ["accepted", "broken"])
def test_what_late_news_make_of_an_end_is_told_as_a_correction(first: str, late: str) -> None:
    """A call is given up as unseen, or as unknown; then a callback tells how it ended."""
    machine = Dialing()
    try:
        machine.start(["a"])
        machine.intend(machine.due()[0])
        answer(machine, 0, first)
        machine.now += HORIZON + 1
        machine.what_expired_is_given_up()
        words = {"ending": ["completed"], "answered and ending": ["in-progress", "busy"], "twice": ["busy", "busy"]}[
            late
        ]
        for word in words:
            call_back(machine, 0, word)
        machine.an_end_is_told_once()
        told = machine.db.execute(
            "SELECT type, json_extract(data, '$.disposition'), json_extract(data, '$.ending') FROM events"
            " WHERE type LIKE 'call.%ed' ORDER BY seq"
        ).fetchall()
        gave_up = ("call.ended", "unseen", "unseen") if first == "accepted" else ("call.ended", "unknown", None)
        assert told == [gave_up, ("call.corrected", words[-1], words[-1])]
        assert machine.db.execute("SELECT state, disposition FROM calls").fetchall() == [("closed", words[-1])]
        assert not verify(machine.journal).altered
    finally:
        machine.teardown()


def answer(machine: Dialing, index: int, word: str) -> None:
    sent = machine.sent[index]
    exchange = REPLIES[word](index)
    machine.write(lambda tx: machine.steps.record(tx, sent.due, sent.n, exchange, verdict(exchange), machine.now))
    sent.rang = bool(sent.rang) or word in MAY_HAVE_RUNG


def call_back(machine: Dialing, index: int, status: str = "completed") -> None:
    sent = machine.sent[index]
    event = "answered" if status == "in-progress" else "terminal"
    facts = CallFacts(sid="called-back", status=status, event=event)
    assert machine.write(lambda tx: machine.steps.receive_callback(tx, hash_token(sent.token), facts, machine.now))
    sent.rang = sent.over = True
