"""Which run a command is about: the one that dials, or the one that is named - by its id, its plan or its file."""

import json
import shutil
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from durability.carrier import Carrier

from acceptance.cli import Done, Process, until
from acceptance.desk import Desk, call, calls

ACTS = ("pause", "cancel", "resume")


def say(desk: Desk, *arguments: str, code: int = 0) -> Done:
    """Say something on the desk's journal; it is answered with this exit code."""
    done = desk.orchestrate(*arguments, "--journal", str(desk.journal))
    assert done.code == code, done.said
    return done


def status(desk: Desk, what: str) -> dict[str, Any]:
    """What `status` tells a program."""
    told: dict[str, Any] = json.loads(say(desk, "status", what, "--format", "json").out)
    return told


def holds(desk: Desk, plan: str) -> list[str]:
    """What holds a plan now."""
    return [hold["kind"] for hold in status(desk, plan)["holds"]]


def run_ids(desk: Desk) -> list[str]:
    """The journal's runs, the first one first."""
    return [run["id"] for run in json.loads(say(desk, "runs", "--format", "json").out)["runs"]][::-1]


def dialing(desk: Desk, carrier: Carrier, target: Path, name: str, *more: str) -> Process:
    """Start a run of one call that lasts, and wait until it has dialed."""
    before = len(carrier.connects())
    plan = desk.plan([call(name, before)], name=name)
    process = desk.start(*desk.run_arguments(plan, target, *more))
    until(lambda: len(carrier.connects()) > before, process)
    return process


@pytest.fixture
def busy(desk: Desk, carrier: Carrier, live: Path) -> Iterator[None]:
    """The plan `first` dials; `latest` was run since, and is over."""
    carrier.rules(talk=60)
    process = dialing(desk, carrier, live, "first")
    assert desk.run(desk.plan([call("x", 40)], name="latest"), live, "--limit", "0").code == 0
    yield
    process.kill()
    process.communicate()


@pytest.mark.parametrize("act", ACTS)
def test_without_a_name_the_run_that_dials_is_meant_and_not_the_latest(desk: Desk, busy: None, act: str) -> None:
    if act == "resume":
        say(desk, "pause", "first")
    done = say(desk, act)
    assert done.out.startswith("plan first: "), done.said
    assert "no run dials now" not in done.said
    assert holds(desk, "first") == {"pause": ["paused"], "cancel": ["cancelled"], "resume": []}[act]
    assert holds(desk, "latest") == []
    assert status(desk, "latest")["run"]["plan"] == "latest"


def test_where_several_dial_the_choice_is_told_and_nothing_is_done(
    desk: Desk, carrier: Carrier, live: Path, busy: None
) -> None:
    other = dialing(desk, carrier, live, "third")
    first, latest, third = run_ids(desk)
    for act in ACTS:
        done = say(desk, act, code=2)
        assert (done.out, holds(desk, "first"), holds(desk, "third")) == ("", [], [])
        assert f"{first} (plan first)" in done.err
        assert f"{third} (plan third)" in done.err
        assert latest not in done.err
    say(desk, "cancel", third)
    assert (holds(desk, "first"), holds(desk, "third")) == ([], ["cancelled"])
    other.kill()
    other.communicate()


def test_where_none_dials_the_latest_is_meant_and_said(desk: Desk, live: Path) -> None:
    for name in ("one", "two"):
        assert desk.run(desk.plan([call(name)], name=name), live, "--limit", "0").code == 0
    for act in ("pause", "cancel"):
        done = say(desk, act)
        assert done.out.startswith("plan two: ")
        assert f"no run dials now, so the latest was meant: {run_ids(desk)[1]}" in done.err
    assert holds(desk, "one") == []


def test_a_resume_that_finds_nothing_tells_that_another_plan_is_held(desk: Desk, live: Path) -> None:
    for name in ("one", "two"):
        assert desk.run(desk.plan([call(name)], name=name), live, "--limit", "0").code == 0
    say(desk, "pause", "one")
    done = say(desk, "resume")
    assert "plan two: nothing was paused" in done.out
    assert "1 plan is held separately" in done.err


@pytest.fixture
def two(desk: Desk, live: Path) -> list[str]:
    """The runs of the plans `one`, in editions 1 and 2, and `two`; each left its call undialed."""
    for name, edition in (("one", "1"), ("one", "2"), ("two", "")):
        more = {"edition": edition} if edition else {}
        assert desk.run(desk.plan([call("a")], name=name, **more), live, "--limit", "0").code == 0
    desk.plan([call("a")], name="one", edition="1")
    return run_ids(desk)


