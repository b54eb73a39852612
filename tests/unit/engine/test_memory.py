"""What a run remembers is what the journal says, whoever has committed what: facts of calls, counts, the next call."""

from collections import Counter
from collections.abc import Callable, Iterator
from dataclasses import replace
from functools import partial
from typing import Any

import pytest
from hypothesis import HealthCheck, Phase, settings
from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, initialize, invariant, precondition, rule
from unit.engine.remembered import HORIZON, REPLIES, Begun, Remembered, call, opened

from orchestrator.engine import due_calls
from orchestrator.engine.attempt import Steps
from orchestrator.engine.memory import EditionCounts
from orchestrator.journal import control
from orchestrator.journal.transaction import Transaction
from orchestrator.model.call import DueCall, Scope
from orchestrator.model.events import EventType
from orchestrator.model.number import DndMark
from orchestrator.model.outcome import Disposition
from orchestrator.model.story import Edition
from orchestrator.policy.may_start import CallQueries

OWN = [
    call("a", 1, 1),
    call("b", 1, 1),  # the pair of `a`
    call("c", 1, 2),
    call("d", 1, 3, priority=5),
    call("e", 2, 1),
    call("f", 2, 2, later=30.0),
    call("g", 2, 4, priority=-1),
    call("h", 3, 4, later=60.0),
    call("i", 3, 6),
    call("j", 1, 7, priority=5),
    call("k", 1, 8, later=5.0),
    call("l", 2, 9),
    call("m", 1, 9),
    call("other", 3, 5),
]
BESIDE = {
    ("acme1", "two"): [call("a", 1, 1), call("y", 1, 6), call("z", 3, 2)],
    ("acme2", "three"): [call("a", 1, 1), call("z", 2, 2)],  # the same numbers on another account
}
ENDINGS = ("in-progress", "completed", "busy", "busy", "no-answer", "failed")
ACTS: dict[str, Callable[..., Any]] = {
    "pause": lambda tx, edition, now: control.pause(tx, edition, "lunch", "asha", now),
    "pause all": lambda tx, edition, now: control.pause(tx, tx.view.editions.whole_journal(), None, "asha", now),
    "cancel": lambda tx, edition, now: control.cancel(tx, edition, "wrong list", "asha", now),
    "number": lambda tx, edition, now: tx.note_numbers([("acme1:+447700900001", DndMark.NO)], now, "at"),
}
FEW = {"BATCH": 2, "BATCH_OF_ONE_AGENT": 1, "MOST_PASSED_OVER": 1}
"""How many calls and agents are read and passed over at a time."""


ONLY = st.sampled_from(["*", "[a-l]"])


