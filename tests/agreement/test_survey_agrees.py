"""`plan` counts a block of calls at once: what it says is what it says of the same calls one by one."""

import csv
import json
from pathlib import Path

import pytest

from orchestrator.app.options import PlanOptions
from orchestrator.app.plan import plan_now
from orchestrator.model.errors import Refused
from orchestrator.model.review import PlanView

PLAN = """version: 1
name: demo
defaults: {{From: "+918069171234", CallerId: "08047112233", CallType: {type}}}
calls:
  - id: "${{row.n}}"
    To: "${{row.phone}}"
    TimeOut: "${{row.ring}}"
    not_before: "${{row.start}}"
    not_after: "2026-12-03T17:00:00+05:30"
    rows: {{file: {file}, bad: skip}}
policy:
  window: [{{days: mon-sat, hours: 10:00-15:00, timezone: Asia/Kolkata}}]
  suppress: [list.csv]
"""
AT = 1_796_000_000.0  # 2026-11-30 in the evening
ROWS = [
    {
        "n": f"a{number}",
        "phone": f"+9198200{number:05}",
        "ring": "60" if number % 2 else "10",
        "start": f"2026-12-0{1 + number % 3}T1{number % 7}:00:00+05:30".replace("14:00:00", "14:59:20"),
    }
    for number in range(150)
]
"""Of each schedule some ring longer, so that they do not fit into the window any more."""
ROWS[7]["phone"] = ROWS[60]["phone"] = "12"
ROWS[20]["ring"] = ""


def survey(
    folder: Path, file: str, call_type: str = "trans", target: str = "sandbox", rows: list[dict[str, str]] = ROWS
) -> PlanView:
    with (folder / file).open("w", newline="") as stream:
        if file.endswith(".csv"):
            writer = csv.DictWriter(stream, list(ROWS[0]))
            writer.writeheader()
            writer.writerows(rows)
        else:
            stream.writelines(json.dumps(row) + "\n" for row in rows)
    (folder / "plan.yaml").write_text(PLAN.format(file=file, type=call_type))
    (folder / "list.csv").write_text("+919820000110\n9820000111\n")
    return plan_now(PlanOptions(str(folder / "plan.yaml"), target, str(folder / f"{file}.db"), at=AT))


def test_a_survey_by_blocks_says_what_one_of_single_calls_says(tmp_path: Path) -> None:
    in_blocks, one_by_one = survey(tmp_path, "d.csv"), survey(tmp_path, "d.jsonl")
    assert in_blocks.totals == one_by_one.totals
    assert in_blocks.totals["calls"] == 150
    assert (in_blocks.totals["suppressed"], in_blocks.totals["bad-row"]) == (2, 2)
    assert 0 < in_blocks.totals["too-late"] < 60
    assert (in_blocks.opens_at, in_blocks.opens_why) == (one_by_one.opens_at, one_by_one.opens_why)
    assert in_blocks.opens_at == "2026-12-01T04:30:00.000Z"
    assert in_blocks.digest == one_by_one.digest
    listed = [(call.id, call.state, call.reason, call.not_before) for call in in_blocks.calls]
    assert listed == [(call.id, call.state, call.reason, call.not_before) for call in one_by_one.calls]


def test_the_states_of_a_survey_are_those_of_the_calls_listed(tmp_path: Path) -> None:
    view = survey(tmp_path, "d.csv")
    states = [call.state for call in view.calls]
    assert {state: count for state, count in view.totals.items() if state != "calls" and count} == {
        state.value: states.count(state) for state in set(states)
    }


def test_words_that_a_target_admits_are_gathered_from_all_calls(tmp_path: Path) -> None:
    (tmp_path / "t.yaml").write_text("kind: sandbox\naccept: {CallType: [promo]}\n")
    target = str(tmp_path / "t.yaml")
    assert survey(tmp_path, "d.csv", "promo", target, ROWS[21:]).unlisted == ("CallType: promo",)
    assert survey(tmp_path, "d.csv", "trans", target).unlisted == ()


def test_every_call_on_a_line_that_the_target_does_not_allow_is_refused(tmp_path: Path) -> None:
    (tmp_path / "t.yaml").write_text('kind: sandbox\nguardrails: {caller_ids: ["08047112299"]}\n')
    with pytest.raises(Refused) as refused:
        survey(tmp_path, "d.csv", target=str(tmp_path / "t.yaml"))
    about = [each for each in refused.value.diagnostics if each.id == "caller-id-not-allowed"]
    assert sum(each.count for each in about) == 148
    (tmp_path / "t.yaml").write_text('kind: sandbox\nguardrails: {caller_ids: ["+918047112233"]}\n')
    assert survey(tmp_path, "d.csv", target=str(tmp_path / "t.yaml")).totals["calls"] == 150
