"""Redials and the cap on one person under random rules, endings and restarts, against a model that knows no SQL."""

import tempfile
from collections.abc import Callable
from dataclasses import dataclass, replace
from pathlib import Path
from typing import TypeVar

import pytest
from hypothesis import HealthCheck, Phase, settings
from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, initialize, invariant, precondition, rule
from unit.engine.test_invariants import REPLIES, SETTLING, blank, opened
from unit.journal.loading import load

from orchestrator.engine.admission import Evaluator
from orchestrator.engine.attempt import Steps, hash_token
from orchestrator.engine.clock import Clock
from orchestrator.engine.config import RunConfig
from orchestrator.engine.memory import Memory
from orchestrator.exotel.placement import verdict
from orchestrator.journal.queries import Reader
from orchestrator.journal.run import NewRun
from orchestrator.journal.transaction import Transaction
from orchestrator.journal.verify.whole import verify
from orchestrator.model.call import DueCall, Field, ResolvedCall
from orchestrator.model.diagnostic import Span
from orchestrator.model.outcome import CallFacts, Disposition, Ending, Leg
from orchestrator.model.policy import PersonCap, Policy, Redial
from orchestrator.policy.may_start import Rules, Start
from orchestrator.policy.next_step import Close, Redialed, after_ending

T = TypeVar("T")
NUMBERS = {"a": ("1", "101"), "b": ("2", "101"), "c": ("1", "102")}  # a and b ring one person
ENDINGS = ("busy", "no-answer", "failed", "canceled", "agent-no-answer", "unseen")
WORDS = ("accepted", "accepted", "accepted", "throttled", "unreached", "hung")
SPACING = st.sampled_from([5.0, 60.0, 600.0])
RULES = st.dictionaries(st.sampled_from(ENDINGS), st.builds(Redial, st.integers(1, 4), SPACING))
CAPS = st.none() | st.builds(PersonCap, st.integers(1, 4), st.sampled_from([100.0, 1000.0]))


@dataclass
class Rang:
    """An attempt as the model knows it. `rang`: may have, for all that is known; `ending` None: not known yet."""

    call: str
    n: int
    token: str
    started: float
    due: DueCall
    rang: bool = True
    ending: str | None = None
    ended: float = 0.0
    answered: bool = False


class Beside:
    """Stands for the run's own writer, which commits nothing here: all is committed beside it."""

    others = 0

    def follow(self, _follower: object) -> None:
        """Nothing is ever told."""

    def is_own(self, _newest: tuple[int, str]) -> bool:
        """Whether a commit is this writer's own."""
        return False

    async def write(self, _work: Callable[[Transaction], T]) -> T:
        """Refuse: the model commits by itself."""
        raise NotImplementedError