class Dialing(RuleBasedStateMachine):
    """One run that dials by what it remembers; another two, receivers and people beside it."""

    def __init__(self) -> None:
        super().__init__()
        self.begun: list[Begun] = []
        self.patched = pytest.MonkeyPatch()
        self.steps_done = self.suppressed = 0

    @initialize(
        few=st.booleans(),
        until_placed=st.booleans(),
        only=st.sampled_from(["*", "[a-l]"]),
        per_agent=st.sampled_from([1, 2, 9]),
    )
    def begin(self, few: bool, until_placed: bool, only: str, per_agent: int) -> None:
        for name, value in FEW.items() if few else ():
            self.patched.setattr(due_calls, name, value)
        self.run = Remembered(OWN, others=BESIDE, per_agent=per_agent, until_placed=until_placed, only=only)
        self.per_agent = per_agent
        scope = self.run.scope
        self.edition = Edition(scope.plan, "one", scope.edition, scope.run_id)
        self.calls_begin(2)
        for theirs in self.run.scopes:
            self.dial_beside(theirs, 0)

    def teardown(self) -> None:
        self.patched.undo()
        if hasattr(self, "run"):
            try:
                self.run.look()
                self.memory_is_the_truth_while_nobody_else_commits()
            finally:
                self.run.close()

    @rule(seconds=st.sampled_from([1.0, 5.0, 6.0, 31.0, HORIZON + 1]))
    def time_passes(self, seconds: float) -> None:
        self.run.now += seconds

    @rule()
    def the_run_looks(self) -> None:
        self.run.look()

    # -- the run's own commits -------------------------------------------------------------------------

    @rule(count=st.integers(1, 4))
    def calls_begin(self, count: int) -> None:
        """As many as may, as memory has them: each of them can be claimed, since nobody else has committed."""
        self.run.look()
        chosen = self.choose(count)
        claimed = self.run.claim(chosen)
        assert [one.call.key for one in claimed] == [one.key for one in chosen]
        self.begun += claimed

    @rule(count=st.integers(1, 3), data=st.data())
    def calls_begin_while_others_commit(self, count: int, data: st.DataObject) -> None:
        """What others took between the choice and the claim is not claimed; the rest is."""
        self.run.look()
        chosen = self.choose(count)
        self.somebody_acts(data)
        self.begun += self.run.claim(chosen)

    @rule()
    def intents_are_undone(self) -> None:
        """All that may begin do, and the transaction's part fails: nothing is told, the calls are due as they were."""

        def work(tx: Transaction) -> None:
            for one in chosen:
                self.run.steps.intend(tx, [(one, one.id, self.run.now)])[0]
            raise RuntimeError("undone")

        self.run.look()
        chosen = self.choose(len(OWN))
        with pytest.raises(RuntimeError):
            self.run.own(work)
        for one in chosen:
            self.run.memory.settle(one, is_committed=False)
            self.run.memory.end(one.key)

    def choose(self, count: int) -> list[DueCall]:
        """Begin calls as the scheduler does, each the next by the journal; close those that are suppressed."""
        run, chosen, expected = self.run, [], self.next_by_the_journal()
        while len(chosen) < count and run.memory.hold is None:
            found, following = run.memory.due.next(run.now, run.now), next(expected, None)
            assert (found and found.id) == (following and following.id)
            if found is None:
                break
            if found.suppressed is not None:
                self.close(found, Disposition.SUPPRESSED)
                continue
            run.memory.begin(found, None)
            chosen.append(found)
        return chosen

    def close(self, call: DueCall, word: Disposition) -> None:
        self.run.own(lambda tx: self.run.steps.close(tx, call, word, None, self.run.now))

    def unanswered(self) -> list[Begun]:
        return [one for one in self.begun if not one.answered]

    @precondition(lambda self: self.unanswered())
    @rule(data=st.data(), word=st.sampled_from([*REPLIES, "accepted", "withdrawn"]))
    def an_answer_comes(self, data: st.DataObject, word: str) -> None:
        one = data.draw(st.sampled_from(self.unanswered()))
        if word != "withdrawn" or not one.is_ours:
            self.run.answer(one, word.replace("withdrawn", "unreached"))
        else:
            self.run.withdraw(one)

    @precondition(lambda self: self.begun)
    @rule(data=st.data(), status=st.sampled_from(ENDINGS), beside=st.booleans())
    def a_callback_comes(self, data: st.DataObject, status: str, beside: bool) -> None:
        """At any time, again and again, for any plan's attempts, heard by the run itself or by a receiver beside it."""
        self.run.hear(data.draw(st.sampled_from(self.begun)), status, beside=beside)

    @rule(beside=st.booleans())
    def what_is_open_is_given_up(self, beside: bool) -> None:
        """As after `--settle-for`: unknown calls keep their pair until they cannot be live any more."""
        run = self.run
        for scope in [run.scope, *run.scopes]:
            steps = Steps(replace(run.config, scope=scope))
            commit = run.other if beside or scope is not run.scope else run.own
            for attempt in run.open_attempts(scope):
                commit(partial(steps.give_up, judged=attempt, now=run.now))

    @rule(what=st.sampled_from(["defer", "close"]))
    def a_due_call_is_put_off(self, what: str) -> None:
        run = self.run
        run.look()
        found = run.memory.due.next(run.now, run.now)
        if found is None:
            return
        if what == "defer":
            run.own(lambda tx: run.steps.defer(tx, found, run.now + 20.0, "window", run.now))
        else:
            self.close(found, Disposition.NOT_DIALED)

    @precondition(lambda self: self.steps_done > 30)
    @rule(what=st.sampled_from(["limit", "halt", "cancel"]))
    def the_run_stops_itself(self, what: str) -> None:
        run = self.run
        if what == "cancel":
            run.own(run.steps.cancel)
        else:
            run.own(lambda tx: run.steps.stop(tx, "enough", run.now, halt=what == "halt"))

    # -- others ----------------------------------------------------------------------------------------

    @rule(data=st.data(), looks=st.booleans())
    def somebody_acts(self, data: st.DataObject, looks: bool = False) -> None:
        """Holds last until the next act; a number that is suppressed stays so: of those that are rung, and of few."""
        run, edition = self.run, self.edition
        held = run.reader.hold(run.scope)
        if held is not None:
            whole = run.reader.view.editions.whole_journal()
            run.other(lambda tx: control.resume(tx, whole if held.whole else edition, "seen", "asha", run.now))
        else:
            words = ["pause", "pause all", "number", *(["cancel"] if self.steps_done > 20 else [])]
            rung = [one.call for one in self.unanswered() if self.suppressed < 2]
            word = data.draw(st.sampled_from([*words, *(["agent", "person"] if rung else [])]))
            if word in ("agent", "person"):
                self.suppressed += 1
                one = data.draw(st.sampled_from(rung))
                number = (one.agent if word == "agent" else one.person).partition(":")[2]
                run.other(lambda tx: control.suppress(tx, number, "asked", "asha", run.now))
            else:
                run.other(partial(ACTS[word], edition=edition, now=run.now))
        if looks:
            run.look()

    @rule(which=st.integers(0, 1), nth=st.integers(0, 2), looks=st.booleans())
    def another_plan_dials(self, which: int, nth: int, looks: bool) -> None:
        self.dial_beside(self.run.scopes[which], nth)
        if looks:
            self.run.look()

    def dial_beside(self, scope: Scope, nth: int) -> None:
        due = self.run.reader.due(scope, self.run.now, 10)
        begun = self.run.dial_beside(scope, due[nth % len(due)]) if due else None
        self.begun += [] if begun is None else [begun]

    # -- what always holds -----------------------------------------------------------------------------

    @invariant()
    def memory_is_the_truth_while_nobody_else_commits(self) -> None:
        if not hasattr(self, "run"):
            return
        self.steps_done += 1
        run, is_current = self.run, self.run.memory.is_current()
        assert not (is_current and run.unseen), "others have committed, and the run does not know"
        if is_current:
            self.calls_have_the_same_facts()
            self.counts_are_the_same()
            self.the_same_call_is_next()

    def calls_have_the_same_facts(self) -> None:
        run = self.run
        keys = [row[0] for row in run.reader.db.execute("SELECT key FROM calls WHERE plan = ?", (run.scope.plan,))]
        known = run.reader.due_among(run.scope, 9e12, keys) + [one.call for one in self.unanswered() if one.is_ours]
        offered = (run.memory.due.next(run.now, run.now, redials=redials) for redials in (False, True))
        for one in [*known, *(found for found in offered if found is not None)]:
            assert answers(run.memory.facts(one), run.now) == answers(run.reader.facts(one), run.now), one.id

    def counts_are_the_same(self) -> None:
        run, usage = self.run, self.run.reader.usage(self.run.scope)
        assert run.memory.in_flight == run.reader.in_flight(run.scope)
        assert run.memory.hold == run.reader.hold(run.scope)
        assert run.memory.last_resumed == run.reader.last_resumed(run.scope)
        open_calls = set(run.reader.open_calls(run.scope, but_placed=False))
        awaited = set(run.reader.open_calls(run.scope, but_placed=run.config.until_placed))
        assert awaited <= set(run.memory.awaited) <= open_calls
        if run.memory.are_counts_known:
            counts, (dialed, rejected, undialed) = run.memory.counts, usage.dialed()
            attempts, under_way = usage.attempts(), usage.under_way()
            assert counts == EditionCounts(dialed, rejected, undialed, under_way, attempts, counts.endings)

    def the_same_call_is_next(self) -> None:
        run = self.run
        for redials in (False, True):
            found = run.memory.due.next(run.now, run.now, redials=redials)
            expected = next(self.next_by_the_journal(redials=redials), None)
            assert (found and found.id) == (expected and expected.id)

    def next_by_the_journal(self, *, redials: bool = False) -> Iterator[DueCall]:
        """One call after the other, as they begin: none of an agent that is full by then, nor of a pair that began."""
        run = self.run
        running = {one.call.key for one in self.unanswered() if one.is_ours}
        due = run.reader.due(run.scope, run.now, 100, run.config.only, redials=redials)
        agents: Counter[str] = Counter()
        pairs = set()
        for one in due:
            busy = run.reader.facts(one).agent(run.now) + agents[one.agent]
            if one.key in running or one.pair in pairs or busy >= self.per_agent:
                continue
            if one.suppressed is None:
                agents[one.agent] += 1
                pairs.add(one.pair)
            yield one


