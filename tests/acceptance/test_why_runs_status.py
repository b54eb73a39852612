"""`why`, `runs` and `status`: what the journal tells, beside a run, without changing a byte, masked."""

import contextlib
import json
import os
import re
import shutil
import signal
import sqlite3
import tempfile
import time
from collections.abc import Iterator
from decimal import Decimal
from pathlib import Path
from typing import Any

import pytest
from durability.carrier import Carrier
from durability.ordinary_user import ORDINARY_USER

from acceptance.cli import Done, finish, forms_of, start, until
from acceptance.desk import AGENT, EXOPHONE, Desk, call, calls, customer
from acceptance.test_policy_kept import closed_now

NUMBERS = (AGENT, EXOPHONE, customer(0), customer(1))
COMMANDS = (["why", "a"], ["runs"], ["status"])


def ask(desk: Desk, *arguments: str) -> Done:
    """Ask the desk's journal; the answer holds no full number."""
    done = desk.orchestrate(*arguments, "--journal", str(desk.journal))
    for number in NUMBERS:
        assert number.lstrip("+") not in done.said
    return done


def told(desk: Desk, *arguments: str) -> dict[str, Any]:
    """The answer as JSON."""
    done = ask(desk, *arguments, "--format", "json")
    assert done.code == 0, done.said
    answer: dict[str, Any] = json.loads(done.out)
    assert answer["format"] == 1
    return answer


def run_ids(desk: Desk) -> list[str]:
    """The journal's runs, the first one first."""
    with contextlib.closing(sqlite3.connect(f"file:{desk.journal}?mode=ro", uri=True)) as db:
        return [run for (run,) in db.execute("SELECT id FROM runs ORDER BY key")]


@pytest.fixture
def rows_plan(desk: Desk) -> Path:
    """A plan of three rows, the second of which the carrier throttles first."""
    desk.write("data/orders.csv", "id,phone\n" + "".join(f"{key},{customer(n)}\n" for n, key in enumerate("abc")))
    numbers = {"To": "${row.phone}", "CustomField": "${row.id}"}
    listed = {"id": "${row.id}", "rows": {"file": "data/orders.csv", "carry": ["id"]}, **numbers}
    return desk.plan([listed], defaults={"From": AGENT, "CallerId": EXOPHONE}, edition="one")


def test_why_tells_the_whole_story_in_order(desk: Desk, carrier: Carrier, live: Path, rows_plan: Path) -> None:
    carrier.rules(calls={"b": {"answers": ["429", "200"], "ending": "busy"}})
    assert desk.run(rows_plan, live).code == 1
    (sid,) = (item.sid for item in carrier.connects() if item.custom == "b" and item.answer == "200")
    done = ask(desk, "why", "b")
    assert done.code == 0, done.said
    lines = [line.strip() for line in done.out.splitlines()]
    assert lines[0] == "b of plan judged, edition one: busy"
    assert any(line.startswith("place ") and line.endswith("data/orders.csv:3") for line in lines)
    assert "From=+9174******23   <- defaults" in lines
    assert "To=+9181******01   <- call" in lines
    story = lines[lines.index("what happened") :]
    marks = ["began, target", "attempt 1 begins: rings +9174******23, then +9181******01", "attempt 1 throttled"]
    marks += ["attempt 2 begins", f"attempt 2 accepted (HTTP 200), Sid {sid}", "the call is busy", "ended, exit 1"]
    places = [next(index for index, line in enumerate(story) if mark in line) for mark in marks]
    assert places == sorted(places)


def test_why_in_json_has_the_same_facts(desk: Desk, carrier: Carrier, live: Path, rows_plan: Path) -> None:
    carrier.rules(calls={"b": {"answers": ["429", "200"]}})
    assert desk.run(rows_plan, live).code == 0
    (story,) = told(desk, "why", "b")["calls"]
    assert (story["id"], story["plan"], story["edition"], story["disposition"]) == ("b", "judged", "one", "completed")
    assert story["carry"] == {"id": "b"}
    assert {"name": "To", "value": "+9181******01", "origin": "call"} in story["request"]
    assert [item["placement"] for item in story["attempts"]] == ["throttled", "accepted"]
    assert story["attempts"][1]["cost"] is not None
    assert {item["run"] for item in story["attempts"]} == set(run_ids(desk))
    times = [event["at"] for event in story["events"]]
    assert times == sorted(times)
    assert {"run.started", "attempt.started", "attempt.placed", "call.ended"} <= {e["event"] for e in story["events"]}


