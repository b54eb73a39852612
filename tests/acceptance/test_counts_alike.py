"""A data file is counted alike by `validate`, `plan` and `run`, and warnings do not hide errors."""

import json

import pytest
from durability.carrier import Carrier

from acceptance.bad_plans import GOOD, HEAD, ROWS
from acceptance.desk import AGENT, EXOPHONE, Desk, customer

SKIP = ROWS.replace("ROWS", "{file: d.csv, bad: skip}")


def test_blank_rows_are_no_calls_and_bad_rows_are_counted_by_all_commands(desk: Desk) -> None:
    """1,247 rows of commas were 2,494 errors, and with `bad: skip` as many calls."""
    desk.write("d.csv", f"n,phone\n1,{customer(1)}\n" + ",\n" * 1247 + f"2\n3,x\n4,{customer(4)}\n5,\n")
    plan = str(desk.write("plan.yaml", f"{HEAD}calls:\n{SKIP}"))
    checked = desk.orchestrate("validate", plan)
    assert checked.code == 0, checked.said
    assert "1 file checked: 0 errors, 3 warnings, 1 note" in checked.out
    assert "1,247 rows are blank" in checked.out
    planned = json.loads(desk.orchestrate("plan", plan, "--format", "json").out)
    assert planned["totals"] == {**planned["totals"], "calls": 5, "to-dial": 2, "bad-row": 3}
    assert [item["id"] for item in planned["calls"]] == ["r-1", "d.csv:1250", "r-3", "r-4", "r-5"]
    done = desk.orchestrate("run", plan, "--report", str(desk.folder / "report.json"))
    assert done.code in (0, 1), done.said
    totals = desk.report()["totals"]
    assert (totals["calls"], totals["not-dialed"]) == (5, 3)
    assert {item["id"] for item in planned["calls"]} == set(desk.told())
    again = json.loads(desk.orchestrate("plan", plan, "--format", "json").out)
    assert (again["totals"]["calls"], again["totals"]["bad-row"]) == (5, 3)


def test_without_skip_blank_rows_are_no_errors_either(desk: Desk) -> None:
    desk.write("d.csv", f"n,phone\n1,{customer(1)}\n" + ",\n" * 1247)
    plan = str(desk.write("plan.yaml", f"{HEAD}calls:\n{ROWS.replace('ROWS', 'd.csv')}"))
    assert desk.orchestrate("validate", plan).code == 0
    text = desk.orchestrate("plan", plan)
    assert text.code == 0
    assert "1 call: 1 to dial." in text.out


@pytest.mark.parametrize("command", ["validate", "plan", "run"])
def test_a_hundred_warnings_do_not_push_an_error_off_the_screen(
    desk: Desk, carrier: Carrier, live: str, command: str
) -> None:
    """The error stands in the last row of the data; it is shown first, and what is left out is counted."""
    guessed = "".join(f"{n},98765{n:05d}\n" for n in range(150))
    desk.write("d.csv", f"n,phone\n{guessed}bad,x\n")
    plan = desk.write("plan.yaml", f"{HEAD}calls:\n{ROWS.replace('ROWS', 'd.csv')}")
    more = {"validate": [], "plan": ["--target", str(live)], "run": desk.run_arguments(plan, live)[2:]}[command]
    done = desk.orchestrate(command, str(plan), *more)
    assert done.code == 3
    lines = [line for line in done.said.splitlines() if line]
    assert "error[not-a-number]" in lines[0]
    assert len(lines) < 60
    assert "140 more warnings, not shown beside errors" in done.said
    assert "1 error, 150 warnings" in done.said
    assert carrier.received() == []


def test_warnings_alone_are_all_shown(desk: Desk) -> None:
    calls = "".join(
        f'  - {{id: c{n}, From: "{AGENT}", To: "98765{n:05d}", CallerId: "{EXOPHONE}"}}\n' for n in range(40)
    )
    done = desk.orchestrate("validate", str(desk.write("plan.yaml", f"{HEAD}calls:\n{GOOD}{calls}")))
    assert done.code == 0
    assert done.out.count("warning[number-to-guess]") == 40