class Redialing(RuleBasedStateMachine):
    """One journal and an invented clock."""

    def __init__(self) -> None:
        super().__init__()
        self.folder = tempfile.TemporaryDirectory()
        self.journal = Path(self.folder.name) / "journal.db"
        self.journal.write_bytes(blank())
        self.db = opened(self.journal)
        self.now, self.runs = 1_800_000_000.0, 0
        self.sent: list[Rang] = []
        self.unknown: set[str] = set()

    def teardown(self) -> None:
        self.db.close()
        assert verify(self.journal).altered == ()
        self.folder.cleanup()

    def drop(self) -> None:
        """End where the test itself has altered the journal."""
        self.db.close()
        self.folder.cleanup()

    def write(self, work: Callable[[Transaction], T]) -> T:
        self.db.execute("BEGIN IMMEDIATE")
        tx = Transaction(self.db, others=1)  # not the run's own writer: what is remembered is not enough
        result = work(tx)
        tx.seal()
        self.db.execute("COMMIT")
        return result

    @initialize(rules=RULES, cap=CAPS)
    def first(self, rules: dict[str, Redial], cap: PersonCap | None) -> None:
        self.start(rules, cap)

    @rule(rules=RULES, cap=CAPS)
    def run_again_with_other_rules(self, rules: dict[str, Redial], cap: PersonCap | None) -> None:
        self.start(rules, cap)

    @rule()
    def run_again(self) -> None:
        self.start(self.rules, self.cap)

    def start(self, rules: dict[str, Redial], cap: PersonCap | None) -> None:
        self.runs += 1
        self.rules, self.cap = rules, cap
        run = NewRun(f"run-{self.runs}", "acme1", "plan", "/plan.yaml", "", "sha256:0", "test", "2026-11-22T10:00:00Z")
        loaded = self.write(lambda tx: load(tx, run, [call(key) for key in NUMBERS]))
        policy = Policy(redial=tuple(rules.items()), per_person=cap)
        config = replace(RunConfig(loaded.scope, 1, None, None), rules=Rules(policy), settling=SETTLING)
        self.scope, self.steps = loaded.scope, Steps(config)
        clock = Clock(lambda: self.now)
        self.memory = Memory(config, Beside(), Reader(self.db), clock)
        self.judge = Evaluator(config, Reader(self.db), clock, self.memory)
        for attempt in list(Reader(self.db).open_attempts(self.scope)):
            if attempt.record.placement is None:
                self.write(lambda tx, lost=attempt: self.steps.find_lost(tx, lost, self.now))  # type: ignore[misc]
        for each in self.sent:
            each.answered = True  # by nobody: the process died

    @rule(seconds=st.sampled_from([1.0, 4.0, 30.0, 300.0, 700.0]))
    def time_passes(self, seconds: float) -> None:
        self.now += seconds

    # -- what the product does, held to the model ------------------------------------------------------

    def due(self) -> list[DueCall]:
        return Reader(self.db).due(self.scope, self.now, 10)

    @precondition(lambda self: self.due())
    @rule(data=st.data())
    def what_may_start_is_started(self, data: st.DataObject) -> None:
        due = data.draw(st.sampled_from(self.due()))
        guard = self.judge.guard(due)
        intent = due, hash_token(f"t{len(self.sent)}"), self.now
        n = self.write(lambda tx: self.steps.intend(tx, [intent])[0] if guard.holds(tx) else None)
        allowed = self.allows(due.id)
        assert (n is not None) is allowed, f"{due.id} was {'not ' * (n is None)}started"
        if n is not None:
            assert n == 1 + sum(each.call == due.id for each in self.sent)
            self.sent.append(Rang(due.id, n, f"t{len(self.sent)}", self.now, due))

    def allows(self, key: str) -> bool:
        """Say by the plan's words alone whether one more attempt of a call may start now."""
        rang = [each for each in self.sent if each.call == key and each.rang]
        if key in self.unknown or any(each.ending in (None, "completed") for each in rang):
            return False
        if rang:
            rule = self.rules.get(str(rang[-1].ending))
            if rule is None or len(rang) >= rule.attempts or self.now < rang[-1].ended + rule.after:
                return False
        if self.cap is None:
            return True
        since = self.now - self.cap.within
        person = [each for each in self.sent if each.rang and NUMBERS[each.call][1] == NUMBERS[key][1]]
        return sum(each.started > since for each in person) < self.cap.attempts

    @precondition(lambda self: self.due())
    @rule()
    def what_may_not_start_any_more_is_closed(self) -> None:
        for due in self.due():
            self.memory.refresh()
            found = self.judge.judge(due)
            if isinstance(found, Start):
                assert self.allows(due.id), f"{due.id} may not start"
            elif hasattr(found, "disposition"):
                assert not self.allows(due.id)
                self.write(lambda tx, d=due, f=found: self.steps.close(tx, d, f.disposition, f.reason, self.now))  # type: ignore[misc]

    # -- what the world does ---------------------------------------------------------------------------

    def under_way(self) -> list[Rang]:
        return [each for each in self.sent if not each.answered]

    @precondition(lambda self: self.under_way())
    @rule(data=st.data(), word=st.sampled_from(WORDS))
    def an_answer_comes(self, data: st.DataObject, word: str) -> None:
        each = data.draw(st.sampled_from(self.under_way()))
        exchange = REPLIES[word](f"{each.call}-{each.n}")  # type: ignore[no-untyped-call]
        self.write(lambda tx: self.steps.record(tx, each.due, each.n, exchange, verdict(exchange), self.now))
        each.answered, each.rang = True, each.ending is not None or word in ("accepted", "hung")

    def going_on(self) -> list[Rang]:
        return [each for each in self.sent if each.rang and each.ending is None]

    @precondition(lambda self: self.going_on())
    @rule(data=st.data(), word=st.sampled_from(("completed", *ENDINGS[:-1], *ENDINGS[:-1])))
    def a_call_ends(self, data: st.DataObject, word: str) -> None:
        each = data.draw(st.sampled_from(self.going_on()))
        legs = (Leg("no-answer", None), Leg(None, None)) if word == "agent-no-answer" else ()
        facts = CallFacts(None, word.removeprefix("agent-"), "terminal", legs)
        assert self.write(lambda tx: self.steps.receive_callback(tx, hash_token(each.token), facts, self.now))
        each.ending, each.ended = word, self.now
        self.unknown.discard(each.call)

    @rule()
    def what_expired_is_given_up(self) -> None:
        for attempt in list(Reader(self.db).open_attempts(self.scope)):
            each = next(e for e in self.sent if (e.call, e.n) == (attempt.call_id, attempt.record.n))
            if attempt.record.placement is None or self.now < attempt.pair_free_at:
                continue
            self.write(lambda tx, old=attempt: self.steps.give_up(tx, old, self.now))  # type: ignore[misc]
            if attempt.record.placement == "accepted":
                each.ending, each.ended = "unseen", self.now
            else:
                self.unknown.add(each.call)

    # -- what always holds -----------------------------------------------------------------------------

    @invariant()
    def whatever_the_model_admits_is_due(self) -> None:
        """Nothing is forgotten either: a call that may be redialed by the rules under which it ended."""
        due = {each.id for each in self.due()} if self.runs else set()
        for key in NUMBERS:
            if self.runs and not any(each.call == key for each in self.sent):
                assert key in due

    @precondition(lambda self: self.runs)
    @invariant()
    def a_call_that_completed_is_closed_as_completed(self) -> None:
        rows = dict(self.db.execute("SELECT id, disposition FROM calls"))
        for key in NUMBERS:
            rang = [each for each in self.sent if each.call == key and each.rang]
            if rang and rang[-1].ending == "completed":
                assert rows[key] == "completed"