def test_unmask_shows_the_numbers_on_purpose(desk: Desk, live: Path) -> None:
    assert desk.run(desk.plan(calls("a")), live).code == 0
    for form in ("text", "json"):
        done = desk.orchestrate("why", "a", "--journal", str(desk.journal), "--unmask", "--format", form)
        assert AGENT in done.out
        assert customer(0) in done.out


def test_why_tells_every_edition_unless_one_run_is_named(desk: Desk, live: Path) -> None:
    assert desk.run(desk.plan([call("a")], edition="one"), live).code == 0
    assert desk.run(desk.plan([call("a", 1)], edition="two"), live).code == 0
    assert desk.run(desk.plan([call("a", 2)], name="other"), live).code == 0
    first, _, _ = run_ids(desk)
    both = [(story["plan"], story["edition"]) for story in told(desk, "why", "a")["calls"]]
    assert both == [("other", ""), ("judged", "two"), ("judged", "one")]
    headings = [line for line in ask(desk, "why", "a").out.splitlines() if line.startswith("a of plan ")]
    assert len(headings) == 3
    (one,) = told(desk, "why", "a", "--run", first)["calls"]
    assert one["edition"] == "one"
    assert {event["run"] for event in one["events"]} == {first}


def test_why_finds_a_call_by_its_number_in_any_spelling_its_sid_or_its_custom_field(desk: Desk, live: Path) -> None:
    for name, to, custom in (
        ("one", "09876543210", "order 17"),
        ("two", "+91 98765-43210", "x"),
        ("three", "+918123400001", "y"),
    ):
        plan = desk.plan([{**call("k"), "To": to, "CustomField": custom}], name=name)
        assert desk.run(plan, live, "--new-ids").code == 0
    sid = desk.told()["k"]["attempts"][0]["sid"]
    for asked, plans in [
        *((to, ["one", "two"]) for to in ("9876543210", "091-98765 43210", "\uff19876543210", "919876543210.0")),
        *(("8123400001", ["three"]), (sid, ["three"]), ("order 17", ["one"]), (AGENT, ["one", "three", "two"])),
    ]:
        done = desk.orchestrate("why", asked, "--format", "json", "--journal", str(desk.journal))
        assert done.code == 0, done.err
        assert sorted(story["plan"] for story in json.loads(done.out)["calls"]) == plans, asked
    assert desk.orchestrate("why", "9876543211", "--journal", str(desk.journal)).code == 2


def test_a_run_that_came_after_the_end_has_no_part_in_the_story(desk: Desk, live: Path) -> None:
    plan = desk.plan(calls("a"))
    assert [desk.run(plan, live).code, desk.run(plan, live).code] == [0, 0]
    first, second = run_ids(desk)
    (story,) = told(desk, "why", "a")["calls"]
    assert {event["run"] for event in story["events"]} == {first}
    (nothing,) = told(desk, "why", "a", "--run", second)["calls"]
    assert (nothing["attempts"], nothing["events"]) == ([], [])


def test_why_tells_what_a_call_waited_for(desk: Desk, live: Path) -> None:
    shut = desk.plan(calls("a"), policy={"window": [closed_now()]})
    assert desk.run(shut, live, "--wait", "0").code == 5
    assert "the run waits: window, until 20" in ask(desk, "why", "a").out
    (run,) = told(desk, "why", "a")["runs"]
    assert (run["id"], [wait["reason"] for wait in run["waits"]]) == (run_ids(desk)[0], ["window"])
    assert desk.run(desk.plan(calls("a")), live).code == 0
    assert "the run waits: window, until 20" in ask(desk, "why", "a").out


