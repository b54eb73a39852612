"""Numbers that nobody rings: the plan's lists, the target's, and what a person said, in any spelling."""

import hashlib
import json
from pathlib import Path

import pytest
from durability.carrier import Carrier

from acceptance.desk import AGENT, ALWAYS, Desk, call, calls, customer

DIGITS = customer(1)[3:]
SPELLINGS = {
    "international": customer(1),
    "with 0": "0" + customer(1)[3:],
    "ten digits": customer(1)[3:],
    "with 00": "00" + customer(1)[1:],
    "written": f"+91 81234-{customer(1)[-5:]}",
    "with 091": f"091-{DIGITS[:5]}-{DIGITS[5:]}",
    "with 0 91": f"091{DIGITS}",
    "with +91 0": f"+91 0{DIGITS}",
    "a float": f"{DIGITS}.0",
    "in Devanagari": "".join(chr(0x966 + int(digit)) for digit in f"91{DIGITS}"),
    "hashed": "sha256:" + hashlib.sha256(customer(1).encode()).hexdigest(),
}


def told(desk: Desk) -> dict[str, tuple[str, str | None]]:
    """Disposition and reason of every call of the last report."""
    return {key: (item["disposition"], item.get("reason")) for key, item in desk.told().items()}


@pytest.mark.parametrize("spelled", SPELLINGS.values(), ids=SPELLINGS.keys())
def test_a_number_on_the_plans_list_is_not_rung_in_whatever_spelling(
    desk: Desk, carrier: Carrier, live: Path, spelled: str
) -> None:
    desk.write("lists/no.csv", f"number\n{spelled}\n")
    done = desk.run(desk.plan(calls("a", "b", "c"), policy={"suppress": ["lists/no.csv"]}), live)
    assert done.code == 0, done.said
    assert carrier.rung() == {"a": 1, "c": 1}
    disposition, reason = told(desk)["b"]
    assert disposition == "suppressed"
    assert "lists/no.csv" in (reason or "")


def test_no_plan_rings_what_the_target_suppresses(desk: Desk, carrier: Carrier) -> None:
    desk.create_journal()
    desk.write("lists/company.csv", f"{customer(0)}\n")
    target = desk.target(carrier, guardrails={"window": ALWAYS, "suppress": ["lists/company.csv"]})
    done = desk.run(desk.plan(calls("a", "b")), target)
    assert done.code == 0, done.said
    assert carrier.rung() == {"b": 1}
    assert told(desk)["a"][0] == "suppressed"


def test_an_agent_whose_number_is_suppressed_is_not_rung_either(desk: Desk, carrier: Carrier, live: Path) -> None:
    desk.write("no.csv", f"{AGENT}\n")
    done = desk.run(desk.plan(calls("a"), policy={"suppress": ["no.csv"]}), live)
    assert done.code == 0, done.said
    assert carrier.connects() == []


def test_a_list_that_grows_between_two_runs_keeps_redials_and_the_undialed_back(
    desk: Desk, carrier: Carrier, live: Path
) -> None:
    carrier.rules(default={"ending": "busy"})
    desk.write("no.csv", f"{customer(77)}\n")
    policy = {"suppress": ["no.csv"], "redial": {"busy": {"attempts": 3, "after": "1s"}}}
    plan = desk.plan(calls("a", "b"), policy={**policy, "limits": {"calls": 1}})
    assert desk.run(plan, live, "--wait", "0").code == 5
    assert carrier.rung() == {"a": 1}
    desk.write("no.csv", f"{customer(0)}\n{customer(1)}\n")
    done = desk.run(desk.plan(calls("a", "b"), policy=policy), live)
    assert carrier.rung() == {"a": 1}
    assert (done.code, told(desk)["a"][0], told(desk)["b"][0]) == (1, "busy", "suppressed"), done.said


@pytest.mark.parametrize("spelled", ["with 0", "with 0 91", "a float", "in Devanagari"])
def test_a_number_that_somebody_suppressed_is_rung_by_no_plan(
    desk: Desk, carrier: Carrier, live: Path, spelled: str
) -> None:
    said = desk.orchestrate("suppress", SPELLINGS[spelled], "--because", "asked us to", "--journal", str(desk.journal))
    assert said.code == 0, said.said
    for name in ("one", "other"):
        done = desk.run(desk.plan(calls(f"{name}-a", f"{name}-b"), name=name), live)
        assert done.code == 0, done.said
        disposition, reason = told(desk)[f"{name}-b"]
        assert disposition == "suppressed"
        assert "asked us to" in (reason or "")
    assert carrier.rung() == {"one-a": 1, "other-a": 1}


