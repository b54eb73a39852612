"""`plan` names the commands that lift what holds a plan, and they do."""

import json
from pathlib import Path

import pytest
from durability.carrier import Carrier

from acceptance.desk import Desk, calls

NOTHING = "Nothing starts at all: "


def told(desk: Desk, plan: Path, live: Path) -> tuple[str, list[str]]:
    """What `plan` says of holds to people, and which commands it tells to programs."""
    words = ("plan", str(plan), "--target", str(live), "--journal", str(desk.journal))
    text = desk.orchestrate(*words)
    assert text.code == 0, text.said
    lines = [line.removeprefix(NOTHING) for line in text.out.splitlines() if line.startswith(NOTHING)]
    lifted_by: list[str] = json.loads(desk.orchestrate(*words, "--format", "json").out)["lifted_by"]
    return "".join(lines), lifted_by


def test_a_halt_is_lifted_with_a_reason_and_the_journals_pause_by_itself(
    desk: Desk, carrier: Carrier, live: Path
) -> None:
    carrier.rules(default={"ending": "failed"})
    plan = desk.plan(calls("a", "b", "c"), policy={"stages": [1, "100%"], "halt": [{"failed": "20%", "of": 50}]})
    assert desk.run(plan, live).code == 5
    paused = desk.orchestrate("pause", "--all", "--because", "fire", "--journal", str(desk.journal))
    assert paused.code == 0
    other = desk.plan(calls("z"), name="other")
    assert desk.run(other, live, "--wait", "0").code == 5
    said, commands = told(desk, plan, live)
    assert said.startswith("halted")
    assert [command.split()[:2] for command in commands] == [["orchestrate", "resume"]] * 2
    assert said.endswith(f"lifted by `{commands[0]}` and `{commands[1]}`.")
    for command in commands:
        words = [word.replace("TEXT", "fixed") for word in command.split()[1:]]
        done = desk.orchestrate(*words, "--journal", str(desk.journal))
        assert done.code == 0, done.said
    assert told(desk, plan, live) == ("", [])


@pytest.mark.parametrize("word", ["pause", "cancel"])
def test_what_a_person_holds_is_lifted_in_its_own_plan(desk: Desk, carrier: Carrier, live: Path, word: str) -> None:
    plan = desk.plan(calls("a", "b"))
    assert desk.run(plan, live, "--limit", "1").code == 0
    run = desk.report()["run"]["id"]
    assert desk.orchestrate(word, "--journal", str(desk.journal)).code == 0
    assert desk.run(desk.plan(calls("z"), name="other"), live).code == 0
    said, commands = told(desk, plan, live)
    assert commands == [f"orchestrate resume {run}"]
    assert said.endswith(f"lifted by `orchestrate resume {run}`.")
    for form in ("text", "markdown"):
        review = ("plan", str(plan), "--target", str(live), "--journal", str(desk.journal), "--format", form)
        assert ", once that is lifted" in desk.orchestrate(*review).out
    assert desk.orchestrate("resume", "--journal", str(desk.journal), run).code == 0
    assert "once that is lifted" not in desk.orchestrate(*review).out
