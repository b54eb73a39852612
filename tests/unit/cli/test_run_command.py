"""`orchestrate run`, `plan`, `sandbox` and `journal` as processes: streams, logs, reports and codes."""

import json
import os
import signal
import stat
import subprocess
import sys
import urllib.request
from pathlib import Path

import pytest
from acceptance.forked import Command
from jsonschema import Draft7Validator

from orchestrator.reports.event_schema import event_schema
from orchestrator.reports.report_schema import report_schema

ROOT = Path(__file__).parents[3]
BOOT = "from orchestrator.cli.main import main; main()"
TARGET = "kind: sandbox\nscenario: calm\nspeed: 600\n"
PLAN = """\
version: 1
name: two-calls
purpose: transactional
defaults: {From: "+918123456789", CallerId: "07410410123"}
calls:
  - {id: a, To: "+447700900101"}
  - {id: b-447700900102, To: "+447700900102", CustomField: "about +447700900102"}
policy: {success: {completed: 1%}}
"""
NUMBERS = ("8123456789", "7410410123", "7700900101", "7700900102")


ADVISED = PLAN.replace("id: a,", "id: a, RecordingChannels: dual,")


@pytest.fixture
def here(tmp_path: Path) -> Path:
    (tmp_path / "plan.yaml").write_text(PLAN)
    (tmp_path / "fast.yaml").write_text(TARGET)
    return tmp_path


def orchestrate(here: Path, *args: str, stdin: str | None = None) -> subprocess.CompletedProcess[str]:
    environment = {**os.environ, "PYTHONWARNINGS": "error", "ORCHESTRATE_JOURNAL": str(here / "journal.db")}
    typed = here.with_name(f"{here.name}.stdin")
    typed.write_text(stdin or "")
    process = Command(args, here, environment, typed)
    out, err = process.communicate(timeout=120)
    return subprocess.CompletedProcess(args, process.returncode, out, err)


def run(here: Path, *args: str) -> subprocess.CompletedProcess[str]:
    return orchestrate(here, "run", "plan.yaml", "--target", "./fast.yaml", *args)


def test_a_run_shows_a_summary_writes_its_report_and_logs_json_with_every_number_masked(here):
    done = run(here, "--report", "r.json")
    assert (done.returncode, done.stdout.splitlines()[-1][:8]) == (0, "SANDBOX:")
    events = json_lines(done.stderr)
    assert [event.get("id") for event in events[:2]] == ["number-in-id", None]
    assert events[1]["event"] == "run.started"
    assert [event["exit_code"] for event in events if event["event"] == "run.ended"] == [0]
    report = json.loads((here / "r.json").read_text())
    Draft7Validator(report_schema()).validate(report)
    assert report["totals"]["calls"] == 2
    assert stat.S_IMODE((here / "r.json").stat().st_mode) == 0o600
    everything = done.stdout + done.stderr + (here / "r.json").read_text()
    assert [number for number in NUMBERS if number in everything] == []


def test_a_report_on_stdout_is_alone_there_and_unmask_shows_numbers_in_full(here):
    done = run(here, "--report", "-", "--unmask")
    assert json.loads(done.stdout)["calls"][0]["to"] == "+447700900101"
    assert "+447700900101" in done.stderr
    assert "SANDBOX: no phone rang" in done.stderr.splitlines()[-1]


@pytest.mark.parametrize(
    ("told", "words"),
    [
        (["--limit", "1"], "exit    0: what was asked for is done; 1 of the plan waits"),
        (["--only", "a"], "exit    0: what was asked for is done; 1 of the plan waits"),
        (["--only", "*"], "exit    0: all calls as wished"),
        (["--until", "placed", "--target", "sandbox"], "exit    0: no call was rejected; 2 of the plan wait"),
    ],
    ids=lambda value: " ".join(value) if isinstance(value, list) else "",
)
def test_the_summary_says_what_the_code_means_for_what_the_run_was_told(here, told, words):
    done = run(here, *told)
    assert done.returncode == 0
    assert words in done.stdout.splitlines()


def test_quiet_says_nothing_where_all_is_well(here):
    done = run(here, "--quiet")
    assert (done.returncode, done.stdout, done.stderr) == (0, "", "")


