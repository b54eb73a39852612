"""What a reviewer sees, whole: a screen for each kind of change, on terminals of three widths and in colour.

`UPDATE_EXPECTED=1 pytest tests/unit/cli/test_plan_screens.py` writes the screens anew: read the difference before
committing it.
"""

import json
import os
import sqlite3
from collections.abc import Mapping, Sequence
from contextlib import closing
from dataclasses import dataclass, field, replace
from datetime import datetime
from pathlib import Path
from typing import Any

import pytest

from orchestrator.app.options import PlanOptions, RunOptions
from orchestrator.app.plan import plan_now
from orchestrator.app.virtual_run import run_virtually
from orchestrator.cli.render.plan import PlanText
from orchestrator.exotel.masking import Masker
from orchestrator.journal.sqlite.journal import MemoryJournal
from orchestrator.model.review import PlanView
from orchestrator.phone.safe_text import cells

SCREENS = Path(__file__).parent / "screens"
UPDATE = os.environ.get("UPDATE_EXPECTED") == "1"
WIDTHS = (60, 80, 140)
SANDBOX = {"kind": "sandbox", "scenario": "calm"}
LIVE = {
    "kind": "exotel",
    "account": "sandbox",  # whose calls the journal knows
    "base_url": "https://api.in.exotel.com",
    "legs": 60,
    "accept": {"CallType": ["promo"]},
}
OFFICE = [{"days": "mon-fri", "hours": "09:00-18:00", "timezone": "Asia/Kolkata"}]
Row = tuple[str, str]


def at(text: str) -> float:
    return datetime.fromisoformat(f"2026-12-{text}:00+05:30").timestamp()


def people(*numbers: int) -> list[Row]:
    return [(f"order-{1000 + number}", f"+9198200{number:05}") for number in numbers]


@dataclass(frozen=True)
class Plan:
    """A plan as it stands, on the first of December at `moment`."""

    rows: Sequence[Row]
    policy: Mapping[str, Any] = field(default_factory=dict)
    defaults: Mapping[str, Any] = field(default_factory=dict)
    target: Mapping[str, Any] = field(default_factory=lambda: SANDBOX)
    moment: str = "01T10:00"
    limit: int | None = None
    wait: float | None = None

    def write(self, folder: Path) -> dict[str, str]:
        """Write it and its files; return the options that name them."""
        lines = ["id,phone", *map(",".join, self.rows), ""]
        (folder / "people.csv").write_text("\n".join(lines))
        (folder / "do-not-call.csv").write_text("phone\n+919820000005\n")
        (folder / "holidays.csv").write_text("date\n2026-12-07\n")
        (folder / "target.yaml").write_text(json.dumps(self.target))
        call = {"id": "${row.id}", "rows": {"file": "people.csv", "bad": "skip"}, "To": "${row.phone}"}
        defaults = {"From": "+918069171234", "CallerId": "08047112233", "TimeOut": 30, "TimeLimit": 600}
        document: dict[str, Any] = {
            "version": 1,
            "name": "cod-confirmations",
            "edition": "2026-12-01",
            "purpose": "transactional",
        }
        document |= {"purpose": "transactional", "defaults": {**defaults, **self.defaults}, "calls": [call]}
        document |= {"policy": {"pace": "10/minute", **self.policy}}
        (folder / "plan.yaml").write_text(json.dumps(document))
        return {"plan": str(folder / "plan.yaml"), "target": str(folder / "target.yaml")}