def test_what_was_wished_and_what_it_is_stands_wherever_the_exit_code_does(
    desk: Desk, carrier: Carrier, live: Path
) -> None:
    carrier.rules(calls={"b": {"ending": "busy"}})
    plan = desk.plan(calls("a", "b"), policy={"success": {"completed": "90%"}})
    ended = desk.run(plan, live, "--report", str(desk.root / "report.xml"), "--report", str(desk.root / "summary.md"))
    words = "wished completed 90%, and it is 50%: 1 of 2"
    assert (ended.code, words in ended.out) == (1, True)
    assert words in (desk.root / "report.xml").read_text()
    assert words in (desk.root / "summary.md").read_text()
    assert f"exit    1: every call has its disposition, and they are not as wished; {words}" in ask(desk, "status").out
    assert f"ended, exit 1: {words}" in ask(desk, "why", "a").out
    assert told(desk, "status")["run"]["unmet"] == told(desk, "report")["run"]["unmet"] == words
    assert told(desk, "runs")["runs"][0]["unmet"] == words
    carrier.rules()
    assert desk.run(desk.plan(calls("a")), live).code == 0
    assert told(desk, "status")["run"]["unmet"] is None


def test_runs_come_latest_first(desk: Desk, carrier: Carrier, live: Path) -> None:
    assert ask(desk, "runs").out == "no run yet\n"
    assert desk.run(desk.plan(calls("a", "b")), live).code == 0
    carrier.rules(default={"ending": "busy"})
    assert desk.run(desk.plan([call("c", 2)], name="other", edition="x"), live).code == 1
    first, second = run_ids(desk)
    listed = told(desk, "runs")["runs"]
    facts = [(run["id"], run["plan"], run["edition"], run["exit_code"], run["calls"]) for run in listed]
    assert facts == [(second, "other", "x", 1, 1), (first, "judged", "", 0, 2)]
    lines = ask(desk, "runs").out.splitlines()
    assert lines[0] == f"{second}  other, edition x, target live.target"
    assert lines[1].endswith("Z, exit 1, 1 call")
    assert lines[2].startswith(first)
    assert max(map(len, lines)) <= 80


def test_status_is_of_the_latest_run_or_of_a_plan_or_its_file(desk: Desk, carrier: Carrier, live: Path) -> None:
    carrier.rules(calls={"b": {"ending": "busy"}})
    plan = desk.plan(calls("a", "b"), edition="one")
    assert [desk.run(plan, live, "--only", "a").code, desk.run(plan, live).code] == [0, 1]
    assert desk.run(desk.plan([call("c", 2)], name="other"), live).code == 0
    first, second, third = run_ids(desk)
    for what, run, counts in (
        ([], third, {"calls": 1, "completed": 1}),
        ([first], first, {"calls": 2, "completed": 1, "busy": 1, "attempts": 2}),
        (["judged"], second, {"calls": 2, "completed": 1, "busy": 1, "attempts": 2}),
        ([str(plan)], second, {"calls": 2, "completed": 1, "busy": 1}),
        (["judged", "--edition", "one"], second, {"calls": 2}),
    ):
        found = told(desk, "status", *what)
        assert found["run"]["id"] == run
        assert {key: found["totals"][key] for key in counts} == counts
        assert found["run"]["exit_code"] in (0, 1)
        assert (found["due"], found["open"], found["next_at"]) == (0, 0, None)
        assert found["dialer"] is None, "its end was clean"
    text = ask(desk, "status", "judged").out
    assert "2, 2 attempts over 2 runs" in text
    assert "no process dials this plan" in text


def test_runs_are_those_of_a_plan_or_an_edition_where_one_is_named_and_tell_how_long_they_took(desk: Desk) -> None:
    plan, other = desk.plan(calls("a"), edition="1"), desk.plan(calls("b"), name="other")
    for arguments in ((plan,), (other,), (plan, "--edition", "2")):
        desk.orchestrate("run", *map(str, arguments), "--journal", str(desk.journal), "--limit", "0")

    def listed(*arguments: str) -> list[tuple[str, str]]:
        return [(run["plan"], run["edition"]) for run in told(desk, "runs", *arguments)["runs"]]

    assert listed() == [("judged", "2"), ("other", ""), ("judged", "1")]
    assert listed("judged") == listed(str(plan)) == [("judged", "2"), ("judged", "1")]
    assert listed("judged", "--edition", "1") == [("judged", "1")]
    assert listed("--limit", "2") == listed()[:2]
    assert all(0 < run["seconds"] < 60 for run in told(desk, "runs")["runs"])
    assert re.search(r"Z \([0-9.]+ s\) to .*Z, exit 0, 1 call\n", ask(desk, "runs", "other").out)
    for wrong in (["none"], ["judged", "--edition", "3"], ["--edition", "1"], ["--limit", "0"], ["none.yaml"]):
        assert ask(desk, "runs", *wrong).code == 2


