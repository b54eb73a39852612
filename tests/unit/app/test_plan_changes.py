"""What `plan` says has changed since the last run: new, changed, refused, closed and removed calls."""

import json
from collections.abc import Mapping
from pathlib import Path
from typing import Any

import pytest

from orchestrator.app.options import PlanOptions, RunOptions
from orchestrator.app.plan import plan_now
from orchestrator.app.run import run_plan
from orchestrator.app.survey import MOST_EDITS, MOST_LISTED, MOST_REASONS, OTHER_REASONS
from orchestrator.model.review import CallState, Change, FieldChange, PlanView
from orchestrator.plan.shared_people import MOST_CALLS, MOST_PEOPLE

AGENT = "+918069171234"


def customer(number: int) -> str:
    return f"+9198200{number:05}"


class Desk:
    """A plan, its data and its journal in one folder."""

    def __init__(self, folder: Path) -> None:
        self.folder, self.journal = folder, str(folder / "journal.db")
        (folder / "target.yaml").write_text("{kind: sandbox, scenario: calm, speed: 600}")

    def plan(self, people: Mapping[str, str], **more: Any) -> str:
        """Write a plan with these ids and numbers."""
        (self.folder / "people.csv").write_text(
            "id,phone\n" + "".join(f"{id_},{phone}\n" for id_, phone in people.items())
        )
        call = {"id": "${row.id}", "rows": {"file": "people.csv", "bad": "skip"}, "To": "${row.phone}"}
        defaults = {"From": AGENT, "CallerId": "08047112233", **more.pop("defaults", {})}
        policy = {"pace": "100/second", **more.pop("policy", {})}
        document = {"version": 1, "name": "demo", "defaults": defaults, "calls": [call], "policy": policy, **more}
        (self.folder / "plan.yaml").write_text(json.dumps(document))
        return str(self.folder / "plan.yaml")

    def run(self, plan: str, **more: Any) -> None:
        run_plan(RunOptions(plan, self.target, self.journal, **more), lambda _event: None, None, lambda _found: None)

    def review(self, plan: str) -> PlanView:
        return plan_now(PlanOptions(plan, self.target, self.journal))

    @property
    def target(self) -> str:
        return str(self.folder / "target.yaml")


@pytest.fixture
def desk(tmp_path: Path) -> Desk:
    return Desk(tmp_path)


def ids(view: PlanView) -> dict[Change, list[str]]:
    return {group.change: [call.id for call in group.sample] for group in view.groups}


def test_new_changed_refused_closed_removed_and_finished_calls_stand_apart(desk: Desk) -> None:
    before = {f"c{n}": customer(n) for n in range(6)}
    desk.run(desk.plan(before, defaults={"TimeLimit": 600}), only="c[0-2]")
    (desk.folder / "list.csv").write_text(f"phone\n{customer(5)}\n")
    now = {"c1": customer(1), "c2": customer(2), "c3": customer(3), "c4": customer(44), "c5": customer(5)}
    now |= {"new": customer(7), "bad": "12"}
    view = desk.review(desk.plan(now, defaults={"TimeLimit": 900}, policy={"suppress": ["list.csv"]}))
    assert ids(view) == {
        Change.DIAL: ["new"],
        Change.CHANGED: ["c3", "c4"],
        Change.REFUSED: ["bad"],
        Change.CLOSED: ["c5"],
        Change.REMOVED: ["c0"],
        Change.FINISHED: ["c1", "c2"],
    }
    assert [group.change for group in view.groups] == list(ids(view)), "in the order of interest"
    assert {word: count for word, count in view.totals.items() if count} == {
        "calls": 7,
        "to-dial": 3,
        "already-called": 2,
        "suppressed": 1,
        "bad-row": 1,
        "changed": 2,
        "removed": 1,
    }
    limit = FieldChange("TimeLimit", "600", "900")
    assert [(edit.change, edit.to_dial, edit.called) for edit in view.edits] == [(limit, 2, 2)]
    changed = {call.id: call.changes for call in view.calls if call.change is Change.CHANGED}
    assert changed == {"c3": (limit,), "c4": (limit, FieldChange("To", customer(4), customer(44)))}
    assert [(call.id, call.reason) for call in view.removed] == [("c0", "completed before")]
    assert view.known_runs == 1