def forms(desk: Desk, runs: list[str]) -> list[tuple[str, str]]:
    """Every way to name a run, with the run that is meant."""
    first, second, third = runs
    return [
        (first, first),
        (first[:-1], first),
        ("one", second),
        ("two", third),
        (str(desk.root / "two.yaml"), third),
        ("two.yaml", third),
        ("one.yaml", first),  # the file names its edition
    ]


def test_every_command_takes_every_form_of_a_run(desk: Desk, two: list[str]) -> None:
    editions = dict(zip(two, ["plan one, edition 1", "plan one, edition 2", "plan two"], strict=True))
    for form, run in forms(desk, two):
        assert status(desk, form)["run"]["id"] == run, form
    for act, (form, run) in zip((*ACTS, *ACTS, "pause"), forms(desk, two), strict=True):
        done = say(desk, act, form)
        assert done.out.startswith(f"{editions[run]}: "), (act, form, done.said)
        assert "no run dials now" not in done.err
    for form, run in forms(desk, two)[1::2]:
        (story,) = json.loads(say(desk, "why", "a", "--run", form, "--format", "json").out)["calls"]
        assert story["plan"] == ("two" if run == two[2] else "one"), form
        assert story["edition"] == {two[0]: "1", two[1]: "2", two[2]: ""}[run], form
    assert "never dialed" in say(desk, "settle", "a", "--as", "placed", "--run", two[0][:-1], code=3).err
    say(desk, "settle", "--all-not-found", "--run", "two.yaml")


def test_what_is_not_one_run_is_exit_2_and_changes_nothing(desk: Desk, two: list[str]) -> None:
    for what in ("", " ", "nobody", "none.yaml", "./one", "20260101T000000m000-none"):
        assert say(desk, "pause", what, code=2).out == "", what
    for command in (*ACTS, "status"):
        said = say(desk, command, two[0][:4], code=2)
        for run in two:
            assert run in said.err, "the choice is told"
    assert say(desk, "why", "a", "--run", "", code=2).out == ""
    assert (holds(desk, "one"), holds(desk, "two")) == ([], [])


def test_a_plan_whose_name_begins_the_ids_of_runs_is_no_guess(desk: Desk, live: Path, two: list[str]) -> None:
    name = two[0][:4]
    assert desk.run(desk.plan([call("b", 1)], name=name), live, "--limit", "0").code == 0
    done = say(desk, "pause", name, code=2)
    assert "may mean 4 runs" in done.err
    assert say(desk, "pause", f"{name}.yaml").out.startswith(f"plan {name}: ")


def test_a_plans_file_is_not_taken_for_another_file_with_its_name(desk: Desk, two: list[str]) -> None:
    (desk.root / "copies").mkdir()
    shutil.copy(desk.root / "two.yaml", desk.root / "copies" / "two.yaml")
    done = say(desk, "cancel", "copies/two.yaml", code=2)
    assert "from another file, two.yaml" in done.err
    assert holds(desk, "two") == []


def test_a_file_that_is_no_plan_is_exit_3(desk: Desk, two: list[str]) -> None:
    for text in ("version: 1\n", "[", "nothing"):
        desk.write("none.yaml", text)
        say(desk, "pause", "none.yaml", code=3)
    assert holds(desk, "two") == []


def test_a_plan_that_is_being_mended_can_be_paused_by_its_file(desk: Desk, two: list[str]) -> None:
    desk.write("two.yaml", "version: 1\nname: two\ncalls: nonsense\npolicy: {pace: 9/fortnight}\n")
    assert say(desk, "pause", "two.yaml").out.startswith("plan two: paused")


def test_a_plan_is_meant_in_the_edition_that_dials(desk: Desk, carrier: Carrier, live: Path) -> None:
    """Its file names none, the run was told one; an older edition came back since."""
    carrier.rules(talk=60)
    process = dialing(desk, carrier, live, "dials", "--edition", "now")
    for form in ("dials", "dials.yaml"):
        assert say(desk, "pause", form).out.startswith("plan dials, edition now: ")
        say(desk, "resume", form)
    desk.plan(calls("dials"), name="dials", edition="other")
    assert say(desk, "pause", "dials.yaml").out.startswith("plan dials, edition now: "), "no run knows the other"
    process.kill()
    process.communicate()
