"""Unknown attempts and the carrier's list of calls: what a look-up proves, and what it does not."""

import os
import signal
import time
from pathlib import Path

import pytest
from durability.carrier import Carrier

from acceptance.cli import until
from acceptance.desk import Desk, calls


@pytest.mark.parametrize("response", ["json", "xml"])
def test_calls_whose_answer_proved_nothing_are_found_in_the_list_and_followed(
    desk: Desk, carrier: Carrier, response: str
) -> None:
    desk.create_journal()
    keys = ("hang", "drop", "half", "500", "200-no-sid", "400-with-sid")
    carrier.rules(talk=0.3, calls={key: {"answers": [key]} for key in keys})
    plan = desk.plan(calls(*keys))
    done = desk.run(plan, desk.target(carrier, response=response), "--settle-for", "10s")
    assert done.code == 0, done.said
    told, arrived = desk.told(), {item.custom: item for item in carrier.connects()}
    assert carrier.rung() == dict.fromkeys(keys, 1)
    for key in keys:
        (attempt,) = told[key]["attempts"]
        assert (attempt["placement"], attempt["evidence"]) == ("accepted", "look-up"), key
        assert (attempt["sid"], attempt["ending"]) == (arrived[key].sid, "completed"), key
        assert [leg["status"] for leg in attempt["legs"]] == ["completed", "completed"]
        assert (attempt["duration"], attempt["cost"]["amount"]) == (41, "1.200")


def test_a_request_that_never_became_a_call_stays_unknown(desk: Desk, carrier: Carrier, live: Path) -> None:
    carrier.rules(calls={"lost": {"answers": ["500"], "listed": False}})
    done = desk.run(desk.plan(calls("lost", "good")), live, "--settle-for", "2s")
    assert done.code == 6, done.said
    assert done.seconds < 12
    told = desk.told()
    assert (told["lost"]["disposition"], told["good"]["disposition"]) == ("unknown", "completed")
    asked = [item for item in carrier.received() if item.kind == "bulk"]
    assert len(asked) > 2, "it was asked about as long as --settle-for lasted"
    assert carrier.rung()["lost"] == 1


def test_endings_of_found_calls_are_told_apart_by_their_legs(desk: Desk, carrier: Carrier, live: Path) -> None:
    endings = ("busy", "no-answer", "agent-no-answer")
    carrier.rules(talk=0.1, calls={word: {"answers": ["500"], "ending": word} for word in endings})
    done = desk.run(desk.plan(calls(*endings)), live, "--settle-for", "10s")
    assert done.code == 1, done.said
    assert {key: told["disposition"] for key, told in desk.told().items()} == {word: word for word in endings}


def test_on_a_shared_account_a_look_up_only_proposes(desk: Desk, carrier: Carrier) -> None:
    desk.create_journal()
    carrier.rules(talk=0.1, default={"answers": ["500"]})
    done = desk.run(desk.plan(calls("a")), desk.target(carrier, shared=True), "--settle-for", "2s")
    assert done.code == 6, done.said
    (attempt,), (received,) = desk.told()["a"]["attempts"], carrier.connects()
    assert (attempt["placement"], attempt["sid"]) == ("unknown", None)
    assert f"a look-up found call {received.sid}; `settle` decides" in attempt["message"]
    assert done.err.count('"attempt.proposed"') == 1, done.err


def test_a_later_run_finds_what_an_earlier_one_gave_up(desk: Desk, carrier: Carrier, live: Path) -> None:
    """The call still went on, and ongoing calls are not in the list."""
    carrier.rules(talk=6, default={"answers": ["500"]})
    plan = desk.plan(calls("a"))
    assert desk.run(plan, live).code == 6
    (received,) = carrier.connects()
    time.sleep(max(0.0, received.ends - time.time()))
    done = desk.run(plan, live)
    assert done.code == 0, done.said
    (attempt,) = desk.told()["a"]["attempts"]
    assert (attempt["evidence"], attempt["sid"]) == ("look-up", received.sid)
    assert desk.run(plan, live).code == 0
    assert carrier.rung() == {"a": 1}


def test_a_list_that_cannot_be_had_changes_nothing(desk: Desk, carrier: Carrier, live: Path) -> None:
    carrier.rules(bulk="500", default={"answers": ["500"]})
    plan = desk.plan(calls("a", "b"))
    for _ in range(2):
        done = desk.run(plan, live)
        assert (done.code, done.seconds < 15) == (6, True), done.said
    assert carrier.rung() == {"a": 1, "b": 1}


def test_a_killed_run_whose_requests_arrived_ends_without_a_person(desk: Desk, carrier: Carrier, live: Path) -> None:
    carrier.rules(talk=0.5, default={"answers": ["hang"]})
    plan = desk.plan(calls("a", "b"))
    process = desk.start(*desk.run_arguments(plan, live))
    until(lambda: len(carrier.connects()) == 2, process)
    os.kill(process.pid, signal.SIGKILL)
    process.communicate()
    done = desk.run(plan, live, "--settle-for", "10s")
    assert done.code == 0, done.said
    arrived = {item.custom: item.sid for item in carrier.connects()}
    assert {key: told["attempts"][0]["sid"] for key, told in desk.told().items()} == arrived
    assert carrier.rung() == {"a": 1, "b": 1}


def test_many_endings_are_asked_for_together(desk: Desk, carrier: Carrier) -> None:
    """Sixty calls at a fifth of a slow pace: one by one it would take minutes.

    The time-out is long: on a busy machine a call may wait for its slot until it is over, and is then dialed again.
    """
    desk.create_journal()
    keys = [f"c{index}" for index in range(60)]
    carrier.rules(talk=1.0, calls={"c7": {"ending": "agent-no-answer"}})
    plan = desk.plan(calls(*keys), policy={"concurrency": 60})
    done = desk.run(plan, desk.target(carrier, pace="30/second", timeout="30s"))
    assert done.code == 1, done.said
    told = desk.told()
    assert {key for key in keys if told[key]["disposition"] != "completed"} == {"c7"}
    assert told["c7"]["disposition"] == "agent-no-answer"
    assert {told[key]["attempts"][0]["duration"] for key in keys if key != "c7"} == {41}
    received = carrier.received()
    assert sum(item.kind == "look-up" for item in received) < len(keys)


def test_look_ups_that_are_never_answered_are_told(desk: Desk, carrier: Carrier, live: Path) -> None:
    """A key that may dial and not read: the calls end unseen, and the run says why."""
    carrier.rules(lookups="401", bulk="401")
    done = desk.run(desk.plan(calls("a", TimeOut=1, TimeLimit=1)), live)
    assert done.code == 1, done.said
    assert desk.told()["a"]["disposition"] == "unseen"
    assert "no look-up was answered (HTTP 401)" in done.err
