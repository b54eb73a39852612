"""`plan` asks a journal about a block of calls at once: what it finds is what it finds of each call by itself.

Rows in CSV come in blocks, rows in JSON Lines one by one. The journal knows of the plan what a journal may know: calls
that ended so and so, that wait for their redial, that were never dialed; numbers that are suppressed, people who were
rung lately or are marked as do-not-disturb; and the plan has changed since.
"""

import csv
import json
import sqlite3
from collections import Counter
from collections.abc import Sequence
from contextlib import closing
from dataclasses import replace
from datetime import datetime
from pathlib import Path
from typing import Any

import pytest

from orchestrator.app.options import PlanOptions, RunOptions
from orchestrator.app.plan import plan_now
from orchestrator.app.virtual_run import run_virtually
from orchestrator.journal.control import suppress
from orchestrator.journal.sqlite.journal import MemoryJournal
from orchestrator.model.errors import Refused
from orchestrator.model.review import CallState, Change, PlanView

THEN = datetime.fromisoformat("2026-12-01T10:00:00+05:30").timestamp()
LATER = THEN + 1800
REDIAL = {"busy": {"attempts": 3, "after": "2h"}, "no-answer": {"attempts": 2, "after": "3h"}}
BEFORE = [{"n": f"a{number}", "phone": f"+9198200{number:05}", "limit": "600"} for number in range(200)]
AGENT = "+918069171234"

Row = dict[str, str]


def with_rows(changed: dict[int, Row], rows: Sequence[Row] = BEFORE) -> list[Row]:
    return [row | changed.get(place, {}) for place, row in enumerate(rows)]


def appended(count: int) -> list[Row]:
    return [*BEFORE, *({"n": f"b{n}", "phone": f"+9198201{n:05}", "limit": "600"} for n in range(count))]


class Desk:
    """A folder with one plan, in two formats of its rows, and what was run of it."""

    def __init__(self, folder: Path, **policy: Any) -> None:
        self.folder, self.policy = folder, {"pace": "5/second", "redial": REDIAL, **policy}
        self.journal = MemoryJournal()

    def plan(self, rows: Sequence[Row], form: str, **policy: Any) -> str:
        with (self.folder / f"rows.{form}").open("w", newline="") as stream:
            if form == "csv":
                writer = csv.DictWriter(stream, list(rows[0]))
                writer.writeheader()
                writer.writerows(rows)
            else:
                stream.writelines(json.dumps(row) + "\n" for row in rows)
        (self.folder / "list.csv").write_text("phone\n+919820000020\n9820000021\n+919820000190\n")
        call = {"id": "${row.n}", "To": "${row.phone}", "TimeLimit": "${row.limit}"}
        call |= {"rows": {"file": f"rows.{form}", "bad": "skip"}}
        defaults = {"From": AGENT, "CallerId": "08047112233", "TimeOut": 30}
        document = {"version": 1, "name": "demo", "defaults": defaults, "calls": [call]}
        (self.folder / "plan.yaml").write_text(json.dumps(document | {"policy": {**self.policy, **policy}}))
        return str(self.folder / "plan.yaml")

    def run(self, rows: Sequence[Row], moment: float, **more: Any) -> None:
        options = RunOptions(self.plan(rows, "csv"), "sandbox", **{"wait": 0.0, **more})
        run_virtually(options, moment, journal=self.journal)

    def suppress(self, number: str) -> None:
        with self.journal.committing() as tx:
            suppress(tx, number, "asked us to stop", "asha", THEN)

    def review(self, rows: Sequence[Row], form: str, edition: str | None, **policy: Any) -> PlanView:
        kept = self.folder / "journal.db"
        if not kept.exists():
            with closing(sqlite3.connect(kept)) as copy:
                self.journal.db.backup(copy)
        options = PlanOptions(self.plan(rows, form, **policy), "sandbox", str(kept), edition=edition, at=LATER)
        view = plan_now(options)
        return replace(view, calls=list(view.calls), removed=list(view.removed))


def same_of_both(desk: Desk, rows: Sequence[Row], edition: str | None = None, **policy: Any) -> PlanView:
    """Review in blocks and one by one; return what both say."""
    in_blocks, one_by_one = (desk.review(rows, form, edition, **policy) for form in ("csv", "jsonl"))
    assert in_blocks.totals == one_by_one.totals
    assert list(in_blocks.calls) == list(one_by_one.calls)
    assert list(in_blocks.removed) == list(one_by_one.removed)
    assert in_blocks.groups == one_by_one.groups
    assert (in_blocks.edits, in_blocks.people) == (one_by_one.edits, one_by_one.people)
    assert (in_blocks.estimate, in_blocks.digest) == (one_by_one.estimate, one_by_one.digest)
    states = Counter(call.state.value for call in (*in_blocks.calls, *in_blocks.removed))
    assert states == {name: count for name, count in in_blocks.totals.items() if count and name in set(CallState)}
    return in_blocks


@pytest.fixture
def desk(tmp_path: Path) -> Desk:
    return Desk(tmp_path)


