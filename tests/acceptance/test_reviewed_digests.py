"""`run --expect` dials what was reviewed, and else says which part of it is not as it was."""

import json
from pathlib import Path
from typing import Any

import pytest
from durability.carrier import Carrier

from acceptance.desk import ALWAYS, Desk, call, calls, customer


def digest_of(desk: Desk, plan: Path, *more: str) -> str:
    """The digest that a review prints; it asks no journal, since the one of the run may be elsewhere."""
    done = desk.orchestrate("plan", str(plan), "--format", "json", *more)
    assert done.code == 0, done.said
    digest: str = json.loads(done.out)["digest"]
    return digest


@pytest.mark.parametrize(
    ("change", "words", "said"),
    [
        ({"listed": calls("a", TimeLimit=900)}, [], "its calls differ"),
        ({"listed": calls("a", "b")}, [], "its calls differ"),
        ({"policy": {"concurrency": 3}}, [], "its policy differs"),
        ({"purpose": "promotional"}, [], "its purpose differs"),
        ({}, ["--edition", "2"], "its edition differs"),
        (
            {"purpose": "survey", "policy": {"concurrency": 3}},
            ["--edition", "2"],
            "edition, its purpose and its policy",
        ),
        ({"name": "another", "purpose": "survey"}, [], "its name and its purpose differ"),
    ],
    ids=lambda value: value if isinstance(value, str) else None,
)
def test_the_refusal_says_which_part_differs(
    desk: Desk, carrier: Carrier, live: Path, change: dict[str, Any], words: list[str], said: str
) -> None:
    digest = digest_of(desk, desk.plan(calls("a")))
    changed = desk.plan(**{"listed": calls("a"), **change})
    refused = desk.run(changed, live, "--expect", digest, *words)
    assert refused.code == 4, refused.said
    assert said in refused.err
    assert (digest in refused.err, digest_of(desk, changed, *words) in refused.err) == (True, True)
    assert carrier.received() == []


def test_the_digest_of_another_plan_is_called_so(desk: Desk, live: Path) -> None:
    plan = desk.plan(calls("a"))
    at = len("sha256:")
    other = "".join("0" if digit == "f" else "f" for digit in digest_of(desk, plan)[at:])
    refused = desk.run(plan, live, "--expect", f"sha256:{other}")
    assert (refused.code, "quite another plan" in refused.err) == (4, True), refused.said


def test_the_refusal_says_so_too_where_no_row_was_read_again(desk: Desk, carrier: Carrier, live: Path) -> None:
    plan = desk.plan(calls("a"))
    digest = digest_of(desk, desk.plan(calls("b"), name="second"))
    assert desk.run(plan, live).code == 0
    refused = desk.run(plan, live, "--expect", digest)
    assert (refused.code, "its name and its calls differ" in refused.err) == (4, True), refused.said
    assert carrier.rung() == {"a": 1}


BOUNDED = {"limits": {"calls": 5}}


def sampled(desk: Desk, policy: dict[str, Any] = BOUNDED, **more: Any) -> Path:
    """A plan whose data is not here, but for a sample of it."""
    desk.write("sample.csv", f"id,phone,hub\nsample,{customer(90)},x\n")
    rows = {"file": "data.csv", "columns": ["id", "phone"], "sample": "sample.csv", "carry": ["hub"]}
    return desk.plan([{**call("${row.id}"), "To": "${row.phone}", "rows": rows, **more}], policy=policy)


def with_data(desk: Desk, *keys: str) -> None:
    """Bring the data, as the machine has it that dials."""
    rows = "".join(f"{key},{customer(index)},x\n" for index, key in enumerate(keys))
    desk.write("data.csv", f"id,phone,hub\n{rows}")


def test_a_run_over_the_data_takes_the_digest_of_a_review_that_saw_a_sample(
    desk: Desk, carrier: Carrier, live: Path
) -> None:
    plan = sampled(desk)
    digest = digest_of(desk, plan)
    desk.write("sample.csv", f"id,phone,hub\nother,{customer(91)},\nmore,{customer(92)},\n")
    assert digest_of(desk, plan) == digest, "which rows the sample holds says nothing"
    with_data(desk, "a", "b")
    assert digest_of(desk, plan) != digest, "a review of the data itself covers it"
    assert desk.run(plan, live, "--expect", digest).code == 0
    assert carrier.rung() == {"a": 1, "b": 1}
    again = desk.run(plan, live, "--expect", digest)
    assert (again.code, "rows are not checked again" in again.said) == (0, True), again.said


def test_the_data_is_bounded_or_the_sample_is_not_enough(desk: Desk, carrier: Carrier, live: Path) -> None:
    plan = sampled(desk, policy={})
    shown = desk.orchestrate("plan", str(plan), "--format", "json")
    (missing,) = [item for item in json.loads(shown.out)["findings"] if item["id"] == "run-cannot-proceed"]
    with_data(desk, "a")
    refused = desk.run(plan, live, "--expect", json.loads(shown.out)["digest"])
    assert (refused.code, "limits.calls" in refused.err) == (4, True), refused.said
    assert "saw a sample of the rows" in missing["message"]
    assert carrier.received() == []
    assert desk.run(plan, live, "--expect", digest_of(desk, plan)).code == 0, "the data itself was reviewed"


@pytest.mark.parametrize(
    ("change", "said"),
    [
        ({"TimeLimit": 900}, "its calls differ"),
        ({"To": "${row.hub}"}, "its calls differ"),
        ({"policy": {"limits": {"calls": 500}}}, "its policy differs"),
    ],
    ids=["parameter", "column", "limit"],
)
def test_a_changed_template_is_another_digest_whatever_the_sample(
    desk: Desk, carrier: Carrier, live: Path, change: dict[str, Any], said: str
) -> None:
    digest = digest_of(desk, sampled(desk))
    plan = sampled(desk, **change)
    desk.write("data.csv", f"id,phone,hub\na,{customer(0)},{customer(1)}\n")
    refused = desk.run(plan, live, "--expect", digest)
    assert (refused.code, said in refused.err) == (4, True), refused.said
    assert carrier.received() == []


def test_people_may_approve_what_they_saw_by_a_sample(desk: Desk, carrier: Carrier) -> None:
    desk.create_journal()
    target = desk.target(carrier, guardrails={"window": ALWAYS, "expect": "approved(2)"})
    plan = sampled(desk)
    by_sample = digest_of(desk, plan)
    with_data(desk, "a")
    for digest, by in ((by_sample, "asha"), (digest_of(desk, plan), "ravi")):
        refused = desk.run(plan, target)
        assert (refused.code, "is not approved" in refused.err) == (4, True), refused.said
        assert desk.orchestrate("approve", digest, "--by", by, "--journal", str(desk.journal)).code == 0
    assert desk.run(plan, target).code == 0
    assert carrier.rung() == {"a": 1}