def call(key: str) -> ResolvedCall:
    agent, person = NUMBERS[key]
    fields = {"From": f"+91812345678{agent}", "To": f"+447700900{person}", "CallerId": "07410410123"}
    fields |= {"CustomField": key, "TimeOut": "10", "TimeLimit": "60"}
    return ResolvedCall(key, tuple(Field(name, value, "call") for name, value in fields.items()), Span("plan.yaml", 1))


TestRedialing = Redialing.TestCase
TestRedialing.settings = settings(
    max_examples=60,
    stateful_step_count=40,
    deadline=None,
    derandomize=True,
    database=None,
    phases=[Phase.generate],  # shrinking takes minutes
    suppress_health_check=[HealthCheck.too_slow, HealthCheck.filter_too_much, HealthCheck.data_too_large],
)


def story(rules: dict[str, Redial], first: str) -> Redialing:
    """A call whose first attempt was answered so, and whose second one completed."""
    machine = Redialing()
    machine.start(rules, None)
    for word in (first, "accepted"):
        due = next(each for each in machine.due() if each.id == "c")
        sent = Rang("c", len(machine.sent) + 1, f"t{len(machine.sent)}", machine.now, due)
        machine.write(lambda tx, s=sent: machine.steps.intend(tx, [(s.due, hash_token(s.token), machine.now)])[0])  # type: ignore[misc]
        exchange = REPLIES[word](f"c-{sent.n}")  # type: ignore[no-untyped-call]
        machine.write(
            lambda tx, s=sent, e=exchange: machine.steps.record(tx, s.due, s.n, e, verdict(e), machine.now)  # type: ignore[misc]
        )
        machine.sent.append(sent)
        machine.now += 10
    hear(machine, 1, "completed")
    return machine


def hear(machine: Redialing, index: int, word: str) -> None:
    facts = CallFacts(None, word, "terminal")
    token = hash_token(machine.sent[index].token)
    assert machine.write(lambda tx: machine.steps.receive_callback(tx, token, facts, machine.now))


