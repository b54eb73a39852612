"""Time and memory grow with an input as the input does: no text of a few hundred kilobytes holds up a review."""

import json
import math
import os
import subprocess
import sys
import time
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


@pytest.mark.parametrize("name", GROWING)
def test_four_times_as_much_takes_about_four_times_as_long(tmp_path: Path, name: str) -> None:
    small, large = (written(tmp_path / str(size), GROWING[name](size)) for size in (SMALL, LARGE))
    least_small = least_large = math.inf
    for _ in range(TRIES):
        least_large = min(least_large, reviewed(large))
        if least_large < SOON:
            return
        least_small = min(least_small, reviewed(small))
        if least_large / least_small < STEEPEST:
            return
    raise AssertionError(f"{SMALL:,} bytes take {least_small:.2f} s, {LARGE:,} take {least_large:.2f} s")


IN_CHILD = """
import json, re, sys
from pathlib import Path
from acceptance.test_growth import reviewed

for plan in sys.argv[1:]:
    seconds = reviewed(plan)
    peak = int(re.search(r"VmHWM:\\s+([0-9]+) kB", Path("/proc/self/status").read_text())[1])
    print(json.dumps([seconds, peak // 1024]), flush=True)
"""


@pytest.mark.parametrize(
    "size", [FEW_HUNDRED_KILOBYTES // 5, pytest.param(FEW_HUNDRED_KILOBYTES, marks=pytest.mark.campaign)]
)
def test_a_few_hundred_kilobytes_of_anything_take_neither_ten_seconds_nor_half_a_gigabyte(
    tmp_path: Path, size: int
) -> None:
    """All in one process, whose peak of memory only grows: whoever passes the bound is the first above it.

    A fifth of the size must do with a fifth of the time, and of the memory above what the process takes for nothing.
    """
    part = size / FEW_HUNDRED_KILOBYTES
    plans = [written(tmp_path / str(place), make(size)) for place, make in enumerate(GROWING.values())]
    tests = str(Path(__file__).parent.parent)
    child = subprocess.Popen(
        [sys.executable, "-c", IN_CHILD, *plans],
        env={**os.environ, "PYTHONPATH": tests},
        stdout=subprocess.PIPE,
        text=True,
    )
    with child:
        assert child.stdout is not None
        told = [json.loads(line) for line in child.stdout]
    assert child.returncode == 0
    over = {
        name: (seconds, megabytes)
        for name, (seconds, megabytes) in zip(GROWING, told, strict=True)
        if seconds > LONGEST * part or megabytes > AT_REST + (LARGEST - AT_REST) * part
    }
    assert over == {}


@pytest.mark.parametrize(("name", "size"), [("figures for calls", 8_000_000), ("empty calls", 2_000_000)])
def test_megabytes_of_nothing_are_refused_within_the_same_memory(tmp_path: Path, name: str, size: int) -> None:
    """Bytes bound the values of a document badly: these are four million, and 700,000."""
    plan = written(tmp_path, GROWING[name](size))
    tests = str(Path(__file__).parent.parent)
    done = subprocess.run(
        [sys.executable, "-c", IN_CHILD, plan], env={**os.environ, "PYTHONPATH": tests}, capture_output=True, text=True
    )
    assert done.returncode == 0, done.stderr
    seconds, megabytes = json.loads(done.stdout)
    assert megabytes < LARGEST
    assert seconds < 6 * LONGEST
