"""What commands say where a reader would have to guess: which sandbox, which wish, which of two plans."""

import json
from pathlib import Path

import pytest
from durability.carrier import Carrier

from acceptance.desk import Desk, call, calls


def test_a_run_that_is_not_as_wished_says_what_was_wished_and_what_it_is(
    desk: Desk, carrier: Carrier, live: Path
) -> None:
    carrier.rules(calls={"a": {"ending": "busy"}})
    done = desk.run(desk.plan(calls("a", "b")), live)
    assert (done.code, "wished that every dialed call is completed, and 1 of 2 are" in done.out) == (1, True), done.out
    wish = {"success": {"completed": "60%"}}
    done = desk.run(desk.plan(calls("a", "b"), policy=wish), live)
    assert (done.code, "they are not as wished; wished completed 60%, and it is 50%: 1 of 2" in done.out) == (1, True)


def test_a_review_for_a_sandbox_of_another_name_says_its_name(desk: Desk) -> None:
    target = desk.write("staging.yaml", json.dumps({"kind": "sandbox", "scenario": "calm"}))
    plan = desk.plan([call("a")])
    for words, shown in (([], "to the sandbox: no"), (["--target", str(target)], "to the sandbox target staging: no")):
        done = desk.orchestrate("plan", str(plan), *words)
        assert (done.code, f"{shown} phone rings" in done.out) == (0, True), done.said


@pytest.mark.parametrize("strict", [False, True])
def test_two_plans_of_one_name_in_one_validation_are_told(desk: Desk, strict: bool) -> None:
    one, same = desk.plan(calls("a"), name="one"), desk.plan(calls("a"), name="one")
    other = desk.write("other.yaml", one.read_bytes())
    more = ["--strict"] if strict else []
    done = desk.orchestrate("validate", "one.yaml", "other.yaml", *more)
    assert done.code == (3 if strict else 0), done.said
    assert "other.yaml:3:" in done.out
    assert "warning[name-twice]: another plan is named `one` too: one.yaml" in done.out
    alone = desk.orchestrate("validate", str(same), "one.yaml", *more)
    assert (alone.code, "name-twice" in alone.out) == (0, False), "it is the same file"
    desk.write("third.yaml", other.read_text().replace('"one"', '"third"'))
    assert "name-twice" not in desk.orchestrate("validate", "one.yaml", "third.yaml").out