def test_a_call_that_was_still_to_be_dialed_and_is_removed_says_so(desk: Desk) -> None:
    desk.run(desk.plan({"a": customer(1), "b": customer(2)}), only="a")
    removed = list(desk.review(desk.plan({"a": customer(1)})).removed)
    assert [(call.id, call.to_number) for call in removed] == [("b", customer(2))]
    assert "still to be dialed" in str(removed[0].reason)
    desk.run(desk.plan({"a": customer(1)}))
    assert list(desk.review(desk.plan({"a": customer(1)})).removed) == [], "the last run has removed it already"


def test_a_bad_row_that_is_corrected_is_no_removed_call(desk: Desk) -> None:
    desk.run(desk.plan({"a": customer(1), "b": "12"}))
    assert ids(desk.review(desk.plan({"a": customer(1)}))) == {Change.FINISHED: ["a"]}


def test_a_redial_that_is_due_is_to_be_dialed_and_one_that_is_no_longer_wished_is_not(desk: Desk) -> None:
    (desk.folder / "target.yaml").write_text("{kind: sandbox, speed: 600}")
    people = {f"c{n}": customer(n) for n in range(40)}
    redial = {"no-answer": {"attempts": 2, "after": "1h"}}
    desk.run(desk.plan(people, policy={"redial": redial}), wait=0.1)
    again = next(group for group in desk.review(desk.plan(people, policy={"redial": redial})).groups)
    assert again.change is Change.DIAL
    assert set(again.reasons) == {"redial"}
    assert all(call.redials and call.not_before and call.state is CallState.OPEN for call in again.sample)
    over = desk.review(desk.plan(people))
    assert {group.change for group in over.groups} == {Change.FINISHED}
    assert over.totals["already-called"] == 40


def test_a_large_group_keeps_a_bounded_sample_with_each_reason(desk: Desk) -> None:
    (desk.folder / "list.csv").write_text(f"phone\n{customer(99)}\n{customer(150)}\n")
    people = {f"c{n}": customer(n) for n in range(200)}
    view = desk.review(desk.plan(people, policy={"suppress": ["list.csv"]}))
    found = {group.change: group for group in view.groups}
    assert (found[Change.DIAL].count, len(found[Change.DIAL].sample)) == (198, 10)
    assert found[Change.CLOSED].reasons == {"suppressed: on list.csv": 2}
    few = desk.review(desk.plan(dict(list(people.items())[:MOST_LISTED])))
    assert len(few.groups[0].sample) == MOST_LISTED, "a group that is not larger is kept whole"


def test_no_more_reasons_and_edits_are_told_apart_than_anybody_reads(desk: Desk) -> None:
    for number in range(MOST_REASONS + 5):
        (desk.folder / f"l{number}.csv").write_text(f"phone\n{customer(number)}\n")
    people = {f"c{n}": customer(n) for n in range(MOST_REASONS + 5)}
    lists = [f"l{number}.csv" for number in range(MOST_REASONS + 5)]
    group = desk.review(desk.plan(people, policy={"suppress": lists})).groups[0]
    assert (len(group.reasons), group.reasons[OTHER_REASONS]) == (MOST_REASONS + 1, 5)
    assert sum(group.reasons.values()) == group.count == MOST_REASONS + 5
    assert MOST_EDITS >= 1_000


def test_people_whom_several_calls_ring_are_named_in_whatever_spelling(desk: Desk) -> None:
    view = desk.review(desk.plan({"a": "+919820000001", "b": "09820000001", "c": "98200 00002", "d": "9820000001"}))
    assert [(one.number, one.count, one.calls) for one in view.people] == [("+919820000001", 3, ("a", "b", "d"))]
    many = {f"x{n}-{again}": customer(n) for n in range(MOST_PEOPLE + 3) for again in range(MOST_CALLS + 2)}
    view = desk.review(desk.plan(many))
    assert {(one.count, len(one.calls)) for one in view.people} == {(MOST_CALLS + 2, MOST_CALLS)}
    assert (len(view.people), view.more_repeats) == (MOST_PEOPLE, 3 * (MOST_CALLS + 1))
    assert desk.review(desk.plan({"a": customer(1), "b": customer(2)})).people == ()
