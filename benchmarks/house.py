"""Measures the house: how many files, how they hang together, and through how many of them one attempt runs.

    python benchmarks/house.py          what `make check` prints
    python benchmarks/house.py --all    with the files that the figures count

An attempt is one connect request. What is traced is the second of two calls that a run places on the sandbox one after
the other, from the commit of what the first one's request proved to that of the second's: its choice, its intent, its
request and its outcome, in every thread. Left out are what the sandbox does in the carrier's place, and that the run
notes the journal's newest event elsewhere, every few seconds and beside all attempts.
"""

import ast
import json
import os
import re
import statistics
import subprocess
import sys
import tempfile
import threading
from collections.abc import Iterator
from graphlib import CycleError, TopologicalSorter
from pathlib import Path
from types import FrameType

import grimp

from orchestrator.model.events import Event, EventType

ROOT = Path(__file__).parent.parent
CODE = ROOT / "orchestrator"
SQL = re.compile(r"\s*(SELECT|INSERT|UPDATE|DELETE FROM|CREATE|ALTER|PRAGMA|BEGIN|COMMIT|ROLLBACK)\b[\s\S]*")
ROOMS = ("engine", "journal", "carrier", "policy", "exotel", "phone", "model")
"""Where an attempt is made; the rooms above begin and show it."""

DECIDING = ("engine/", "policy/", "journal/")
"""The rooms that decide about an attempt and record it: they had 40 of its files when this was first measured."""

FAMILY = 4
"""So many files of one folder that one file alone imports are a family, and not slices of that file."""

TARGET = "{kind: sandbox, speed: 10}\n"
"""Its clock runs slower than usual, since tracing slows us down: what is due seconds later is not the attempt's."""

PLAN = """\
version: 1
name: two
policy: {concurrency: 1}
calls:
  - {id: one, From: "+918069171234", To: "+919812345678", CallerId: "08047112233"}
  - {id: two, From: "+918069171234", To: "+919812345679", CallerId: "08047112233"}
"""


def main() -> None:
    """Print the table."""
    sizes = {path: len(path.read_text().splitlines()) for path in sorted(CODE.rglob("*.py"))}
    longest = max(sizes, key=lambda path: sizes[path])
    graph = grimp.build_graph("orchestrator", cache_dir=None)
    single, sql = sorted(single_importers(graph)), sorted(sql_outside(sizes))
    listed = in_families(single)
    attempt = files_of_one_attempt()
    rows = [
        ("files, and their lines", f"{len(sizes)}, {sum(sizes.values()):,}"),
        ("median file", f"{statistics.median(sizes.values()):.0f} lines"),
        ("longest file", f"{sizes[longest]} lines: {named(longest)}"),
        ("files over 400 lines", f"{sum(size > 400 for size in sizes.values())}"),
        ("files with a single importer, in their own room", f"{len(single)}"),
        ("of these not in a family that a registry lists", f"{len(single) - len(listed)}"),
        ("files that one attempt executes", f"{len(attempt)}"),
        ("of these in the rooms that decide and record", f"{sum(one.startswith(DECIDING) for one in attempt)}"),
        ("import cycles", cycle(graph) or "0"),
        ("files with SQL outside journal/", f"{len(sql)}"),
    ]
    for what, figure in rows:
        print(f"{what:50}{figure}")
    if "--all" in sys.argv:
        for title, names in (
            ("single importer", [one for one in single if one not in listed]),
            ("listed by a registry", listed),
            ("one attempt", attempt),
            ("SQL outside", sql),
        ):
            print(f"\n{title}:", *names, sep="\n  ")


def named(path: Path) -> str:
    """A file as the reader of the repository names it."""
    return str(path.relative_to(CODE))


def room(module: str) -> str:
    """The room that a module is in: `orchestrator.plan.rows.csv` is in `plan`."""
    return module.split(".")[1] if "." in module else ""