def answers(known: CallQueries, now: float) -> tuple[Any, ...]:
    """All that a guard may ask; who may be live also for a later moment."""
    live = [(known.agent(at), known.others_in_flight(at)) for at in (now, now + 40.0, now + HORIZON + 1)]
    return known.hold(), known.suppressed(), *known.person(now - 100.0), known.dnd(now), *live


TestDialing = Dialing.TestCase
TestDialing.settings = settings(
    max_examples=60,
    stateful_step_count=40,
    deadline=None,
    derandomize=True,
    database=None,
    phases=[Phase.generate],  # shrinking takes minutes
    suppress_health_check=[HealthCheck.too_slow, HealthCheck.filter_too_much, HealthCheck.data_too_large],
)


def test_a_commit_of_others_is_not_hidden_by_an_own_one_that_follows_it(monkeypatch: pytest.MonkeyPatch) -> None:
    """Both come while the run asks whether anybody has committed."""
    with opened(OWN) as run:
        newest = run.reader.newest

        def late() -> tuple[int, str]:
            run.other(lambda tx: control.pause(tx, tx.view.editions.whole_journal(), None, "asha", run.now))
            run.own(lambda tx: tx.append(EventType.RUN_WAITING, "at", run.scope.run_id))
            return newest()

        assert run.memory.is_current()
        monkeypatch.setattr(run.reader, "newest", late)
        assert not run.memory.is_current()
        monkeypatch.undo()
        run.memory.refresh()
        assert run.memory.hold is not None
