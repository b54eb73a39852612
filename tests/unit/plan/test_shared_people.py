"""Who is rung by several calls is named by the ids of these calls, however far apart they stand."""

import json
from pathlib import Path

import pytest

from orchestrator.app.options import PlanOptions
from orchestrator.app.plan import plan_now
from orchestrator.model.review import PlanView, SharedPerson

ROWS = 5_000
PLAN = {
    "version": 1,
    "name": "demo",
    "defaults": {"From": "+918069171234", "CallerId": "08047112233"},
    "calls": [
        {"id": "first", "To": "+919820000007"},
        {"id": "${row.n}", "To": "${row.phone}", "rows": {"file": "rows.csv", "bad": "skip"}},
        {"id": "last", "To": "09820000008"},
    ],
}


def reviewed(folder: Path, phones: dict[int, str], form: str) -> PlanView:
    numbers = [phones.get(n, f"+9198201{n:05}") for n in range(ROWS)]
    if form == "csv":
        text = "n,phone\n" + "".join(f"r{n},{phone}\n" for n, phone in enumerate(numbers))
    else:
        text = "".join(json.dumps({"n": f"r{n}", "phone": phone}) + "\n" for n, phone in enumerate(numbers))
    (folder / f"rows.{form}").write_text(text)
    (folder / "plan.yaml").write_text(json.dumps(PLAN).replace("rows.csv", f"rows.{form}"))
    return plan_now(PlanOptions(str(folder / "plan.yaml"), "sandbox", str(folder / "no.db")))


@pytest.mark.parametrize("form", ["csv", "jsonl"])
def test_the_first_call_to_a_person_is_named_wherever_it_stands(form: str, tmp_path: Path) -> None:
    phones = {3: "9820000007", 2500: "12", 4000: "+91 98200 00007", 4100: "+919820104321", 1: "09820000008"}
    view = reviewed(tmp_path, phones, form)
    assert view.people == (
        SharedPerson("+919820000007", 3, ("first", "r3", "r4000")),
        SharedPerson("+919820104321", 2, ("r4100", "r4321")),
        SharedPerson("+919820000008", 2, ("r1", "last")),
    )
    assert view.more_repeats == 0
    warned = [found for found in view.findings if found.id == "same-person"]
    places = [[span.line for span in found.spans] for found in warned]
    line = 1 if form == "jsonl" else 2  # of the first row
    assert places == [[3 + line, 1, 4000 + line], [4321 + line, 4100 + line], [1, 1 + line]]


def test_of_many_people_the_first_are_named_and_the_others_counted(tmp_path: Path) -> None:
    phones = {n: f"+9198202{n // 10:05}" for n in range(300)}
    view = reviewed(tmp_path, phones, "csv")
    assert len(view.people) == 20
    assert view.people[19] == SharedPerson("+919820200019", 10, tuple(f"r{n}" for n in range(190, 195)))
    assert view.more_repeats == 90