def json_lines(text: str) -> list[dict]:
    """Every line of stderr, each an object that fits the schema."""
    found = [json.loads(line) for line in text.splitlines()]
    for line in found:
        Draft7Validator(event_schema()).validate(line)
    return found


def test_off_a_terminal_every_line_on_stderr_is_json_also_findings_messages_and_the_summary(here):
    (here / "plan.yaml").write_text(ADVISED)
    done = run(here, "--limit", "1", "--report", "-")
    lines = json_lines(done.stderr)
    messages = [line for line in lines if line["event"] == "message"]
    finding = messages[0]
    assert (finding["level"], finding["id"]) == ("warning", "no-effect")
    assert finding["text"].startswith("RecordingChannels has no effect without `Record: true`")
    assert finding["place"].startswith("plan.yaml:6:")
    assert "remove RecordingChannels" in finding["hint"]
    (run_id,) = {line["run"] for line in lines if line["event"] != "message"}
    (limit,) = (line for line in messages if line["text"] == "the limit of 1 calls is reached")
    assert (limit["level"], limit["run"]) == ("warning", run_id)
    assert "exit    0: what was asked for is done; 1 of the plan waits" in [line["text"] for line in messages]
    assert lines[-1]["text"].startswith("SANDBOX: no phone rang")
    assert [number for number in NUMBERS if number in done.stderr] == []


def test_the_same_lines_are_json_where_quiet_leaves_only_a_message(here):
    (line,) = json_lines(run(here, "--limit", "1", "--quiet").stderr)
    assert (line["event"], line["text"]) == ("message", "the limit of 1 calls is reached")


def test_console_logs_are_for_people(here):
    (here / "plan.yaml").write_text(ADVISED)
    done = run(here, "--log-format", "console", "--limit", "1")
    assert "plan.yaml:6:" in done.stderr
    assert "^^^^" in done.stderr
    assert "\nthe limit of 1 calls is reached\n" in done.stderr
    assert "[info     ] run.started" in done.stderr
    assert "\x1b" not in done.stderr


def test_a_refused_plan_dials_nothing_and_shows_its_lines(here):
    (here / "plan.yaml").write_text(PLAN.replace("id: a,", "id: a, CallType: promo,"))
    done = run(here)
    assert (done.returncode, done.stdout) == (3, "")
    assert "plan.yaml:6:" in done.stderr
    assert " 6 |   - {id: a, CallType: promo, To: " in done.stderr
    assert "^^^^^" in done.stderr
    assert done.stderr.endswith("nothing was dialed\n")
    assert [number for number in NUMBERS if number in done.stderr] == []


def test_a_report_that_cannot_be_written_is_told_before_anything_is_dialed(here):
    done = run(here, "--report", "missing/r.json")
    assert done.returncode == 4
    assert "missing is not a folder" in done.stderr
    assert "attempt.started" not in done.stderr


def test_a_live_target_without_credentials_cannot_proceed(here):
    done = orchestrate(here, "run", "plan.yaml", "--target", "exotel", "--yes")
    assert (done.returncode, done.stdout) == (4, "")
    assert "EXOTEL_ACCOUNT_SID, EXOTEL_API_KEY and EXOTEL_API_TOKEN are missing" in done.stderr


def test_plan_prints_the_digest_that_expect_wants(here):
    digest = orchestrate(here, "plan", "plan.yaml", "--target", "./fast.yaml").stdout.splitlines()[-1].split()[1]
    assert run(here, "--expect", digest).returncode == 0
    refused = run(here, "--expect", "sha256:" + "0" * 64)
    assert refused.returncode == 4
    assert digest in refused.stderr


def test_plan_as_json_shows_requests_and_needs_no_credentials(here):
    orchestrate(here, "journal", "create")
    done = orchestrate(here, "plan", "plan.yaml", "--target", "exotel", "--format", "json")
    document = json.loads(done.stdout)
    assert (done.returncode, document["format"], document["totals"]["calls"]) == (0, 1, 2)
    assert document["calls"][0]["request"]["url"].startswith("https://api.exotel.com/v1/Accounts/")
    assert [number for number in NUMBERS if number in done.stdout + done.stderr] == []


