"""The guards of a policy, through the scheduler: who is dialed, how often, when, and what stops it."""

import asyncio
from collections import Counter
from datetime import UTC, datetime
from decimal import Decimal
from itertools import pairwise
from pathlib import Path
from typing import Any

import pytest
from unit.engine.bench import HUNG, calls, now
from unit.engine.guarded import (
    SIX,
    Ending,
    changed,
    ended_within,
    patiently,
    resumed,
    run,
    said,
    words,
)
from unit.journal.loading import latest_edition

from orchestrator.engine.admission import Evaluator
from orchestrator.engine.scheduler import Engine
from orchestrator.journal import control
from orchestrator.journal.transaction import Transaction
from orchestrator.model.call import CallSchedule, DueCall, text_of
from orchestrator.model.policy import Limits, PersonCap, Policy, Rate, Redial, Stage, Window
from orchestrator.model.target import Rates
from orchestrator.policy.may_start import Admission, Rules, Stopped

# -- people, agents, legs


def test_one_person_is_rung_so_often_over_plans_and_runs(journal: Path) -> None:
    carrier, cap = Ending(), {"per_person": PersonCap(2, 60.0), "wait": 0.0}
    agents = [changed(calls(key, same_pair=True), From=f"+9181234567{n:02d}") for n, key in enumerate("abc")]
    assert run(journal, carrier, agents[0] + agents[1] + agents[2], **cap).stop is not None
    assert Counter(carrier.order()) == {"a": 1, "b": 1}
    other = run(journal, carrier, changed(agents[0], CustomField="other"), name="other", **cap)
    assert len(carrier.order()) == 2
    assert words(other)["a"][0] == "waiting"


def test_a_person_who_must_wait_past_the_window_keeps_nobody_else_waiting(journal: Path) -> None:
    now = datetime.now(UTC)
    soon = now.hour * 60 + now.minute + 5
    hours = Window(frozenset(range(7)), (soon + 30) % 1440, (soon + 20) % 1440, "UTC")  # closed when the cap ends
    carrier, policy = Ending(), {"per_person": PersonCap(1, 1800.0), "windows": (hours,), "wait": 0.0}
    run(journal, carrier, calls("a"), name="one", **policy)
    found = run(journal, carrier, [*calls("x"), *calls(*"yz")[1:]], name="two", **policy)
    assert carrier.order() == ["a", "z"], words(found)


def test_after_the_time_the_person_may_be_rung_again(journal: Path) -> None:
    carrier = Ending(status="busy")
    policy = {"redial": (("busy", Redial(3, 0.05)),), "per_person": PersonCap(2, 1.0)}
    run(journal, carrier, calls("a"), **policy)
    assert len(carrier.at) == 3
    assert carrier.at[1] - carrier.at[0] < 2.5
    assert carrier.at[2] - carrier.at[0] >= 2.5, "the cap's second, and the two within which a request may leave"


@pytest.mark.parametrize("late", [0.0, 0.02])
def test_one_agent_has_only_so_many_calls_and_others_need_not_wait(journal: Path, late: float) -> None:
    carrier = Ending(talk=0.15)
    plan = calls(*"abcd") + changed(calls(*"vwxyz")[4:], From="+918123456700")
    found = run(journal, carrier, plan, per_agent=1, late=late)
    assert found.stop is None
    busy = [at for at, name in zip(carrier.at, carrier.order(), strict=True) if name != "z"]
    assert all(later - one >= carrier.talk for one, later in pairwise(busy))
    assert "z" in carrier.order()[:2], "another agent's call passes by"


def test_agents_are_counted_over_plans(journal: Path) -> None:
    carrier = Ending(talk=9.0)
    run(journal, carrier, calls("a"), name="one", until_placed=True)
    found = run(journal, carrier, calls(*"yz")[1:], name="two", per_agent=1, until_placed=True, wait=0.0)
    assert carrier.order() == ["a"]
    assert words(found)["z"][0] == "waiting"


def test_the_accounts_legs_are_counted_over_plans(journal: Path) -> None:
    carrier = Ending(talk=9.0)
    run(journal, carrier, calls("a"), name="one", until_placed=True)
    found = run(journal, carrier, calls(*"yz")[1:], name="two", rules=Rules(legs=3), until_placed=True, wait=0.0)
    assert carrier.order() == ["a"]
    assert words(found)["z"][0] == "waiting"


