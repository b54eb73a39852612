"""`pause`, `resume`, `cancel` and `suppress`, beside a run and without one: what a person says is obeyed at once."""

import contextlib
import json
import sqlite3
import time
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from durability.carrier import Carrier

from acceptance.cli import Done, Process, until
from acceptance.desk import AGENT, Desk, call, calls, customer

KEYS = [f"c{index}" for index in range(8)]
SECRET = customer(77)
"""A number that somebody writes into a reason."""


def say(desk: Desk, *arguments: str) -> Done:
    """Say something on the desk's journal; the answer holds no full number."""
    done = desk.orchestrate(*arguments, "--journal", str(desk.journal))
    for number in (AGENT, SECRET, *(customer(index) for index in range(len(KEYS)))):
        assert number.lstrip("+") not in done.said
    return done


def said(desk: Desk, *arguments: str) -> str:
    """What a command that was right answered."""
    done = say(desk, *arguments)
    assert done.code == 0, done.said
    return done.said


def standing(desk: Desk, *arguments: str) -> dict[str, Any]:
    """What `status` tells a program."""
    told: dict[str, Any] = json.loads(said(desk, "status", *arguments, "--format", "json"))
    return told


def rows(desk: Desk, query: str) -> list[tuple[Any, ...]]:
    """What the journal holds."""
    with contextlib.closing(sqlite3.connect(f"file:{desk.journal}?mode=ro", uri=True)) as db:
        return db.execute(query).fetchall()


def words(desk: Desk) -> dict[str, tuple[str, str | None]]:
    """The disposition of every call, and its reason."""
    return {id_: (word, reason) for id_, word, reason in rows(desk, "SELECT id, disposition, reason FROM calls")}


def quiet(desk: Desk, carrier: Carrier, process: Process, seconds: float = 1.5) -> int:
    """See that a process which is there dials nothing more, once what was under way is over; return the connects."""
    until(lambda: not rows(desk, "SELECT 1 FROM calls WHERE state = 'open'"), process)
    before = len(carrier.connects())
    time.sleep(seconds)
    assert len(carrier.connects()) == before
    assert process.poll() is None
    return before


def ended(process: Process) -> str:
    """Everything that a run said, at its end."""
    out, err = process.communicate(timeout=60)
    return out + err


@pytest.fixture
def slow(desk: Desk) -> Path:
    """A plan of eight calls that takes two seconds to dial."""
    return desk.plan(calls(*KEYS), policy={"pace": "4/second"})


@pytest.fixture
def known(desk: Desk, live: Path) -> Path:
    """The plan of a run that loaded eight calls and dialed none."""
    plan = desk.plan(calls(*KEYS))
    assert desk.run(plan, live, "--limit", "0").code == 0
    return plan


@pytest.fixture(autouse=True)
def whole(desk: Desk) -> Iterator[None]:
    """Whatever is said, the journal can be proved afterwards."""
    yield
    if desk.journal.exists():
        assert "verified" in said(desk, "journal", "verify")


def dialing(desk: Desk, carrier: Carrier, plan: Path, target: Path, *more: str) -> Process:
    """Start a run and wait until it has dialed somebody."""
    process = desk.start(*desk.run_arguments(plan, target, "--wait", "60s", *more))
    until(carrier.connects, process)
    return process


# beside a run


def test_a_pause_holds_a_live_run_and_resume_lets_it_go_on(
    desk: Desk, carrier: Carrier, live: Path, slow: Path
) -> None:
    process = dialing(desk, carrier, slow, live)
    assert "plan judged: paused; no further call starts" in said(desk, "pause", "--because", f"ask {SECRET}")
    assert quiet(desk, carrier, process) < len(KEYS)
    told = standing(desk)
    (hold,) = told["holds"]
    assert (hold["kind"], hold["scope"], told["next_why"], told["alive"]) == ("paused", "edition", "paused", True)
    assert hold["reason"].startswith("ask +9181")
    text = said(desk, "status")
    assert "held    paused by " in text
    assert "orchestrate resume" in text
    resumed = said(desk, "resume")
    assert "plan judged: goes on, it was paused" in resumed
    assert "orchestrate run" not in resumed, "a process dials"
    text = ended(process)
    assert process.returncode == 0, text
    assert carrier.rung() == dict.fromkeys(KEYS, 1)


def test_a_paused_run_ends_after_its_wait_and_is_resumable(
    desk: Desk, carrier: Carrier, live: Path, known: Path
) -> None:
    said(desk, "pause")
    done = desk.run(known, live, "--wait", "1s")
    assert done.code == 5, done.said
    assert "paused" in done.said
    assert carrier.connects() == []
    assert {word for word, _ in words(desk).values()} == {"waiting"}
    assert "orchestrate run" in said(desk, "resume")
    assert desk.run(known, live).code == 0
    assert carrier.rung() == dict.fromkeys(KEYS, 1)


