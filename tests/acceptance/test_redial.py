"""Redials as the carrier sees them: how often, how soon, after what, over runs."""

from itertools import pairwise
from pathlib import Path

from durability.carrier import Carrier

from acceptance.desk import Desk, calls

RULES = {
    "busy": {"attempts": 3, "after": "1s"},
    "no-answer": {"attempts": 2, "after": "2s"},
    "agent-no-answer": {"attempts": 4, "after": "1s"},
}
AFTER = {"busy": 1.0, "no-answer": 2.0, "agent-no-answer": 1.0}


def test_each_ending_has_its_own_number_of_attempts_and_its_own_wait(desk: Desk, carrier: Carrier, live: Path) -> None:
    endings = {"a": "busy", "b": "no-answer", "c": "agent-no-answer", "d": "failed", "e": "completed"}
    carrier.rules(talk=0.1, calls={key: {"ending": word} for key, word in endings.items()})
    done = desk.run(desk.plan(calls(*endings), policy={"redial": RULES}), live)
    assert done.code == 1, done.said
    assert carrier.rung() == {"a": 3, "b": 2, "c": 4, "d": 1, "e": 1}
    assert {key: told["disposition"] for key, told in desk.told().items()} == endings
    for key, word in endings.items():
        rung = [item for item in carrier.connects() if item.custom == key]
        assert all(later.at - one.ends >= AFTER[word] for one, later in pairwise(rung))


def test_a_redial_that_completes_ends_the_call(desk: Desk, carrier: Carrier, live: Path) -> None:
    carrier.rules(default={"ending": "busy"})
    plan = desk.plan(calls("a"), policy={"redial": {"busy": {"attempts": 5, "after": "2s"}}})
    first = desk.run(plan, live, "--wait", "0")
    assert first.code == 5, first.said
    assert desk.told()["a"]["disposition"] == "waiting"
    carrier.rules()
    done = desk.run(plan, live)
    assert done.code == 0, done.said
    one, two = carrier.connects()
    assert two.at - one.ends >= 2, "a run that begins anew waits as long"
    assert desk.run(plan, live).code == 0
    assert carrier.rung() == {"a": 2}


def test_what_did_not_ring_is_no_attempt_of_a_redial_rule(desk: Desk, carrier: Carrier, live: Path) -> None:
    carrier.rules(retry_after="0", calls={"a": {"answers": ["429", "200", "429", "200"], "ending": "busy"}})
    plan = desk.plan(calls("a"), policy={"redial": {"busy": {"attempts": 2, "after": "1s"}}})
    done = desk.run(plan, live)
    assert done.code == 1, done.said
    assert len(carrier.connects()) == 4
    assert carrier.rung() == {"a": 2}


def test_an_unknown_call_is_never_redialed(desk: Desk, carrier: Carrier, live: Path) -> None:
    carrier.rules(calls={"a": {"answers": ["hang"], "listed": False}})
    words = ("busy", "no-answer", "failed", "canceled", "agent-no-answer", "unseen")
    plan = desk.plan(calls("a"), policy={"redial": {word: {"attempts": 9, "after": "1s"} for word in words}})
    for _ in range(2):
        done = desk.run(plan, live)
        assert done.code == 6, done.said
    assert carrier.rung() == {"a": 1}


def test_a_row_deleted_before_its_redial_is_never_dialed_again(desk: Desk, carrier: Carrier, live: Path) -> None:
    carrier.rules(default={"ending": "busy"})
    policy = {"redial": {"busy": {"attempts": 5, "after": "2s"}}}
    assert desk.run(desk.plan(calls("a", "b"), policy=policy), live, "--wait", "0").code == 5
    carrier.rules()
    done = desk.run(desk.plan(calls("a", "b")[1:], policy=policy), live)
    assert carrier.rung() == {"a": 1, "b": 2}, done.said
    assert done.code == 0, done.said
    told = desk.told()["a"]
    assert told["disposition"] == "busy", "how it ended stays its last word"
    assert desk.orchestrate("journal", "verify", "--journal", str(desk.journal)).code == 0
