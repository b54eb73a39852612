"""One journal through a clock that is set, a power failure, a second machine and a trial on the sandbox."""

import json
import shutil
import time
from itertools import pairwise
from pathlib import Path

import pytest
from acceptance import cli
from acceptance.cli import Done, until
from acceptance.desk import Desk, calls

from durability import clock, departures
from durability.carrier import Carrier
from durability.inject import in_child
from durability.judge import judged, run_to_the_end
from durability.stalls import Stalls

KEYS = [f"c{index}" for index in range(6)]
HOUR = 3600
LEAST_GAP = 0.21 - 0.05
"""Seconds between two requests at 5 a second: slots lie 1.05 / 5 s apart, and a request leaves up to the slack of
0.05 s after its slot, by which the cap is kept."""


def finished(process: cli.Process, patience: float = 40) -> Done:
    """Wait for a command that was started."""
    return cli.finish(process, (), time.monotonic(), patience)


def check_pace(record: Path, requests: int, stalls: Stalls) -> None:
    """Check that so many requests left, and how far apart."""
    left = departures.moments(record)
    assert len(left) >= requests  # one that was noted may have been killed before it left
    gaps = [later - earlier for earlier, later in pairwise(left)]
    assert min(gaps) >= LEAST_GAP - stalls.longest, f"the pace is kept: {gaps}, {stalls.longest}"


@pytest.mark.parametrize("by", [-HOUR, HOUR], ids=["back", "forward"])
def test_a_clock_that_is_set_during_a_run_rings_nobody_twice_and_the_run_goes_on(
    desk: Desk, carrier: Carrier, live: Path, stalls: Stalls, by: int
) -> None:
    carrier.rules(talk=0.1, default={"answers": ["slow:0.1"]})
    plan = desk.plan(calls(*KEYS), policy={"concurrency": 2, "pace": "5/second"})
    seconds = desk.folder / "clock"
    seconds.write_text("0")
    record = desk.folder / "departures"
    shifted = in_child("durability.departures", **{clock.VARIABLE: str(seconds), departures.VARIABLE: str(record)})
    process = desk.start(*desk.run_arguments(plan, live), **shifted)
    until(lambda: len(carrier.connects()) == 2, process)
    fresh = desk.folder / "clock.new"
    fresh.write_text(str(by))
    fresh.replace(seconds)
    found = judged(desk, carrier, KEYS, finished(process, patience=20))
    assert found.requests == len(KEYS)
    check_pace(record, len(carrier.connects()), stalls)


@pytest.mark.parametrize("by", [-HOUR, HOUR], ids=["back", "forward"])
def test_a_clock_that_is_set_between_two_runs_rings_nobody_twice(
    desk: Desk, carrier: Carrier, live: Path, stalls: Stalls, by: int
) -> None:
    """The first run is killed in the middle; to the second it lies an hour ahead, or an hour back."""
    carrier.rules(talk=0.1, default={"answers": ["slow:0.1"]})
    plan = desk.plan(calls(*KEYS), policy={"concurrency": 2, "pace": "5/second"})
    arguments, seconds = desk.run_arguments(plan, live), desk.folder / "clock"
    seconds.write_text("0")
    record = desk.folder / "departures"
    shifted = in_child("durability.departures", **{clock.VARIABLE: str(seconds), departures.VARIABLE: str(record)})
    process = desk.start(*arguments, **shifted)
    until(lambda: len(carrier.connects()) == 3, process)
    process.kill()
    process.communicate()
    seconds.write_text(str(by))
    found = judged(desk, carrier, KEYS, run_to_the_end(desk, arguments, patience=30, **shifted))
    assert len(found.unknown) <= 2, "the calls that were in flight"
    check_pace(record, len(carrier.connects()), stalls)


def new_machine(desk: Desk, carrier: Carrier) -> tuple[Desk, Path]:
    """Another desk with a checkout of the same repository, and no journal; and its target file."""
    other = Desk.laid_out(desk.folder / "new-machine")
    shutil.copytree(desk.root, other.root, dirs_exist_ok=True)
    return other, other.target(carrier)


@pytest.mark.parametrize("nth", [1, 4])
def test_what_was_on_disk_when_the_power_failed_knows_whoever_was_being_rung(
    desk: Desk, carrier: Carrier, live: Path, nth: int
) -> None:
    """The journal and its -wal file, copied while the carrier holds its answer, go on alone on a new machine."""
    carrier.rules(talk=0.1, default={"answers": ["slow:0.4"]})
    plan = desk.plan(calls(*KEYS), policy={"concurrency": 1})
    process = desk.start(*desk.run_arguments(plan, live))
    until(lambda: len(carrier.connects()) == nth, process)
    other, target = new_machine(desk, carrier)
    for suffix in ("", "-wal"):
        shutil.copy(f"{desk.journal}{suffix}", f"{other.journal}{suffix}")
    process.kill()
    process.communicate()
    assert len(carrier.connects()) == nth, "the copy was taken while the answer was held"
    assert not other.journal.with_name(other.journal.name + "-shm").exists()
    done = run_to_the_end(other, other.run_arguments(other.root / plan.name, target))
    found = judged(other, carrier, KEYS, done)
    assert found.requests == len(KEYS)
    assert found.unknown <= {KEYS[nth - 1]}, "the one that was being rung"


def test_a_second_machine_without_the_journal_dials_nobody(desk: Desk, carrier: Carrier, live: Path) -> None:
    plan = desk.plan(calls(*KEYS))
    assert desk.run(plan, live).code == 0
    other, target = new_machine(desk, carrier)
    done = other.run(other.root / plan.name, target)
    assert done.code == 4, done.said
    assert str(other.journal) in done.err
    assert not other.journal.exists()
    assert carrier.rung() == dict.fromkeys(KEYS, 1)


def test_a_trial_on_the_sandbox_takes_no_call_from_the_live_run(desk: Desk, carrier: Carrier, live: Path) -> None:
    """On one journal: the sandbox is an account of its own."""
    plan = desk.plan(calls(*KEYS))
    quick = desk.write(
        "quick.target.yaml", json.dumps({"kind": "sandbox", "scenario": "calm", "speed": 600, "pace": "500/second"})
    )
    trial = desk.run(plan, quick)
    assert trial.code == 0, trial.said
    assert carrier.received() == []
    assert judged(desk, carrier, KEYS, desk.run(plan, live)).unknown == set()
    again = desk.run(plan, quick)
    assert again.code == 0, again.said
    assert carrier.rung() == dict.fromkeys(KEYS, 1)