def test_two_runs_are_compared_by_what_each_did_itself(desk: Desk, carrier: Carrier, live: Path) -> None:
    carrier.rules(calls={"b": {"ending": "busy"}, "c": {"answers": ["404"]}})
    plan = desk.plan(calls("a", "b", "c"))
    assert [desk.run(plan, live, "--only", "[ab]").code, desk.run(plan, live).code] == [1, 1]
    first, second = run_ids(desk)
    one, other = told(desk, "compare", first, "judged")["runs"]
    assert (one["id"], other["id"]) == (first, second)
    assert one["totals"] == other["totals"] == desk.report()["totals"]
    assert one["own"] == {
        "attempts": 2, "outcomes": {"busy": 1, "completed": 1}, "seconds": one["own"]["seconds"],
        "cost": [{"amount": one["own"]["cost"][0]["amount"], "currency": "INR"}],
    }  # fmt: skip
    prices = [attempt["cost"] for each in desk.report()["calls"] for attempt in each["attempts"] if attempt["cost"]]
    assert Decimal(one["own"]["cost"][0]["amount"]) == sum(Decimal(price["amount"]) for price in prices)
    assert other["own"] == {"attempts": 1, "outcomes": {"rejected": 1}, "seconds": 0, "cost": []}
    printed = ask(desk, "compare", first, second).out.splitlines()
    lines = {line[:13].strip(): line for line in reversed(printed)}
    assert lines["run"].split() == ["run", first, second]
    assert lines["digest"].endswith("the same")
    assert lines["busy"].split()[1:] == ["1", "(50.0%)", "0", "(0.0%)", "-1"]
    assert [line.split()[1:] for line in printed if line.startswith("  busy")][1] == ["1", "(33.3%)", "1", "(33.3%)"]
    assert lines["cost"].endswith("not told")
    assert max(map(len, printed)) <= 80
    for wrong in ([first], [first, "none"], ["none", first], [first, second, first], [first, "2"]):
        assert ask(desk, "compare", *wrong).code == 2


def test_why_says_what_was_named_and_of_how_many_calls(desk: Desk, carrier: Carrier, live: Path) -> None:
    listed = [call("a", 0, CustomField="same"), call("b", 1, CustomField="same")]
    assert desk.run(desk.plan(listed), live).code == 0
    assert desk.run(desk.plan([call("a", 2)], name="other"), live).code == 0
    sid = desk.told()["a"]["attempts"][0]["sid"]
    for name, by, heading, stories in (
        (customer(1), "To", "1 call has this To: +9181******01", 1),
        (AGENT, "From", "3 calls have this From, the latest first: +9174******23", 3),
        (sid, "Sid", f"1 call has this Sid: {sid}", 1),
        ("same", "CustomField", "2 calls have this CustomField, the latest first: same", 2),
        ("a", "id", "2 editions of plans have a call of this id, the latest first", 2),
    ):
        found = told(desk, "why", name)
        assert (found["found_by"], len(found["calls"])) == (by, stories)
        assert ask(desk, "why", name).out.startswith(f"{heading}\n\n")
    assert told(desk, "why", "b")["found_by"] == "id"
    assert ask(desk, "why", "b").out.startswith("b of plan judged: completed\n")


def test_status_lists_calls_where_it_is_asked_to(desk: Desk, carrier: Carrier, live: Path) -> None:
    carrier.rules(calls={"b": {"ending": "busy"}, "c": {"answers": ["404"]}})
    desk.run(desk.plan(calls("a", "b", "c")), live)
    assert "calls" not in told(desk, "status")
    assert told(desk, "status", "--calls")["calls"] == desk.report()["calls"]
    assert [each["id"] for each in told(desk, "status", "--disposition", "busy,Rejected")["calls"]] == ["b", "c"]
    *before, apart, first, second, third = ask(desk, "status", "judged", "--calls").out.splitlines()
    assert ("\n".join(before) + "\n", apart) == (ask(desk, "status", "judged").out, "")
    assert first.startswith("completed       a  to +9181******00, 1 attempt, ended 20")
    assert second.startswith("busy            b  to +9181******01, 1 attempt, ended 20")
    assert third.startswith("rejected        c  to +9181******02, 1 attempt: HTTP 404")
    only = ask(desk, "status", "--disposition", "busy").out.splitlines()
    assert only == [*before, apart, second]
    assert customer(1) in desk.orchestrate("status", "--calls", "--unmask", "--journal", str(desk.journal)).out