def test_of_calls_as_they_were(desk: Desk) -> None:
    desk.run(BEFORE, THEN, limit=120)
    desk.suppress("+919820000150")
    desk.suppress("+919820000003")
    view = same_of_both(desk, appended(30), suppress=["list.csv"])
    totals = view.totals
    assert totals["suppressed"] == 2, "one by the list, one by a person; others were rung before"
    whys = {call.why for call in view.calls if call.state is CallState.SUPPRESSED}
    assert whys == {"suppressed: on list.csv", "suppressed because asked us to stop"}
    assert totals["to-dial"] == 80 + 30 - 2
    assert 0 < totals["open"] < 120
    assert totals["open"] + totals["already-called"] == 120


def test_of_requests_that_have_changed(desk: Desk) -> None:
    desk.run(BEFORE, THEN, limit=100)
    changed = {place: {"limit": "900"} for place in (4, 5, 130, 131)} | {150: {"phone": "9820000150"}}
    view = same_of_both(desk, with_rows(changed))
    assert view.totals["changed"] == 3, "of those that were not rung: two limits, and a number in another spelling"
    everyone = same_of_both(desk, with_rows({place: {"limit": "900"} for place in range(200)}))
    assert everyone.totals["changed"] == 100
    assert [(each.change.name, each.to_dial) for each in everyone.edits] == [("TimeLimit", 100)]


def test_of_numbers_that_have_changed_after_they_were_rung(desk: Desk) -> None:
    desk.run(BEFORE, THEN, limit=100)
    rows = with_rows({place: {"phone": f"+9198300{place:05}"} for place in (7, 8, 120)})
    said = []
    for form in ("csv", "jsonl"):
        with pytest.raises(Refused) as refused:
            desk.review(rows, form, None)
        said.append([(each.id, each.message) for each in refused.value.diagnostics])
    assert said[0] == said[1]
    assert [id_ for id_, _ in said[0]] == ["numbers-changed"] * 2, "the third was never rung"


def test_of_ids_that_have_changed_and_of_calls_that_are_gone(desk: Desk) -> None:
    desk.run(BEFORE, THEN, limit=100)
    renamed = {place: {"n": f"new-{place}"} for place in (10, 11, 140)}
    view = same_of_both(desk, [row for row in with_rows(renamed) if row["n"] not in ("a30", "a160")])
    assert view.totals["id-changed"] == 2
    assert [call.id for call in view.removed] == ["a10", "a11", "a30", "a140", "a160"]
    kept = same_of_both(desk, [*BEFORE, {"n": "again", "phone": "+919820000010", "limit": "600"}])
    assert (kept.totals["id-changed"], kept.totals["removed"]) == (0, 0), "the plan holds the id that it rang under"
    elsewhere = same_of_both(desk, [{"n": "again", "phone": "+919820000010", "limit": "600"}, *BEFORE])
    assert elsewhere.totals["id-changed"] == 0, "also where that comes behind"


def test_of_a_row_that_has_become_bad(desk: Desk) -> None:
    desk.run(BEFORE, THEN, limit=100)
    rows = with_rows({12: {"phone": "12"}, 130: {"phone": ""}})
    assert same_of_both(desk, rows).totals["removed"] == 0, "also where nothing else has the plan gone through again"
    view = same_of_both(desk, [*rows, {"n": "again", "phone": "+919820000012", "limit": "600"}])
    assert (view.totals["bad-row"], view.totals["removed"]) == (2, 0), "a run keeps such a call under its id"
    assert view.totals["id-changed"] == 0


def test_of_people_who_were_rung_lately(desk: Desk) -> None:
    desk.run(BEFORE, THEN, limit=100)
    capped = same_of_both(desk, appended(10), "2", per_person={"attempts": 1, "within": "24h"})
    later = [call for call in capped.calls if call.reason == "per_person"]
    assert len(later) == 100
    assert capped.totals["to-dial"] == 210
    assert capped.groups[0].change is Change.DIAL


def test_of_people_whom_the_carrier_marks(tmp_path: Path) -> None:
    desk = Desk(tmp_path, dnd="skip")
    desk.run(BEFORE, THEN, limit=100, wait=60.0)  # for what the carrier says
    view = same_of_both(desk, BEFORE, "2")
    marked = [call.id for call in view.calls if call.state is CallState.SUPPRESSED]
    assert 10 < len(marked) <= 40, "in the scenario a fifth of all, as far as they were asked about"
    said = []
    for form in ("csv", "jsonl"):
        with pytest.raises(Refused) as refused:
            desk.review(BEFORE, form, "2", dnd="refuse")
        said.append([each.message for each in refused.value.diagnostics])
    assert said[0] == said[1]
    assert f"{len(marked)} calls" in said[0][0] or len(said[0]) > 1


def test_of_an_edition_that_a_newer_one_closed(desk: Desk) -> None:
    desk.run(BEFORE, THEN, limit=100, edition="1")
    desk.run(BEFORE, THEN + 600, limit=5, edition="2")
    totals = same_of_both(desk, appended(10), "1").totals
    assert totals["superseded"] == 110