def single_importers(graph: grimp.ImportGraph) -> Iterator[str]:
    """Files that exactly one file imports, which stands in the same room: slices of that file's mechanism."""
    for module in graph.modules:
        importers = graph.find_modules_that_directly_import(module)
        if len(importers) == 1 and room(next(iter(importers))) == room(module) != "":
            yield f"{module} <- {next(iter(importers))}"


def in_families(single: list[str]) -> list[str]:
    """Of files with a single importer, those that it lists beside others of their folder: rules, keys, formats.

    A family is open: one more rule is one more such file, and no mechanism is cut by it.
    """
    families = [(one.split(" <- ")[1], one.split(" <- ")[0].rpartition(".")[0]) for one in single]
    return [one for one, family in zip(single, families, strict=True) if families.count(family) >= FAMILY]


def cycle(graph: grimp.ImportGraph) -> str:
    """One cycle of imports, or nothing."""
    try:
        TopologicalSorter({one: graph.find_modules_directly_imported_by(one) for one in graph.modules}).prepare()
    except CycleError as found:
        return " -> ".join(found.args[1])
    return ""


def sql_outside(paths: dict[Path, int]) -> Iterator[str]:
    """Files outside `journal/` that speak SQL, or import the database's driver."""
    for path in paths:
        if path.is_relative_to(CODE / "journal"):
            continue
        for node in ast.walk(ast.parse(path.read_text())):
            text = node.value if isinstance(node, ast.Constant) and isinstance(node.value, str) else ""
            imported = {name.name for name in node.names} if isinstance(node, ast.Import) else set()
            if "sqlite3" in imported or (SQL.fullmatch(text) and text.split()[0].isupper()):
                yield named(path)
                break


def files_of_one_attempt() -> list[str]:
    """Run two calls on the sandbox, in a process of its own; return the files that the second attempt went through."""
    with tempfile.TemporaryDirectory() as name:
        (Path(name) / "plan.yaml").write_text(PLAN)
        (Path(name) / "slow.yaml").write_text(TARGET)
        traced = subprocess.run(
            [sys.executable, str(Path(__file__)), "--trace-here"],
            cwd=name,
            env={**os.environ, "HOME": name, "XDG_STATE_HOME": name},
            capture_output=True,
            text=True,
            timeout=120,
        )
    if traced.returncode:
        sys.exit(f"an attempt could not be traced: {traced.stderr}")
    found: list[str] = json.loads(traced.stdout)
    return found


def trace() -> None:
    """Dial the plan of this folder, and print the files that ran between the outcomes of both requests."""
    from orchestrator.app.run import RunOptions, run_plan  # imported here: what it loads is traced

    files: set[str] = set()
    placed = 0

    def note(frame: FrameType, event: str, _argument: object) -> None:
        path = Path(frame.f_code.co_filename)
        if placed == 1 and event == "call" and path.is_relative_to(CODE) and not is_beside(frame):
            files.add(named(path))

    def follow(events: list[Event]) -> None:
        nonlocal placed
        placed += sum(event.type is EventType.ATTEMPT_PLACED for event in events)

    threading.setprofile(note)
    sys.setprofile(note)
    run_plan(RunOptions("plan.yaml", target="slow.yaml", until_placed=True), follow, None, lambda _findings: None)
    sys.setprofile(None)
    if placed < 2 or not files:
        sys.exit(f"the outcomes of 2 requests were to be seen, and {placed} were")
    print(json.dumps(sorted(one for one in files if one.split("/")[0] in ROOMS)))


def is_beside(frame: FrameType | None) -> bool:
    """Whether the sandbox runs this, as it stands for the carrier, or what notes the journal's newest event."""
    while frame is not None:
        path = Path(frame.f_code.co_filename)
        if path.is_relative_to(CODE / "sandbox") or path in (CODE / "app/sandbox.py", CODE / "app/known_heads.py"):
            return True
        frame = frame.f_back
    return False


if __name__ == "__main__":
    trace() if "--trace-here" in sys.argv else main()
