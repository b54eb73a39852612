"""`policy.dnd`, as the carrier and the user of the command line see it."""

import json
from pathlib import Path
from typing import Any

import pytest
from durability.carrier import Carrier

from acceptance.desk import Desk, call, calls, customer
from acceptance.test_policy_kept import most_within

REASON = "dnd: the carrier marks its number as do-not-disturb"


def dnd_plan(desk: Desk, word: str, *keys: str, **more: Any) -> Path:
    return desk.plan(calls(*keys), policy={"dnd": word}, **more)


def test_skip_suppresses_who_is_registered_and_asks_once_a_day(desk: Desk, carrier: Carrier, live: Path) -> None:
    carrier.rules(dnd={customer(1): ["Yes"], customer(2): ["Unavailable"]})
    done = desk.run(dnd_plan(desk, "skip", "a", "b", "c"), live)
    assert done.code == 0, done.said
    assert carrier.rung() == {"a": 1, "c": 1}
    assert (desk.told()["b"]["disposition"], desk.told()["b"]["reason"]) == ("suppressed", REASON)
    assert sorted(carrier.asked_about()) == [customer(index) for index in range(3)]
    assert desk.run(dnd_plan(desk, "skip", "a", "b", "c", edition="again"), live).code == 0
    assert carrier.rung() == {"a": 2, "c": 2}
    assert len(carrier.asked_about()) == 3
    shown = desk.orchestrate("why", "b", "--journal", str(desk.journal))
    assert REASON in shown.out, shown.said


def test_ignore_asks_nothing(desk: Desk, carrier: Carrier, live: Path) -> None:
    carrier.rules(dnd={"": ["Yes"]})
    assert desk.run(dnd_plan(desk, "ignore", "a"), live).code == 0
    assert (carrier.rung(), carrier.asked_about()) == ({"a": 1}, [])


def test_refuse_dials_nobody_and_names_each_call_at_its_place(desk: Desk, carrier: Carrier, live: Path) -> None:
    rows = "".join(f"o{index},{customer(index)}\n" for index in range(30))
    desk.write("orders.csv", f"id,phone\n{rows}")
    plan = desk.plan([call("order-${row.id}") | {"rows": "orders.csv", "To": "${row.phone}"}], policy={"dnd": "refuse"})
    carrier.rules(dnd={customer(index): ["Yes"] for index in range(4, 30)})
    done = desk.run(plan, live)
    assert done.code == 3, done.said
    assert carrier.connects() == []
    assert len(carrier.asked_about()) == 30
    assert "orders.csv:6" in done.err, done.said
    assert "order-o4" in done.err
    assert "6 more" in done.err
    assert "nothing was dialed" in done.err
    carrier.rules()
    assert desk.run(plan, live).code == 3, "what was said is remembered"
    assert carrier.connects() == []
    assert len(carrier.asked_about()) == 30


def test_refuse_dials_everybody_where_nobody_is_registered(desk: Desk, carrier: Carrier, live: Path) -> None:
    done = desk.run(dnd_plan(desk, "refuse", "a", "b"), live)
    assert done.code == 0, done.said
    kinds = [item.kind for item in carrier.received() if item.kind in ("number", "connect")]
    assert kinds == ["number", "number", "connect", "connect"]


@pytest.mark.parametrize("word", ["skip", "refuse"])
def test_nobody_is_rung_while_the_carrier_does_not_say(desk: Desk, carrier: Carrier, live: Path, word: str) -> None:
    carrier.rules(dnd={"": ["503"]})
    plan = dnd_plan(desk, word, "a", "b")
    done = desk.run(plan, live, "--wait", "1s")
    assert done.code == 5, done.said
    assert carrier.connects() == []
    assert "HTTP 503" in done.err
    assert "policy.dnd" in done.err
    assert {told["disposition"] for told in desk.told().values()} == {"waiting"}
    carrier.rules()
    assert desk.run(plan, live).code == 0
    assert carrier.rung() == {"a": 1, "b": 1}


def test_an_account_that_may_not_ask_stops_the_run(desk: Desk, carrier: Carrier, live: Path) -> None:
    carrier.rules(dnd={"": ["403"]})
    done = desk.run(dnd_plan(desk, "skip", "a"), live)
    assert done.code == 4, done.said
    assert "HTTP 403" in done.err
    assert carrier.connects() == []


def test_questions_count_in_the_targets_pace(desk: Desk, carrier: Carrier) -> None:
    desk.create_journal()
    target = desk.target(carrier, pace="10/2s", lookups="off")
    keys = [f"c{index}" for index in range(8)]
    assert desk.run(dnd_plan(desk, "skip", *keys), target, "--until", "placed").code == 0
    times = [item.at for item in carrier.received()]
    assert len(times) == 16
    assert most_within(times, 2 - 0.02) <= 10


def test_xml_is_understood(desk: Desk, carrier: Carrier) -> None:
    desk.create_journal()
    carrier.rules(dnd={customer(0): ["Yes"]})
    assert desk.run(dnd_plan(desk, "skip", "a", "b"), desk.target(carrier, response="xml")).code == 0
    assert carrier.rung() == {"b": 1}


def test_in_the_sandbox_the_last_digit_decides(desk: Desk) -> None:
    plan = desk.plan(calls(*(f"c{index}" for index in range(10))), policy={"dnd": "skip"})
    report = desk.folder / "report.json"
    journal = str(desk.folder / "sandbox.sqlite")
    assert desk.orchestrate("journal", "create", "--journal", journal).code == 0
    done = desk.orchestrate("run", str(plan), "--journal", journal, "--report", str(report))
    assert done.code in (0, 1), done.said
    words = {item["id"]: item["disposition"] for item in json.loads(report.read_text())["calls"]}
    assert [key for key, word in words.items() if word == "suppressed"] == ["c3", "c7"]


def test_a_review_needs_no_answer_and_tells_what_is_remembered(desk: Desk, carrier: Carrier, live: Path) -> None:
    plan = dnd_plan(desk, "skip", "a", "b")
    review = ("plan", str(plan), "--target", str(live), "--journal", str(desk.journal), "--format", "json")
    first = desk.orchestrate(*review, EXOTEL_API_KEY="", EXOTEL_API_TOKEN="")
    assert first.code == 0, first.said
    assert json.loads(first.out)["totals"]["to-dial"] == 2
    assert carrier.received() == []
    carrier.rules(dnd={customer(1): ["Yes"]})
    other = desk.plan(calls("a", "b"), name="other", policy={"dnd": "skip"})
    assert desk.run(other, live).code == 0
    assert json.loads(desk.orchestrate(*review).out)["totals"]["suppressed"] == 1
