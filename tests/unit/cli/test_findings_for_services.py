"""Findings as services read them: SARIF by its published schema, annotations by the algorithm of GitHub's runner.

`published/sarif-schema-2.1.0.json` is the schema of OASIS (errata 01), as it is published. All invalid plans of the
tests are read, and plans and data whose names are as hostile as a file system lets them be.
"""

import contextlib
import json
import os
import re
import shutil
from collections.abc import Iterator
from pathlib import Path
from typing import Any
from urllib.parse import unquote

import pytest
from click.testing import CliRunner
from jsonschema import Draft4Validator

from orchestrator.cli.main import main
from orchestrator.cli.render.findings_for_programs import render_sarif
from orchestrator.exotel.masking import Masker
from orchestrator.model.diagnostic import Span, error

HERE = Path(__file__).parent
INVALID = HERE.parents[1] / "plans/invalid"
SARIF: dict[str, Any] = json.loads((HERE / "published/sarif-schema-2.1.0.json").read_text("utf-8"))
NAMES = [
    "::error file=x,line=1::forged.yaml",
    "a%0A::warning::b.yaml",
    "line\nbreak\r::error::c.yaml",
    "a,line=7,title=b::c.yaml",
    "| a | `b` | [c](javascript:alert(1)).yaml",
    "<img src=x onerror=alert(1)> @team #7.yaml",
    "\x1b[2J\x07title.yaml",
    "\u202egpj.yaml",
    "##vso[task.complete]d.yaml",
    "caf\u00e9 \u0928\u092e\u0938\u094d\u0924\u0947.yaml",
    "%2e%2e%2fetc.yaml",
    "?query#fragment.yaml",
    "-rf.yaml",
]
BAD = """\
version: 1
name: bad
defaults: {From: "+918069171234", CallerId: "08047112233", CallType: "[a](https://evil.example) ::error::b"}
calls: [{id: "a-${row.n}", rows: "DATA", To: "${row.phone}"}]
"""


@pytest.fixture(scope="module", autouse=True)
def folder(tmp_path_factory: pytest.TempPathFactory) -> Iterator[list[str]]:
    """A repository of invalid plans; those with hostile names read data files with such names."""
    folder = tmp_path_factory.mktemp("services")
    shutil.copytree(INVALID, folder, dirs_exist_ok=True)
    (folder / ".git").mkdir()
    for name in NAMES:
        data = name.replace(".yaml", ".csv")
        (folder / data).write_text("n,phone\n1,nobody\n")
        (folder / name).write_text(BAD.replace('"DATA"', json.dumps(data)))
    with contextlib.chdir(folder):
        yield sorted(path.name for path in folder.glob("*.yaml"))


def validate(names: list[str], format_: str) -> str:
    done = CliRunner().invoke(main, ["validate", "--format", format_, "--", *names])
    assert done.exit_code == 3, done.output
    return done.stdout


@pytest.fixture(scope="module")
def sarif(folder: list[str]) -> dict[str, Any]:
    document: dict[str, Any] = json.loads(validate(folder, "sarif"))
    return document


def test_sarif_is_valid_by_its_published_schema(sarif: dict[str, Any]) -> None:
    Draft4Validator.check_schema(SARIF)
    assert [problem.message for problem in Draft4Validator(SARIF).iter_errors(sarif)] == []
    assert len(sarif["runs"][0]["results"]) > 300
    assert any("fixes" in result for result in sarif["runs"][0]["results"])


def test_the_schema_would_tell(sarif: dict[str, Any]) -> None:
    (run,) = sarif["runs"]
    broken = {**sarif, "runs": [{**run, "results": [{**run["results"][0], "level": "info"}]}]}
    assert [problem.message for problem in Draft4Validator(SARIF).iter_errors(broken)]