def test_cancel_ends_a_live_run_and_resume_makes_the_rest_due(
    desk: Desk, carrier: Carrier, live: Path, slow: Path
) -> None:
    process = dialing(desk, carrier, slow, live)
    assert "plan judged: cancelled; " in said(desk, "cancel", "--because", "wrong list")
    text = ended(process)
    assert process.returncode == 5, text
    assert "cancelled" in text
    rung = carrier.rung()
    assert 0 < len(rung) < len(KEYS)
    told = {key: item["disposition"] for key, item in desk.told().items()}
    assert told == {key: "completed" if key in rung else "not-dialed" for key in KEYS}
    assert {reason for word, reason in words(desk).values() if word == "not-dialed"} == {"cancelled"}
    again = desk.run(slow, live)
    assert again.code == 5, again.said
    assert carrier.rung() == rung
    assert f"{len(KEYS) - len(rung)} calls are due again" in said(desk, "resume")
    assert desk.run(slow, live).code == 0
    assert carrier.rung() == dict.fromkeys(KEYS, 1)


def test_live_calls_are_followed_to_their_end_after_a_cancel(desk: Desk, carrier: Carrier, live: Path) -> None:
    carrier.rules(talk=2)
    plan = desk.plan(calls(*KEYS), policy={"concurrency": 1})
    process = dialing(desk, carrier, plan, live)
    said(desk, "cancel")
    text = ended(process)
    assert process.returncode == 5, text
    assert len(carrier.connects()) == 1
    (first,) = carrier.rung()
    assert words(desk)[first] == ("completed", None)


def test_a_call_that_waits_for_its_redial_is_cancelled_with_its_last_ending(
    desk: Desk, carrier: Carrier, live: Path
) -> None:
    carrier.rules(default={"ending": "busy"})
    redial = {"redial": {"busy": {"attempts": 2, "after": "1s"}}}
    plan = desk.plan(calls("a", "b"), policy={**redial, "pace": "20/second"})
    process = dialing(desk, carrier, plan, live)
    until(lambda: len(rows(desk, "SELECT 1 FROM events WHERE type = 'call.waiting'")) == 2, process)
    assert "2 calls were closed" in said(desk, "cancel")
    text = ended(process)
    assert process.returncode == 5, text
    assert words(desk) == dict.fromkeys(("a", "b"), ("busy", "cancelled"))
    assert "may start again not before 20" in said(desk, "why", "a")
    assert "2 calls are due again" in said(desk, "resume")
    assert desk.run(plan, live).code == 1
    assert carrier.rung() == {"a": 2, "b": 2}


def test_the_kill_switch_holds_every_plan_and_runs_that_start_later(
    desk: Desk, carrier: Carrier, live: Path, slow: Path
) -> None:
    assert "every plan on the journal: paused" in said(desk, "pause", "--all", "--because", "fire")
    other = desk.run(desk.plan([call("x", 40)], name="other"), live, "--wait", "0")
    assert other.code == 5, other.said
    process = desk.start(*desk.run_arguments(slow, live, "--wait", "60s"))
    until(lambda: rows(desk, "SELECT 1 FROM calls WHERE id = 'c0'"), process)
    assert quiet(desk, carrier, process) == 0
    assert "every plan on the journal paused by " in said(desk, "status")
    kept = said(desk, "resume")
    assert "nothing was changed" in kept
    assert "`orchestrate resume --all` ends that" in kept
    assert quiet(desk, carrier, process, 0.5) == 0
    said(desk, "resume", "--all")
    text = ended(process)
    assert process.returncode == 0, text
    assert carrier.rung() == dict.fromkeys(KEYS, 1)


def test_the_kill_switch_stops_a_live_run(desk: Desk, carrier: Carrier, live: Path, slow: Path) -> None:
    process = dialing(desk, carrier, slow, live)
    said(desk, "pause", "--all")
    assert quiet(desk, carrier, process) < len(KEYS)
    said(desk, "resume", "--all")
    text = ended(process)
    assert process.returncode == 0, text
    assert carrier.rung() == dict.fromkeys(KEYS, 1)


def test_a_number_that_is_suppressed_during_a_run_is_not_rung(
    desk: Desk, carrier: Carrier, live: Path, slow: Path
) -> None:
    process = dialing(desk, carrier, slow, live)
    spelled = "0" + customer(7).removeprefix("+91")
    assert "is never rung again" in said(desk, "suppress", spelled, "--because", f"asked, not {SECRET}")
    text = ended(process)
    assert process.returncode == 0, text
    assert carrier.rung() == dict.fromkeys(KEYS[:7], 1)
    word, reason = words(desk)["c7"]
    assert word == "suppressed"
    assert reason is not None
    story = said(desk, "why", "c7")
    assert "suppressed by " in story


# without a run


def test_a_suppressed_number_is_rung_by_no_plan(desk: Desk, carrier: Carrier, live: Path) -> None:
    assert "is never rung again" in said(desk, "suppress", customer(1), "--because", "asked us to")
    again = said(desk, "suppress", customer(1), "--because", "once more")
    assert "was suppressed already by " in again
    assert "asked us to" in again
    assert desk.run(desk.plan(calls("a", "b")), live).code == 0
    assert desk.run(desk.plan([call("c", 1)], name="other"), live).code == 0
    assert carrier.rung() == {"a": 1}
    assert words(desk)["b"][0] == words(desk)["c"][0] == "suppressed"


