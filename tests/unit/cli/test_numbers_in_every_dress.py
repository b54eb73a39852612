"""A canary: one number in many dresses, in every place that a plan or a command has, looked for in every output."""

import json
import unicodedata
from pathlib import Path
from typing import Any

import pytest
from click.testing import CliRunner, Result

from orchestrator.cli.main import main
from orchestrator.reports.formats import FORMATS

AGENT, EXOPHONE = "+917410410123", "1800123456"

DRESSES = {
    "plain": "9876543210",
    "parentheses": "(98765) 43210",
    "two blanks": "98765  43210",
    "no-break space": "98765\u00a043210",
    "en dash": "98765\u201343210",
    "minus": "98765\u221243210",
    "slash": "98765/43210",
    "dots": "98.76.54.32.10",
    "commas": "9,876,543,210",
    "underscore": "98765_43210",
    "zero-width": "\u200b".join("9876543210"),
    "soft hyphen": "98765\u00ad43210",
    "direction": "98765\u200e43210",
    "tab": "98765\t43210",
    "quotes": "98765'43210",
    "Devanagari": "\u096f\u096e\u096d\u096c\u096b\u096a\u0969\u0968\u0967\u0966",
    "Arabic-Indic": "\u0669\u0668\u0667\u0666\u0665 \u0664\u0663\u0662\u0661\u0660",
    "full-width": "\uff0b\uff19\uff11\u3000\uff19\uff18\uff17\uff16\uff15\uff14\uff13\uff12\uff11\uff10",
    "with country code": "+91 98765-43210",
    "float": "9876543210.0",
}


def figures(text: str) -> str:
    """Return the digits of a text, of whatever script, as plain ones."""
    return "".join(str(unicodedata.digit(c)) for c in filter(str.isdigit, text))


def hold(said: str) -> None:
    """Hold an output to the promise: in no line of it does the number stand, whatever stands between its digits.

    The path of a plan is shown as it was typed, so that editors and services find the file.
    """
    for line in said.replace(f"{DRESSES['slash']}:1:1: error[no-such-file]", "").split("\n"):
        spoken = line.encode().decode("unicode_escape", "replace") if "\\" in line else line
        for text in (line, spoken):
            assert "9876543210" not in figures(text), line
            assert "98765432" not in figures(text), line


def rung(**more: Any) -> dict[str, Any]:
    """A call that may be dialed."""
    return {"id": "a", "From": AGENT, "To": "+918123400000", "CallerId": EXOPHONE, **more}


