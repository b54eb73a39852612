"""What was measured, kept as JSON; the tables of benchmarks/bench.md and of the README are drawn from it.

A row can be measured again alone: the others keep their figures, each with the day, the commit and the machine that it
was measured on.
"""

import json
import os
import platform
import re
import subprocess
import textwrap
import time
from dataclasses import asdict, dataclass, field
from pathlib import Path

from chart import bars
from measure import Figures, median, ratio

HERE = Path(__file__).parent
MARKED = re.compile(r"(?<=<!-- measured by make bench -->\n).*?(?=<!-- end -->)", re.DOTALL)
COLUMNS = {
    "wall": "wall s",
    "cpu": "CPU s",
    "peak": "peak MB",
    "each": "ms a call",
    "first": "first dial s",
    "wait": "longest wait s",
}


@dataclass(frozen=True)
class Headline:
    """One line of the short table: what was asked, what came out, and what is wished: at least, and better."""

    what: str
    figure: str
    wished: str


@dataclass(frozen=True)
class Result:
    """One row: who was compared, in which rounds, and what it comes to. `note` says how it was measured.

    `against` is whom the others are compared with, if anybody; `count` how many calls or rows each had, if all alike.
    """

    name: str
    title: str
    note: str
    taken: dict[str, list[Figures]]
    headlines: list[Headline]
    against: str = ""
    count: int = 0
    measured: dict[str, str] = field(default_factory=dict)


def circumstances() -> dict[str, str]:
    """When, on what, and at which state of the product something was measured."""
    commit, changed = git("log", "-1", "--format=%h"), git("status", "--porcelain")
    machine = f"{os.cpu_count()} cores, {platform.machine()}, Python {platform.python_version()}"
    day = time.strftime("%Y-%m-%d", time.gmtime())
    return {"day": day, "commit": commit + " and changes" * bool(changed), "machine": machine}


def git(*words: str) -> str:
    """What Git says of the product's folder; nothing where there is no Git."""
    folder = HERE.parent / "orchestrator"
    return subprocess.run(["git", "-C", folder, *words, "."], capture_output=True, text=True).stdout.strip()


@dataclass(frozen=True)
class Store:
    """The files of one folder: bench.json, bench.md, bench.svg; and the README, if there is one to be kept."""

    folder: Path
    readme: Path | None = None

    def read(self) -> list[Result]:
        """Return the kept rows."""
        path = self.folder / "bench.json"
        rows = json.loads(path.read_text()) if path.exists() else []
        return [Result(**row | {"headlines": [Headline(**one) for one in row["headlines"]]}) for row in rows]

    def keep(self, result: Result, order: list[str]) -> None:
        """Put a row in the place of the older one of its name, and draw everything anew."""
        rows = {row.name: row for row in self.read()} | {result.name: result}
        self.folder.mkdir(parents=True, exist_ok=True)
        kept = [rows[name] for name in order if name in rows]
        (self.folder / "bench.json").write_text(json.dumps([asdict(row) for row in kept], indent=1) + "\n")
        self.draw()

    def draw(self) -> None:
        """Write what is derived from the JSON."""
        for path, text in self.derived().items():
            path.write_text(text, encoding="utf-8")

    def derived(self) -> dict[Path, str]:
        """Return the text of each file that is derived from the JSON."""
        rows = self.read()
        files = {self.folder / "bench.md": document(rows)}
        run = next((row for row in rows if row.name == "run"), None)
        if run is not None:
            walls = {name: median(rounds) for name, rounds in run.taken.items()}
            files[self.folder / "bench.svg"] = bars(f"{run.title}, seconds", walls)
        if self.readme is not None:
            kept = self.readme.read_text(encoding="utf-8")
            files[self.readme] = MARKED.sub(lambda _: for_users(rows), kept)
        return files


def document(rows: list[Result]) -> str:
    """All tables, as Markdown."""
    about = (
        "Written by `make bench` (benchmarks/bench.py) from bench.json. Whole processes, from start to exit; medians of"
        " rounds in which all of a table took turns. A ratio is the median of the rounds' ratios. What is wished: the"
        " first figure at least, better the second."
    )
    head = f"# How fast\n\n{wrapped(about)}\n\n![chart](bench.svg)\n\n"
    return head + short_table([line for row in rows for line in row.headlines]) + "".join(map(section, rows))


def short_table(lines: list[Headline]) -> str:
    """What came out, a line each."""
    rows = "".join(f"| {line.what} | {line.figure} | {line.wished} |\n" for line in lines)
    return f"| what | measured | wished |\n| --- | --- | --- |\n{rows}"


def for_users(rows: list[Result]) -> str:
    """The README's table: what is wished is the makers' business."""
    lines = "".join(f"| {line.what} | {line.figure} |\n" for row in rows for line in row.headlines)
    return f"| what | measured |\n| --- | --- |\n{lines}"


def section(row: Result) -> str:
    """One row with all that were compared."""
    keys = [key for key in COLUMNS if any(key in rounds[0] for rounds in row.taken.values())]
    head = [COLUMNS[key] for key in keys] + ["a second"] * bool(row.count)
    head += [f"wall over {row.against}", "CPU over it"] if row.against else []
    lines = [f"| | {' | '.join(head)} |", f"| --- |{' --- |' * len(head)}"]
    for name, rounds in row.taken.items():
        cells = [shown(key, median(rounds, key)) if key in rounds[0] else "" for key in keys]
        cells += [f"{row.count / median(rounds):,.0f}"] if row.count else []
        cells += [f"{ratio(rounds, row.taken[row.against], key):.2f}x" for key in ("wall", "cpu") if row.against]
        lines.append(f"| {name} | {' | '.join(cells)} |")
    count = len(next(iter(row.taken.values())))
    about = f"{count} round{'s' * (count > 1)}; {', '.join(row.measured.values())}."
    return f"\n## {row.title}\n\n{wrapped(f'{row.note} {about}')}\n\n" + "\n".join(lines) + "\n"


def wrapped(text: str) -> str:
    """A paragraph in lines of 120."""
    return textwrap.fill(text, 120, break_on_hyphens=False, break_long_words=False)


def shown(key: str, value: float) -> str:
    """One figure of a table."""
    return f"{value:.0f}" if key == "peak" else f"{value:.2f}"
