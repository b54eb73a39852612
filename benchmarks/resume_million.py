"""How long a run of a million calls takes to its first dial, and in how much memory: at first, and when resumed.

    make bench                                      writes benchmarks/resume-million.md
    python benchmarks/resume_million.py --calls 1000    a small one, printed only

The first run reads the plan and dials one call, to its end. What the journal then holds of that call is copied for all
others but a thousand - same columns, same events in the product's own chain - and the second run resumes.
"""

import argparse
import json
import os
import shutil
import sqlite3
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterator
from contextlib import closing, suppress
from dataclasses import dataclass
from pathlib import Path

HERE = Path(__file__).parent
sys.path.insert(0, str(HERE.parent / "tests"))

from acceptance import cli  # noqa: E402
from acceptance.desk import AGENT, EXOPHONE, Desk  # noqa: E402
from durability.carrier import Carrier, counting_carrier  # noqa: E402

from orchestrator.journal.sqlite.file import connect  # noqa: E402
from orchestrator.journal.transaction import Transaction  # noqa: E402
from orchestrator.model.events import EventType  # noqa: E402

LEFT = 1000
"""Calls that nobody has dialed when the second run begins."""

TABLE = HERE / "resume-million.md"
OWN = {"agent", "person", "key", "id", "position", "place", "fields", "pair", "carry", "loaded_by"}
"""Columns of `calls` that say which call it is, and not what became of it."""


@dataclass(frozen=True)
class Measured:
    """One run: seconds to its first request and to its end, and its peak of memory in MB."""

    to_first_dial: float
    in_all: float
    peak: float


def main() -> None:
    """Build, measure, tell."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--calls", type=int, default=1_000_000)
    parser.add_argument("--write", action="store_true", help=f"write {TABLE.name}")
    options = parser.parse_args()
    folder = Path(tempfile.mkdtemp(prefix="orchestrate-bench-"))
    try:
        text = table(options.calls, folder)
    finally:
        shutil.rmtree(folder)
    print(text)  # without --write, all there is
    if options.write:
        TABLE.write_text(text)


def table(calls: int, folder: Path) -> str:
    """Run both and return the table."""
    desk = Desk.laid_out(folder)
    desk.create_journal()
    desk.write("people.csv", "".join(lines(calls + LEFT)))
    numbers = {"From": AGENT, "To": "${row.phone}", "CallerId": EXOPHONE, "CustomField": "${row.order}"}
    plan = desk.plan([{"id": "order-${row.order}", "rows": "people.csv", **numbers}])
    with counting_carrier(folder / "carrier") as carrier:
        carrier.rules(talk=0.1)
        words = ["run", str(plan), "--target", str(desk.target(carrier)), "--journal", str(desk.journal), "--yes"]
        first = measured(desk, carrier, [*words, "--limit", "1"])
        began = time.monotonic()
        finish_like_the_first(desk.journal, calls)
        built = time.monotonic() - began
        verified = desk.orchestrate("journal", "verify", "--journal", str(desk.journal), patience=3600)
        if verified.code != 0:
            print(verified.said[:4000])
        resumed = measured(desk, carrier, [*words, "--limit", "10"])
    size = desk.journal.stat().st_size / 1e6
    rows = "\n".join(
        f"| {name} | {one.to_first_dial:.1f} | {one.in_all:.1f} | {one.peak:.0f} |"
        for name, one in (("first run, one call dialed", first), (f"resumed, {LEFT:,} left, ten dialed", resumed))
    )
    return (
        f"# {calls:,} calls\n\nWritten by `make bench`; {os.cpu_count()} cores; journal of {size:,.0f} MB, the finished"
        f" calls added in {built:.0f} s; `journal verify` exits {verified.code} after {verified.seconds:.0f} s.\n\n"
        f"| run | seconds to the first dial | seconds in all | peak MB |\n| --- | --- | --- | --- |\n{rows}\n"
    )


def lines(people: int) -> Iterator[str]:
    """The data file."""
    yield "order,phone\n"
    yield from (f"{index:07d},{phone(index)}\n" for index in range(people))


def phone(index: int) -> str:
    """The number of the call at a position."""
    return f"+9181{index:08d}"


def measured(desk: Desk, carrier: Carrier, words: list[str]) -> Measured:
    """Run one command and measure it."""
    before, began, started = len(carrier.connects()), time.time(), time.monotonic()
    with (desk.folder / "said").open("w") as said:
        process = subprocess.Popen(
            [*cli.command(), *words], cwd=desk.root, env=desk.environment, stdout=said, stderr=said
        )
        peak = 0
        while process.poll() is None:
            peak = max(peak, resident(process.pid))
            time.sleep(0.02)
    if process.returncode != 0:
        sys.exit((desk.folder / "said").read_text()[-4000:])
    first = carrier.connects()[before]
    return Measured(first.at - began, time.monotonic() - started, peak / 1024)


def resident(pid: int) -> int:
    """A process's peak so far, in kB; `ru_maxrss` would count what this process held when it started the other."""
    with suppress(OSError, StopIteration):
        lines_of = Path(f"/proc/{pid}/status").read_text().splitlines()
        return int(next(line for line in lines_of if line.startswith("VmHWM")).split()[1])
    return 0


def finish_like_the_first(journal: Path, calls: int) -> None:
    """Give calls 1 to `calls` - 1 what call 0 has: its state, its attempt, its events."""
    with closing(connect(journal)) as db:
        db.row_factory = sqlite3.Row
        done = db.execute("SELECT * FROM calls WHERE position = 0").fetchone()
        attempt = db.execute("SELECT * FROM attempts WHERE call = ?", (done["key"],)).fetchone()
        events = db.execute("SELECT * FROM events WHERE call = ? ORDER BY seq", (done["id"],)).fetchall()
        columns = [name for name in done.keys() if name not in OWN]  # noqa: SIM118 - a row has no keys of its own
        others = db.execute(
            "SELECT key, id, position FROM calls WHERE position BETWEEN 1 AND ?", (calls - 1,)
        ).fetchall()
        db.execute("BEGIN IMMEDIATE")
        tx = Transaction(db)
        db.execute(
            f"UPDATE calls SET {', '.join(f'{name} = ?' for name in columns)} WHERE position BETWEEN 1 AND ?",
            (*(done[name] for name in columns), calls - 1),
        )
        own = ("call", "token", "sid", "legs")
        names = [*own, *(name for name in attempt.keys() if name not in ("key", *own))]  # noqa: SIM118
        alike = [attempt[name] for name in names[len(own) :]]
        db.executemany(
            f"INSERT INTO attempts ({', '.join(names)}) VALUES ({', '.join('?' * len(names))})",
            ((key, f"{key:064x}", f"{key:032x}", legs(key), *alike) for key in (call["key"] for call in others)),
        )
        told = [(EventType(e["type"]), e["at"], e["run"], e["attempt"], json.loads(e["data"])) for e in events]
        for call in others:
            own = {"sid": f"{call['key']:032x}", "to": phone(call["position"])}
            for kind, at, run, n, data in told:
                tx.append(kind, at, run, call["id"], n, data | {name: own[name] for name in own.keys() & data.keys()})
            tx.events.clear()
        tx.seal()
        db.execute("COMMIT")
        db.execute("PRAGMA wal_checkpoint(TRUNCATE)")


def legs(key: int) -> str:
    """The legs of the call with a key: hardly two of them last as long as those of another."""
    return f'[["completed",{key % 601}],["completed",{key * 7 % 599}]]'


if __name__ == "__main__":
    main()