def test_a_number_that_is_suppressed_no_more_is_listed_no_more_and_rung_by_the_next_run(
    desk: Desk, carrier: Carrier, live: Path
) -> None:
    journal = ("--journal", str(desk.journal))
    assert "no number is suppressed" in desk.orchestrate("suppress", "--list", *journal).out
    for index, why in ((1, "asked us to"), (2, "moved")):
        assert desk.orchestrate("suppress", customer(index), "--because", why, *journal).code == 0
    plan = desk.plan(calls("a", "b"))
    assert desk.run(plan, live).code == 0
    assert told(desk)["b"][0] == "suppressed"
    removed = desk.orchestrate("suppress", "--remove", SPELLINGS["ten digits"], "--because", "a mistake", *journal)
    assert (removed.code, customer(1) in removed.said) == (0, False), removed.said
    assert "+9181******01 is suppressed no more (it was by" in removed.out
    again = desk.orchestrate("suppress", customer(1), "--remove", "--because", "a mistake", *journal)
    assert (again.code, "nothing was changed" in again.out) == (0, True), again.said
    (line,) = desk.orchestrate("suppress", "--list", *journal).out.splitlines()
    assert line.startswith("+9181******02  20")
    assert line.endswith(": moved")
    listed = json.loads(desk.orchestrate("suppress", "--list", "--format", "json", "--unmask", *journal).out)
    assert [(each["number"], each["because"]) for each in listed["numbers"]] == [(customer(2), "moved")]
    review = desk.orchestrate("plan", str(plan), "--target", str(live), "--format", "json", *journal)
    assert {each["id"]: each["state"] for each in json.loads(review.out)["calls"]}["b"] == "to-dial"
    assert desk.run(plan, live).code == 0
    assert told(desk)["b"][0] == "completed"
    assert carrier.rung() == {"a": 1, "b": 1}
    assert "+9181******01 suppressed no more, by" in desk.orchestrate("why", "b", *journal).out
    assert desk.orchestrate("journal", "verify", *journal).code == 0


@pytest.mark.parametrize(
    "arguments",
    [
        (),
        (customer(1),),
        ("--because", "x"),
        ("--remove", "--because", "x"),
        ("--remove", customer(1)),
        ("--remove", "nobody", "--because", "x"),
        ("--list", customer(1)),
        ("--list", "--remove"),
        ("--list", "--because", "x"),
        (customer(1), "--because", "x", "--format", "json"),
    ],
    ids=" ".join,
)
def test_what_nobody_can_mean_suppresses_and_releases_nobody(
    desk: Desk, live: Path, arguments: tuple[str, ...]
) -> None:
    before = desk.journal.read_bytes()
    done = desk.orchestrate("suppress", *arguments, "--journal", str(desk.journal))
    assert (done.code, done.out) == (2, ""), done.said
    assert desk.journal.read_bytes() == before


@pytest.mark.parametrize("spelled", ["with 091", "with 0 91", "with +91 0"])
def test_a_call_to_another_spelling_is_kept_back_by_list_and_word(
    desk: Desk, carrier: Carrier, live: Path, spelled: str
) -> None:
    desk.write("no.csv", f"{customer(1)}\n")
    listed = [call("a"), call("b", To=SPELLINGS[spelled])]
    done = desk.run(desk.plan(listed, policy={"suppress": ["no.csv"]}, name="one"), live)
    assert (done.code, told(desk)["b"][0]) == (0, "suppressed"), done.said
    desk.orchestrate("suppress", customer(2), "--because", "asked us to", "--journal", str(desk.journal))
    other = SPELLINGS[spelled][: -len("1")] + "2"
    done = desk.run(desk.plan([call("c", To=other)], name="other"), live)
    assert (done.code, told(desk)["c"][0]) == (0, "suppressed"), done.said
    assert carrier.rung() == {"a": 1}


@pytest.mark.parametrize(
    "number", ["98765432101", "0401234567", "14155552671", "+999123456789", "9876543210.5", "1909"]
)
def test_nobody_is_said_to_be_suppressed_who_is_nobody(desk: Desk, live: Path, number: str) -> None:
    done = desk.orchestrate("suppress", number, "--because", "asked us to", "--journal", str(desk.journal))
    assert done.code == 2, done.said
    assert "suppressing it would protect nobody" in done.err
    assert number not in done.said


@pytest.mark.parametrize("cell", [f"{DIGITS}.0", f"+0{DIGITS}", "98765432101.0", "+999123456789"])
def test_a_plan_with_a_number_that_could_be_another_persons_dials_nobody(
    desk: Desk, carrier: Carrier, live: Path, cell: str
) -> None:
    desk.write("people.csv", f"id,phone\na,{customer(0)}\nb,{cell}\n")
    done = desk.run(desk.plan([call("${row.id}", rows="people.csv", To="${row.phone}")]), live)
    assert done.code == 3, done.said
    assert carrier.connects() == []
    assert cell not in done.said


def test_a_list_with_a_number_that_nobody_has_stops_the_run(desk: Desk, carrier: Carrier, live: Path) -> None:
    desk.write("no.csv", f"{customer(1)}\n{customer(1)[:-1]}\n")
    done = desk.run(desk.plan(calls("a"), policy={"suppress": ["no.csv"]}), live)
    assert (done.code, carrier.connects()) == (3, [])
    assert "number-not-valid" in done.said
