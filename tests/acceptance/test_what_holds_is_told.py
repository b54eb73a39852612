"""What holds an edition, and what lifts it: every command says the same, and promises nothing that does not happen."""

import json
import re
from pathlib import Path

import pytest
from durability.carrier import Carrier

from acceptance.cli import Done
from acceptance.desk import Desk, calls

KEYS = [f"c{index}" for index in range(6)]
HALTS = {"halt": [{"failed": "50%", "of": 2}], "concurrency": 1}


def say(desk: Desk, *arguments: str) -> Done:
    """Say something on the desk's journal that is right."""
    done = desk.orchestrate(*arguments, "--journal", str(desk.journal))
    assert done.code == 0, done.said
    return done


def latest(desk: Desk) -> str:
    """The id of the latest run."""
    told: str = json.loads(say(desk, "runs", "--format", "json").out)["runs"][0]["id"]
    return told


def warned(done: Done) -> list[str]:
    """What a run said of its end, without its progress."""
    lines = [json.loads(line) for line in done.err.splitlines() if line.startswith("{")]
    return [line["text"] for line in lines if line["event"] == "message" and line["level"] != "info"]


@pytest.fixture
def halted(desk: Desk, carrier: Carrier, live: Path) -> Path:
    """The plan of a run that its rule halted after two calls of six."""
    carrier.rules(default={"ending": "failed"})
    plan = desk.plan(calls(*KEYS), policy=HALTS)
    assert desk.run(plan, live).code == 5
    return plan


@pytest.fixture
def known(desk: Desk, live: Path) -> Path:
    """The plan of a run that loaded six calls and dialed none."""
    plan = desk.plan(calls(*KEYS))
    assert desk.run(plan, live, "--limit", "0").code == 0
    return plan


def test_a_halt_and_a_cancellation_are_both_told_with_the_one_command_that_lifts_both(
    desk: Desk, carrier: Carrier, live: Path, halted: Path
) -> None:
    command = f"`orchestrate resume {latest(desk)} --because TEXT`"
    cancelled = say(desk, "cancel", "--because", "wrong list")
    assert command in cancelled.out
    assert "note: it was held already: halted since" in cancelled.err
    status = say(desk, "status").out
    assert re.findall("^(?:held|resume) .*", status, re.MULTILINE)[2:] == [f"resume  {command}"]
    done = desk.run(halted, live)
    assert done.code == 5, done.said
    (told,) = warned(done)
    assert "halted since 20" in told
    assert "failed; cancelled by " in told
    assert "because wrong list: to go on, give " in told
    command = f"`orchestrate resume {latest(desk)} --because TEXT`"
    assert told.count("orchestrate resume") == 1
    assert command in told
    said = say(desk, *command.strip("`").replace("TEXT", "mended").split()[1:])
    assert "it was halted and cancelled" in said.out
    carrier.rules()
    assert desk.run(halted, live).code == 1
    assert carrier.rung() == dict.fromkeys(KEYS, 1)


def test_a_halt_is_told_once(desk: Desk, live: Path, halted: Path) -> None:
    done = desk.run(halted, live)
    (told,) = warned(done)
    assert told.count("halted") == 1
    assert "--because TEXT" in told


def test_a_pause_of_every_plan_beside_the_halt_that_stopped_the_run_is_told_too(
    desk: Desk, live: Path, halted: Path
) -> None:
    """The engine tells the halt, and the end of the run the pause."""
    say(desk, "pause", "--all", "--because", "fire")
    halt, pause = warned(desk.run(halted, live))
    assert halt.startswith("halted: ")
    assert pause.startswith("every plan on the journal is paused by ")
    assert f"give `orchestrate resume {latest(desk)} --because TEXT` and `orchestrate resume --all`" in pause