@pytest.mark.parametrize("late", [0.0, 0.02])
def test_a_bridge_takes_two_of_the_accounts_legs(journal: Path, late: float) -> None:
    carrier = Ending(talk=0.1)
    found = run(journal, carrier, calls(*SIX), rules=Rules(legs=5), late=late)
    assert found.stop is None
    assert carrier.most <= 2
    assert len(carrier.order()) == 6


# -- limits


def test_a_limit_on_calls_leaves_the_rest_for_a_plan_that_allows_more(journal: Path) -> None:
    carrier, plan = Ending(), calls(*SIX)
    found = run(journal, carrier, plan, limits=Limits(calls=2))
    assert found.stop is not None
    assert (found.stop.code, carrier.order()) == (5, ["a", "b"])
    assert words(found)["f"] == ("not-dialed", "limit")
    assert run(journal, carrier, plan, limits=Limits(calls=2)).stop is not None
    assert len(carrier.order()) == 2, "a run is no fresh budget"
    assert run(journal, carrier, plan, limits=Limits(calls=6)).stop is None
    assert Counter(carrier.order()) == dict.fromkeys(SIX, 1)


def test_a_limit_on_attempts_counts_redials_over_runs(journal: Path) -> None:
    carrier = Ending(status="busy")
    policy = {"redial": (("busy", Redial(9, 0.05)),), "limits": Limits(attempts=3)}
    for _ in range(2):
        found = run(journal, carrier, calls("a"), **policy)
        assert found.stop is not None
        assert (len(carrier.order()), words(found)["a"][0]) == (3, "waiting")


@pytest.mark.parametrize("late", [0.0, 0.02])
def test_what_is_in_flight_counts_with_its_time_limit(journal: Path, late: float) -> None:
    """Two calls of ten minutes fit into twenty; settled at 41 seconds each they let others follow."""
    carrier = Ending(talk=0.3)
    plan = changed(calls(*SIX), TimeLimit="600")
    found = run(journal, carrier, plan, limits=Limits(minutes=20), late=late)
    assert carrier.most == 2
    assert len(carrier.order()) == 6
    assert found.stop is None


def test_minutes_that_are_talked_are_gone_for_the_next_run_too(journal: Path) -> None:
    carrier, plan = Ending(), changed(calls(*SIX), TimeLimit="60")
    for _ in range(2):  # 41 s each: a third one may last beyond two minutes
        found = run(journal, carrier, plan, limits=Limits(minutes=2))
        assert len(carrier.order()) == 2
        assert found.stop is not None


def test_money_in_flight_is_both_legs_to_the_time_limit_in_started_pulses(journal: Path) -> None:
    carrier, plan = Ending(talk=0.3), changed(calls(*SIX), TimeLimit="60", TimeOut="30")  # 1.80 at most, 1.20 settled
    limits = Limits(cost=Decimal("4.20"), currency="INR")
    rules = Rules(Policy(limits=limits), rates=Rates("INR", Decimal("0.60")))
    for _ in range(2):
        found = run(journal, carrier, plan, rules=rules)
        assert found.stop is not None
        assert (carrier.most, len(carrier.order())) == (2, 3)


def test_a_limit_is_not_passed_by_what_starts_at_once(journal: Path) -> None:
    carrier = Ending(talk=0.3)
    found = run(journal, carrier, calls(*SIX), limits=Limits(calls=3), late=0.02)
    assert len(carrier.order()) == 3
    assert found.stop is not None


def test_calls_start_between_the_limits_moments(journal: Path) -> None:
    carrier, began = Ending(), now()
    found = run(journal, carrier, calls(*SIX), limits=Limits(begins=began + 0.6, until=began + 60))
    assert min(carrier.at) >= began + 0.6
    assert found.stop is None
    late = run(journal, carrier, calls("x"), name="late", limits=Limits(until=began))
    assert words(late) == {"x": ("not-dialed", "limit")}


def test_redials_go_on_where_only_the_number_of_calls_is_reached(journal: Path) -> None:
    carrier = Ending(endings={"b": ["busy", "completed"]})
    found = run(journal, carrier, calls(*"abc"), slots=1, limits=Limits(calls=2), redial=(("busy", Redial(2, 0.5)),))
    assert words(found) == {"a": ("completed", None), "b": ("completed", None), "c": ("not-dialed", "limit")}