def test_plan_out_writes_a_private_file_and_keeps_stdout_empty(here):
    done = orchestrate(here, "plan", "plan.yaml", "--out", "plan.json", "--format", "json")
    assert (done.returncode, done.stdout) == (0, "")
    assert stat.S_IMODE((here / "plan.json").stat().st_mode) == 0o600
    assert json.loads((here / "plan.json").read_text())["format"] == 1


def test_plan_reads_stdin(here):
    done = orchestrate(here, "plan", "-", stdin=PLAN)
    assert done.returncode == 0
    assert "2 calls: 2 to dial." in done.stdout


def test_journal_create_prints_the_same_id_each_time(here):
    first, second = (orchestrate(here, "journal", "create").stdout for _ in range(2))
    assert first == second
    assert first.startswith("jr_")


def test_the_sandbox_prints_its_address_first_and_ends_on_a_signal(here):
    environment = {**os.environ, "PYTHONPATH": str(ROOT)}
    with subprocess.Popen(
        [sys.executable, "-W", "error", "-c", BOOT, "sandbox"],
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        text=True,
        cwd=here,
        env=environment,
    ) as process:
        assert process.stdout is not None
        assert process.stderr is not None
        address = process.stdout.readline().strip()
        try:
            with urllib.request.urlopen(f"{address}/_sandbox/requests", timeout=30) as answer:
                assert answer.status == 200
        finally:
            process.send_signal(signal.SIGINT)
        assert process.wait(30) == 0
        assert "no phone ever rings" in process.stderr.read()


def test_a_scenario_that_does_not_exist_is_wrong_usage(here):
    done = orchestrate(here, "sandbox", "--scenario", "nonsense")
    assert done.returncode == 2
    assert "nonsense" in done.stderr


@pytest.mark.parametrize("form", [[], ["--log-format", "console"]], ids=["off a terminal", "console"])
def test_an_obstacle_is_a_text_for_people_also_off_a_terminal(here, form):
    done = run(here, "--expect", "sha256:" + "0" * 64, *form)
    first, second = done.stderr.splitlines()
    assert (done.returncode, done.stdout) == (4, "")
    assert first.startswith("cannot proceed: the plan is not the one that was reviewed")
    assert second.startswith("  hint: ")
    assert "orchestrate plan" in second


def test_an_obstacle_is_a_line_for_programs_where_somebody_asks_for_such_lines(here):
    done = run(here, "--expect", "sha256:" + "0" * 64, "--log-format", "json")
    (line,) = json_lines(done.stderr)
    assert (done.returncode, line["level"]) == (4, "error")
    assert line["text"].startswith("cannot proceed: the plan is not the one that was reviewed")
    assert "orchestrate plan" in line["hint"]


DIGITS = "0123456789abcdef" * 4


@pytest.mark.parametrize(
    "digest",
    [
        "",
        " ",
        "sha256:0",
        DIGITS,
        f"sha256:{DIGITS}0",
        f"sha256:{DIGITS.upper()}",
        f"sha256:{DIGITS}\n",
        f"md5:{DIGITS}",
    ],
)
def test_what_is_no_digest_is_wrong_usage(here, digest):
    done = run(here, "--expect", digest)
    assert (done.returncode, done.stdout) == (2, "")
    assert "is no digest: sha256: and 64 hexadecimal digits" in done.stderr


@pytest.mark.parametrize("known", [False, True], ids=["a new plan", "a plan that is known"])
def test_only_that_matches_nothing_is_wrong_usage_and_leaves_no_run(here, known):
    orchestrate(here, "journal", "create")
    if known:
        assert run(here, "--limit", "0").returncode == 0
    before = orchestrate(here, "runs").stdout
    done = run(here, "--only", "vip-*", "--report", "r.json")
    *others, last = done.stderr.splitlines()
    assert (done.returncode, done.stdout) == (2, "")
    assert last == "wrong usage: --only vip-* matches no call of the plan; nothing was dialed"
    assert not any(line["event"].startswith(("run.", "call")) for line in json_lines("\n".join(others)))
    assert orchestrate(here, "runs").stdout == before
    assert not (here / "r.json").exists()
    assert orchestrate(here, "journal", "verify").returncode == 0
