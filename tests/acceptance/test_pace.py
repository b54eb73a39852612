"""The pace, held against a carrier with a true sliding window: it never has to refuse, whatever happens to a run."""

import os
import signal
import time
from pathlib import Path

import pytest
from durability.carrier import Carrier, Received

from acceptance.cli import until
from acceptance.desk import Desk, call, calls

COUNT, SECONDS = 20, 1.5
CAP = f"{COUNT}/{SECONDS * 1000:g}ms"


def keys(name: str, count: int) -> list[str]:
    return [f"{name}{index:03d}" for index in range(count)]


def judged(carrier: Carrier) -> list[Received]:
    """Everything that counted against the cap; none of it was refused."""
    found = [item for item in carrier.received() if item.kind != "callback"]
    assert [item.answer for item in found if item.answer == "429"] == []
    return found


def limited(desk: Desk, carrier: Carrier, *, jitter: float = 0.0, **more: object) -> Path:
    desk.create_journal()
    carrier.rules(talk=0.1, window={"count": COUNT, "seconds": SECONDS, "jitter": jitter})
    return desk.target(carrier, pace=CAP, **more)


@pytest.mark.parametrize("jitter", [0.0, 0.02])
def test_no_window_of_its_length_ever_holds_more_than_the_cap(desk: Desk, carrier: Carrier, jitter: float) -> None:
    target = limited(desk, carrier, jitter=jitter)
    done = desk.run(desk.plan(calls(*keys("c", 50))), target, "--until", "placed")
    assert done.code == 0, done.said
    assert len(judged(carrier)) == 50


def test_look_ups_count_against_the_targets_cap(desk: Desk, carrier: Carrier) -> None:
    target = limited(desk, carrier)
    done = desk.run(desk.plan(calls(*keys("c", 30))), target)
    assert done.code == 0, done.said
    found = judged(carrier)
    connects = [item for item in found if item.kind == "connect"]
    assert len(connects) == 30
    while_dialing = [item for item in found if item.kind != "connect" and item.at < connects[-1].at]
    assert 0 < len(while_dialing) <= len(connects) / 3


def test_a_stopped_run_that_wakes_does_not_catch_up(desk: Desk, carrier: Carrier) -> None:
    target = limited(desk, carrier)
    arguments = desk.run_arguments(desk.plan(calls(*keys("c", 40))), target, "--until", "placed")
    process = desk.start(*arguments)
    until(lambda: len(carrier.connects()) >= 10, process)
    os.kill(process.pid, signal.SIGSTOP)
    time.sleep(1.2)
    os.kill(process.pid, signal.SIGCONT)
    out, err = process.communicate(timeout=30)
    assert process.returncode in (0, 5), out + err
    assert desk.run(desk.plan(calls(*keys("c", 40))), target, "--until", "placed").code == 0
    assert len(judged(carrier)) == 40


def test_two_plans_are_dialed_at_once_and_share_the_accounts_cap(desk: Desk, carrier: Carrier) -> None:
    target = limited(desk, carrier, jitter=0.02)
    plans = [
        desk.plan([call(key, start + index) for index, key in enumerate(keys(name, 25))], name=name)
        for name, start in (("first", 0), ("second", 100))
    ]
    processes = [desk.start(*desk.run_arguments(plan, target, "--until", "placed")) for plan in plans]
    for process in processes:
        out, err = process.communicate(timeout=40)
        assert process.returncode == 0, out + err
    found = judged(carrier)
    assert len(found) == 50
    names = [item.custom[:5] for item in found]
    assert max(names.index("secon"), names.index("first")) < 20, "both at once"


def test_a_restarted_run_remembers_what_left(desk: Desk, carrier: Carrier) -> None:
    target = limited(desk, carrier)
    plan = desk.plan(calls(*keys("c", 40)))
    for share in (12, 24):
        process = desk.start(*desk.run_arguments(plan, target, "--until", "placed"))
        until(lambda least=share: len(carrier.connects()) >= least, process)
        process.kill()
        process.communicate()
    done = desk.run(plan, target, "--until", "placed")
    assert done.code in (0, 6), done.said
    judged(carrier)


def test_two_plans_run_at_once_on_the_sandbox_and_find_their_own_calls_again(desk: Desk) -> None:
    plans = [
        desk.plan([call(key, start + index, TimeLimit=60) for index, key in enumerate(keys(name, 12))], name=name)
        for name, start in (("first", 0), ("second", 100))
    ]
    words = ["--target", "sandbox", "--journal", str(desk.journal), "--wait", "5s", "--settle-for", "5s"]
    processes = [desk.start("run", str(plan), *words) for plan in plans]
    until(lambda: len(list(desk.folder.glob("journal.sqlite.*.sandbox"))) == 2, processes[0])
    processes[0].kill()
    processes[0].communicate()
    out, err = processes[1].communicate(timeout=60)
    assert processes[1].returncode in (0, 1), out + err
    for plan in plans:
        done = desk.orchestrate("run", str(plan), *words, "--report", str(desk.folder / "report.json"))
        assert done.code in (0, 1, 6), done.said
        told = desk.told()
        assert len(told) == 12
        assert "waiting" not in {item["disposition"] for item in told.values()}
        sids = [attempt["sid"] for item in told.values() for attempt in item["attempts"] if attempt["sid"]]
        assert len(set(sids)) == len(sids)
