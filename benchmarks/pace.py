"""Whether a run keeps 200 requests per 15 s against a carrier with a true sliding window, and how much of it it uses.

    make bench                                   writes benchmarks/pace.md
    python benchmarks/pace.py --seconds 20       a short one, printed only

Real processes, a carrier on loopback that shares no code with the product and answers 429 to a request that finds 200
accepted ones in the last 15 s. The share is of the rate between the first request and the last; where the run was
stopped, without the time in which it stood still.
"""

import argparse
import os
import shutil
import signal
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable
from pathlib import Path
from typing import Any

HERE = Path(__file__).parent
sys.path.insert(0, str(HERE.parent / "tests"))

from acceptance.desk import Desk, call  # noqa: E402
from durability.carrier import Carrier, counting_carrier  # noqa: E402

COUNT, WINDOW = 200, 15.0
STOPPED = 5.0
TABLE = HERE / "pace.md"


def main() -> None:
    """Measure, tell."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--seconds", type=float, default=60.0, help="of each condition")
    parser.add_argument("--write", action="store_true", help=f"write {TABLE.name}")
    options = parser.parse_args()
    text = table(options.seconds)
    print(text)
    if options.write:
        TABLE.write_text(text)


def table(seconds: float) -> str:
    """Run every condition and return the table."""
    conditions: dict[str, dict[str, Any]] = {
        "one run": {},
        "100 ms jitter on the way": {"jitter": 0.1},
        "SIGSTOP for 5 s in the middle": {"meanwhile": stop},
        "two plans' runs at once": {"plans": 2},
        "two at once, 100 ms jitter": {"plans": 2, "jitter": 0.1},
        "look-ups on": {"look_ups": True},
    }
    rows = []
    for name, how in conditions.items():
        rows.append((name, *measured(seconds, **how)))
        print(*rows[-1], sep="  ", flush=True)
    head = (
        "# The pace\n\n"
        f"Written by `make bench` (benchmarks/pace.py): 200 requests per 15 s, {seconds:g} s of each condition,\n"
        f"a carrier with a true sliding window on the same machine ({os.cpu_count()} cores).\n\n"
        "| condition | requests | 429 | most in 15 s | share of the permitted rate |\n| --- | --- | --- | --- | --- |\n"
    )
    return head + "".join(f"| {' | '.join(row)} |\n" for row in rows)


def measured(
    seconds: float,
    *,
    jitter: float = 0.0,
    plans: int = 1,
    look_ups: bool = False,
    meanwhile: Callable[[list[subprocess.Popen[str]], float], float] | None = None,
) -> tuple[str, str, str, str]:
    """Run one condition; return its cells."""
    folder = Path(tempfile.mkdtemp(prefix="orchestrate-pace-"))
    desk = Desk.laid_out(folder)
    try:
        desk.create_journal()
        with counting_carrier(folder / "carrier") as carrier:
            carrier.rules(talk=1, window={"count": COUNT, "seconds": WINDOW, "jitter": jitter})
            every = {"after": "5s", "every": "5s", "settle": "1s"} if look_ups else "off"
            target = desk.target(carrier, pace=f"{COUNT}/{WINDOW:g}s", lookups=every)
            number = round(seconds * COUNT / WINDOW / plans)
            asked = [[call(f"{of}-{index}", of * 50000 + index) for index in range(number)] for of in range(plans)]
            files = [
                desk.plan(listed, name=f"p{of}", policy={"pace": "100/second", "concurrency": 500})
                for of, listed in enumerate(asked)
            ]
            more = ("--quiet",) if look_ups else ("--quiet", "--until", "placed")  # nobody empties their pipes
            processes = [desk.start(*desk.run_arguments(file, target, *more)) for file in files]
            still = meanwhile(processes, seconds) if meanwhile else 0.0
            for process in processes:
                process.communicate(timeout=seconds * 3 + 60)
            return cells(carrier, still)
    finally:
        desk.end()
        shutil.rmtree(folder)


def stop(processes: list[subprocess.Popen[str]], seconds: float) -> float:
    """Stop every run in the middle; return for how long."""
    time.sleep(seconds / 2)
    for process in processes:
        os.kill(process.pid, signal.SIGSTOP)
    time.sleep(STOPPED)
    for process in processes:
        os.kill(process.pid, signal.SIGCONT)
    return STOPPED


def cells(carrier: Carrier, still: float) -> tuple[str, str, str, str]:
    """Judge what the carrier received, until the last connect request."""
    found = carrier.received()
    last = max(item.at for item in found if item.kind == "connect")
    arrived = sorted(item.at for item in found if item.at <= last)
    refused = sum(item.answer == "429" for item in found)
    most = max(sum(at <= other < at + WINDOW for other in arrived) for at in arrived)
    share = (len(arrived) - 1) / (arrived[-1] - arrived[0] - still) / (COUNT / WINDOW)
    return str(len(arrived)), str(refused), str(most), f"{share:.2%}"


if __name__ == "__main__":
    main()
