"""Numbers that nobody rings: the plan's lists, the target's, and what a person said, in any spelling."""

import hashlib
from pathlib import Path

import pytest
from durability.carrier import Carrier

from acceptance.desk import AGENT, ALWAYS, Desk, calls, customer

SPELLINGS = {
    "international": customer(1),
    "with 0": "0" + customer(1)[3:],
    "ten digits": customer(1)[3:],
    "with 00": "00" + customer(1)[1:],
    "written": f"+91 81234-{customer(1)[-5:]}",
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


def test_a_number_that_somebody_suppressed_is_rung_by_no_plan(desk: Desk, carrier: Carrier, live: Path) -> None:
    said = desk.orchestrate("suppress", SPELLINGS["with 0"], "--because", "asked us to", "--journal", str(desk.journal))
    assert said.code == 0, said.said
    for name in ("one", "other"):
        done = desk.run(desk.plan(calls(f"{name}-a", f"{name}-b"), name=name), live)
        assert done.code == 0, done.said
        disposition, reason = told(desk)[f"{name}-b"]
        assert disposition == "suppressed"
        assert "asked us to" in (reason or "")
    assert carrier.rung() == {"one-a": 1, "other-a": 1}
