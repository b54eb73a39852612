"""The JSON report, results on stdout, logs on stderr."""

import datetime
import json
from pathlib import Path
from typing import Any

import pytest
from durability.carrier import Carrier

from acceptance.desk import Desk, calls

EVENTS = {
    "run.started",
    "run.ended",
    "run.interrupted",
    "run.waiting",
    "calls.loaded",
    "attempt.started",
    "attempt.placed",
    "attempt.settled",
    "callback.received",
    "call.ended",
}


def moment(text: str) -> datetime.datetime:
    """An RFC 3339 time in UTC."""
    assert text.endswith("Z"), text
    return datetime.datetime.fromisoformat(text)


def test_the_report_has_the_shape_of_the_contract(desk: Desk, carrier: Carrier, live: Path) -> None:
    carrier.rules(calls={"b": {"ending": "busy"}, "c": {"answers": ["404"]}})
    assert desk.run(desk.plan(calls("a", "b", "c"), edition="2026-11-22"), live).code == 1
    report = desk.report()
    assert report["format"] == 1
    run = report["run"]
    assert (run["plan"], run["edition"], run["exit_code"]) == ("judged", "2026-11-22", 1)
    assert run["digest"].startswith("sha256:")
    assert moment(run["started_at"]) < moment(run["ended_at"])
    totals = report["totals"]
    assert (totals["calls"], totals["attempts"]) == (3, 3)
    assert (totals["completed"], totals["busy"], totals["rejected"]) == (1, 1, 1)
    first = desk.told()["a"]
    assert first["run"] == run["id"]
    assert first["carry"] == {}
    (attempt,) = first["attempts"]
    assert (attempt["placement"], attempt["evidence"], attempt["http_status"]) == ("accepted", "reply", 200)
    assert [leg["status"] for leg in attempt["legs"]] == ["completed", "completed"]
    assert moment(attempt["started_at"]) <= moment(attempt["placed_at"]) <= moment(attempt["ended_at"])
    assert attempt["cost"] == {"amount": "1.200", "currency": "INR"}


def test_carried_columns_stand_beside_their_call(desk: Desk, carrier: Carrier, live: Path) -> None:
    desk.write("orders.csv", "order,phone,hub,pay\n1,+918123400001,BLR,COD\n2,+918123400002,DEL,UPI\n")
    rows = {"file": "orders.csv", "carry": ["hub"], "where": {"pay": "COD"}}
    listed = calls("order-${row.order}", rows=rows)
    listed[0]["To"] = "${row.phone}"
    assert desk.run(desk.plan(listed), live).code == 0
    assert {key: told["carry"] for key, told in desk.told().items()} == {"order-1": {"hub": "BLR"}}


def test_the_same_journal_gives_the_same_bytes(desk: Desk, carrier: Carrier, live: Path) -> None:
    """Two reports of one run are equal, byte for byte."""
    other = desk.folder / "other.json"
    assert desk.run(desk.plan(calls("a", "b")), live, "--report", str(other)).code == 0
    assert other.read_bytes() == (desk.folder / "report.json").read_bytes()


def test_logs_are_json_lines_on_stderr_from_a_closed_list(desk: Desk, carrier: Carrier, live: Path) -> None:
    done = desk.run(desk.plan(calls("a", "b")), live, "--log-format", "json")
    assert done.code == 0, done.said
    lines: list[dict[str, Any]] = [json.loads(line) for line in done.err.splitlines() if line.startswith("{")]
    names = [line["event"] for line in lines]
    assert set(names) <= EVENTS
    assert names.count("attempt.started") == names.count("attempt.placed") == names.count("call.ended") == 2
    assert (names[0], names[-1]) == ("run.started", "run.ended")
    assert len({line["run"] for line in lines}) == 1
    assert {line.get("call") for line in lines if line["event"] == "call.ended"} == {"a", "b"}
    assert all(line["attempt"] == 1 for line in lines if line["event"].startswith("attempt."))


@pytest.mark.parametrize("style", ["NO_COLOR", "CI"])
def test_no_escape_sequence_is_printed_where_nobody_looks(desk: Desk, style: str) -> None:
    done = desk.orchestrate("run", str(desk.plan(calls("a"))), **{style: "1"})
    assert done.code in (0, 1), done.said
    assert "\x1b" not in done.said


def test_the_sandbox_says_last_and_loudly_that_no_phone_rang(desk: Desk) -> None:
    done = desk.orchestrate("run", str(desk.plan(calls("a"))))
    assert done.code in (0, 1), done.said
    assert "no phone rang" in done.out.strip().splitlines()[-1].lower()


def test_quiet_keeps_the_result(desk: Desk, carrier: Carrier, live: Path) -> None:
    done = desk.run(desk.plan(calls("a")), live, "--quiet")
    assert done.code == 0
    assert done.err == ""


def test_a_plan_from_stdin_is_a_plan(desk: Desk) -> None:
    """`-` is stdin; the helper gives no stdin, so an empty plan is refused, not waited for."""
    done = desk.orchestrate("validate", "-")
    assert done.code == 3, done.said
