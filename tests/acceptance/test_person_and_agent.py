"""How often one person is rung, and how many calls one agent and one account have, over runs and plans."""

from pathlib import Path

import pytest
from durability.carrier import Carrier, Received

from acceptance.desk import Desk, call, calls, customer

OTHER_AGENT = "+917410410124"


def most_at_once(connects: list[Received]) -> int:
    """The most calls in flight at the arrival of any."""
    return max(sum(other.at <= item.at < other.ends for other in connects) for item in connects)


@pytest.mark.parametrize("prefix", ["0", "091", "091-", "+91 0", "0091"])
def test_one_person_is_rung_so_often_over_runs_and_plans(desk: Desk, carrier: Carrier, live: Path, prefix: str) -> None:
    carrier.rules(default={"ending": "busy"})
    cap = {"per_person": {"attempts": 2, "within": "1h"}, "redial": {"busy": {"attempts": 9, "after": "1s"}}}
    plan = desk.plan(calls("a"), policy=cap)
    for _ in range(2):
        done = desk.run(plan, live)
        assert done.code == 5, done.said
        assert desk.told()["a"]["disposition"] == "waiting"
    spelled = prefix + customer(0).removeprefix("+91")
    other = desk.plan([call("b", 0, To=spelled, From=OTHER_AGENT), call("c", 1)], name="other", policy=cap)
    assert desk.run(other, live, "--wait", "0").code == 5
    assert desk.told()["b"]["disposition"] == "waiting"
    assert {key: carrier.rung()[key] for key in "abc"} == {"a": 2, "b": 0, "c": 1}


def test_after_the_time_one_more_may_follow(desk: Desk, carrier: Carrier, live: Path) -> None:
    policy = {"per_person": {"attempts": 1, "within": "3s"}, "concurrency": 1}
    listed = [call("a", 0), call("b", 0, From=OTHER_AGENT), call("c", 1)]
    assert desk.run(desk.plan(listed, policy=policy), live).code == 0
    assert [item.custom for item in carrier.connects()] == ["a", "c", "b"], "nobody else waits"
    first, _, last = carrier.connects()
    assert last.at - first.at >= 2.5, "counted from when it was begun"


def test_what_did_not_ring_does_not_count_for_the_person(desk: Desk, carrier: Carrier, live: Path) -> None:
    carrier.rules(retry_after="0", calls={"a": {"answers": ["429", "429", "200"]}})
    plan = desk.plan(calls("a"), policy={"per_person": {"attempts": 1, "within": "1h"}})
    done = desk.run(plan, live)
    assert done.code == 0, done.said
    assert carrier.rung() == {"a": 1}


def test_an_agent_has_only_so_many_calls_and_another_agents_pass_by(desk: Desk, carrier: Carrier, live: Path) -> None:
    carrier.rules(talk=0.5)
    listed = [*calls(*"abcd"), *(call(f"x{index}", 10 + index, From=OTHER_AGENT) for index in range(4))]
    done = desk.run(desk.plan(listed, policy={"per_agent": 2}), live)
    assert done.code == 0, done.said
    connects = carrier.connects()
    for agents in ("abcd", "x"):
        own = [item for item in connects if item.custom[0] in agents]
        assert (len(own), most_at_once(own)) == (4, 2)
    assert {item.custom[0] for item in connects[:4]} == {"a", "b", "x"}


def test_the_accounts_legs_hold_over_plans(desk: Desk, carrier: Carrier) -> None:
    """The first run leaves a call behind it that goes on; a bridge takes two of three legs."""
    desk.create_journal()
    carrier.rules(talk=60)
    target = desk.target(carrier, legs=3)
    assert desk.run(desk.plan(calls("a"), name="one"), target, "--until", "placed").code == 0
    done = desk.run(desk.plan([call("b", 1)], name="two"), target, "--until", "placed", "--wait", "0")
    assert done.code == 5, done.said
    assert [item.custom for item in carrier.connects()] == ["a"]


def test_the_accounts_legs_hold_within_a_run(desk: Desk, carrier: Carrier) -> None:
    desk.create_journal()
    carrier.rules(talk=0.3)
    done = desk.run(desk.plan(calls(*"abcdef")), desk.target(carrier, legs=4))
    assert done.code == 0, done.said
    assert (len(carrier.connects()), most_at_once(carrier.connects())) == (6, 2)
