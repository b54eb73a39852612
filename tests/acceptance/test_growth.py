"""Time and memory grow with an input as the input does: no text of a few hundred kilobytes holds up a review."""

import json
import math
import os
import subprocess
import sys
import time
from dataclasses import dataclass
from pathlib import Path

import pytest

from acceptance.growing_inputs import GROWING, Files
from orchestrator.app.validate import validate
from orchestrator.cli.render.findings import errors_first, render_text
from orchestrator.exotel.masking import Masker

SMALL, LARGE = 15_000, 60_000
STEEPEST = 8
"""Times as long for four times as much: what is linear takes 4, what is quadratic 16."""
SOON = 0.25
"""Seconds of the processor's time. What takes less grows too little to be measured."""
TRIES = 4
FEW_HUNDRED_KILOBYTES = 200_000
AT_REST = 80
"""Megabytes that the process takes for hardly anything."""
LONGEST, LARGEST = 10.0, 500
"""Seconds of the processor's time, and megabytes, for a few hundred kilobytes of anything."""


def written(folder: Path, files: Files) -> str:
    folder.mkdir(parents=True, exist_ok=True)
    for name, text in files.items():
        (folder / name).write_text(text, "utf-8")
    return str(folder / "p.yaml")


def reviewed(plan: str) -> float:
    """Check a plan and write down what is wrong with it; returns the processor's time in seconds."""
    before = time.process_time()
    (checked,) = validate([plan])
    shown, _ = errors_first(checked.diagnostics)
    for block in render_text(shown, {checked.file: checked.lines}, Masker(), colour=False):
        assert len(block) < 5_000, "a finding is short whatever it is about"
    return time.process_time() - before


IN_CHILD = """
import json, re, sys
from pathlib import Path
from acceptance.test_growth import reviewed

for plan in sys.argv[1:]:
    seconds = reviewed(plan)
    peak = int(re.search(r"VmHWM:\\s+([0-9]+) kB", Path("/proc/self/status").read_text())[1])
    print(json.dumps([seconds, peak // 1024]), flush=True)
"""


@dataclass(frozen=True)
class Taken:
    """What the review of an input took: seconds of the processor's time, and megabytes at its peak."""

    seconds: float
    megabytes: int


def reviewed_in_one_process(folder: Path, size: int) -> dict[str, Taken]:
    """Review an input of every kind, one after the other, so that a peak tells of all before it too."""
    plans = [written(folder / str(place), make(size)) for place, make in enumerate(GROWING.values())]
    return dict(zip(GROWING, in_child(*plans), strict=True))


def in_child(*plans: str) -> list[Taken]:
    """Review plans in a process of their own."""
    tests = str(Path(__file__).parent.parent)
    child = [sys.executable, "-c", IN_CHILD, *plans]
    done = subprocess.run(child, env={**os.environ, "PYTHONPATH": tests}, capture_output=True, text=True)
    assert done.returncode == 0, done.stderr
    return [Taken(*json.loads(line)) for line in done.stdout.splitlines()]


@pytest.fixture(scope="module")
def large(tmp_path_factory: pytest.TempPathFactory) -> dict[str, Taken]:
    """What the large input of every kind takes."""
    return reviewed_in_one_process(tmp_path_factory.mktemp("large"), LARGE)


@pytest.mark.parametrize("name", GROWING)
def test_four_times_as_much_takes_about_four_times_as_long(tmp_path: Path, name: str, large: dict[str, Taken]) -> None:
    least_small, least_large = math.inf, large[name].seconds
    small_plan, large_plan = (written(tmp_path / str(size), GROWING[name](size)) for size in (SMALL, LARGE))
    for _ in range(TRIES):
        if least_large < SOON:
            return
        least_small = min(least_small, reviewed(small_plan))
        if least_large / least_small < STEEPEST:
            return
        least_large = min(least_large, reviewed(large_plan))
    raise AssertionError(f"{SMALL:,} bytes take {least_small:.2f} s, {LARGE:,} take {least_large:.2f} s")


def held_to_its_share(taken: dict[str, Taken], size: int) -> None:
    """A part of the size must do with that part of the time, and of the memory above what is taken for nothing."""
    part = size / FEW_HUNDRED_KILOBYTES
    most_seconds, most_megabytes = LONGEST * part, AT_REST + (LARGEST - AT_REST) * part
    over = {
        name: each for name, each in taken.items() if each.seconds > most_seconds or each.megabytes > most_megabytes
    }
    assert over == {}, "all in one process, whose peak only grows: the first of these passes the bound of memory"


def test_anything_large_takes_neither_its_share_of_ten_seconds_nor_of_half_a_gigabyte(large: dict[str, Taken]) -> None:
    held_to_its_share(large, LARGE)


@pytest.mark.campaign
def test_a_few_hundred_kilobytes_of_anything_take_neither_ten_seconds_nor_half_a_gigabyte(tmp_path: Path) -> None:
    held_to_its_share(reviewed_in_one_process(tmp_path, FEW_HUNDRED_KILOBYTES), FEW_HUNDRED_KILOBYTES)


@pytest.mark.parametrize(("name", "size"), [("figures for calls", 8_000_000), ("empty calls", 2_000_000)])
def test_megabytes_of_nothing_are_refused_within_the_same_memory(tmp_path: Path, name: str, size: int) -> None:
    """Bytes bound the values of a document badly: these are four million, and 700,000."""
    plan = written(tmp_path, GROWING[name](size))
    (taken,) = in_child(plan)
    assert taken.megabytes < LARGEST
    assert taken.seconds < 6 * LONGEST