def test_a_call_too_long_for_what_is_left_does_not_keep_shorter_ones_back(journal: Path) -> None:
    plan = changed(calls("a"), TimeLimit="60") + changed(calls(*"abc"), TimeLimit="600")[1:]
    plan += changed(calls(*"abcde"), TimeLimit="60")[3:]
    carrier, limits = Ending(), Limits(minutes=3)
    found = run(journal, carrier, plan, limits=limits, slots=1)
    assert carrier.order() == ["a", "d", "e"]
    assert words(found)["b"] == words(found)["c"] == ("not-dialed", "limit")
    assert found.stop is not None
    assert "limits.minutes of 3" in found.stop.message
    run(journal, carrier, plan, limits=Limits(minutes=60))
    assert Counter(carrier.order()) == dict.fromkeys("abcde", 1)


def test_a_redial_too_long_for_what_is_left_does_not_keep_shorter_calls_back(journal: Path) -> None:
    plan = changed(calls("a"), TimeLimit="600") + changed(calls(*"abc"), TimeLimit="60")[1:]
    carrier = Ending(endings={"a": ["busy"]}, talk=1.2)
    settings: dict[str, Any] = {"redial": (("busy", Redial(3, 0.0)),), "slots": 1}
    found = run(journal, carrier, plan, limits=Limits(minutes=10), **settings)
    assert carrier.order() == ["a", "b", "c"], "a second talk of ten minutes is more than what the first left"
    assert found.stop is not None
    assert words(found)["a"][0] == "waiting", "until the plan allows more"


def test_a_call_that_was_given_up_as_unknown_holds_its_agent_and_its_legs_as_long_as_it_may_live(journal: Path) -> None:
    plan = changed(calls(*"abc"), TimeLimit="2", TimeOut="1")
    settings: dict[str, Any] = {"settle_for": 0.1, "settling": 0.1, "slots": 1}
    for name, more in (("agent", {"per_agent": 1}), ("legs", {"rules": Rules(legs=2)})):
        carrier = Ending({"a": [HUNG]})
        found = run(journal, carrier, plan, name=name, wait=0.2, **settings, **more)
        assert carrier.order() == ["a"], name
        assert found.stop is not None, name
        assert "the next call may start at 20" in found.stop.message, "when the unknown one cannot be live any more"
        run(journal, carrier, plan, name=name, **settings, **more)
        assert Counter(carrier.order()) == dict.fromkeys("abc", 1), name
        assert carrier.at[1] - carrier.at[0] == pytest.approx(4.1, abs=1.5), "rings, talk and settling"


# -- a call's own terms


def test_calls_start_by_priority_then_in_the_plans_order(journal: Path) -> None:
    carrier = Ending()
    plan = changed(calls(*"abcd"), {"c": CallSchedule(priority=10), "a": CallSchedule(priority=-1)})
    run(journal, carrier, plan, slots=1)
    assert carrier.order() == ["c", "b", "d", "a"]


def test_a_call_keeps_to_its_own_times_and_others_do_not_wait_for_it(journal: Path) -> None:
    carrier, began = Ending(), now()
    terms = {"a": CallSchedule(not_before=began + 0.7), "b": CallSchedule(not_after=began - 1)}
    found = run(journal, carrier, changed(calls(*"abc"), terms))
    assert carrier.order() == ["c", "a"]
    assert carrier.at[1] >= began + 0.7
    assert words(found)["b"] == ("not-dialed", "its not_after has passed")
    assert found.stop is None


# -- what somebody says meanwhile


@pytest.mark.parametrize("late", [0.0, 0.05])
def test_a_stage_and_a_full_account_do_not_hinder_each_other(journal: Path, late: float) -> None:
    carrier = Ending()
    rules = Rules(Policy(stages=(Stage(calls=1), Stage(share=1.0))), legs=2)
    found = run(journal, carrier, calls(*"abcd"), rules=rules, account_pace=Rate(10, 1.0), late=late)
    assert found.stop is None
    assert Counter(carrier.order()) == dict.fromkeys("abcd", 1)
    assert sum(len(record.attempts) for record in found.records.values()) == 4, "no intent was taken back"