@pytest.fixture(autouse=True)
def here(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A repository in which the commands run, with a home of its own."""
    (tmp_path / "root" / ".git").mkdir(parents=True)
    monkeypatch.chdir(tmp_path / "root")
    for name in ("HOME", "XDG_STATE_HOME"):
        monkeypatch.setenv(name, str(tmp_path / "home"))
    return tmp_path / "root"


def orchestrate(*arguments: str) -> Result:
    done = CliRunner().invoke(main, arguments)
    assert done.exit_code != 70, done.output
    return done


@pytest.fixture(params=DRESSES)
def number(request: pytest.FixtureRequest) -> str:
    return DRESSES[request.param]


def bad_plan(here: Path, number: str) -> Path:
    """A plan that is wrong wherever the number stands."""
    (here / "rows.csv").write_text(f'phone,"{number}"\n"{number}",x\nno {number},x\n')
    (here / "list.csv").write_text(f'number,note\n"no {number}","{number}"\n')
    (here / "days.csv").write_text(f'"{number}"\n')
    calls = [
        rung(id=number, To=number, From=f"x{number}", CallerId=f"{number} or less", CallType=number),
        rung(id=number, TimeOut=number, Record=number, StatusCallback=f"ftp://{number}", **{number: number}),
        rung(id=f"b-{number}", CustomField="${var." + number + "}", StatusCallbackEvents=[number, number]),
        {
            "id": "c-${row.x}",
            "rows": "rows.csv",
            "To": "${row.phone}",
            "From": "${row." + number + "}",
            "CallerId": "5",
        },
        {"id": "d", "rows": f"{number}.csv", "To": "${row.phone}"},
        {"id": "e", "rows": [{"n": number, number: [1]}], "To": "${row.n}", "From": "${row.n}", "CallerId": "${row.n}"},
    ]
    policy = {
        "pace": number,
        "suppress": ["list.csv", number],
        "holidays": "days.csv",
        "window": [{"days": number, "hours": number, "timezone": number}],
        "limits": {"cost": number, "from": number},
        "stages": [number],
        number: number,
    }
    top = {"version": number, "name": number, "purpose": number, "edition": number, "vars": {number: "1"}}
    text = json.dumps({**top, "calls": calls, "policy": policy}, indent=1, ensure_ascii=False)
    plan = here / "bad.yaml"
    plan.write_text(text)
    return plan


def test_no_refusal_shows_the_number(here: Path, number: str) -> None:
    plan = str(bad_plan(here, number))
    said = [orchestrate("validate", plan, "--format", form) for form in ("text", "json", "sarif", "github")]
    assert [done.exit_code for done in said] == [3, 3, 3, 3]
    assert all(len(done.stdout) > 2000 for done in said)
    said += [orchestrate(word, plan) for word in ("plan", "run")]
    said.append(orchestrate("run", plan, "--log-format", "console"))
    for done in said:
        hold(done.stdout + done.stderr)


def test_no_command_shows_the_number(here: Path, number: str) -> None:
    """A run over the sandbox with the number in ids, texts, carried columns and reasons, and all that tells of it."""
    (here / "rows.csv").write_text(f'n,note,"{number}"\n1,"{number}",x\n')
    call = {
        "rows": {"file": "rows.csv", "carry": ["note", number]},
        "id": "a-${row.n} ${row.note}" if number.isprintable() else "a-${row.n}",
        "CustomField": "${row.note}",
    }
    plan = "judged.yaml"
    policy = {"pace": "500/second"}
    text = {"version": 1, "name": "judged", "description": number, "calls": [rung(**call)], "policy": policy}
    Path(plan).write_text(json.dumps(text))
    journal = ("--journal", "sandbox.db")
    report = here / "report.json"
    said = [
        orchestrate("plan", plan, *journal, "--requests", "--origin"),
        orchestrate("plan", plan, *journal, "--format", "json"),
        orchestrate("run", plan, *journal, "--report", str(report), "--report", "-"),
        orchestrate("run", plan, *journal, "--log-format", "console", "-v"),
    ]
    assert all(done.exit_code in (0, 1) for done in said), said
    because = ("--because", f"asked by {number}")
    call_id = json.loads(report.read_text())["calls"][0]["id"]
    assert "*" in call_id or not number.isprintable()
    said += [orchestrate(word, *because, *journal) for word in ("pause", "cancel")]
    said += [orchestrate("status", *more, *journal) for more in ([], ["--format", "json"], [plan])]
    said += [orchestrate("plan", plan, *journal), orchestrate("run", plan, *journal)]
    said += [orchestrate("resume", *because, *journal), orchestrate("suppress", number, *because, *journal)]
    said += [orchestrate("suppress", number, *because, *journal), orchestrate("runs", *journal)]
    real = f"a-1 {number}" if number.isprintable() else "a-1"
    said += [orchestrate("why", real, *journal, *more) for more in ([], ["--format", "json"])]
    assert [done.exit_code for done in said[-2:]] == [0, 0]
    said += [orchestrate("report", "--format", each.name, *journal) for each in FORMATS]
    said += [orchestrate("report", *more, *journal) for more in ([number], ["--only", number], ["--out", number])]
    said += [orchestrate(word, number, *journal) for word in ("why", "status", "pause", "resume", "cancel")]
    said += [orchestrate("settle", number, "--as", number, *journal), orchestrate("explain", number)]
    said += [orchestrate("settle", number, "--as", "placed", *journal), orchestrate(number, number)]
    said += [orchestrate("run", plan, *more, *journal) for more in (["--only", number], ["--target", number])]
    said += [orchestrate("run", plan, "--expect", number, *journal), orchestrate("plan", plan, number)]
    hold(report.read_text())
    for done in said:
        hold(done.stdout + done.stderr)
