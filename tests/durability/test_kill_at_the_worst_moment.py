"""kill -9 and SIGSTOP at chosen moments: while a request is at the carrier, between two calls, twice over."""

import os
import signal
import time
from pathlib import Path

import pytest
from acceptance.cli import Process, until
from acceptance.desk import Desk, calls

from durability.carrier import Carrier


def kill(process: Process) -> None:
    """SIGKILL, then take the body away."""
    os.kill(process.pid, signal.SIGKILL)
    process.communicate()


def test_a_request_that_was_at_the_carrier_is_unknown_and_never_sent_again(
    desk: Desk, carrier: Carrier, live: Path
) -> None:
    """The carrier shows no call either: nothing proves that it rang, and nothing that it did not."""
    carrier.rules(default={"answers": ["hang"], "listed": False})
    plan = desk.plan(calls("a"))
    process = desk.start(*desk.run_arguments(plan, live))
    until(lambda: bool(carrier.connects()), process)
    kill(process)
    carrier.rules()
    for _ in range(2):
        done = desk.run(plan, live)
        assert done.code == 6, done.said
        assert desk.told()["a"]["disposition"] == "unknown"
    assert carrier.rung() == {"a": 1}


def test_an_accepted_call_is_followed_to_its_end_by_the_next_run(desk: Desk, carrier: Carrier, live: Path) -> None:
    carrier.rules(talk=3)
    plan = desk.plan(calls("a"))
    process = desk.start(*desk.run_arguments(plan, live))
    until(lambda: any(item.kind == "look-up" for item in carrier.received()), process)
    kill(process)
    done = desk.run(plan, live)
    assert done.code == 0, done.said
    (attempt,) = desk.told()["a"]["attempts"]
    assert (attempt["sid"], attempt["ending"]) == (carrier.connects()[0].sid, "completed")
    assert carrier.rung() == {"a": 1}


def test_the_lock_of_a_killed_process_is_free_at_once(desk: Desk, carrier: Carrier, live: Path) -> None:
    carrier.rules(calls={"a": {"answers": ["hang"]}})
    plan = desk.plan(calls("a", "b"), policy={"concurrency": 1})
    process = desk.start(*desk.run_arguments(plan, live))
    until(lambda: bool(carrier.connects()), process)
    kill(process)
    done = desk.run(plan, live)
    assert done.code == 0, done.said
    assert carrier.rung() == {"a": 1, "b": 1}
    arrived = {item.custom: item.sid for item in carrier.connects()}
    assert {key: told["attempts"][0]["sid"] for key, told in desk.told().items()} == arrived


def test_a_process_that_only_sleeps_still_holds_its_plan(desk: Desk, carrier: Carrier, live: Path) -> None:
    """SIGSTOP: the machine hung, nobody died. A second process must not dial beside it."""
    keys = [f"c{index}" for index in range(20)]
    carrier.rules(default={"answers": ["slow:0.2"]})
    plan = desk.plan(calls(*keys), policy={"concurrency": 2})
    process = desk.start(*desk.run_arguments(plan, live))
    until(lambda: len(carrier.connects()) >= 3, process)
    os.kill(process.pid, signal.SIGSTOP)
    time.sleep(0.3)  # what was under way arrives
    before = len(carrier.connects())
    assert desk.run(plan, live).code == 4
    assert len(carrier.connects()) == before
    time.sleep(2.5)  # longer than may pass between an intent's commit and its first byte
    os.kill(process.pid, signal.SIGCONT)
    out, err = process.communicate(timeout=40)
    assert process.returncode in (0, 5, 6), out + err
    assert desk.run(plan, live).code in (0, 6)
    assert set(carrier.rung().values()) == {1}
    told = desk.told()
    assert {key for key in keys if told[key]["disposition"] != "unknown"} <= set(carrier.rung())


def test_the_dead_leave_nobody_behind(desk: Desk, carrier: Carrier, live: Path) -> None:
    """One process dials: when it is killed, no child of it goes on."""
    carrier.rules(default={"answers": ["slow:0.5"]})
    plan = desk.plan(calls("a", "b", "c", "d"), policy={"concurrency": 1})
    process = desk.start(*desk.run_arguments(plan, live))
    until(lambda: bool(carrier.connects()), process)
    group = process.pid
    kill(process)
    time.sleep(0.1)
    with pytest.raises(ProcessLookupError):
        os.killpg(group, 0)
    assert len(carrier.connects()) == 1
