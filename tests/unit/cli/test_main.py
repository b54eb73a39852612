"""The command line as a process: codes and streams. What it costs to start: `test_imports.py`."""

import json
import os
import subprocess
import sys
from pathlib import Path

import pytest
from click.testing import CliRunner

from orchestrator.cli.main import COMMANDS, main
from orchestrator.journal.sqlite.file import migrations
from orchestrator.model.program import VERSION
from orchestrator.plan.schema.plan import plan_schema
from orchestrator.reports.report_schema import report_schema

ROOT = Path(__file__).parents[3]
BOOT = "import sys; from orchestrator.cli.main import main; main()"


def orchestrate(*args: str, **environment: str) -> subprocess.CompletedProcess[str]:
    return subprocess.run(
        [sys.executable, "-W", "error", "-c", BOOT, *args],
        capture_output=True,
        text=True,
        timeout=60,
        cwd=ROOT,
        env={**os.environ, "PYTHONPATH": str(ROOT), **environment},
    )


def test_completion_completes():
    words = {"_ORCHESTRATE_COMPLETE": "bash_complete", "COMP_WORDS": "orchestrate sch", "COMP_CWORD": "1"}
    assert "plain,schema" in orchestrate(**words).stdout


def test_no_argument_prints_help_on_stderr_and_exits_2():
    done = orchestrate()
    assert (done.returncode, done.stdout) == (2, "")
    assert "Usage: orchestrate" in done.stderr
    assert [name for name in COMMANDS if f"\n  {name} " not in done.stderr] == []


@pytest.mark.parametrize(
    "args",
    [
        ["nonsense"],
        ["validate"],
        ["validate", "x", "--format", "xml"],
        ["run"],
        ["run", "p.yaml", "--report", "r.pdf"],
        ["run", "p.yaml", "--report", "r"],
        ["run", "p.yaml", "--wait", "soon"],
        ["run", "p.yaml", "--limit", "-1"],
        ["run", "p.yaml", "--api-token", "x"],
        ["sandbox", "--port", "70000"],
        ["schema", "nonsense"],
        ["explain", "nonsense"],
        ["journal"],
    ],
    ids=" ".join,
)
def test_wrong_usage_exits_2_and_says_why_on_stderr(args):
    found = CliRunner().invoke(main, args)
    assert found.exit_code == 2
    assert found.stdout == ""
    assert found.stderr


def test_an_unknown_report_format_says_which_exist():
    assert "these suffixes exist: .json" in CliRunner().invoke(main, ["run", "p.yaml", "--report", "r.txt"]).stderr


def test_the_version_is_on_stdout():
    found = CliRunner().invoke(main, ["--version"])
    first, *formats = found.stdout.splitlines()
    assert (found.exit_code, first) == (0, f"orchestrate {VERSION}")
    report = report_schema()["properties"]["format"]["const"]
    plans = plan_schema()["properties"]["version"]["enum"]
    assert formats == [f"plan version {plans[-1]}", f"report format {report}", f"journal format {len(migrations())}"]


@pytest.mark.parametrize("name", ["TimeOut", "timeout", "TIMEOUT"])
def test_explain_finds_a_parameter_in_any_case(name):
    found = CliRunner().invoke(main, ["explain", name])
    assert found.exit_code == 0
    assert found.stdout.startswith("TimeOut: optional (S0), documented\n")


@pytest.mark.parametrize("name", ["StatusCallbackEvents[0]", "StatusCallbackEventsNew"])
def test_explain_finds_a_parameter_by_every_spelling(name):
    assert CliRunner().invoke(main, ["explain", name]).stdout.startswith("StatusCallbackEvents: ")


def test_explain_asks_did_you_mean():
    assert "did you mean TimeOut" in CliRunner().invoke(main, ["explain", "TimeOuts"]).stderr


@pytest.mark.parametrize(
    "name", ["call-plan", "target", "run-report", "run-report-line", "proof-line", "events", "plan-review"]
)
def test_schema_prints_a_json_schema(name):
    found = CliRunner().invoke(main, ["schema", name])
    assert found.exit_code == 0
    assert "$schema" in json.loads(found.stdout)


def test_schema_prints_the_call_plans_by_default():
    assert CliRunner().invoke(main, ["schema"]).stdout == CliRunner().invoke(main, ["schema", "call-plan"]).stdout


@pytest.mark.parametrize("args", [["schema"], ["--help"], ["explain", "From"], ["run", "--help"]], ids=" ".join)
def test_a_reader_that_has_gone_is_no_error(args):
    process = subprocess.Popen(
        [sys.executable, "-c", BOOT, *args],
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        env={**os.environ, "PYTHONPATH": str(ROOT)},
    )
    assert process.stdout is not None
    assert process.stderr is not None
    process.stdout.close()
    with process.stderr:
        assert process.stderr.read() == b""
    assert process.wait(60) == 0


def test_a_full_disk_under_stdout_is_cannot_proceed(tmp_path):
    no_byte = "import resource, signal; signal.signal(signal.SIGXFSZ, signal.SIG_IGN);"
    no_byte += "resource.setrlimit(resource.RLIMIT_FSIZE, (0, 0));"
    with (tmp_path / "out").open("w") as full:
        done = subprocess.run(
            [sys.executable, "-c", no_byte + BOOT, "schema"],
            stdout=full,
            stderr=subprocess.PIPE,
            text=True,
            timeout=60,
            env={**os.environ, "PYTHONPATH": str(ROOT)},
        )
    assert done.returncode == 4
    assert done.stderr.startswith("cannot proceed: the results could not be written")


def test_an_ascii_terminal_gets_escapes_and_no_crash(tmp_path):
    (tmp_path / "p.yaml").write_text("version: 1\nname: अ\n", encoding="utf-8")
    done = orchestrate("validate", str(tmp_path / "p.yaml"), PYTHONIOENCODING="ascii", PYTHONUTF8="0")
    assert done.returncode == 3
    assert r"\u0905" in done.stdout
    assert "Traceback" not in done.stderr