EVERY_KEY = {
    "window": OFFICE,
    "holidays": "holidays.csv",
    "concurrency": 20,
    "per_agent": 4,
    "per_person": {"attempts": 3, "within": "24h"},
    "stages": [1, "5%", "100%"],
    "halt": [{"failed": "20%", "of": 50}],
    "redial": {"busy": {"attempts": 3, "after": "15m"}, "no-answer": {"attempts": 2, "after": "2h"}},
    "suppress": ["do-not-call.csv"],
    "limits": {"calls": 5000, "cost": "15000 INR", "until": "2026-12-04T17:00:00+05:30"},
}
BEFORE = Plan(people(*range(6)), limit=3, moment="01T09:30")
MIXED = [*people(*range(1, 9)), ("order-2000", "12"), ("order-3000", "098200 00007"), ("order-3001", "98200-00007")]
CASES: dict[str, tuple[Plan, Plan | None]] = {
    "to-dial": (Plan(people(1, 2, 3), {"window": OFFICE}), None),
    "window-closed": (Plan(people(1, 2, 3), {"window": OFFICE}, moment="04T20:00"), None),
    "changed-request": (Plan([*people(*range(5)), ("order-1005", "+919820009999")], {}, {"TimeLimit": 900}), BEFORE),
    "refused": (Plan([("order-2000", "12"), ("renamed", "+919820000001"), *people(2)]), BEFORE),
    "closed": (Plan(people(1, 2, 5), {"suppress": ["do-not-call.csv"]}), BEFORE),
    "removed": (Plan(people(1, 4)), BEFORE),
    "waits-for-redial": (
        Plan(people(*range(20)), EVERY_KEY, target={"kind": "sandbox"}, moment="01T11:00"),
        Plan(
            people(*range(20)),
            {"redial": EVERY_KEY["redial"]},
            target={"kind": "sandbox"},
            moment="01T10:50",
            wait=0.0,
        ),
    ),
    "finished": (Plan(people(0, 1, 2)), BEFORE),
    "many": (Plan(people(*range(3000)), EVERY_KEY), None),
    "live-with-everything": (
        Plan(MIXED, {**EVERY_KEY, "limits": {"calls": 8}}, {"TimeLimit": 900, "CallType": "promo"}, LIVE, "01T17:59"),
        BEFORE,
    ),
}


def reviewed(folder: Path, now: Plan, before: Plan | None) -> PlanView:
    """Run what was before, in virtual time, and review what is now; with names that do not depend on the machine."""
    journal = MemoryJournal()
    if before is not None:
        options = RunOptions(**before.write(folder), limit=before.limit, wait=before.wait)
        run_virtually(options, at(before.moment), journal=journal)
    with closing(sqlite3.connect(folder / "journal.db")) as copy:
        journal.db.backup(copy)
    view = plan_now(PlanOptions(**now.write(folder), journal=str(folder / "journal.db"), at=at(now.moment)))
    return replace(view, journal="/srv/calls.db", digest=f"sha256:{'0' * 64}")


def screen(view: PlanView, width: int, *, colour: bool = False) -> str:
    return "".join(PlanText(Masker(), colour=colour, width=width).render(view))


@pytest.mark.parametrize("name", CASES)
def test_each_kind_of_change_is_seen_as_expected(name: str, tmp_path: Path) -> None:
    view = reviewed(tmp_path, *CASES[name])
    screens = {f"{width} columns": screen(view, width) for width in WIDTHS}
    screens["80 columns in colour"] = screen(view, 80, colour=True).replace("\x1b", "\\e")
    shown = "".join(f"=== {title}\n{text}" for title, text in screens.items())
    expected = SCREENS / f"{name}.txt"
    if UPDATE:
        expected.write_text(shown, "utf-8")
    assert shown == expected.read_text("utf-8")


@pytest.mark.parametrize("width", [30, 40, *WIDTHS])
def test_no_line_is_wider_than_the_screen(width: int, tmp_path: Path) -> None:
    """But for what cannot be broken: a digest, a name, an address."""
    long = [("id-of-a-call-that-does-not-fit-anywhere", "+919820000001"), ("名前", "+919820000002")]
    view = reviewed(tmp_path, replace(CASES["live-with-everything"][0], rows=[*long, *MIXED[2:]]), BEFORE)
    for line in screen(view, width).splitlines():
        longest = max(cells(word) for word in line.split() or [""])
        assert cells(line) <= max(width, longest + 12), line  # behind the names of the first lines
