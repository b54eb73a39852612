"""A dialer that was stopped (SIGSTOP) and wakes after another process took its work over."""

import os
import signal
import time
from pathlib import Path

import pytest
from acceptance.cli import Process, until
from acceptance.desk import Desk, calls

from durability.carrier import Carrier

KEYS = tuple(f"c{index:02d}" for index in range(12))


def stop(desk: Desk, process: Process) -> None:
    """Stop a dialer where it stands, and let its last sign of life grow old: nobody waits for that in a test."""
    os.kill(process.pid, signal.SIGSTOP)
    os.utime(desk.journal, (time.time() - 60, time.time() - 60))


@pytest.mark.parametrize("rung", [1, 3, 6])
def test_a_stopped_dialer_that_wakes_after_a_takeover_dials_nobody(
    desk: Desk, carrier: Carrier, live: Path, rung: int
) -> None:
    """Wherever it was stopped: its next intent meets the fence, and what it had sent is not sent again."""
    carrier.rules(talk=0.2, default={"answers": ["slow:0.3"]})
    plan = desk.plan(calls(*KEYS), policy={"concurrency": 3, "pace": "20/second"})
    zombie = desk.start(*desk.run_arguments(plan, live))
    until(lambda: len(carrier.connects()) >= rung, zombie)
    stop(desk, zombie)
    before = len(carrier.connects())
    second = desk.start(*desk.run_arguments(plan, live))
    until(lambda: len(carrier.connects()) > before, second)
    os.kill(zombie.pid, signal.SIGCONT)
    out, err = zombie.communicate(timeout=30)
    assert zombie.returncode == 4, out + err
    assert "taken over" in err
    assert "Traceback" not in out + err
    out, err = second.communicate(timeout=40)
    assert second.returncode in (0, 6), out + err
    assert [key for key, times in carrier.rung().items() if times > 1] == []
    assert set(carrier.rung()) == set(KEYS)
    assert desk.run(plan, live).code == second.returncode
    assert set(desk.told()) == set(KEYS)


def test_a_dialer_that_is_alive_is_not_taken_over(desk: Desk, carrier: Carrier, live: Path) -> None:
    carrier.rules(talk=5)
    plan = desk.plan(calls("a"))
    first = desk.start(*desk.run_arguments(plan, live))
    until(carrier.connects, first)
    os.utime(desk.journal, (time.time() - 60, time.time() - 60))
    time.sleep(1.2)  # its next sign of life
    second = desk.run(plan, live)
    assert second.code == 4, second.said
    assert str(first.pid) in second.err
    out, err = first.communicate(timeout=30)
    assert first.returncode == 0, out + err