def test_a_pause_is_told_once_and_the_one_of_every_plan_beside_it(desk: Desk, live: Path, known: Path) -> None:
    say(desk, "pause")
    (alone,) = warned(desk.run(known, live, "--wait", "0"))
    assert f"`orchestrate resume {latest(desk)}`: the run is paused by " in alone
    both = say(desk, "pause", "--all")
    assert "until `orchestrate resume --all`" in both.out
    again = warned(desk.run(known, live, "--wait", "0"))
    assert ": the run is paused by " in again[0]
    assert again[1].startswith("every plan on the journal is paused by ")
    assert f"`orchestrate resume {latest(desk)}` and `orchestrate resume --all`" in again[1]
    assert len(again) == 2
    said = say(desk, "resume", "--all")
    assert "1 plan is held separately" in said.err


def test_what_holds_nothing_back_is_not_told(desk: Desk, carrier: Carrier, live: Path) -> None:
    plan = desk.plan(calls("a"))
    assert desk.run(plan, live).code == 0
    assert "0 calls were closed" in say(desk, "cancel").out
    done = desk.run(plan, live)
    assert (done.code, warned(done)) == (0, [])
    said = say(desk, "resume").out
    assert "nothing of it is left to dial" in said
    assert "orchestrate run" not in said


def test_pausing_what_is_halted_names_the_command_with_the_reason(desk: Desk, halted: Path) -> None:
    paused = say(desk, "pause")
    assert f"until `orchestrate resume {latest(desk)} --because TEXT`" in paused.out
    assert "note: it was held already: halted since" in paused.err


def test_nothing_is_promised_of_a_superseded_edition(desk: Desk, carrier: Carrier, live: Path, known: Path) -> None:
    first = latest(desk)
    say(desk, "cancel")
    assert desk.run(known, live, "--edition", "2", "--limit", "0").code == 0
    closed = "edition 2 superseded it, and nothing of it is dialed again"
    for command, beginning in (
        ("cancel", "cancelled by "),
        ("resume", "is no longer cancelled; "),
        ("resume", "nothing was paused, cancelled or halted; nothing was changed; "),
        ("pause", "paused; "),
        ("cancel", "cancelled; "),
    ):
        said = say(desk, command, first).out
        assert beginning in said
        assert closed in said or "nothing was changed" in said
        assert "orchestrate r" not in said, "neither `resume` nor `run` dials it"
    status = say(desk, "status", first).out
    assert f"next    {closed}" in status
    assert "orchestrate resume" not in status
    done = desk.run(known, live)
    assert done.code == 1, done.said
    (told,) = warned(done)
    assert told.startswith("the plan without an edition was superseded by edition 2")
    assert carrier.connects() == []


def test_a_call_that_rang_before_it_was_cancelled_does_not_keep_a_superseded_edition_resumable(
    desk: Desk, carrier: Carrier, live: Path
) -> None:
    carrier.rules(default={"ending": "busy"})
    plan = desk.plan(calls("a"), policy={"redial": {"busy": {"attempts": 2, "after": "1h"}}})
    assert desk.run(plan, live, "--wait", "0").code == 5
    say(desk, "cancel")
    assert desk.run(plan, live, "--edition", "2", "--limit", "0").code == 0
    done = desk.run(plan, live)
    assert done.code == 1, done.said
    assert "resume" not in done.said


def test_a_halt_of_a_superseded_edition_asks_for_no_hope(desk: Desk, live: Path, halted: Path) -> None:
    first = latest(desk)
    assert desk.run(halted, live, "--edition", "2", "--limit", "0").code == 0
    refused = desk.orchestrate("resume", first, "--journal", str(desk.journal))
    assert refused.code == 2
    assert "edition 2 superseded it" in refused.err
    assert "may go on" not in refused.err
    assert "is no longer halted; edition 2 superseded it" in say(desk, "resume", first, "--because", "tidy").out


def test_resuming_every_plan_when_none_was_paused_says_so(desk: Desk, known: Path) -> None:
    assert "no `pause --all` held it; nothing was changed" in say(desk, "resume", "--all").out
