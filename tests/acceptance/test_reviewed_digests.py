"""`run --expect` dials what was reviewed, and else says which part of it is not as it was."""

import json
from pathlib import Path
from typing import Any

import pytest
from durability.carrier import Carrier

from acceptance.desk import Desk, calls


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
