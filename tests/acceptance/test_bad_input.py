"""Bad input ends in exit 3 within seconds: every problem with its line, no traceback, nothing dialed."""

import json
import os
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from durability.carrier import Carrier, counting_carrier

from acceptance.bad_plans import BYTES, GOOD, HEAD, PLANS, ROWS
from acceptance.desk import AGENT, EXOPHONE, Desk

SECONDS = 10  # for one command on a busy machine of two cores; a bomb would take minutes, or all memory


@pytest.fixture(scope="module")
def carrier(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Carrier]:
    """One carrier for the module: none of these commands may send it anything."""
    with counting_carrier(tmp_path_factory.mktemp("carrier")) as running:
        yield running
        assert running.received() == []


@pytest.fixture(scope="module")
def ready(tmp_path_factory: pytest.TempPathFactory) -> Desk:
    """A journal and a good data file: the plan alone is wrong."""
    desk = Desk.laid_out(tmp_path_factory.mktemp("desk"))
    desk.create_journal()
    desk.write("good.csv", "n,phone\n1,+918123400011\n")
    (desk.root / "folder").mkdir()
    return desk


@pytest.fixture(scope="module")
def live(ready: Desk, carrier: Carrier) -> Path:
    """A live target file that leads to the counting carrier."""
    return ready.target(carrier)


def bad_plan(ready: Desk, name: str) -> Path:
    """Write one of PLANS to a file of its own."""
    text = PLANS[name][0].replace("ROWS", "good.csv")
    return ready.write(f"bad-{name.replace(' ', '-')}.yaml", BYTES.get(name, text.encode()))


@pytest.fixture(scope="module")
def findings(ready: Desk) -> list[dict[str, Any]]:
    """What one `validate` says of all bad plans together."""
    done = ready.orchestrate("validate", *(str(bad_plan(ready, name)) for name in PLANS), "--format", "json")
    assert done.code == 3, done.said
    assert done.seconds < SECONDS
    told: list[dict[str, Any]] = json.loads(done.out)["findings"]
    return told


@pytest.mark.parametrize("name", PLANS)
def test_a_bad_plan_is_told_with_its_lines(ready: Desk, findings: list[dict[str, Any]], name: str) -> None:
    file = f"bad-{name.replace(' ', '-')}.yaml"
    told = [item for item in findings if str(item["file"]).endswith(file)]
    errors = [item for item in told if item["severity"] == "error"]
    assert errors, "nothing is said of it"
    _, lines, words = PLANS[name]
    assert set(lines) <= {item["line"] for item in errors}, errors
    text = json.dumps(errors, ensure_ascii=False)
    for word in words:
        assert word in text
    assert all(item["id"] and item["message"] for item in errors)
    assert all(item["hint"] for item in errors), "an id, a place, a reason and a hint"


@pytest.mark.parametrize(
    "name",
    ["alias bomb", "deep flow", "not utf-8", "stages that shrink"],
)
def test_a_run_of_a_bad_plan_is_refused_within_seconds_and_dials_nothing(
    ready: Desk, carrier: Carrier, live: Path, name: str
) -> None:
    done = ready.run(bad_plan(ready, name), live)
    assert done.code == 3, done.said
    assert done.seconds < SECONDS
    assert f"bad-{name.replace(' ', '-')}.yaml" in done.said
    assert len(done.said) < 20_000, "a finding is short even where the line is long"
    assert carrier.received() == []


ALL_AT_ONCE = f"""version: 1
name: many
callz: 1
defaults:
  From: "{AGENT}"
  CallerId: "{EXOPHONE}"
  TimeLimit: 20000
  Record: maybe
calls:
  - id: a
    To: "+918123400001"
    Too: x
  - id: b
    To: not a number
  - id: a
    To: "+918123400003"
    RecordingFormat: wav
policy:
  pace: 3 times
  stages: [1]
"""


@pytest.mark.parametrize("command", ["validate", "plan", "run"])
def test_all_problems_are_told_at_once_with_file_line_and_column(
    ready: Desk, carrier: Carrier, live: Path, command: str
) -> None:
    plan = ready.write("many.yaml", ALL_AT_ONCE)
    more = {"validate": [], "plan": ["--target", str(live)], "run": ready.run_arguments(plan, live)[2:]}[command]
    done = ready.orchestrate(command, str(plan), *more)
    assert done.code == 3, done.said
    for line in (3, 7, 8, 12, 14, 17, 19, 20):
        assert f"many.yaml:{line}:" in done.said, (line, done.said)
    assert "many.yaml:11:" not in done.said
    assert carrier.received() == []


def test_bad_rows_are_told_with_the_data_files_lines(ready: Desk, carrier: Carrier, live: Path) -> None:
    """Short, long, empty, spreadsheet-rounded and repeated rows, in one run."""
    bad = "n,phone\n1,+918123400001\n2\n3,+918123400003,extra\n4,\n5,9.19876E+11\n1,+918123400006\n7,+918123400007\n"
    ready.write("bad.csv", bad)
    plan = ready.write("rows.yaml", f"{HEAD}calls:\n{ROWS.replace('ROWS', 'bad.csv')}")
    done = ready.run(plan, live)
    assert done.code == 3, done.said
    for line in (3, 4, 5, 6, 7):
        assert f"bad.csv:{line}" in done.said, (line, done.said)
    assert "bad.csv:8" not in done.said
    assert carrier.received() == []