def test_each_rule_of_sarif_has_help(sarif: dict[str, Any]) -> None:
    (run,) = sarif["runs"]
    rules = run["tool"]["driver"]["rules"]
    for rule in rules:
        assert all(rule["help"][form] for form in ("text", "markdown"))
        assert rule["shortDescription"]["text"]
        assert rule["helpUri"].startswith("https://")
    for result in run["results"]:
        assert rules[result["ruleIndex"]]["id"] == result["ruleId"]


def test_sarif_names_each_file_by_an_address_that_leads_back_to_it(sarif: dict[str, Any]) -> None:
    places = [result["locations"][0]["physicalLocation"] for result in sarif["runs"][0]["results"]]
    addresses = {place["artifactLocation"]["uri"] for place in places}
    assert all(re.fullmatch(r"[A-Za-z0-9._~/%-]+", address) for address in addresses), "nothing in it has a meaning"
    assert set(NAMES) <= {unquote(address) for address in addresses}


def test_no_text_of_others_is_a_link_in_sarif() -> None:
    """A message in SARIF may hold links, `[text](address)`; brackets behind a backslash are none."""
    finding = error("x", "`[a](https://evil.example)` and [b]", Span("a.yaml", 1), hint="[c](1)")
    (result,) = json.loads(render_sarif([finding], Masker()))["runs"][0]["results"]
    assert re.search(r"(?<!\\)\]\(", result["message"]["text"]) is None
    assert r"\[a\](https://evil.example)" in result["message"]["text"]


def unescaped(text: str, *, is_property: bool = False) -> str:
    for escape, character in (("%3A", ":"), ("%2C", ",")) if is_property else ():
        text = text.replace(escape, character)
    return text.replace("%0D", "\r").replace("%0A", "\n").replace("%25", "%")


def obeyed(line: str) -> tuple[str, dict[str, str], str]:
    """What GitHub's runner takes a line for: a command, its properties and its text."""
    trimmed = line.lstrip()
    assert trimmed.startswith("::"), line
    end = trimmed.index("::", 2)
    command, _, listed = trimmed[2:end].partition(" ")
    pairs = (each.partition("=") for each in listed.split(",") if "=" in each)
    return command, {key: unescaped(value, is_property=True) for key, _, value in pairs}, unescaped(trimmed[end + 2 :])


def test_each_annotation_is_one_command_and_nothing_in_it_is_another(folder: list[str]) -> None:
    lines = validate(folder, "github").splitlines()
    findings = json.loads(validate(folder, "json"))["findings"]
    assert len(lines) == len(findings)
    for line, finding in zip(lines, findings, strict=True):
        command, properties, text = obeyed(line)
        assert command == {"note": "notice"}.get(finding["severity"], finding["severity"])
        assert properties.keys() <= {"file", "line", "col", "endColumn", "title"}
        assert properties["title"] == finding["id"]
        assert not re.search(r"##[A-Za-z]*\[", line)
        assert line.isprintable()
        if finding["file"] is not None and finding["file"].isprintable() and "##" not in finding["file"]:
            assert properties["file"] == os.path.normpath(finding["file"])
            assert properties["line"] == str(finding["line"])
        assert text.split("\n")[0]


def test_the_screen_of_hostile_names_has_no_command_and_moves_no_terminal() -> None:
    done = CliRunner().invoke(main, ["validate", "-v", "--", *NAMES])
    assert done.exit_code == 3
    assert "\x1b" not in done.stdout
    assert "\u202e" not in done.stdout
    assert not re.search(r"^\s*::[a-zA-Z]|##[A-Za-z]*\[", done.stdout, re.MULTILINE)
    assert done.stdout.count("error[not-allowed]") == len(NAMES)


@pytest.mark.parametrize("command", [["fmt", "--check"], ["fmt", "--diff"]])
def test_fmt_shows_hostile_names_safely(command: list[str]) -> None:
    shown = CliRunner().invoke(main, [*command, "--", *NAMES]).output
    assert "\x1b" not in shown
    assert not re.search(r"^\s*::[a-zA-Z]|##[A-Za-z]*\[", shown, re.MULTILINE)