def test_a_cancelled_run_ends_though_a_call_in_flight_is_busy_and_would_be_redialed(journal: Path) -> None:
    carrier = Ending(talk=0.4, status="busy")

    async def cancel(engine: Engine) -> None:
        while not carrier.received:
            await asyncio.sleep(0.01)

        def work(tx: Transaction) -> None:
            edition = latest_edition(tx.view)
            control.cancel(tx, edition, "wrong list", "asha", now())

        said(journal, work)
        await ended_within(3.0, engine)

    found = run(journal, carrier, calls("a"), redial=(("busy", Redial(3, 0.1)),), meanwhile=cancel)
    assert carrier.order() == ["a"]
    assert found.stop is None or found.stop.code == 5, found.stop
    assert words(found)["a"][0] in ("busy", "waiting")


@pytest.mark.parametrize("rules", [Rules(legs=2), Rules(Policy(per_agent=1))], ids=["legs", "per_agent"])
def test_a_run_that_waits_for_another_plans_calls_waits_no_longer_than_it_was_told(journal: Path, rules: Rules) -> None:
    carrier = Ending(talk=9.0)
    run(journal, carrier, calls("a"), name="one", until_placed=True)
    found = run(journal, carrier, calls(*"yz")[1:], name="two", rules=rules, wait=0.5, meanwhile=patiently)
    assert found.stop is not None
    assert (found.stop.code, carrier.order()) == (5, ["a"]), found.stop


def test_a_resume_while_the_run_looks_at_the_halt_lets_it_go_on(journal: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    def halt(tx: Transaction) -> None:
        edition = latest_edition(tx.view)
        assert tx.hold("halted", edition.plan, edition.edition, "bad", "", now())

    carrier, judge = Ending(), Evaluator.judge
    run(journal, carrier, calls("a"), only="none")
    said(journal, halt)

    def judged_before_it(self: Evaluator, call: DueCall) -> Admission:
        found = judge(self, call)
        if isinstance(found, Stopped):
            resumed(journal)
        return found

    monkeypatch.setattr(Evaluator, "judge", judged_before_it)
    found = run(journal, carrier, calls("a", "b"))
    assert (carrier.order(), found.stop) == (["a", "b"], None)


def test_a_number_that_somebody_suppresses_is_closed_as_such(journal: Path) -> None:
    carrier, plan = Ending(talk=0.3), calls("a", "b")

    async def suppress(_engine: Engine) -> None:
        while not carrier.received:
            await asyncio.sleep(0.01)
        number = text_of(plan[1].fields, "To") or ""
        said(journal, lambda tx: control.suppress(tx, number, "asked", "asha", now()))

    found = run(journal, carrier, plan, slots=1, meanwhile=suppress)
    assert (carrier.order(), words(found)["b"][0]) == (["a"], "suppressed")
    assert "asked" in (words(found)["b"][1] or "")
    assert found.stop is None


@pytest.mark.parametrize("what", ["suppress", "pause", "person"])
def test_what_changes_between_the_choice_of_a_call_and_its_request_is_obeyed(journal: Path, what: str) -> None:
    """The request waits for its slot under the pace; meanwhile somebody speaks, or another plan rings the person."""
    carrier, plan = Ending(), calls("a", "b")

    async def meanwhile(_engine: Engine) -> None:
        while not carrier.received:
            await asyncio.sleep(0.01)
        number = text_of(plan[1].fields, "To") or ""
        if what == "suppress":
            said(journal, lambda tx: control.suppress(tx, number, "asked", "asha", now()))
        elif what == "pause":
            said(journal, lambda tx: control.pause(tx, tx.view.editions.whole_journal(), None, "asha", now()))
        else:
            await asyncio.sleep(0.2)  # `a` is over, and `b` waits for its slot
            said(journal, lambda tx: ring_elsewhere(tx, number))

    more = {"per_person": PersonCap(1, 60.0)} if what == "person" else {}
    found = run(journal, carrier, plan, meanwhile=meanwhile, account_pace=Rate(1, 0.5), wait=0.2, **more)
    assert carrier.order() == ["a"], words(found)


def ring_elsewhere(tx: Transaction, number: str) -> None:
    """An attempt of another process for this person."""
    tx.db.execute(
        "INSERT INTO attempts (call, n, run, person, token, started_at, started, placement, ending) SELECT key, 9, run,"
        " 'acme1:' || ?, 'x', '', ?, 'accepted', 'completed' FROM calls WHERE id = 'a'",
        (number, now()),
    )