def test_late_word_of_an_earlier_attempt_does_not_open_a_call_that_completed() -> None:
    """Attempt 1 was throttled, or so its answer said; attempt 2 completed; then attempt 1's callback says busy."""
    machine = story({"busy": Redial(5, 60.0)}, "throttled")
    try:
        hear(machine, 0, "busy")
        row = machine.db.execute("SELECT state, disposition FROM calls WHERE id = 'c'").fetchone()
        assert row == ("closed", "completed")
    finally:
        machine.teardown()


def test_a_call_that_the_plan_no_longer_holds_is_not_redialed() -> None:
    """It was in flight when a run without it began, and ends busy then."""
    machine = Redialing()
    try:
        machine.start({"busy": Redial(5, 60.0)}, None)
        due = next(each for each in machine.due() if each.id == "c")
        machine.write(lambda tx: machine.steps.intend(tx, [(due, hash_token("t0"), machine.now)])[0])
        machine.sent.append(Rang("c", 1, "t0", machine.now, due))
        exchange = REPLIES["accepted"]("c-1")  # type: ignore[no-untyped-call]
        machine.write(lambda tx: machine.steps.record(tx, due, 1, exchange, verdict(exchange), machine.now))
        run = NewRun("run-x", "acme1", "plan", "/plan.yaml", "", "sha256:0", "test", "2026-11-22T10:00:00Z")
        loaded = machine.write(lambda tx: load(tx, run, [call("a"), call("b")]))
        machine.steps = Steps(replace(machine.steps.config, scope=loaded.scope))
        hear(machine, 0, "busy")
        row = machine.db.execute("SELECT state, disposition FROM calls WHERE id = 'c'").fetchone()
        assert row == ("closed", "busy")
        machine.now += 100
        assert "c" not in {each.id for each in Reader(machine.db).due(loaded.scope, machine.now, 10)}
    finally:
        machine.teardown()


@pytest.mark.parametrize(
    ("ending", "rung", "follows"),
    [
        (Ending.BUSY, 1, True),
        (Ending.BUSY, 2, True),
        (Ending.BUSY, 3, False),
        (Ending.BUSY, 0, False),  # not to be dialed any more
        (Ending.NO_ANSWER, 1, False),
        (Ending.COMPLETED, 1, False),  # whatever a rule says
    ],
)
def test_what_follows_an_ending_is_told_at_once(ending: Ending, rung: int, follows: bool) -> None:
    rules = (("busy", Redial(3, 60.0)), ("completed", Redial(9, 60.0)))
    redialed = Redialed(1060.0, f"redial after {ending}")
    assert after_ending(ending, rung, 1000.0, rules) == (redialed if follows else Close(Disposition(ending)))


SUPPRESS = "INSERT INTO suppressed VALUES ('{}', 'asked', 'asha', '2026-11-22T10:00:00Z')"
HOLD = "INSERT INTO holds (kind, plan, edition, reason, by, began, began_at) SELECT '{}', {}, '', '', '', 1, '' {}"
ATTEMPT = """INSERT INTO attempts (call, n, run, person, token, started_at, started, placement, ending)
 SELECT key, 1, run, person, 't', '', 1, {} FROM calls WHERE id = 'c'"""
MEANWHILE = {
    "To is suppressed": SUPPRESS.format("+447700900102"),
    "From is suppressed": SUPPRESS.format("+918123456781"),
    "everything is paused": HOLD.format("paused", 0, ""),
    "the edition is halted": HOLD.format("halted", "plan", "FROM calls WHERE id = 'c'"),
    "an attempt is unknown": ATTEMPT.format("'unknown', NULL"),
    "an attempt completed": ATTEMPT.format("'accepted', 'completed'"),
    "the call is closed": "UPDATE calls SET state = 'closed' WHERE id = 'c'",
}


@pytest.mark.parametrize("meanwhile", MEANWHILE.values(), ids=MEANWHILE.keys())
def test_the_claim_itself_refuses_whatever_whoever_chose_the_call_believed(meanwhile: str) -> None:
    machine = Redialing()
    try:
        machine.start({"busy": Redial(5, 60.0)}, None)
        due = next(each for each in machine.due() if each.id == "c")
        machine.db.execute(meanwhile)
        n = machine.write(lambda tx: machine.steps.intend(tx, [(due, hash_token("t0"), machine.now)])[0])
        assert n is None
    finally:
        machine.drop()
