"""What others wrote is no command of a pipeline that reads our output: neither Azure's nor GitHub's."""

import io
import json
import re
from pathlib import Path

import pytest
from click.testing import CliRunner, Result

from orchestrator.cli.main import main
from orchestrator.cli.screen import write_stderr, write_stdout
from orchestrator.logs import log_events
from orchestrator.model.events import Event, EventType
from orchestrator.phone.safe_text import disarmed, disarmed_json, visible
from orchestrator.reports.formats import FORMATS

COMMANDS = (
    "##vso[task.setvariable variable=x]y",
    "##[error]x",
    "##[add-path]/tmp",
    "####[group]x",
    "::error::x",
    "::add-mask::x",
    "::stop-commands::x",
    " \u00a0::set-env name=x::y",
    "\t::error file=a::x",
    "##VSO[task.complete]",
)
OBEYED = re.compile(r"^\s*::[a-zA-Z]|##[A-Za-z]*\[", re.MULTILINE)
"""GitHub's runner trims a line and looks for `::`; both look for `##...[` anywhere in it."""


@pytest.fixture
def here(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    monkeypatch.chdir(tmp_path)
    monkeypatch.setenv("HOME", str(tmp_path / "home"))
    monkeypatch.setenv("XDG_STATE_HOME", str(tmp_path / "home"))
    return tmp_path


def orchestrate(*arguments: str) -> Result:
    return CliRunner().invoke(main, arguments)


@pytest.mark.parametrize("command", COMMANDS, ids=ascii)
def test_a_visible_text_is_no_command_wherever_it_stands(command: str) -> None:
    for text in (command, f"call {command}", f"{command} {command}"):
        shown = visible(text)
        assert OBEYED.search(shown) is None
        assert all(OBEYED.search(word) is None for word in shown.split())
        assert visible(shown) == shown


def test_what_is_no_command_stays_as_it_is() -> None:
    for text in ("a::b", "std::string", "[::1]:80", "::1", "# comment", "## Heading [1]", "##", "#[x]"):
        assert disarmed(text) == text


def test_json_means_the_same_afterwards() -> None:
    for command in COMMANDS:
        text = json.dumps({command: [command]})
        assert OBEYED.search(disarmed_json(text)) is None
        assert json.loads(disarmed_json(text)) == {command: [command]}


def test_both_streams_disarm_what_they_write(capsys: pytest.CaptureFixture[str]) -> None:
    write_stdout('{"a": "##vso[x]"}\n', iter(['"##[x]"\n']))
    write_stderr("##vso[x]")
    out, err = capsys.readouterr()
    assert OBEYED.search(out + err) is None


@pytest.mark.parametrize("format_", ["json", "console"])
@pytest.mark.parametrize("command", COMMANDS, ids=ascii)
def test_log_lines_are_no_commands(command: str, format_: str) -> None:
    stream = io.StringIO()
    observe = log_events(stream, format_)  # type: ignore[arg-type]
    observe([Event(EventType.CALL_ENDED, "2026-11-22T09:00:00Z", "r", command, 1, {"reason": command})])
    assert OBEYED.search(stream.getvalue()) is None


PLAN = """\
version: 1
name: commands
defaults: {{From: "+918123456789", CallerId: "07410410123"}}
calls:
  - id: {text}
    To: "+919900000001"
    CustomField: {text}
    {text}: 5
  - id: {text}
"""


@pytest.mark.parametrize("command", COMMANDS, ids=ascii)
def test_no_output_of_a_plan_is_a_command(here: Path, command: str) -> None:
    """Its ids, keys, values and file name are the command; so are its source lines."""
    name = f"{command.replace('/', '')}.yaml"
    bad, good = here / name, here / f"good-{name}"
    bad.write_text(PLAN.format(text=json.dumps(command)))
    good.write_text(bad.read_text().rpartition("    " + json.dumps(command))[0])
    said = [orchestrate("validate", name, "--format", format_) for format_ in ("text", "json", "sarif")]
    said += [orchestrate(word, name) for word in ("plan", "run")]
    said += [orchestrate("plan", good.name, *more) for more in (["--requests", "--origin"], ["--format", "json"])]
    said.append(orchestrate("run", good.name, "--report", "-", "--settle-for", "1s"))
    assert (said[-1].exit_code in (0, 1)) == command.isprintable(), said[-1].output
    said += [orchestrate("report", "--format", each.name) for each in FORMATS]
    said += [orchestrate("why", command, *more) for more in ([], ["--format", "json"])]
    said += [orchestrate("status"), orchestrate("status", name), orchestrate("pause", "--because", command)]
    said += [orchestrate("status"), orchestrate(command), orchestrate("run", name, f"--{command}")]
    for done in said:
        assert done.exit_code != 70, done.output
        assert OBEYED.search(done.stdout) is None, done.stdout
        assert OBEYED.search(done.stderr) is None, done.stderr
    annotations = orchestrate("validate", name, "--format", "github").stdout.splitlines()
    assert annotations
    assert all(
        re.match(r"::(error|warning|notice) ", line) and not re.search(r"##[A-Za-z]*\[", line) for line in annotations
    )