def test_saying_it_twice_changes_nothing(desk: Desk, known: Path) -> None:
    assert "nothing was paused, cancelled or halted" in said(desk, "resume")
    for command in ("pause", "cancel"):
        assert "nothing was changed" not in said(desk, command, "--because", "once")
        twice = said(desk, command, "--because", "twice")
        assert "nothing was changed" in twice
        assert "once" in twice
    assert "it was cancelled and paused; 8 calls are due again" in said(desk, "resume")
    assert rows(desk, "SELECT DISTINCT state FROM calls") == [("due",)]
    kinds = [kind for (kind,) in rows(desk, "SELECT type FROM events WHERE type LIKE 'run.%ed' ORDER BY seq")]
    assert kinds == ["run.started", "run.ended", "run.paused", "run.cancelled", "run.resumed"]


def test_a_run_names_its_edition_and_no_other(desk: Desk, live: Path, known: Path) -> None:
    (first,) = (run for (run,) in rows(desk, "SELECT id FROM runs"))
    assert desk.run(desk.plan([call("x", 40)], name="other"), live, "--limit", "0").code == 0
    said(desk, "pause", first)
    assert standing(desk, "other")["holds"] == []
    assert [hold["kind"] for hold in standing(desk, "judged")["holds"]] == ["paused"]
    assert "nothing was changed" in said(desk, "resume")
    assert "goes on" in said(desk, "resume", first)


def test_a_halted_plan_needs_a_reason_to_go_on(desk: Desk, carrier: Carrier, live: Path) -> None:
    carrier.rules(default={"ending": "failed"})
    halts = {"halt": [{"failed": "50%", "of": 2}], "concurrency": 1}
    plan = desk.plan(calls(*KEYS), policy=halts)
    done = desk.run(plan, live)
    assert done.code == 5, done.said
    dialed = len(carrier.connects())
    assert dialed < len(KEYS)
    assert "halted since" in said(desk, "status")
    refused = say(desk, "resume")
    assert refused.code == 2, refused.said
    assert "halted at " in refused.err
    assert "failed" in refused.err
    assert "--because TEXT" in refused.err
    assert desk.run(plan, live).code == 5
    assert len(carrier.connects()) == dialed
    said(desk, "resume", "--because", "the list was mended")
    carrier.rules()
    assert desk.run(plan, live).code in (0, 1)
    assert carrier.rung() == dict.fromkeys(KEYS, 1)


@pytest.mark.parametrize(
    "arguments",
    [
        ["pause", "20260101T000000m000-none"],
        ["cancel", "20260101T000000m000-none"],
        ["resume", "20260101T000000m000-none"],
        ["pause", "--all", "x"],
        ["resume", "--all", "x"],
        ["cancel", "--all"],
        ["pause", "--because", "x" * 501],
        ["pause", "--because", " "],
        ["suppress", customer(1)],
        ["suppress", "12", "--because", "x"],
        ["suppress", "somebody", "--because", "x"],
        ["suppress", b"\xff".decode("utf-8", "surrogateescape"), "--because", "x"],
    ],
    ids=repr,
)
def test_a_wrong_command_line_is_exit_2_and_changes_nothing(desk: Desk, known: Path, arguments: list[str]) -> None:
    before = rows(desk, "SELECT count(*) FROM events")
    done = say(desk, *arguments)
    assert (done.code, done.out) == (2, ""), done.said
    assert rows(desk, "SELECT count(*) FROM events") == before


@pytest.mark.parametrize("command", ["pause", "cancel", "resume"])
def test_a_journal_without_runs_has_nothing_to_name(desk: Desk, command: str) -> None:
    desk.create_journal()
    done = say(desk, command)
    assert done.code == 2, done.said
    assert "there is no run in the journal yet" in done.err


@pytest.mark.parametrize("arguments", [["pause"], ["cancel"], ["resume"], ["suppress", SECRET, "--because", "x"]])
def test_without_a_journal_nothing_can_be_said(desk: Desk, arguments: list[str]) -> None:
    done = say(desk, *arguments)
    assert done.code == 4, done.said
    assert not desk.journal.exists()


def test_what_was_said_cannot_be_taken_back_by_hand(desk: Desk, known: Path) -> None:
    said(desk, "suppress", customer(1), "--because", "asked us to")
    said(desk, "pause")
    with contextlib.closing(sqlite3.connect(desk.journal, isolation_level=None)) as db:
        kept = db.execute("SELECT * FROM suppressed").fetchall()
        db.execute("DELETE FROM suppressed")
        db.execute("UPDATE holds SET ended = 1, ended_at = began_at")
        done = say(desk, "journal", "verify")
        assert done.code == 1, done.said
        assert "suppressed number +9181" in done.out
        assert "plan judged, paused" in done.out
        db.executemany("INSERT INTO suppressed VALUES (?, ?, ?, ?)", kept)
        db.execute("UPDATE holds SET ended = NULL, ended_at = NULL")