BROKEN_FILES = {
    "latin.csv": b"n,phone\n1,+918123400001\n2,caf\xe9\n",
    "nul.csv": b"n,phone\n1,+91812\x003400001\n",
    "quote.csv": b'n,phone\n1,"+918123400001\n2,x\n',
    "twice.csv": b"n,phone,n\n1,+918123400001,2\n",
    "empty.csv": b"",
    "broken.jsonl": b'{"n": 1, "phone": "+918123400001"}\n{"n": 2, "phone":\n',
    "list.jsonl": b'["n", "phone"]\n',
    "deep.jsonl": b'{"n": ' + b"[" * 100_000 + b"\n",
    "wide.csv": b"n,phone\n1," + b"9" * 2_000_000 + b"\n",
}


def test_broken_data_files_are_told_by_name(ready: Desk) -> None:
    """Encodings, NUL, an open quote, a column twice, nothing at all, broken JSON, one endless line."""
    plans = []
    for name, data in BROKEN_FILES.items():
        ready.write(name, data)
        plans.append(str(ready.write(f"of-{name}.yaml", f"{HEAD}calls:\n{ROWS.replace('ROWS', name)}")))
    done = ready.orchestrate("validate", *plans, "--format", "json")
    assert done.code == 3, done.said[:2000]
    assert done.seconds < SECONDS
    assert len(done.out) < 50_000
    told = [item for item in json.loads(done.out)["findings"] if item["severity"] == "error"]
    for name in BROKEN_FILES:
        assert [item for item in told if str(item["file"]).endswith((f"/{name}", f"of-{name}.yaml"))], name


@pytest.mark.parametrize("kind", ["rows", "plan"])
def test_a_fifo_is_refused_and_not_waited_for(ready: Desk, carrier: Carrier, live: Path, kind: str) -> None:
    """Nobody ever writes into it: opening it to read would wait for ever."""
    if kind == "rows":
        os.mkfifo(ready.root / "pipe.csv")
    rows = ready.write("rows.yaml", f"{HEAD}calls:\n{ROWS.replace('ROWS', 'pipe.csv')}")
    done = ready.run(rows if kind == "rows" else ready.root / "pipe.csv", live, patience=SECONDS)
    assert done.code == 3, done.said
    assert "pipe.csv" in done.said
    assert carrier.received() == []


def test_a_missing_plan_is_told_by_name(ready: Desk, live: Path) -> None:
    done = ready.run(ready.root / "nowhere.yaml", live)
    assert done.code in (2, 3)
    assert "nowhere.yaml" in done.said


BAD_TARGETS = {
    "unknown key": ({"bases_url": "http://127.0.0.1:1"}, "bases_url"),
    "plain http": ({"base_url": "http://api.exotel.example"}, "https"),
    "userinfo": ({"base_url": "https://canary-in-target:token@127.0.0.1:1"}, "base_url"),
    "pace": ({"pace": "none"}, "pace"),
    "kind": ({"kind": "twilio"}, "kind"),
    "timeout": ({"timeout": "soon"}, "timeout"),
    "a secret": ({"api_key": "canary-in-target"}, "api_key"),
}


def test_a_bad_target_file_is_refused_and_shows_no_secret(ready: Desk, carrier: Carrier) -> None:
    files = {
        name: ready.target(carrier, name=name.replace(" ", "-"), **more) for name, (more, _) in BAD_TARGETS.items()
    }
    done = ready.orchestrate("validate", *map(str, files.values()))
    assert done.code == 3, done.said
    assert "canary-in-target" not in done.said, "a secret in the wrong place is still a secret"
    for name, (_, word) in BAD_TARGETS.items():
        assert f"{files[name].name}:" in done.said, name
        assert word in done.said, name
    run = ready.run(ready.write("good.yaml", f"{HEAD}calls:\n{GOOD}"), files["a secret"])
    assert run.code == 3, run.said
    assert "canary-in-target" not in run.said
    assert carrier.received() == []


@pytest.mark.parametrize("command", ["validate", "plan", "run"])
def test_a_sandbox_that_plays_nothing_known_is_refused_at_its_place(ready: Desk, command: str) -> None:
    plan = str(ready.write("good.yaml", f"{HEAD}calls:\n{GOOD}"))
    target = str(ready.write("plays.yaml", "kind: sandbox\nscenario: nope\n"))
    done = ready.orchestrate(command, *((target,) if command == "validate" else (plan, "--target", target)))
    assert done.code == 3, done.said
    for word in ("plays.yaml:2:11:", "everyday", "calm", "hint:"):
        assert word in done.said


@pytest.mark.parametrize("command", ["plan", "run"])
@pytest.mark.parametrize("edition", ["a b", "", "-x", "x" * 64])
def test_an_edition_that_no_plan_could_have_is_wrong_usage(ready: Desk, command: str, edition: str) -> None:
    plan = str(ready.write("good.yaml", f"{HEAD}calls:\n{GOOD}"))
    done = ready.orchestrate(command, plan, f"--edition={edition}")
    assert done.code == 2, done.said
    assert "--edition" in done.said
    assert "letters, digits" in done.said


def test_hostile_text_reaches_the_terminal_as_text(ready: Desk, live: Path) -> None:
    """Escape sequences in a plan cannot drive the reader's terminal, nor forge a line of our output."""
    plan = ready.write("bad.yaml", f'{HEAD}"\\e[2J\\e[31mkey\\rfake": 1\ncalls:\n{GOOD}')
    done = ready.run(plan, live)
    assert done.code == 3
    assert "\x1b" not in done.said
    assert "\r" not in done.said
