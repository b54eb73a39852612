"""Killing a run at random moments, starting it again, and the account that must then balance."""

import os
import random
import signal
import time
from collections.abc import Callable
from typing import Any

from acceptance.cli import Process

PACE = 20  # calls a second
CONCURRENCY = 8
ANSWER = "slow:0.1"  # with PACE, about two requests are under way at any moment
LONGEST = 0.8  # seconds from a start's first word with the carrier to its kill, at most
CALLS_A_KILL = 9  # twice what a start dials before its kill on average; a kill that comes too late fails the test
EARLY = 0.2  # share of kills that count from the start of the process instead: start-up and resume
PATIENCE = 20  # seconds for a start to say something on a busy machine


def keys(kills: int) -> list[str]:
    """Enough call ids for that many kills to fall among them."""
    return [f"call-{index:05d}" for index in range(CALLS_A_KILL * kills)]


def kill_again_and_again(
    start: Callable[[], Process],
    progress: Callable[[], int],
    kills: int,
    chance: random.Random,
    longest: float = LONGEST,
) -> None:
    """Start the command `kills` times and SIGKILL it at a random moment each time, at most `longest` seconds on.

    `progress` grows whenever the carrier hears from the command. Every kill comes before the command's own end.
    """
    for _ in range(kills):
        before = progress()
        process = start()
        began = time.monotonic()
        if chance.random() >= EARLY:
            while progress() == before and process.poll() is None:
                assert time.monotonic() - began < PATIENCE
                time.sleep(0.01)
        time.sleep(chance.uniform(0, longest))
        assert process.poll() is None, ("it ended before its kill", process.returncode, process.communicate())
        os.kill(process.pid, signal.SIGKILL)
        out, err = process.communicate()
        assert process.returncode == -signal.SIGKILL, (process.returncode, out, err)
        assert "Traceback" not in out + err, err


def assert_attempts_are_whole(told: dict[str, Any]) -> None:
    """Attempts count from 1, only the last one may have rung, and the disposition follows from it."""
    attempts = told["attempts"]
    assert [item["n"] for item in attempts] == list(range(1, len(attempts) + 1)), told
    assert all(item["placement"] in ("throttled", "unreached") for item in attempts[:-1]), told
    last = attempts[-1]
    assert last["placement"] in ("accepted", "unknown", "rejected"), told
    if last["placement"] == "accepted":
        assert told["disposition"] == last["ending"], told
    else:
        assert told["disposition"] == last["placement"], told