def test_status_tells_when_something_may_start(desk: Desk, live: Path) -> None:
    plan = desk.plan(calls("a", "b"), policy={"window": [closed_now()]})
    ended = desk.run(plan, live, "--wait", "0")
    assert ended.code == 5, ended.said
    found = told(desk, "status")
    assert (found["due"], found["totals"]["waiting"], found["next_why"]) == (2, 2, "window")
    assert found["next_at"] in ended.said
    assert f"a call may start at {found['next_at']} (window)" in ask(desk, "status").out


def test_they_are_answered_beside_a_run(desk: Desk, carrier: Carrier, live: Path) -> None:
    """And say that it is alive; once it was killed, that it is gone and how to go on."""
    carrier.rules(talk=60)
    process = desk.start(*desk.run_arguments(desk.plan(calls("a", "b")), live))
    until(lambda: len(carrier.connects()) == 2, process)
    alive = told(desk, "status")
    assert (alive["open"], alive["alive"], alive["run"]["ended_at"]) == (2, True, None)
    assert (alive["dialer"]["alive"], alive["dialer"]["pid"]) == (True, str(process.pid))
    assert "not ended" in ask(desk, "runs").out
    assert "attempt 1 begins" in ask(desk, "why", "a").out
    os.killpg(process.pid, signal.SIGKILL)
    process.communicate()
    killed = told(desk, "status")
    assert (killed["alive"], killed["dialer"]["alive"]) == (False, False)
    gone = "its process is gone; give the same `run` command again to go on"
    assert gone in ask(desk, "status").out
    other = desk.start(*desk.run_arguments(desk.plan([call("c", 2)], name="other"), live))
    until(lambda: len(carrier.connects()) == 3, other)
    assert gone in ask(desk, "status", "judged").out
    os.killpg(other.pid, signal.SIGKILL)
    other.communicate()


@pytest.mark.parametrize(
    "arguments",
    [
        ["why", "nobody"],
        ["why", "a", "--run", "none"],
        ["why"],
        ["status", "none"],
        ["status", "none.yaml", "--edition", "x"],
        ["status", "judged", "--edition", "x"],
        ["status", "--edition", "x"],
    ],
    ids=" ".join,
)
def test_what_the_journal_does_not_know_is_exit_2(desk: Desk, live: Path, arguments: list[str]) -> None:
    assert desk.run(desk.plan(calls("a")), live).code == 0
    desk.plan(calls("a"), name="none")
    for form in ("text", "json"):
        done = ask(desk, *arguments, "--format", form)
        assert (done.code, done.out) == (2, ""), done.said


@pytest.mark.parametrize("arguments", COMMANDS, ids=" ".join)
def test_without_a_journal_they_are_exit_4_and_make_none(desk: Desk, arguments: list[str]) -> None:
    for form in ("text", "json"):
        done = ask(desk, *arguments, "--format", form)
        assert (done.code, done.out) == (4, ""), done.said
    assert "there is no journal" in desk.orchestrate(*arguments).err
    assert list(desk.folder.glob("journal*")) == []
    assert [path for path in (desk.folder / "home").rglob("*") if path.is_file()] == []


@pytest.fixture
def read_only(desk: Desk, live: Path) -> Iterator[Path]:
    """A folder with a journal in which its reader may not write."""
    assert desk.run(desk.plan(calls("a")), live).code == 0
    folder = Path(tempfile.mkdtemp())
    shutil.copy(desk.journal, folder / "journal.sqlite")
    (folder / "journal.sqlite").chmod(0o444)
    folder.chmod(0o555)
    yield folder
    folder.chmod(0o755)
    shutil.rmtree(folder)


@pytest.mark.parametrize("arguments", COMMANDS, ids=" ".join)
def test_they_need_no_permission_to_write(desk: Desk, read_only: Path, arguments: list[str]) -> None:
    journal = read_only / "journal.sqlite"
    before = journal.read_bytes()
    process = start([*arguments, "--journal", str(journal)], Path("/"), desk.environment | ORDINARY_USER)
    done = finish(process, forms_of(desk.secrets), time.monotonic())
    assert done.code == 0, done.said
    assert "judged" in done.out
    assert [path.name for path in read_only.iterdir()] == ["journal.sqlite"]
    assert journal.read_bytes() == before
